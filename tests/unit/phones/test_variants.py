"""Casual variants of listed pronunciations."""

from __future__ import annotations

import pytest

from harken.phones.variants import casual


@pytest.mark.parametrize(
    ("phones", "variants"),
    [
        ("K AH0 M P Y UW1 T ER0", "K AH|IH M P Y UW T|D ER"),
        ("JH AA1 R V AH0 S", "JH AA R V AH|IH S"),
        ("P AA1 R T IY0", "P AA R T|D IY"),
        ("K IH1 CH AH0 N", "K IH CH AH|IH N"),
        ("AH0 T AE1 K", "AH|IH T AE K"),
        ("AE1 F T ER0", "AE F T ER"),
        ("T AH0 D EY1", "T AH|IH D EY"),
        ("K AE1 T", "K AE T"),
        ("B AH1 T", "B AH T"),
    ],
    ids=["tapped", "reduced", "after R", "IH", "before stress", "after F", "first", "last", "stressed AH"],
)
def test_a_tap_between_voiced_sounds_and_a_reduced_vowel_may_stand_for_the_listed_phone(
    phones: str, variants: str
) -> None:
    assert casual(phones.split()) == tuple(tuple(place.split("|")) for place in variants.split())


def test_vowels_without_a_digit_and_consonants_stay() -> None:
    assert casual(("K", "AH", "T", "ER")) == (("K",), ("AH",), ("T",), ("ER",))
