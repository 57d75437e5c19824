"""The acoustic model at run time: log-mel frames in, scores of entering and staying in each phone out.

    model = AcousticModel.load()                 # the shipped bundle 'acoustic-en'
    scores = model.process(frames)               # frames [t, 80] at 10 ms -> [t', 2 P] at 30 ms, t' may be 0
    scores = model.flush()                       # the end of the turn: the last `look_ahead` scores; then reset

A phone is entered with `scores[:, p]` in its first frame and held with `scores[:, P + p]` in every later one
(`model.labels[p]`; label 0 is silence, `SIL`). A path's acoustic score is the sum of these: natural-log values that are
not normalised by frame. After T feature frames and a flush exactly ceil(T / 3) scores have come out, the same for any
chunking. Scores lag: step n comes out when feature frame 3 (n + 1 + look_ahead) - 1 has gone in, and with it the rest
of its block (`AcousticModel.block`).

A bundle may hold a model of voices (`harken.asr.speaker`): then frames are taken in blocks of 120 ms, an i-vector of
what was said before enters beside them, and what an utterance taught about its speaker is kept for the next one until
`reset`. Method 6, Arsikere et al. 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.asr.ivector import Extractor
from harken.asr.ivector_input import PhoneFilter
from harken.asr.speaker import BLOCK, SpeakerTracker
from harken.bundle import Bundle, load_bundle
from harken.errors import AudioError
from harken.onnx import StreamingSession

KIND = "acoustic"
STEP = 3
"""Feature frames (10 ms) of one step (30 ms)."""

VOICES = "voices.npz"
"""File of a bundle that holds the model of voices."""

Frames = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Normalizer:
    """Running mean normalisation: each band minus its mean so far, over its training deviation.

    The mean begins at the training mean with the weight of `prior` frames, so that it needs no look-ahead and no
    warm-up: m_t = (prior * mean + x_0 + ... + x_t) / (prior + t + 1).
    """

    mean: Frames
    """[bins]"""
    deviation: Frames
    """[bins]"""
    prior: float = 100.0
    """Frames."""

    def whole(self, features: Frames) -> Frames:
        """A recording from its start: [T, bins] -> [T, bins]."""
        normalized, _, _ = self.run(features, np.zeros(features.shape[1]), 0)
        return normalized

    def run(self, features: Frames, total: NDArray[np.float64], seen: int) -> tuple[Frames, NDArray[np.float64], int]:
        """A piece of a stream.

        Args:
            features: [t, bins].
            total: sum of all frames before [bins].
            seen: number of frames before.

        Returns:
            normalised frames, and `total` and `seen` after them.
        """
        sums = total + np.cumsum(features, axis=0, dtype=np.float64)
        weight = self.prior + seen + 1 + np.arange(len(features))
        means = (self.prior * self.mean + sums) / weight[:, None]
        normalized = ((features - means) / self.deviation).astype(np.float32)
        return normalized, sums[-1] if len(sums) else total, seen + len(features)


class AcousticModel:
    """Streaming phone scores. Not thread-safe: one object a stream (`fork` shares the graph).

    Args:
        bundle: of kind "acoustic".

    Raises:
        BundleError: the bundle is of another kind.
    """

    def __init__(self, bundle: Bundle):
        bundle.expect(KIND)
        self.labels: list[str] = list(bundle.labels)
        """P phones; the first is silence."""
        self.look_ahead = int(bundle.features["look_ahead"])
        """Steps (30 ms) by which scores lag."""
        tables = bundle.arrays("normalizer.npz")
        self._normalizer = Normalizer(
            mean=tables["mean"], deviation=tables["deviation"], prior=float(bundle.features["prior_frames"])
        )
        self._session = bundle.session("acoustic.onnx")
        self.voices: tuple[Extractor, PhoneFilter] | None = None
        """Model of voices, and what turns scores into the posteriors that it needs."""
        if VOICES in bundle.info["files"]:
            voices = bundle.arrays(VOICES)
            self.voices = Extractor.from_arrays(voices), PhoneFilter(bigram=voices["bigram"], start=voices["start"])
        self.reset()

    @classmethod
    def load(cls, bundle: str | Path = "acoustic-en") -> AcousticModel:
        """Open a bundle by name or folder."""
        return cls(load_bundle(bundle))

    def fork(self) -> AcousticModel:
        """Another stream over the same graph, at its start."""
        other = object.__new__(AcousticModel)
        other.__dict__.update(self.__dict__)
        other.reset()
        return other

    @property
    def block(self) -> int:
        """Steps (30 ms) that are taken at once: 1, or as many as share an i-vector."""
        return 1 if self.voices is None else BLOCK

    @property
    def speaker(self) -> Frames | None:
        """The i-vector of what was said so far, [R]; None when the bundle has no model of voices."""
        return None if self._tracker is None else self._tracker.w

    def reset(self) -> None:
        """Forget the stream and who spoke."""
        self._tracker = None if self.voices is None else SpeakerTracker(*self.voices)
        self._begin()

    def restart(self) -> None:
        """Forget the stream, but not who spoke: another utterance of the same person follows."""
        if self._tracker is not None:
            self._tracker.end_utterance()
        self._begin()

    def _begin(self) -> None:
        bins = len(self._normalizer.mean)
        self._stream = StreamingSession(self._session)
        self._rest = np.zeros((0, bins), np.float32)
        self._total, self._seen, self._steps = np.zeros(bins), 0, 0
        self._last: Frames | None = None

    def process(self, features: Frames) -> Frames:
        """Scores [t', 2P] that can be told after these log-mel energies [t, bins].

        Raises:
            AudioError: the features have another shape or are not finite.
        """
        self._check(features)
        if not len(features):
            return self._nothing()
        fresh, self._total, self._seen = self._normalizer.run(features, self._total, self._seen)
        self._last = fresh[-1:]
        if self._tracker is not None:
            self._tracker.hear(fresh)
        waiting = np.concatenate([self._rest, fresh])
        unit = STEP * self.block
        ready = len(waiting) // unit * unit
        self._rest = waiting[ready:]
        return self._run(waiting[:ready])

    def flush(self) -> Frames:
        """The end of the stream: the scores still owed [t', 2P]. Then `restart`."""
        scores = self._nothing()
        if self._last is not None:
            if self._tracker is not None:
                self._tracker.hear_end()
            missing = -len(self._rest) % STEP + STEP * self.look_ahead
            scores = self._run(np.concatenate([self._rest, np.repeat(self._last, missing, axis=0)]))
        self.restart()
        return scores

    def scores(self, features: Frames) -> Frames:
        """Scores [ceil(T / 3), 2P] of a whole recording [T, bins]; the stream is reset before and after."""
        self.reset()
        found = np.concatenate([self.process(features), self.flush()])
        self.reset()
        return found

    def _run(self, features: Frames) -> Frames:
        steps = features.reshape(1, len(features) // STEP, STEP * features.shape[1])
        if self._tracker is None:
            return self._steps_of(x=steps) if len(features) else self._nothing()
        found = [self._nothing()]
        for start in range(0, steps.shape[1], BLOCK):
            x = steps[:, start : start + BLOCK]
            found.append(self._steps_of(x=x, w=np.broadcast_to(self._tracker.w, (1, x.shape[1], self._tracker.w.size))))
            self._tracker.learn(found[-1])
        return np.concatenate(found)

    def _steps_of(self, **inputs: Frames) -> Frames:
        found = self._stream.run(**inputs)
        late = max(0, self.look_ahead - self._steps)  # the first outputs belong to steps before the start
        self._steps += inputs["x"].shape[1]
        return np.asarray(found["y"][0, late:], np.float32)

    def _nothing(self) -> Frames:
        return np.zeros((0, 2 * len(self.labels)), np.float32)

    def _check(self, features: Frames) -> None:
        bins = len(self._normalizer.mean)
        if features.ndim != 2 or features.shape[1] != bins:
            raise AudioError(
                f"features have shape {features.shape}; expected [frames, {bins}] log-mel energies at 10 ms"
            )
        if not np.isfinite(features).all():
            raise AudioError(
                "features hold NaN or infinity; clean the audio first (harken.audio.files.read_audio does)"
            )
