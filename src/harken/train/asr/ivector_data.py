"""I-vectors of training speech: posteriors of whole corpora, the extractor, i-vectors of augmented pieces.

Arsikere et al. 2019: i-vectors for training are estimated causally, as at run time. Posteriors come from an acoustic
model that has none yet, through the filter of the run time (`harken.asr.acoustic.speaker`); features are those
that the network itself gets, so a vocal tract or microphone changed by augmentation counts as another voice.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.ivector import Extractor, SpeakerStatistics
from harken.asr.acoustic.speaker import IVECTOR_STEPS, PhoneFilter, prune_posteriors, step_features, with_edges
from harken.audio.features import Frames
from harken.train.asr.acoustic import AcousticNetwork, steps_of
from harken.train.asr.augment import AugmentConfig
from harken.train.asr.data import Piece, Speech, make_batches
from harken.train.asr.denominator import PhoneTrigram
from harken.train.asr.ivector import UtteranceStatistics, past_ivectors, train_extractor, utterance_statistics


class Posteriors:
    """Phone posteriors by recording.

    Args:
        table: [steps of all recordings, P] in 16 bits.
        places: first step of each recording, by "corpus/name".
    """

    def __init__(self, table: NDArray[np.float16], places: dict[str, int]):
        self._table, self._places = table, places

    def __contains__(self, piece: Piece) -> bool:
        return name_of(piece) in self._places

    def of(self, piece: Piece) -> Frames:
        """[steps, P] of a piece."""
        start = self._places[name_of(piece)] + piece.first // STEP_FRAMES
        return self._table[start : start + steps_of(piece.frames)].astype(np.float32)


def name_of(piece: Piece) -> str:
    """The name of the recording that a piece is taken from."""
    return f"{piece.corpus}/{piece.entry.name}"


def listen(
    network: AcousticNetwork, speech: Speech, phones: PhoneFilter, folder: Path, *, batch_frames: int = 12000
) -> Posteriors:
    """Posteriors of whole recordings under a network; computed once and kept in `folder`.

    Args:
        network: gives the scores.
        speech: whole recordings.
        phones: filter of the scores.
        folder: gets `posteriors.npy` and `names.txt`.
        batch_frames: of a batch.
    """
    table, names = folder / "posteriors.npy", folder / "names.txt"
    if not names.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        posteriors: dict[str, Frames] = {}
        network.eval()
        for batch in make_batches(speech.pieces, range(len(speech)), batch_frames, None):
            padded = speech.batch(batch)
            with torch.no_grad():
                scores = network(padded.x).numpy()
            filtered = prune_posteriors(phones.whole(scores))
            for number, row, steps in zip(batch, filtered, padded.steps.tolist(), strict=True):
                posteriors[name_of(speech.pieces[number])] = row[:steps].astype(np.float16)
        np.save(table, np.concatenate(list(posteriors.values())), allow_pickle=False)
        lines = [f"{len(rows)}\t{name}" for name, rows in posteriors.items()]
        names.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return _read(table, names)


def _read(table: Path, names: Path) -> Posteriors:
    places, start = {}, 0
    for line in names.read_text(encoding="utf-8").splitlines():
        steps, name = line.split("\t", 1)
        places[name], start = start, start + int(steps)
    return Posteriors(np.load(table, mmap_mode="r", allow_pickle=False), places)


def phone_filter(trigram: PhoneTrigram) -> PhoneFilter:
    """The run-time filter with the bigram that a phone trigram implies."""
    table = trigram.table.numpy().astype(np.float64)
    size = len(table) - 1
    share = np.full((size + 1, size + 1), 1.0 / (size + 1) ** 2)
    for _ in range(100):  # the pairs that the trigram walks through in the long run
        share = np.einsum("ij,ijk->jk", share, table)
        share[size, size] += share[:, size].sum()  # after the end, a new sentence begins
        share[:size, size] = 0
        share /= share.sum()
    pairs = share[:size, :size] + 1e-9
    return PhoneFilter(bigram=pairs / pairs.sum(1, keepdims=True), start=table[size, size, :size])


def learn_extractor(
    speech: Speech, posteriors: Posteriors, *, rank: int, augment: AugmentConfig, rng: np.random.Generator
) -> tuple[Extractor, list[float]]:
    """The extractor of a corpus, each piece as it is and once augmented; and its log-likelihoods.

    Args:
        speech: pieces to learn from.
        posteriors: of their recordings.
        rank: R.
        augment: for the second variant.
        rng: of augmentation and start.
    """

    def statistics() -> Iterable[UtteranceStatistics]:
        for piece in speech.pieces:
            if piece in posteriors:
                for x in (speech.plain(piece), speech.variant(piece, augment, rng)):
                    yield utterance_statistics(*_inputs(x, posteriors.of(piece)))

    return train_extractor(list(statistics()), rank=rank, rng=rng)


def stream_ivectors(
    extractor: Extractor, features: NDArray[Any], posteriors: NDArray[Any], look_ahead: int, *,
    before: SpeakerStatistics | None = None,
) -> Frames:  # fmt: skip
    """The i-vector that a stream has at each of its steps, including the `look_ahead` steps after its end.

    Args:
        extractor: of i-vectors.
        features: of the steps, [T, D].
        posteriors: of the phones, [T, P].
        look_ahead: steps by which scores, and so posteriors, come late.
        before: what is known of the speaker from before.

    Returns:
        [T + look_ahead, R].
    """
    after = ((0, look_ahead), (0, 0))  # no phone, no weight: nothing is learned after the end
    rows = past_ivectors(
        extractor,
        np.pad(features, after),
        np.pad(posteriors, after),
        every=IVECTOR_STEPS,
        lag=look_ahead,
        before=before,
    )
    return np.repeat(rows, IVECTOR_STEPS, axis=0)[: len(features) + look_ahead].astype(np.float32)


class Ivectors:
    """I-vectors of training pieces, as a stream would have them.

    Args:
        extractor: of i-vectors.
        posteriors: of the recordings.
        look_ahead: steps by which the network's scores lag.
    """

    def __init__(self, extractor: Extractor, posteriors: Posteriors, look_ahead: int):
        self.extractor, self.posteriors, self.look_ahead = extractor, posteriors, look_ahead

    def before(self, piece: Piece, normalised: Frames) -> SpeakerStatistics:
        """What a piece teaches about its voice, for the one that follows it."""
        return self.extractor.handed_on(self.extractor.statistics(*_inputs(normalised, self._posteriors(piece))))

    def of(self, piece: Piece, normalised: Frames, before: SpeakerStatistics | None) -> Frames:
        """I-vectors [steps + look_ahead, R] that enter with the steps of a piece, each from the past only."""
        return stream_ivectors(
            self.extractor, *_inputs(normalised, self._posteriors(piece)), self.look_ahead, before=before
        )  # fmt: skip

    def _posteriors(self, piece: Piece) -> Frames:
        if piece in self.posteriors:
            return self.posteriors.of(piece)
        return np.zeros((1, len(self.extractor.means)), np.float32)


def _inputs(normalised: Frames, posteriors: Frames) -> tuple[NDArray[np.float64], Frames]:
    """Step features and posteriors of equal length: a variant of another tempo takes those at the matching places."""
    features = step_features(with_edges(normalised))
    places = np.arange(len(features)) * len(posteriors) // max(1, len(features))
    return features, posteriors[places]
