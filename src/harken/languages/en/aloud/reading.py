"""The rules in their order: what begins at a place of a text, as only the voice reads it."""

from __future__ import annotations

from harken.languages.en.aloud.addresses import read_address
from harken.languages.en.aloud.measures import read_by, read_measure, read_money_letters
from harken.languages.en.aloud.numbers import read_letter_power, read_number
from harken.languages.en.aloud.signs import GREEK, POWERS, read_sign
from harken.languages.en.aloud.words import read_word
from harken.languages.locale import Reading

KEPT = POWERS
"""Characters that the rules want to see as they were written."""
ALONE = GREEK
"""Letters that they want to see where they stand alone."""
_LETTER_RULES = (read_address, read_money_letters, read_letter_power, read_word, read_by)
_OTHER_RULES = (read_address, read_sign, read_measure, read_number)


def read_aloud(text: str, place: int) -> Reading | None:
    """What begins at `place`, if its neighbours or its sign give it another reading than the general rules.

    Understanding does not use these rules: for it, '1920' is a number whatever stands around it.
    """
    letter = text[place]
    inside = place > 0 and text[place - 1].isalnum()
    if inside and (letter.isdigit() or letter.isalpha()) and letter != "x":
        return None
    for rule in _LETTER_RULES if letter.isascii() and letter.isalpha() else _OTHER_RULES:
        reading = rule(text, place)
        if reading is not None:
            return reading
    return None
