"""Several things in one breath: 'milk, two dozen eggs and Ben & Jerry's' are three."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from harken.languages.locale import Locale
from harken.text.words import normalize_words

SEPARATING, AMOUNTS, TOGETHER, FILLERS = "between_items", "amounts", "within_items", "before_items"
"""Word lists under `[understanding.words]` of a language: what stands between two things ('and'); what can stand before
a thing that is known ('two bottles of'); phrases that begin like a separation and are none ('and a half'); words and
phrases that are dropped before a thing and between things ('some', 'let me think')."""
MENDING, DONE_WITHOUT = "item_repairs", "done_without"
"""Word lists: what stands between a thing and the one that was meant ('milk no bread'); things that others are named as
being without ('cola no sugar')."""
LONGEST_ITEM = 8
"""Most words of a thing that is looked up."""
_PIECES = re.compile(r'"[^"]+"|“[^”]+”|\([^()]+\)|(?:[^\s,;]|(?<=\d),(?=\d))+|[,;]')
_QUOTES, _ENDINGS = '"“”', ".!?:"


@dataclass(frozen=True)
class _Piece:
    """Typed letters between two spaces (or a spoken word) and the words they stand for."""

    written: str
    words: tuple[str, ...]
    quoted: bool = False


class ItemReader:
    """Splits what was said into things.

    Args:
        known: things that are known, as words: they stay together ('mac and cheese') and tell where the next one begins
            when nothing else does ('milk eggs bread').
        locale: the language.
    """

    def __init__(self, known: Collection[tuple[str, ...]], locale: Locale):
        self._known, self._locale = frozenset(known), locale
        words = locale.understanding.words
        self._between, self._amounts = words.get(SEPARATING, frozenset()), words.get(AMOUNTS, frozenset())
        self._fillers = {tuple(phrase.split()) for phrase in words.get(FILLERS, frozenset())}
        self._mending, self._without = words.get(MENDING, frozenset()), words.get(DONE_WITHOUT, frozenset())
        self._together = [tuple(phrase.split()) for phrase in words.get(TOGETHER, frozenset())]
        self._joint_names = {name for name in self._known if self._between & set(name)}
        self._joint_firsts = frozenset(name[0] for name in self._joint_names)
        inside = {word for name in self._known for word in name}
        self._vocabulary = self._amounts | self._between | self._mending | inside
        self._firsts = self._amounts | {name[0] for name in self._known}

    def split(self, words: Sequence[str], written: str = "") -> list[str]:
        """The things named by the words of a span, as they were typed.

        Args:
            words: the words.
            written: the span as it was typed; '' for speech. Commas, semicolons and '&' separate as 'and' does;
                quotation marks and '&' between capitals ("Ben & Jerry's") hold together.
        """
        pieces = list(_typed(written, self._locale)) if written else [_Piece(word, (word,)) for word in words]
        runs = list(self._runs(pieces))
        items = [item for run in runs for item in self._parts(run, listed=len(runs) > 1)]
        return list(dict.fromkeys(filter(None, (_text(self._core(item)) for item in items))))

    def reach(self, words: Sequence[str], first: int) -> int:
        """Where known things that begin at a word end at the latest; `first` when none begins there."""
        if words[first] not in self._firsts:
            return first
        return next((i for i in range(first, len(words)) if words[i] not in self._vocabulary), len(words))

    def all_known(self, words: Sequence[str], written: str = "") -> bool:
        """Whether the words, typed so, name only known things, each perhaps with an amount."""
        pieces = list(_typed(written, self._locale)) if written else [_Piece(word, (word,)) for word in words]
        runs = list(self._runs(pieces))
        return bool(runs) and all(
            self._is_known(part) for run in runs for part in self._parts(run, listed=len(runs) > 1)
        )

    def _runs(self, pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
        """Stretches between separations."""
        run: list[_Piece] = []
        inside = 0
        for place, piece in enumerate(pieces):
            inside = max(inside, self._end_of_known(pieces, place))
            if self._separates(pieces, place) and place >= inside:
                if run:
                    yield run
                run = []
            elif piece.written not in (",", ";"):
                run.append(piece)
        if run:
            yield run

    def _separates(self, pieces: Sequence[_Piece], place: int) -> bool:
        piece = pieces[place]
        if piece.written in (",", ";"):
            return True
        if piece.quoted or len(piece.words) != 1 or piece.words[0] not in self._between:
            return False
        around = [*pieces[max(place - 1, 0) : place], *pieces[place + 1 : place + 2]]
        named = len(around) == 2 and all(other.written[:1].isupper() for other in around)
        if piece.written == "&" and named and not self._ends_known(pieces, place):
            return False
        ahead = _words(pieces[place : place + LONGEST_ITEM])
        return not any(ahead[: len(phrase)] == phrase for phrase in self._together)

    def _ends_known(self, pieces: Sequence[_Piece], place: int) -> bool:
        """Whether a known thing ends before a place."""
        begins = range(max(0, place - LONGEST_ITEM), place)
        return any(_words(pieces[i:place]) in self._known for i in begins)

    def _end_of_known(self, pieces: Sequence[_Piece], place: int) -> int:
        """Where the longest known thing with 'and' in its name ends that begins here; `place` when none does."""
        if pieces[place].words[:1] and pieces[place].words[0] not in self._joint_firsts:
            return place
        ends = (i for i in range(place, len(pieces)) if pieces[i].written in (",", ";"))
        for end in range(min(next(ends, len(pieces)), place + LONGEST_ITEM), place + 1, -1):
            if _words(pieces[place:end]) in self._joint_names:
                return end
        return place

    def _parts(self, run: list[_Piece], *, listed: bool) -> list[list[_Piece]]:
        """A run without separations as known things, when it consists of nothing else; otherwise whole.

        Two alone may be one ('rice milk'): they are parted only in a list, or when the first is in the plural.
        """
        if self._is_known(run) or any(piece.quoted for piece in run):
            return [run]
        mended = self._mended(run)
        if mended:
            return mended
        parts = self._known_parts(run)
        several = [self._locale.wording.is_several(part[-1].words[-1]) for part in parts[:-1]]
        return parts if parts and (listed or len(parts) > 2 or all(several)) else [run]

    def _mended(self, run: list[_Piece]) -> list[list[_Piece]]:
        """Of 'milk no bread', where both are known, the second; none for 'cola no sugar', which is what it says."""
        for place in range(len(run) - 1, 0, -1):
            if " ".join(run[place].words) not in self._mending:
                continue
            first, second = self._known_parts(run[:place]), self._known_parts(run[place + 1 :])
            if first and second and self._without.isdisjoint(_words(run[place + 1 :])):
                return [*first[:-1], *second]
        return []

    def _known_parts(self, run: list[_Piece]) -> list[list[_Piece]]:
        """The fewest known things that the run consists of; none if it has other words."""
        best: list[list[list[_Piece]] | None] = [[]] + [None] * len(run)
        for end in range(1, len(run) + 1):
            for start in range(end - 1, max(-1, end - 2 * LONGEST_ITEM), -1):
                before = best[start]
                found = best[end]
                if before is None or (found is not None and len(found) <= len(before) + 1):
                    continue
                if self._is_known(run[start:end]):
                    best[end] = [*before, run[start:end]]
        return best[-1] or []

    def _is_known(self, pieces: Sequence[_Piece]) -> bool:
        words = _words(pieces)
        while words and words not in self._known:
            if words[0] not in self._amounts:
                return False
            words = words[1:]
        return bool(words)

    def _core(self, pieces: list[_Piece]) -> list[_Piece]:
        """A thing without what is dropped before it; nothing when that is all."""
        while pieces and not pieces[0].quoted:
            ends = range(min(len(pieces), LONGEST_ITEM), 0, -1)
            end = next((end for end in ends if _words(pieces[:end]) in self._fillers), 0)
            if not end:
                break
            pieces = pieces[end:]
        return pieces


def _typed(written: str, locale: Locale) -> Iterator[_Piece]:
    for match in _PIECES.finditer(written):
        text = match[0]
        quoted = len(text) > 2 and text[0] in _QUOTES and text[-1] in _QUOTES
        text = text[1:-1] if quoted else text
        yield _Piece(text, tuple(normalize_words(text, locale)), quoted)


def _words(pieces: Sequence[_Piece]) -> tuple[str, ...]:
    return tuple(word for piece in pieces for word in piece.words)


def _text(pieces: Sequence[_Piece]) -> str:
    return " ".join(piece.written for piece in pieces).strip().rstrip(_ENDINGS).strip()
