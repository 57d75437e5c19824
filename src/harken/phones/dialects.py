"""Lexicons of the dialects of English, in IPA, as the Montreal Forced Aligner's dictionaries write them.

A line is a word, a tab, optional probabilities, and phones: `kettle<TAB>kʰ ɛ ɾ ɫ̩`. Each dialect keeps a lexicon of its
own; what they share is the set that their phones are mapped to (`harken.phones.phone_map`).
"""

from __future__ import annotations

import io
import math
import tarfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harken import paths
from harken.errors import DataError
from harken.phones.dictionary import Entries, Phones

DIALECTS = ("us", "uk", "india", "nigeria", "nonnative")
"""The dictionaries that `load_dialects` finds in the data folder; the last is of speakers of other languages."""
NOISE_PHONE = "spn"
"""The phone for what is not speech or was cut off; the same in every dialect."""
SCHWA = "ə"
"""What vowels are reduced to; a person checks every vowel that a map would turn into it."""
ARCHIVE = "mfa-english.tar.xz"

_PROBABILITIES = (0, 1, 4)
"""Columns between word and phones: none; how likely the pronunciation is; that, and three of the silence around it."""
_VOWEL_LETTERS = frozenset("aeiouyæœøɐɑɒɔəɘɛɜɝɚɞɤɨɪɯɵɶʉʊʌʏ")
_SIGNS = frozenset({"Ll", "Lo", "Lm", "Mn"})
"""Unicode classes of small letters, letters without case, small raised letters and marks: what IPA consists of."""


@dataclass(frozen=True)
class DialectLexicon:
    """Words of one dialect and how it says them.

    Attributes:
        name: of the dialect, as 'uk'.
        words: word -> its pronunciations in IPA, at least one each, in the order of the file.
    """

    name: str
    words: Mapping[str, tuple[Phones, ...]]

    @cached_property
    def inventory(self) -> frozenset[str]:
        """Every phone that occurs, including `spn`."""
        return frozenset(phone for ways in self.words.values() for way in ways for phone in way)

    @property
    def pronunciations(self) -> int:
        """Pronunciations of all words together."""
        return sum(len(ways) for ways in self.words.values())

    def homophone_classes(self) -> int:
        """Number of pronunciations that two or more words share; noises are left out."""
        sharing = Counter(way for ways in self.words.values() for way in set(ways) if NOISE_PHONE not in way)
        return sum(words > 1 for words in sharing.values())


def load_dialects(names: Iterable[str] = DIALECTS, archive: Path | None = None) -> dict[str, DialectLexicon]:
    """Lexicons by the names of their dialects, in the order asked for.

    Args:
        names: out of `DIALECTS`, or others that the archive has as `english_NAME_mfa.dict`.
        archive: a tar file; by default `text/mfa-english.tar.xz` of the data root.

    Raises:
        DataError: the archive is missing or cannot be read, lacks a dialect, or a line is wrong.
    """
    path = archive or paths.data() / "text" / ARCHIVE
    if not path.is_file():
        raise DataError(
            f"{path} is missing; put the English dictionaries of MontrealCorpusTools/mfa-models there "
            "(members english_us_mfa.dict, english_uk_mfa.dict, ...)"
        )
    wanted = {f"english_{name}_mfa.dict": name for name in names}
    lexicons: dict[str, DialectLexicon] = {}
    try:
        with tarfile.open(path) as dictionaries:
            for member in dictionaries:
                name = wanted.get(Path(member.name).name)
                content = dictionaries.extractfile(member) if name else None
                if name and content:
                    lexicons[name] = read_dialect(io.TextIOWrapper(content, encoding="utf-8-sig"), name, member.name)
    except (OSError, tarfile.TarError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as an archive of dictionaries: {error}") from error
    missing = [file for file, name in wanted.items() if name not in lexicons]
    if missing:
        raise DataError(
            f"{path} lacks {', '.join(missing)}; choose dialects that it contains, or get a complete archive"
        )
    return {name: lexicons[name] for name in wanted.values()}


def read_dialect(lines: Iterable[str], name: str, source: str = "") -> DialectLexicon:
    """The lexicon of a dictionary's lines. Duplicates are dropped; probabilities are checked and dropped; empty lines
    are skipped.

    Args:
        lines: word, tab, perhaps 1 or 4 numbers with tabs between, phones with spaces between.
        name: of the dialect.
        source: for messages; by default the name.

    Raises:
        DataError: naming the first line that is wrong, or when there is no word at all.
    """
    source, checked = source or name, set[str]()
    words: dict[str, list[Phones]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            word, way = _read_line(line, checked)
        except ValueError as error:
            raise DataError(f"{source}:{number}: {error}") from error
        ways = words.setdefault(word, [])
        if way not in ways:
            ways.append(way)
    if not words:
        raise DataError(
            f"{source} contains no words; expected lines of a word, a tab and IPA phones, as 'cat<TAB>kʰ æ t'"
        )
    return DialectLexicon(name, _frozen(words))


def check_phone(phone: str) -> str:
    """The phone itself.

    Raises:
        ValueError: it contains something that is not an IPA letter or mark, such as a digit, a capital, or a dialect's
            tag.
    """
    wrong = "".join(sign for sign in phone if unicodedata.category(sign) not in _SIGNS)
    if wrong or not phone:
        raise ValueError(f"the phone '{phone}' holds '{wrong}'; expected IPA letters and marks, as in 'kʰ' or 'ɑː'")
    return phone


def is_vowel(phone: str) -> bool:
    """Whether an IPA phone is a vowel or diphthong, by its first letter; syllabic consonants and noise are not."""
    return unicodedata.normalize("NFD", phone)[:1] in _VOWEL_LETTERS


def _read_line(line: str, checked: set[str]) -> tuple[str, Phones]:
    """Word and phones. `checked` collects the valid phones, so that each is checked once."""
    word, *numbers, phones = line.rstrip("\r\n").split("\t") if "\t" in line else [line, ""]
    word, way = word.strip(), tuple(unicodedata.normalize("NFC", phones).split())
    if not word or not way:
        raise ValueError(f"got {line.strip()!r}; expected a word, a tab and its phones")
    if len(numbers) not in _PROBABILITIES:
        raise ValueError(f"'{word}' has {len(numbers)} columns of probabilities; expected none, 1 or 4")
    for column, number in enumerate(numbers):
        if not _is_share(number, most=1.0 if column < 2 else math.inf):
            raise ValueError(f"'{word}' has the probability '{number}'; expected a number 0..1 (ratios from 0)")
    for phone in set(way) - checked:
        checked.add(check_phone(phone))
    return word, way


def _is_share(text: str, most: float) -> bool:
    try:
        return 0 <= float(text) <= most and math.isfinite(float(text))
    except ValueError:
        return False


def _frozen(words: Mapping[str, list[Phones]]) -> Entries:
    return {word: tuple(ways) for word, ways in words.items()}
