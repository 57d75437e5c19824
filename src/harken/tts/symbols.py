"""What the acoustic model reads: phones with stress, and the marks between them."""

from __future__ import annotations

START, GAP, COMMA, STOP = "^", " ", ",", "."
"""Silence before a sentence; between two words; at a comma; after a sentence."""

MARKS = (START, GAP, COMMA, STOP)
VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
CONSONANTS = (
    "B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V", "W", "Y",
    "Z", "ZH",
)  # fmt: skip
SYMBOLS = (*MARKS, *CONSONANTS, *(f"{vowel}{stress}" for vowel in VOWELS for stress in range(3)))
"""ARPAbet as CMUdict writes it, 0 for unstressed, 1 for primary, 2 for secondary stress."""
