"""Dictionaries in CMUdict's form: a word and its phones; `word(2)` is a second pronunciation, `#` begins a comment."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from harken.errors import DataError
from harken.languages.locale import Phones as Phones
from harken.phones.sets import STRESSED

Entries = dict[str, tuple[Phones, ...]]
Words = Mapping[str, tuple[Phones, ...]]
"""Word -> its pronunciations in one language, in whatever phones that language has."""

_VARIANT = re.compile(r"\(\d+\)$")
_KNOWN = frozenset(STRESSED)


def read_dictionary(lines: Iterable[str], name: str = "dictionary") -> Entries:
    """Word -> its pronunciations with stress, in the order given; words in lower case.

    Args:
        lines: of the file.
        name: for messages.

    Raises:
        DataError: naming a line without phones or with an unknown one.
    """
    entries: dict[str, list[Phones]] = {}
    for number, line in enumerate(lines, 1):
        word, *phones = line.split("#")[0].split() or [""]
        if not word or word.startswith(";;;"):
            continue
        wrong = [phone for phone in phones if phone not in _KNOWN]
        if wrong or not phones:
            raise DataError(f"{name}:{number}: '{word}' has phones {phones}; expected ARPAbet with stress, as K AE1 T")
        ways = entries.setdefault(_VARIANT.sub("", word.lower()), [])
        if tuple(phones) not in ways:
            ways.append(tuple(phones))
    return {word: tuple(ways) for word, ways in entries.items()}


def read_dictionary_file(path: Path) -> Entries:
    """A dictionary file, or a tar archive with a member whose name ends in '.dict'.

    Raises:
        DataError: it cannot be read, holds no dictionary, or a line is wrong.
    """
    try:
        if ".tar" not in path.name:
            return read_dictionary(path.read_text(encoding="utf-8").splitlines(), path.name)
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name.endswith(".dict") else None
                if content is not None:
                    return read_dictionary(io.TextIOWrapper(content, encoding="utf-8"), member.name)
    except (OSError, tarfile.TarError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as a dictionary: {error}") from error
    raise DataError(f"{path} contains no '.dict' file; expected CMUdict's archive")


def parse_listed(text: str) -> Entries:
    """Lines 'word PHONE PHONE ...' as the language model's bundle has them, without stress."""
    entries: dict[str, list[Phones]] = {}
    for line in text.splitlines():
        word, *phones = line.split()
        entries.setdefault(word, []).append(tuple(phones))
    return {word: tuple(ways) for word, ways in entries.items()}


def split_of(word: str, seed: int = 0) -> str:
    """'train' (90 %), 'dev' or 'test' (5 % each) by a seeded hash of the spelling."""
    twentieth = int.from_bytes(hashlib.sha256(f"{seed}:{word}".encode()).digest()[:4], "big") % 20
    return {0: "dev", 1: "test"}.get(twentieth, "train")
