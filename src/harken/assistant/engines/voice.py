"""A voice that lets another engine speak; harken's own voice helps out when that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harken.assistant.engines.wyoming import WyomingMouth
from harken.errors import HarkenError
from harken.events import SAMPLE_RATE
from harken.tts.manner import PLAIN, Manner
from harken.tts.markup import Marked
from harken.tts.text import Line
from harken.tts.voice import Piece, Voice

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Quoted(Line):
    """A sentence with its letters, which a service wants to see."""

    text: str


class EngineVoice(Voice):
    """Reads text aloud with the voice of a service. The speaking rate is the service's own.

    Args:
        mouth: the service.
        own: harken's own voice: it finds what there is to say, and says it when the service cannot.
        name: for people.
    """

    rate = SAMPLE_RATE

    def __init__(self, mouth: WyomingMouth, own: Callable[[], Voice], *, name: str):
        self.name = name
        self._mouth, self._make = mouth, own
        self._own: Voice | None = None

    def read(self, text: str | Marked) -> list[Line]:
        """The sentences of a text that can be spoken; empty when there is nothing to say."""
        self._own = self._own or self._make()
        lines = self._own.read(text)
        words = text.text if isinstance(text, Marked) else text
        return [_Quoted(**vars(line), text=words[line.start : line.end]) for line in lines]

    def speak(self, lines: Sequence[Line], *, rate: float = 1.0, manner: Manner = PLAIN) -> Iterator[Piece]:
        """The speech of sentences, in pieces as they come from the service.

        Args:
            lines: from `read`.
            rate: speed of harken's own voice, where it has to step in.
            manner: how harken's own voice speaks then; the service is not told.
        """
        assert self._own is not None
        for line in lines:
            spoken = False
            try:
                for samples in self._mouth.speak(line.text if isinstance(line, _Quoted) else ""):
                    if len(samples):
                        yield Piece(samples=samples, start=line.end if spoken else line.start, end=line.end)
                        spoken = True
            except HarkenError as error:
                log.warning("%s; harken's own voice continues", error)
            else:
                if not spoken:
                    log.warning("%s sent no sound; harken's own voice says the sentence", self.name)
            if not spoken:
                yield from self._own.speak([line], rate=rate, manner=manner)
