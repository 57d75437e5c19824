"""Text as the recogniser writes it and understanding reads it: lower-case words, numbers spelled, no punctuation."""

from __future__ import annotations

import re
from functools import lru_cache

from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.text.speakable import expand_text

_QUOTES = str.maketrans("‘’“”—", "''\"\"-")
_WORDS = re.compile(r"[a-z]+(?:'[a-z]+)*")


def normalize_words(text: str, locale: Locale | None = None) -> list[str]:
    """The words of a text: "It's 7:30, Mr. O'Neil!" -> ["it's", 'seven', 'thirty', 'mister', "o'neil"].

    Lower case; apostrophes are kept inside words and dropped elsewhere; hyphens split words; accents are dropped;
    numbers, dates, times, money, units, abbreviations and signs are spelled out; letters of other scripts stay, but
    Greek and Cyrillic become Latin. Normalising twice changes nothing.

    Args:
        text: anything.
        locale: its language; English when None.
    """
    locale = locale or load_locale()
    text = text.translate(_QUOTES)
    if not _needs_reading(locale).search(text):
        return _WORDS.findall(text.lower())
    return [token.text.lower() for token in expand_text(text, locale, aloud=False) if token.is_word]


@lru_cache(maxsize=32)
def _needs_reading(locale: Locale) -> re.Pattern[str]:
    """Matches what a plain split into words would, or could, read wrongly."""
    writing = locale.writing
    short = "|".join([*writing.abbreviations, *writing.before_numbers])
    words = "|".join([*writing.titles, *(sign for sign in writing.between_numbers if sign.isalpha())])
    parts = [r"[^A-Za-z\s,;!?\"'.:()\-]", r"[A-Za-z]\.[A-Za-z']"]
    parts += [rf"\b(?:{short})\."] if short else []
    parts += [rf"\b(?:{words})\b"] if words else []
    return re.compile("|".join(parts), re.IGNORECASE)
