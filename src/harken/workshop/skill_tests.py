"""A skill's own tests, `tests.yaml` in its folder: what sentences mean, and how conversations go.

    now: 2026-11-26T10:25                     # local time at the beginning of each conversation; this is the default
    sentences:
      - {say: "feed the cat", intent: feed, slots: {pet: cat}}
      - {say: "don't feed the cat", intent: feed, negated: true}
      - {say: "feed the cat in ten minutes", intent: feed, when: {seconds: 600}}
      - {say: "what a nice cat", rejected: true}
      - {say: "give my kitty her dinner", intent: feed, exact: false}
    dialogues:
      - - {say: "i fed a pet", reply: "which pet"}
        - {say: "the dog", reply: ["noted", "the dog was fed"], never: "cat"}
        - {say: "is the dog hungry", wait: 120, reply: "2 minutes", nothing: true}

Only what a sentence states is compared. `reply` is a regular expression that the reply must contain (of several, one
must be found), `never` one that it must not contain; case is ignored. `wait` lets so many seconds pass before the turn,
`rings` must be said meanwhile; with `nothing: true`, nothing that is kept may change.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harken.errors import nearest
from harken.nlu.skill_file import Skill
from harken.nlu.skill_yaml import Located, read_located

TESTS_FILE = "tests.yaml"
NOW = dt.datetime(2026, 11, 26, 10, 25)
"""When conversations begin unless the file says otherwise."""
_STATED = ("skill", "intent", "slots", "negated", "doubtful", "when", "unread", "then", "rejected")
_TURN = ("say", "reply", "never", "nothing", "wait", "rings")
_WHEN = ("text", "seconds", "time", "date", "every")


@dataclass(frozen=True, kw_only=True)
class SentenceTest:
    """A sentence and what is stated about its meaning."""

    line: int
    say: str
    stated: Mapping[str, Any]
    exact: bool = True
    """Whether the skill's sentences alone must cover it; otherwise only the trained skill is asked."""


@dataclass(frozen=True, kw_only=True)
class TurnTest:
    """A turn of a conversation and what must and must not follow."""

    line: int
    say: str
    reply: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    rings: tuple[str, ...] = ()
    nothing: bool = False
    wait: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SkillTests:
    """What a tests.yaml contains."""

    now: dt.datetime = NOW
    sentences: tuple[SentenceTest, ...] = ()
    dialogues: tuple[tuple[TurnTest, ...], ...] = field(default=())


def examples_of(skill: Skill) -> tuple[SentenceTest, ...]:
    """The examples of a skill.yaml as tests."""
    return tuple(
        SentenceTest(line=example.place.line, say=example.text,
                     stated={"intent": example.intent, "slots": dict(example.slots)})
        for example in skill.examples
    )  # fmt: skip


def read_tests(skill: Skill, file: Path | None = None) -> SkillTests:
    """The tests in the folder of a skill; none when it has no such file.

    Args:
        skill: whose tests they are.
        file: another file than its tests.yaml.

    Raises:
        SkillError: the file is wrong; with line and column.
    """
    path = file or skill.folder / TESTS_FILE
    if not path.is_file():
        return SkillTests()
    top = read_located(path).entries("a file of tests", ("now", "sentences", "dialogues"))
    sentences = top["sentences"][1].items("sentences") if "sentences" in top else []
    dialogues = top["dialogues"][1].items("dialogues") if "dialogues" in top else []
    return SkillTests(
        now=_moment(top["now"][1]) if "now" in top else NOW,
        sentences=tuple(_sentence(item, skill) for item in sentences),
        dialogues=tuple(tuple(_turn(turn) for turn in item.items("a conversation")) for item in dialogues),
    )


def _sentence(node: Located, skill: Skill) -> SentenceTest:
    fields = node.entries("a sentence under test", ("say", "exact", *_STATED))
    say = _said(node, fields)
    stated = {name: value.plain() for name, (_, value) in fields.items() if name in _STATED}
    for name in ("negated", "doubtful", "rejected"):
        if name in fields:
            fields[name][1].flag(name)
    if "slots" in fields:
        fields["slots"][1].entries("slots")
    if "when" in fields and fields["when"][1].is_mapping:
        fields["when"][1].entries("when", _WHEN)
    elif "when" in fields:
        stated["when"] = fields["when"][1].text("when")
    if "then" in fields:
        stated["then"] = [item.text("an intent") for item in fields["then"][1].items("then")]
    if "intent" in stated and stated.get("skill", skill.name) == skill.name and stated["intent"] not in skill.intents:
        raise fields["intent"][1].error(
            f"there is no intent '{stated['intent']}'; {nearest(str(stated['intent']), skill.intents)}"
        )
    if not {"intent", "rejected", "unread"} & stated.keys():
        raise node.error(f"what should '{say}' mean? Add 'intent', 'unread' or 'rejected: true'")
    exact = fields["exact"][1].flag("exact") if "exact" in fields else stated.get("skill", skill.name) == skill.name
    return SentenceTest(line=node.line, say=say, stated=stated, exact=exact)


def _turn(node: Located) -> TurnTest:
    fields = node.entries("a turn", _TURN)
    return TurnTest(
        line=node.line, say=_said(node, fields), reply=_patterns(fields, "reply"), never=_patterns(fields, "never"),
        rings=_patterns(fields, "rings"), nothing="nothing" in fields and fields["nothing"][1].flag("nothing"),
        wait=_seconds(fields["wait"][1]) if "wait" in fields else 0.0,
    )  # fmt: skip


def _said(node: Located, fields: Mapping[str, tuple[Located, Located]]) -> str:
    if "say" not in fields:
        raise node.error("'say' (what is typed) is missing; add it")
    return fields["say"][1].sentence("what is said")


def _patterns(fields: Mapping[str, tuple[Located, Located]], name: str) -> tuple[str, ...]:
    patterns = []
    for item in fields[name][1].items(name) if name in fields else ():
        pattern = item.sentence("the pattern")
        try:
            re.compile(pattern)
        except re.error as error:
            raise item.error(f"'{pattern}' is not a regular expression: {error}") from error
        patterns.append(pattern)
    return tuple(patterns)


def _seconds(node: Located) -> float:
    value = node.plain()
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise node.error(f"'wait' must be a number of seconds, got {value!r}")
    return float(value)


def _moment(node: Located) -> dt.datetime:
    text = node.text("now")
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise node.error(f"'{text}' is not a date and time such as 2026-11-26T10:25") from None
