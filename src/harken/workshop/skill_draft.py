"""A skill in the making, from the files of another assistant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Draft:
    """A skill in the making, as its skill.yaml will have it."""

    about: str
    lists: dict[str, Any] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    intents: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    """What could not be taken over, each once, in order."""
    language: str = "en"

    def note(self, text: str) -> None:
        """Remember what could not be taken over."""
        self.notes.setdefault(text)
