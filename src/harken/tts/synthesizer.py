"""The stage that speaks replies."""

from __future__ import annotations

from collections.abc import Iterator

from harken.errors import PipelineError
from harken.events import Event, Reply, SpeechChunk
from harken.tts.voice import Voice


class Synthesizer:
    """Stage: replies in, pieces of speech out; a reply with nothing to say gives none.

    Args:
        voice: the voice that speaks.
        rate: speed, 0.25..4.
    """

    name = "synthesizer"
    consumes = (Reply,)
    emits = (SpeechChunk,)
    replaces = ()
    latency = 0

    def __init__(self, voice: Voice, *, rate: float = 1.0):
        self.voice, self.rate = voice, rate

    def process(self, event: Event) -> Iterator[Event]:
        """The spoken reply in pieces, each as soon as it is ready.

        Raises:
            PipelineError: it is not a reply.
        """
        if not isinstance(event, Reply):
            raise PipelineError(
                f"the synthesizer takes Reply, got {type(event).__name__}; check the order of the stages"
            )
        return self._pieces(event)

    def flush(self) -> list[Event]:
        """Holds nothing back."""
        return []

    def reset(self) -> None:
        """Remembers nothing from one reply to the next."""

    def _pieces(self, reply: Reply) -> Iterator[Event]:
        for piece in self.voice.speak(self.voice.read(reply.text), rate=self.rate):
            yield SpeechChunk(
                turn=reply.turn, samples=piece.samples, rate=self.voice.rate, text_start=piece.start,
                text_end=piece.end,
            )  # fmt: skip
