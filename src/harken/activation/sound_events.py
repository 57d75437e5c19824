"""Sound events: a baby's cry, a dog's bark, ... in a stream, when they begin and when they are over.

    detector = SoundEventDetector.load()
    for event in detector.detect(samples):
        print(event.label, event.start, event.end, event.score)

Network: `harken.activation.sound_network`, whose weights have four bits (`harken.activation.packing`); method:
B. Shi et al., "Compression of acoustic event detection models with quantized distillation", Interspeech 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harken.activation.front_end import BINS, BLOCK, LOOKAHEAD, FrameBlock, FrontEnd, clean
from harken.activation.sound_network import NOTHING, STEP, SoundNetwork, classified, heard_logits, sounding
from harken.audio.features import FRAME_SHIFT, log_mel
from harken.bundle import Bundle, load_bundle
from harken.errors import ConfigError, PipelineError, nearest
from harken.events import AudioChunk, Event, Samples, SoundDetected

BUNDLE = "sound-events"
SMOOTH = 5
"""Steps of 80 ms whose logits are averaged."""
HOLD = 8
"""Steps below the threshold of its end after which an event is over."""


class SoundEventDetector:
    """Stage: sound in, `SoundDetected` out, once when an event begins (`final` false) and once when it is over.

    An event begins when its score reaches its label's threshold and is over when the score has stayed under `off` times
    that threshold for `HOLD` steps, so that the pauses of a bark or a cry do not cut it. Labels do not depend on each
    other, but their scores rarely are high together.

    Args:
        bundle: of kind 'sound-events'.
        thresholds: label -> score 0..1 that replaces the bundle's own threshold.
        front_end: shared with other stages; its own by default.

    Raises:
        BundleError: the bundle is of a different kind.
        ConfigError: a threshold for a label that the bundle does not know, or not above 0 and at most 1.
    """

    name = "sound-events"
    consumes: tuple[type[Event], ...] = (AudioChunk,)
    emits: tuple[type[Event], ...] = (SoundDetected,)
    replaces: tuple[type[Event], ...] = ()
    latency = BLOCK + LOOKAHEAD

    def __init__(
        self, bundle: Bundle, *, thresholds: Mapping[str, float] | None = None, front_end: FrontEnd | None = None
    ):
        self._network = SoundNetwork.load(bundle)
        facts = bundle.features
        self.labels = tuple(bundle.labels)
        self.front_end = front_end or FrontEnd()
        self._slope, self._offset = float(facts["slope"]), float(facts["offset"])
        limits = {**facts["thresholds"], **_checked(thresholds or {}, self.labels)}
        self._events = [_Watch(label, float(limits[label]), float(facts["off"])) for label in self.labels]
        self._forget()

    @classmethod
    def load(
        cls, name: str = BUNDLE, *, thresholds: Mapping[str, float] | None = None, front_end: FrontEnd | None = None
    ) -> SoundEventDetector:
        """The detector of an installed bundle.

        Raises:
            BundleError: it is not installed.
        """
        return cls(load_bundle(name), thresholds=thresholds, front_end=front_end)

    def process(self, event: Event) -> list[Event]:
        """What begins or ends with this chunk, oldest first."""
        if not isinstance(event, AudioChunk):
            raise PipelineError(f"{self.name} takes AudioChunk, got {type(event).__name__}")
        return self._heard(self.front_end.process(event))

    def flush(self) -> list[Event]:
        """Late events, then the end of those that lasted until the end of the stream."""
        end = self.front_end.position
        late = self._heard(self.front_end.flush())
        return [*(_until(event, end) for event in late), *(w.report(end, final=True) for w in self._events if w.begun)]

    def reset(self) -> None:
        """Forget the stream."""
        self.front_end.reset()
        self._forget()

    def detect(self, samples: Samples) -> list[SoundDetected]:
        """The events of a recording [n] at 16 kHz, by their beginning; resets before and after."""
        self.reset()
        events = self.process(AudioChunk(start=0, samples=samples)) + self.flush()
        self.reset()
        found = [event for event in events if isinstance(event, SoundDetected) and event.final]
        return sorted(found, key=lambda event: (event.start, event.label))

    def scores(self, samples: Samples) -> NDArray[np.float64]:
        """Scores [t, labels] of a recording [n], a row for every 80 ms, which thresholds are compared with; resets."""
        self.reset()
        blocks = self.front_end.process(AudioChunk(start=0, samples=samples)) + self.front_end.flush()
        rows = [row for block in blocks for _, row in self._rows(block)]
        self.reset()
        return np.asarray(rows).reshape(len(rows), len(self.labels))

    def classify(self, samples: Samples) -> dict[str, float]:
        """What a recording [n] sounds like as a whole: probability of each label and of `NOTHING`, adding up to 1.

        They are not calibrated, unlike the scores of events. Resets.
        """
        frames = log_mel(clean(samples), bins=BINS)
        names = (*self.labels, NOTHING)
        if not sounding(frames[: len(frames) // STEP * STEP]).any():
            return {name: float(name == NOTHING) for name in names}
        logits = classified(self._network, frames).astype(np.float64)
        self.reset()
        powers = np.exp(logits - logits.max())
        return dict(zip(names, (powers / powers.sum()).tolist(), strict=True))

    def _forget(self) -> None:
        self._network.reset()
        self._frames = np.zeros((0, BINS), np.float32)
        self._recent: list[NDArray[np.float32]] = []
        for watch in self._events:
            watch.reset()

    def _heard(self, blocks: Sequence[FrameBlock]) -> list[Event]:
        return [
            event
            for block in blocks
            for start, row in self._rows(block)
            for watch, score in zip(self._events, row, strict=True)
            for event in watch.step(start, float(score))
        ]

    def _rows(self, block: FrameBlock) -> list[tuple[int, NDArray[np.float64]]]:
        """Start and scores [labels] of each step that this block completes."""
        first = block.start - len(self._frames) * FRAME_SHIFT
        joined = np.concatenate([self._frames, block.frames])
        whole = len(joined) // STEP * STEP
        self._frames = joined[whole:]
        if not whole:
            return []
        rows = heard_logits(self._network, joined[:whole])
        return [(first + n * STEP * FRAME_SHIFT, self._scored(row)) for n, row in enumerate(rows)]

    def _scored(self, row: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated scores [labels] of the latest logits [labels + 1] and those just before."""
        self._recent = [*self._recent[-(SMOOTH - 1) :], row]
        return calibrated(log_odds(np.mean(self._recent, axis=0)), self._slope, self._offset)


def log_odds(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log odds [..., labels] of each label against all others, of logits [..., labels + 1] of exclusive classes."""
    exact = np.asarray(logits, np.float64)
    top = exact.max(axis=-1, keepdims=True)
    powers = np.exp(exact - top)
    others = powers.sum(axis=-1, keepdims=True) - powers
    return np.asarray((exact - top - np.log(np.maximum(others, 1e-30)))[..., :-1])


def calibrated(odds: NDArray[np.float64], slope: float, offset: float) -> NDArray[np.float64]:
    """Probabilities of log odds after Platt's calibration."""
    return np.asarray(1 / (1 + np.exp(-np.clip(slope * odds + offset, -30, 30))))


class _Watch:
    """One label's memory of the stream."""

    def __init__(self, label: str, on: float, off: float):
        self.label, self._on, self._off = label, on, on * off
        self.reset()

    def reset(self) -> None:
        self.begun = False
        self._start = self._end = self._below = 0
        self._best = 0.0

    def step(self, start: int, score: float) -> list[SoundDetected]:
        end = start + STEP * FRAME_SHIFT
        if not self.begun:
            if score < self._on:
                return []
            self.begun, self._start, self._end, self._best, self._below = True, start, end, score, 0
            return [self.report(end, final=False)]
        self._best = max(self._best, score)
        if score >= self._off:
            self._below, self._end = 0, end
            return []
        self._below += 1
        return [self.report(self._end, final=True)] if self._below >= HOLD else []

    def report(self, end: int, *, final: bool) -> SoundDetected:
        event = SoundDetected(
            label=self.label, start=self._start, end=min(end, self._end), score=self._best, final=final
        )
        if final:
            self.reset()
        return event


def _until(event: Event, end: int) -> Event:
    """The event within the stream, whose last block was filled up with silence."""
    assert isinstance(event, SoundDetected)
    start = min(event.start, end)
    return SoundDetected(label=event.label, start=start, end=min(event.end, end), score=event.score, final=event.final)


def _checked(thresholds: Mapping[str, float], labels: Sequence[str]) -> Mapping[str, float]:
    for label, threshold in thresholds.items():
        if label not in labels:
            raise ConfigError(f"there is no sound '{label}'; {nearest(label, labels)}")
        if not 0 < threshold <= 1:
            raise ConfigError(f"the threshold of '{label}' is {threshold}; expected a score above 0 and at most 1")
    return thresholds
