"""The stage that speaks replies."""

from __future__ import annotations

from collections.abc import Iterator

from harken.errors import PipelineError
from harken.events import Event, Reply, SpeechChunk
from harken.tts.voice import Voice


class Synthesizer:
    """Reply in, pieces of speech out; a reply with nothing to say stays silent.

    Args:
        voice: that speaks.
        rate: its speed.
    """

    name = "synthesizer"
    consumes = (Reply,)
    emits = (SpeechChunk,)
    replaces = ()
    latency = 0

    def __init__(self, voice: Voice, *, rate: float = 1.0):
        self.voice, self.rate = voice, rate

    def process(self, event: Event) -> Iterator[Event]:
        """The spoken reply in pieces, each as soon as it is made.

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
        if not self.voice.can_say(reply.text):
            return
        for piece in self.voice.stream(reply.text, rate=self.rate):
            yield SpeechChunk(
                turn=reply.turn, samples=piece.samples, rate=self.voice.rate, text_start=piece.start,
                text_end=piece.end,
            )  # fmt: skip
