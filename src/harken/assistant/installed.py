"""What is installed for an assistant: skills (shipped, the user's, additional folders) and wake words."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harken import paths
from harken.activation.wakeword import KIND
from harken.assistant.profile import Profile
from harken.bundle import BUNDLE_FILE, Bundle, installed_bundles
from harken.dialogue.home_assistant import HomeAssistantError, house_file
from harken.errors import BundleError, ConfigError, SkillError, nearest
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skill, shipped_skill_files
from harken.nlu.skill_cache import cached_skill
from harken.nlu.skill_file import CODE_FILE, SKILL_FILE, Skill
from harken.workshop.house_sync import SKILL as HOME_SKILL
from harken.workshop.house_sync import with_house
from harken.workshop.skills import interpreter_of, registered_folders
from harken.workshop.wake_words import TaughtWords

log = logging.getLogger(__name__)

_SETTLED = 100_000_000
"""Nanoseconds after which a further change is sure to have a different timestamp."""


@dataclass(frozen=True)
class State:
    """Differs whenever a skill or wake word has been added, removed or changed."""

    skills: tuple[tuple[str, int], ...]
    """(file or folder, time of its last change in ns)."""
    words: tuple[str, ...]
    trained: tuple[int, ...] = ()
    """Times of change of the user's own wake words, ns."""


class Installed:
    """Finds the language, skills and wake words.

    Args:
        profile: language, and which shipped skills and wake words.
        extra: folders of additional skills, built and cached when they are first used.

    Raises:
        ConfigError: the profile's language is not known.
    """

    def __init__(self, profile: Profile, extra: Sequence[Path] = ()):
        self.profile, self.extra = profile, tuple(extra)
        self.locale = load_locale(profile.language)
        self._read: tuple[State, list[Skill]] | None = None
        self._faulty: set[str] = set()
        self._seen: dict[Path, int] = {}
        """Files and folders that the state depends on, and when they were changed, in ns."""

    def state(self) -> State:
        """What is installed now."""
        places = self.skill_places()
        watched = [
            paths.home() / "skills",
            paths.home() / "bundles",
            TaughtWords().folder,
            *(file for place in places for file in _files(place)),
        ]
        self._seen = {path: _changed(path) for path in watched}
        times = (max(_changed(file) for file in _files(place)) for place in places)
        skills = tuple((str(place), changed) for place, changed in zip(places, times, strict=True))
        trained = tuple(_changed(folder / BUNDLE_FILE) for folder in trained_wake_words().values())
        return State(skills=skills, words=self.wake_words(), trained=trained)

    def touched(self) -> bool:
        """Whether `state` may differ from the last time; far cheaper than `state`.

        Two changes within 0.1 s may have the same timestamp, so anything that recent counts as touched.
        """
        recent = time.time_ns() - _SETTLED
        return any(then > recent or _changed(path) != then for path, then in self._seen.items())

    def skill_places(self) -> list[Path]:
        """Where the active skills' sentences are: files of the language, then the user's folders.

        Raises:
            ConfigError: the profile names a skill for which the language has no sentences.
        """
        shipped = shipped_skill_files(self.locale)
        for name in self.profile.interpreter.skills:
            if name not in shipped:
                raise ConfigError(
                    f"the profile names a skill '{name}', for which '{self.locale.code}' has no sentences; "
                    f"{nearest(name, shipped)}"
                )
        return [*(shipped[name] for name in self.profile.interpreter.skills), *registered_folders(), *self.extra]

    def skills(self) -> list[Skill]:
        """The active skills. A registered skill that cannot be read is left out, and the log says why.

        Raises:
            SkillError: one of `extra` is not a skill.
        """
        state = self.state()
        if self._read is None or self._read[0].skills != state.skills:
            skills = (self._readable(place) for place in self.skill_places())
            self._read = state, [skill for skill in skills if skill is not None]
        return self._read[1]

    def interpreter(self) -> Interpreter:
        """An interpreter of the active skills."""
        return interpreter_of(self.skills(), locale=self.locale, bundle=self.profile.interpreter.bundle)

    def _readable(self, place: Path) -> Skill | None:
        try:
            return self._skill(place)
        except SkillError as error:
            if place in self.extra:
                raise
            log.warning("skill left out: %s", error)
            return None

    def _skill(self, place: Path) -> Skill:
        if place == shipped_skill_files(self.locale).get(place.stem):
            skill = read_shipped_skill(self.locale, place.stem)
            return self._with_house(skill) if skill.name == HOME_SKILL else skill
        skill = cached_skill(place)
        if skill.locale is not self.locale:
            raise SkillError(
                f"this skill is in {skill.locale.name}, but the profile's language is {self.locale.name}; "
                "translate it, or leave it out",
                file=skill.file,
            )
        return skill

    def _with_house(self, skill: Skill) -> Skill:
        try:
            return with_house(skill)
        except HomeAssistantError as error:
            log.warning("%s", error)
            return skill

    def wake_words(self) -> tuple[str, ...]:
        """The profile's wake words and those that the user has trained or taught; a network that cannot be read is
        logged once."""
        trained = []
        for name, folder in trained_wake_words().items():
            try:
                trained.append(str(Bundle(folder).features["word"]))
            except (BundleError, KeyError) as error:
                if name not in self._faulty:
                    log.warning("wake word left out: %s", error if isinstance(error, BundleError) else folder)
                self._faulty.add(name)
        return tuple(dict.fromkeys((*self.profile.wake.words, *trained, *TaughtWords().words())))


def _files(place: Path) -> tuple[Path, ...]:
    """The files of a skill: a language's sentences, or a folder's sentences and code; what is known of the house."""
    if place.stem == HOME_SKILL and place.suffix:
        return (place, house_file())
    return (place,) if place.suffix else (place / SKILL_FILE, place / CODE_FILE)


def _changed(path: Path) -> int:
    """When a file or folder was last changed, in ns; 0 if it does not exist."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def trained_wake_words() -> dict[str, Path]:
    """Bundle name -> folder of the wake words in the user's folder."""
    own = paths.home() / "bundles"
    return {
        name: folder
        for name, folder in installed_bundles().items()
        if name.startswith(f"{KIND}-") and folder.is_relative_to(own)
    }
