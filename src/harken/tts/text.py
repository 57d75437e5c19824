"""Text to the symbols that the acoustic model reads, sentence by sentence, each with its place in the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from harken.languages.locale import Letters, Locale, WeakForm
from harken.text.sentences import Sentence, split_sentences
from harken.text.speakable import PAUSES, Token, expand_text
from harken.tts.manner import PLAIN, Manner
from harken.tts.markup import Marked
from harken.tts.prosody import Floats
from harken.tts.symbols import COMMA, GAP, QUESTION, START, STOP, SYMBOLS


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
    """[N] of SYMBOLS; START first, STOP or QUESTION last."""
    ends: tuple[int, ...]
    """[N] the character of the text that is reached when a symbol has been said; never decreasing."""
    start: int
    end: int
    """Half-open span of characters of the whole text; together the lines of a text cover it, including white space."""
    question: bool
    """Whether it is a yes-or-no question, whose tune rises."""
    manners: tuple[Manner, ...] = ()
    """[N] how each symbol is said; empty: all plainly."""
    breaks: tuple[tuple[int, float], ...] = ()
    """(place of a symbol, seconds): pauses that last exactly so long, at START and STOP so much longer."""
    prosody: Floats | None = field(default=None, compare=False)
    """[N, 7] how the voice says each symbol (see `VoiceModel.plan`); None: as it thinks fit."""

    def within(self, outer: Manner) -> Line:
        """The line said in a manner, in addition to its own."""
        if outer == PLAIN:
            return self
        return replace(self, manners=tuple(own.within(outer) for own in self.manners or (PLAIN,) * len(self.symbols)))


def read_lines(text: str | Marked, pronounce: Pronounce, locale: Locale) -> list[Line]:
    """Sentences of any text that contain something to say; empty when none does (white space, ornaments).

    Args:
        text: anything, also with marks.
        pronounce: a word's phones; a word without any is left out.
        locale: the text's language.
    """
    marked = text if isinstance(text, Marked) else Marked(text=text)
    lines: list[Line] = []
    start, pauses = 0, list(marked.breaks)
    for sentence in split_sentences(_masked(marked), locale):
        tokens = _tokens(marked, sentence, locale)
        line = _line(tokens, start, sentence.end, pronounce, locale, pauses)
        if line is not None:
            lines.append(_marked(line, marked) if marked.manners else line)
            start = sentence.end
    if lines and lines[-1].end < len(marked.text):
        lines[-1] = replace(lines[-1], ends=(*lines[-1].ends[:-1], len(marked.text)), end=len(marked.text))
    if lines and pauses:
        last = (len(lines[-1].symbols) - 1, sum(seconds for _, seconds in pauses))
        lines[-1] = replace(lines[-1], breaks=(*lines[-1].breaks, last))
    return lines


def _masked(marked: Marked) -> str:
    """The text with digits in place of the characters that are said in a given way: no sentence ends among them."""
    letters = list(marked.text)
    for start, end, _ in marked.readings:
        letters[start:end] = "9" * (end - start)
    return "".join(letters)


def _tokens(marked: Marked, sentence: Sentence, locale: Locale) -> list[Token]:
    """Words and punctuation of a sentence, with places in the whole text."""
    given = [reading for reading in marked.readings if sentence.start <= reading[0] < sentence.end]
    text = sentence.text
    for start, end, _ in given:  # what is said in a given way must not be read together with its neighbours
        first, last = start - sentence.start, end - sentence.start
        text = text[:first] + " " * (last - first) + text[last:]
    tokens = [
        token._replace(start=token.start + sentence.start, end=token.end + sentence.start)
        for token in expand_text(text, locale)
    ]
    for start, end, words in given:
        tokens += [
            Token(word, start, end, word not in PAUSES, len(word) == 1 and word.isupper()) for word in words.split()
        ]
    return sorted(tokens, key=lambda token: token.start) if given else tokens


def _marked(line: Line, marked: Marked) -> Line:
    """The line with the manner of each symbol: that of the characters it comes from."""
    return replace(line, manners=tuple(marked.manner(max(end - 1, line.start)) for end in line.ends))


def _line(
    tokens: Sequence[Token], start: int, end: int, pronounce: Pronounce, locale: Locale, pauses: list[tuple[int, float]]
) -> Line | None:
    """The line of a sentence; the pauses that lie before its last word are taken from `pauses`."""
    symbols, ends = [START], [start]
    breaks: list[tuple[int, float]] = []
    pause = ""
    speech, said = locale.speech, _pronounced(tokens, pronounce, locale)
    for place, (token, phones, is_letter) in enumerate(said):
        if not token.is_word:
            pause = pause if token.text in _NO_PAUSE else COMMA
            continue
        seconds = _taken(pauses, token.start)
        if len(symbols) > 1:
            symbols.append(pause or GAP if seconds is None else COMMA if seconds else GAP)
            ends.append(ends[-1])
        if seconds:
            breaks.append((len(symbols) - 1, seconds))
        pause = ""
        following = next((later.phones for later in said[place + 1 : place + 2] if later.token.is_word), ())
        weak = None if is_letter else speech.weak.get(token.text.lower())
        symbols += _in_context(phones, following, weak)
        ends += [token.end] * (len(symbols) - len(ends))
    if len(symbols) == 1:
        return None
    first = next(token.text.lower() for token in tokens if token.is_word)
    asks = any(token.text == "?" for token in tokens[-3:])
    return Line(
        symbols=(*symbols, QUESTION if asks else STOP), ends=(*ends, end), start=start, end=end,
        question=asks and first not in speech.asking, breaks=tuple(breaks),
    )  # fmt: skip


def _taken(pauses: list[tuple[int, float]], place: int) -> float | None:
    """Seconds of the pauses up to a place, which are taken from the list; None when there are none."""
    seconds: float | None = None
    while pauses and pauses[0][0] <= place:
        seconds = (seconds or 0.0) + pauses.pop(0)[1]
    return seconds


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
    if token.is_letter:
        return token.text.lower() in letters.names
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
