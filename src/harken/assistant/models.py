"""What the conversations of one profile share: opened networks, the search space, the voice, the skills.

    models = Models.load("en")
    kitchen, study = Assistant.over(models), Assistant.over(models)

Everything here may be used from several threads and by any number of conversations; their state is in
their stages (`harken.assistant.chain`). Each part is opened when it is first needed, once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from harken.activation.wakeword import bundle_name
from harken.asr.acoustic.model import AcousticModel
from harken.asr.passes.confidence import Confidence
from harken.asr.search.source import change_space, load_space
from harken.asr.search.space import SearchSpace
from harken.assistant.engines.ears import Ear, OnnxAsrEar
from harken.assistant.engines.naming import ONNX_ASR, WYOMING, read_engine
from harken.assistant.engines.voice import EngineVoice
from harken.assistant.engines.wyoming import WyomingEar, WyomingMouth
from harken.assistant.installed import Installed
from harken.assistant.profile import Profile, load_profile
from harken.bundle import Bundle, load_bundle
from harken.dialogue.clock import Clock, SystemClock
from harken.dialogue.store import Store
from harken.errors import HarkenError
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import Skill
from harken.nlu.spoken_requests import grammar_of_all
from harken.tts.voice import Voice
from harken.workshop.skills import interpreter_of

log = logging.getLogger(__name__)

T = TypeVar("T")


class _Once:
    """Parts that are made when first asked for, by whichever thread comes first."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], T]) -> T:
        """The part `name`; `make` runs at most once. An existing part is returned at once."""
        if name not in self._made:
            with self._lock:
                if name not in self._made:
                    self._made[name] = make()
        return cast(T, self._made[name])

    def forget(self, name: str) -> None:
        """Make the part again when it is next needed."""
        self._made.pop(name, None)

    def has(self, name: str) -> bool:
        """Whether the part was made."""
        return name in self._made


class SkillSet:
    """The active skills as they were at one moment, and what is made of them.

    Args:
        models: the networks behind it.
        skills: the skills, by name.
        before: an earlier set; what did not change is taken over from it.
    """

    def __init__(self, models: Models, skills: Mapping[str, Skill], before: SkillSet | None = None):
        self.skills = skills
        self._models, self._parts = models, _Once()
        self._before = before

    @property
    def interpreter(self) -> Interpreter:
        """Reads sentences for these skills.

        Raises:
            SkillError: a skill cannot be built.
            BundleError: the interpreter's bundle is missing.
        """
        return self._parts.get("interpreter", self._make_interpreter)

    @property
    def space(self) -> SearchSpace:
        """What the recogniser searches: everything that can be said to these skills, and general speech.

        Raises:
            BundleError: a bundle is missing.
            VocabularyError: a word has no pronunciation.
        """
        return self._parts.get("space", self._make_space)

    def prepare(self) -> None:
        """Make what the set before had in use, so that conversations need not wait when they adopt it.

        Raises:
            HarkenError: a part cannot be made.
        """
        before, self._before = self._before, None
        if before is None:
            return
        if before._parts.has("interpreter"):
            _ = self.interpreter
        if before._parts.has("space"):
            self._parts.get("space", lambda: self._changed_space(before.space))

    def _make_interpreter(self) -> Interpreter:
        clock = self._models.clock
        models = self._models
        return interpreter_of(
            self.skills.values(), locale=models.locale, bundle=models.profile.interpreter.bundle,
            today=lambda: clock.now().date(),
        )  # fmt: skip

    def _make_space(self) -> SearchSpace:
        models = self._models
        return load_space(
            models.acoustic.labels, grammar=grammar_of_all(tuple(self.skills.values())),
            language_model=models.profile.recognizer.language_model, locale=models.locale,
        )  # fmt: skip

    def _changed_space(self, before: SearchSpace) -> SearchSpace:
        """Where only a list of a skill changed, that list alone is compiled."""
        assert before.source is not None
        return change_space(before.source, grammar=grammar_of_all(tuple(self.skills.values())))


class Models:
    """The shared part of all conversations of one profile.

    Args:
        profile: which bundles, skills, words.
        installed: what the user has registered, and additional skills.
        store: lists and timers; the user's own when None.
        clock: the time; this machine's when None.
    """

    def __init__(
        self, profile: Profile, installed: Installed, *, store: Store | None = None, clock: Clock | None = None
    ):
        self.profile, self.installed, self.locale = profile, installed, installed.locale
        self.clock = clock or SystemClock()
        self._parts = _Once()
        self._given_store = store
        self._refreshing = threading.Lock()
        self.state = installed.state()
        """What was installed at the last `refresh`."""
        self.skill_set = self._skill_set(None)
        """The active skills as of the last `refresh`."""

    @classmethod
    def load(
        cls, profile: str = "en", *, skills: Sequence[str | Path] = (), store: Store | None = None,
        clock: Clock | None = None,
    ) -> Models:  # fmt: skip
        """The models of a profile, with the user's own settings, skills and wake words.

        Args:
            profile: name of a shipped profile; the user's `profile.toml` overrides it.
            skills: folders of additional skills.
            store: lists and timers; the user's own when None.
            clock: the time; this machine's when None.

        Raises:
            ConfigError: the profile is unknown or not understood.
            SkillError: a folder in `skills` is not a skill.
        """
        settings = load_profile(profile)
        return cls(settings, Installed(settings, [Path(skill) for skill in skills]), store=store, clock=clock)

    @property
    def acoustic(self) -> AcousticModel:
        """The acoustic model."""
        return self._parts.get(
            "acoustic", lambda: AcousticModel.load(self.profile.recognizer.bundle or self.locale.bundle("acoustic"))
        )

    @property
    def confidence(self) -> Confidence:
        """Makes the recogniser's confidences probabilities."""
        settings = self.profile.recognizer
        return self._parts.get(
            "confidence",
            lambda: Confidence.load(self.acoustic, language_model=settings.language_model, locale=self.locale),
        )

    @property
    def voice(self) -> Voice:
        """The voice."""
        return self._parts.get("voice", self._make_voice)

    def ear(self) -> Ear | None:
        """Another engine that recognises words for one conversation, if the profile names one.

        Raises:
            MissingExtra, EngineError: it cannot be loaded.
        """
        named = self.profile.recognizer.engine
        if not named:
            return None
        engine = read_engine(named, kinds=(WYOMING, ONNX_ASR))
        if engine.kind == WYOMING:
            return WyomingEar(engine.host, engine.port, language=self.profile.language.partition("-")[0])
        return OnnxAsrEar(engine.model, engine.folder)

    @property
    def store(self) -> Store:
        """Lists and timers."""
        return self._parts.get("store", lambda: self._given_store or Store.of_user())

    def _make_voice(self) -> Voice:
        settings = self.profile.voice

        def own() -> Voice:
            return Voice.load(settings.bundle, vocoder=settings.vocoder, locale=self.locale)

        if not settings.engine:
            return own()
        engine = read_engine(settings.engine, kinds=(WYOMING,))
        return EngineVoice(WyomingMouth(engine.host, engine.port), own, name=settings.engine)

    def bundle(self, name: str) -> Bundle:
        """An installed bundle, opened once."""
        return self._parts.get(f"bundle {name}", lambda: load_bundle(name))

    def refresh(self) -> bool:
        """Check whether skills or wake words were added, changed or removed; returns whether anything changed.

        What the old skills had in use is made for the new ones, which may take seconds. Skills that cannot be used
        change nothing: the log says why, and the previous ones stay. A second thread does not wait for the first.
        """
        if not self.installed.touched() or not self._refreshing.acquire(blocking=False):
            return False
        try:
            return self._refresh()
        finally:
            self._refreshing.release()

    def _refresh(self) -> bool:
        state = self.installed.state()
        if state == self.state:
            return False
        if state.skills != self.state.skills:
            try:
                fresh = self._skill_set(self.skill_set)
                fresh.prepare()
            except HarkenError as error:
                log.warning("the skills have changed but cannot be used; the previous ones stay: %s", error)
            else:
                self.skill_set = fresh
        if (state.words, state.trained) != (self.state.words, self.state.trained):
            for word in state.words:
                self._parts.forget(f"bundle {bundle_name(word)}")
        self.state = state
        return True

    def _skill_set(self, before: SkillSet | None) -> SkillSet:
        return SkillSet(self, {skill.name: skill for skill in self.installed.skills()}, before)
