"""Times of actions: 'in ten minutes', 'tomorrow at seven', before, behind or within a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from harken.events import When
from harken.languages.locale import Locale, Today
from harken.nlu.automaton import Automaton
from harken.nlu.fragments import BEFORE_TIMES, ONES
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.sentence import Sentence
from harken.nlu.skill_cache import cached_skill
from harken.nlu.skill_file import Skill
from harken.nlu.stretch import when_of

TIMES = "when.yaml"
"""A language's file of sentences for times of actions."""


class ActionTimes:
    """Finds times of actions.

    Args:
        times: the language's sentences for them; None when it has none.
        locale: the language.
        today: for dates.
    """

    def __init__(self, times: Skill | None, locale: Locale, today: Today = dt.date.today):
        self._locale, self._today = locale, today
        self._known = None if times is None else (Automaton([times]), ListIndex({times.name: times}))

    @property
    def vocabulary(self) -> set[str]:
        """Every word that can be said."""
        return self._known[0].vocabulary | self._known[1].vocabulary if self._known else set()

    def around(self, core: Sentence) -> Iterator[tuple[Sentence, When]]:
        """Ways to take words as a request and a time behind or before it, the longest time first."""
        if self._known is None:
            return
        automaton, index = self._known
        finder, count = SpanFinder(core, index, self._locale, self._today), len(core)
        for begin in range(1, count):
            matches = automaton.ends(finder, begin).get(count)
            if matches and not self._is_pronoun(core.words[begin:count]):
                yield core.part(0, begin), when_of(matches[0], core.words[begin:count])
        for end, matches in sorted(automaton.ends(finder, 0).items(), reverse=True):
            if end < count:
                yield core.part(end, count), when_of(matches[0], core.words[:end])

    def within(self, core: Sentence) -> Iterator[tuple[Sentence, When]]:
        """Ways to take words as a request and a time in the middle of it, from left to right; a mere day is none, for
        things are named after days: 'the christmas lights'."""
        if self._known is None:
            return
        automaton, index = self._known
        finder, count = SpanFinder(core, index, self._locale, self._today), len(core)
        for begin in range(1, count - 1):
            for end, matches in sorted(automaton.ends(finder, begin).items(), reverse=True):
                when = when_of(matches[0], core.words[begin:end])
                if end < count and (when.time or when.seconds is not None):
                    yield core.part(0, begin).join(core.part(end, count)), when

    def _is_pronoun(self, words: tuple[str, ...]) -> bool:
        """Whether what could be a date and an hour is 'the second one'."""
        ones, at = (self._locale.understanding.words.get(name, frozenset()) for name in (ONES, BEFORE_TIMES))
        return words[-1] in ones and len(words) > 1 and words[-2] not in at


def times_of(locale: Locale) -> Skill | None:
    """A language's sentences for times of actions, as if they were a skill; None when it has none."""
    file = locale.folder / TIMES
    return cached_skill(file) if file.is_file() else None
