"""A stretch of a sentence, the requests that templates find in it, and the polite words around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from harken.events import When
from harken.languages.locale import Locale
from harken.nlu.automaton import Automaton, Ends, Match
from harken.nlu.lists import SpanFinder
from harken.nlu.sentence import Sentence


@dataclass(frozen=True, kw_only=True)
class Part:
    """One request of a sentence."""

    sentence: Sentence
    """Its words, without polite ones; those that a shortened request leaves out are taken from the one before."""
    match: Match
    negated: bool = False
    when: When | None = None
    rest: Sentence | None = None
    """Words beside it that nothing explains."""

    @property
    def is_finished(self) -> bool:
        """Whether words of its template follow its last value, so that what comes next is no part of that."""
        return all(span.last < len(self.sentence) for _, span in self.match.slots)

    @property
    def ends_in_value(self) -> bool:
        """Whether free text is over before the end, where a value stands that could be no part of it: a time, say."""
        spans = sorted((span for _, span in self.match.slots), key=lambda span: span.first)
        return any(span.free for span in spans[:-1]) and not spans[-1].free

    @property
    def said(self) -> list[tuple[str, object]]:
        """Slots and the values that were said for them."""
        return [(slot, span.value) for slot, span in self.match.slots]


Parts: TypeAlias = tuple[Part, ...]


class Stretch:
    """A sentence with its exact readings, worked out from each beginning when first needed."""

    def __init__(self, sentence: Sentence, automaton: Automaton, finder: SpanFinder):
        self.sentence, self._automaton, self._finder = sentence, automaton, finder
        self._explored: dict[int, tuple[Ends, int]] = {}

    def readings(self, first: int, last: int) -> list[Match]:
        """The readings of exactly the words [first, last), best first."""
        return self._from(first)[0].get(last, [])

    def reach(self, first: int) -> int:
        """Where the longest beginning of a sentence ends that begins at `first`."""
        return self._from(first)[1]

    def _from(self, first: int) -> tuple[Ends, int]:
        if first not in self._explored:
            self._explored[first] = self._automaton.explore(self._finder, first)
        return self._explored[first]


def trimmed(sentence: Sentence, first: int, last: int, locale: Locale) -> Iterator[tuple[int, int]]:
    """[first, last), then without polite words before and after it, as often as there are any."""
    words, language = sentence.words, locale.understanding
    begins, ends = [first], [last]
    for begin in begins:  # grows while it is gone through
        ahead = (begin + len(phrase) for phrase in language.leading if words[begin : begin + len(phrase)] == phrase)
        begins += [place for place in ahead if place < last and place not in begins]
    for end in ends:
        behind = (end - len(phrase) for phrase in language.trailing if words[end - len(phrase) : end] == phrase)
        ends += [place for place in behind if first < place and place not in ends]
    spans = [(begin, end) for begin in begins for end in ends if begin < end]
    yield from sorted(spans, key=lambda span: span[0] - span[1])


def name_alike(parts: Parts | None) -> bool:
    """Whether each of several requests with free text also has a value of its own: 'at two ... and ... at four'."""
    return (
        bool(parts)
        and len({frozenset(slot for slot, span in part.match.slots if span.free) for part in parts or ()}) == 1
        and all(part.ends_in_value for part in parts or ())
    )


def gain(parts: Parts) -> float:
    """How much of a sentence the templates of its requests explain."""
    return sum(part.match.gain for part in parts)


def when_of(match: Match, words: tuple[str, ...]) -> When:
    """The time that a sentence of `when.yaml` names in these words."""
    values = {slot: span.value for slot, span in match.slots}
    return When(
        text=" ".join(words), seconds=values.get("duration"), time=values.get("time", ""), date=values.get("date", ""),
        every=tuple(int(day) for day in values.get("days", "")),
    )  # fmt: skip
