"""IPA of any language in the common set of phones."""

from __future__ import annotations

import pytest

from harken.errors import VocabularyError
from harken.phones.ipa import to_common
from harken.phones.sets import PHONES, STRESSED, to_ipa


@pytest.mark.parametrize(
    ("ipa", "common"),
    [
        ("k ʁ w a s ɑ̃", "K R W AA S AA N"), ("d v o r̝ aː k", "D V OW R ZH AA K"), ("ʃ t ʁ a ʊ̯ s", "SH T R AW S"),
        ("b uː n̩", "B UW AH N"), ("t͡ʂ ɛ ɕ t͡ɕ", "CH EH SH CH"), ("kʷ i", "K W IY"), ("ç", "HH"),
        ("ɲ o k i", "N Y OW K IY"),
        ("ʔ aː ˧˧ f", "AA F"), ("ã m", "AA M"), ("t͡s", "T S"), ("l ɪ", "L IH"), ("HH AH0 L OW1", "HH AH L OW"),
        ("ej", "EY"), ("n o ʊ", "N OW"), ("a ɪ ə", "AY AH"), ("k͈ a̠", "K AA"), ("spn", ""),
        ("p i t t s a", "P IY T S AA"), ("a a", "AA AA"),
    ],
)  # fmt: skip
def test_phones_become_what_a_speaker_of_english_would_first_say(ipa: str, common: str):
    assert to_common(ipa.split()) == tuple(common.split())


def test_long_vowels_side_by_side_stay_two():
    assert to_common(["aː", "iː"]) == ("AA", "IY")


@pytest.mark.parametrize("wrong", ["9", "日", "a9"])
def test_what_is_not_a_phone_is_named(wrong: str):
    with pytest.raises(VocabularyError, match=f"'{wrong}' is not a phone"):
        to_common(["a", wrong])


def test_every_english_phone_comes_back_from_its_ipa_as_a_phone():
    for phone in STRESSED:
        assert set(to_common(to_ipa([phone]))) <= set(PHONES)
    for phone in ("AY1", "OW0", "CH", "NG", "ZH", "ER0", "IY1"):
        assert to_common(to_ipa([phone])) == (phone.rstrip("012"),)


def test_tones_and_stops_of_the_glottis_become_nothing():
    assert to_common(["˧˥"]) == to_common(["ʔ"]) == ()
