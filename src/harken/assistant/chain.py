"""Joins the stages of a profile. Each is made when first needed; models are loaded once and shared."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from harken.activation.front_end import FrontEnd
from harken.activation.gate import Gate, GateConfig
from harken.activation.vad import SpeechDetector
from harken.activation.wakeword import WakeWordSpotter
from harken.asr.recognizer import Recognizer
from harken.assistant.installed import Installed
from harken.assistant.lazy import LazyStage
from harken.assistant.profile import Profile
from harken.dialogue.conversation import DialogueManager
from harken.dialogue.store import Store
from harken.events import Event, Reply, Samples, Slot, StageFailed, WakeDetected
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import Skill
from harken.nlu.templates import grammar_of
from harken.stage import Pipeline
from harken.text.grammar import Grammar, join_grammars
from harken.tts.synthesizer import Synthesizer
from harken.tts.voice import Voice

log = logging.getLogger(__name__)


class NoWakeWord:
    """Stands where the wake word would be when none is needed: hears nothing, finds nothing."""

    name = "wakeword"
    consumes: tuple[type[Event], ...] = ()
    emits: tuple[type[Event], ...] = (WakeDetected,)
    latency = 0

    def process(self, event: Event) -> list[Event]:
        """Nothing is ever found."""
        return []

    def flush(self) -> list[Event]:
        """Nothing is ever held back."""
        return []

    def reset(self) -> None:
        """Nothing is ever remembered."""


class Chain:
    """The stages of an assistant, joined.

    Args:
        profile: which bundles, skills, words.
        installed: what the user has registered, and further skills.
        wake: whether a wake word is needed.
        voice: whether replies are spoken.
        store: what outlives a conversation; the user's own when None.
    """

    def __init__(
        self,
        profile: Profile,
        installed: Installed,
        *,
        wake: bool = True,
        voice: bool = True,
        store: Store | None = None,
    ):
        self.profile, self.installed = profile, installed
        self.wake, self._store = wake, store
        self._front_end = FrontEnd()
        self._state = installed.state()
        self.wakeword = LazyStage(
            "wakeword", WakeWordSpotter if wake else NoWakeWord, self._make_spotter if wake else NoWakeWord
        )
        self.recognizer = LazyStage("recognizer", Recognizer, self._make_recognizer)
        self.interpreter = LazyStage("interpreter", Interpreter, self._make_interpreter)
        self.dialogue = LazyStage("dialogue", DialogueManager, self._make_dialogue)
        self.hearing = (
            self.wakeword,
            LazyStage("vad", SpeechDetector, self._make_detector),
            LazyStage("gate", Gate, self._make_gate),
            self.recognizer,
        )
        self.synthesizer = LazyStage("synthesizer", Synthesizer, self._make_synthesizer) if voice else None
        self.stages = (
            *self.hearing,
            self.interpreter,
            self.dialogue,
            *([self.synthesizer] if self.synthesizer else []),
        )
        Pipeline(self.stages)  # refuses stages that do not fit together
        # The speaker is asked for its pieces by `speak`, as they are made; a pipeline would wait for the last one.
        self.pipeline = Pipeline((*self.hearing, self.interpreter, self.dialogue))

    @cached_property
    def voice(self) -> Voice:
        """The voice, loaded once."""
        return Voice.load(self.profile.voice.bundle, vocoder=self.profile.voice.vocoder)

    @cached_property
    def store(self) -> Store:
        """Lists and timers."""
        return self._store or Store.of_user()

    def reset(self) -> None:
        """Reset every stage that exists."""
        for stage in self.stages:
            stage.reset()

    def restart_hearing(self) -> None:
        """Reset the stages before the interpreter: the next sound is a stream of its own, the conversation goes on."""
        for stage in self.hearing:
            stage.reset()

    def pick_up_changes(self) -> bool:
        """Look whether skills or wake words were added or removed, and use them from now on.

        The conversation goes on: the dialogue keeps its state. Where only a list of a skill changed, the recogniser
        compiles that list alone.
        """
        state = self.installed.state()
        if state == self._state:
            return False
        if state.words != self._state.words and self.wake:
            self.wakeword.renew()
        if state.skills != self._state.skills:
            self.interpreter.renew()
            if self.recognizer.made:
                recognizer = self.recognizer.stage
                assert isinstance(recognizer, Recognizer)
                recognizer.set_grammar(self._grammar())
            if self.dialogue.made:
                self._renew_dialogue()
        self._state = state
        return True

    def _renew_dialogue(self) -> None:
        old = self.dialogue.stage
        assert isinstance(old, DialogueManager)
        self.dialogue.renew()
        new = self.dialogue.stage
        assert isinstance(new, DialogueManager)
        new.state = old.state

    def ring(self) -> list[Reply]:
        """Replies for timers that have become due."""
        if not self.dialogue.made:
            return []
        manager = self.dialogue.stage
        assert isinstance(manager, DialogueManager)
        return manager.ring()

    def speak(self, reply: Reply) -> Iterator[Event]:
        """Pieces of the spoken reply as they are made; nothing without a voice. A fault becomes `StageFailed`."""
        if self.synthesizer is None:
            return
        try:
            speaker = self.synthesizer.stage
            assert isinstance(speaker, Synthesizer)
            yield from self.synthesizer.timed(speaker.speak(reply))
        except Exception as error:
            log.exception("the speaker failed")
            yield StageFailed(stage=self.synthesizer.name, message=f"{type(error).__name__}: {error}")

    def say(self, text: str) -> tuple[Samples, int]:
        """A text in the voice of the profile: samples [n] and their rate in Hz."""
        return self.voice.say(text, rate=self.profile.voice.rate), self.voice.rate

    def _make_spotter(self) -> WakeWordSpotter:
        words = self.installed.wake_words()
        wanted = self.profile.wake.threshold
        return WakeWordSpotter.load(
            *words, thresholds=dict.fromkeys(words, wanted) if wanted else None, front_end=self._front_end
        )

    def _make_synthesizer(self) -> Synthesizer:
        return Synthesizer(self.voice, rate=self.profile.voice.rate)

    def _make_detector(self) -> SpeechDetector:
        return SpeechDetector.load(self.profile.turn.vad, front_end=self._front_end)

    def _make_gate(self) -> Gate:
        turn = self.profile.turn
        return Gate(
            GateConfig(open=not self.wake, end_silence=turn.end_silence, no_speech=turn.no_speech, limit=turn.limit)
        )

    def _make_recognizer(self) -> Recognizer:
        return Recognizer.load(acoustic=self.profile.recognizer.bundle, grammar=self._grammar())

    def _make_interpreter(self) -> Interpreter:
        return self.installed.interpreter()

    def _make_dialogue(self) -> DialogueManager:
        return DialogueManager(self._skills(), self._read_answer, store=self.store)

    def _read_answer(self, skill: str, slot: str, text: str) -> Slot | None:
        interpreter = self.interpreter.stage  # whichever is in use now: it is made anew when skills change
        assert isinstance(interpreter, Interpreter)
        return interpreter.answer(skill, slot, text)

    def _skills(self) -> Mapping[str, Skill]:
        return {skill.name: skill for skill in self.installed.skills()}

    def _grammar(self) -> Grammar:
        return grammar_of_all(self.installed.skills())


def grammar_of_all(skills: Sequence[Skill]) -> Grammar:
    """What can be said to any of the skills."""
    return join_grammars({skill.name: grammar_of(skill) for skill in skills})
