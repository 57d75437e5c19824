"""Transcripts as text and subtitles: choosing the format and the file, and writing cue by cue."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

from harken.cli.output import message
from harken.errors import ConfigError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from harken.events import Transcript, Word
    from harken.languages.locale import Locale


class Format(StrEnum):
    """The format of a written transcript."""

    JSON = "json"
    TXT = "txt"
    SRT = "srt"
    VTT = "vtt"


_WRITTEN = (Format.TXT, Format.SRT, Format.VTT)
"""Formats that are written while the recording is heard."""


def choose_format(
    named: Format | None, *, as_json: bool, output: str | None, alternatives: bool, codes: bool = False
) -> Format | None:
    """The requested format; None means the plain answer.

    Args:
        named: by --format.
        as_json: whether --json was given.
        output: where to write; its ending determines the format if nothing else does.
        alternatives: whether alternatives are requested too.
        codes: whether letters and digits are to be written as such.

    Raises:
        ConfigError: the options contradict each other.
    """
    if as_json and named not in (None, Format.JSON):
        raise ConfigError(f"--json and --format {named.value} ask for two formats; choose one")
    ending = Path(output).suffix[1:].lower() if output else ""
    if named is None and not as_json and ending in {form.value for form in _WRITTEN}:
        named = Format(ending)
    chosen = Format.JSON if as_json else named
    if output is not None and chosen not in _WRITTEN:
        raise ConfigError(
            f"--output {output} needs --format txt, srt or vtt, or a name with that ending; JSON and the plain answer "
            "go to standard output"
        )
    if codes and chosen not in _WRITTEN:
        raise ConfigError(
            "--codes is for --format txt, srt or vtt; JSON and the plain answer have the words as they were heard"
        )
    if chosen in _WRITTEN and alternatives:
        raise ConfigError(
            "txt, srt and vtt have no room for --nbest and --confusion-network; use --json, or leave them out"
        )
    return chosen


def find_targets(files: Sequence[str], kind: Format, output: str | None) -> dict[str, Path | None]:
    """Recording -> the file that its transcript goes to; None is standard output.

    Args:
        files: recordings.
        kind: txt, srt or vtt.
        output: a file, or a folder (one that exists, or a name that ends in a slash); None is standard output.

    Raises:
        ConfigError: several transcripts would go into one file, or one would replace a recording.
    """
    if output is None:
        if len(files) > 1:
            raise ConfigError(f"{kind.value} of {len(files)} recordings needs --output FOLDER, with a file for each")
        return dict.fromkeys(files, None)
    folder = Path(output).is_dir() or output.endswith(("/", os.sep))
    if not folder and len(files) > 1:
        raise ConfigError(f"--output {output} is one file for {len(files)} recordings; give a folder: {output}/")
    names = {file: "standard-input" if file == "-" else Path(file).stem for file in files}
    targets = {file: Path(output) / f"{name}.{kind.value}" if folder else Path(output) for file, name in names.items()}
    _check_apart(targets)
    return {**targets}


def _check_apart(targets: Mapping[str, Path]) -> None:
    recordings = {Path(file).resolve() for file in targets if file != "-"}
    owners: dict[Path, str] = {}
    for file, target in targets.items():
        if target.resolve() in recordings:
            raise ConfigError(f"{target} is a recording; give --output another name")
        if (other := owners.setdefault(target, file)) != file:
            raise ConfigError(
                f"{other} and {file} would both be written to {target}; transcribe them one after the other"
            )


def write_transcript(
    parts: Iterator[Transcript], kind: Format, target: Path | None, *, locale: Locale | None = None, codes: bool = False
) -> int:
    """Write a transcript while it is recognised; the file is valid at any time.

    Args:
        parts: of one recording, in order.
        kind: txt (a line for each stretch), srt or vtt.
        target: the file, overwritten (and its folder created) once the recording proves readable; None is standard
            output.
        locale: the language, which says where a line may break; English when None.
        codes: write spelled letters and digits as such.

    Returns:
        Number of lines or cues.

    Raises:
        AudioError: the recording cannot be read.
        ConfigError: the file cannot be written.
    """
    from harken.text.codes import with_codes

    pieces = ([*part.hypotheses[0].words] for part in parts)
    stretches = (with_codes(words, locale) for words in pieces) if codes else pieces
    texts = _texts(stretches) if kind is Format.TXT else _subtitles(stretches, kind, locale)
    first = next(texts, "")
    try:
        count = _write(chain([first], texts), target)
    except OSError as error:
        if target is None:
            raise
        raise ConfigError(f"cannot write {target}: {error}; choose a folder that is writable and has room") from error
    return count - (kind is Format.VTT)


def _write(texts: Iterable[str], target: Path | None) -> int:
    """Write each text at once; returns how many were not empty."""
    count = 0
    with _opened(target) as file:
        try:
            for text in texts:
                file.write(text)
                file.flush()
                count += bool(text)
        except KeyboardInterrupt:
            message(f"harken: interrupted; what was heard so far is in {target or 'the output'}")
            raise
    return count


def _opened(target: Path | None) -> AbstractContextManager[IO[str]]:
    if target is None:
        return nullcontext(sys.stdout)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.open("w", encoding="utf-8", newline="\n")


def _texts(stretches: Iterator[list[Word]]) -> Iterator[str]:
    return (" ".join(word.text for word in words) + "\n" for words in stretches if words)


def _subtitles(stretches: Iterator[list[Word]], kind: Format, locale: Locale | None) -> Iterator[str]:
    """The pieces of a subtitle file; the first is yielded when the first cue is known."""
    from harken.text.subtitles import VTT_HEAD, format_srt, format_vtt, make_cues

    cues = make_cues(chain.from_iterable(stretches), locale)
    first = next(cues, None)
    if kind is Format.VTT:
        yield VTT_HEAD
    for number, cue in enumerate(chain([first] if first else [], cues), 1):
        yield format_vtt(cue) if kind is Format.VTT else format_srt(cue, number)
