"""The phones: ARPAbet as CMUdict writes it, and their IPA as WikiPron writes it.

One set serves everything: 39 phones without stress for recognition; with a stress digit on vowels (0 none, 1 primary,
2 secondary) for synthesis.
"""

from __future__ import annotations

from collections.abc import Iterable

from harken.errors import VocabularyError

PHONES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
).split()
"""The 39 phones of CMUdict without stress, in alphabetical order."""
VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())
CONSONANTS = frozenset(PHONES) - VOWELS
SILENCE = "SIL"
"""Label of silence in acoustic models, which have it in addition to the phones."""
STRESSED = [phone + digit for phone in PHONES for digit in (("0", "1", "2") if phone in VOWELS else ("",))]
"""The 69 phones with stress: what lexicon and pronouncer hold and synthesis speaks."""
PHONE_SETS = {"arpabet": STRESSED}
"""Phone set that a language may name -> its phones with stress."""

_IPA = {
    "AA": "ɑ", "AE": "æ", "AO": "ɔ", "AW": "a ʊ", "AY": "a ɪ", "B": "b", "CH": "t͡ʃ", "D": "d", "DH": "ð", "EH": "ɛ",
    "EY": "e ɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "d͡ʒ", "K": "k", "L": "l", "M": "m",
    "N": "n", "NG": "ŋ", "OW": "o ʊ", "OY": "ɔ ɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ",
    "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
_REDUCED = {"AH": ("ə", "ʌ"), "ER": ("ɚ", "ɝ")}
"""Unstressed and stressed forms that IPA writes differently."""


def strip_stress(phones: Iterable[str]) -> tuple[str, ...]:
    """('HH', 'AH0', 'L', 'OW1') -> ('HH', 'AH', 'L', 'OW')."""
    return tuple(phone.rstrip("012") for phone in phones)


def stress_of(phone: str) -> int | None:
    """0, 1 or 2 for a vowel with a digit, None for anything else."""
    return int(phone[-1]) if phone[-1:] in ("0", "1", "2") else None


def check_phones(phones: Iterable[str]) -> tuple[str, ...]:
    """The phones in upper case, with or without stress.

    Raises:
        VocabularyError: naming what is not a phone.
    """
    upper = tuple(phone.upper() for phone in phones)
    wrong = [phone for phone in upper if phone not in _KNOWN]
    if wrong or not upper:
        raise VocabularyError(
            f"{' '.join(wrong) or 'nothing'} is not a pronunciation; expected phones such as HH AH0 L OW1 "
            f"(known: {' '.join(PHONES)}, vowels with an optional 0, 1 or 2)"
        )
    return upper


def to_ipa(phones: Iterable[str]) -> list[str]:
    """IPA segments as WikiPron lists them: no stress marks, diphthongs in two: ['HH', 'EY1'] -> ['h', 'e', 'ɪ'].

    Raises:
        VocabularyError: naming what is not a phone.
    """
    segments: list[str] = []
    for phone in check_phones(phones):
        plain, stress = phone.rstrip("012"), stress_of(phone)
        segments += _REDUCED[plain][stress != 0].split() if plain in _REDUCED else _IPA[plain].split()
    return segments


_KNOWN = frozenset(PHONES) | frozenset(STRESSED)
