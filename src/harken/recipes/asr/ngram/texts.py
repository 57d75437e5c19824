"""The texts that the language model is trained on, sentence by sentence, and the filter that keeps dev and test out."""

from __future__ import annotations

import csv
import io
import json
import lzma
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

from harken import paths
from harken.data.utterances import read_corpus
from harken.errors import DataError
from harken.text.words import normalize_words

Sentence = tuple[str, ...]

SPEECH_CORPORA = ("librispeech", "speechocean762", "an4", "common-voice")
"""Corpora with `train` transcripts to learn from; their `dev` and `test` are kept out of every text."""
WINDOW = 8
"""Words in a row that no training sentence may share with dev or test."""
WHOLE_FROM = 4
"""Words from which on a training sentence may not equal one of dev or test."""
POOL, POOL_FILE = "common-voice-pool", "pool-moonshine-tiny.jsonl.xz"
"""The text of this name, and the file of the corpus common-voice that holds it."""
POOL_WINDOW = 4
"""Words in a row that no sentence of the pool may share: a recogniser wrote them down and may have erred in others."""

_BREAK = re.compile(r"(?<=[.!?;:])[\"'”’)\]]*\s+|\s+[-–—]{1,2}\s+|--|\n")


def read_texts(names: Sequence[str]) -> Iterator[Sentence]:
    """Normalised sentences of texts by name (keys of TEXTS, or one of SPEECH_CORPORA).

    Raises:
        DataError: an unknown name, or a missing archive.
    """
    for name in names:
        if name in SPEECH_CORPORA:
            yield from transcripts(name, "train")
        elif name == POOL:
            yield from _pool(paths.data() / "audio" / "common-voice" / POOL_FILE)
        elif name in TEXTS:
            yield from TEXTS[name](_members(paths.data() / "text" / f"{name}.tar.xz"))
        else:
            raise DataError(f"no text '{name}'; expected one of {', '.join([*TEXTS, *SPEECH_CORPORA, POOL])}")


def transcripts(corpus: str, *splits: str) -> list[Sentence]:
    """Normalised transcripts of a corpus."""
    return [tuple(normalize_words(u.text)) for u in read_corpus(corpus, *splits) if u.text]


def development_requests(limit: int) -> Iterator[Sentence]:
    """The first requests of SLURP's devel part, normalised: a dev set, never learned from."""
    files = dict(_members(paths.data() / "text" / "slurp.tar.xz"))
    (rows,) = (text for name, text in files.items() if name.endswith("devel.jsonl"))
    for line in rows.splitlines()[:limit]:
        yield tuple(normalize_words(json.loads(line)["sentence"]))


class HeldOut:
    """Knows the sentences of dev and test."""

    def __init__(self, sentences: Iterable[Sentence], *, window: int = WINDOW):
        self._window = window
        self._whole: set[Sentence] = set()
        self._windows: set[Sentence] = set()
        for sentence in sentences:
            self._whole.add(sentence)
            self._windows.update(_runs(sentence, window))

    @classmethod
    def of_corpora(cls, *, window: int = WINDOW) -> HeldOut:
        """Everything of the spoken corpora that is not `train`, and the excerpts' dev sentences."""
        splits = [(corpus, split) for corpus in SPEECH_CORPORA for split in ("dev", "test")]
        pairs = [*splits, ("librispeech-excerpts", "dev"), ("kathleen", "dev"), ("spelled", "dev"), ("spelled", "test")]
        return cls((sentence for corpus, split in pairs for sentence in transcripts(corpus, split)), window=window)

    def holds(self, sentence: Sentence) -> bool:
        """Whether a training sentence repeats held-out text."""
        if len(sentence) >= WHOLE_FROM and sentence in self._whole:
            return True
        return any(run in self._windows for run in _runs(sentence, self._window))


def _runs(sentence: Sentence, window: int) -> Iterator[Sentence]:
    for start in range(len(sentence) - window + 1):
        yield sentence[start : start + window]


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


def _everyday(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    """Tatoeba's sentences: everybody there is called Tom or Mary, here each time somebody else."""
    numbers = count()
    for name, text in files:
        if name.endswith("sentences.txt"):
            for sentence in _sentences(text):
                yield tuple(_renamed(word, numbers) for word in sentence)


def _renamed(word: str, numbers: Iterator[int]) -> str:
    name, ending = (word[:-2], word[-2:]) if word.endswith("'s") else (word, "")
    return f"{NAMES[next(numbers) % len(NAMES)]}{ending}" if name in ("tom", "mary") else word


def _train_requests(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    """SLURP's training requests."""
    for name, text in files:
        if name.endswith("train.jsonl"):
            for line in text.splitlines():
                yield from _sentences(json.loads(line)["sentence"])


def _leads(files: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    """The openings of Wikipedia articles that Topical-Chat's speakers had read."""
    for name, text in files:
        if name.endswith("wiki/wiki.json"):
            for leads in json.loads(text).values():
                for lead in leads:
                    yield from _sentences(lead)


def dictionary_words() -> list[str]:
    """Words of the five English dictionaries of the archive mfa-english: those that most of them have come first."""
    seen: Counter[str] = Counter()
    for name, text in _members(paths.data() / "text" / "mfa-english.tar.xz"):
        if name.endswith(".dict"):
            seen.update({line.split("\t")[0].lower() for line in text.splitlines()})
    return sorted((word for word in seen if normalize_words(word) == [word]), key=lambda word: (-seen[word], word))


def _pool(file: Path) -> Iterator[Sentence]:
    """What a recogniser wrote down for the recordings of Common Voice without text; nothing like dev and test."""
    if not file.is_file():
        raise DataError(f"{file} is missing; the text '{POOL}' needs it (`harken data list`)")
    held_out = HeldOut.of_corpora(window=POOL_WINDOW)
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield from (one for one in _sentences(json.loads(line)["text"]) if not held_out.holds(one))


NAMES = tuple(
    """james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph
    jessica thomas sarah charles karen daniel lisa matthew nancy anthony betty mark sandra steven margaret paul
    ashley andrew emily joshua kimberly kenneth donna kevin michelle brian carol george amanda tim melissa ronald
    deborah jason stephanie edward rebecca jeff laura ryan sharon jacob helen gary cynthia nick kathy eric amy
    jonathan angela stephen anna larry emma justin nicole scott samantha brandon catherine ben christine sam
    rachel frank maria greg olivia alex julie patrick sophia jack alice dennis megan tyler grace henry hannah
    peter lucy adam jane nathan clara oliver eva leo nora max ella omar fatima carlos rosa miguel elena ivan marie
    hans yuki ali leila raj priya chen mei""".split()
)
"""Given names that take turns where a text knows only two."""


TEXTS: dict[str, Callable[[Iterable[tuple[str, str]]], Iterator[Sentence]]] = {
    "novels": _novels,
    "libritts-lj-text": _file_lists,
    "multiwoz22-text": _dialogues,
    "slurp": _lines,
    "clinc150": _queries,
    "hwu64": _requests,
    "tatoeba-en": _everyday,
    "slurp-train": _train_requests,
    "topical-chat": _leads,
}
"""Name of a packed text -> its reader."""
