"""Answers that mend themselves ('at eight, no, nine'), and those that name more than was asked for ('my tablets at nine
every night', of what to be reminded of)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from harken.events import Slot
from harken.languages.locale import Locale, Today
from harken.nlu.lists import Span
from harken.nlu.phrasing import phrase
from harken.nlu.repairs import REPAIRS, REPAIRS_APART
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Skill
from harken.nlu.stretch import Part, Parts

Values: TypeAlias = Callable[[Sentence], tuple[Slot, ...]]
"""Words -> the values that they give when all of them are explained; none otherwise."""
Whole: TypeAlias = Callable[[str, int, int], Span | None]
"""(list, first, last) -> what the words [first, last) of the answer are in that list."""


def mended(sentence: Sentence, values: Values, locale: Locale, today: Today = dt.date.today) -> tuple[Slot, ...]:
    """The values of an answer of which the end takes the place of something before it: of 'tomorrow at eight no nine'
    the day and the second time; none when nothing is mended."""
    words = locale.understanding.words
    phrases = {tuple(said.split()) for name in (REPAIRS, REPAIRS_APART) for said in words.get(name, ())}
    for place in range(len(sentence) - 2, 0, -1):
        for mark in sorted(phrases, key=len, reverse=True):
            end = place + len(mark)
            if sentence.words[place:end] != mark or end >= len(sentence):
                continue
            before, after = sentence.part(0, place), sentence.part(end, len(sentence))
            meant = values(after) or values(after.join(before.part(place - 1, place)))  # 'ten minutes no twelve'
            kept, names = values(before), {slot.name for slot in meant}
            is_number = locale.understanding.read_value("number", before.words, today) is not None
            if meant and (is_number or names & {slot.name for slot in kept}):
                return (*(slot for slot in kept if slot.name not in names), *meant)
    return ()


def in_command(
    skill: Skill, intent: str, ask: str, sentence: Sentence, known: Mapping[str, Any],
    read: Callable[[Sentence], Parts], whole: Whole,
) -> dict[str, Span]:  # fmt: skip
    """The free text that an answer gives, and further values that it names, as the plain command with it would be read;
    none when it names nothing else.

    Args:
        skill: the skill.
        intent, ask: its request, and the slot of free text that is asked for.
        sentence: the answer.
        known: the values that the request has.
        read: reads the command.
        whole: looks words of the answer up.
    """
    intent = _by_itself(skill, intent, ask)
    slots = {**_constants(skill, intent), **known, ask: " ".join(sentence.words)}
    said = Sentence.read(phrase(skill, intent, slots), skill.locale).words
    size = len(sentence)
    begin = next((i for i in range(len(said) - size + 1) if said[i : i + size] == sentence.words), 0)
    starts = (begin, begin - 1) if begin > 1 else ()  # 'remind me to | call anna', 'remind me | at five call anna'
    for start in starts:
        parts = read(Sentence.of((*said[:start], *said[begin:])))
        if len(parts) != 1 or not _is_of(parts[0], intent):
            continue
        inside = {
            slot: replace(span, first=span.first - start, last=span.last - start)
            for slot, span in parts[0].match.slots if start <= span.first and span.last <= start + size
        }  # fmt: skip
        asked = inside.pop(ask, None)
        text = None if asked is None else whole(str(skill.intents[intent].slots[ask]), asked.first, asked.last)
        if text and inside and not any(span.free for span in inside.values()) and known.keys().isdisjoint(inside):
            return {ask: text, **inside}
    return {}


def _by_itself(skill: Skill, intent: str, ask: str) -> str:
    """For a request that is only understood after another one, one that says the same by itself."""
    own = skill.intents[intent]
    alike = (
        name for name, other in skill.intents.items()
        if not other.follows and ask in other.required and other.slots[ask] == own.slots[ask]
    )  # fmt: skip
    return next(alike, intent) if own.follows else intent


def _constants(skill: Skill, intent: str) -> Mapping[str, Any]:
    """The fixed values of the first sentence of a request."""
    return next((template.constants for template in skill.intents[intent].templates), {})


def _is_of(part: Part, intent: str) -> bool:
    """Whether all words are a plain request of this kind."""
    match = part.match
    whole: Collection[object] = (match.gap, part.rest, part.when)
    return match.intent == intent and not part.negated and not any(whole)
