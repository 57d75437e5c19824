"""How letters and digits are said one after the other, for the recogniser and for sampling.

Which letter follows which in names is counted in `letters.tsv`; the other weights are chosen by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harken.languages.chains import START, Chain, Link
from harken.languages.en.numbers import spell_number
from harken.languages.en.spelled import ALPHABET, CASES, DIGITS, EXAMPLES, LIKE, SIGNS, ZEROS

_BEGIN = "^"
_DIGIT, _WORD, _SIGN, _TWICE, _CASE = "digit", "word", "sign", "twice", "case"
"""States beside the letters: after a digit, a letter given by a word, a sign, 'double', 'capital'."""
_ZERO_TO_NINE = tuple((word,) for word in DIGITS)
_OH = (("oh",),)
_RARE_ZEROS = tuple((word,) for word in ZEROS)
_PAIRS = tuple(tuple(spell_number(number).split()) for number in range(10, 100))
_TIMES = tuple((word,) for word in ("double", "triple"))


def digits_chain() -> Chain:
    """Digits one by one, in pairs, or 'double' and 'triple'."""
    links = [
        Link(before=START, after="plus", phrases=(("plus",),), weight=0.02),
        Link(before="plus", after=_DIGIT, phrases=_ZERO_TO_NINE, weight=1.0),
    ]
    for before in (START, _DIGIT):
        links += _digits(before, 0.86)
        links += [
            Link(before=before, after=_DIGIT, phrases=_PAIRS, weight=0.06),
            Link(before=before, after=_TWICE, phrases=_TIMES, weight=0.06),
        ]
    links += _digits(_TWICE, 1.0)
    links.append(Link(before=_DIGIT, after="hundred", phrases=(("hundred",), ("thousand",)), weight=0.005))
    links += _digits("hundred", 0.5)
    return Chain(links=tuple(links), ends={_DIGIT: 0.1, "hundred": 0.5})


def spelled_chain() -> Chain:
    """Letters and digits, with 'double', 'capital', signs and words for letters."""
    follows = _read_letters()
    links: list[Link] = []
    for letter in ALPHABET:
        links += _letters(letter, follows[letter], 0.83)
        links += _beside(letter, digit=0.03, word=0.005, sign=0.03)
        links.append(Link(before=letter, after=_WORD, phrases=_likened(letter), weight=0.02))
    for before, letters, digit, word in ((START, 0.75, 0.08, 0.1), (_WORD, 0.2, 0.08, 0.6), (_DIGIT, 0.08, 0.75, 0.02)):
        links += _letters(before, follows[_BEGIN], letters)
        links += _beside(before, digit=digit, word=word, sign=0.0 if before == START else 0.04)
    for before, digit in ((_SIGN, 0.3), (_TWICE, 0.2), (_CASE, 0.0)):
        links += _letters(before, follows[_BEGIN], 0.7)
        links += _digits(before, digit)
    return Chain(links=tuple(links), ends=dict.fromkeys((*ALPHABET, _WORD, _DIGIT), 0.09))


def _letters(before: str, follows: Mapping[str, int], weight: float) -> Iterator[Link]:
    total = sum(follows.values())
    for letter, count in follows.items():
        yield Link(before=before, after=letter, phrases=((letter,),), weight=weight * count / total)


def _digits(before: str, weight: float) -> Iterator[Link]:
    for phrases, share in ((_ZERO_TO_NINE, 0.95), (_OH, 0.045), (_RARE_ZEROS, 0.005)):
        if weight:
            yield Link(before=before, after=_DIGIT, phrases=phrases, weight=weight * share)


def _beside(before: str, *, digit: float, word: float, sign: float) -> Iterator[Link]:
    """What else can come where a letter can."""
    yield from _digits(before, digit)
    words = tuple(tuple(word.split()) for words in ALPHABET.values() for word in words)
    yield Link(before=before, after=_WORD, phrases=words, weight=word)
    yield Link(before=before, after=_TWICE, phrases=_TIMES, weight=0.02)
    yield Link(before=before, after=_CASE, phrases=tuple((case,) for case in CASES), weight=0.01)
    if sign:
        yield Link(before=before, after=_SIGN, phrases=tuple((word,) for word in SIGNS), weight=sign)


def _likened(letter: str) -> tuple[tuple[str, ...], ...]:
    """'as in bravo', 'for bob', ..."""
    words = [*(word for word in ALPHABET[letter] if " " not in word), *EXAMPLES[letter]]
    return tuple((*like, word) for like in LIKE for word in words)


def _read_letters() -> dict[str, dict[str, int]]:
    """Letter of a name (`_BEGIN`: none yet) -> letter -> how often it follows."""
    lines = Path(__file__).with_name("letters.tsv").read_text(encoding="ascii").splitlines()
    head, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {row[0]: dict(zip(head[1:], map(int, row[1:]), strict=True)) for row in rows}
