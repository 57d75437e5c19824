"""A stage that lets another engine recognise the words; harken's own recogniser helps out when that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable

from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchSpace
from harken.assistant.engines.ears import Ear
from harken.errors import HarkenError, PipelineError
from harken.events import (
    NOBODY_SPOKE,
    Event,
    Hypothesis,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
    Word,
)
from harken.languages.locale import Locale
from harken.stage import Kinds
from harken.text.words import normalize_words

log = logging.getLogger(__name__)


class EngineRecognizer:
    """Stage: turns in, transcripts out, as `Recognizer`; without partial ones.

    Args:
        ear: the other engine.
        own: makes harken's own recogniser, which hears a turn again if the engine fails.
        locale: the language, for numbers and the like in the engine's writing.
        confidence: probability 0..1 that a word of the engine is right, which the engine does not tell.
    """

    name = "recognizer"
    consumes: Kinds = (TurnStarted, TurnAudio, TurnEnded)
    emits: Kinds = (Transcript,)
    replaces: Kinds = ()
    latency = 0

    def __init__(self, ear: Ear, own: Callable[[], Recognizer], *, locale: Locale, confidence: float):
        self._ear, self._make, self._locale, self._confidence = ear, own, locale, confidence
        self._own: Recognizer | None = None
        self._turn: list[Event] = []
        """What came of the turn in progress."""
        self._failed = False
        """Whether the engine has failed in this turn."""
        self._asked_until = 0

    def use(self, space: SearchSpace) -> None:
        """What harken's own recogniser expects; the other engine does not ask."""
        if self._own is not None:
            self._own.use(space)

    def expect_answer(self, until: int) -> None:
        """A yes-or-no question is open until this position, for harken's own recogniser."""
        self._asked_until = until
        if self._own is not None:
            self._own.expect_answer(until)

    def process(self, event: Event) -> list[Event]:
        """A turn begins, continues or ends; the end brings its transcript."""
        match event:
            case TurnStarted():
                self._turn, self._failed = [event], False
                self._try(self._ear.begin)
            case TurnAudio():
                self._turn.append(event)
                self._try(lambda: self._ear.hear(event.samples))
            case TurnEnded():
                return self._ended(event)
            case _:
                raise PipelineError(f"{self.name} does not take {type(event).__name__}")
        return []

    def completeness(self) -> None:
        """The other engine does not tell whether a request is complete."""

    def flush(self) -> list[Event]:
        """Holds nothing back: the gate ends turns."""
        return []

    def reset(self) -> None:
        """Forget the turn in progress."""
        self._turn = []
        self._ear.drop()

    def _ended(self, event: TurnEnded) -> list[Event]:
        turn, self._turn = [*self._turn, event], []
        if event.reason == NOBODY_SPOKE:
            self._ear.drop()
            return [self._transcript("", turn, event)]
        heard: list[str] = []
        self._try(lambda: heard.append(self._ear.finish()))
        return self._heard_again(turn) if self._failed else [self._transcript(heard[0], turn, event)]

    def _try(self, work: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            work()
        except HarkenError as error:
            log.warning("%s; harken's own recogniser hears this turn", error)
            self._failed = True
            self._ear.drop()

    def _heard_again(self, turn: list[Event]) -> list[Event]:
        if self._own is None:
            self._own = self._make()
            self._own.expect_answer(self._asked_until)
        answers = [answer for event in turn for answer in self._own.process(event)]
        return [answer for answer in answers if not isinstance(answer, Transcript) or answer.final]

    def _transcript(self, text: str, turn: list[Event], end: TurnEnded) -> Transcript:
        words = normalize_words(text, self._locale)
        start = next((event.start for event in turn if isinstance(event, TurnStarted)), end.end)
        length = max(0, end.end - start)
        placed = tuple(
            Word(
                text=word, start=start + length * number // len(words), end=start + length * (number + 1) // len(words),
                confidence=self._confidence,
            )
            for number, word in enumerate(words)
        )  # fmt: skip
        best = Hypothesis(words=placed, log_prob=0.0, confidence=self._confidence if words else 0.0)
        return Transcript(turn=end.turn, hypotheses=(best,), final=True)
