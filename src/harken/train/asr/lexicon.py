"""Pronunciations of training transcripts: a dictionary in CMUdict's form, and a guess for every other word.

A sentence is never dropped for one unknown word: derived forms are taken apart, the rest is spelled out by rule. The
guesses serve training only; the running recogniser has its own lexicon and pronouncer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from harken.errors import DataError
from harken.phones.sets import PHONES, SILENCE

LABELS = (SILENCE, *PHONES)
"""Output labels: silence, then the 39 phones of CMUdict without stress."""

_MOST = 4  # pronunciations of one word
_RULES = (
    "tion SH AH N|sion ZH AH N|ough AO|augh AO|eigh EY|igh AY|tch CH|sch SH|sh SH|ch CH|th TH|ph F|wh W|ck K|ng NG|"
    "gh G|kn N|wr R|qu K W|ee IY|ea IY|oo UW|oa OW|ou AW|ow OW|oi OY|oy OY|ai EY|ay EY|au AO|aw AO|ey IY|ie IY|ei IY|"
    "ew UW|ue UW|ui UW|er ER|ir ER|ur ER|ar AA R|or AO R|a AE|b B|c K|d D|e EH|f F|g G|h HH|i IH|j JH|k K|l L|m M|n N|"
    "o AA|p P|q K|r R|s S|t T|u AH|v V|w W|x K S|y IY|z Z"
)
_LETTERS = {rule.split()[0]: tuple(rule.split()[1:]) for rule in _RULES.split("|")}
_ENDINGS = {"'?s": ("",), "ing": ("", "e"), "ed": ("", "e"), "ly": ("",), "ness": ("",)}
"""Endings, and what may have been lost before them."""
_VOICELESS, _SIBILANT = frozenset("P T K F TH".split()), frozenset("S Z SH ZH CH JH".split())

Phones = tuple[str, ...]


class Lexicon:
    """Words to pronunciations.

    Args:
        known: pronunciations of known words.
    """

    def __init__(self, known: Mapping[str, Sequence[Phones]]):
        self._known = dict(known)
        self.guessed: dict[str, tuple[Phones, ...]] = {}
        """Words that were not known, with the guess made."""

    @classmethod
    def read(cls, path: Path, extra: Mapping[str, Sequence[str]] | None = None) -> Lexicon:
        """Read a dictionary: a word, then its phones; `word(2)` is a second pronunciation; stress digits are dropped.

        Args:
            path: the dictionary.
            extra: further words: phones separated by spaces.

        Raises:
            DataError: naming a line with an unknown phone.
        """
        known: dict[str, list[Phones]] = {}
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                word, *phones = re.sub(r"\d\b", "", line.split("#")[0]).split() or [""]
                wrong = set(phones) - set(PHONES)
                if wrong:
                    raise DataError(
                        f"{path}:{number}: unknown phones {sorted(wrong)}; expected ARPAbet as CMUdict has it"
                    )
                if phones:
                    _add(known, re.sub(r"\(\d?\)$", "", word.lower()), tuple(phones))
        for word, ways in (extra or {}).items():
            for way in ways:
                _add(known, word, tuple(way.split()))
        return cls({word: ways[:_MOST] for word, ways in known.items()})

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def pronounce(self, word: str) -> tuple[Phones, ...]:
        """Pronunciations of a word of a-z and apostrophes, guessed when it is not known."""
        found = self._known.get(word)
        if found:
            return tuple(found)
        if word not in self.guessed:
            self.guessed[word] = self._guess(word)
        return self.guessed[word]

    def _guess(self, word: str) -> tuple[Phones, ...]:
        derived = self._derived(word) or self._compound(word)
        return derived or (spell(word) or ("AH",),)

    def _derived(self, word: str) -> tuple[Phones, ...]:
        bare = word.replace("'", "")
        if bare != word and bare in self._known:
            return tuple(self._known[bare])
        for ending, stems in _ENDINGS.items():
            stem = re.sub(ending + "$", "", word)
            if stem != word:
                for tail in stems:
                    if stem + tail in self._known:
                        return tuple(way + _suffix(ending, way) for way in self._known[stem + tail])
        return ()

    def _compound(self, word: str) -> tuple[Phones, ...]:
        for cut in range(len(word) - 3, 2, -1):
            if word[:cut] in self._known and word[cut:] in self._known:
                return (self._known[word[:cut]][0] + self._known[word[cut:]][0],)
        return ()


def _add(known: dict[str, list[Phones]], word: str, phones: Phones) -> None:
    ways = known.setdefault(word, [])
    if phones not in ways:
        ways.append(phones)


def _suffix(ending: str, stem: Phones) -> Phones:
    last = stem[-1]
    if ending == "'?s":
        return ("IH", "Z") if last in _SIBILANT else ("S",) if last in _VOICELESS else ("Z",)
    if ending == "ed":
        return ("IH", "D") if last in "TD" else ("T",) if last in _VOICELESS | {"S", "SH", "CH"} else ("D",)
    return {"ing": ("IH", "NG"), "ly": ("L", "IY"), "ness": ("N", "AH", "S")}[ending]


@lru_cache(maxsize=4096)
def spell(word: str) -> Phones:
    """Phones by letter rules: longest spelling first, doubled letters once, a final e silent."""
    letters = re.sub(r"(.)\1", lambda m: m[0] if m[0] in ("ee", "oo") else m[1], re.sub(r"[^a-z]", "", word))
    if len(letters) > 3 and letters.endswith("e"):
        letters = letters[:-1]
    phones: list[str] = []
    while letters:
        size = next((n for n in (4, 3, 2, 1) if letters[:n] in _LETTERS), 1)
        phones += _LETTERS.get(letters[:size], ())
        letters = letters[size:]
    return tuple(phones)


def phone_ids(ways: Iterable[Phones]) -> list[list[int]]:
    """Pronunciations as label ids."""
    return [[LABELS.index(phone) for phone in way] for way in ways]
