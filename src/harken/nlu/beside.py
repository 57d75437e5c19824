"""Requests that are understood but for a name that no list knows, or for words beside them: nothing is done then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from harken.languages.locale import Locale, Today
from harken.nlu.automaton import Automaton, Match
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import Part, Parts, Stretch, trimmed

LEAST_LITERAL = {True: 2, False: 4}
"""Whether an intent acts -> how many words of its own a template must contribute if one of its names is unknown; of a
question, the values that it names count, too ('is the floor lamp on')."""
ARTICLES, NAMELESS = "articles", "not_in_names"
"""Word lists under `[understanding.words]` of a language: articles, and what stands in no name (verbs, pronouns)."""
LEAST_LIKELY = 0.3
"""How likely the heads must find it that a sentence is for a skill, if templates cover it only in part."""
LONGEST_REST = 10
"""Most words that may be left over beside a request; with more, the sentence is about something else."""

Likely: TypeAlias = Callable[[Sentence, str], float]
"""(sentence, skill) -> how likely the trained heads think it is for the skill, 0..1."""
Exact: TypeAlias = Callable[[Stretch, int, int], Part | None]
"""(stretch, first, last) -> the request that a template finds in exactly these words."""
Acts: TypeAlias = Callable[[Match], bool]


class BesideReader:
    """Finds a request with an unknown name in it, or beside words that nothing explains.

    Args:
        automaton: the sentences of the skills.
        index: the skills' lists.
        exact: reads what templates cover.
        acts: whether a match changes something.
        locale: the language.
        today: for dates.
        likely: judgement of the trained heads.
    """

    def __init__(
        self,
        automaton: Automaton,
        index: ListIndex,
        exact: Exact,
        acts: Acts,
        *,
        locale: Locale,
        today: Today = dt.date.today,
        likely: Likely = lambda sentence, skill: 1.0,
    ):
        self._automaton, self._index, self._exact, self._acts = automaton, index, exact, acts
        self._locale, self._language, self._today, self._likely = locale, locale.understanding, today, likely

    def read(self, sentence: Sentence) -> Parts:
        """A request with an unknown name in it, or beside words that nothing explains."""
        stretch = Stretch(sentence, self._automaton, self._finder(sentence))
        cores = list(trimmed(sentence, 0, len(sentence), self._locale))
        for first, last in cores:
            named = self._with_gap(sentence.part(first, last))
            if named is not None:
                return (named,)
        for first, last in cores:
            left_over = self._with_rest(stretch, first, last)
            if left_over is not None:
                return (left_over,)
        return ()

    def _with_gap(self, core: Sentence) -> Part | None:
        language, words = self._language, core.words
        articles = language.words.get(ARTICLES, frozenset())
        foreign = language.turning | language.reservations | language.words.get(NAMELESS, frozenset())

        def can_be_a_name(first: int, last: int) -> bool:
            own = words[first:last]
            own = own[1:] if own[0] in articles and len(own) > 1 else own
            if own[0] in language.small or own[-1] in language.small or foreign.intersection(own):
                return False
            marked = any(core.pauses_after(place) for place in range(first, last - 1))
            return not marked and language.read_value("number", own[:1], self._today) is None

        finder = self._finder(core)
        for match in self._automaton.with_gap(finder, can_be_a_name):
            acts = self._acts(match)
            known = sum(span.last - span.first for _, span in match.slots if not span.free)
            enough = match.literal + known >= LEAST_LITERAL[acts]
            gap = match.gap
            assert gap is not None
            named = core.pick(i for i in range(len(core)) if not gap.first <= i < gap.last)
            if enough and self._likely(named, match.skill) >= LEAST_LIKELY:
                bare = gap.first + (words[gap.first] in articles)
                return Part(sentence=core, match=replace(match, gap=replace(gap, first=bare)))
        return None

    def _with_rest(self, stretch: Stretch, first: int, last: int) -> Part | None:
        """The longest request at the beginning or the end of [first, last), and what is left over."""
        words, candidates = stretch.sentence.words, []
        for end in range(last - 1, first + 1, -1):
            candidates.append(((first, end), (end, last), words[end]))
        for begin in range(first + 1, last - 1):
            if words[first] not in self._language.questions:
                candidates.append(((begin, last), (first, begin), words[first]))
        candidates.sort(key=lambda candidate: candidate[1][1] - candidate[1][0])
        for core, rest, opening in candidates:
            if rest[1] - rest[0] > LONGEST_REST:
                break
            part = self._exact(stretch, *core)
            if part is None or not self._acts(part.match) or part.match.literal < 2:
                continue
            # A condition makes the whole sentence unlike any request, so the request alone is judged.
            reserved = opening in self._language.reservations
            judged = part.sentence if reserved else stretch.sentence.part(first, last)
            if self._likely(judged, part.match.skill) >= LEAST_LIKELY:
                return replace(part, rest=stretch.sentence.part(*rest))
        return None

    def _finder(self, sentence: Sentence) -> SpanFinder:
        return SpanFinder(sentence, self._index, self._locale, self._today)
