"""A reader that understands what a test tells it, and made-up skills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harken.events import Interpretation, Slot


@dataclass(frozen=True)
class Intent:
    required: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    responses: tuple[str, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    acts: bool = True
    follows: tuple[str, ...] = ()
    each: bool = False

    def confirm(self, slots: Mapping[str, object]) -> str:
        return self.question


@dataclass(frozen=True)
class Skill:
    name: str
    intents: Mapping[str, Intent]
    about: str = ""
    code: Path | None = None
    replies: Mapping[str, str] = field(default_factory=dict)


def slot(name: str, text: str) -> Slot:
    """A slot whose value is its text in capitals."""
    return Slot(name=name, text=text, value=text.upper(), first=0, last=1, score=1.0)


def heard(text: str, skill: str = "", intent: str = "", *, exact: bool = True, **more: Any) -> Interpretation:
    """A sentence as it was understood; fields of `Interpretation` by name, all others are slots (name = words)."""
    known = {name: more.pop(name) for name in list(more) if name in Interpretation.__dataclass_fields__}
    return Interpretation(**{
        "turn": 0, "text": text, "skill": skill, "intent": intent, "score": 1.0, "rejected": not skill,
        "exact": exact and bool(skill), "slots": tuple(slot(name, str(words)) for name, words in more.items()), **known,
    })  # fmt: skip


class ScriptedReader:
    """Understands what it is told.

    Args:
        answers: sentence -> the slots that it gives as an answer.
        follow_ups: sentence -> what it means as a follow-up.
    """

    def __init__(
        self, answers: Mapping[str, Mapping[str, str]] | None = None,
        follow_ups: Mapping[str, Interpretation] | None = None,
    ):  # fmt: skip
        self.answers, self.follow_ups = dict(answers or {}), dict(follow_ups or {})
        self.additions: dict[tuple[str, str], tuple[Interpretation, ...]] = {}
        """(earlier sentence, fragment) -> the requests that it adds."""
        self.names: dict[str, Interpretation] = {}
        """An earlier sentence with another name in it -> what it means."""
        self.asked: list[tuple[str, str, str]] = []

    def answer(
        self, skill: str, intent: str, ask: str, heard: Interpretation, known: Mapping[str, Any] | None = None
    ) -> tuple[Slot, ...]:
        self.asked.append((skill, intent, ask))
        return tuple(slot(name, words) for name, words in self.answers.get(heard.text, {}).items())

    def follow_up(
        self, skill: str, intent: str, heard: Interpretation, *, closed: bool = False
    ) -> Interpretation | None:
        self.asked.append((skill, intent, ""))
        return self.follow_ups.get(heard.text)

    def continued(self, before: str, heard: Interpretation) -> tuple[Interpretation, ...]:
        return self.additions.get((before, heard.text), ())

    def instead(self, before: str, first: int, last: int, heard: Interpretation) -> Interpretation | None:
        return self.names.get(" ".join([*before.split()[:first], heard.text, *before.split()[last:]]))

    def phrase(self, skill: str, intent: str, slots: Mapping[str, Any]) -> str:
        return " ".join([intent, *(str(value).lower() for value in slots.values())])
