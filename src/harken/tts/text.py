"""Text to the symbols that the acoustic model reads, sentence by sentence, each with its place in the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from harken.languages.locale import Letters, Locale, WeakForm
from harken.text.sentences import split_sentences
from harken.text.speakable import Token, expand_text
from harken.tts.symbols import COMMA, GAP, START, STOP, SYMBOLS


class Pronounce(Protocol):
    """A word to its phones, ARPAbet with stress digits on vowels; empty for what cannot be said."""

    def __call__(self, word: str, /, *, part: str = "") -> Sequence[str]:
        """Its phones.

        Args:
            word: as written.
            part: part of speech, for words that are said in two ways.
        """


_NO_PAUSE = frozenset('"')
_KNOWN = frozenset(SYMBOLS)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A sentence to be said."""

    symbols: tuple[str, ...]
    """[N] of SYMBOLS; START first, STOP last."""
    ends: tuple[int, ...]
    """[N] the character of the text that is reached when a symbol has been said; never decreasing."""
    start: int
    end: int
    """Half-open span of characters of the whole text; together the lines of a text cover it, including white space."""
    question: bool
    """Whether it is a yes-or-no question, whose tune rises."""


def read_lines(text: str, pronounce: Pronounce, locale: Locale) -> list[Line]:
    """Sentences of any text that contain something to say; empty when none does (white space, emoji).

    Args:
        text: anything.
        pronounce: a word's phones; a word without any is left out.
        locale: the text's language.
    """
    lines: list[Line] = []
    start = 0
    for sentence in split_sentences(text, locale):
        tokens = [
            token._replace(start=token.start + sentence.start, end=token.end + sentence.start)
            for token in expand_text(sentence.text, locale)
        ]
        line = _line(tokens, start, sentence.end, pronounce, locale)
        if line is not None:
            lines.append(line)
            start = sentence.end
    if lines and lines[-1].end < len(text):
        lines[-1] = replace(lines[-1], ends=(*lines[-1].ends[:-1], len(text)), end=len(text))
    return lines


def _line(tokens: Sequence[Token], start: int, end: int, pronounce: Pronounce, locale: Locale) -> Line | None:
    symbols, ends = [START], [start]
    pause = ""
    speech, said = locale.speech, _pronounced(tokens, pronounce, locale)
    for place, (token, phones, is_letter) in enumerate(said):
        if not token.is_word:
            pause = pause if token.text in _NO_PAUSE else COMMA
            continue
        if len(symbols) > 1:
            symbols.append(pause or GAP)
            ends.append(ends[-1])
        pause = ""
        following = next((later.phones for later in said[place + 1 : place + 2] if later.token.is_word), ())
        weak = None if is_letter else speech.weak.get(token.text.lower())
        symbols += _in_context(phones, following, weak)
        ends += [token.end] * (len(symbols) - len(ends))
    if len(symbols) == 1:
        return None
    first = next(token.text.lower() for token in tokens if token.is_word)
    question = first not in speech.asking and any(token.text == "?" for token in tokens[-3:])
    return Line(symbols=(*symbols, STOP), ends=(*ends, end), start=start, end=end, question=question)


class _Said(NamedTuple):
    """A token with its phones; a punctuation mark has none."""

    token: Token
    phones: Sequence[str] = ()
    is_letter: bool = False


def _pronounced(tokens: Sequence[Token], pronounce: Pronounce, locale: Locale) -> list[_Said]:
    """The tokens with their phones; words that cannot be spoken are left out, and the rest is still said."""
    said: list[_Said] = []
    words = [token.text.lower() for token in tokens if token.is_word]
    number = 0
    for place, token in enumerate(tokens):
        if not token.is_word:
            said.append(_Said(token))
            continue
        part = locale.speech.part_of_speech(words, number)
        number += 1
        is_letter = _is_letter(tokens, place, locale.spelling)
        if is_letter:
            phones: Sequence[str] = locale.spelling.names[token.text.lower()]
        else:
            phones = pronounce(token.text, part=part) if part else pronounce(token.text)
        if phones := [phone for phone in phones if phone in _KNOWN]:
            said.append(_Said(token, phones, is_letter))
    return said


def _is_letter(tokens: Sequence[Token], place: int, letters: Letters) -> bool:
    """Whether a word that is also a letter ('a') is one here: beside another letter of the same short form."""
    token = tokens[place]
    if token.text.lower() not in letters.words or token.text.lower() not in letters.names:
        return False
    beside = (*tokens[place - 1 : place], *tokens[place + 1 : place + 2])
    same = [other.text for other in beside if (other.start, other.end) == (token.start, token.end)]
    return any(len(text) == 1 or token.text.isupper() for text in same)


def _in_context(phones: Sequence[str], following: Sequence[str], weak: WeakForm | None) -> Sequence[str]:
    """A word's phones, or its weak form if it has one: in English 'the' before a vowel, 'a' within a sentence."""
    if weak is None or not (following or weak.last):
        return phones
    before_vowel = bool(following) and following[0][-1].isdigit()
    return weak.before_vowel if before_vowel and weak.before_vowel else weak.elsewhere
