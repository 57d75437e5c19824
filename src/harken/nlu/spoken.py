"""How values of the built-in types are said: trees for the recogniser, for matching in full and for sampling."""

from __future__ import annotations

from functools import cache

from harken.nlu.expressions import choice, parse_template, sequence, spoken_words
from harken.nlu.values import MONTHS, ORDINALS, WEEKDAYS
from harken.text.grammar import Choice, Grammar, ListRef, Node, Sequence, Words
from harken.text.numbers import spell_number


@cache
def spoken_number(number: int) -> tuple[str, ...]:
    """A whole number in words."""
    return spoken_words(spell_number(number))


@cache
def spoken_type(kind: str) -> Grammar:
    """The usual ways to say a 'number', 'duration', 'time' or 'date'. List names begin with the type and '_'."""
    makers = {"number": _number, "duration": _duration, "time": _time, "date": _date}
    return makers[kind]()


def _filled(templates: dict[str, float], parts: dict[str, Node]) -> Node:
    """A weighted choice of templates in which {part} stands for a tree."""
    options = tuple(_replace(parse_template(text), parts) for text in templates)
    return Choice(options, tuple(templates.values()))


def _replace(node: Node, parts: dict[str, Node]) -> Node:
    if isinstance(node, ListRef):
        return parts.get(node.list, node)
    if isinstance(node, Sequence):
        return sequence([_replace(part, parts) for part in node.parts])
    if isinstance(node, Choice):
        return choice([_replace(option, parts) for option in node.options])
    return node


def _counts(first: int, last: int, step: int = 1) -> tuple[tuple[str, ...], ...]:
    return tuple(spoken_number(number) for number in range(first, last + 1, step))


def _number() -> Grammar:
    lists = {
        "number_small": _counts(0, 99), "number_digit": _counts(0, 9), "number_tens": _counts(10, 99),
        "number_ones": _counts(1, 9), "number_positive": _counts(1, 99),
    }  # fmt: skip
    hundreds: Node = parse_template("({number_ones}|a) hundred [[and] {number_positive}]")
    root = _filled(
        {
            "{number_small}": 8, "{hundreds}": 2, "{number_positive} thousand [{hundreds}]": 1,
            "a thousand": 0.2, "{number_small} point {number_digit} [{number_digit}]": 1,
            "{number_positive} and a half": 0.5, "(minus|negative) {number_positive}": 0.3,
            "{number_ones} hundred thousand": 0.1, "({number_positive}|a) million": 0.2,
        },
        {"hundreds": hundreds},
    )  # fmt: skip
    return Grammar(root, lists)


def _duration() -> Grammar:
    lists = {"duration_count": _counts(2, 99), "duration_below": _counts(1, 59)}
    root = _filled(
        {
            "{duration_count} (minutes|seconds|hours|days|weeks)": 8,
            "(one|a) (minute|second|day|week)": 1, "(one|an) hour": 1, "half an hour": 1, "half a minute": 0.3,
            "[a] quarter of an hour": 0.3, "three quarters of an hour": 0.3,
            "an hour and a half": 1, "(a|one) minute and a half": 0.5, "one and a half (minutes|hours)": 0.5,
            "{duration_count} and a half (minutes|hours)": 0.5,
            "(one|an) hour [and] {duration_below} minutes": 1,
            "{duration_count} hours [and] {duration_below} minutes": 1,
            "(one|a) minute [and] {duration_below} seconds": 0.7,
            "{duration_count} minutes [and] {duration_below} seconds": 1,
            "a couple [of] (minutes|hours)": 0.2, "one hundred [and] {duration_below} (minutes|seconds)": 0.2,
        },
        {},
    )  # fmt: skip
    return Grammar(root, lists)


def _time() -> Grammar:
    lists = {
        "time_hour": _counts(1, 12), "time_minute": _counts(10, 59), "time_low": _counts(1, 9),
        "time_past": _counts(1, 29), "time_day_hour": _counts(13, 23),
    }  # fmt: skip
    half = parse_template("[(a m|p m|in the (morning|afternoon|evening)|at night)]")
    root = _filled(
        {
            "{time_hour} {half}": 4, "{time_hour} o'clock {half}": 1, "{time_hour} {time_minute} {half}": 4,
            "{time_hour} oh {time_low} {half}": 0.5, "half past {time_hour} {half}": 1,
            "[a] quarter (past|to) {time_hour} {half}": 1,
            "{time_past} [minutes] (past|to) {time_hour} {half}": 0.7,
            "{time_day_hour} {time_minute}": 0.4, "(noon|midnight)": 0.5,
        },
        {"half": half},
    )  # fmt: skip
    return Grammar(root, lists)


def _date() -> Grammar:
    lists = {
        "date_weekday": tuple((day,) for day in WEEKDAYS), "date_month": tuple((month,) for month in MONTHS),
        "date_ordinal": tuple(ORDINALS), "date_count": _counts(2, 31),
    }  # fmt: skip
    root = _filled(
        {
            "today": 2, "tomorrow": 3, "the day after tomorrow": 0.5, "[on] {date_weekday}": 3,
            "(next|this) {date_weekday}": 1.5, "[on] {date_month} [the] {date_ordinal}": 1.5,
            "[on] the {date_ordinal} of {date_month}": 1.5, "in {date_count} (days|weeks)": 0.5,
        },
        {},
    )  # fmt: skip
    return Grammar(root, lists)


def as_words(text: str) -> Words:
    """Literal text as a node."""
    return Words(spoken_words(text))
