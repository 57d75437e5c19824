"""What an assistant has beside its stages: skills (shipped, the user's, further folders) and wake words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harken import paths
from harken.activation.wakeword import KIND
from harken.assistant.profile import Profile
from harken.bundle import MANIFEST, load_bundle
from harken.errors import ConfigError
from harken.nlu.interpreter import Interpreter, shipped_skill_folders
from harken.nlu.skill_file import Skill, read_skill


@dataclass(frozen=True)
class State:
    """Changes whenever a skill or a wake word is added, removed or built anew."""

    skills: tuple[tuple[str, int], ...]
    """(folder, time of change in ns)."""
    words: tuple[str, ...]


class Installed:
    """Finds skills and wake words.

    Args:
        profile: which of the shipped ones.
        extra: folders of further skills, built and cached when they are first read.
    """

    def __init__(self, profile: Profile, extra: Sequence[Path] = ()):
        self.profile, self.extra = profile, tuple(extra)
        self._read: tuple[State, list[Skill]] | None = None

    def state(self) -> State:
        """What is installed now; cheap enough to ask every second."""
        folders = self.skill_folders()
        return State(
            skills=tuple((str(folder), (folder / "skill.yaml").stat().st_mtime_ns) for folder in folders),
            words=self.wake_words(),
        )

    def skill_folders(self) -> list[Path]:
        """Folders of the active skills.

        Raises:
            ConfigError: the profile names a skill that does not exist.
        """
        shipped = {folder.name: folder for folder in shipped_skill_folders()}
        for name in self.profile.interpreter.skills:
            if name not in shipped:
                near = difflib.get_close_matches(name, shipped, 1)
                hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(shipped)}"
                raise ConfigError(f"the profile names a skill '{name}'; {hint}")
        return [*(shipped[name] for name in self.profile.interpreter.skills), *self.extra]

    def skills(self) -> list[Skill]:
        """The active skills.

        Raises:
            SkillError: a folder is no skill.
        """
        state = self.state()
        if self._read is None or self._read[0].skills != state.skills:
            self._read = state, [read_skill(folder) for folder in self.skill_folders()]
        return self._read[1]

    def interpreter(self) -> Interpreter:
        """An interpreter of the active skills."""
        return Interpreter.load(self.skills())

    def wake_words(self) -> tuple[str, ...]:
        """The profile's wake words and those that the user has trained."""
        return tuple(dict.fromkeys((*self.profile.wake.words, *trained_wake_words())))


def trained_wake_words() -> list[str]:
    """Wake words whose bundles lie in the user's folder."""
    folders = sorted((paths.home() / "bundles").glob(f"{KIND}-*/{MANIFEST}"))
    return [str(load_bundle(manifest.parent).features["word"]) for manifest in folders]
