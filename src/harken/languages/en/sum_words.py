"""The words of arithmetic: signs, functions and whole sentences ('subtract five from eight')."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from harken.languages.en.dates import ORDINALS
from harken.languages.en.number_words import NUMBER_WORDS
from harken.languages.en.units import UNIT_WORDS

Phrases: TypeAlias = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
"""First word -> (phrase, meaning), longest first."""
_Build: TypeAlias = Callable[..., Any]


def _phrases(table: Mapping[str, str]) -> Phrases:
    """'|' divides the phrases of a meaning."""
    by_word: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for meaning, ways in table.items():
        for way in ways.split("|"):
            phrase = tuple(way.split())
            by_word.setdefault(phrase[0], []).append((phrase, meaning))
    return {word: tuple(sorted(found, key=lambda entry: -len(entry[0]))) for word, found in by_word.items()}


PERCENT = ("percent",)
ADDING = _phrases({"add": "plus|added to|add|and", "subtract": "minus|take away|less|subtract|take"})
"""'and' adds only where it is not part of a number: 'two and two'."""
MULTIPLYING = _phrases({
    "multiply": "times|multiplied by|x|multiply by|lots of|groups of|sets of",
    "divide": "divided by|over|divide by|shared by|shared between|shared among|split by|split between",
    "modulo": "modulo|mod|modulus|percent",
})  # fmt: skip
"""'10 % 3' is read as 'ten percent three'."""
POWER = _phrases({"power": "to the power of|to the power|to the|raised to the power of|raised to the|raised to"})
_PERCENTS = "percent tax|percent tip|percent sales tax|percent vat|percent interest|percent discount"
AFTER = _phrases(
    {"squared": "squared", "cubed": "cubed", "factorial": "factorial", "percent": "percent|per cent|" + _PERCENTS}
)
BEFORE = _phrases({
    "root 2": "square root of|root of|square root|sqrt of|sqrt", "root 3": "cube root of|cubic root of|third root of",
    "root 4": "fourth root of", "root 5": "fifth root of", "power 2": "square of", "power 3": "cube of",
    "factorial": "factorial of", "abs": "absolute value of", "half": "half of|half", "multiply 2": "twice|double",
    "multiply 3": "triple|thrice",
})  # fmt: skip
LISTS = _phrases({
    "add": "sum of|total of|add up|add together", "multiply": "product of",
    "subtract": "difference between|difference of",
    "divide": "quotient of|ratio of", "average": "average of|mean of|arithmetic mean of", "median": "median of",
    "max": "maximum of|max of|largest of|biggest of|greatest of|highest of|larger of|bigger of|greater of",
    "min": "minimum of|min of|smallest of|lowest of|smaller of|lower of|lesser of",
    "gcd": "greatest common divisor of|greatest common factor of|highest common factor of|gcd of|g c d of",
    "lcm": "least common multiple of|lowest common multiple of|lcm of|l c m of",
})  # fmt: skip
BETWEEN = _phrases({
    "subtract": "less than|fewer than|smaller than|off of|off", "add": "more than|greater than",
    "share": "as a percentage of|as percent of|as a percent of|is what percent of|is what percentage of|out of",
})  # fmt: skip
OPEN = _phrases(
    {"(": "open bracket|open brackets|open parenthesis|open parentheses|open paren|left parenthesis|bracket"}
)
CLOSE = _phrases({")": "close bracket|close brackets|close parenthesis|close parentheses|close paren|closed bracket|"
                       "right parenthesis|bracket"})  # fmt: skip
RESULT = _phrases({"last": "that|it|this|itself|the result|the answer|the last result|the last answer|the total"})


def _pairs(sign: str, swap: bool = False) -> _Build:
    return lambda left, right: [sign, right, left] if swap else [sign, left, right]


_FRAMES: Mapping[str, _Build] = {
    "add P to N": _pairs("percent_more", swap=True), "add N to N": _pairs("add", swap=True),
    "add N and N": _pairs("add"),
    "add N": lambda total: total if isinstance(total, list) and total[0] == "add" else None,
    "subtract P from N": _pairs("percent_less", swap=True), "take P from N": _pairs("percent_less", swap=True),
    "take P off N": _pairs("percent_less", swap=True), "take P off of N": _pairs("percent_less", swap=True),
    "subtract N from N": _pairs("subtract", swap=True), "take N from N": _pairs("subtract", swap=True),
    "take N away from N": _pairs("subtract", swap=True), "deduct N from N": _pairs("subtract", swap=True),
    "take away N from N": _pairs("subtract", swap=True), "subtract N by N": _pairs("subtract"),
    "multiply N by N": _pairs("multiply"), "multiply N and N": _pairs("multiply"),
    "multiply N with N": _pairs("multiply"),
    "multiply N by N by N": lambda one, two, three: ["multiply", ["multiply", one, two], three],
    "times N by N": _pairs("multiply"), "divide N by N": _pairs("divide"), "divide N between N": _pairs("divide"),
    "have N and take away N": _pairs("subtract"), "have N and take N away": _pairs("subtract"),
    "had N and took away N": _pairs("subtract"), "have N and get N more": _pairs("add"),
    "have N and add N": _pairs("add"), "have N and lose N": _pairs("subtract"),
    "share N by N": _pairs("divide"), "share N between N": _pairs("divide"), "share N among N": _pairs("divide"),
    "share N between N people": _pairs("divide"), "share N among N people": _pairs("divide"),
    "N shared between N people": _pairs("divide"), "N shared among N people": _pairs("divide"),
    "N divided into N parts": _pairs("divide"), "divide N into N parts": _pairs("divide"),
    "N into N": _pairs("divide", swap=True), "N goes into N how many times": _pairs("divide", swap=True),
    "how many times N goes into N": _pairs("divide", swap=True),
    "divide N among N": _pairs("divide"), "divide N in half": lambda one: ["divide", one, 2],
    "split N between N": _pairs("divide"), "split N by N": _pairs("divide"), "split N among N": _pairs("divide"),
    "split N N ways": _pairs("divide"), "split N between N people": _pairs("divide"),
    "N split N ways": _pairs("divide"),
    "split N among N people": _pairs("divide"), "N split between N people": _pairs("divide"),
    "N divided between N people": _pairs("divide"), "N divided among N people": _pairs("divide"),
    "increase N by P": _pairs("percent_more"), "raise N by P": _pairs("percent_more"),
    "decrease N by P": _pairs("percent_less"), "reduce N by P": _pairs("percent_less"),
    "lower N by P": _pairs("percent_less"), "discount N by P": _pairs("percent_less"),
    "N increased by P": _pairs("percent_more"), "N decreased by P": _pairs("percent_less"),
    "N reduced by P": _pairs("percent_less"), "N discounted by P": _pairs("percent_less"),
    "N with P off": _pairs("percent_less"), "N with P discount": _pairs("percent_less"),
    "increase N by N": _pairs("add"), "decrease N by N": _pairs("subtract"), "reduce N by N": _pairs("subtract"),
    "raise N to the power of N": _pairs("power"), "N to the power of N": _pairs("power"),
    "square N": lambda one: ["power", one, 2], "cube N": lambda one: ["power", one, 3],
    "halve N": lambda one: ["divide", one, 2], "double N": lambda one: ["multiply", one, 2],
    "triple N": lambda one: ["multiply", one, 3], "negate N": lambda one: ["negate", one],
    "round N to D": _pairs("round"), "N rounded to D": _pairs("round"), "round N": lambda one: ["round", one, 0],
    "N rounded": lambda one: ["round", one, 0], "round up N": lambda one: ["ceiling", one],
    "round N up": lambda one: ["ceiling", one], "round down N": lambda one: ["floor", one],
    "round N down": lambda one: ["floor", one], "N rounded up": lambda one: ["ceiling", one],
    "N rounded down": lambda one: ["floor", one],
    "remainder of N divided by N": _pairs("modulo"), "the remainder of N divided by N": _pairs("modulo"),
    "remainder of N over N": _pairs("modulo"), "remainder when N is divided by N": _pairs("modulo"),
    "the remainder when N is divided by N": _pairs("modulo"), "remainder when dividing N by N": _pairs("modulo"),
    "the remainder when dividing N by N": _pairs("modulo"), "the remainder when you divide N by N": _pairs("modulo"),
    "what percent of N is N": _pairs("share", swap=True), "what percentage of N is N": _pairs("share", swap=True),
    "percent of N is N": _pairs("share", swap=True), "percentage of N is N": _pairs("share", swap=True),
    "what percent is N of N": _pairs("share"), "what percentage is N of N": _pairs("share"),
    "percent is N of N": _pairs("share"), "percentage is N of N": _pairs("share"), "N of N in percent": _pairs("share"),
    "how many percent is N of N": _pairs("share"), "how many percent of N is N": _pairs("share", swap=True),
    "N of N as a percentage": _pairs("share"), "N is what percent of N": _pairs("share"),
    "N is what percentage of N": _pairs("share"),
    "N out of N as a percentage": _pairs("share"), "N out of N in percent": _pairs("share"),
    "N as a percentage": lambda one: ["share", one, 1], "N as a percent": lambda one: ["share", one, 1],
    "N in percent": lambda one: ["share", one, 1], "N as a decimal": lambda one: ["same", one],
    "how many times does N go into N": _pairs("divide", swap=True),
    "how often does N go into N": _pairs("divide", swap=True),
    "P of N": _pairs("percent_of"), "a P tip on N": _pairs("percent_of"), "a P tip for N": _pairs("percent_of"),
    "an P tip on N": _pairs("percent_of"), "an P tip for N": _pairs("percent_of"),
    "the P tip on N": _pairs("percent_of"), "tip of P on N": _pairs("percent_of"),
    "a tip of P on N": _pairs("percent_of"), "a P tip on a N bill": _pairs("percent_of"),
    "P tip on a N bill": _pairs("percent_of"), "P of a N bill": _pairs("percent_of"),
    "a P discount on N": _pairs("percent_less"), "P discount on N": _pairs("percent_less"),
    "the tip on N at P": _pairs("percent_of", swap=True), "P off a N item": _pairs("percent_less", swap=True),
}  # fmt: skip
"""Whole sentences: N is a sum, P a percentage, D says how to round. The first that fits is taken."""


class Frame(NamedTuple):
    """A whole sentence."""

    parts: tuple[str, ...]
    words: frozenset[str]
    """Those of its parts that stand for themselves."""
    build: _Build
    """Its operands -> the tree; None when they do not fit."""


def _by_first_word() -> Mapping[str, tuple[Frame, ...]]:
    frames: dict[str, list[Frame]] = {}
    for text, build in _FRAMES.items():
        parts = tuple(text.split())
        frame = Frame(parts, frozenset(parts) - {"N", "P", "D"}, build)
        frames.setdefault(parts[0] if parts[0] in frame.words else "", []).append(frame)
    return {word: tuple(found) for word, found in frames.items()}


FRAMES = _by_first_word()
"""First word ('' for an operand) -> frames."""
_ALL = (ADDING, MULTIPLYING, POWER, AFTER, BEFORE, LISTS, BETWEEN, OPEN, CLOSE, RESULT)
VOCABULARY = (
    NUMBER_WORDS | UNIT_WORDS
    | {"an", "couple", "pi", "the", "of", "comma", "negative", "minus", "tip", "on", "for", "off"}
    | {word for phrases in _ALL for found in phrases.values() for phrase, _ in found for word in phrase}
    | {word for text in _FRAMES for word in text.split()} - {"N", "P", "D"}
    | {word for ordinal in ORDINALS for word in ordinal}
    | {"nearest", "whole", "integer", "number", "decimal", "decimals", "place", "places", "digits", "power"}
    | {"tenth", "hundredth", "thousandth"}
)  # fmt: skip
"""Every word that a sum can have."""
