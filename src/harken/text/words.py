"""Text as a recogniser writes it and understanding reads it: lower-case words, numbers spelled, no punctuation."""

from __future__ import annotations

import re

from harken.text.readings import ABBREVIATIONS, BEFORE_NUMBERS, TITLES
from harken.text.speakable import expand_text

_QUOTES = str.maketrans("‘’“”—", "''\"\"-")
_WORDS = re.compile(r"[a-z]+(?:'[a-z]+)*")
_NEEDS_READING = re.compile(
    r"[^A-Za-z\s,;!?\"'.:()\-]|[A-Za-z]\.[A-Za-z']"
    rf"|\b(?:{'|'.join([*ABBREVIATIONS, *BEFORE_NUMBERS])})\.|\b(?:{'|'.join(TITLES)}|x)\b", re.IGNORECASE,
)  # fmt: skip
"""Anything that a plain split into words would read wrongly, or might."""


def normalize_words(text: str) -> list[str]:
    """The words of a text: "It's 7:30, Mr. O'Neil!" -> ["it's", 'seven', 'thirty', 'mister', "o'neil"].

    Lower case; apostrophes stay inside words and go elsewhere; hyphens split; accents fall; numbers, dates, times,
    money, units, abbreviations and signs are spelled; letters of other scripts stay, Greek and Cyrillic become Latin.
    Normalising twice changes nothing.

    Args:
        text: anything.
    """
    text = text.translate(_QUOTES)
    if not _NEEDS_READING.search(text):
        return _WORDS.findall(text.lower())
    return [token.text.lower() for token in expand_text(text) if token.is_word]
