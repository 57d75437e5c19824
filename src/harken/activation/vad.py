"""Speech or not: a small streaming network over the same features as the wake word's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harken.activation.front_end import BLOCK, LOOKAHEAD, FrameBlock, FrontEnd
from harken.audio.features import FRAME_SHIFT
from harken.bundle import Bundle, load_bundle
from harken.errors import ConfigError, PipelineError
from harken.events import AudioChunk, Event, Samples, SpeechActivity
from harken.onnx import StreamingSession

KIND = "vad"


class SpeechDetector:
    """Stage: sound in, one `SpeechActivity` per 80 ms out (60 ms for the first), the same for any chunking.

    `score` is the mean probability of speech in the span. `speech` follows it with two thresholds: it begins at or
    above `on` and ends below `off`, so that it does not flicker.

    Args:
        bundle: of kind 'vad'.
        on: score 0..1 at which speech begins; the bundle's own by default.
        off: score 0..1 below which it ends; the bundle's own by default.
        front_end: shared with other stages; its own by default.

    Raises:
        BundleError: the bundle is of a different kind.
        ConfigError: not 0 < off <= on <= 1.
    """

    name = "vad"
    consumes: tuple[type[Event], ...] = (AudioChunk,)
    emits: tuple[type[Event], ...] = (SpeechActivity,)
    replaces: tuple[type[Event], ...] = ()
    latency = BLOCK + LOOKAHEAD

    def __init__(
        self,
        bundle: Bundle,
        *,
        on: float | None = None,
        off: float | None = None,
        front_end: FrontEnd | None = None,
    ):
        facts = bundle.expect(KIND).features
        self.on = float(facts["on"] if on is None else on)
        self.off = float(facts["off"] if off is None else off)
        if not 0 < self.off <= self.on <= 1:
            raise ConfigError(f"thresholds are on={self.on}, off={self.off}; expected 0 < off <= on <= 1")
        self.front_end = front_end or FrontEnd()
        self._session = StreamingSession(bundle.session())
        self._speech = False

    @classmethod
    def load(
        cls,
        name: str = "vad",
        *,
        on: float | None = None,
        off: float | None = None,
        front_end: FrontEnd | None = None,
    ) -> SpeechDetector:
        """The detector of an installed bundle.

        Raises:
            BundleError: it is not installed.
        """
        return cls(load_bundle(name), on=on, off=off, front_end=front_end)

    def process(self, event: Event) -> list[Event]:
        """The spans that this chunk completes, oldest first."""
        if not isinstance(event, AudioChunk):
            raise PipelineError(f"{self.name} takes AudioChunk, got {type(event).__name__}")
        return list(self._spans(self.front_end.process(event)))

    def flush(self) -> list[Event]:
        """The last spans, up to the end of the stream."""
        end = self.front_end.position
        spans = self._spans(self.front_end.flush())
        inside = [span for span in spans if span.start < end]
        return [*inside[:-1], *(_cut(span, end) for span in inside[-1:])]

    def reset(self) -> None:
        """Forget the stream."""
        self.front_end.reset()
        self._session.reset()
        self._speech = False

    def detect(self, samples: Samples) -> list[SpeechActivity]:
        """The spans of a recording [n] at 16 kHz; resets before and after."""
        self.reset()
        events = self.process(AudioChunk(start=0, samples=samples)) + self.flush()
        self.reset()
        return [event for event in events if isinstance(event, SpeechActivity)]

    def _spans(self, blocks: Sequence[FrameBlock]) -> list[SpeechActivity]:
        return [self._span(block) for block in blocks]

    def _span(self, block: FrameBlock) -> SpeechActivity:
        score = float(self._scores(block).mean())
        self._speech = score >= (self.off if self._speech else self.on)
        end = block.start + len(block.frames) * FRAME_SHIFT
        return SpeechActivity(start=block.start, end=end, speech=self._speech, score=score)

    def _scores(self, block: FrameBlock) -> NDArray[np.float64]:
        logits = self._session.run(x=block.frames[None])["y"][0, :, 0].astype(np.float64)
        return np.asarray(1 / (1 + np.exp(-logits)))


def _cut(span: SpeechActivity, end: int) -> SpeechActivity:
    return SpeechActivity(start=span.start, end=min(span.end, end), speech=span.speech, score=span.score)
