"""What the assistant heard, kept on this machine if its user wants that: recordings of turns with their transcripts.

Nothing is kept until the log is turned on. It stays in the user's folder, is readable by its user alone, and is bounded
in age and size: the oldest recordings are deleted first. Nothing in harken sends it anywhere.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import soundfile

from harken import paths
from harken.cached_files import in_one_piece
from harken.errors import ConfigError, DataError
from harken.events import SAMPLE_RATE, Samples, Transcript

SETTINGS_FILE = "settings.json"
_STAMP = "%Y%m%dT%H%M%S%f"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """Whether and how much is kept.

    Raises:
        ConfigError: a limit is not positive.
    """

    on: bool = False
    days: float = 30.0
    """Older recordings are deleted."""
    megabytes: float = 200.0
    """The oldest are deleted until the others need no more: about three hours of speech."""

    def __post_init__(self) -> None:
        if not (self.days > 0 and self.megabytes > 0):
            raise ConfigError(f"the log cannot keep {self.days:g} days and {self.megabytes:g} MB; give positive limits")


@dataclass(frozen=True, kw_only=True)
class HeardEntry:
    """One turn."""

    name: str
    """Of the entry; names sort by time."""
    audio: Path
    when: str
    """UTC, ISO."""
    seconds: float
    text: str
    """What was understood."""
    confidence: float
    """Of the whole transcript, 0..1."""
    words: tuple[tuple[str, float], ...]
    """Each word with its confidence."""
    said: str | None = None
    """What was really said, if the user has told."""


class HeardLog:
    """The log in a folder.

    Args:
        folder: of the log; `heard` in the user's folder when None.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = folder or paths.home() / "heard"

    @property
    def settings(self) -> LogSettings:
        """As last set; off if nobody has turned it on, or if the settings cannot be read."""
        file = self.folder / SETTINGS_FILE
        try:
            return LogSettings(**json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return LogSettings()
        except (OSError, ValueError, TypeError, ConfigError) as error:
            log.warning("%s cannot be read (%s): nothing is kept; run `harken log on` again", file, error)
            return LogSettings()

    def configure(self, settings: LogSettings) -> None:
        """Turn the log on or off and set its limits; what exceeds them is deleted at once.

        Raises:
            OSError: the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with in_one_piece(self.folder / SETTINGS_FILE) as file:
            file.write(json.dumps(asdict(settings)).encode() + b"\n")
        self._drop_excess(settings, datetime.now(UTC))

    def add(self, samples: Samples, transcript: Transcript, *, now: datetime | None = None) -> HeardEntry | None:
        """Keep a turn if the log is on and the turn has sound; returns its entry, or None.

        Args:
            samples: [n] at 16 kHz.
            transcript: final.
            now: the time; this machine's when None.

        Raises:
            OSError: the folder cannot be written.
        """
        settings = self.settings
        if not settings.on or not len(samples):
            return None
        now = now or datetime.now(UTC)
        name = f"{now.strftime(_STAMP)}-{secrets.token_hex(2)}"
        best = transcript.hypotheses[0] if transcript.hypotheses else None
        words = tuple((word.text, round(word.confidence, 4)) for word in (best.words if best else ()))
        entry = HeardEntry(
            name=name, audio=self.folder / f"{name}.flac", when=now.isoformat(timespec="seconds"),
            seconds=round(len(samples) / SAMPLE_RATE, 3), text=transcript.text,
            confidence=round(best.confidence, 4) if best else 0.0, words=words,
        )  # fmt: skip
        with in_one_piece(entry.audio) as file:
            soundfile.write(file, samples, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
        self._write(entry)
        self._drop_excess(settings, now)
        return entry

    def entries(self) -> list[HeardEntry]:
        """Everything in the log, oldest first; an entry that cannot be read is logged and left out."""
        entries = []
        for file in sorted(self.folder.glob("[!.]*.json")):
            if file.name != SETTINGS_FILE:
                try:
                    entries.append(_parse(json.loads(file.read_text(encoding="utf-8")), file))
                except (OSError, ValueError, TypeError, KeyError) as error:
                    log.warning("%s is not an entry of the log (%r): left out", file, error)
        return entries

    def correct(self, name: str, said: str) -> HeardEntry:
        """Note what was really said in a turn.

        Args:
            name: of the entry, or the beginning of it.
            said: the words; empty: what was understood is right.

        Raises:
            DataError: no entry, or several, have that name.
        """
        found = [entry for entry in self.entries() if entry.name.startswith(name)]
        if len(found) != 1:
            what = "no entry" if not found else f"{len(found)} entries"
            raise DataError(f"{what} of the log begin with '{name}'; `harken log show` lists the names")
        entry = HeardEntry(**{**vars(found[0]), "said": said.strip() or found[0].text})
        self._write(entry)
        return entry

    def wipe(self) -> int:
        """Delete every recording and transcript; returns how many turns there were. The settings stay."""
        names = {file.stem for file in self._files()}
        for file in self._files():
            file.unlink(missing_ok=True)
        return len(names)

    def _files(self) -> list[Path]:
        listed = (path for ending in ("*.flac", "*.json", ".*") for path in self.folder.glob(ending))
        return sorted(path for path in listed if path.is_file() and path.name != SETTINGS_FILE)

    def _write(self, entry: HeardEntry) -> None:
        row = {**asdict(entry), "audio": entry.audio.name}
        with in_one_piece(entry.audio.with_suffix(".json")) as file:
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")

    def _drop_excess(self, settings: LogSettings, now: datetime) -> None:
        oldest = (now - timedelta(days=settings.days)).strftime(_STAMP)
        recordings = sorted(self.folder.glob("[!.]*.flac"), reverse=True)
        left = settings.megabytes * 1e6
        for recording in recordings:  # newest first
            left -= recording.stat().st_size
            if left < 0 or recording.stem < oldest:
                recording.unlink(missing_ok=True)
                recording.with_suffix(".json").unlink(missing_ok=True)


def _parse(row: Mapping[str, Any], file: Path) -> HeardEntry:
    words = tuple((str(text), float(confidence)) for text, confidence in row["words"])
    return HeardEntry(**{**row, "audio": file.with_name(Path(row["audio"]).name), "words": words})
