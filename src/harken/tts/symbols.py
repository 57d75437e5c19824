"""What the acoustic model reads: phones with stress, and the marks between them."""

from __future__ import annotations

from harken.phones.sets import CONSONANTS, PHONES, VOWELS

START, GAP, COMMA, STOP = "^", " ", ",", "."
"""Silence before a sentence; between two words; at a comma; after a sentence."""

MARKS = (START, GAP, COMMA, STOP)
SYMBOLS = (
    *MARKS,
    *(phone for phone in PHONES if phone in CONSONANTS),
    *(f"{phone}{stress}" for phone in PHONES if phone in VOWELS for stress in range(3)),
)
"""ARPAbet as CMUdict writes it, 0 for unstressed, 1 for primary, 2 for secondary stress."""
