"""`harken data prepare`: turns a corpus as published, or one with a manifest, into a checked manifest."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harken.data import corpora
from harken.data.corpora import Corpus
from harken.data.layouts import Row, read_layout
from harken.data.qa import audio_duration, check_utterances
from harken.data.utterances import MANIFEST, read_manifest
from harken.errors import AudioError, DataError

MARKER = "prepared.json"
_FIELDS = ("audio", "duration", "text", "label", "speaker", "language", "intent")


@dataclass(frozen=True, kw_only=True)
class CorpusReport:
    """What `prepare` wrote."""

    corpus: str
    manifest: str
    """Path of the manifest."""
    records: Mapping[str, int]
    """Split -> number of recordings."""
    hours: Mapping[str, float]
    """Split -> hours."""
    problems: tuple[str, ...]
    """One sentence per record that was left out or is doubtful."""


def prepare(
    name: str,
    source: Path,
    *,
    to: Path | None = None,
    again: bool = False,
    progress: Callable[[int], None] | None = None,
) -> CorpusReport:
    """Read a corpus and write its manifest; bad records are left out, named and counted.

    Args:
        name: name of a corpus in `corpora.CORPORA`.
        source: a folder in the publisher's layout, or one that already has a manifest.jsonl.
        to: folder of the manifest; the corpus's place under the data root by default.
        again: read everything again even if the marker says that it was done.
        progress: receives the number of records read so far.

    Raises:
        DataError: unknown corpus, another layout, nothing usable, or a folder that cannot be written.
    """
    corpus = corpora.find_corpus(name)
    source, target = source.absolute(), (to or corpora.folder(name)).absolute()
    if not again and (done := _done(target, source)):
        return done
    rows, missing = _with_durations(_rows(corpus, source), target, progress)
    draft = target / f".{MANIFEST}-{os.getpid()}"
    _write(draft, rows)
    try:
        kept, complaints = _checked(rows, draft, corpus)
    finally:
        draft.unlink(missing_ok=True)
    problems = (*missing, *complaints)
    if not kept:
        first = f", the first: {problems[0]}" if problems else ""
        raise DataError(f"{source} gave no usable record of '{name}' ({len(problems)} bad{first})")
    if target != source:
        _write(target / MANIFEST, kept)
    report = _report(corpus, target / MANIFEST, kept, problems)
    _write(target / MARKER, [{**asdict(report), "source": str(source), "sha256": _digest(target / MANIFEST)}])
    return report


def _rows(corpus: Corpus, source: Path) -> Iterator[Row]:
    """Rows with absolute audio paths."""
    if not (source / MANIFEST).is_file():
        yield from read_layout(corpus.layout, source)
        return
    for utterance in read_manifest(source / MANIFEST, corpus=corpus.name):
        row = {name: getattr(utterance, name) for name in ("audio", "duration", "text", "label", "speaker", "language")}
        row |= {
            "intent": utterance.intent,
            "slots": utterance.slots or None,
            **utterance.more,
            "split": utterance.split,
        }
        yield {name: value for name, value in row.items() if value is not None}


def _with_durations(
    rows: Iterator[Row], target: Path, progress: Callable[[int], None] | None
) -> tuple[list[Row], list[str]]:
    """Rows as in a manifest in `target`, and a sentence for each one whose recording cannot be read."""
    measured: list[Row] = []
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        audio = row.pop("audio")
        try:
            duration = row.pop("duration", None) or round(audio_duration(audio), 3)
            measured.append({"audio": _relative(audio, target), "duration": duration, **row})
        except AudioError as error:
            problems.append(str(error))
        if progress:
            progress(number)
    return measured, problems


def _checked(rows: list[Row], draft: Path, corpus: Corpus) -> tuple[list[Row], list[str]]:
    """The rows without the wrong ones, and a sentence for each problem."""
    utterances = list(read_manifest(draft, corpus=corpus.name))
    places = {id(utterance): place for place, utterance in enumerate(utterances)}
    bad: set[int] = set()
    problems = []
    for utterance, problem in check_utterances(utterances, splits=corpus.splits, speakers_apart=corpus.speakers_apart):
        bad.add(places[id(utterance)])
        problems.append(f"{utterance.audio}: {problem}")
    return [row for place, row in enumerate(rows) if place not in bad], problems


def _relative(audio: Path, target: Path) -> str:
    """Relative if the recording is below the manifest, so that the folder can be moved; else absolute."""
    return audio.relative_to(target).as_posix() if audio.is_relative_to(target) else str(audio)


def _report(corpus: Corpus, manifest: Path, rows: list[Row], problems: tuple[str, ...]) -> CorpusReport:
    records = dict(Counter(row["split"] for row in rows))
    hours = {split: sum(row["duration"] for row in rows if row["split"] == split) / 3600 for split in records}
    return CorpusReport(corpus=corpus.name, manifest=str(manifest), records=records, hours=hours, problems=problems)


def _done(target: Path, source: Path) -> CorpusReport | None:
    """The report of an earlier run from the same folder, if its manifest is unchanged."""
    marker, manifest = target / MARKER, target / MANIFEST
    if not (marker.is_file() and manifest.is_file()):
        return None
    marked = json.loads(marker.read_text(encoding="utf-8"))
    if marked.pop("source") != str(source) or marked.pop("sha256") != _digest(manifest):
        return None
    return CorpusReport(**{**marked, "problems": tuple(marked["problems"])})


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    """JSON lines, atomically."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise DataError(f"cannot write {path} ({error.strerror}); choose another folder or make room") from error


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
