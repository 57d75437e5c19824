"""Words that only stress how long or when something is to be: 'just for ten minutes', 'at six only'.

Without them the request is the same, as it is for that time anyway. Before anything else they may be a condition or an
exception ('only for anna', 'only when it rains'), and are left where they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from harken.events import When
from harken.languages.locale import Locale, Today
from harken.nlu.sentence import Sentence

RESTRICTING, LASTING = "restricting", "before_durations"
"""Word lists under `[understanding.words]` of a language: 'only'; 'for', which says how long something lasts."""

Timed = Callable[[Sentence], Iterator[tuple[Sentence, When]]]
"""Words -> ways to take them as a request and a time for it."""


def unrestricted(sentence: Sentence, timed: Timed, locale: Locale, today: Today = dt.date.today) -> Iterator[Sentence]:
    """A sentence without a word that restricts it to the time that it names anyway."""
    restricting = locale.understanding.words.get(RESTRICTING, frozenset())
    for place in range(1, len(sentence)):
        if sentence.words[place] not in restricting:
            continue
        rest = sentence.pick(other for other in range(len(sentence)) if other != place)
        times = {len(core) for core, _ in timed(rest) if core.places[:1] == rest.places[:1]}
        times |= set(_durations(rest, locale, today))
        if place in times or (times and place == len(rest)):
            yield rest


def _durations(sentence: Sentence, locale: Locale, today: Today) -> Iterator[int]:
    """Where words begin that end the sentence and say how long something lasts ('for ten minutes', 'ten minutes')."""
    language = locale.understanding
    for place in range(1, len(sentence) - 1):
        lasts = sentence.words[place] in language.words.get(LASTING, frozenset())
        if lasts and language.read_value("duration", sentence.words[place + 1 :], today) is not None:
            yield place
            yield place + 1
