"""Public sentences with marked spans, as their publishers split them."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from harken import paths
from harken.errors import DataError
from harken.metrics.spans import chunks
from harken.train.nlu.tagger_task import Tagged

SPLITS = ("train", "dev", "test")
_MIULAB = {"train": "train", "dev": "valid", "test": "test"}
_WNUT = {"train": "wnut17train.conll", "dev": "emerging.dev.conll", "test": "emerging.test.annotated"}


@dataclass(frozen=True, kw_only=True)
class SpanSet:
    """Where a set is."""

    archive: str
    layout: str
    """'miulab', 'lines' (word:tag pairs, one sentence a line) or 'columns' (one word a line)."""
    folder: str
    language: str = "en"
    epochs: int = 10
    """Passes over its training sentences; chosen on dev."""


SETS = {
    "snips": SpanSet(archive="snips-atis", layout="miulab", folder="snips-atis/data/snips", epochs=8),
    "atis": SpanSet(archive="snips-atis", layout="miulab", folder="snips-atis/data/atis", epochs=10),
    "wnut17": SpanSet(archive="wnut17", layout="columns", folder="wnut17", epochs=24),
    "mit-movie": SpanSet(archive="slu", layout="lines", folder="slu/data/MIT_corpus/movie_eng", epochs=6),
    "multilingual-es": SpanSet(
        archive="slu", layout="lines", folder="slu/data/multilingual_task_oriented_data/es", language="es"
    ),
    "multilingual-th": SpanSet(
        archive="slu", layout="lines", folder="slu/data/multilingual_task_oriented_data/th", language="th"
    ),
}
"""The sets of the table, by name."""


def read_set(name: str) -> dict[str, list[Tagged]]:
    """Sentences of 'train', 'dev' and 'test'.

    Raises:
        DataError: the archive is missing.
    """
    where = SETS[name]
    path = paths.data() / "text" / f"{where.archive}.tar.xz"
    if not path.is_file():
        raise DataError(f"{path} is missing; get it with `harken data fetch {where.archive}`")
    with tarfile.open(path) as archive:
        return {split: list(_read(archive, where, split)) for split in SPLITS}


def _read(archive: tarfile.TarFile, where: SpanSet, split: str) -> Iterator[Tagged]:
    if where.layout == "miulab":
        folder = f"{where.folder}/{_MIULAB[split]}"
        pairs = zip(_lines(archive, f"{folder}/seq.in"), _lines(archive, f"{folder}/seq.out"), strict=True)
        for words, tags in pairs:
            yield tagged(words.split(), tags.split())
    elif where.layout == "lines":
        for line in _lines(archive, f"{where.folder}/{_MIULAB[split]}"):
            cells = [cell.rpartition(":") for cell in line.rpartition(" <=> ")[0].split()]
            yield tagged([word for word, _, _ in cells], [tag for _, _, tag in cells])
    else:
        yield from _columns(_lines(archive, f"{where.folder}/{_WNUT[split]}"))


def _columns(lines: list[str]) -> Iterator[Tagged]:
    words: list[str] = []
    tags: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            cells = line.split("\t")
            words.append(cells[0].strip())
            tags.append(cells[1].split(",")[0].strip())
        elif words:
            yield tagged(words, tags)
            words, tags = [], []


def tagged(words: list[str], tags: list[str]) -> Tagged:
    """A sentence from its words and tags.

    Raises:
        DataError: there are not as many of one as of the other.
    """
    if len(words) != len(tags):
        raise DataError(f"{len(words)} words have {len(tags)} tags: {' '.join(words)[:80]}")
    return Tagged(tuple(words), tuple(chunks(tags)))


def _lines(archive: tarfile.TarFile, name: str) -> list[str]:
    file = archive.extractfile(name)
    assert file is not None
    return file.read().decode("utf-8").split("\n")[:-1]
