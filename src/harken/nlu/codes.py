"""Digits and spelled names as they are typed: '4711', '+49 171 55', 'AB-12', 'B-R-A-U-N'."""

from __future__ import annotations

import re

from harken.nlu.sentence import Sentence

CODE_TYPES = frozenset({"digits", "spelled"})
"""Slot types whose values are what was typed, if that is not words for letters and digits."""
_DIGITS = re.compile(r"\+?\d+(?:[ -]?\(?\d+\)?)*|\+?\d+(?:\.\d+){2,}|\(\d+\)(?:[ -]?\d+)+")
_APART = re.compile(r"[ ().-]")
_CODE = re.compile(r"(?=[^\d]*\d)\w+(?:[-._/]\w+)*|[A-Z]{2,}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
"""Letters and digits in one piece, capitals, or a mail address."""
_NAME = re.compile(r"[A-Z][a-z]+")
_SPELLED = re.compile(r"[\w\s.'-]*")
"""What spelled letters can be typed with."""


def typed_code(kind: str, sentence: Sentence, first: int, last: int) -> str | None:
    """The words [first, last) as they were typed, if that is a value of one of `CODE_TYPES`.

    A name counts that is written instead of spelled ('Smith'), unless it begins the sentence.
    """
    written = sentence.typed(first, last)
    if kind == "digits":
        return _APART.sub("", written) if _DIGITS.fullmatch(written) else None
    is_name = sentence.places[first] > 0 and _NAME.fullmatch(written)
    return written if is_name or _CODE.fullmatch(written) else None


def typed_letters(kind: str, sentence: Sentence, first: int, last: int) -> tuple[str, ...] | None:
    """The words [first, last), typed letters as such ('u', not 'you'); None if signs tell of something else."""
    written = sentence.typed(first, last)
    if any(sign.isdigit() for sign in written) if kind == "digits" else not _SPELLED.fullmatch(written):
        return None
    typed = [sentence.typed(place, place + 1).lower() for place in range(first, last)]
    pairs = zip(typed, sentence.words[first:last], strict=True)
    return tuple(letter if len(letter) == 1 and letter.isalpha() else word for letter, word in pairs)
