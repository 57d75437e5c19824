"""What the acoustic model reads: phones with stress, and the marks between them."""

from __future__ import annotations

from harken.phones.sets import CONSONANTS, PHONES, VOWELS

START, GAP, COMMA, STOP, QUESTION = "^", " ", ",", ".", "?"
"""Silence before a sentence; between two words; at a comma; after a sentence; after a question."""

MARKS = (START, GAP, COMMA, STOP, QUESTION)
SYMBOLS = (
    *(mark for mark in MARKS if mark != QUESTION),
    *(phone for phone in PHONES if phone in CONSONANTS),
    *(f"{phone}{stress}" for phone in PHONES if phone in VOWELS for stress in range(3)),
    QUESTION,
)
"""ARPAbet as CMUdict writes it, 0 for unstressed, 1 for primary, 2 for secondary stress. QUESTION comes last, since
a voice that has heard no questions does without it."""
