"""Signs without letters that are said by their names: emoji, smileys, Greek letters alone, and other scripts.

The names of emoji and letters are those of the Unicode character database.
"""

from __future__ import annotations

import re
import unicodedata

from harken.languages.en.aloud.context import letters
from harken.languages.en.numbers import spell_number
from harken.languages.locale import Reading

GREEK = "αβγδεζηθικλνξοπρστυφχψωςΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
"""Letters that are names of quantities where they stand alone."""
POWERS = "⁰¹⁴⁵⁶⁷⁸⁹⁻⁺"
"""Digits that would otherwise become those of the number before them."""
_NAMES = {"❤": "red heart", "♥": "heart", "☺": "smiley", "☹": "frowning face", "✓": "check mark", "✔": "check mark",
          "✗": "cross", "✘": "cross", "★": "star", "☆": "star", "λ": "lambda", "Λ": "lambda", "ς": "sigma", "µ": "mu",
          "👍": "thumbs up", "👎": "thumbs down", "™": "trademark", "°": "degrees", "😂": "face with tears of joy",
          "🚀": "rocket", "🎉": "party popper", "−": "minus", "№": "number", "Ω": "omega"}  # fmt: skip
_SMILEYS = {":-)": "smiley", ":)": "smiley", ":-(": "sad smiley", ":(": "sad smiley", ";-)": "winking smiley",
            ";)": "winking smiley", ":-D": "laughing smiley", ":D": "laughing smiley", "<3": "heart",
            ":-P": "cheeky smiley", ":P": "cheeky smiley", ":-/": "doubtful smiley"}  # fmt: skip
_SMILEY = re.compile("|".join(re.escape(smiley) for smiley in sorted(_SMILEYS, key=len, reverse=True)))
_JOINERS = "\ufe0e\ufe0f\u200d\u20e3"
_TONES = range(0x1F3FB, 0x1F400)
_FLAG = range(0x1F1E6, 0x1F200)
_SYLLABLES = ("HIRAGANA", "KATAKANA", "HANGUL")
"""Scripts whose letters have names that, one after the other, are the word."""
_SCRIPTS = {"CJK": "chinese", "DEVANAGARI": "hindi"}
_LONG = re.compile(r"^(?:greek (?:small|capital) letter |(?:hiragana|katakana|hangul) (?:letter|syllable) )(?:small )?")
_UNSAID = re.compile(r"^(?:(?:heavy|black|white|squared|negative|emoji|component|dingbat|medium|modifier) )+")
_ORNAMENTS = re.compile(
    r"box drawings|block|shade|bullet|circle$|square$|triangle|rhombus|lozenge|ornament|asterisk|arrow"
)


def read_sign(text: str, place: int) -> Reading | None:
    """A smiley, an emoji, a Greek letter alone or a word of another script; None for all other signs."""
    smiley = _SMILEY.match(text, place)
    if smiley and (place == 0 or text[place - 1].isspace()) and not text[smiley.end() : smiley.end() + 1].isalnum():
        return Reading(_SMILEYS[smiley[0]], smiley.end())
    letter = text[place]
    if letter.isascii():
        return None
    if letter.isalpha():
        return _letters(text, place)
    category = unicodedata.category(letter)
    if letter in "©®" or (category not in ("So", "Sk") and letter not in _NAMES):
        return None
    return _emoji(text, place)


def _letters(text: str, place: int) -> Reading | None:
    end = place
    while end < len(text) and (text[end].isalpha() or unicodedata.category(text[end])[0] == "M"):
        end += 1
    if text[place] in GREEK and text[place + 1 : place + 2].isascii():
        end = place + 1
    run = text[place:end]
    script = unicodedata.name(run[0], "").split(" ")[0]
    if run[0].isascii() or script in ("LATIN", "CYRILLIC", ""):
        return None
    if len(run) == 1 and (script == "GREEK" or run in _NAMES):
        return Reading(_NAMES.get(run) or _LONG.sub("", unicodedata.name(run).lower()), end)
    if script == "GREEK":
        return None
    if script in _SYLLABLES:
        return Reading("".join(_syllable(one) for one in run) or f"{script.lower()} letter", end)
    if any(part.isascii() for part in run):
        return None
    name = _SCRIPTS.get(script, script.lower())
    if script == "CJK":
        return Reading(f"{spell_number(len(run))} {name} character{'s' * (len(run) != 1)}", end)
    return Reading(f"{name} word" if len(run) > 1 else f"{name} letter", end)


def _syllable(letter: str) -> str:
    name = unicodedata.name(letter, "").lower()
    said = _LONG.sub("", name)
    return said if said.isalpha() and said != name else ""


def _emoji(text: str, place: int) -> Reading | None:
    """One emoji, with what modifies it; the same one repeated is said once."""
    sign, end = text[place], place + 1
    if ord(sign) in _FLAG and ord(text[end : end + 1] or "a") in _FLAG:
        country = "".join(chr(ord(one) - _FLAG.start + ord("A")) for one in text[place : place + 2])
        return Reading(f"{letters(country)} flag", place + 2)
    if ord(sign) in _TONES:
        return Reading("", end)
    name = _NAMES.get(sign) or unicodedata.name(sign, "").lower().replace("-", " ")
    if sign not in _NAMES and (not name or _ORNAMENTS.search(name)):
        return None
    while end < len(text) and (text[end] in _JOINERS or ord(text[end]) in _TONES or text[end] == sign):
        end += 1
    said = re.sub(r"[^a-z ]", " ", _UNSAID.sub("", name))
    return Reading(" ".join(said.split()), end)
