"""Words and their pronunciations: a compact, read-only table with the user's own words on top (bundle 'lexicon').

The table is one sorted run of bytes, compressed in the bundle and searched by bisection, so that opening 125,000 words
takes about ten milliseconds and no dictionary of objects is built.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from harken import paths
from harken.bundle import Bundle, load_bundle
from harken.errors import BundleError, VocabularyError, nearest
from harken.languages.loading import load_locale
from harken.languages.locale import Derive, Locale, Phones, no_derivation
from harken.phones.dictionary import Entries, read_dictionary_file
from harken.phones.sets import STRESSED, check_phones

KIND, FILE = "lexicon", "lexicon.xz"
OWN_FILE = "lexicon.txt"
"""File in the folder of a language: a dictionary in CMUdict's form, in addition to the bundle or instead of it."""
HOMOGRAPHS = "homographs.txt"
"""File in the folder of a language: 'record/verb R AH0 K AO1 R D', for words whose part of speech decides."""
OWN_FOLDER = "pronunciations"
"""Folder of the user's dictionaries in their own folder, one file a language: `en-US.txt`, `fr.txt`."""
PARTS_OF_SPEECH = ("noun", "verb", "adjective", "past", "other")
"""What may stand behind the slash of a marked word; 'past' is a verb's past form."""
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_FIRST = 0x80
"""Phones are bytes from here on, in the order of STRESSED; words are ASCII and stay below."""
_NEXT, _END = b"|", b"\n"
_CODES = {phone: bytes([_FIRST + number]) for number, phone in enumerate(STRESSED)}


class Lexicon:
    """Pronunciations by word. Words are lower case, a-z with apostrophes inside; added ones may hold other letters.

    Args:
        table: as `encode_lexicon` makes it, unpacked.
        derive: pronunciations of unknown words that follow from known ones.
    """

    def __init__(self, table: bytes = b"", *, derive: Derive = no_derivation):
        self._table, self._derive = table, derive
        ends = np.flatnonzero(np.frombuffer(table, np.uint8) == _END[0])
        self._starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if len(ends) else np.zeros(0, np.int64)
        self._own: dict[str, tuple[Phones, ...]] = {}
        self._marked: dict[tuple[str, str], tuple[Phones, ...]] = {}

    @classmethod
    def load(cls, locale: Locale | None = None) -> Lexicon:
        """The lexicon of a language: its bundle, and the dictionary in its folder.

        Args:
            locale: English when None.

        Raises:
            BundleError: missing, damaged or of a different kind.
            DataError: the dictionary cannot be read.
        """
        locale = locale or load_locale()
        name = locale.bundles.lexicon
        lexicon = cls.from_bundle(load_bundle(name), derive=locale.derive) if name else cls(derive=locale.derive)
        for own in (*_existing(locale.folder / HOMOGRAPHS), *dictionaries(locale)):
            for word, ways in read_dictionary_file(own).items():
                lexicon.add(word, *ways)
        return lexicon

    @classmethod
    def from_bundle(cls, bundle: Bundle, *, derive: Derive = no_derivation) -> Lexicon:
        """The lexicon of an opened bundle.

        Raises:
            BundleError: it is of a different kind, or its phones differ from this version's.
        """
        labels = bundle.expect(KIND).labels
        if labels != STRESSED:
            raise BundleError(f"{bundle.folder} lists {len(labels)} phones, expected the {len(STRESSED)} with stress")
        return cls(lzma.decompress(bundle.path(FILE).read_bytes()), derive=derive)

    @classmethod
    def of(cls, entries: Entries, *, derive: Derive = no_derivation) -> Lexicon:
        """A lexicon of a few words, for tests and own dictionaries."""
        return cls(lzma.decompress(encode_lexicon(entries)), derive=derive)

    def __len__(self) -> int:
        return len(self._starts) + sum(not self._find(word) for word in self._own)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and (word in self._own or bool(self._find(word)))

    def __iter__(self) -> Iterator[str]:
        """All words: those of the table in alphabetical order, then those that only the user has."""
        for place in range(len(self._starts)):
            yield self._line(place).split(_NEXT, 1)[0].decode()
        yield from (word for word in self._own if not self._find(word))

    def usual(self) -> Iterator[tuple[str, Phones]]:
        """Every word with its first pronunciation, in the order of the words."""
        for place in range(len(self._starts)):
            word, way = self._line(place).split(_NEXT)[:2]
            yield word.decode(), self._own.get(word.decode(), (_decode(way),))[0]
        yield from ((word, ways[0]) for word, ways in self._own.items() if not self._find(word))

    def add(self, word: str, *ways: Iterable[str]) -> None:
        """Add the user's pronunciations of a word; they come before those of the table.

        Args:
            word: any spelling; counts in lower case.
            ways: pronunciations: phones in ARPAbet, stress optional (a vowel without a digit stays so).

        Raises:
            VocabularyError: a pronunciation contains something that is not a phone, or the word is empty.
        """
        key = word.lower().strip()
        if not key or not ways:
            raise VocabularyError(
                f"got the word '{word}' with {len(ways)} pronunciations; expected a word and its phones"
            )
        checked = tuple(check_phones(way) for way in ways)
        plain, _, part = key.partition("/")
        if part:
            if part not in PARTS_OF_SPEECH or not plain:
                raise VocabularyError(f"'{word}' is marked '{part}'; expected WORD/{'|'.join(PARTS_OF_SPEECH)}")
            self._marked[plain, part] = checked
            return
        self._own[key] = (*checked, *(way for way in self._own.get(key, ()) if way not in checked))

    def lookup(self, word: str, *, part: str = "") -> tuple[Phones, ...]:
        """Pronunciations with stress, the usual one first; empty for an unknown word.

        In English, plurals, contractions and endings ("wires", "who'll", "jumpiness") follow from the word inside.

        Args:
            word: lower case.
            part: one of `PARTS_OF_SPEECH`; a word that is marked with it has only those pronunciations.

        Raises:
            VocabularyError: there is no such part of speech.
        """
        if part and part not in PARTS_OF_SPEECH:
            raise VocabularyError(f"there is no part of speech '{part}'; {nearest(part, PARTS_OF_SPEECH)}")
        marked = self._marked.get((word, part), ()) if part else ()
        if marked:
            return marked
        own = self._own.get(word, ())
        ways = (*own, *(way for way in self._find(word) if way not in own))
        return ways or self._derive(word, self._known)

    def _line(self, place: int) -> bytes:
        start = int(self._starts[place])
        return self._table[start : self._table.index(_END, start)]

    def _find(self, word: str) -> tuple[Phones, ...]:
        if not word.isascii() or not word:
            return ()
        key = word.encode()
        low, high = 0, len(self._starts)
        while low < high:
            middle = (low + high) // 2
            start = int(self._starts[middle])
            here = self._table[start : self._table.index(_NEXT, start)]
            if here == key:
                return tuple(_decode(way) for way in self._line(middle).split(_NEXT)[1:])
            low, high = (middle + 1, high) if here < key else (low, middle)
        return ()

    def _known(self, word: str) -> tuple[Phones, ...]:
        return self._own.get(word) or self._find(word)


def own_dictionary(language: str) -> Path:
    """Where the user's dictionary of a language is, or would be."""
    return paths.home() / OWN_FOLDER / f"{language}.txt"


def dictionaries(locale: Locale) -> tuple[Path, ...]:
    """The files with further words of a language: in its folder, then the user's own, which come first in the end."""
    return _existing(locale.folder / OWN_FILE, own_dictionary(locale.code))


def _existing(*files: Path) -> tuple[Path, ...]:
    return tuple(file for file in files if file.is_file())


def encode_lexicon(entries: Entries) -> bytes:
    """The compressed table of a dictionary; spellings that normalised text cannot hold are left out."""
    lines = [
        word.encode() + b"".join(_NEXT + b"".join(_CODES[phone] for phone in way) for way in ways) + _END
        for word, ways in sorted(entries.items())
        if _WORD.fullmatch(word)
    ]
    return lzma.compress(b"".join(lines), preset=9 | lzma.PRESET_EXTREME)


def _decode(way: bytes) -> Phones:
    return tuple(STRESSED[code - _FIRST] for code in way)
