"""The acoustic model at run time: log-mel frames in, scores of entering and staying in each phone out.

    model = AcousticModel.load()                 # the shipped bundle 'acoustic-en'; any number of streams share it
    stream = model.stream()
    outputs = stream.process(frames)             # frames [t, 80] at 10 ms -> scores [t', 2 P] at 30 ms, t' may be 0
    outputs = stream.flush()                     # the end of the turn: the last `look_ahead` scores

A phone is entered with `scores[:, p]` in its first frame and held with `scores[:, P + p]` in every later frame
(`model.labels[p]`; label 0 is silence, `SIL`). A path's acoustic score is the sum of these: natural-log values that are
not normalised by frame. T feature frames and a flush give exactly ceil(T / 3) scores, the same for any chunking. Scores
lag: step n is available once feature frame 3 (n + 1 + look_ahead) - 1 has been given, and with it the rest of its block
(`AcousticModel.block`).

A bundle may hold an i-vector extractor (`harken.asr.acoustic.speaker`): then frames are taken in blocks of 120 ms, an
i-vector of what was said before enters alongside, and what an utterance taught about its speaker is kept for the next
one until `reset`. Method 6, Arsikere et al. 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.ivector import Extractor
from harken.asr.acoustic.speaker import IVECTOR_STEPS, PhoneFilter, SpeakerTracker
from harken.audio.features import Frames, Normalizer
from harken.bundle import Bundle, load_bundle
from harken.errors import AudioError
from harken.onnx import Session, StreamingSession

KIND = "acoustic"
IVECTORS = "voices.npz"
"""File of a bundle that holds the i-vector extractor."""
HIDDEN = "hidden"
"""Optional output of a graph: a hidden layer, [1, steps, H]."""


@dataclass(frozen=True)
class Outputs:
    """What the network gives for T steps (30 ms)."""

    scores: Frames
    """[T, 2P]: P scores of entering a phone, P of staying in it."""
    hidden: Frames | None = None
    """[T, H] the layer that the bundle exports for further passes; None when it exports none."""

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def joined(cls, parts: Sequence[Outputs]) -> Outputs:
        """Consecutive parts, at least one, as one."""
        hidden = [part.hidden for part in parts if part.hidden is not None]
        return cls(np.concatenate([part.scores for part in parts]), np.concatenate(hidden) if hidden else None)


@dataclass(frozen=True, kw_only=True, eq=False)
class AcousticModel:
    """What all streams share; immutable and thread-safe. `AcousticStream` holds the state of one."""

    labels: tuple[str, ...]
    """P phones; the first is silence."""
    look_ahead: int
    """Steps (30 ms) by which scores lag."""
    normalizer: Normalizer
    session: Session
    """The streaming graph."""
    ivectors: tuple[Extractor, PhoneFilter] | None = None
    """I-vector extractor, and what turns scores into the posteriors that it needs."""
    fingerprint: str = ""
    """Hash of the bundle: what was trained on its outputs belongs to this one alone."""

    @classmethod
    def load(cls, bundle: str | Path = "acoustic-en") -> AcousticModel:
        """Open a bundle by name or folder."""
        return cls.from_bundle(load_bundle(bundle))

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> AcousticModel:
        """The model of a bundle of kind "acoustic".

        Raises:
            BundleError: the bundle is of a different kind.
        """
        bundle.expect(KIND)
        tables = bundle.arrays("normalizer.npz")
        prior = float(bundle.features["prior_frames"])
        ivectors = None
        if IVECTORS in bundle.info["files"]:
            stored = bundle.arrays(IVECTORS)
            ivectors = Extractor.from_arrays(stored), PhoneFilter(bigram=stored["bigram"], start=stored["start"])
        return cls(
            labels=tuple(bundle.labels), look_ahead=int(bundle.features["look_ahead"]),
            normalizer=Normalizer(mean=tables["mean"], deviation=tables["deviation"], prior=prior),
            session=bundle.session("acoustic.onnx"), ivectors=ivectors, fingerprint=bundle.hash,
        )  # fmt: skip

    @property
    def block(self) -> int:
        """Steps (30 ms) processed at once: 1, or as many as share an i-vector."""
        return 1 if self.ivectors is None else IVECTOR_STEPS

    def stream(self) -> AcousticStream:
        """A stream at its start."""
        return AcousticStream(self)

    def scores(self, features: Frames) -> Frames:
        """Scores [ceil(T / 3), 2P] of a whole recording [T, bins]."""
        stream = self.stream()
        return Outputs.joined([stream.process(features), stream.flush()]).scores


class AcousticStream:
    """The scores of one stream. Not thread-safe: one object per stream.

    Args:
        model: shared with other streams.
    """

    def __init__(self, model: AcousticModel):
        self.model = model
        self._outputs = ("y", HIDDEN) if HIDDEN in model.session.outputs else ("y",)
        self._tracker = None if model.ivectors is None else SpeakerTracker(*model.ivectors)
        self._begin()

    @property
    def ivector(self) -> Frames | None:
        """The i-vector of what was said so far, [R]; None if the bundle has no extractor."""
        return None if self._tracker is None else self._tracker.w

    def reset(self) -> None:
        """Forget the stream and the speaker."""
        if self._tracker is not None:
            self._tracker.reset()
        self._begin()

    def restart(self) -> None:
        """Forget the stream but not the speaker: another utterance of the same person follows."""
        if self._tracker is not None:
            self._tracker.end_utterance()
        self._begin()

    def _begin(self) -> None:
        bins = len(self.model.normalizer.mean)
        self._network = StreamingSession(self.model.session)
        self._rest = np.zeros((0, bins), np.float32)
        self._total, self._seen, self._steps = np.zeros(bins), 0, 0
        self._last: Frames | None = None

    def process(self, features: Frames) -> Outputs:
        """Outputs [t'] that are known after these log-mel energies [t, bins].

        Raises:
            AudioError: the features have another shape or are not finite.
        """
        self._check(features)
        if not len(features):
            return self._nothing()
        fresh, self._total, self._seen = self.model.normalizer.run(features, self._total, self._seen)
        self._last = fresh[-1:]
        if self._tracker is not None:
            self._tracker.hear(fresh)
        waiting = np.concatenate([self._rest, fresh])
        unit = STEP_FRAMES * self.model.block
        ready = len(waiting) // unit * unit
        self._rest = waiting[ready:]
        return self._run(waiting[:ready])

    def flush(self) -> Outputs:
        """The end of the stream: the outputs still owed [t']. Then `restart`."""
        outputs = self._nothing()
        if self._last is not None:
            if self._tracker is not None:
                self._tracker.hear_end()
            missing = -len(self._rest) % STEP_FRAMES + STEP_FRAMES * self.model.look_ahead
            outputs = self._run(np.concatenate([self._rest, np.repeat(self._last, missing, axis=0)]))
        self.restart()
        return outputs

    def _run(self, features: Frames) -> Outputs:
        """The outputs of whole steps, block by block: what each block teaches about the speaker helps the next one."""
        steps = features.reshape(1, len(features) // STEP_FRAMES, STEP_FRAMES * features.shape[1])
        size = steps.shape[1] if self._tracker is None else IVECTOR_STEPS
        parts = [self._nothing()]
        for start in range(0, steps.shape[1], max(1, size)):
            inputs = {"x": steps[:, start : start + size]}
            if self._tracker is not None:
                w = self._tracker.w
                inputs["w"] = np.broadcast_to(w, (1, inputs["x"].shape[1], len(w)))
            parts.append(self._advance(inputs))
            if self._tracker is not None:
                self._tracker.learn(parts[-1].scores)
        return Outputs.joined(parts)

    def _advance(self, inputs: dict[str, Frames]) -> Outputs:
        """One call of the network, without the outputs for steps before the start of the stream."""
        results = self._network.run(**inputs)
        first = max(0, self.model.look_ahead - self._steps)
        self._steps += inputs["x"].shape[1]
        return Outputs(*(np.asarray(results[name][0, first:], np.float32) for name in self._outputs))

    def _nothing(self) -> Outputs:
        return Outputs(np.zeros((0, 2 * len(self.model.labels)), np.float32))

    def _check(self, features: Frames) -> None:
        bins = len(self.model.normalizer.mean)
        if features.ndim != 2 or features.shape[1] != bins:
            raise AudioError(
                f"features have shape {features.shape}; expected [frames, {bins}] log-mel energies at 10 ms"
            )
        if not np.isfinite(features).all():
            raise AudioError(
                "features contain NaN or infinity; clean the audio first (harken.audio.files.read_audio does)"
            )
