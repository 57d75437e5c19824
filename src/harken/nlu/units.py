"""The parts a word is made of: its characters, its phonemes and its UTF-8 bytes, as rows of small tables.

A. Abujabal and J. Gaspers 2019, "Neural Named Entity Recognition from Subword Units".
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harken.phones.pronunciation import Pronunciation
from harken.phones.sets import PHONES, strip_stress

KINDS = ("char", "phone", "byte")
LONGEST = 24
"""Units of a word beyond this are dropped; a spelled-out number may have more phonemes."""
BYTES = 256
UNKNOWN, SILENT = "<unk>", "<nophone>"
"""First row of the characters: one that training did not see; of the phonemes: a word that cannot be said."""
Say = Callable[[str], tuple[str, ...]]
"""A word -> its phonemes without stress; empty if it cannot be said."""


@dataclass(frozen=True)
class Units:
    """The inventories of a model: rows of its tables.

    Args:
        characters: known ones; `UNKNOWN` is the first.
        phones: known ones; `SILENT` is the first.
    """

    characters: tuple[str, ...]
    phones: tuple[str, ...] = (SILENT, *PHONES)
    _rows: dict[str, dict[str, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        named = {"char": self.characters, "phone": self.phones}
        object.__setattr__(self, "_rows", {kind: {s: i for i, s in enumerate(names)} for kind, names in named.items()})

    @classmethod
    def of(cls, words: Iterable[str], *, most: int = 100) -> Units:
        """Inventories with the `most` frequent characters of `words`."""
        counts = Counter(letter for word in words for letter in composed(word))
        return cls((UNKNOWN, *sorted(sorted(counts, key=lambda letter: (-counts[letter], letter))[:most])))

    @classmethod
    def from_json(cls, stored: Mapping[str, list[str]]) -> Units:
        """The inverse of `to_json`."""
        return cls(tuple(stored["characters"]), tuple(stored["phones"]))

    def to_json(self) -> dict[str, list[str]]:
        """For a file."""
        return {"characters": list(self.characters), "phones": list(self.phones)}

    def size(self, kind: str) -> int:
        """Rows of a kind's table."""
        return BYTES if kind == "byte" else len(self._rows[kind])

    def rows(self, kind: str, word: str, say: Say) -> list[int]:
        """Rows of a word's units, at least one, at most `LONGEST`."""
        if kind == "byte":
            return list(word.encode())[:LONGEST] or [0]
        known = self._rows[kind]
        return [known.get(symbol, 0) for symbol in (composed(word) if kind == "char" else say(word))][:LONGEST] or [0]


def composed(word: str) -> str:
    """The word's code points in NFC."""
    return unicodedata.normalize("NFC", word)


class PhoneBook:
    """Phonemes of words, remembered in a file.

    Args:
        pronunciation: asked for new words; without one, no word can be said.
        file: JSON, word -> phonemes; nothing is stored when None.
    """

    def __init__(self, pronunciation: Pronunciation | None, file: Path | None = None):
        self._pronunciation, self._file = pronunciation, file
        self._known: dict[str, tuple[str, ...]] = {}
        if file is not None and file.is_file():
            stored: Mapping[str, str] = json.loads(file.read_text(encoding="utf-8"))
            self._known = {word: tuple(phones.split()) for word, phones in stored.items()}

    def __call__(self, word: str) -> tuple[str, ...]:
        """Phonemes without stress; empty if the word cannot be said."""
        phones = self._known.get(word)
        if phones is None:
            usual = self._pronunciation.usual(word) if self._pronunciation is not None else ()
            phones = self._known[word] = strip_stress(usual)
        return phones

    def save(self) -> None:
        """Write the file."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            lines = {word: " ".join(phones) for word, phones in self._known.items()}
            self._file.write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")
