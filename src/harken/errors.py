"""Every error that harken raises on purpose. The message says what it got, what it expected and what to do.

HarkenError
├── AudioError        a recording cannot be read or contains no sound
├── BundleError       a model bundle is missing, damaged or of a different kind
├── ConfigError       a setting, profile or command-line value is not understood
├── DataError         a corpus, manifest or record is not as described
├── MarkupError       marked-up text for the voice is not understood
├── SkillError        a skill folder or its YAML is wrong (carries file, line, column)
├── PipelineError     stages do not fit together
├── SoundDeviceError  a microphone or loudspeaker is missing, busy or lost
├── VocabularyError   a word or phone has no pronunciation or no symbol
└── MissingExtra      an optional dependency is needed: names the extra
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class HarkenError(Exception):
    """Base of all errors meant for the user."""


class AudioError(HarkenError):
    """A recording cannot be read, is empty, or contains no finite sample."""


class BundleError(HarkenError):
    """A bundle is missing, of a different kind, or one of its files does not match its hash."""


class ConfigError(HarkenError):
    """A setting is unknown or out of range."""


class DataError(HarkenError):
    """A corpus, manifest or record is not as described."""


class MarkupError(HarkenError):
    """Text with marks for the voice (SSML) is not well-formed, or asks for something that the voice cannot do."""


class PipelineError(HarkenError):
    """Stages do not fit together, or a stage got an event that it does not consume."""


class SoundDeviceError(HarkenError):
    """A microphone or loudspeaker is missing, cannot be opened, or was lost."""


class VocabularyError(HarkenError):
    """A word or phone is outside the known symbols."""


class SkillError(HarkenError):
    """A skill folder is wrong; `file`, `line` and `column` (1-based) say where, when known."""

    def __init__(self, message: str, *, file: Path | None = None, line: int | None = None, column: int | None = None):
        place = "" if file is None else f"{file}" + ("" if line is None else f":{line}:{column or 1}") + ": "
        super().__init__(place + message)
        self.file, self.line, self.column = file, line, column


class MissingExtra(HarkenError):
    """Something optional is not installed; the message names the extra that brings it."""

    def __init__(self, what: str, extra: str):
        super().__init__(f"{what} needs the '{extra}' extra: run `pip install 'harken[{extra}]'` and try again")
        self.extra = extra


def nearest(name: str, known: Iterable[str]) -> str:
    """The hint behind an unknown name: "did you mean 'X'?", or "there are: A, B" when nothing is similar."""
    import difflib  # here, so that only a mistyped name pays for it

    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    return f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(names) or 'none'}"
