"""Dictionaries in CMUdict's form."""

from __future__ import annotations

import io
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from harken.errors import DataError
from harken.phones.dictionary import read_dictionary, read_dictionary_file, split_of

TEXT = """;;; a remark
cat K AE1 T
read R IY1 D # now
read(2) R EH1 D
READ(3) R IY1 D

o'clock AH0 K L AA1 K
"""


def test_variants_belong_to_one_word_and_doubles_fall():
    found = read_dictionary(TEXT.splitlines())
    assert found["read"] == (("R", "IY1", "D"), ("R", "EH1", "D"))
    assert list(found) == ["cat", "read", "o'clock"]


@pytest.mark.parametrize("line", ["cat K AE T", "cat", "cat K XX1"])
def test_a_wrong_line_is_named(line: str):
    with pytest.raises(DataError, match=r"my\.dict:2: 'cat' has phones"):
        read_dictionary(["a AH0", line], "my.dict")


def test_a_dictionary_inside_an_archive_is_found(tmp_path: Path):
    with tarfile.open(tmp_path / "d.tar.xz", "w:xz") as archive:
        for name, content in (("d/README", b"hello"), ("d/x.dict", b"cat K AE1 T\n")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    assert read_dictionary_file(tmp_path / "d.tar.xz") == {"cat": (("K", "AE1", "T"),)}


def test_an_archive_without_a_dictionary_is_refused(tmp_path: Path):
    with tarfile.open(tmp_path / "d.tar", "w"):
        pass
    with pytest.raises(DataError, match=r"contains no '\.dict' file"):
        read_dictionary_file(tmp_path / "d.tar")


@pytest.mark.parametrize("name", ["bad.tar.xz", "bad.dict", "missing.dict"])
def test_an_unreadable_file_is_named(tmp_path: Path, name: str):
    (tmp_path / "bad.tar.xz").write_bytes(b"\xff\xfe broken")
    (tmp_path / "bad.dict").write_bytes(b"\xff\xfe broken")
    with pytest.raises(DataError, match=f"{name} cannot be read"):
        read_dictionary_file(tmp_path / name)


def test_the_division_is_stable_and_about_90_5_5():
    parts = Counter(split_of(f"word{number}") for number in range(4000))
    assert 3500 < parts["train"] < 3700
    assert 150 < parts["dev"] < 250
    assert split_of("kettle") == split_of("kettle")
    assert any(split_of(f"w{number}") != split_of(f"w{number}", seed=1) for number in range(100))
