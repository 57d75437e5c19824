"""Dialect lexicons: the dictionary's form, what is refused and how it is named, and where the files are found."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from harken.errors import DataError
from harken.phones.dialects import DIALECTS, DialectLexicon, is_vowel, load_dialects, read_dialect

TEXT = """kettle\tkʰ ɛ ɾ ɫ̩
read\tɹ iː d
read\tɹ ɛ d

red\tɹ ɛ d
read\tɹ iː d
<unk>\tspn
"""


def write_archive(path: Path, members: dict[str, str]) -> None:
    with tarfile.open(path, "w:xz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(f"mfa-english/{name}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))


def test_a_word_has_its_pronunciations_in_order_without_doubles():
    lexicon = read_dialect(TEXT.splitlines(), "uk")
    assert lexicon.name == "uk"
    assert lexicon.words["read"] == (("ɹ", "iː", "d"), ("ɹ", "ɛ", "d"))
    assert list(lexicon.words) == ["kettle", "read", "red", "<unk>"]
    assert lexicon.pronunciations == 5


def test_the_inventory_is_what_occurs_noise_included():
    assert read_dialect(TEXT.splitlines(), "uk").inventory == set("kʰ ɛ ɾ ɫ̩ ɹ iː d spn".split())


def test_homophones_are_pronunciations_of_two_words_and_noises_are_none():
    words = {"red": (("ɹ", "ɛ", "d"),), "read": (("ɹ", "iː", "d"), ("ɹ", "ɛ", "d")), "reed": (("ɹ", "iː", "d"),)}
    noises = {"<unk>": (("spn",),), "[laughter]": (("spn",),)}
    assert DialectLexicon("x", words | noises).homophone_classes() == 2
    assert DialectLexicon("x", {"red": words["red"]} | noises).homophone_classes() == 0


@pytest.mark.parametrize("numbers", ["", "0.9\t", "0.99\t0.2\t1.7\t0.85\t", "1\t0\t0\t3e1\t"])
def test_probabilities_may_stand_between_word_and_phones(numbers: str):
    assert read_dialect([f"cat\t{numbers}kʰ æ t"], "us").words == {"cat": (("kʰ", "æ", "t"),)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cat k æ t", "expected a word, a tab and its phones"),
        ("cat\t", "expected a word, a tab and its phones"),
        ("\tk æ t", "expected a word, a tab and its phones"),
        ("cat\t0.9\t0.1\tk æ t", "'cat' has 2 columns of probabilities; expected none, 1 or 4"),
        ("cat\tk æ\tt", "'cat' has the probability 'k æ'"),
        ("cat\t1.5\tk æ t", "'cat' has the probability '1.5'; expected a number 0..1"),
        ("cat\t-0.1\tk æ t", "'cat' has the probability '-0.1'"),
        ("cat\tnan\tk æ t", "'cat' has the probability 'nan'"),
        ("cat\t0.9\t0.2\tinf\t1\tk æ t", "'cat' has the probability 'inf'"),
        ("cat\tK AE1 T", "the phone '.*' holds '.*'; expected IPA letters and marks"),
        ("cat\tk æ_uk t", "the phone 'æ_uk' holds '_'"),
    ],
)
def test_a_wrong_line_is_named_with_what_was_expected(line: str, said: str):
    with pytest.raises(DataError, match=rf"^my\.dict:2: .*{said}"):
        read_dialect(["a\tə", line], "us", "my.dict")


def test_a_dictionary_without_a_word_is_refused():
    with pytest.raises(DataError, match="uk contains no words; expected lines of a word, a tab"):
        read_dialect(["", "  "], "uk")


def test_one_sound_is_one_symbol_however_it_is_composed():
    composed, apart = "\u00e7", "c\u0327"
    lexicon = read_dialect([f"huge\t{composed} ʉː dʒ", f"hue\t{apart} ʉː"], "us")
    assert len(lexicon.inventory) == 3


def test_lexicons_come_out_of_the_archive_in_the_order_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "audio").mkdir()
    (tmp_path / "text").mkdir()
    files = {f"english_{name}_mfa.dict": f"{name}\tə" for name in DIALECTS}
    write_archive(tmp_path / "text" / "mfa-english.tar.xz", {"LICENSE": "free", **files})
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    assert tuple(load_dialects()) == DIALECTS
    found = load_dialects(["uk", "us"])
    assert list(found) == ["uk", "us"]
    assert found["uk"] == DialectLexicon("uk", {"uk": (("ə",),)})


def test_a_missing_archive_says_where_it_belongs_and_whence_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "audio").mkdir()
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"mfa-english\.tar\.xz is missing; put the English dictionaries of Montreal"):
        load_dialects()


def test_a_dialect_that_the_archive_lacks_is_named(tmp_path: Path):
    write_archive(tmp_path / "d.tar.xz", {"english_us_mfa.dict": "a\tə"})
    with pytest.raises(DataError, match=r"lacks english_scotland_mfa\.dict; choose dialects that it contains"):
        load_dialects(["us", "scotland"], tmp_path / "d.tar.xz")


def test_a_wrong_line_in_the_archive_is_named_with_its_member(tmp_path: Path):
    write_archive(tmp_path / "d.tar.xz", {"english_us_mfa.dict": "a\tə\nb"})
    with pytest.raises(DataError, match=r"english_us_mfa\.dict:2: got 'b'"):
        load_dialects(["us"], tmp_path / "d.tar.xz")


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_a_damaged_archive_is_named(tmp_path: Path, content: bytes):
    (tmp_path / "d.tar.xz").write_bytes(content)
    with pytest.raises(DataError, match=r"d\.tar\.xz cannot be read as an archive of dictionaries"):
        load_dialects(["us"], tmp_path / "d.tar.xz")


def test_vowels_and_consonants_are_told_apart():
    vowels, consonants = "a aː aj aw e ej əw ɔj ɜː ɚ ʉ ʊ ɒ ã", "p kʷ j w ʋ ɹ m̩ ɫ̩ ʔ ɾ̃ ʎ ç spn"
    assert [phone for phone in vowels.split() if not is_vowel(phone)] == []
    assert [phone for phone in consonants.split() if is_vowel(phone)] == []
