"""IPA of any language in the one common set of phones, ARPAbet, as a speaker of English would first say it.

The common set is the recogniser's, the tagger's and the voice's (decision 0003), so that a word of any language, or a
name that comes from another one, can be heard and spoken by them. Each language keeps its own phones; this table says
what they become. Length, tone, aspiration and the like have no counterpart and are dropped; a long consonant is said
once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from harken.errors import VocabularyError
from harken.languages.locale import Phones
from harken.phones.sets import PHONES, VOWELS

_LETTERS: dict[str, str] = {
    "i": "IY", "y": "UW", "ɨ": "IH", "ʉ": "UW", "ɯ": "UW", "u": "UW", "ɪ": "IH", "ʏ": "UH", "ʊ": "UH", "e": "EY",
    "ø": "ER", "ɘ": "AH", "ɵ": "UH", "ɤ": "AH", "o": "OW", "ə": "AH", "ɛ": "EH", "œ": "ER", "ɜ": "ER", "ɞ": "ER",
    "ʌ": "AH", "ɔ": "AO", "æ": "AE", "ɐ": "AH", "a": "AA", "ɶ": "AE", "ɑ": "AA", "ɒ": "AO", "ɚ": "ER", "ɝ": "ER",
    "ᵻ": "IH", "p": "P", "b": "B", "ɓ": "B", "t": "T", "d": "D", "ɗ": "D", "ʈ": "T", "ɖ": "D", "c": "K", "ɟ": "G",
    "k": "K", "ɡ": "G", "g": "G", "q": "K", "ɢ": "G", "ʔ": "", "m": "M", "ɱ": "M", "n": "N", "ɳ": "N", "ɲ": "N Y",
    "ŋ": "NG", "ɴ": "N", "l": "L", "ɫ": "L", "ɭ": "L", "ʎ": "L Y", "ɬ": "L", "ɮ": "L", "ʟ": "L", "r": "R", "ɾ": "R",
    "ɹ": "R", "ɻ": "R", "ɽ": "R", "ʁ": "R", "ʀ": "R", "ɸ": "F", "β": "V", "f": "F", "v": "V", "ʋ": "V", "θ": "TH",
    "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ʂ": "SH", "ʐ": "ZH", "ɕ": "SH", "ʑ": "ZH", "ç": "HH",
    "ʝ": "Y", "x": "HH", "ɣ": "G", "χ": "HH", "ħ": "HH", "ʕ": "", "h": "HH", "ɦ": "HH", "ɧ": "SH", "j": "Y",
    "w": "W", "ɥ": "W", "ɰ": "W", "ʍ": "W", "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH", "tʂ": "CH", "dʐ": "JH",
    "ts": "T S", "dz": "D Z", "pf": "P F", "kp": "P", "gb": "B", "ɡb": "B", "qχ": "K", "aj": "AY", "aw": "AW",
    "ej": "EY", "ow": "OW", "ɔj": "OY", "ai": "AY", "aʊ": "AW", "ŋm": "NG",
}  # fmt: skip
"""IPA letter, or several that are one sound, without marks -> ARPAbet."""
_TOGETHER = {
    ("a", "ɪ"): "AY", ("a", "i"): "AY", ("a", "ʊ"): "AW", ("a", "u"): "AW", ("e", "ɪ"): "EY", ("ɛ", "ɪ"): "EY",
    ("o", "ʊ"): "OW", ("ə", "ʊ"): "OW", ("ɔ", "ɪ"): "OY", ("ɔ", "ʏ"): "OY", ("ɔ", "i"): "OY",
}  # fmt: skip
"""Two vowels, the second of them short or not syllabic, that English has as one."""
_NASAL, _SYLLABIC, _RAISED = "\u0303", "\u0329\u030d", "\u031d"
_NO_SOUND = frozenset("˥˦˧˨˩²¹‿~")
_MARKS = frozenset({"Lm", "Sk"})
"""Unicode classes of small raised letters and of tones."""
_SILENT_TOKENS = frozenset({"spn"})


def to_common(phones: Iterable[str]) -> Phones:
    """IPA in ARPAbet without stress: ('ʒ', 'a', 'ɑ̃') -> ('ZH', 'AA', 'AA', 'N'); nothing for tones and glottal stops.

    Args:
        phones: IPA letters with their marks, e.g. as the pronouncer gives them for French; ARPAbet stays as it is.

    Raises:
        VocabularyError: naming what is neither.
    """
    said: list[str] = []
    listed = [phone for phone in phones if phone not in _SILENT_TOKENS]
    plain = [_letters(phone) for phone in listed]
    place = 0
    while place < len(listed):
        pair = tuple(plain[place : place + 2])
        if pair in _TOGETHER and _is_one_sound(listed, place):
            said.append(_TOGETHER[pair])
            place += 2
            continue
        said += _one(listed[place], plain[place], listed[place + 1] if place + 1 < len(listed) else "")
        place += 1
    return tuple(
        phone for place, phone in enumerate(said) if phone in VOWELS or said[place - 1 : place] != [phone]
    )  # fmt: skip


def _letters(phone: str) -> str:
    """A phone without marks; the cedilla of 'ç' is not one."""
    signs = unicodedata.normalize("NFD", phone).replace("c\u0327", "ç")
    return "".join(
        sign
        for sign in signs
        if not unicodedata.combining(sign) and unicodedata.category(sign) not in _MARKS and sign not in _NO_SOUND
    )


def _is_one_sound(phones: list[str], place: int) -> bool:
    """Whether neither of two vowels is long."""
    return "ː" not in phones[place] + phones[place + 1]


def _one(phone: str, plain: str, following: str) -> list[str]:
    bare = phone.rstrip("012")
    if bare in PHONES:
        return [bare]
    marks = frozenset(unicodedata.normalize("NFD", phone))
    if plain == "r" and _RAISED in marks:
        return ["R", "ZH"]
    if not plain and set(phone) <= _NO_SOUND | {"ˀ", "˞", "\u0303"}:
        return []
    found = _LETTERS.get(plain)
    said = found.split() if found is not None else [part for letter in plain for part in _letter(phone, letter)]
    if marks & frozenset(_SYLLABIC) and said and said[0] not in VOWELS:
        said = ["AH", *said]
    if _NASAL in marks and said and said[-1] in VOWELS and not _is_nasal(following):
        said = [*said, "N"]
    if "ʷ" in phone and said:
        said = [*said, "W"]
    return said


def _letter(phone: str, letter: str) -> list[str]:
    found = _LETTERS.get(letter)
    if found is None:
        raise VocabularyError(f"'{phone}' is not a phone that harken knows; expected IPA as 't͡ʃ' or 'ɑ̃', or ARPAbet")
    return found.split()


def _is_nasal(phone: str) -> bool:
    return _letters(phone)[:1] in tuple("mnŋɲɴɳɱ")
