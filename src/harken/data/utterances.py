"""Utterances (recordings and what is known about them) and manifests, which list one per line as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harken import paths
from harken.audio.files import read_audio
from harken.errors import DataError
from harken.events import SAMPLE_RATE, Samples

MANIFEST = "manifest.jsonl"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One recording."""

    audio: Path
    """Absolute path of the recording."""
    duration: float
    """Seconds."""
    corpus: str
    split: str
    text: str | None = None
    label: str | None = None
    speaker: str | None = None
    language: str | None = None
    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    """Everything else in the manifest's row: accent, age, sex, fold, prompt, part, ..."""

    def read(self, *, rate: int = SAMPLE_RATE) -> Samples:
        """The samples [n], float32 mono -1..1 at `rate` Hz."""
        return read_audio(self.audio, rate=rate)


def corpus_folder(corpus: str) -> Path:
    """Folder of a corpus under the data root.

    Raises:
        DataError: it is not there.
    """
    folder = paths.data() / "audio" / corpus
    if not (folder / MANIFEST).is_file():
        known = sorted(p.parent.name for p in (paths.data() / "audio").glob(f"*/{MANIFEST}"))
        raise DataError(f"no corpus '{corpus}' in {folder.parent}; there are {', '.join(known) or 'none'}")
    return folder


def read_corpus(corpus: str, *splits: str) -> list[Utterance]:
    """Utterances of a corpus under the data root; of all splits if none is named.

    Raises:
        DataError: the corpus is missing or its manifest is wrong.
    """
    folder = corpus_folder(corpus)
    return [u for u in read_manifest(folder / MANIFEST, corpus=corpus) if not splits or u.split in splits]


def read_manifest(path: Path, *, corpus: str | None = None) -> Iterator[Utterance]:
    """Utterances of a manifest; audio paths are relative to its folder.

    A recording that is listed again counts once; the log says how many there were.

    Raises:
        DataError: naming a line that is wrong or lists a recording again in another split.
    """
    splits: dict[Path, str] = {}
    again = 0
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            utterance = _parse(line, path, number, corpus or path.parent.name)
            earlier = splits.get(utterance.audio)
            if earlier is None:
                splits[utterance.audio] = utterance.split
                yield utterance
            elif earlier == utterance.split:
                again += 1
            else:
                raise DataError(
                    f"{path}:{number}: {utterance.audio.name} is in split '{utterance.split}' here, but in '{earlier}' "
                    "above; list each recording once"
                )
    if again:
        log.warning("%s lists %d recordings again; each counts once", path, again)


def _parse(line: str, path: Path, number: int, corpus: str) -> Utterance:
    try:
        row = json.loads(line)
        audio, duration = path.parent / row.pop("audio"), float(row.pop("duration"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}:{number}: expected an object with 'audio' and 'duration', got {line[:80]!r} ({error!r})"
        ) from error
    known = {name: row.pop(name, None) for name in ("text", "label", "speaker", "language", "intent")}
    split, slots = str(row.pop("split", "train")), row.pop("slots", None) or {}
    return Utterance(audio=audio, duration=duration, corpus=corpus, split=split, slots=slots, more=row, **known)
