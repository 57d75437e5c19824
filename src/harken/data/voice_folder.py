"""A plain folder of one person's recordings with their text, as anybody can put it together to train a voice from."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from harken.data.layouts import read_layout
from harken.data.qa import audio_duration, check_utterances
from harken.data.utterances import MANIFEST, Utterance, read_manifest
from harken.errors import AudioError, DataError
from harken.text.words import normalize_words

SHORTEST, LONGEST = 0.3, 20.0
"""Seconds of a recording that can be aligned with its text."""
FASTEST = 8.0
"""Words a second from which on the text cannot belong to the recording."""
_NAMED = 5
"""Bad recordings that a message names; the others are counted."""
_DEV_EVERY = 20

log = logging.getLogger(__name__)


def read_voice_folder(folder: Path, *splits: str) -> list[Utterance]:
    """Recordings of one speaker with their text; bad ones are left out, and the log names them.

    The folder has a manifest.jsonl (rows with 'audio', 'duration' and 'text'; 'split' is 'train' or 'dev'), or is laid
    out like LJSpeech: metadata.csv with 'name|text' lines and the recordings anywhere below, or x.txt next to x.wav.
    Where no row of a manifest is `dev`, every twentieth recording is.

    Args:
        folder: of the recordings.
        splits: 'train' or 'dev'; both if none is named.

    Raises:
        DataError: no such folder or layout, several speakers, or nothing usable in one of the splits.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; give one with recordings and a metadata.csv or manifest.jsonl")
    found, problems = _found(folder)
    for utterance, problem in check_utterances(found, splits=("train", "dev")):
        problems.setdefault(utterance.audio, problem)
    for utterance in found:
        if problem := _unfit(utterance):
            problems.setdefault(utterance.audio, problem)
    _report(folder, problems)
    kept = [utterance for utterance in found if utterance.audio not in problems]
    speakers = sorted({utterance.speaker for utterance in kept if utterance.speaker})
    if len(speakers) > 1:
        raise DataError(f"{folder} has recordings of {', '.join(speakers)}; a voice learns from one speaker")
    for split in ("train", "dev"):
        if not any(utterance.split == split for utterance in kept):
            raise DataError(
                f"{folder} has {len(kept)} usable recordings, none of them for '{split}'; both 'train' and 'dev' are "
                f"needed, at best from 20 minutes of recordings{_first(problems)}"
            )
    return [utterance for utterance in kept if not splits or utterance.split in splits]


def _found(folder: Path) -> tuple[list[Utterance], dict[Path, str]]:
    """Everything that is listed and can be read, and what is wrong with the rest."""
    if (folder / MANIFEST).is_file():
        listed = list(read_manifest(folder / MANIFEST, corpus=folder.name))
        if any(utterance.split != "train" for utterance in listed):
            return listed, {}
        held = range(_DEV_EVERY - 1, len(listed), _DEV_EVERY)
        return [replace(one, split="dev") if n in held else one for n, one in enumerate(listed)], {}
    found: list[Utterance] = []
    problems: dict[Path, str] = {}
    for row in read_layout("one-voice", folder):
        try:
            found.append(
                Utterance(
                    audio=row["audio"], duration=round(audio_duration(row["audio"]), 3), corpus=folder.name,
                    split=row["split"], text=row["text"], speaker=row["speaker"], more={"prompt": row["prompt"]},
                )
            )  # fmt: skip
        except AudioError as error:
            problems[row["audio"]] = str(error)
    return found, problems


def _unfit(utterance: Utterance) -> str:
    """Why a voice cannot learn from a recording; empty if it can."""
    words = normalize_words(utterance.text or "")
    if not words:
        return "has no text"
    if not SHORTEST <= utterance.duration <= LONGEST:
        return f"is {utterance.duration:.1f} s long, expected {SHORTEST:g} to {LONGEST:g} s; cut it into sentences"
    if len(words) > FASTEST * utterance.duration:
        return f"is {utterance.duration:.1f} s long, too short for its {len(words)} words"
    return ""


def _report(folder: Path, problems: dict[Path, str]) -> None:
    if problems:
        shown = "; ".join(f"{audio.name}: {problem}" for audio, problem in list(problems.items())[:_NAMED])
        more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        log.warning("%s: %d recordings left out: %s%s", folder, len(problems), shown, more)


def _first(problems: dict[Path, str]) -> str:
    return next((f" ({len(problems)} left out, the first: {name.name} {why})" for name, why in problems.items()), "")
