"""Dictionaries of the real dialects in their own phones, and what those become in the common set."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from harken.phones.dialect_table import reviewed_map
from harken.phones.dialects import NOISE_PHONE, DialectLexicon
from harken.recipes.asr.dialects.family import silence_first
from harken.recipes.asr.dialects.real import ArpabetPhones, OwnPhones

SHIPPED = {
    "sit": (("S", "IH", "T"),), "seat": (("S", "IY", "T"),), "tis": (("T", "IH", "S"),),
    "many": (("S",), ("T",), ("IH",), ("IY",), ("S", "S")),
}  # fmt: skip


def spell(word: str) -> tuple[tuple[str, ...], ...]:
    return SHIPPED[word]


@pytest.fixture(scope="module")
def common() -> tuple[str, ...]:
    return silence_first(set(reviewed_map().common) - {NOISE_PHONE})


@pytest.fixture(scope="module")
def pivot(common: tuple[str, ...]) -> OwnPhones:
    words = {"sit": (("s", "ɪ", "t"),), "seat": (("s", "iː", "t"),), "city": (("s", "ɪ", "ɾ", "i"),)}
    return OwnPhones(DialectLexicon("us", words), reviewed_map(), common, spell)  # type: ignore[arg-type]


def test_a_dictionary_speaks_in_its_own_phones_with_allophones_folded(pivot: OwnPhones) -> None:
    assert pivot.labels.own == ("SIL", "i", "s", "t", "ɪ", "ɾ")
    assert pivot("city") == [("s", "ɪ", "ɾ", "i")]
    assert pivot("seat") == [("s", "i", "t")]
    assert pivot.arpabet == {"i": "IY", "s": "S", "t": "T", "ɪ": "IH", "ɾ": "T"}


def test_words_that_it_lacks_are_spelled_with_the_phones_that_it_most_often_has(pivot: OwnPhones) -> None:
    assert pivot.of_arpabet == {"IY": "i", "S": "s", "T": "t", "IH": "ɪ"}
    assert pivot("tis") == [("t", "ɪ", "s")]


def test_the_shipped_dictionary_meets_the_pivot_in_the_common_phones(
    pivot: OwnPhones, common: tuple[str, ...]
) -> None:  # fmt: skip
    learners = ArpabetPhones(pivot, spell)  # type: ignore[arg-type]
    assert learners.labels.own == ("SIL", "IH", "IY", "S", "T")
    assert learners("tis") == [("T", "IH", "S")]
    assert len(learners("many")) == 4
    assert [common[place] for place in learners.labels.common] == ["SIL", "ɪ", "i", "s", "t"]
    for word in ("sit", "seat"):
        (way,), (same,) = learners(word), pivot(word)
        theirs = [learners.labels.common[learners.labels.own.index(phone)] for phone in way]
        assert theirs == [pivot.labels.common[pivot.labels.own.index(phone)] for phone in same]
    targets = np.array([1, 1 + 5, 3, 0])
    assert learners.labels.to_common(targets, len(common)).tolist() == [
        common.index("ɪ"), common.index("ɪ") + len(common), common.index("s"), 0,
    ]  # fmt: skip
