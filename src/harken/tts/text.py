"""Text to the symbols that the acoustic model reads, sentence by sentence, each with its place in the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harken.languages.locale import Locale, Speech, WeakForm
from harken.text.sentences import split_sentences
from harken.text.speakable import Token, expand_text
from harken.tts.symbols import COMMA, GAP, START, STOP, SYMBOLS

Pronounce = Callable[[str], Sequence[str]]
"""A word to its phones, ARPAbet with stress digits on vowels; empty for what cannot be said."""

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
        line = _line(tokens, start, sentence.end, pronounce, locale.speech)
        if line is not None:
            lines.append(line)
            start = sentence.end
    if lines and lines[-1].end < len(text):
        lines[-1] = replace(lines[-1], ends=(*lines[-1].ends[:-1], len(text)), end=len(text))
    return lines


def _line(tokens: Sequence[Token], start: int, end: int, pronounce: Pronounce, speech: Speech) -> Line | None:
    symbols, ends = [START], [start]
    pause = ""
    said = _pronounced(tokens, pronounce)
    for place, (token, phones) in enumerate(said):
        if not token.is_word:
            pause = pause if token.text in _NO_PAUSE else COMMA
            continue
        if len(symbols) > 1:
            symbols.append(pause or GAP)
            ends.append(ends[-1])
        pause = ""
        following = next((later for other, later in said[place + 1 : place + 2] if other.is_word), ())
        symbols += _in_context(phones, following, speech.weak.get(token.text.lower()))
        ends += [token.end] * (len(symbols) - len(ends))
    if len(symbols) == 1:
        return None
    first = next(token.text.lower() for token in tokens if token.is_word)
    question = first not in speech.asking and any(token.text == "?" for token in tokens[-3:])
    return Line(symbols=(*symbols, STOP), ends=(*ends, end), start=start, end=end, question=question)


def _pronounced(tokens: Sequence[Token], pronounce: Pronounce) -> list[tuple[Token, Sequence[str]]]:
    """The tokens with their phones; words that cannot be spoken are left out, and the rest is still said."""
    said: list[tuple[Token, Sequence[str]]] = []
    for token in tokens:
        phones = [phone for phone in pronounce(token.text) if phone in _KNOWN] if token.is_word else []
        if phones or not token.is_word:
            said.append((token, phones))
    return said


def _in_context(phones: Sequence[str], following: Sequence[str], weak: WeakForm | None) -> Sequence[str]:
    """A word's phones, or its weak form if it has one: in English 'the' before a vowel, 'a' within a sentence."""
    if weak is None or not (following or weak.last):
        return phones
    before_vowel = bool(following) and following[0][-1].isdigit()
    return weak.before_vowel if before_vowel and weak.before_vowel else weak.elsewhere
