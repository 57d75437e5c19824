"""Slips that are mended in the same breath: 'for five, no, six minutes', 'the bedroom I mean the bathroom'.

What stands before the mark of a repair is given up as far as what follows it takes its place; only what was meant is
done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TypeAlias

from harken.languages.locale import Locale, Today
from harken.nlu.contrast import excludes
from harken.nlu.lists import Span
from harken.nlu.phrasing import ARTICLES
from harken.nlu.rephrasing import PRONOUNS
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import Part, Parts

REPAIRS, REPAIRS_APART = "repairs", "repairs_apart"
"""Word lists under `[understanding.words]` of a language: phrases that mend what was said ('no wait', 'i mean'), and
those that do so only between two marks (', no,')."""
MOST_DROPPED = 5
"""Most words that a repair replaces; with more, it is about something else."""
MOST_SWAPPED = 3
"""Most words on each side of a repair without a mark: 'a large no a medium latte'."""
LONGEST_LEAD = 2
"""Most words before a value that are said once more with another: 'in the'."""
LONGEST_START = 4
"""Most words of a request that is broken off and begun again."""

Reader: TypeAlias = Callable[[Sentence], Parts]
"""Words -> the requests that explain all of them; none if there are no such."""
Items: TypeAlias = Callable[[Part], bool]
"""Whether a request names things for a list, of which each can be mended."""


class RepairReader:
    """Reads a sentence that mends itself as what was meant.

    Args:
        read: reads words.
        lists_items: whether a request names several things.
        locale: the language.
        today: for numbers that are read.
    """

    def __init__(self, read: Reader, lists_items: Items, locale: Locale, today: Today = dt.date.today):
        self._today = today
        self._read, self._lists_items, self._language = read, lists_items, locale.understanding
        words = self._language.words
        self._marks = [(tuple(phrase.split()), False) for phrase in words.get(REPAIRS, ())]
        self._marks += [(tuple(phrase.split()), True) for phrase in words.get(REPAIRS_APART, ())]
        self._marks.sort(key=lambda mark: -len(mark[0]))

    def mended(self, sentence: Sentence) -> Parts:
        """The one request that is left; none when nothing is mended."""
        for before, after in self._breaks(sentence):
            begun = self._read(before)
            if len(begun) > 1:
                continue
            for way in self._ways(before, after, begun):
                parts = self._read(way)
                whole = len(parts) == 1 and not parts[0].negated and not self._cuts_thing(way, parts[0])
                if whole and self._keeps_names(begun, parts[0]) and self._keeps_things(begun, after, parts[0]):
                    return parts
        return (
            self._begun_again(sentence) or self._not_that(sentence) or self._instead(sentence)
            or self._revalued(sentence) or self._either_way(sentence)
        )  # fmt: skip

    def _breaks(self, sentence: Sentence) -> Iterator[tuple[Sentence, Sentence]]:
        """(what stands before the mark of a repair, what follows it)"""
        words = sentence.words
        for place in range(1, len(words) - 1):
            for phrase, apart in self._marks:
                end = place + len(phrase)
                if words[place:end] != phrase or end >= len(words):
                    continue
                if not apart or (sentence.pauses_after(place - 1) and sentence.pauses_after(end - 1)):
                    yield sentence.part(0, place), sentence.part(end, len(words))
                    break

    def _revalued(self, sentence: Sentence) -> Parts:
        """'Timer 20 minutes no 30 minutes', without a mark: a value is replaced by another of its kind.

        Nothing else may change, and things for a list and free text may hold such words.
        """
        for place in range(2, len(sentence) - 1):
            if not any(phrase == sentence.words[place : place + 1] for phrase, _ in self._marks):
                continue
            before, after = sentence.part(0, place), sentence.part(place + 1, len(sentence))
            begun = self._read(before)
            if len(begun) != 1 or begun[0].negated or self._lists_items(begun[0]):
                continue
            retimed = self._retimed(before, after, begun[0])
            if retimed or begun[0].sentence != before:
                return retimed
            for slot, span in reversed(begun[0].match.slots):
                if span.free:
                    break
                for way, first in self._replaced(before, after, span):
                    parts = self._read(way)
                    if len(parts) == 1 and _differ_in(slot, begun[0], parts[0]) and first in _places(slot, parts[0]):
                        return parts
        return ()

    def _either_way(self, sentence: Sentence) -> Parts:
        """'A large no a medium latte', without a mark: the words on both sides fit the same place, so the second count.

        With either of them it is the same request, with another value for one slot.
        """
        bare = {phrase[0] for phrase, _ in self._marks if len(phrase) == 1}
        for place in range(1, len(sentence) - 1):
            before, after = sentence.part(0, place), sentence.part(place + 1, len(sentence))
            if sentence.words[place] not in bare or self._read(before):
                continue
            sizes = [(old, new) for old in range(1, MOST_SWAPPED + 1) for new in range(1, MOST_SWAPPED + 1)]
            for old, new in sizes:
                if old > len(before) or new >= len(after):
                    continue
                head = before.part(0, len(before) - old)
                meant, first = self._read(head.join(after)), before.join(after.part(new, len(after)))
                given_up = self._read(first) if len(meant) == 1 and not meant[0].negated else ()
                if len(given_up) == 1 and self._differ_once(given_up[0], meant[0]):
                    return meant
        return ()

    def _differ_once(self, one: Part, other: Part) -> bool:
        """Whether two requests are the same but for the value of one slot, which is no free text."""
        if (one.match.skill, one.match.intent, one.negated, one.when) != (
            other.match.skill, other.match.intent, other.negated, other.when
        ):  # fmt: skip
            return False
        mine, others = dict(one.said), dict(other.said)
        free = any(span.free for part in (one, other) for _, span in part.match.slots)
        listed = self._lists_items(one) or self._lists_items(other)
        differing = [slot for slot in mine if mine[slot] != others.get(slot)]
        return mine.keys() == others.keys() and len(differing) == 1 and not (free or listed)

    def _retimed(self, before: Sentence, after: Sentence, begun: Part) -> Parts:
        """'Turn on the light at six no seven': the same at another time."""
        said = tuple(begun.when.text.split()) if begun.when else ()
        first = len(before) - len(said)
        if not said or before.words[first:] != said:
            return ()
        ways = (before.part(0, first).join(after), before.part(0, first + 1).join(after))
        for way in (*ways, *self._renumbered(before, after)):
            parts = self._read(way)
            same = len(parts) == 1 and (parts[0].match.intent, parts[0].said) == (begun.match.intent, begun.said)
            if same and parts[0].when and not parts[0].negated:
                return parts
        return ()

    def _replaced(self, before: Sentence, after: Sentence, span: Span) -> Iterator[tuple[Sentence, int]]:
        """Ways to put words in the place of a value, perhaps with what led up to it and with what follows it.

        Yields:
            (the words, which of the whole sentence the value must contain)
        """
        tail = before.part(span.last, len(before))
        whole = after if tail.words == after.words[len(after) - len(tail) :] else after.join(tail)
        for first in range(span.first, max(0, span.first - LONGEST_LEAD - 1), -1):
            for place in after.places[: LONGEST_LEAD + 1]:
                yield before.part(0, first).join(whole), place
        for way in self._renumbered(before, after):
            yield way, after.places[0]

    def _cuts_thing(self, way: Sentence, mended: Part) -> bool:
        """Whether a thing was made of the beginning of one and of another one: 'ice | jam'."""
        joints = {phrase[0] for phrase in self._language.joints if len(phrase) == 1}
        cuts = [i for i in range(1, len(way)) if way.places[i] != way.places[i - 1] + 1]
        cuts = [i for i in cuts if way.words[i - 1] not in joints]
        inside = [
            mended.sentence.places[span.first : span.last] for _, span in mended.match.slots
            if span.free or self._lists_items(mended)
        ]  # fmt: skip
        return any(way.places[i - 1] in places and way.places[i] in places for i in cuts for places in inside)

    def _keeps_things(self, begun: Parts, after: Sentence, mended: Part) -> bool:
        """Whether no word that named no thing before has become one: of 'milk on the shopping list' only 'milk'."""
        things = [span for part in begun for _, span in part.match.slots if span.free or self._lists_items(part)]
        if not things or not begun:
            return True
        named = {place for span in things for place in begun[0].sentence.places[span.first : span.last]}
        return all(
            set(mended.sentence.places[span.first : span.last]) <= named | set(after.places)
            for _, span in mended.match.slots if span.free or self._lists_items(mended)
        )  # fmt: skip

    def _keeps_names(self, begun: Parts, mended: Part) -> bool:
        """Whether no value is lost in free text: 'at five, I mean business' names no time."""
        free = any(span.free for part in begun for _, span in part.match.slots if not self._lists_items(part))
        return not free or all(_named(part) <= _named(mended) for part in begun)

    def _ways(self, before: Sentence, after: Sentence, parts: Parts) -> Iterator[Sentence]:
        """What may be meant: another number in front of its unit first, then another value for the last one, then
        another end of the sentence."""
        yield from self._renumbered(before, after)
        slots = parts[0].match.slots if parts and parts[0].sentence == before else ()
        for _, span in reversed(slots):
            if span.free and not self._lists_items(parts[0]):
                return  # what is free text may well contain such words
            for kept in self._bounds(before, span.first, span.last):
                yield before.part(0, kept).join(after).join(before.part(span.last, len(before)))
        free = [span for _, span in slots if span.free or self._lists_items(parts[0])]
        for kept in range(len(before) - 1, max(0, len(before) - 1 - MOST_DROPPED), -1):
            if not any(span.first < kept < span.last for span in free):
                yield before.part(0, kept).join(after)
        if parts and not self._language.turning.intersection(before.words):
            own, pronouns = self._read(after), self._language.words.get(PRONOUNS, frozenset())
            alone = pronouns.isdisjoint(after.words) or not slots  # not of 'the bedroom light red, no, make it green'
            if len(own) == 1 and own[0].match.skill == parts[0].match.skill and alone:
                yield after

    def _renumbered(self, before: Sentence, after: Sentence) -> Iterator[Sentence]:
        """'In ten minutes, no make it fifteen': the last number is replaced, and keeps its unit."""
        if not self._is_number(after.words):
            return
        last = next((i for i in range(len(before) - 1, 0, -1) if self._is_number(before.words[i - 1 : i])), 0)
        first = last
        while first and self._is_number(before.words[first - 1 : first]):
            first -= 1
        if 0 < first < last < len(before):
            yield before.part(0, first).join(after).join(before.part(last, len(before)))

    def _is_number(self, words: tuple[str, ...]) -> bool:
        return bool(words) and self._language.read_value("number", words, self._today) is not None

    def _bounds(self, before: Sentence, first: int, last: int) -> Iterator[int]:
        """Where a value may be cut, so that only its end is replaced: of 'milk and butter' only 'butter'."""
        joints = {phrase[0] for phrase in self._language.joints if len(phrase) == 1}
        for kept in range(last - 1, first, -1):
            if before.words[kept - 1] in joints:
                yield kept
        yield first

    def _begun_again(self, sentence: Sentence) -> Parts:
        """'Turn on the, turn off the fan': what is broken off behind its article and begun with the same word."""
        words = sentence.words
        for place in range(2, min(LONGEST_START, len(words) - 2) + 1):
            broken = words[place - 1] in self._language.words.get(ARTICLES, frozenset())
            if broken and sentence.pauses_after(place - 1) and words[place] == words[0]:
                return self._read(sentence.part(place, len(words)))
        return ()

    def _instead(self, sentence: Sentence) -> Parts:
        """'Don't set the alarm for seven, set it for eight': the same with another value, and the verb once more."""
        denials = sorted(self._language.negations, key=len, reverse=True)
        begin = next((len(phrase) for phrase in denials if sentence.words[: len(phrase)] == phrase), 0)
        pronouns = self._language.words.get(PRONOUNS, frozenset())
        for place in range(begin + 2, len(sentence) - 2) if begin else ():
            other, meant = sentence.part(begin, place), sentence.part(place, len(sentence))
            again = meant.words[0] == other.words[0] and meant.words[1] in pronouns
            if not again or not sentence.pauses_after(place - 1):
                continue
            denied = self._read(other)
            for kept in range(len(other) - 1, 1, -1):
                parts = self._read(other.part(0, kept).join(meant.part(2, len(meant)))) if len(denied) == 1 else ()
                if len(parts) == 1 and _named(parts[0]) == _named(denied[0]):
                    return parts
        return ()

    def _not_that(self, sentence: Sentence) -> Parts:
        """'Not the kitchen light, the bedroom light on': what is not meant is of the same kind as what is."""
        if not sentence.words or not excludes(sentence, 0, self._language):
            return ()
        for place in range(2, len(sentence) - 1):
            if sentence.pauses_after(place - 1):
                other, meant = sentence.part(1, place), sentence.part(place, len(sentence))
                parts = self._read(meant)
                if len(parts) == 1 and any(
                    self._read(meant.part(0, first).join(other).join(meant.part(last, len(meant))))
                    for first in range(len(meant)) for last in range(first + 1, len(meant) + 1)
                    if last - first <= len(other) and (first, last) != (0, len(meant))
                ):  # fmt: skip
                    return parts
        return ()


def _places(slot: str, part: Part) -> tuple[int, ...]:
    """Where in the whole sentence the words of a value stand."""
    spans = (span for name, span in part.match.slots if name == slot)
    return tuple(place for span in spans for place in part.sentence.places[span.first : span.last])


def _differ_in(slot: str, one: Part, other: Part) -> bool:
    """Whether two requests are the same but for this value; the second may name more."""
    fixed = one.match.constants.items() <= other.match.constants.items()
    if one.match.intent != other.match.intent or other.negated or not fixed:
        return False
    named, renamed = dict(one.said), dict(other.said)
    return named.keys() <= renamed.keys() and {name for name in named if named[name] != renamed[name]} <= {slot}


def _named(part: Part) -> set[str]:
    return {slot for slot, _ in part.match.slots}
