"""Splits a reply into sentences, so that the first can be spoken while the rest is still being synthesised."""

from __future__ import annotations

import re
from typing import NamedTuple

from harken.languages.loading import load_locale
from harken.languages.locale import Locale, Writing

LONGEST_SENTENCE = 220
"""Characters; a longer sentence is cut at its best pause (about 15 s of speech)."""

_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_INITIAL = re.compile(r"(?:^|[\s.(])[A-Za-z]$")


class Sentence(NamedTuple):
    """A sentence and its half-open span of characters."""

    text: str
    start: int
    end: int


def split_sentences(text: str, locale: Locale | None = None, *, longest: int = LONGEST_SENTENCE) -> list[Sentence]:
    """Sentences in order, without the white space around them; together they contain every other character.

    Args:
        text: anything.
        locale: its language; English when None.
        longest: characters, >= 20; longer sentences are cut at a pause, else between words, else anywhere.
    """
    writing = (locale or load_locale()).writing
    sentences: list[Sentence] = []
    start = 0
    for match in _END.finditer(text):
        if _is_end(text, start, match, writing):
            sentences += _pieces(text, start, match.end(), longest)
            start = match.end()
    return sentences + _pieces(text, start, len(text), longest)


def _is_end(text: str, start: int, match: re.Match[str], writing: Writing) -> bool:
    following = text[match.end() : match.end() + 8].lstrip()[:1]
    if match[0][0] in "!?…\n" or len(match[0].rstrip("\"'”’)]")) > 1:
        return match[0][0] == "\n" or not following.islower()
    before = text[start : match.start()]
    word = re.split(r"[\s.(]", before)[-1].lower()
    if not following:
        return True
    if word in writing.before_numbers and following.isdigit():
        return False
    if _is_short(word, writing) or _INITIAL.search(before):
        return False
    if word.isdigit() and len(word) < 3 and not before[: -len(word)].strip():  # '1. First point'
        return False
    return not following.islower()


def _is_short(word: str, writing: Writing) -> bool:
    """Whether the full stop belongs to a short form and does not end the sentence."""
    short = word in writing.titles or word in writing.abbreviations or word in writing.before_numbers
    return short and word not in writing.may_end


def _pieces(text: str, start: int, end: int, longest: int) -> list[Sentence]:
    """The stretch as one sentence, or cut where it is too long."""
    pieces: list[Sentence] = []
    while True:
        stretch = text[start:end]
        start += len(stretch) - len(stretch.lstrip())
        stretch = stretch.strip()
        if not stretch:
            return pieces
        cut = len(stretch) if len(stretch) <= longest else _cut(stretch, longest)
        piece = stretch[:cut].rstrip()
        pieces.append(Sentence(piece, start, start + len(piece)))
        start += cut


def _cut(stretch: str, longest: int) -> int:
    """After the last pause before `longest`; the stronger the pause, the earlier it may be."""
    for pattern, earliest in ((r"[;:—–]\s", 3), (r",\s", 3), (r"\s", 2)):
        ends = [match.start() + 1 for match in re.finditer(pattern, stretch[: longest + 1])]
        if ends and ends[-1] >= longest // earliest:
            return ends[-1]
    return longest
