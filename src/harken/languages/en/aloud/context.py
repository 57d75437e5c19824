"""What stands around a written form: cues that several rules share."""

from __future__ import annotations

import re
from collections.abc import Callable
from re import Match

from harken.languages.locale import Reading, Rule

Say = Callable[[Match[str]], str | None]
"""A match to the words said for it; None when the rule does not apply after all."""

REACH = 40
"""Characters before a form that are looked at."""
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_OPENING = re.compile(
    r"\b(?:an?|the|this|that|one|each|every|another|any|my|your|his|her|its|our|their|new|old|small|big|large|single)\s+$",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(r"(?:\s|-)([a-z]+)\b")
_DIMENSION = re.compile(r"^\s(?:long|wide|high|tall|deep|thick|old|heavy)(?=\s[a-z])")
"""What may stand between a measure and its noun: 'a 2m tall man'."""
_NOT_NAMED = frozenset(
    "of in on at for to from by with and or is was were are be been will would has have had can could long wide "
    "high tall deep away per each every ago later after before more less than that which who whose where when "
    "while apart off over above below up down thick old heavy across into as if but so because long-lasting just "
    "only not too outside inside today tonight tomorrow now here there a an the this these those he she it we "
    "they i you my your his her its our their until till since during".split()
)
_THINGS = frozenset(
    "battery bulb charger supply outlet bill note coin deal fine budget investment loan bag bottle can screen "
    "monitor display fence wall rope ladder cable run race walk hike swim dash sprint drive disk card stick lens "
    "flight delay merger acquisition angle zone pause break warning limit radius diet apartment house plan contract "
    "sentence gift voucher check cheque ticket fee prize award fund bond tip lottery".split()
)
"""What is often measured by the word before it: '12V battery'."""


def before(match: Match[str]) -> str:
    """The characters before a match, as many as matter."""
    return match.string[max(0, match.start() - REACH) : match.start()]


def behind(match: Match[str]) -> str:
    """The characters behind it."""
    return match.string[match.end() : match.end() + REACH]


def describes(match: Match[str]) -> bool:
    """Whether a measure belongs to the noun behind it and is said in the singular: 'a 10m passageway'."""
    noun = _FOLLOWS.match(_DIMENSION.sub("", behind(match)))
    if noun is None or noun[1] in _NOT_NAMED:
        return False
    return noun[1] in _THINGS or bool(_OPENING.search(before(match)))


def full_stop(match: Match[str]) -> str:
    """' .' when the full stop of a short form also ends the text."""
    return " ." if match[0].endswith(".") and not behind(match).strip(" \"')]") else ""


def letters(text: str) -> str:
    """A word letter by letter: 'js' -> 'J S'."""
    return " ".join(text.upper())


def rules(*pairs: tuple[str, Say], ignoring_case: bool = True) -> Rule:
    """One rule of several patterns, of which the first that applies decides.

    Args:
        pairs: pattern, and the function from its match to words.
        ignoring_case: whether capitals match small letters.
    """
    compiled = [(re.compile(pattern, re.IGNORECASE if ignoring_case else 0), say) for pattern, say in pairs]

    def read(text: str, place: int) -> Reading | None:
        for pattern, say in compiled:
            match = pattern.match(text, place)
            words = say(match) if match else None
            if match and words is not None:
                return Reading(words, match.end())
        return None

    return read
