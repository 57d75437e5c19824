"""The phone set and its IPA."""

from __future__ import annotations

import pytest

from harken.errors import VocabularyError
from harken.phones.sets import (
    CONSONANTS,
    PHONES,
    STRESSED,
    VOWELS,
    check_phones,
    stress_of,
    to_ipa,
)


def test_the_set_has_39_phones_and_69_with_stress():
    assert len(PHONES) == len(set(PHONES)) == 39
    assert len(STRESSED) == len(set(STRESSED)) == 69
    assert sorted(PHONES) == PHONES
    assert len(VOWELS) == 15
    assert set(PHONES) == VOWELS | CONSONANTS


def test_every_phone_has_an_ipa_of_its_own():
    assert len({tuple(to_ipa([phone])) for phone in PHONES}) == len(PHONES)


def test_ipa_is_written_as_wikipron_writes_it():
    assert to_ipa("HH AH0 L OW1".split()) == ["h", "ə", "l", "o", "ʊ"]
    assert to_ipa("CH ER1 CH ER0".split()) == ["t͡ʃ", "ɝ", "t͡ʃ", "ɚ"]
    assert to_ipa(["AH"]) == ["ʌ"]


@pytest.mark.parametrize("phones", [["QQ"], [], ["K1"], ["AH3"], ["K", ""]])
def test_what_is_no_phone_is_refused(phones: list[str]):
    with pytest.raises(VocabularyError, match="is not a pronunciation"):
        check_phones(phones)


def test_phones_are_taken_in_any_case():
    assert check_phones(["k", "ae1", "t"]) == ("K", "AE1", "T")


def test_stress_of_a_phone():
    assert [stress_of(phone) for phone in ("AH0", "IY1", "ER2", "T", "IY")] == [0, 1, 2, None, None]
