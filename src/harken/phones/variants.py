"""How a listed pronunciation sounds in quick, casual English: what dictionaries leave to the speaker.

A T between voiced sounds becomes a tap ("computer", "butter", "not at"), which the phone set writes D; vowels without
stress lose their quality ("jarvis" with AH or IH). Dictionaries list some of these, but not by rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from harken.phones.sets import VOWELS, stress_of

Alternatives = tuple[tuple[str, ...], ...]
"""For each phone of a pronunciation the phones without stress that may stand there, the listed one first."""

_TAPPED_AFTER = VOWELS | {"R"}
_REDUCED = {"AH": ("AH", "IH"), "IH": ("IH", "AH")}


def casual(phones: Sequence[str]) -> Alternatives:
    """The phones that may stand at each place: ('S', 'IH1', 'T', 'IY0') -> (S) (IH) (T or D) (IY).

    Args:
        phones: with stress, e.g. from `Pronunciation.ways`; vowels without a digit are left as they are.
    """
    return tuple(_at(phones, place) for place in range(len(phones)))


def _at(phones: Sequence[str], place: int) -> tuple[str, ...]:
    phone = phones[place]
    plain = phone.rstrip("012")
    if stress_of(phone) == 0 and plain in _REDUCED:
        return _REDUCED[plain]
    inside = 0 < place < len(phones) - 1
    if plain == "T" and inside and stress_of(phones[place + 1]) == 0:
        before = phones[place - 1].rstrip("012")
        return ("T", "D") if before in _TAPPED_AFTER else ("T",)
    return (plain,)
