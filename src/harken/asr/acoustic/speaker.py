"""Who is speaking, learned while they speak: the acoustic model's scores give the phones, and the phones describe the
voice.

Arsikere et al. 2019, online: the speech so far gives an i-vector (`harken.asr.acoustic.ivector`), and it helps
with what follows. Scores lag `look_ahead` steps behind their sound, and so does the estimate. Its input are phone
posteriors and cepstra, from the acoustic model's output and input:

    posteriors = prune_posteriors(PhoneFilter().whole(scores))     # [n, 2P] -> [n, P]
    features = step_features(with_edges(normalised))               # [T, 80] at 10 ms -> [n, 40] at 30 ms

`PhoneFilter.run` and `StepFeatures` do the same in a stream, and `SpeakerTracker` joins them.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.ivector import Extractor, SpeakerStatistics
from harken.asr.arrays import Floats
from harken.audio.features import Frames
from harken.errors import AudioError

IVECTOR_STEPS = 4
"""Steps (30 ms) that share an i-vector: 120 ms."""
CEPSTRA = 20
"""Cosine coefficients of a frame; with their deltas D = 40."""
_LEAST_LOG = -200.0
"""Lower bound of a score relative to the best of its step, so that no step's sum can vanish."""


class SpeakerTracker:
    """The i-vector of one stream. For each block: `hear` its features, run the acoustic model with `w`, `learn` the
    scores.

    Args:
        extractor: of i-vectors.
        phones: turns scores into posteriors.
    """

    def __init__(self, extractor: Extractor, phones: PhoneFilter):
        self._extractor, self._phones, self._features = extractor, phones, StepFeatures()
        self._waiting: NDArray[Any] = np.zeros((0, extractor.means.shape[1]))
        """Features of steps whose scores have not come yet."""
        self._last: Floats | None = None
        """Posteriors of the last step learned."""
        self.reset()

    @property
    def w(self) -> Frames:
        """The estimate from everything learned so far, [R]; zeros for a voice not heard yet."""
        return self._extractor.mean(self._statistics).astype(np.float32)

    def reset(self) -> None:
        """Another speaker."""
        self._start(self._extractor.nothing())

    def end_utterance(self) -> None:
        """The stream is over; the next one is of the same speaker, unless `reset` says otherwise."""
        self._start(self._extractor.handed_on(self._statistics))

    def fork(self) -> SpeakerTracker:
        """A copy that learns by itself from here on."""
        twin = copy(self)
        twin._features = copy(self._features)
        return twin

    def hear(self, normalised: Frames) -> None:
        """Normalised log-mel energies [t, bins] that go into the acoustic model now."""
        self._waiting = np.concatenate([self._waiting, self._features.process(normalised)])

    def hear_end(self) -> None:
        """No more sound: the last step is completed with what there is."""
        self._waiting = np.concatenate([self._waiting, self._features.flush()])

    def learn(self, scores: Frames) -> None:
        """Scores [t, 2P] of the oldest steps not learned yet."""
        posteriors, self._last = self._phones.run(scores, self._last)
        count = min(len(scores), len(self._waiting))
        features, self._waiting = self._waiting[:count], self._waiting[count:]
        self._statistics += self._extractor.statistics(features, prune_posteriors(posteriors[:count]))

    def _start(self, statistics: SpeakerStatistics) -> None:
        self._statistics = statistics
        self._features.reset()
        self._last, self._waiting = None, self._waiting[:0]


@dataclass(frozen=True, kw_only=True, eq=False)
class PhoneFilter:
    """Probability of each phone at a step given the scores up to that step: the forward sums of a phone loop.

    alpha_t(p) = stay_t(p) alpha_{t-1}(p) + enter_t(p) sum_q alpha_{t-1}(q) bigram(q, p), each step divided by its sum.
    """

    bigram: Floats | None = None
    """P(next | last), [P, P]; None: uniform."""
    start: Floats | None = None
    """P(first phone), [P]; None: uniform."""
    scale: float = 0.7
    """Weight of the scores, which are overconfident."""

    def whole(self, scores: NDArray[Any]) -> Floats:
        """Posteriors [..., T, P] of recordings from their start, scores [..., T, 2P] = (enter, stay)."""
        return self.run(scores, None)[0]

    def run(self, scores: NDArray[Any], before: Floats | None) -> tuple[Floats, Floats | None]:
        """A piece of a stream, or of a batch of streams.

        Args:
            scores: natural-log values, not normalised, [..., t, 2P].
            before: posteriors of the step before [..., P]; None at the start.

        Returns:
            posteriors [..., t, P], each row summing to 1, and those of the last step (`before` when t = 0).
        """
        phones = scores.shape[-1] // 2
        scaled = self.scale * np.moveaxis(scores, -2, 0).astype(np.float64)
        chances = np.exp(np.maximum(scaled - scaled.max(-1, keepdims=True), _LEAST_LOG))
        posteriors = np.empty((*chances.shape[:-1], phones))
        for enter, stay, after in zip(chances[..., :phones], chances[..., phones:], posteriors, strict=True):
            total = enter * self._entry(before, phones)
            if before is not None:
                total += stay * before
            before = np.divide(total, total.sum(-1, keepdims=True), after)
        return np.moveaxis(posteriors, 0, -2), before

    def _entry(self, before: Floats | None, phones: int) -> Floats | float:
        """Probability of each phone as the next one, [..., P]."""
        if before is None:
            return 1 / phones if self.start is None else self.start
        return 1 / phones if self.bigram is None else before @ self.bigram


def prune_posteriors(posteriors: NDArray[Any], *, most: int = 5, least: float = 0.025) -> Floats:
    """Keep a step's `most` likeliest phones, of these the ones above `least` (the best one always); sums stay 1.

    The numbers and the division by the new sum are Kaldi's. Phones tied with the last one kept are kept too.
    Shape [..., P] in and out.
    """
    place = posteriors.shape[-1] - min(most, posteriors.shape[-1])
    floor = np.partition(posteriors, place, -1)[..., place]
    above = (posteriors > least) | (posteriors == posteriors.max(-1, keepdims=True))
    kept = np.where((posteriors >= floor[..., None]) & above, posteriors, 0.0)
    return np.asarray(kept / kept.sum(-1, keepdims=True), np.float64)


def with_edges(normalised: NDArray[Any]) -> NDArray[Any]:
    """A whole recording [T, bins] as `step_features` takes it: [3 ceil(T / 3) + 2, bins], edge frames repeated."""
    if not len(normalised):
        return normalised
    return np.pad(normalised, ((1, -len(normalised) % STEP_FRAMES + 1), (0, 0)), mode="edge")


def step_features(frames: NDArray[Any]) -> Floats:
    """20 cepstra and their deltas at the middle of each step, frame t = 3n + 1; step n needs frames 3n - 1 to 3n + 3.

    Both are linear: (x_t A, sum_k k (x_{t+k} - x_{t-k}) A / 10), k = 1, 2, with A the orthonormal DCT-II.

    Args:
        frames: of n steps, with the frame before the first and the frame after the last, [3n + 2, bins]; the recording
            is padded with its last frame to whole steps, and its edge frames are repeated once more (`with_edges`).

    Returns:
        [n, 40].

    Raises:
        AudioError: there is another number of frames.
    """
    if len(frames) and len(frames) % STEP_FRAMES != 2:
        raise AudioError(f"got {len(frames)} frames; expected 3n + 2: one before and one after whole steps of 3")
    static = frames @ _cosines(frames.shape[1])
    span = STEP_FRAMES * len(range(2, len(static) - 2, STEP_FRAMES))
    before2, before, at, after, after2 = (static[first : first + span : STEP_FRAMES] for first in range(5))
    return np.concatenate([at, (after - before + 2 * (after2 - before2)) / 10], axis=1)


class StepFeatures:
    """`step_features` of one stream: step n is known after frame 3n + 3, or at the end."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self._rest: NDArray[Any] | None = None

    def process(self, normalised: NDArray[Any]) -> Floats:
        """Features [t', 40] of the steps that are complete after these frames [t, bins]."""
        if not len(normalised):
            return step_features(normalised)
        waiting = np.concatenate([normalised[:1] if self._rest is None else self._rest, normalised])
        used = (len(waiting) - 2) // STEP_FRAMES * STEP_FRAMES
        self._rest = waiting[used:]
        return step_features(waiting[: used + 2])

    def flush(self) -> Floats:
        """The end of the stream: the last step [1, 40], or [0, 40] after no frames. Then reset."""
        rest, self._rest = self._rest, None
        if rest is None:
            return step_features(np.zeros((0, 1)))
        last = with_edges(rest[1:])
        last[0] = rest[0]
        return step_features(last)


@lru_cache(maxsize=4)
def _cosines(bins: int) -> Floats:
    """Orthonormal DCT-II, [bins, 20]."""
    table: Floats = np.cos(np.pi / bins * np.outer(np.arange(bins) + 0.5, np.arange(CEPSTRA))) * np.sqrt(2 / bins)
    table[:, 0] /= np.sqrt(2)
    return table
