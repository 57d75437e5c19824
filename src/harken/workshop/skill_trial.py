"""Tries a skill: what sentences mean, and how conversations go. Every line that goes wrong is named."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harken.dialogue.clock import LOCAL, later
from harken.dialogue.conversation import DialogueManager
from harken.events import Interpretation, Reply, When
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.skill_file import Skill, read_skill
from harken.workshop.skill_tests import TESTS_FILE, SentenceTest, SkillTests, TurnTest, examples_of, read_tests
from harken.workshop.skills import interpreter_of

OF_TESTS = f"sentences of {TESTS_FILE}"
_FLAGS = {True: ("true", "on", "yes", "y", "1"), False: ("false", "off", "no", "n", "0")}
"""Words that look like truth values and are text."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of a check."""

    ok: bool
    text: str
    line: int = 0
    """Of the file, from 1; 0 when it is about all of it."""


class SetClock:
    """A clock that stands still until it is moved.

    Args:
        start: the local time that it shows.
    """

    def __init__(self, start: dt.datetime):
        self._wall, self._steady = start.replace(tzinfo=LOCAL), 0.0

    def set(self, wall: dt.datetime) -> None:
        """Show another local time."""
        self._wall = wall.replace(tzinfo=LOCAL)

    def now(self) -> dt.datetime:
        """The time that it shows."""
        return self._wall

    def monotonic(self) -> float:
        """Seconds that have passed."""
        return self._steady

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._wall, self._steady = later(self._wall, seconds), self._steady + seconds


def try_skill(folder: Path) -> list[Finding]:
    """Build a skill if need be, and try its examples and its tests.yaml together with the skills that come with harken.

    Raises:
        SkillError: the skill or its tests cannot be read, or it has the name of a skill that comes with harken.
        BundleError: the interpreter of its language is missing.
    """
    skill = read_skill(folder)
    tests = read_tests(skill)
    skills = [*read_shipped_skills(skill.locale), skill]
    clock = SetClock(tests.now)
    reader = interpreter_of(skills, locale=skill.locale, today=lambda: clock.now().date())
    findings = try_sentences(reader, skill, examples_of(skill), what="examples")
    if tests.sentences:
        findings += try_sentences(reader, skill, tests.sentences, what=OF_TESTS, where=f"{TESTS_FILE} ")
    return findings + (_try_dialogues(reader, clock, tests) if tests.dialogues else [])


def try_sentences(
    reader: Interpreter, skill: Skill, tests: Sequence[SentenceTest], *, what: str, where: str = ""
) -> list[Finding]:
    """Read sentences and compare.

    Args:
        reader: the interpreter.
        skill: whose tests they are.
        tests: the sentences.
        what: what they are called in the last finding, which counts them.
        where: put before 'line N'.
    """
    wrong = []
    for test in tests:
        faults = list(differences(reader.understand(test.say), test.stated, skill.name))
        if faults:
            wrong.append(_wrong(test.line, where, f"'{test.say}' {'; '.join(faults)}"))
    right = len(tests) - len(wrong)
    summary = f"{right} of {len(tests)} {what} are understood correctly" if tests else f"no {what}"
    return [*wrong, Finding(ok=not wrong, text=summary)]


def _try_dialogues(reader: Interpreter, clock: SetClock, tests: SkillTests) -> list[Finding]:
    findings: list[Finding] = []
    right = 0
    for turns in tests.dialogues:
        clock.set(tests.now)
        manager = DialogueManager(reader.skills, reader, locale=reader.locale, clock=clock)
        wrong = list(_converse(manager, reader, clock, turns))
        findings += wrong
        right += not wrong
    return [*findings, Finding(ok=not findings, text=f"{right} of {len(tests.dialogues)} conversations go as written")]


def _converse(
    manager: DialogueManager, reader: Interpreter, clock: SetClock, turns: Sequence[TurnTest]
) -> Iterator[Finding]:
    """What goes wrong in a conversation."""
    for number, turn in enumerate(turns):
        clock.wait(turn.wait)
        rung = " ".join(reply.text for reply in manager.ring())
        before = manager.store.content()
        events = manager.process(reader.understand(turn.say, turn=number))
        reply = " ".join(event.text for event in events if isinstance(event, Reply))
        faults = list(_different_reply(turn, reply, rung))
        if turn.nothing and manager.store.content() != before:
            faults.append("something was changed")
        if faults:
            yield _wrong(turn.line, f"{TESTS_FILE} ", f"'{turn.say}': {'; '.join(faults)}; the reply was: {reply}")


def _different_reply(turn: TurnTest, reply: str, rung: str) -> Iterator[str]:
    if turn.reply and not _found(turn.reply, reply):
        yield f"the reply should contain {' or '.join(map(repr, turn.reply))}"
    if _found(turn.never, reply):
        yield f"the reply must not contain {' or '.join(map(repr, turn.never))}"
    if turn.rings and not _found(turn.rings, rung):
        yield f"{' or '.join(map(repr, turn.rings))} should have rung, but {rung!r} did"


def _found(patterns: Sequence[str], text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _wrong(line: int, where: str, text: str) -> Finding:
    return Finding(ok=False, line=line, text=f"{where}line {line}: {text}")


def differences(meant: Interpretation, stated: Mapping[str, Any], skill: str) -> Iterator[str]:
    """How a meaning differs from what is stated about it.

    Args:
        meant: the meaning.
        stated: "skill", "intent", "slots", "negated", "doubtful", "when", "unread", "then", "rejected"; any of them.
        skill: whose test it is.
    """
    owner = stated.get("skill", skill)
    understood = not meant.rejected or meant.refused
    came = f"is read as {_read_as(meant, skill)}"
    if "unread" in stated:
        left = " / ".join(words.text for words in meant.unread)
        if left != stated["unread"]:
            yield f"should leave '{stated['unread']}' unread, but " + (f"leaves '{left}'" if left else came)
    elif stated.get("rejected"):
        if understood and meant.skill == owner:
            yield f"should not be understood, but {came}"
    elif not understood or (meant.skill, meant.intent) != (owner, stated["intent"]):
        yield f"should be {_wanted(stated)}, but {came}"
    elif "slots" in stated and meant.values != stated["slots"]:
        yield f"should be {_wanted(stated)}, but {came}{hint(stated['slots'], meant.values)}"
    else:
        yield from _different_manner(meant, stated)


def hint(stated: Mapping[str, Any], read: Mapping[str, Any]) -> str:
    """What to look at where values differ only in their type (the number 5 and the text '5'); '' elsewhere."""
    alike = (
        name for name in stated if name in read and stated[name] != read[name] and _alike(stated[name], read[name])
    )
    told = [f"{name} is {_kind(read[name])} in the skill and {_kind(stated[name])} in the test" for name in alike]
    return f" ({', '.join(told)}; of unquoted words only true and false are truth values)" if told else ""


def _different_manner(meant: Interpretation, stated: Mapping[str, Any]) -> Iterator[str]:
    if meant.negated != stated.get("negated", False):
        yield f"should {'' if stated.get('negated') else 'not '}be read as denied"
    if "doubtful" in stated and meant.doubtful != stated["doubtful"]:
        yield f"should {'' if stated['doubtful'] else 'not '}be asked about first"
    wanted, when = stated.get("when"), meant.when
    if not _same_time(when, wanted):
        yield f"should be for {wanted or 'now'}, but is for {_time(when) if when else 'now'}"
    intents = [other.intent for other in meant.then]
    if intents != stated.get("then", []):
        yield f"should be followed by {stated.get('then') or 'nothing'}, but is followed by {intents or 'nothing'}"


def _same_time(when: When | None, wanted: Any) -> bool:
    if when is None or wanted is None:
        return when is wanted
    return (
        when.text == wanted if isinstance(wanted, str) else wanted.items() <= {**_time(when), "text": when.text}.items()
    )


def _time(when: When) -> dict[str, Any]:
    """The parts of a time that were named."""
    parts = {"seconds": when.seconds, "time": when.time, "date": when.date, "every": list(when.every)}
    return {name: part for name, part in parts.items() if part not in (None, "", [])}


def _wanted(stated: Mapping[str, Any]) -> str:
    name = f"{stated['skill']} {stated['intent']}" if "skill" in stated else str(stated["intent"])
    return f"{name} {stated['slots']}" if "slots" in stated else name


def _read_as(meant: Interpretation, skill: str) -> str:
    if meant.unread:
        left = " / ".join(words.text for words in meant.unread)
        return f"{meant.intent} beside '{left}', which nothing explains"
    if meant.rejected and not meant.refused:
        return "nothing: no sentence covers it"
    return f"{meant.intent if meant.skill == skill else f'{meant.skill} {meant.intent}'} {meant.values}"


def _alike(stated: Any, read: Any) -> bool:
    if isinstance(stated, bool) != isinstance(read, bool):
        flag, other = (stated, read) if isinstance(stated, bool) else (read, stated)
        return str(other).lower() in _FLAGS[flag]
    return type(stated) is not type(read) and str(stated) == str(read)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return f"{str(value).lower()} (a truth value)"
    if isinstance(value, int | float):
        return f"{value} (a number)"
    return f"{value!r} (text)" if isinstance(value, str) else f"{value!r}"
