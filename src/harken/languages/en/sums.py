"""Arithmetic in words -> a tree: 'two plus three times four' -> ["add", 2, ["multiply", 3, 4]].

A tree is a number, or a list of an operation and its operands. The operations are those of
`harken.dialogue.skills.calculator.arithmetic`; `["quantity", 3.5, "USD"]` is an amount with a unit and `["last"]` the
last result. Multiplication binds closer than addition, powers closer still, and 'square root of', 'half of' and
'20 percent of' take what follows immediately.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harken.languages.en.amounts import CENTS, plain, read_money, read_quantity
from harken.languages.en.dates import ORDINALS
from harken.languages.en.number_words import NUMBER_WORDS, parse_exact
from harken.languages.en.sum_words import (
    ADDING,
    AFTER,
    BEFORE,
    BETWEEN,
    CLOSE,
    FRAMES,
    LISTS,
    MULTIPLYING,
    OPEN,
    PERCENT,
    POWER,
    RESULT,
    VOCABULARY,
    Phrases,
)  # fmt: skip
from harken.languages.en.units import LONGEST_UNIT, UNIT_WORDS

Tree = int | float | list[Any]
_LONGEST_NUMBER, _LONGEST_QUANTITY, _MOST_PLACES = 14, 10, 12
_PLACES = ("decimal places", "decimal place", "decimals", "places", "digits", "decimal")
_ROUND_TO = {"whole": 0, "integer": 0, "ten": -1, "hundred": -2, "thousand": -3, "tenth": 1, "hundredth": 2,
             "million": -6, "thousandth": 3}  # fmt: skip


def read_expression(words: Sequence[str]) -> Tree | None:
    """The tree of a sum that is complete; None for other words, and for a number or a quantity alone."""
    words = tuple(words[:-1] if words[-1:] and words[-1] in ("equals", "equal") else words)
    if len(words) < 2 or not VOCABULARY.issuperset(words) or read_quantity(words) is not None:
        return None  # nobody wants 'half an hour' worked out
    tree = _Chart(words, result=False).whole()
    return tree if isinstance(tree, list) and not _is_leaf(tree) else None


def read_continuation(words: Sequence[str]) -> Tree | None:
    """As `read_expression`, but of what goes on from the last result: 'plus five', 'divide that by three'."""
    while words and words[0] in ("and", "now", "then"):
        words = words[1:]
    if not words or not VOCABULARY.issuperset(words):
        return None
    said = tuple(words)
    attempts = [said, ("that", *said), (said[0], "that", *said[1:])]
    if said[-1] not in PERCENT:
        attempts.append((*said, "of", "that"))
    for attempt in attempts:
        tree = _Chart(attempt, result=True).whole()
        if isinstance(tree, list) and not _is_leaf(tree) and _mentions_last(tree):
            return tree
    return None


def _is_leaf(tree: list[Any]) -> bool:
    """Whether nothing is worked out: 'minus five percent'."""
    return tree[0] in ("quantity", "last", "fraction", "negate", "percent")


def _mentions_last(tree: Tree) -> bool:
    return isinstance(tree, list) and (tree == ["last"] or any(_mentions_last(part) for part in tree[1:]))


Found = dict[int, Any]
"""Where a part can end -> its tree; the first reading found for an end is kept."""


class _Chart:
    """All readings of the parts of a sentence, each found once.

    Args:
        words: the sentence.
        result: whether 'that' may stand for the last result.
    """

    def __init__(self, words: tuple[str, ...], *, result: bool):
        self.words, self._result = words, result
        self._known: dict[tuple[str, int], Found] = {}

    def whole(self) -> Tree | None:
        """The tree of all the words."""
        tree = self._total(0).get(len(self.words))
        return next(self._frames(), None) if tree is None else tree

    def _rule(self, name: str, place: int, found: Iterator[tuple[int, Tree]]) -> Found:
        key = name, place
        if key not in self._known:
            ends = self._known[key] = {}
            for end, tree in found:
                ends.setdefault(end, tree)
        return self._known[key]

    def _at(self, phrases: Phrases, place: int) -> Iterator[tuple[int, str]]:
        """Phrases that begin at a place, longest first: (where they end, what they mean)."""
        for phrase, meaning in phrases.get(self.words[place], ()) if place < len(self.words) else ():
            end = place + len(phrase)
            if self.words[place:end] == phrase:
                yield end, meaning

    # Sums and products

    def _total(self, place: int) -> Found:
        return self._rule("total", place, self._totals(place))

    def _totals(self, place: int) -> Iterator[tuple[int, Tree]]:
        sums = self._sum(place)
        yield from sums.items()
        for end, tree in sums.items():
            for after, meaning in self._at(BETWEEN, end):
                for last, other in self._sum(after).items():
                    yield last, _compared(meaning, tree, other)

    def _sum(self, place: int) -> Found:
        return self._rule("sum", place, self._chain(place, self._product, ADDING))

    def _product(self, place: int) -> Found:
        return self._rule("product", place, self._chain(place, self._signed, MULTIPLYING))

    def _chain(self, place: int, part: Any, signs: Phrases) -> Iterator[tuple[int, Tree]]:
        """Parts with signs between them, from left to right."""
        seen: Found = {}
        waiting = list(part(place).items())
        while waiting:
            end, tree = waiting.pop(0)
            if end in seen:
                continue
            seen[end] = tree
            yield end, tree
            for after, sign in self._at(signs, end):
                if after == end + 1 and sign == "modulo" and self.words[end] in PERCENT and not _is_number(tree):
                    continue
                joined = self.words[end : end + 1] == ("and",)
                for last, other in part(after).items():
                    if not joined or (_is_simple(tree) and _is_simple(other)):
                        waiting.append((last, _joined(sign, tree, other)))
            if signs is MULTIPLYING and any(True for _ in self._at(OPEN, end)):  # '2(3 + 4)'
                waiting += [(last, ["multiply", tree, other]) for last, other in self._signed(end).items()]

    def _signed(self, place: int) -> Found:
        return self._rule("signed", place, self._signs(place))

    def _signs(self, place: int) -> Iterator[tuple[int, Tree]]:
        yield from self._power(place).items()
        if self.words[place : place + 1] in (("minus",), ("negative",)):
            for end, tree in self._signed(place + 1).items():
                yield end, -tree if isinstance(tree, int | float) else ["negate", tree]

    def _power(self, place: int) -> Found:
        return self._rule("power", place, self._powers(place))

    def _powers(self, place: int) -> Iterator[tuple[int, Tree]]:
        waiting = list(self._basic(place).items())
        while waiting:
            end, tree = waiting.pop(0)
            yield end, tree
            waiting += [(after, _postfixed(meaning, tree)) for after, meaning in self._at(AFTER, end)]
            for after, _ in self._at(POWER, end):
                yield from ((last, ["power", tree, other]) for last, other in self._signed(after).items())
            if self.words[end : end + 2] == ("to", "the"):
                yield from ((last, ["power", tree, number]) for last, number in self._ordinal(end + 2))
                if self.words[end + 2 : end + 3] in (("minus",), ("negative",)):
                    yield from ((last, ["power", tree, other]) for last, other in self._signed(end + 2).items())

    def _ordinal(self, place: int) -> Iterator[tuple[int, int]]:
        """'tenth', 'tenth power'."""
        for size in (2, 1):
            number = ORDINALS.get(self.words[place : place + size])
            if number is not None:
                end = place + size
                yield end + (self.words[end : end + 1] == ("power",)), number

    # What stands by itself

    def _basic(self, place: int) -> Found:
        return self._rule("basic", place, self._basics(place))

    def _basics(self, place: int) -> Iterator[tuple[int, Tree]]:
        yield from self._functions(place)
        yield from self._quantities(place)
        yield from self._numbers(place)
        for after, _ in self._at(OPEN, place):
            for end, tree in self._total(after).items():
                yield from ((last, tree) for last, _ in self._at(CLOSE, end))
                if end == len(self.words):
                    yield end, tree
        if self._result:
            yield from ((end, ["last"]) for end, _ in self._at(RESULT, place))
        if self.words[place : place + 1] == ("pi",):
            yield place + 1, 3.141592653589793

    def _numbers(self, place: int) -> Iterator[tuple[int, Tree]]:
        for end in self._ends(place, NUMBER_WORDS, _LONGEST_NUMBER):
            number = parse_exact(self.words[place:end])
            if number is not None:
                whole = float(number) == round(float(number), 9) or number.denominator == 1
                yield end, plain(number) if whole else ["fraction", number.numerator, number.denominator]

    def _quantities(self, place: int) -> Iterator[tuple[int, Tree]]:
        for end in self._ends(place, NUMBER_WORDS | UNIT_WORDS | {"an", "couple"}, _LONGEST_QUANTITY + LONGEST_UNIT):
            value = read_quantity(self.words[place:end]) if UNIT_WORDS.intersection(self.words[place:end]) else None
            if value is not None:
                if value["unit"] in CENTS:
                    value = read_money(self.words[place:end]) or value
                yield end, ["quantity", value["amount"], value["unit"]]

    def _ends(self, place: int, vocabulary: frozenset[str], longest: int) -> Iterator[int]:
        """Where a part of these words can end, furthest first."""
        end = place
        while end < len(self.words) and end - place < longest and self.words[end] in vocabulary:
            end += 1
        yield from range(end, place, -1)

    def _functions(self, place: int) -> Iterator[tuple[int, Tree]]:
        """'square root of', 'half of', '20 percent of', 'the sum of'."""
        start = place + (self.words[place : place + 1] == ("the",))
        for after, meaning in self._at(BEFORE, start):
            yield from ((end, _applied(meaning, tree)) for end, tree in self._signed(after).items())
        for after, meaning in self._at(LISTS, start):
            yield from self._list(after, meaning)
        for end, number in list(self._numbers(start)):
            if self.words[end : end + 1] == ("of",) and _is_share(number):
                yield from ((last, ["multiply", number, tree]) for last, tree in self._signed(end + 1).items())
            yield from self._percents(end, number)
            yield from self._shares_off(end, number)

    def _percents(self, end: int, number: Tree) -> Iterator[tuple[int, Tree]]:
        for percent in range(end, end + 2):
            word = " ".join(self.words[end : percent + 1])
            behind = self.words[percent + 1 : percent + 2]
            if word not in ("percent", "per cent") or behind not in (("of",), ("off",), ("on",), ("tip",)):
                continue
            after = percent + 2 + (self.words[percent + 2 : percent + 3] in (("of",), ("on",), ("for",)))
            for last, tree in self._signed(after).items():
                share = ["percent_less", tree, number] if behind == ("off",) else ["percent_of", number, tree]
                yield last, share

    def _shares_off(self, end: int, number: Tree) -> Iterator[tuple[int, Tree]]:
        """'a third off 90': what is left."""
        if self.words[end : end + 1] != ("off",) or not _is_share(number):
            return
        left = ["subtract", 1, number] if isinstance(number, list) else 1 - number
        for size in (1, 2):
            if size == 1 or self.words[end + 1 : end + 2] == ("of",):
                yield from ((last, ["multiply", left, tree]) for last, tree in self._signed(end + size).items())

    def _list(self, place: int, meaning: str) -> Iterator[tuple[int, Tree]]:
        """Operands with 'and' or nothing between them."""
        waiting: list[tuple[int, list[Tree]]] = [(end, [tree]) for end, tree in self._product(place).items()]
        seen: set[tuple[int, int]] = set()
        while waiting:
            end, parts = waiting.pop(0)
            if (end, len(parts)) in seen:
                continue
            seen.add((end, len(parts)))
            if len(parts) > 1:
                yield end, _nested(meaning, parts)
            after = end
            while self.words[after : after + 1] in (("and",), ("comma",)):
                after += 1
            if after < len(self.words):
                waiting += [(last, [*parts, tree]) for last, tree in self._product(after).items()]

    # Whole sentences: 'subtract five from eight'

    def _frames(self) -> Iterator[Tree]:
        for frame in FRAMES.get(self.words[0], ()) + FRAMES.get("", ()):
            if not frame.words.issubset(self.words):
                continue
            for operands in self._framed(frame.parts, 0, 0):
                tree = frame.build(*operands)
                if tree is not None:
                    yield tree

    def _framed(self, frame: tuple[str, ...], step: int, place: int) -> Iterator[list[Any]]:
        """Ways to fill a frame: words stand for themselves, N for a sum, P for a percentage, D for how to round."""
        if step == len(frame):
            if place == len(self.words):
                yield []
            return
        part = frame[step]
        if part not in ("N", "P", "D"):
            if self.words[place : place + 1] == (part,):
                yield from self._framed(frame, step + 1, place + 1)
            return
        for end, operand in self._operands(part, place):
            yield from ([operand, *rest] for rest in self._framed(frame, step + 1, end))

    def _operands(self, part: str, place: int) -> Iterator[tuple[int, Any]]:
        if part == "N":
            yield from self._sum(place).items()
        elif part == "P":
            yield from ((end, tree[1]) for end, tree in self._power(place).items() if _is_percent(tree))
        else:
            yield from self._places(place)

    def _places(self, place: int) -> Iterator[tuple[int, int]]:
        """'two decimal places' -> 2, 'the nearest hundred' -> -2."""
        if self.words[place : place + 2] == ("the", "nearest"):
            digits = _ROUND_TO.get(self.words[place + 2] if place + 2 < len(self.words) else "")
            if digits is not None:
                end = place + 3
                yield end + (self.words[end : end + 1] == ("number",)), digits
            return
        for end, number in self._numbers(place):
            for size in (2, 1):
                unit = " ".join(self.words[end : end + size])
                if unit in _PLACES and isinstance(number, int) and 0 <= number <= _MOST_PLACES:
                    yield end + size, number


def _joined(sign: str, left: Tree, right: Tree) -> Tree:
    """Two operands; 'minus twenty percent' takes a share of what stands before it."""
    if isinstance(right, list) and _is_percent(right) and not _is_percent(left) and sign in ("add", "subtract"):
        return ["percent_more" if sign == "add" else "percent_less", left, right[1]]
    return [sign, left, right]


def _compared(meaning: str, left: Tree, right: Tree) -> Tree:
    """'five less than eight', 'twenty percent more than fifty', 'twelve as a percentage of fifty'."""
    if meaning == "share":
        return ["share", left, right]
    return _joined(meaning, right, left)


def _postfixed(meaning: str, tree: Tree) -> Tree:
    power = {"squared": 2, "cubed": 3}.get(meaning)
    return ["power", tree, power] if power else [meaning, tree]


def _applied(meaning: str, tree: Tree) -> Tree:
    """What stands before its operand: 'square root of', 'half of', 'twice'."""
    name, _, number = meaning.partition(" ")
    if name == "half":
        return ["divide", tree, 2]
    return [name, tree, int(number)] if number else [name, tree]


def _nested(meaning: str, parts: list[Tree]) -> Tree:
    if meaning not in ("add", "multiply", "subtract", "divide", "modulo"):
        return [meaning, *parts]
    tree = parts[0]
    for part in parts[1:]:
        tree = [meaning, tree, part]
    return tree


def _is_simple(tree: Tree) -> bool:
    """Whether 'and' may add it: a number, an amount, or some of them already added."""
    if not isinstance(tree, list):
        return True
    return tree[0] in ("quantity", "fraction") or (tree[0] == "add" and all(_is_simple(part) for part in tree[1:]))


def _is_number(tree: Tree) -> bool:
    return isinstance(tree, int | float)


def _is_percent(tree: Any) -> bool:
    return isinstance(tree, list) and tree[0] == "percent"


def _is_share(number: Tree) -> bool:
    """A part of a whole, as in 'a third of'."""
    return (isinstance(number, float) and 0 < number < 1) or (isinstance(number, list) and number[0] == "fraction")
