"""Phone error: edits between what the model hears under a phone trigram and the nearest way to say the sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harken.audio.features import Frames
from harken.metrics.intervals import bootstrap_ratio
from harken.train.asr.align import best_phones, phone_errors
from harken.train.asr.data import Speech
from harken.train.asr.denominator import PhoneTrigram
from harken.train.asr.mmi import SILENCE_ID


@dataclass(frozen=True, kw_only=True)
class PhoneError:
    """Edits per phone, with a 95 % bootstrap interval over sentences."""

    percent: float
    low: float
    high: float
    sentences: int
    phones: int

    def row(self) -> dict[str, float]:
        """For a manifest."""
        return {
            "percent": round(self.percent, 2), "low": round(self.low, 2), "high": round(self.high, 2),
            "sentences": self.sentences, "phones": self.phones,
        }  # fmt: skip


def phone_error(
    scores: Callable[[Frames], Frames], speech: Speech, trigram: PhoneTrigram, corpus: str, *,
    limit: int = 0, seed: int = 0,
) -> PhoneError:  # fmt: skip
    """Phone error on the pieces of one corpus.

    Args:
        scores: log-mel energies [T, bins] -> scores [ceil(T / 3), 2P].
        speech: the pieces.
        trigram: prior of phone sequences.
        corpus: which pieces.
        limit: at most this many, drawn by `seed`; 0: all.
        seed: of the draw and the bootstrap.
    """
    rng = np.random.default_rng(seed)
    pieces = [piece for piece in speech.pieces if piece.corpus == corpus]
    chosen = rng.permutation(len(pieces))[: limit or None]
    table = trigram.table.numpy()
    counts = []
    for number in chosen:
        heard = best_phones(scores(speech.features(pieces[number])), table)
        counts.append(phone_errors([p for p in heard if p != SILENCE_ID], speech.graph(pieces[number])))
    low, high = bootstrap_ratio(counts, rng=rng)
    errors, phones = np.sum(counts, axis=0)
    return PhoneError(
        percent=float(100 * errors / phones), low=100 * low, high=100 * high, sentences=len(counts), phones=int(phones)
    )
