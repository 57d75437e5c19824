"""The texts that the language model is trained on, sentence by sentence, and the filter that keeps dev and test out."""

from __future__ import annotations

import csv
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from harken import paths
from harken.data.utterances import read_corpus
from harken.errors import DataError
from harken.text.words import normalize_words

Sentence = tuple[str, ...]

SPEECH_CORPORA = ("librispeech", "speechocean762", "an4")
"""Corpora with `train` transcripts to learn from; their `dev` and `test` are kept out of every text."""
WINDOW = 8
"""Words in a row that no training sentence may share with dev or test."""
WHOLE_FROM = 4
"""Words from which on a training sentence may not equal one of dev or test."""

_BREAK = re.compile(r"(?<=[.!?;:])[\"'”’)\]]*\s+|\s+[-–—]{1,2}\s+|--|\n")


def read_texts(names: Sequence[str]) -> Iterator[Sentence]:
    """Normalised sentences of texts by name (keys of TEXTS, or one of SPEECH_CORPORA).

    Raises:
        DataError: an unknown name, or a missing archive.
    """
    for name in names:
        if name in SPEECH_CORPORA:
            yield from transcripts(name, "train")
        elif name in TEXTS:
            yield from TEXTS[name](_members(paths.data() / "text" / f"{name}.tar.xz"))
        else:
            raise DataError(f"no text '{name}'; expected one of {', '.join([*TEXTS, *SPEECH_CORPORA])}")


def transcripts(corpus: str, *splits: str) -> list[Sentence]:
    """Normalised transcripts of a corpus."""
    return [tuple(normalize_words(u.text)) for u in read_corpus(corpus, *splits) if u.text]


class HeldOut:
    """Knows the sentences of dev and test."""

    def __init__(self, sentences: Iterable[Sentence]):
        self._whole: set[Sentence] = set()
        self._windows: set[Sentence] = set()
        for sentence in sentences:
            self._whole.add(sentence)
            self._windows.update(_runs(sentence))

    @classmethod
    def of_corpora(cls) -> HeldOut:
        """Everything of the spoken corpora that is not `train`, and the excerpts' dev sentences."""
        splits = [(corpus, split) for corpus in SPEECH_CORPORA for split in ("dev", "test")]
        pairs = [*splits, ("librispeech-excerpts", "dev"), ("kathleen", "dev")]
        return cls(sentence for corpus, split in pairs for sentence in transcripts(corpus, split))

    def holds(self, sentence: Sentence) -> bool:
        """Whether a training sentence repeats held-out text."""
        if len(sentence) >= WHOLE_FROM and sentence in self._whole:
            return True
        return any(run in self._windows for run in _runs(sentence))


def _runs(sentence: Sentence) -> Iterator[Sentence]:
    for start in range(len(sentence) - WINDOW + 1):
        yield sentence[start : start + WINDOW]


def _members(archive: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of every file of a packed text, in the order of the archive."""
    if not archive.is_file():
        raise DataError(f"{archive} is missing; the language model needs it (`harken data list`)")
    with tarfile.open(archive) as files:
        for member in files:
            content = files.extractfile(member)
            if content is not None:
                yield member.name, content.read().decode("utf-8", errors="replace")


def _sentences(text: str) -> Iterator[Sentence]:
    for piece in _BREAK.split(text):
        words = tuple(normalize_words(piece)) if piece else ()
        if words:
            yield words


def _novels(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    for name, text in files:
        if name.endswith(".txt"):
            yield from _sentences(text)


def _file_lists(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    """LibriTTS and LJSpeech file lists: path|text|speaker."""
    for name, text in files:
        if name.endswith("filelist.txt"):
            for line in text.splitlines():
                yield from _sentences(line.split("|")[1])


def _dialogues(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    for name, text in files:
        if "/train_" in name:
            yield from _sentences(re.sub(r"\[[^\]]*\]", " ", text))


def _lines(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    for name, text in files:
        if name.endswith("lm.txt"):
            yield from _sentences(text)


def _queries(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    """CLINC150's training queries."""
    for name, text in files:
        if name.endswith("data_full.json"):
            for query, _ in json.loads(text)["train"]:
                yield from _sentences(query)


def _requests(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    """HWU64's requests of the first fold's training part."""
    for name, text in files:
        if "KFold_1/trainset" in name and name.endswith(".csv"):
            for row in csv.DictReader(io.StringIO(text), delimiter=";"):
                yield from _sentences(row.get("answer_from_user") or row.get("answer") or "")


TEXTS: dict[str, Callable[[Iterable[tuple[str, str]]], Iterator[Sentence]]] = {
    "novels": _novels,
    "libritts-lj-text": _file_lists,
    "multiwoz22-text": _dialogues,
    "slurp": _lines,
    "clinc150": _queries,
    "hwu64": _requests,
}
"""Name of a packed text -> its reader."""
