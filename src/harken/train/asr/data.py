"""What the acoustic model learns from: pieces of recordings with the words in them, and batches of similar lengths."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harken.asr.acoustic import Normalizer
from harken.errors import DataError
from harken.train.asr.acoustic import STACK, steps_of
from harken.train.asr.augment import AugmentConfig, augment, mask
from harken.train.asr.lexicon import Lexicon, phone_ids
from harken.train.asr.mmi import SentenceGraph, sentence_graph
from harken.train.asr.store import Entry, Store

Frames = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Words and the frames in which they were said."""

    source: int
    """Which store."""
    entry: Entry
    first: int
    """First frame within the entry."""
    frames: int
    words: tuple[str, ...]
    corpus: str


def words_of(text: str) -> tuple[str, ...]:
    """Words of a transcript: lower case, a-z and apostrophes."""
    found = re.findall(r"[a-z']+", text.lower().replace("’", "'"))
    return tuple(w for w in (word.strip("'") if word.strip("'") in ("", "s") else word for word in found) if w)


def whole_pieces(
    stores: Sequence[Store], texts: Mapping[str, str], *, longest: float = 22.0
) -> tuple[list[Piece], list[str]]:
    """One piece an utterance, and the names of those left out for want of words or for their length.

    Args:
        stores: features.
        texts: words of recordings that their manifest does not give, by "corpus/name", or by "corpus:label".
        longest: seconds.
    """
    pieces, left_out = [], []
    for number, store in enumerate(stores):
        for entry in store.entries:
            words = words_of(_text(entry, texts))
            if words and entry.frames >= 10 and entry.frames <= longest * 100:
                pieces.append(Piece(source=number, entry=entry, first=0, frames=entry.frames, words=words,
                                    corpus=entry.corpus))  # fmt: skip
            else:
                left_out.append(f"{entry.corpus}/{entry.name}")
    return pieces, left_out


def _text(entry: Entry, texts: Mapping[str, str]) -> str:
    given = texts.get(f"{entry.corpus}/{entry.name}")
    if given is None and entry.label is not None:
        given = texts.get(f"{entry.corpus}:{entry.label}", entry.label)
    return given if given is not None else (entry.text or "")


def read_texts(path: Path) -> dict[str, str]:
    """Words by recording: JSON lines with `name` ("corpus/path") and `text`.

    Raises:
        DataError: a line is not of that form.
    """
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            found[str(row["name"])] = str(row["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}:{number}: expected an object with 'name' and 'text' ({error!r})") from error
    return found


class Speech:
    """Pieces with their features and sentence graphs.

    Args:
        stores: features by source.
        pieces: what to use.
        lexicon: for the graphs.
        normalizer: as at run time.
        look_ahead: steps that follow the last one.
    """

    def __init__(
        self, stores: Sequence[Store], pieces: Sequence[Piece], lexicon: Lexicon, normalizer: Normalizer,
        look_ahead: int,
    ):  # fmt: skip
        self.stores, self.pieces, self.lexicon = stores, list(pieces), lexicon
        self.normalizer, self.look_ahead = normalizer, look_ahead
        self._graphs: dict[tuple[str, ...], SentenceGraph] = {}

    def __len__(self) -> int:
        return len(self.pieces)

    def pronunciations(self, piece: Piece) -> list[list[list[int]]]:
        """Each word's ways, as label ids."""
        return [phone_ids(self.lexicon.pronounce(word)) for word in piece.words]

    def graph(self, piece: Piece) -> SentenceGraph:
        """The piece's sentence."""
        found = self._graphs.get(piece.words)
        if found is None:
            found = self._graphs[piece.words] = sentence_graph(self.pronunciations(piece))
        return found

    def features(self, piece: Piece) -> Frames:
        """Log-mel energies [T, bins] of a piece."""
        return self.stores[piece.source].features(piece.entry)[piece.first : piece.first + piece.frames]

    def batch(
        self,
        numbers: Iterable[int],
        rng: np.random.Generator | None = None,
        config: AugmentConfig | None = None,
        draw_noise: Callable[[int], Frames] | None = None,
    ) -> tuple[Tensor, Tensor, list[SentenceGraph]]:
        """Features [B, 3 (T + look_ahead), bins], steps [B], graphs; augmented when `rng` and `config` are given.

        Utterances that are too short for their words (a fast variant can be) are stretched to fit.
        """
        rows, graphs = [], []
        for number in numbers:
            piece = self.pieces[number]
            graph = self.graph(piece)
            x = self.features(piece)
            if config is not None and rng is not None:
                x = augment(x, config, draw_noise, rng)
            x = _at_least(self._normalize(x, rng if config else None), STACK * (graph.shortest + 2))
            if config is not None and rng is not None:
                x = mask(x, config, rng)
            rows.append(x)
            graphs.append(graph)
        return *pad(rows, self.look_ahead), graphs

    def _normalize(self, x: Frames, rng: np.random.Generator | None) -> Frames:
        """As at the start of a stream; half of what is learnt from as if it had gone on for a while already."""
        seen = int(rng.integers(100, 1000)) if rng is not None and rng.random() < 0.5 else 0
        normalized, _, _ = self.normalizer.run(x, seen * x.mean(0, dtype=np.float64), seen)
        return normalized


def _at_least(x: Frames, frames: int) -> Frames:
    if len(x) >= frames:
        return x
    return x[np.minimum((np.arange(frames) * len(x)) // frames, len(x) - 1)]


def pad(rows: Sequence[Frames], look_ahead: int) -> tuple[Tensor, Tensor]:
    """Repeat the last frame to the end, as a stream's flush does."""
    steps = [steps_of(len(x)) for x in rows]
    longest = STACK * (max(steps) + look_ahead)
    out = np.stack([x[np.minimum(np.arange(longest), len(x) - 1)] for x in rows])
    return torch.from_numpy(out), torch.tensor(steps)


def cut(piece: Piece, parts: Iterable[tuple[int, int, int, int]]) -> list[Piece]:
    """Parts of a piece: (first word, word after the last, first step, step after the last) each."""
    found = []
    for first, after, start, end in parts:
        frames = min(STACK * end, piece.frames) - STACK * start
        found.append(replace(piece, first=piece.first + STACK * start, frames=frames, words=piece.words[first:after]))
    return found


def make_batches(
    pieces: Sequence[Piece], chosen: Sequence[int], frames: int, rng: np.random.Generator | None
) -> list[list[int]]:
    """Group pieces of similar length so that a batch with its padding has about `frames` feature frames."""
    jitter = rng.uniform(0.9, 1.1, len(chosen)) if rng is not None else np.ones(len(chosen))
    lengths = {n: pieces[n].frames * j for n, j in zip(chosen, jitter, strict=True)}
    batches: list[list[int]] = [[]]
    for number in sorted(chosen, key=lambda n: (lengths[n], n)):
        if batches[-1] and pieces[number].frames * (len(batches[-1]) + 1) > frames:
            batches.append([])
        batches[-1].append(number)
    if rng is not None:
        order = rng.permutation(len(batches))
        batches = [batches[n] for n in order]
    return batches


def sample(pieces: Sequence[Piece], shares: Mapping[str, float], rng: np.random.Generator) -> list[int]:
    """Pieces of one pass: each corpus with its share (0.5: half of it, another half next time; at most 1)."""
    chance = rng.random(len(pieces))
    return [n for n, piece in enumerate(pieces) if chance[n] < shares.get(piece.corpus, 1.0)]
