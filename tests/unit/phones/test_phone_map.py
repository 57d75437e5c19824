"""The phone map: what every map must be, what it does to a lexicon, and the table that comes with harken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harken.errors import DataError, VocabularyError
from harken.phones.dialect_table import TABLE, parse_table, read_map, reviewed_map
from harken.phones.dialects import NOISE_PHONE, DialectLexicon, is_vowel, read_dialect
from harken.phones.phone_map import MergeEffect, PhoneDecision, PhoneMap
from harken.phones.sets import PHONES

DECISIONS = {
    "north": {
        "ʈ": PhoneDecision(image="t", how="automatic", share=0.9, count=100),
        "a": PhoneDecision(image="æ", how="reviewed", reason="the open vowel"),
    }
}
SMALL = PhoneMap("us", frozenset("t tʰ d æ ə i iː spn".split()), {"t": "t", "tʰ": "t", "i": "i", "iː": "i"}, DECISIONS)
NORTH = read_dialect(["tat\tʈ a tʰ", "tat\tt a t", "tad\ttʰ a d", "teed\ttʰ iː d", "tid\tt i d", "x\tspn"], "north")
REVIEWED = reviewed_map()
OF_DIALECT = [(name, phone) for name, rows in REVIEWED.decisions.items() for phone in (*rows, *REVIEWED.inventory)]


def with_row(
    phone: str, image: str, *, how: str = "automatic", reason: str = ""
) -> dict[str, dict[str, PhoneDecision]]:
    return {"north": {phone: PhoneDecision(image=image, how=how, share=0.9, count=100, reason=reason)}}


def test_the_common_set_is_the_folded_inventory_of_the_pivot():
    assert SMALL.common == set("t d æ ə i spn".split())
    assert SMALL.dialects == ("us", "north")


def test_every_phone_of_a_dialect_has_one_image_in_the_common_set():
    assert SMALL.images(NORTH) == {
        "ʈ": "t", "a": "æ", "tʰ": "t", "t": "t", "d": "d", "i": "i", "iː": "i", "spn": "spn"
    }  # fmt: skip


def test_the_pivot_keeps_its_folded_phones():
    assert {phone: SMALL.image("us", phone) for phone in SMALL.common} == {phone: phone for phone in SMALL.common}
    assert {phone: SMALL.image("us", phone) for phone in SMALL.inventory} == {p: SMALL.fold(p) for p in SMALL.inventory}


def test_pronunciations_that_have_become_one_are_merged():
    mapped = SMALL.apply(NORTH)
    assert mapped.name == "north"
    assert mapped.words["tat"] == (("t", "æ", "t"),)
    assert list(mapped.words) == list(NORTH.words)


def test_mapping_twice_is_mapping_once():
    once = SMALL.apply(NORTH)
    assert SMALL.apply(once) == once


def test_the_effect_counts_phones_pronunciations_and_homophones():
    effect = SMALL.effect(NORTH)
    assert effect == MergeEffect("north", phones=(8, 5), pronunciations=(6, 5), homophones=(0, 1))  # teed and tid


@pytest.mark.parametrize(
    ("homophones", "alarm"),
    [((100, 102), False), ((100, 103), True), ((100, 90), False), ((0, 0), False), ((0, 1), True)],
)
def test_the_alarm_sounds_above_two_per_cent_more_homophones(homophones: tuple[int, int], alarm: bool):
    assert MergeEffect("x", (9, 9), (9, 9), homophones).alarm is alarm


def test_an_added_phone_is_its_own_symbol_and_its_words_stay_apart():
    wider = SMALL.with_added(["iː"])
    assert wider.common == SMALL.common | {"iː"}
    assert (wider.fold("iː"), wider.image("north", "iː")) == ("iː", "iː")
    assert wider.effect(NORTH).homophones == (0, 0)


def test_a_phone_without_a_row_is_named_with_its_dialect():
    with pytest.raises(VocabularyError, match="'ʘ' of dialect 'north' has no common phone; add a row"):
        SMALL.apply(DialectLexicon("north", {"kiss": (("ʘ",),)}))


def test_a_row_of_one_dialect_does_not_hold_for_another():
    with pytest.raises(VocabularyError, match="'ʈ' of dialect 'us' has no common phone"):
        SMALL.image("us", "ʈ")


def test_an_unknown_dialect_is_named_with_the_known_ones():
    with pytest.raises(VocabularyError, match="no dialect 'mars'; choose one of us, north"):
        SMALL.apply(DialectLexicon("mars", {"a": (("ə",),)}))


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        (with_row("ʈ", "k"), "north ʈ: 'k' is not in the common set"),
        (with_row("ʈ", "tʰ"), "north ʈ: 'tʰ' is not in the common set"),
        (with_row("d", "t"), "north d: a phone of the common set stays itself, got 't'"),
        (with_row("u", "d"), "north u: a vowel would become the consonant 'd'"),
        (with_row("u", "ə"), "north u: a vowel that becomes schwa is reviewed"),
        (with_row("u", "i", how="reviewed", reason=" "), "north u: a reviewed decision gives its reason"),
        (with_row("u", "i", how="guess"), "north u: decided by 'guess'; expected one of automatic, reviewed, grouped"),
    ],
)
def test_a_decision_that_no_map_may_hold_is_refused(decisions: dict[str, dict[str, PhoneDecision]], said: str):
    with pytest.raises(DataError, match=said):
        replace(SMALL, decisions=decisions)


def test_a_vowel_becomes_a_consonant_only_where_the_pair_is_allowed():
    allowed = replace(SMALL, decisions=with_row("u", "d"), allowed=frozenset({("u", "d")}))
    assert allowed.image("north", "u") == "d"
    assert replace(SMALL, decisions=with_row("u", "ə", how="reviewed", reason="heard")).image("north", "u") == "ə"


@pytest.mark.parametrize("tagged", ["t_uk", "t-uk", "t2", "T", "t/uk"])
def test_a_common_phone_carries_no_tag_of_a_dialect(tagged: str):
    with pytest.raises(DataError, match="carries no tag of a dialect"):
        replace(SMALL, inventory=SMALL.inventory | {tagged})
    with pytest.raises(DataError, match="carries no tag of a dialect"):
        SMALL.with_added([tagged])


def test_a_group_has_one_phone_that_stands_for_all():
    with pytest.raises(DataError, match="'tʰ' maps to 't', which maps to another"):
        replace(SMALL, groups={"tʰ": "t", "t": "d"})
    with pytest.raises(DataError, match="a vowel would become the consonant"):
        replace(SMALL, groups={"i": "t", "t": "t"})


# The table that comes with harken.


def test_every_row_of_the_reviewed_table_has_an_image_in_the_common_set():
    assert REVIEWED.dialects == ("us", "uk", "india", "nigeria", "nonnative")
    assert len(REVIEWED.common) == 52
    assert {REVIEWED.image(name, phone) for name, phone in OF_DIALECT} <= REVIEWED.common


@given(st.sampled_from(OF_DIALECT))
def test_an_image_is_its_own_image_in_every_dialect(where: tuple[str, str]):
    name, phone = where
    image = REVIEWED.image(name, phone)
    assert {REVIEWED.image(other, image) for other in REVIEWED.dialects} == {image}


def test_no_vowel_becomes_a_consonant_nor_a_consonant_a_vowel():
    assert [pair for pair in OF_DIALECT if is_vowel(pair[1]) != is_vowel(REVIEWED.image(*pair))] == []


def test_automatic_rows_keep_the_rule_and_reviewed_ones_give_reasons():
    rows = [(phone, row) for rows in REVIEWED.decisions.values() for phone, row in rows.items()]
    automatic = [row for _, row in rows if row.how == "automatic"]
    assert len(automatic) >= 25
    assert all(row.share is not None and row.share >= 0.7 and row.count >= 30 for row in automatic)
    assert all(len(row.reason.split()) >= 5 and row.found for _, row in rows if row.how == "reviewed")
    assert [phone for phone, row in rows if is_vowel(phone) and row.image == "ə"] == []


@pytest.mark.parametrize(
    ("dialect", "phone", "image"),
    [
        ("uk", "əw", "ow"), ("uk", "a", "æ"), ("uk", "ɜː", "ɝ"), ("uk", "ɛː", "ɛ"), ("india", "ʈ", "t"),
        ("india", "ɖ", "d"), ("india", "eː", "ej"), ("india", "oː", "ow"), ("india", "ʋ", "v"), ("india", "ɜː", "ɝ"),
        ("nigeria", "e", "ej"), ("nigeria", "o", "ow"), ("nigeria", "uː", "ʉː"), ("nigeria", "a", "æ"),
        ("nigeria", "ɔ", "ɒ"), ("nigeria", "u", "ʉː"),
    ],
)  # fmt: skip
def test_the_decisions_of_the_specification_stand(dialect: str, phone: str, image: str):
    assert REVIEWED.image(dialect, phone) == image


def test_contrasts_are_kept_on_request():
    kept = reviewed_map(keep_contrasts=True)
    assert kept.common - REVIEWED.common == set("iː ɒː ɑː ʉ ɐ pʷ tʷ kʷ cʷ ɡʷ ɟʷ".split())
    assert (REVIEWED.image("uk", "kʷ"), kept.image("uk", "kʷ")) == ("k", "kʷ")


def test_every_common_phone_has_arpabet_and_every_phone_of_arpabet_is_used():
    spelled = {phone: REVIEWED.spelling.spell((phone,), {phone: phone}) for phone in REVIEWED.common}
    assert [phone for phone, found in spelled.items() if not found] == [NOISE_PHONE]
    assert {one for found in spelled.values() for one in found} == set(PHONES)


@pytest.mark.parametrize(
    ("dialect", "phones", "spelled"),
    [
        ("us", "kʰ ɛ ɾ ɫ̩", "K EH T AH L"), ("us", "w ɝ d", "W ER D"), ("us", "fʲ ʉː", "F Y UW"),
        ("us", "f ʉː d", "F UW D"), ("us", "cʷ ɪ k", "K W IH K"), ("us", "b aj", "B AY"), ("us", "b ə n̩", "B AH N"),
        ("india", "ʈ iː", "T IY"), ("india", "ʋ ɛ ʈ", "V EH T"), ("nigeria", "w aː k", "W ER K"),
    ],
)  # fmt: skip
def test_a_dialects_word_is_spoken_in_the_phones_of_the_recogniser(dialect: str, phones: str, spelled: str):
    lexicon = DialectLexicon(dialect, {"word": (tuple(phones.split()),), "<unk>": ((NOISE_PHONE,),)})
    assert REVIEWED.speak(lexicon) == {"word": (tuple(spelled.split()),)}


def test_a_common_phone_without_arpabet_is_named():
    with pytest.raises(VocabularyError, match="'t' has no ARPAbet; add it"):
        SMALL.speak(DialectLexicon("north", {"t": (("ʈ",),)}))


def test_the_installed_table_is_the_reviewed_map():
    assert read_map(TABLE) == REVIEWED


HEAD = 'pivot = "us"\ninventory = "t tʰ d æ ə i"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pivot = ", "is not TOML"),
        ('inventory = "t"', "expected 'pivot', 'inventory'"),
        (HEAD + "colour = 1", "has .*'colour'.*; expected"),
        (HEAD + '[groups]\n"t" = "tʰ"\n"d" = "tʰ"', "'tʰ' is in the groups of 't' and 'd'; keep it in one"),
        (HEAD + '[groups]\n"t" = 3', "expected text or a table"),
        (HEAD + '[dialects.uk.guessed]\n"a" = { to = "æ" }', "'uk' has a part 'guessed'; expected automatic"),
        (
            HEAD + '[dialects.uk.automatic]\n"a" = { to = "æ" }\n[dialects.uk.grouped]\n"a" = { to = "ə" }',
            "uk a: is automatic and grouped; a phone has one image",
        ),
        (HEAD + '[dialects.uk.automatic]\n"a" = { count = 3 }', "uk a: has .*; expected 'to'"),
        (HEAD + '[dialects.uk.automatic]\n"a" = { to = "æ", count = "x" }', "uk a: has .*; expected 'to'"),
        (HEAD + '[dialects.uk.automatic]\n"a" = { to = "æ", colour = 3 }', "uk a: has .*; expected 'to'"),
        (HEAD + '[dialects.uk.reviewed]\n"a" = { to = "æ" }', "uk a: a reviewed decision gives its reason; say why"),
        (HEAD + '[dialects.uk.automatic]\n"a" = { to = "t" }', "uk a: a vowel would become the consonant"),
        (HEAD + 'allowed = ["a"]', "allowed holds 'a'; expected a vowel and a consonant"),
        (HEAD + '[arpabet]\n"t" = "TT"', "'t' is spelled .*; expected phones of ARPAbet"),
    ],
)
def test_a_table_that_is_not_as_described_says_why(text: str, said: str):
    with pytest.raises(DataError, match=rf"^my\.toml.*{said}"):
        parse_table(text, "my.toml")


def test_a_table_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.toml cannot be read as a table of dialects"):
        read_map(tmp_path / "none.toml")
