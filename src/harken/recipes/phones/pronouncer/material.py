"""Word lists of many languages, each word with its phones, and their division into train, dev and test."""

from __future__ import annotations

import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from harken import paths
from harken.errors import DataError
from harken.phones.dictionary import Phones, Words, read_dictionary, split_of
from harken.phones.inventory import normal_word

PARTS = ("train", "dev", "test")
SPELLING = re.compile(r"[a-z]+(?:'[a-z]+)*")
"""The words of CMUdict that are learnt from."""
ENGLISH = "en-US"
"""The language of CMUdict, in ARPAbet with stress; all others are in IPA."""


class Source(NamedTuple):
    """A word list in the data root."""

    corpus: str
    """Name of the archive under `text/`."""
    file: str
    """How the names of its members end."""


SOURCES: Mapping[str, Source] = {
    ENGLISH: Source("cmudict", "cmudict.dict"),
    "en-IN": Source("mfa-english", "english_india_mfa.dict"),
    "en-NG": Source("mfa-english", "english_nigeria_mfa.dict"),
    "en-GB": Source("wikipron", "eng_latn_uk_broad.tsv"),
    "en-US-x-broad": Source("wikipron", "eng_latn_us_broad.tsv"),
    "ar": Source("wikipron", "ara_arab_broad.tsv"),
    "cs": Source("wikipron", "ces_latn_narrow.tsv"),
    "da": Source("wikipron", "dan_latn_broad.tsv"),
    "de": Source("wikipron", "deu_latn_broad.tsv"),
    "el": Source("wikipron", "ell_grek_broad.tsv"),
    "es-ES": Source("wikipron", "spa_latn_ca_broad.tsv"),
    "es-419": Source("wikipron", "spa_latn_la_broad.tsv"),
    "fr": Source("wikipron", "fra_latn_broad.tsv"),
    "hi": Source("wikipron", "hin_deva_broad.tsv"),
    "it": Source("wikipron", "ita_latn_broad.tsv"),
    "ja": Source("wikipron", "jpn_hira_narrow.tsv"),
    "ko": Source("wikipron", "kor_hang_narrow.tsv"),
    "nb": Source("wikipron", "nob_latn_broad.tsv"),
    "nl": Source("wikipron", "nld_latn_broad.tsv"),
    "pl": Source("wikipron", "pol_latn_broad.tsv"),
    "pt-BR": Source("wikipron", "por_latn_bz_narrow.tsv"),
    "pt-PT": Source("wikipron", "por_latn_po_broad.tsv"),
    "ro": Source("wikipron", "ron_latn_broad.tsv"),
    "sv": Source("wikipron", "swe_latn_broad.tsv"),
    "vi": Source("wikipron", "vie_latn_hanoi_narrow.tsv"),
    "ady": Source("sigmorphon2020-g2p", "ady_{part}.tsv"),
    "bg": Source("sigmorphon2020-g2p", "bul_{part}.tsv"),
    "hu": Source("sigmorphon2020-g2p", "hun_{part}.tsv"),
    "hy": Source("sigmorphon2020-g2p", "arm_{part}.tsv"),
    "is": Source("sigmorphon2020-g2p", "ice_{part}.tsv"),
    "ka": Source("sigmorphon2020-g2p", "geo_{part}.tsv"),
    "lt": Source("sigmorphon2020-g2p", "lit_{part}.tsv"),
}
"""Language -> where its words come from. A `{part}` stands for train, dev and test, which are read together."""
LOW = ("da", "nb", "ro", "sv")
"""Languages with less than 6,000 words that the paper's set has, too; the comparison calls them low-resource."""
HIGH = (
    "de", "en-GB", "en-US", "en-US-x-broad", "es-419", "es-ES", "fr", "hi", "it", "ja", "nl", "pl", "pt-BR", "pt-PT",
)  # fmt: skip
"""The paper's languages with more."""
TASK = "sigmorphon2020-g2p"
TASK_LANGUAGES = tuple("ady arm bul dut fre geo gre hin hun ice jpn kor lit rum vie".split())
"""Of the SIGMORPHON 2020 task, by its own names."""


def read_parts(languages: Iterable[str], *, rare: int = 3, limit: int = 0) -> dict[str, dict[str, Words]]:
    """Part -> language -> its words: 90/5/5 by a hash of the spelling in lower case, the same for every language.

    Args:
        languages: out of `SOURCES`.
        rare: pronunciations with a phone seen less often in their language are left out.
        limit: about how many words of each language, spread over its list; 0: all.

    Raises:
        DataError: an archive or a word list is missing.
    """
    parts: dict[str, dict[str, Words]] = {part: {} for part in PARTS}
    for language in languages:
        words = _without_rare(_read(SOURCES[language]), rare)
        step = max(1, len(words) // limit) if limit else 1
        divided: dict[str, dict[str, tuple[Phones, ...]]] = {part: {} for part in PARTS}
        for number, (word, ways) in enumerate(words.items()):
            if number % step == 0:
                divided[split_of(normal_word(word))][word] = ways
        for part, own in divided.items():
            parts[part][language] = own
    return parts


def read_task(part: str) -> dict[str, Words]:
    """Language -> words of a part of the SIGMORPHON 2020 task, as the task divides them.

    Raises:
        DataError: the archive is missing, or incomplete.
    """
    return {language: _read(Source(TASK, f"{language}_{part}.tsv")) for language in TASK_LANGUAGES}


def read_words(lines: Iterable[str], name: str) -> Words:
    """Words of lines 'word, tab, phones with spaces between them'; empty lines are skipped.

    Args:
        lines: of the file.
        name: for messages.

    Raises:
        DataError: naming a line with a different form, or when there are no words.
    """
    words: dict[str, list[Phones]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        word, *columns = line.rstrip("\r\n").split("\t")
        way = tuple(columns[-1].split()) if columns else ()
        if not word.strip() or not way:
            raise DataError(
                f"{name}:{number}: got {line.strip()!r}; "
                "expected a word, a tab and phones with spaces, as 'chat<TAB>ʃ a'"
            )
        ways = words.setdefault(word.strip(), [])
        if way not in ways:
            ways.append(way)
    if not words:
        raise DataError(
            f"{name} contains no words; expected lines of a word, a tab and phones with spaces between them"
        )
    return {word: tuple(ways) for word, ways in words.items()}


def _read(source: Source) -> Words:
    words: dict[str, tuple[Phones, ...]] = {}
    for part in PARTS if "{part}" in source.file else ("",):
        for word, ways in _read_member(source.corpus, source.file.format(part=part)).items():
            words[word] = tuple(dict.fromkeys((*words.get(word, ()), *ways)))
    return words


def _read_member(corpus: str, file: str) -> Words:
    path = paths.data() / "text" / f"{corpus}.tar.xz"
    if not path.is_file():
        raise DataError(f"{path} is missing; get it with `harken data fetch {corpus}`")
    lines = _lines(path, file)
    if lines is None:
        raise DataError(f"{path} has no file that ends in '{file}'; get a complete archive")
    if corpus != "cmudict":
        return read_words(lines, file)
    return {word: ways for word, ways in read_dictionary(lines, file).items() if SPELLING.fullmatch(word)}


_ARCHIVES: dict[Path, dict[str, str]] = {}


def _lines(path: Path, file: str) -> list[str] | None:
    """Lines of a member; an archive is unpacked once."""
    if path not in _ARCHIVES:
        try:
            with tarfile.open(path) as archive:
                _ARCHIVES[path] = dict(_texts(archive))
        except (OSError, tarfile.TarError, UnicodeDecodeError) as error:
            raise DataError(f"{path} cannot be read as an archive of word lists: {error}") from error
    for name, text in _ARCHIVES[path].items():
        if name.endswith(f"/{file}"):
            return text.splitlines()
    return None


def _texts(archive: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    for member in archive:
        content = archive.extractfile(member) if member.name.endswith((".tsv", ".dict")) else None
        if content is not None:
            yield member.name, io.TextIOWrapper(content, encoding="utf-8-sig").read()


def _without_rare(words: Words, rare: int) -> Words:
    counts = Counter(phone for ways in words.values() for way in ways for phone in way)
    kept = {
        word: tuple(way for way in ways if min(counts[phone] for phone in way) >= rare) for word, ways in words.items()
    }
    return {word: ways for word, ways in kept.items() if ways}
