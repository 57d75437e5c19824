"""Which words of a sentence can fill which list: exactly, or by similarity after a recognition error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from harken.languages.locale import Locale, Today, Understanding
from harken.languages.places import places_of
from harken.nlu.codes import CODE_TYPES, typed_code, typed_letters
from harken.nlu.items import ItemReader
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Skill
from harken.nlu.slot_lists import SlotList

LONGEST_TEXT = 60
"""Most words of free text in an exact reading."""
CLOCK_OPENINGS, LEVEL_UNITS = "clock_openings", "level_units"
"""Word lists under `[understanding.words]` of a language: what an hour stands behind ('at', 'at about'), and what makes
a level of a number that stands there ('percent')."""
HOURS = range(1, 13)
LESS_LIKELY = 0.99
"""Score of a value of which the words usually say something else."""
LONGEST_NAME = 3
"""Most words of a person's name."""
ALIKE = 0.75
"""Minimum similarity for words to be taken for a misheard or mistyped entry of a list."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Words [first, last) that can fill a list, and the value that they give."""

    first: int
    last: int
    value: Any
    score: float = 1.0
    """Similarity 0..1; 1 is exact."""
    free: bool = False
    """Free text: any words would have matched."""


class ListIndex:
    """The lists of the loaded skills, ready for look-up."""

    def __init__(self, skills: Mapping[str, Skill]):
        self._lists = {
            (skill.name, name): (entry, _by_first_word(entry))
            for skill in skills.values()
            for name, entry in skill.lists.items()
        }
        self._items = {name: _item_reader(skill) for name, skill in skills.items() if _item_lists(skill)}

    def items(self, skill: str) -> ItemReader:
        """What splits the things that a skill is told in one breath."""
        return self._items[skill]

    @property
    def vocabulary(self) -> set[str]:
        """The words of all entries and examples."""
        lists = [wanted for wanted, _ in self._lists.values()]
        named = {word for wanted in lists for words, _ in wanted.entries for word in words}
        return named | {word for wanted in lists for words in wanted.examples for word in words}

    def lookup(self, skill: str, name: str) -> tuple[SlotList, Mapping[str, list[tuple[tuple[str, ...], Any]]]]:
        """A list, and its entries by their first word, longest first."""
        return self._lists[skill, name]


class SpanFinder:
    """Finds list entries in one sentence; readings of built-in types are remembered.

    Args:
        sentence: the sentence; bare words count as heard.
        index: the lists.
        locale: the language.
        today: for dates.
    """

    def __init__(
        self, sentence: Sentence | tuple[str, ...], index: ListIndex, locale: Locale, today: Today = dt.date.today
    ):
        self.sentence = sentence if isinstance(sentence, Sentence) else Sentence.of(sentence)
        self.words, self.index, self.today = self.sentence.words, index, today
        self._locale, self._language = locale, locale.understanding
        self._typed: dict[tuple[str, int], list[Span]] = {}
        self._found: dict[tuple[str, str, int], list[Span]] = {}

    def at(self, skill: str, name: str, place: int) -> list[Span]:
        """What begins at `place` and is, word for word, an entry of the list."""
        key = skill, name, place
        if key not in self._found:
            self._found[key] = self._begun(skill, name, place)
        return self._found[key]

    def _begun(self, skill: str, name: str, place: int) -> list[Span]:
        wanted, by_word = self.index.lookup(skill, name)
        if wanted.places:
            named = places_of(self._locale).spans(self.words, place, wanted.places)
            return [Span(first=place, last=last, value=key) for last, key in named]
        if wanted.kind == "values":
            return self._entries(by_word.get(self.words[place], []), place)
        if wanted.kind == "text":
            return self._free(place)
        if wanted.kind == "person":
            return self._person(place)
        if wanted.kind == "items":
            return self._several(self.index.items(skill), place, known=bool(wanted.entries))
        if wanted.kind == "range":
            first, last, step = wanted.bounds
            numbers = self._numbers(place)
            return [span for span in numbers if _in_range(span.value, first, last, step)]
        return self._of_type(wanted.kind, place)

    def all_of(self, skill: str, name: str) -> list[Span]:
        """Every exact entry of a list in the sentence; none for free text."""
        if self.index.lookup(skill, name)[0].is_free:
            return []
        return [span for place in range(len(self.words)) for span in self.at(skill, name, place)]

    def whole(self, skill: str, name: str, first: int, last: int) -> Span | None:
        """What the words [first, last), all of them, are in a list: an exact entry or value, or any free text."""
        exact = (span for span in self.at(skill, name, first) if span.last == last)
        return max(exact, key=lambda span: not span.free, default=None)

    def alike(self, skill: str, name: str, first: int, last: int) -> Span | None:
        """The entry of a list of named values most like the words [first, last); None when nothing resembles them."""
        wanted, by_word = self.index.lookup(skill, name)
        if wanted.kind != "values":
            return None
        words, best_score, best_value = self.words[first:last], 0.0, None
        for entries in by_word.values():
            for entry, value in entries:
                score = likeness(words, entry, self._language)
                if score > best_score:
                    best_score, best_value = score, value
        return Span(first=first, last=last, value=best_value, score=best_score) if best_score >= ALIKE else None

    def _entries(self, entries: list[tuple[tuple[str, ...], Any]], place: int) -> list[Span]:
        words = self.words
        return [
            Span(first=place, last=place + len(entry), value=value)
            for entry, value in entries
            if words[place : place + len(entry)] == entry
        ]

    def _free(self, place: int) -> list[Span]:
        ends = range(place + 1, min(len(self.words), place + LONGEST_TEXT) + 1)
        return [Span(first=place, last=end, value=self.sentence.typed(place, end), free=True) for end in ends]

    def _person(self, place: int) -> list[Span]:
        """Words that can be a person's name: none that sentences consist of, and no number."""
        spans = self._free(place)[:LONGEST_NAME]
        return [span for span in spans if all(self._in_a_name(word) for word in self.words[place : span.last])]

    def _in_a_name(self, word: str) -> bool:
        language = self._language
        if word in language.small or word in language.turning or word in language.reservations:
            return False
        return language.read_value("number", (word,), self.today) is None

    def _several(self, items: ItemReader, place: int, *, known: bool) -> list[Span]:
        """Things in one breath; the first of them begins at `place`."""
        spans = []
        last = items.reach(self.words, place) if known else min(len(self.words), place + LONGEST_TEXT)
        for end in range(place + 1, last + 1):
            words = self.words[place:end]
            written = self.sentence.quoted(place, end)
            if not known or items.all_known(words, written):
                spans.append(Span(first=place, last=end, value=items.split(words, written), free=not known))
        return spans

    def _likelihood(self, kind: str, first: int, last: int) -> float:
        """A little less than 1 for a duration that is a time of day, too: 'six thirty' is rather half past six."""
        if kind != "duration":
            return 1.0
        time = self._language.read_value("time", self.words[first:last], self.today)
        return 1.0 if time is None else LESS_LIKELY

    def _is_cut(self, place: int) -> bool:
        """Whether a value that ends or begins here would be only a part of what was said."""
        return 0 < place < len(self.words) and self._language.cuts_value(self.words, place)

    def _numbers(self, place: int) -> list[Span]:
        """Numbers that begin here, also those that are only the beginning of one: of a range, templates name what may
        follow ('{1..9} and a half hours')."""
        ends = range(place + 1, min(len(self.words), place + self._language.longest.get("number", 0)) + 1)
        readings = ((end, self._language.read_value("number", self.words[place:end], self.today)) for end in ends)
        return [Span(first=place, last=end, value=value) for end, value in readings if value is not None]

    def _of_type(self, kind: str, place: int) -> list[Span]:
        key = kind, place
        if key not in self._typed:
            longest = 0 if self._is_cut(place) else self._language.longest.get(kind, 0)
            ends = [end for end in range(place + 1, min(len(self.words), place + longest) + 1) if not self._is_cut(end)]
            readings = (
                (end, None if self._is_hour(kind, place, end) else self._read(kind, place, end)) for end in ends
            )
            self._typed[key] = [
                Span(first=place, last=end, value=value, score=self._likelihood(kind, place, end))
                for end, value in readings if value is not None
            ]  # fmt: skip
        return self._typed[key]

    def _is_hour(self, kind: str, first: int, last: int) -> bool:
        """Whether what could be a number is rather a time of day: 'at six', but not 'at six percent'."""
        if kind != "number" or not first:
            return False
        words = self._language.words
        opened = any(
            self.words[max(0, first - len(opening)) : first] == opening
            for opening in map(tuple, map(str.split, words.get(CLOCK_OPENINGS, ())))
        )
        counts = self.words[last : last + 1] and self.words[last] in words.get(LEVEL_UNITS, frozenset())
        return (
            opened and not counts and self._language.read_value("number", self.words[first:last], self.today) in HOURS
        )

    def _read(self, kind: str, first: int, last: int) -> Any | None:
        """The value of the words [first, last), all of them."""
        words: tuple[str, ...] | None = self.words[first:last]
        if kind in CODE_TYPES and self.sentence.spans:
            if self.sentence.cuts_typed(first, last):
                return None
            code = typed_code(kind, self.sentence, first, last)
            if code is not None:
                return code
            words = typed_letters(kind, self.sentence, first, last)
        return None if words is None else self._language.read_value(kind, words, self.today)


def likeness(words: tuple[str, ...], entry: tuple[str, ...], language: Understanding) -> float:
    """Similarity of two phrases, 0..1: the mean of the similarities of their letters and of their rough sounds."""
    heard, known = " ".join(words), " ".join(entry)
    if abs(len(heard) - len(known)) > max(len(heard), len(known)) // 2 + 1:
        return 0.0
    letters = _similarity(heard, known)
    return 0.5 * letters + 0.5 * _similarity(sound_key(heard, language), sound_key(known, language))


@lru_cache(maxsize=8_192)
def sound_key(text: str, language: Understanding) -> str:
    """Letters reduced to rough sound classes, doubles dropped: in English 'coffee' and 'cofy' agree."""
    out: list[str] = []
    for group, sound in language.digraphs:
        text = text.replace(group, sound)
    for letter in text:
        sound = language.sounds.get(letter, letter)
        if not out or out[-1] != sound:
            out.append(sound)
    return "".join(out)


def edit_distance(one: str, other: str) -> int:
    """Insertions, deletions and substitutions between two strings (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def _similarity(one: str, other: str) -> float:
    longest = max(len(one), len(other))
    return 1.0 - edit_distance(one, other) / longest if longest else 1.0


def _item_lists(skill: Skill) -> list[SlotList]:
    return [entry for entry in skill.lists.values() if entry.kind == "items"]


def _item_reader(skill: Skill) -> ItemReader:
    known = {words for entry in _item_lists(skill) for words in (*(w for w, _ in entry.entries), *entry.examples)}
    return ItemReader(known, skill.locale)


def _by_first_word(wanted: SlotList) -> dict[str, list[tuple[tuple[str, ...], Any]]]:
    by_word: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
    for words, value in wanted.entries:
        by_word.setdefault(words[0], []).append((words, value))
    for entries in by_word.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return by_word


def _in_range(value: Any, first: int, last: int, step: int) -> bool:
    return isinstance(value, int) and first <= value <= last and (value - first) % step == 0
