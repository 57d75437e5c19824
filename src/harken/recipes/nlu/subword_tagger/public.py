"""Requests with marked slots that the shipped token encoder learns from.

SNIPS (CC0), HWU64 (CC BY 4.0), MultiDoGO (CDLA-Permissive), RESTAURANTS-8K (CC BY 4.0), M2M (published "as is", no
licence stated), and sentences sampled from our own skills. Training parts only.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from harken import paths
from harken.errors import DataError
from harken.languages.loading import load_locale
from harken.metrics.spans import Chunk, chunks
from harken.nlu.augment import disturbed
from harken.nlu.crf import tags_of
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.templates import sample_sentences
from harken.recipes.nlu.subword_tagger.sets import read_set
from harken.text.words import normalize_words
from harken.train.nlu.tagger_task import Tagged

_MARKED = re.compile(r"\[\s*([^\]:]+?)\s*:\s*([^\]]+?)\s*\]")
_MULTIDOGO_CELLS, _LABEL = 7, re.compile(r"[a-zA-Z_]+")
"""Its lines have seven cells; a few have words among the labels."""
_PER_INTENT = 60
"""Sentences sampled for each of our intents."""


def read_public_sets() -> dict[str, list[Tagged]]:
    """Sentences in normal form (lower case, numbers as words), by set.

    Raises:
        DataError: an archive is missing.
    """
    found = {"snips": read_set("snips")["train"]}
    for name, read in _READERS.items():
        path = paths.data() / "text" / f"{name}.tar.xz"
        if not path.is_file():
            raise DataError(f"{path} is missing; get it with `harken data fetch {name}`")
        with tarfile.open(path) as archive:
            found[name] = list(read(archive))
    ready = {name: [s for s in map(normalised, sentences) if s.words] for name, sentences in found.items()}
    return {**ready, "skills": sampled_sentences()}


def sampled_sentences() -> list[Tagged]:
    """Sentences of the shipped skills, clean and disturbed; slots carry the skill's name."""
    rng, found = np.random.default_rng(9), []
    for skill in read_shipped_skills(load_locale()):
        for sample in sample_sentences(skill, _PER_INTENT, rng):
            for version in (sample, disturbed(sample, rng, skill.locale)):
                spans = tuple((f"{skill.name}.{slot}", first, last) for slot, first, last in version.spans)
                found.append(Tagged(version.words, spans))
    return found


def normalised(sentence: Tagged) -> Tagged:
    """The sentence as it is understood; a word may become several ('6:00') or none ('!')."""
    words: list[str] = []
    starts: list[int] = []
    for word in sentence.words:
        starts.append(len(words))
        words += _plain(word)
    starts.append(len(words))
    spans = [(kind, starts[first], starts[last]) for kind, first, last in sentence.spans]
    return Tagged(tuple(words), tuple(span for span in spans if span[1] < span[2]))


@lru_cache(maxsize=100_000)
def _plain(word: str) -> tuple[str, ...]:
    return tuple(normalize_words(word))


def _hwu64(archive: tarfile.TarFile) -> Iterator[Tagged]:
    for text in _texts(archive, ".csv", "/trainset/"):
        for row in csv.DictReader(io.StringIO(text), delimiter=";"):
            words: list[str] = []
            spans: list[Chunk] = []
            pieces = _MARKED.split(row["answer_annotation"] or "")
            for plain, kind, value in zip(pieces[::3], [*pieces[1::3], ""], [*pieces[2::3], ""], strict=True):
                words += plain.split()
                spans += [(kind, len(words), len(words) + len(value.split()))] if kind else []
                words += value.split()
            yield Tagged(tuple(words), tuple(spans))


def _multidogo(archive: tarfile.TarFile) -> Iterator[Tagged]:
    for text in _texts(archive, "/train.tsv", "splits_annotated_at_sentence_level"):
        rows = [line.split("\t") for line in text.split("\n")[1:]]
        for *_, said, marks, _ in (cells for cells in rows if len(cells) == _MULTIDOGO_CELLS):
            words, labels = said.split(" "), marks.split(" ")
            if len(words) == len(labels) and all(_LABEL.fullmatch(label) for label in labels):
                tags = [label if label == "O" else f"I-{label}" for label in labels]
                yield Tagged(tuple(words), tuple(chunks(tags)))


def _restaurants(archive: tarfile.TarFile) -> Iterator[Tagged]:
    for text in _texts(archive, "restaurant8k/train_0.json"):
        for item in json.loads(text):
            said = item["userInput"]["text"]
            places = [match.span() for match in re.finditer(r"\S+", said)]
            spans = []
            for label in item.get("labels", ()):
                start, end = label["valueSpan"].get("startIndex", 0), label["valueSpan"]["endIndex"]
                inside = [i for i, (first, last) in enumerate(places) if first < end and last > start]
                spans += [(label["slot"], inside[0], inside[-1] + 1)] if inside else []
            yield Tagged(tuple(said.split()), tuple(sorted(spans, key=lambda span: span[1])))


def _m2m(archive: tarfile.TarFile) -> Iterator[Tagged]:
    for text in _texts(archive, "sim-M/train.json"):
        for dialogue in json.loads(text):
            for turn in dialogue["turns"]:
                said = turn.get("user_utterance", {"tokens": [], "slots": []})
                spans = sorted((slot["slot"], slot["start"], slot["exclusive_end"]) for slot in said["slots"])
                yield Tagged(tuple(said["tokens"]), tuple(spans))


_READERS: dict[str, Callable[[tarfile.TarFile], Iterator[Tagged]]] = {
    "hwu64": _hwu64, "multidogo": _multidogo, "restaurants8k": _restaurants, "m2m-sim-m": _m2m,
}  # fmt: skip


def _texts(archive: tarfile.TarFile, ending: str, inside: str = "") -> Iterator[str]:
    for member in archive:
        file = archive.extractfile(member) if member.name.endswith(ending) and inside in member.name else None
        if file is not None:
            yield file.read().decode("utf-8", "replace")


def without_overlaps(sentences: Sequence[Tagged]) -> list[Tagged]:
    """Only sentences whose spans do not overlap, each once."""
    kept = (s for s in sentences if chunks(tags_of(len(s.words), s.spans)) == sorted(s.spans, key=lambda x: x[1]))
    return list(dict.fromkeys(kept))
