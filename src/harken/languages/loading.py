"""Finds languages: those that ship, and those in `languages/` in the user's folder."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path

from harken import paths
from harken.errors import ConfigError, nearest
from harken.languages.locale import LANGUAGE_FILE, Locale
from harken.languages.tables import Rules, Table, read_locale

RULES = "rules"
"""Module of a shipped language with the functions that tables cannot replace."""


def load_locale(code: str = "en-US") -> Locale:
    """A language; the same object for the same code.

    Args:
        code: as in a profile ('en-US'), or one of the language's aliases ('en').

    Raises:
        ConfigError: there is no such language, or its file is invalid.
    """
    return _load(code, paths.home())


def has_locale(code: str) -> bool:
    """Whether there is a language with this code or alias; its file may still be invalid."""
    return _folder(code, paths.home()) is not None


@lru_cache(maxsize=32)
def _load(code: str, home: Path) -> Locale:
    folder = _folder(code, home)
    if folder is not None:
        return _read(folder)
    codes = [name for names, _ in _all(home) for name in names]
    raise ConfigError(
        f"there is no language '{code}'; {nearest(code, codes)} Your own are folders in {home / 'languages'}"
    )


def _folder(code: str, home: Path) -> Path | None:
    wanted = code.lower().replace("_", "-")
    for names, folder in _all(home):
        if wanted in (name.lower() for name in names):
            return folder
    return None


def _all(home: Path) -> list[tuple[tuple[str, ...], Path]]:
    """(code and aliases, folder); the user's come first and take precedence."""
    roots = (home / "languages", paths.PACKAGE / "languages")
    folders = [path.parent for root in roots for path in sorted(root.glob(f"*/{LANGUAGE_FILE}"))]
    return [(_names(folder), folder) for folder in folders]


def _names(folder: Path) -> tuple[str, ...]:
    table = _table(folder)
    return (table.text("code"), *table.texts("aliases"))


@lru_cache(maxsize=32)
def _table(folder: Path) -> Table:
    return Table.read(folder / LANGUAGE_FILE)


@lru_cache(maxsize=32)
def _read(folder: Path) -> Locale:
    return read_locale(_table(folder), _rules(folder, _table(folder)), folder)


def _rules(folder: Path, table: Table) -> Rules:
    if folder.parent == paths.PACKAGE / "languages" and (folder / f"{RULES}.py").is_file():
        rules = import_module(f"harken.languages.{folder.name}.{RULES}").RULES
        assert isinstance(rules, Rules)
        return rules
    from harken.languages.plain import plain_rules  # English does not need it

    return plain_rules(table)
