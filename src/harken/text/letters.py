"""Letters of any script in as few forms as possible: no accents, Greek and Cyrillic in Latin, digits as 0-9."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SPECIAL = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l",
    "Ł": "L", "þ": "th", "Þ": "Th", "ð": "th", "Ð": "Th", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "ng", "ə": "e", "ʼ": "'",
    "’": "'", "‘": "'", "ʻ": "'", "′": "'", "`": "'", "´": "'", "＇": "'", "‛": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"', "‹": '"', "›": '"', "‟": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "–", "—": "—", "―": "—", "−": "−", "⁄": "/", "∕": "/", "…": "…",
    "؟": "?", "،": ",", "؛": ";", "。": ".", "、": ",", "¿": " ", "¡": " ", "·": " ", "•": ",", "²": "²", "³": "³",
    "µ": "µ", "μ": "µ", "°": "°", "º": "°", "π": "π", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "",
    "\u00ad": "", "℃": "°C", "℉": "°F", "⋅": "×", "∙": "×", "✕": "×", "✖": "×", "∶": ":",
    "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8",
    "⅞": " 7/8", "⅕": " 1/5", "⅖": " 2/5", "⅗": " 3/5", "⅘": " 4/5", "⅙": " 1/6", "⅚": " 5/6",
}  # fmt: skip
_CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўј", (
    "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya i yi ye g w y"
).split(), strict=True))  # fmt: skip
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψωςϑϕ", (
    "a v g d e z i th i k l m n x o p r s t y f ch ps o s th f"
).split(), strict=True))  # fmt: skip
_LATIN = {letter: latin.replace("_", "") for letter, latin in {**_CYRILLIC, **_GREEK}.items()}


@lru_cache(maxsize=8192)
def fold_letter(letter: str) -> str:
    """One character in its plain form: 'É' -> 'E', 'ж' -> 'zh', '٣' -> '3', '½' -> ' 1/2'; others as they are.

    Args:
        letter: a single character.
    """
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if letter.isascii():
        return letter if letter.isprintable() else " "
    low, base = letter.lower(), _base(letter)
    if low in _SPECIAL:
        return _SPECIAL[low].upper()
    plain = _LATIN.get(low, _LATIN.get(base.lower()))
    if plain is not None:
        return plain.capitalize() if low != letter else plain
    if base.isascii():
        return base
    number = unicodedata.numeric(letter, None)
    if number is not None and not letter.isalpha():
        return str(int(number)) if number == int(number) else f" {number:.4g}"
    compatible = unicodedata.normalize("NFKC", letter)
    if compatible != letter and len(compatible) <= 24:
        return "".join(fold_letter(part) for part in compatible)
    return letter


def fold(text: str, *, keep: str = "", alone: str = "") -> tuple[str, list[int]]:
    """Text in plain letters, and for each of its characters the position it comes from.

    Combining marks are dropped after plain letters; other scripts keep theirs.

    Args:
        text: anything.
        keep: letters that stay as they are.
        alone: letters that do so where no letter beyond a-z is beside them.
    """
    folded: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if unicodedata.category(letter) in ("Mn", "Me") and (not folded or folded[-1].isascii()):
            continue
        kept = letter in keep or (letter in alone and not _beside_letter(text, place))
        plain = letter if kept else fold_letter(letter)
        folded.extend(plain)
        places.extend([place] * len(plain))
    return "".join(folded), places


def _beside_letter(text: str, place: int) -> bool:
    beside = (text[place - 1 : place] if place else "", text[place + 1 : place + 2])
    return any(other.isalpha() and not other.isascii() for other in beside)


def _base(letter: str) -> str:
    """The letter without its marks; unchanged when a mark is more than an accent."""
    parts = unicodedata.normalize("NFKD", letter)
    kept = "".join(part for part in parts if not unicodedata.combining(part))
    return kept if len(kept) == 1 else letter
