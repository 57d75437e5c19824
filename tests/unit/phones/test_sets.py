"""The phone set and its IPA."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harken.errors import VocabularyError
from harken.phones.sets import (
    CLASSES,
    CONSONANTS,
    PHONES,
    STRESSED,
    VOWELS,
    check_phones,
    from_ipa,
    stress_of,
    strip_stress,
    to_ipa,
)


def test_the_set_has_39_phones_and_69_with_stress():
    assert len(PHONES) == len(set(PHONES)) == 39
    assert len(STRESSED) == len(set(STRESSED)) == 69
    assert sorted(PHONES) == PHONES
    assert len(VOWELS) == 15
    assert set(PHONES) == VOWELS | CONSONANTS


def test_every_phone_is_in_exactly_one_class():
    listed = [phone for members in CLASSES.values() for phone in members]
    assert sorted(listed) == PHONES


@given(st.lists(st.sampled_from([phone for phone in STRESSED if phone[-1] != "2"]), min_size=1))
def test_ipa_and_back_gives_the_phones_without_stress(phones: list[str]):
    # Segments of neighbouring vowels may join to another diphthong ('AA' 'IH'), so each phone goes alone.
    assert tuple(one for phone in phones for one in from_ipa(to_ipa([phone]))) == strip_stress(phones)


def test_ipa_is_written_as_wikipron_writes_it():
    assert to_ipa("HH AH0 L OW1".split()) == ["h", "ə", "l", "o", "ʊ"]
    assert to_ipa("CH ER1 CH ER0".split()) == ["t͡ʃ", "ɝ", "t͡ʃ", "ɚ"]
    assert to_ipa(["AH"]) == ["ʌ"]


def test_ipa_of_others_is_understood():
    assert from_ipa("p aː t l̩".split()) == ("P", "AE", "T", "AH", "L")
    assert from_ipa(["ˈk", "æ", "ɾ"]) == ("K", "AE", "T")


def test_an_unknown_segment_is_named():
    with pytest.raises(VocabularyError, match="'ʘ' has no phone"):
        from_ipa(["k", "ʘ"])


@pytest.mark.parametrize("phones", [["QQ"], [], ["K1"], ["AH3"], ["K", ""]])
def test_what_is_no_phone_is_refused(phones: list[str]):
    with pytest.raises(VocabularyError, match="is not a pronunciation"):
        check_phones(phones)


def test_phones_are_taken_in_any_case():
    assert check_phones(["k", "ae1", "t"]) == ("K", "AE1", "T")


def test_stress_of_a_phone():
    assert [stress_of(phone) for phone in ("AH0", "IY1", "ER2", "T", "IY")] == [0, 1, 2, None, None]
