"""Skills as they were read, cached between runs under a name that changes whenever they would be read differently.

Reading a skill means parsing and checking each of its templates. An entry is one file: a checksum, and the skill as
JSON. A damaged or unwritable cache only costs time.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import zlib
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from harken import __version__, paths
from harken.cached_files import drop_oldest, in_one_piece
from harken.errors import ConfigError
from harken.nlu.skill_file import Skill, code_of, file_of, read_skill
from harken.nlu.skill_record import skill_of, skill_record

KEPT = 200
"""Number of skills to keep; beyond that, the least recently used are dropped."""

_READING = ("nlu", "languages", "text")
"""Folders of the package that decide what a skill file means."""
_PARSERS = ("hassil", "yaml")
_MAGIC = "harken skill"

log = logging.getLogger(__name__)


def cached_skill(folder: Path, *, code: Path | None = None) -> Skill:
    """As `read_skill`, but what has not changed since the last time is not parsed and checked again.

    Raises:
        SkillError: as `read_skill`.
    """
    file = file_of(folder)
    try:
        digest = sha256(file.read_bytes()).hexdigest()
        entry = paths.cache() / "parsed" / f"{_key(digest)}.json"
    except OSError as error:
        log.debug("skills cannot be cached (%s)", error)
        return read_skill(folder, code=code)
    skill = _kept(entry, file, code)
    if skill is None:
        skill = read_skill(folder, code=code)
        if skill.digest == digest:  # else it has just been changed
            _keep(entry, skill)
    return skill


def _kept(entry: Path, file: Path, code: Path | None) -> Skill | None:
    """The skill in a file of the cache; None when there is none, or it is damaged."""
    try:
        magic, checksum, content = entry.read_bytes().split(b"\n", 2)
        if magic != _MAGIC.encode() or int(checksum) != zlib.crc32(content):
            raise ValueError("another checksum")
        skill = skill_of(json.loads(content), file=file, code=code_of(file, code))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, LookupError, ConfigError) as error:
        log.warning("%s is not a readable skill (%s); it is made anew from %s", entry, error, file)
        return None
    try:
        os.utime(entry)
    except OSError:
        log.debug("%s cannot be marked as used", entry)
    return skill


def _keep(entry: Path, skill: Skill) -> None:
    content = json.dumps(skill_record(skill), separators=(",", ":")).encode()
    try:
        with in_one_piece(entry) as out:
            out.write(f"{_MAGIC}\n{zlib.crc32(content)}\n".encode() + content)
        drop_oldest(entry.parent, KEPT)
    except OSError as error:
        log.info("cannot keep skill '%s' in %s (%s); it will be read anew next time", skill.name, entry.parent, error)


def _key(digest: str) -> str:
    return sha256(f"{digest} {_reader(paths.home() / 'languages')}".encode()).hexdigest()[:32]


@lru_cache(maxsize=8)
def _reader(own_languages: Path) -> str:
    """Stands for what reads skills in this process: code, languages, parsers. Looked up once, since languages are read
    once, too."""
    specs = [find_spec(name) for name in _PARSERS]
    parsers = [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin]
    folders = [*(paths.PACKAGE / name for name in _READING), own_languages, *parsers]
    states = [f"{path} {size} {changed}" for folder in folders for path, size, changed in _files(folder)]
    return sha256("\n".join([__version__, sys.version, *states]).encode()).hexdigest()


def _files(folder: Path | str) -> Iterator[tuple[str, int, int]]:
    """(path, bytes, time of the last change in ns) of all files in a folder except compiled code."""
    if not os.path.isdir(folder):
        return
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                yield from _files(entry.path)
            elif entry.is_file():
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
