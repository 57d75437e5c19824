"""The stages of one conversation over shared models. Each is created when it is first needed.

Two pipelines follow each other: the stages that hear, which must keep up with the sound, and those that answer, which
may take their time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from harken.activation.echo import EchoStage
from harken.activation.front_end import FrontEnd
from harken.activation.gate import Gate, GateConfig
from harken.activation.over_echo import WordsOverEcho
from harken.activation.stopword import StopWordSpotter
from harken.activation.vad import SpeechDetector
from harken.activation.wakeword import WakeWordScout, WakeWordSpotter
from harken.asr.keyword.judge import PhraseJudge
from harken.asr.recognizer import Recognizer
from harken.assistant.engines.recognizer import EngineRecognizer
from harken.assistant.lazy import LazyStage
from harken.assistant.models import Models
from harken.assistant.remembering import RememberingRecognizer
from harken.assistant.waking import NoWakeWord, make_judge, make_scout, make_stop_spotter, make_words_over_echo
from harken.dialogue.conversation import DialogueManager
from harken.events import SAMPLE_RATE, Event, Samples
from harken.nlu.interpreter import Interpreter
from harken.stage import Pipeline
from harken.tts.synthesizer import Synthesizer
from harken.workshop.heard_log import HeardLog

RING_EVERY = 1.0
"""Seconds between two checks of the timers."""
SHORT = 2 * SAMPLE_RATE
"""Samples of a recording that may be cut so closely around a word that the speech detector hears it late."""
PERHAPS = 0.3
"""Score of the speech detector that such a recording must reach somewhere to be listened to. On dev, 97 % of
recorded yes and no reach it, and fewer than half of the noises."""


class Chain:
    """The stages of a conversation, joined.

    Args:
        models: what they share with other conversations.
        wake: whether a wake word is needed.
        voice: whether replies are spoken.
        echo: whether the microphone can hear the loudspeaker, so that the echo must be taken out.
        place: where the conversation is; timers that were set there ring there, even after it was interrupted.

    Raises:
        PipelineError: the stages do not fit together.
    """

    def __init__(self, models: Models, *, wake: bool = True, voice: bool = True, echo: bool = False, place: str = ""):
        self._place = place
        self.models, self.profile, self.locale, self.wake = models, models.profile, models.locale, wake
        self._front_end = FrontEnd()
        self._listener: SpeechDetector | None = None
        """Detector for recordings that are turns by themselves."""
        self._heard_by, self._answered_by = models.skill_set, models.skill_set
        self._state = models.state
        self._rang = models.clock.monotonic()
        self._answer_until = 0
        self.restart_turns()
        self.wakeword, self.judge = self._wake_stages() if wake else _no_wake_stages()
        self.recognizer: LazyStage[Any] = LazyStage("recognizer", Recognizer, self._make_recognizer)
        self.interpreter = LazyStage("interpreter", Interpreter, lambda: self._answered_by.interpreter)
        self.dialogue = LazyStage("dialogue", DialogueManager, self._make_dialogue)
        speaking = [LazyStage("synthesizer", Synthesizer, self._make_synthesizer)] if voice else []
        detector = LazyStage("vad", SpeechDetector, self._make_detector)
        self.waking_stages: tuple[LazyStage[Any], ...] = (self.wakeword, detector, self.judge)
        """Those of them that are always on."""
        stops = bool(voice and self.profile.wake.stop)
        self._over_echo: LazyStage[Any] = LazyStage("overecho", WordsOverEcho, self._make_over_echo)
        overheard = [self._over_echo] if voice and (wake or stops) else []
        self.attending_stages: tuple[LazyStage[Any], ...] = (
            *([*overheard, LazyStage("echo", EchoStage, EchoStage)] if echo else []),
            *self.waking_stages,
            *([LazyStage("stopword", StopWordSpotter, lambda: make_stop_spotter(models))] if stops else []),
        )
        """Those that hear before a turn."""
        self.hearing_stages: tuple[LazyStage[Any], ...] = (
            *self.attending_stages,
            LazyStage("gate", Gate, self._make_gate),
            self.recognizer,
        )
        self.answering_stages: tuple[LazyStage[Any], ...] = (self.interpreter, self.dialogue, *speaking)
        self.hearing = Pipeline(self.hearing_stages)
        self.answering = Pipeline(self.answering_stages, given=self.hearing.emits)

    @property
    def stages(self) -> tuple[LazyStage[Any], ...]:
        """All stages, in the order of the data."""
        return (*self.hearing_stages, *self.answering_stages)

    @property
    def wake_scores(self) -> dict[str, float]:
        """Wake word -> its highest score in the last 80 ms: its own small network's or, without one, the judge's. Empty
        when none is listened for."""
        stages = [lazy.stage for lazy in (self.judge, self.wakeword) if lazy.made]
        return {
            word: score
            for stage in stages if isinstance(stage, WakeWordSpotter | PhraseJudge)
            for word, score in stage.recent.items()
        }  # fmt: skip

    def next_turn(self) -> int:
        """The number of the next turn, spoken or typed: there is one count."""
        return next(self._turns)

    def restart_turns(self) -> None:
        """Count turns from 0."""
        self._turns = itertools.count()

    def reset(self) -> None:
        """A new conversation: reset every stage that exists."""
        self.restart_turns()
        self.expect_answer(0)
        self.hearing.reset()
        self.answering.reset()

    def new_stream(self) -> None:
        """The next sound is a stream of its own; the conversation and an open question continue."""
        self.hearing.reset()
        self.expect_answer(self._answer_until)

    def may_hold_speech(self, samples: Samples) -> bool:
        """Whether somebody may speak in a recording [n]; the stream that is being heard does not notice.

        It holds speech for as long as begins a turn; in a short one, a hint of speech is enough.
        """
        if self._listener is None:
            self._listener = SpeechDetector(self.models.bundle(self.profile.turn.vad))
        spans, run = self._listener.detect(samples), 0
        for span in spans:
            run = run + span.end - span.start if span.speech else 0
            if run >= GateConfig().onset * SAMPLE_RATE:
                return True
        return len(samples) <= SHORT and any(span.score >= PERHAPS for span in spans)

    def expect_answer(self, until: int) -> None:
        """A yes-or-no question is open until this position; 0 if none is."""
        self._answer_until = until
        if self.recognizer.made:
            self.recognizer.stage.expect_answer(until)

    def adopt_hearing(self) -> None:
        """Hear with the wake words and skills that the models now have."""
        state = self.models.state
        if self.wake and (state.words, state.trained) != (self._state.words, self._state.trained):
            self.wakeword.renew()
            self.judge.renew()
            self._over_echo.renew()
        self._state = state
        fresh = self.models.skill_set
        if fresh is not self._heard_by and self.recognizer.made:
            self.recognizer.stage.use(fresh.space)
        self._heard_by = fresh

    def adopt_answering(self) -> None:
        """Answer with the skills that the models now have. The conversation continues: its state stays."""
        fresh = self.models.skill_set
        if fresh is self._answered_by:
            return
        self._answered_by = fresh
        self.interpreter.renew()
        if self.dialogue.made:
            self.dialogue.stage.use(fresh.skills, fresh.interpreter)

    def attend(self) -> Iterator[Event]:
        """Ring, and use what is installed now for the next answers."""
        yield from self.ring()
        self.models.refresh()
        self.adopt_answering()

    def ring(self) -> Iterator[Event]:
        """Replies for timers of this conversation that are due, spoken; checked once a second."""
        now = self.models.clock.monotonic()
        if now - self._rang < RING_EVERY or not self.dialogue.made:
            return
        self._rang = now
        for reply in self.dialogue.stage.ring():
            yield from self.answering.process(reply)

    def close(self) -> None:
        """The conversation is over for good; its timers ring in another one, at once, or when it is clear that nobody
        returns to its place."""
        if self.dialogue.made and not self._place:
            self.dialogue.stage.close()

    def _wake_stages(self) -> tuple[LazyStage[Any], LazyStage[Any]]:
        models, threshold = self.models, self.profile.wake.threshold
        return (
            LazyStage("wakeword", WakeWordScout, lambda: make_scout(models, front_end=self._front_end)),
            LazyStage("judge", PhraseJudge, lambda: make_judge(models, threshold=threshold)),
        )

    def _make_over_echo(self) -> WordsOverEcho | NoWakeWord:
        return make_words_over_echo(self.models, wake=self.wake)

    def _make_detector(self) -> SpeechDetector:
        return SpeechDetector(self.models.bundle(self.profile.turn.vad), front_end=self._front_end)

    def _make_gate(self) -> Gate:
        turn = self.profile.turn
        config = GateConfig(
            open=not self.wake, end_silence=turn.end_silence, no_speech=turn.no_speech, limit=turn.limit
        )
        return Gate(config, number=self.next_turn, complete=lambda: self.recognizer.stage.completeness())

    def _make_recognizer(self) -> Recognizer | EngineRecognizer:
        ear = self.models.ear()
        trusted = self.profile.recognizer.engine_confidence
        made = self._own_recognizer() if ear is None else EngineRecognizer(
            ear, self._own_recognizer, locale=self.locale, confidence=trusted
        )  # fmt: skip
        made.expect_answer(self._answer_until)
        return made

    def _own_recognizer(self) -> Recognizer:
        return RememberingRecognizer(
            self.models.acoustic, self._heard_by.space, HeardLog(), confidence=self.models.confidence
        )

    def _make_dialogue(self) -> DialogueManager:
        return DialogueManager(
            self._answered_by.skills,
            self._answered_by.interpreter,
            locale=self.locale,
            store=self.models.store,
            clock=self.models.clock,
            session=self._place,
        )

    def _make_synthesizer(self) -> Synthesizer:
        return Synthesizer(self.models.voice, rate=self.profile.voice.rate)


def _no_wake_stages() -> tuple[LazyStage[Any], LazyStage[Any]]:
    return LazyStage("wakeword", NoWakeWord, NoWakeWord), LazyStage("judge", NoWakeWord, NoWakeWord)
