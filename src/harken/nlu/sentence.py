"""A sentence as understanding sees it: normalised words that remember how they were typed."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from harken.languages.locale import Locale
from harken.text.speakable import expand_text

_PAUSES = frozenset(",;:.!?…–")
"""Marks that may divide two requests."""
_QUOTES = frozenset('"“”')
_PARTNERS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»", '"': '"'}
"""Opening marks and those that close them."""
_ENDED = re.compile(r"[!?….,]*([)\]}”»\"])")
"""What closes a bracket or a quotation, with the punctuation that belongs inside."""


@dataclass(frozen=True)
class Sentence:
    """Words, or some of the words of a sentence.

    Attributes:
        words: normalised; at least none.
        places: index of each word in the whole sentence.
        spans: characters [start, end) of `written` that each word of the whole sentence comes from; none for speech.
        written: the whole sentence as it was typed; '' for speech.
        pauses: indices in the whole sentence of words that a mark such as a comma follows.
    """

    words: tuple[str, ...]
    places: tuple[int, ...]
    spans: tuple[tuple[int, int], ...] = ()
    written: str = ""
    pauses: frozenset[int] = frozenset()

    @classmethod
    def of(cls, words: Sequence[str]) -> Sentence:
        """Words that were heard."""
        return cls(tuple(words), tuple(range(len(words))))

    @classmethod
    def read(cls, text: str, locale: Locale) -> Sentence:
        """Text that was typed."""
        words: list[str] = []
        typed = locale.understanding.typed
        spans: list[tuple[int, int]] = []
        pauses: set[int] = set()
        for token in expand_text(text, locale, aloud=False):
            if token.is_word:
                word = token.text.lower()
                meant = typed.get(word, word) if _stands_alone(word, text, token.start, token.end) else word
                words += meant.split()
                spans += [(token.start, token.end)] * (len(words) - len(spans))
            elif token.text in _PAUSES and words:
                pauses.add(len(words) - 1)
        return cls(tuple(words), tuple(range(len(words))), tuple(spans), text, frozenset(pauses))

    def __len__(self) -> int:
        return len(self.words)

    def part(self, first: int, last: int) -> Sentence:
        """The words [first, last)."""
        return self.pick(range(first, last))

    def pick(self, chosen: Iterable[int]) -> Sentence:
        """Some of the words, by their index, in this order."""
        order = list(chosen)
        words, places = tuple(self.words[i] for i in order), tuple(self.places[i] for i in order)
        return Sentence(words, places, self.spans, self.written, self.pauses)

    def join(self, other: Sentence) -> Sentence:
        """The words of this part, then those of another part of the same sentence."""
        words, places = self.words + other.words, self.places + other.places
        return Sentence(words, places, self.spans, self.written, self.pauses)

    def without(self, dropped: Container[str]) -> Sentence:
        """The words that are not among these."""
        if not any(word in dropped for word in self.words):
            return self
        return self.pick(i for i, word in enumerate(self.words) if word not in dropped)

    def with_word(self, place: int, word: str) -> Sentence:
        """The same sentence with another word at a place."""
        return replace(self, words=(*self.words[:place], word, *self.words[place + 1 :]))

    def typed(self, first: int, last: int) -> str:
        """The words [first, last) as they were typed; as heard when nothing was typed."""
        if not self.spans:
            return " ".join(self.words[first:last])
        runs: list[list[int]] = []
        for place in self.places[first:last]:
            if runs and place == runs[-1][-1] + 1:
                runs[-1].append(place)
            else:
                runs.append([place])
        return " ".join(self._balanced(self.spans[run[0]][0], self.spans[run[-1]][1]) for run in runs)

    def cuts_typed(self, first: int, last: int) -> bool:
        """Whether the words [first, last) begin or end within what was typed as one: of '47', 'forty' alone."""
        spans = [self.spans[place] for place in self.places]
        return any(0 < edge < len(spans) and spans[edge] == spans[edge - 1] for edge in (first, last))

    def quoted(self, first: int, last: int) -> str:
        """As `typed`, with the quotation marks around the words; '' when nothing was typed."""
        if not self.spans or not self.part(first, last).whole:
            return self.typed(first, last) if self.spans else ""
        start, end = self.spans[self.places[first]][0], self.spans[self.places[last - 1]][1]
        start -= self.written[max(start - 1, 0) : start] in _QUOTES
        return self._balanced(start, end + (self.written[end : end + 1] in _QUOTES))

    def _balanced(self, start: int, end: int) -> str:
        """The characters [start, end), with brackets and quotation marks around them whose partners are inside."""
        while (closed := _ENDED.match(self.written, end)) and _is_open(self.written[start:end], closed[1]):
            end = closed.end()
        while start and _is_unopened(self.written[start:end], self.written[start - 1]):
            start -= 1
        return self.written[start:end]

    def pauses_after(self, place: int) -> bool:
        """Whether a mark such as a comma follows the word."""
        return self.places[place] in self.pauses

    def without_digit(self, sounds: Mapping[str, str]) -> Iterator[Sentence]:
        """Ways to take a digit for the word that sounds like it: 'add milk 2 the list'.

        Args:
            sounds: digit as it is typed -> the word that it may stand for.
        """
        for place, (begin, end) in enumerate(self.spans[i] for i in self.places if self.spans):
            if self.written[begin:end] in sounds:
                yield self.with_word(place, sounds[self.written[begin:end]])

    @property
    def asks(self) -> bool:
        """Whether a question mark was typed at the end of the whole sentence: 'the lights on?'."""
        return self.written.rstrip().endswith("?")

    @property
    def whole(self) -> bool:
        """Whether the words stand together in the sentence, nothing left out between them."""
        return all(after == before + 1 for before, after in pairwise(self.places))


def _stands_alone(word: str, text: str, start: int, end: int) -> bool:
    """Whether letters were typed as a word: the 'u' of 'u.k.' and of 'U2' is not 'you'."""
    around = text[:start][-1:] + text[end:][:1]
    return text[start:end].lower() == word and not any(letter.isalnum() for letter in around)


def _is_open(text: str, closing: str) -> bool:
    """Whether a bracket or a quotation that begins in the text lacks its closing mark."""
    opening = next(mark for mark, partner in _PARTNERS.items() if partner == closing)
    return _alone(text, opening, closing)[0]


def _is_unopened(text: str, mark: str) -> bool:
    """Whether the mark would open a bracket or a quotation that ends in the text."""
    return mark in _PARTNERS and _alone(text, mark, _PARTNERS[mark])[1]


def _alone(text: str, opening: str, closing: str) -> tuple[bool, bool]:
    """Whether an opening mark of the text has no partner in it; whether a closing mark has none."""
    if opening == closing:
        return (text.count(opening) % 2 == 1,) * 2
    waiting, unopened = 0, False
    for letter in text:
        unopened |= letter == closing and not waiting
        waiting = max(0, waiting + (letter == opening) - (letter == closing))
    return waiting > 0, unopened
