"""Wake words: one small streaming network each; several can share the same features.

A network decides alone (`WakeWordSpotter`), or only suspects and leaves it to a judge (`WakeWordScout`).

    spotter = WakeWordSpotter.load("computer")
    for detection in spotter.detect(samples):
        print(detection.word, detection.start, detection.end, detection.score)

Network: the sub-band CNN of C.-C. Kao et al., Interspeech 2019, made streaming (`harken.train.activation.subband`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harken.activation.front_end import BLOCK, LOOKAHEAD, FrameBlock, FrontEnd
from harken.audio.features import FRAME_SHIFT
from harken.bundle import Bundle, load_bundle
from harken.errors import ConfigError, PipelineError
from harken.events import AudioChunk, Event, NotDetected, Samples, WakeDetected, WakeSuspected
from harken.onnx import StreamingSession

KIND = "wakeword"
STRIDE = 2
"""Frames of 10 ms per score."""
UNHEARD = -10.0
"""Logit assumed before the stream began."""
SUSPICION = 5.0
"""Logits below its threshold at which a network suspects its word."""


class WakeWordSpotter:
    """Stage: sound in, `WakeDetected` out; at the end of the stream, `NotDetected` for words that were not heard.

    A word is reported when its score, smoothed over 100 ms, reaches its threshold, but not again within a second.

    Args:
        bundles: one bundle of kind 'wakeword' for each word.
        thresholds: word -> score 0..1 that replaces the bundle's own threshold.
        front_end: shared with other stages; its own by default.

    Raises:
        BundleError: a bundle is of a different kind.
        ConfigError: no bundle, two for one word, or a threshold for a word without a bundle.
    """

    name = "wakeword"
    consumes: tuple[type[Event], ...] = (AudioChunk,)
    emits: tuple[type[Event], ...] = (WakeDetected, NotDetected)
    replaces: tuple[type[Event], ...] = ()
    latency = BLOCK + LOOKAHEAD

    def __init__(
        self,
        bundles: Sequence[Bundle],
        *,
        thresholds: dict[str, float] | None = None,
        front_end: FrontEnd | None = None,
    ):
        thresholds = thresholds or {}
        self.front_end = front_end or FrontEnd()
        self._words = [_Word(bundle.expect(KIND), thresholds) for bundle in bundles]
        self.words = tuple(word.text for word in self._words)
        _check(self.words, thresholds)

    @classmethod
    def load(
        cls, *words: str, thresholds: dict[str, float] | None = None, front_end: FrontEnd | None = None
    ) -> WakeWordSpotter:
        """A spotter of installed words, e.g. `load("computer")`; a word's bundle is named wakeword-<word>.

        Raises:
            BundleError: a word is not installed.
        """
        bundles = [load_bundle(bundle_name(word)) for word in words]
        return cls(bundles, thresholds=thresholds, front_end=front_end)

    def process(self, event: Event) -> list[Event]:
        """Detections that this chunk completes, oldest first."""
        if not isinstance(event, AudioChunk):
            raise PipelineError(f"{self.name} takes AudioChunk, got {type(event).__name__}")
        return self._detect(self.front_end.process(event))

    def flush(self) -> list[Event]:
        """Late detections, then `NotDetected` for each word that was not heard since the last reset."""
        late = self._detect(self.front_end.flush())
        end = self.front_end.position
        return [*late, *(word.missing(end) for word in self._words if not word.heard)]

    def reset(self) -> None:
        """Forget the stream."""
        self.front_end.reset()
        for word in self._words:
            word.reset()

    def detect(self, samples: Samples) -> list[WakeDetected]:
        """All detections in a recording [n] at 16 kHz; resets before and after."""
        self.reset()
        events = self.process(AudioChunk(start=0, samples=samples)) + self.flush()
        self.reset()
        return [event for event in events if isinstance(event, WakeDetected)]

    @property
    def recent(self) -> dict[str, float]:
        """The highest smoothed score of each word in the last 80 ms that were heard; 0 before that."""
        return {word.text: word.recent for word in self._words}

    def scores(self, samples: Samples) -> dict[str, NDArray[np.float64]]:
        """Smoothed scores [t] of each word over a recording [n], one per 20 ms; these are compared with the
        thresholds."""
        self.reset()
        blocks = self.front_end.process(AudioChunk(start=0, samples=samples)) + self.front_end.flush()
        tracks = {word.text: np.concatenate([word.score(block) for block in blocks]) for word in self._words}
        self.reset()
        return tracks

    def _detect(self, blocks: Sequence[FrameBlock]) -> list[Event]:
        end = self.front_end.position
        return [event for block in blocks for word in self._words for event in word.detect(block, end)]


class WakeWordScout(WakeWordSpotter):
    """Stage: sound in, `WakeSuspected` out for each block of 80 ms in which a word's score comes near its threshold.

    The first of two stages: a judge decides (`harken.asr.keyword.judge`).

    Args:
        bundles, front_end: as for `WakeWordSpotter`.
    """

    emits: tuple[type[Event], ...] = (WakeSuspected,)

    def __init__(self, bundles: Sequence[Bundle], *, front_end: FrontEnd | None = None):
        super().__init__(bundles, front_end=front_end)

    def flush(self) -> list[Event]:
        """Late suspicions."""
        return self._detect(self.front_end.flush())

    def _detect(self, blocks: Sequence[FrameBlock]) -> list[Event]:
        return [event for block in blocks for word in self._words for event in word.suspect(block)]


def bundle_name(word: str) -> str:
    """Name of the bundle of a word: lower case, blanks as '-'."""
    return f"{KIND}-{'-'.join(word.lower().split())}"


class _Word:
    """One word's network and its memory of the stream."""

    def __init__(self, bundle: Bundle, thresholds: dict[str, float]):
        facts = bundle.features
        self.text = str(facts["word"])
        self.threshold = float(thresholds.get(self.text, facts["threshold"]))
        odds = self.threshold / max(1 - self.threshold, 1e-6) * math.exp(-SUSPICION)
        self._suspicion = odds / (1 + odds)
        self._smooth = int(facts["smooth"])
        self._delay, self._length = int(facts["delay"]), int(facts["length"])
        self._refractory = int(facts["refractory"])
        self._session = StreamingSession(bundle.session())
        self.reset()

    def reset(self) -> None:
        self._session.reset()
        self._recent = np.full(self._smooth - 1, UNHEARD)
        self._quiet_until = -1
        self._below = True
        self.heard, self.highest, self.recent = False, 0.0, 0.0

    def score(self, block: FrameBlock) -> NDArray[np.float64]:
        """Smoothed scores 0..1, one for each two frames of the block."""
        logits = self._session.run(x=block.frames[None])["y"][0, :, 0].astype(np.float64)
        joined = np.concatenate([self._recent, logits])
        self._recent = joined[len(logits) :]
        means = np.lib.stride_tricks.sliding_window_view(joined, self._smooth).mean(axis=1)
        return np.asarray(1 / (1 + np.exp(-means)))

    def detect(self, block: FrameBlock, stream_end: int) -> list[WakeDetected]:
        detections = []
        scores = self.score(block)
        self.recent = float(scores.max(initial=0.0))
        for number, score in enumerate(scores):
            self.highest = max(self.highest, float(score))
            position = block.start + number * STRIDE * FRAME_SHIFT
            above = bool(score >= self.threshold)
            if above and self._below and position >= self._quiet_until:
                self.heard, self._quiet_until = True, position + self._refractory
                detections.append(self._event(position, float(score), stream_end))
            self._below = not above
        return detections

    def suspect(self, block: FrameBlock) -> list[WakeSuspected]:
        """A suspicion, if the highest score of the block gives rise to one."""
        self.recent = score = float(self.score(block).max(initial=0.0))
        if score < self._suspicion:
            return []
        end = block.start + len(block.frames) * FRAME_SHIFT
        return [WakeSuspected(word=self.text, start=block.start, end=end, score=score)]

    def missing(self, end: int) -> NotDetected:
        return NotDetected(word=self.text, end=end, score=self.highest)

    def _event(self, position: int, score: float, stream_end: int) -> WakeDetected:
        # The delay from the word's end until the score reaches the threshold is a median over recordings.
        end = min(max(position - self._delay, 1), stream_end)
        return WakeDetected(word=self.text, start=max(0, end - self._length), end=end, score=score)


def _check(words: Sequence[str], thresholds: dict[str, float]) -> None:
    if not words:
        raise ConfigError("got no wake word; load at least one, e.g. WakeWordSpotter.load('computer')")
    if len(set(words)) < len(words):
        raise ConfigError(f"got a wake word twice: {', '.join(words)}; give each once")
    for word, value in thresholds.items():
        if word not in words:
            raise ConfigError(f"there is a threshold for '{word}', but the wake words are {', '.join(words)}")
        if not 0 < value <= 1:
            raise ConfigError(f"the threshold of '{word}' is {value}; expected more than 0 and at most 1")
