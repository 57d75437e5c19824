"""Spelled letters and digits as they are written: 'b r a u n' as 'B R A U N', 'four seven double one' as '4711'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from harken.events import Word
from harken.languages.loading import load_locale
from harken.languages.locale import Locale

FEWEST_DIGITS = 3
"""Words from which on digits are written as such: 'one or two three' is left alone."""
FEWEST_LETTERS = 2
"""Letters from which on they are written as such, those at the ends that are also words ('a') not counted."""


def with_codes(words: Sequence[Word], locale: Locale | None = None) -> list[Word]:
    """The words of a transcript, runs of letters and of digits each as one word.

    Args:
        words: in the order of time. A code has the time of its words, and the confidence of its least sure one.
        locale: their language; English when None.
    """
    texts = [word.text for word in words]
    return [
        words[first] if text is None else _joined(words[first:last], text)
        for first, last, text in _pieces(texts, locale or load_locale())
    ]


def _joined(words: Sequence[Word], text: str) -> Word:
    sure = min(word.confidence for word in words)
    return Word(text=text, start=words[0].start, end=words[-1].end, confidence=sure)


def _pieces(texts: Sequence[str], locale: Locale) -> Iterator[tuple[int, int, str | None]]:
    """(first word, one past the last, what is written for them); None where a word stays as it is."""
    place = 0
    while place < len(texts):
        letters = _letters(texts, place, locale)
        last, text = (letters, " ".join(texts[place:letters]).upper()) if letters else _digits(texts, place, locale)
        yield place, last, text
        place = last


def _letters(texts: Sequence[str], place: int, locale: Locale) -> int:
    """Where the letters end that begin here; 0 when they are too few to be spelling."""
    letters = locale.spelling
    end = place
    while end < len(texts) and texts[end] in letters.names:
        end += 1
    inner = list(texts[place:end])
    while inner and inner[0] in letters.words:
        del inner[0]
    while inner and inner[-1] in letters.words:
        inner.pop()
    return end if len(inner) >= FEWEST_LETTERS else 0


def _digits(texts: Sequence[str], place: int, locale: Locale) -> tuple[int, str | None]:
    """Where the longest run of digits ends that begins here, and the digits; the next word when there is none."""
    read, longest = locale.understanding.read_value, locale.understanding.longest.get("digits", 0)
    for end in range(min(len(texts), place + longest), place + FEWEST_DIGITS - 1, -1):
        if _one_by_one(texts[place:end], locale) and not (
            _goes_on(texts, place, locale) or _goes_on(texts, end, locale)
        ):
            return end, str(read("digits", texts[place:end], dt.date.today))
    return place + 1, None


def _goes_on(texts: Sequence[str], place: int, locale: Locale) -> bool:
    """Whether digits that begin or end before the word at `place` belong to a larger number."""
    read, reach = locale.understanding.read_value, range(1, 3)
    if not 0 < place < len(texts):
        return False
    return any(
        read(kind, texts[place - before : place + behind], dt.date.today) is not None
        for kind in ("digits", "number") for before in reach for behind in reach if before <= place
    )  # fmt: skip


def _one_by_one(words: Sequence[str], locale: Locale) -> bool:
    """Whether words are digits, or one digit several times ('double four'), but no numbers of several digits."""
    read, place = locale.understanding.read_value, 0
    while place < len(words):
        alone = read("digits", words[place : place + 1], dt.date.today)
        pair = read("digits", words[place : place + 2], dt.date.today) if alone is None else None
        if alone is not None and len(alone) == 1:
            place += 1
        elif pair is not None and len(set(pair)) == 1:
            place += 2
        else:
            return False
    return True
