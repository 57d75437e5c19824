"""Answers to questions, and fragments that are only understood after another request: 'turn it off'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from harken.events import Slot, When
from harken.languages.locale import Locale, Today
from harken.nlu.answers import in_command, mended
from harken.nlu.automaton import Automaton, Match
from harken.nlu.contrast import excludes
from harken.nlu.fragments import cover, free_text, openings
from harken.nlu.guess import slot_of
from harken.nlu.lists import ListIndex, Span, SpanFinder
from harken.nlu.phrasing import ARTICLES
from harken.nlu.remarks import without_remark
from harken.nlu.rephrasing import HOLD_ONS
from harken.nlu.requests import RequestReader
from harken.nlu.sentence import Sentence
from harken.nlu.shortened import SENTENCE_WORDS
from harken.nlu.skill_file import Skill
from harken.nlu.stretch import Part, Parts, trimmed

NOT_SAID, FURTHER = "not_said", "further"
"""Word lists: how what was not said is told from what was ("i didn't say"); what adds to that ('or')."""
WAITS = "waits"
"""Word list: what is said while somebody thinks ('just a second')."""
ADDING = "adding"
"""Word list under `[understanding.words]` of a language: how a fragment adds to the last request ('and')."""
CLEAR_REMARK = 2
"""Words of a remark that may stand before a fragment without a mark, at least one more."""
Known: TypeAlias = Mapping[str, Any] | None
"""Slot -> value."""
MAX_WORDS = 80
"""A spoken request is shorter; longer texts are rejected unread."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """Values that a fragment names for the last request."""

    slots: tuple[Slot, ...]
    negated: bool = False
    when: When | None = None


class FragmentReader:
    """Reads what is said after a request.

    Args:
        skills: the skills, by name.
        index: their lists.
        requests: takes times and denials off.
        locale: the language.
        today: for dates.
    """

    def __init__(
        self,
        skills: Mapping[str, Skill],
        index: ListIndex,
        requests: RequestReader,
        *,
        locale: Locale,
        today: Today = dt.date.today,
    ):
        self._skills, self._index, self._requests = skills, index, requests
        self._locale, self._today = locale, today
        self._following: dict[str, Automaton] = {}

    def answer(self, skill: str, intent: str, ask: str, sentence: Sentence, known: Known = None) -> tuple[Slot, ...]:
        """The values that an answer gives to a request in progress; none unless every word is explained.

        Free text may name further values than those that are known ('my tablets at nine').
        """
        slots = self._slots_of(skill, intent)
        if not 0 < len(sentence) <= MAX_WORDS or not slots.get(ask) or self._waits(sentence):
            return ()

        def covered(words: Sentence) -> tuple[Slot, ...]:
            values = cover(self._finder(words), skill, slots, self._locale, first=ask)
            return tuple(slot_of(slot, span, words) for slot, span in values.items())

        wanted = self._index.lookup(skill, slots[ask])[0]
        if wanted.is_free or wanted.kind == "items":
            values = covered(sentence)
        else:
            values = covered(sentence) or mended(sentence, covered, self._locale, self._today)
        if values or self._interrupts(sentence) or self._is_no_name(skill, intent, ask, sentence):
            return values
        finder = self._finder(sentence)
        span = free_text(finder, skill, slots[ask], self._locale)
        if span is None:
            return ()
        read = self._requests.read
        more = in_command(self._skills[skill], intent, ask, sentence, known or {}, read, partial(finder.whole, skill))
        return tuple(slot_of(slot, span, sentence) for slot, span in (more or {ask: span}).items())

    def follow_up(self, skill: str, intent: str, sentence: Sentence, *, closed: bool = False) -> Part | Named | None:
        """A fragment in the light of a request: an intent that is only understood after it, or values for it.

        With `closed`, no value may be any words at all.
        """
        found = self._follow_up(skill, intent, sentence, closed=closed)
        spans = [span for _, span in found.match.slots] if isinstance(found, Part) else []
        return None if closed and any(span.free for span in spans) else found

    def _follow_up(self, skill: str, intent: str, sentence: Sentence, *, closed: bool) -> Part | Named | None:
        slots, sentence = self._slots_of(skill, intent), sentence.without(self._locale.understanding.hesitations)
        if skill not in self._skills or self._waits(sentence) or not 0 < len(sentence) <= MAX_WORDS:
            return None
        whole = self._followed_by(skill, intent, sentence)
        if whole is not None:
            return Part(sentence=sentence, match=whole)
        other = self._not_that(skill, intent, sentence)
        if other is not None:
            return other
        for core, when, negated in self._modified(sentence):
            for rest, opened in openings(core, self._locale):
                match = self._followed_by(skill, intent, rest)
                if match is not None:
                    return Part(sentence=rest, match=match, when=when, negated=negated)
                values = self._likely(skill, intent, cover(self._finder(rest), skill, slots, self._locale))
                if (
                    not values
                    and not closed
                    and (opened or (sentence.asks and not self._skills[skill].intents[intent].acts))
                ):
                    values = self._free_slot(skill, slots, rest)
                if values:
                    named = tuple(slot_of(slot, span, rest) for slot, span in values.items())
                    return Named(slots=named, negated=negated, when=when)
        return self._beside_remark(skill, intent, sentence)

    def continued(self, before: str, sentence: Sentence) -> Parts:
        """'And the light in the kitchen' after 'turn on the fan': the requests that it adds to that; none otherwise.

        It must name nothing that could be any words.
        """
        known = self._requests.read(Sentence.read(before, self._locale)) if before else ()
        if not known or not 0 < len(sentence) <= MAX_WORDS:
            return ()
        phrases = (tuple(phrase.split()) for phrase in self._locale.understanding.words.get(ADDING, ()))
        for phrase in sorted(phrases, key=len, reverse=True):
            if sentence.words[: len(phrase)] == phrase and len(phrase) < len(sentence):
                rest = sentence.typed(len(phrase), len(sentence))
                joint = " ".join(self._locale.understanding.joints[0])
                parts = self._requests.read(Sentence.read(f"{before} {joint} {rest}", self._locale))
                added = parts[len(known) :]
                free = any(span.free for part in added for _, span in part.match.slots)
                whole = all(part.match.gap is None and part.rest is None for part in parts)
                return (
                    added
                    if whole and not free and list(map(_meant, parts[: len(known)])) == list(map(_meant, known))
                    else ()
                )
        return ()

    def instead(self, before: str, first: int, last: int, sentence: Sentence) -> Part | None:
        """A sentence with what is said now in the place of its words [first, last), or at a place between two words."""
        words = before.split()
        articles = self._locale.understanding.words.get(ARTICLES, frozenset())
        for opened, _ in openings(sentence, self._locale) if len(sentence) <= MAX_WORDS else ():
            for begin, end in trimmed(opened, 0, len(opened), self._locale):
                twice = first > 0 and {words[first - 1], opened.words[begin]} <= articles
                name = opened.words[begin + twice : end]
                for kept in (last, last - 1) if last > first else (last,):
                    # The name may have taken its noun in: 'the disco | scene'.
                    behind = words[kept + 1 :] if name[-1:] == tuple(words[kept : kept + 1]) else words[kept:]
                    parts = self._requests.read(Sentence.of((*words[:first], *name, *behind))) if kept >= first else ()
                    if len(parts) == 1 and self._is_plain(parts[0]):
                        return parts[0]
        return None

    def _is_plain(self, part: Part) -> bool:
        """Whether a request is understood in full."""
        return not (part.match.gap or part.rest or part.negated or self._requests.lacks(part.match))

    def _likely(self, skill: str, intent: str, values: dict[str, Span]) -> dict[str, Span]:
        """The values; none if the words of one usually say something else, and the request can do without it: after
        'turn on the light', '6:30' is no duration."""
        unlikely = {slot for slot, span in values.items() if span.score < 1.0}
        return values if not unlikely or unlikely <= self._skills[skill].intents[intent].required.keys() else {}

    def _is_no_name(self, skill: str, intent: str, ask: str, sentence: Sentence) -> bool:
        """Whether a sentence is none for an unknown name, which the request could do without: "that's too long"."""
        required = self._skills[skill].intents[intent].required
        words = self._locale.understanding.words.get(SENTENCE_WORDS, frozenset())
        return ask not in required and not words.isdisjoint(sentence.words)

    def _waits(self, sentence: Sentence) -> bool:
        """Whether somebody only asks for patience: 'just a second' names no length."""
        return " ".join(sentence.words) in self._locale.understanding.words.get(WAITS, ())

    def _interrupts(self, sentence: Sentence) -> bool:
        """Whether a sentence says that the answer has to wait: 'hang on, what's the time'."""
        phrases = (tuple(phrase.split()) for phrase in self._locale.understanding.words.get(HOLD_ONS, ()))
        return any(sentence.words[: len(phrase)] == phrase for phrase in phrases)

    def _not_that(self, skill: str, intent: str, sentence: Sentence) -> Named | None:
        """'Not the tv, the fan': another value for the slot that the first one fills."""
        slots = self._slots_of(skill, intent)
        for core, _ in openings(sentence, self._locale):
            begin = self._unsaid(core)
            for place in range(begin + 1, len(core)) if begin else ():
                if core.words[place] in self._locale.understanding.words.get(FURTHER, ()):
                    continue  # 'not the hallway or the kitchen'
                meant = next(openings(core.part(place, len(core)), self._locale))[0]
                values = cover(self._finder(meant), skill, slots, self._locale)
                other = cover(self._finder(core.part(begin, place)), skill, slots, self._locale)
                if values and values.keys() == other.keys():
                    named = tuple(slot_of(slot, span, meant) for slot, span in values.items())
                    return Named(slots=named)
        return None

    def _unsaid(self, core: Sentence) -> int:
        """Number of words with which a fragment begins to name what is not meant; 0 if it does not."""
        if excludes(core, 0, self._locale.understanding):
            return 1
        phrases = (tuple(phrase.split()) for phrase in self._locale.understanding.words.get(NOT_SAID, ()))
        return max((len(phrase) for phrase in phrases if core.words[: len(phrase)] == phrase), default=0)

    def _beside_remark(self, skill: str, intent: str, sentence: Sentence) -> Part | None:
        """A fragment with a statement before or behind it that only says why: 'that's too much, make it twenty'."""
        for first, last, divided in without_remark(sentence, 0, len(sentence), self._locale.understanding):
            rest = sentence.part(first, last)
            plain = divided or sentence.words[0] in self._locale.understanding.remarks.statements
            match = self._followed_by(skill, intent, rest) if plain or first > CLEAR_REMARK else None
            if match is not None:
                return Part(sentence=rest, match=match)
        return None

    def _modified(self, sentence: Sentence) -> Iterator[tuple[Sentence, When | None, bool]]:
        """A fragment as it is, then what it puts off ("turn it off in ten minutes") or denies ("don't turn it off").

        Yields:
            (the fragment, its time, whether it is denied)
        """
        yield sentence, None, False
        for core, when in self._requests.timed(sentence):
            yield core, when, False
        denied = self._requests.denied(sentence)
        if denied is not None:
            yield denied, None, True

    def _slots_of(self, skill: str, intent: str) -> Mapping[str, str]:
        intents = self._skills[skill].intents if skill in self._skills else {}
        return intents[intent].slots if intent in intents else {}

    def _followed_by(self, skill: str, intent: str, sentence: Sentence) -> Match | None:
        """The fragment as an intent that is understood only after the last one."""
        if skill not in self._following:
            self._following[skill] = Automaton([self._skills[skill]], lambda intent: bool(intent.follows))
        automaton, intents = self._following[skill], self._skills[skill].intents
        for first, last in trimmed(sentence, 0, len(sentence), self._locale):
            for match in automaton.match(self._finder(sentence.part(first, last))):
                if intent in intents[match.intent].follows:
                    return match if not first else match.moved(first)
        return None

    def _free_slot(self, skill: str, slots: Mapping[str, str], sentence: Sentence) -> dict[str, Span]:
        """The fragment as the only free text of the request: 'and butter'."""
        free = [slot for slot, name in slots.items() if name and self._index.lookup(skill, name)[0].is_free]
        if len(free) != 1 or any(word in self._locale.understanding.turning for word in sentence.words):
            return {}
        span = free_text(self._finder(sentence), skill, slots[free[0]], self._locale)
        return {} if span is None else {free[0]: span}

    def _finder(self, sentence: Sentence) -> SpanFinder:
        return SpanFinder(sentence, self._index, self._locale, self._today)


def _meant(part: Part) -> tuple[str, str, list[tuple[str, object]], bool]:
    return part.match.skill, part.match.intent, part.said, part.negated
