"""The skills that ship with harken: their code is in `dialogue/skills/`, their sentences are with each language."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harken.errors import ConfigError, nearest
from harken.languages.locale import Locale
from harken.nlu.skill_cache import cached_skill
from harken.nlu.skill_file import CODE_FILE, Skill
from harken.paths import PACKAGE

_CODE = PACKAGE / "dialogue" / "skills"


def shipped_skill_files(locale: Locale) -> dict[str, Path]:
    """Skill -> file of its sentences in a language, in alphabetical order."""
    return {path.stem: path for path in sorted((locale.folder / "skills").glob("*.yaml"))}


def read_shipped_skills(locale: Locale, names: Iterable[str] | None = None) -> list[Skill]:
    """Shipped skills in a language.

    Args:
        locale: the language.
        names: which ones; all that the language has sentences for when None.

    Raises:
        ConfigError: the language has no sentences for one.
        SkillError: a file is wrong.
    """
    files = shipped_skill_files(locale)
    return [read_shipped_skill(locale, name) for name in (files if names is None else names)]


def read_shipped_skill(locale: Locale, name: str) -> Skill:
    """One shipped skill in a language.

    Raises:
        ConfigError: the language has no sentences for it.
        SkillError: the file is wrong.
    """
    files = shipped_skill_files(locale)
    if name not in files:
        raise ConfigError(f"language '{locale.code}' has no sentences for a skill '{name}'; {nearest(name, files)}")
    return cached_skill(files[name], code=_CODE / name / CODE_FILE)


def is_shipped(skill: Skill) -> bool:
    """Whether a skill ships with harken or with its language, rather than being added by the user."""
    return skill.file == shipped_skill_files(skill.locale).get(skill.name)
