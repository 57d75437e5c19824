"""Debian's synthesisers espeak-ng, flite and festival, run as programs, for training and comparison.

Some voices are reserved: they speak the requests of the demo and the tests, so they must not be used in training.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harken.audio.files import read_audio
from harken.errors import ConfigError, DataError, HarkenError
from harken.events import SAMPLE_RATE, Samples

PROGRAMS = ("espeak-ng", "flite", "festival")

RESERVED = frozenset(
    {"flite:slt", "flite:rms", "flite:awb", "flite:awb_time", "flite:kal", "flite:kal16"}
    | {"festival:kal_diphone", "festival:cmu_us_slt_arctic_hts"}
)
"""Voices that training must not use; all recordings of the same four people count as one voice."""

_ESPEAK_WORDS_PER_MINUTE = 175
_TIMEOUT = 60


class MissingProgram(HarkenError):
    """A synthesiser is not installed; the message names the package that brings it."""

    def __init__(self, program: str):
        super().__init__(
            f"the program '{program}' was not found; install it (Debian: `sudo apt install {program}`) and try again"
        )
        self.program = program


@dataclass(frozen=True, kw_only=True)
class DebianVoice:
    """One voice of one program."""

    program: str
    name: str
    """As the program calls it, e.g. 'en-us+f3', 'slt', 'kal_diphone'."""

    @property
    def id(self) -> str:
        """Name for manifests, e.g. 'espeak-ng:en-us+f3'."""
        return f"{self.program}:{self.name}"

    @property
    def reserved(self) -> bool:
        """Whether training must leave this voice alone."""
        return self.id in RESERVED


def parse_voice(text: str) -> DebianVoice:
    """The voice with this `id`.

    Raises:
        ConfigError: not of the form program:name.
    """
    program, colon, name = text.partition(":")
    if not colon or program not in PROGRAMS or not name:
        raise ConfigError(f"'{text}' does not name a voice; write program:name, for example 'espeak-ng:en-us+f3'")
    return DebianVoice(program=program, name=name)


def list_voices(program: str, *, language: str = "en") -> list[DebianVoice]:
    """All voices of a program: for espeak-ng every dialect of `language` with every variant; the others know English.

    Raises:
        MissingProgram: it is not installed.
        ConfigError: it is not one of `PROGRAMS`.
    """
    return [DebianVoice(program=program, name=name) for name in _names(program, language)]


def training_voices(*, language: str = "en") -> list[DebianVoice]:
    """The voices that training may use: those of espeak-ng that are not reserved.

    Raises:
        MissingProgram: espeak-ng is not installed.
    """
    return [voice for voice in list_voices("espeak-ng", language=language) if not voice.reserved]


def refuse_reserved(voices: Iterable[DebianVoice]) -> None:
    """Guard for training.

    Raises:
        DataError: one of the voices is reserved.
    """
    reserved = sorted(voice.id for voice in voices if voice.reserved)
    if reserved:
        raise DataError(f"{', '.join(reserved)}: reserved for demo and tests, not for training; use espeak-ng voices")


def speak(text: str, voice: DebianVoice, *, speed: float = 1.0, pitch: float = 1.0, rate: int = SAMPLE_RATE) -> Samples:
    """Speak a text.

    Args:
        text: one sentence or more.
        voice: who speaks.
        speed: factor on the speaking rate, 0.5..2.
        pitch: factor on the voice's pitch setting, 0..1.98; only espeak-ng can change it.
        rate: Hz of the result.

    Returns:
        Samples [n], float32 mono -1..1.

    Raises:
        MissingProgram: the program is not installed.
        ConfigError: speed or pitch out of range, a voice that is not installed, or a text without a word.
        DataError: the program failed.
    """
    _check(text, voice, speed, pitch)
    program = _find("text2wave" if voice.program == "festival" else voice.program)
    with tempfile.TemporaryDirectory(prefix="harken-voice-") as folder:
        source, target = Path(folder, "text.txt"), Path(folder, "speech.wav")
        source.write_text(text + "\n", encoding="utf-8")
        _run([program, *_arguments(voice, speed, pitch, source, target)], voice)
        if not target.is_file():
            raise DataError(f"{voice.id} produced no sound for {text!r}; run the program yourself to see why")
        return read_audio(target, rate=rate)


def _check(text: str, voice: DebianVoice, speed: float, pitch: float) -> None:
    if not any(letter.isalnum() for letter in text):
        raise ConfigError(f"{text!r} contains nothing to speak; give at least one word")
    if not 0.5 <= speed <= 2:
        raise ConfigError(f"speed is {speed}; expected 0.5..2")
    if pitch != 1 and (voice.program != "espeak-ng" or not 0 <= pitch <= 1.98):
        raise ConfigError(f"pitch is {pitch} for {voice.id}; espeak-ng takes 0..1.98, the others only 1")
    # espeak-ng and flite silently speak with another voice if they do not know the name.
    if voice.name not in _names(voice.program, voice.name.partition("+")[0].partition("-")[0]):
        raise ConfigError(f"there is no voice '{voice.id}' on this machine; `list_voices` lists those that are")


def _arguments(voice: DebianVoice, speed: float, pitch: float, source: Path, target: Path) -> list[str]:
    if voice.program == "espeak-ng":
        words = ["-s", str(round(_ESPEAK_WORDS_PER_MINUTE * speed)), "-p", str(round(50 * pitch))]
        return ["-v", voice.name, *words, "-f", str(source), "-w", str(target)]
    if voice.program == "flite":
        stretch = ["--setf", f"duration_stretch={1 / speed:.4f}"]
        return ["-voice", voice.name, *stretch, "-f", str(source), "-o", str(target)]
    settings = ["-eval", f"(voice_{voice.name})", "-eval", f"(Parameter.set 'Duration_Stretch {1 / speed:.4f})"]
    return [*settings, str(source), "-o", str(target)]


@lru_cache(maxsize=16)
def _names(program: str, language: str) -> tuple[str, ...]:
    if program == "espeak-ng":
        # The list of a language ends with the variants again, whose language is 'variant'.
        dialects = [name for name in _espeak_column(f"--voices={language}", 1) if name != "variant"]
        variants = [file.removeprefix("!v/") for file in _espeak_column("--voices=variant", 4)]
        return tuple(dialect + tail for dialect in dialects for tail in ["", *(f"+{v}" for v in variants)])
    if program == "flite":
        return tuple(_output([_find("flite"), "-lv"]).partition(":")[2].split())
    if program == "festival":
        return tuple(_output([_find("festival"), "--batch", "(print (voice.list))"]).strip(" ()\n").split())
    raise ConfigError(f"unknown synthesiser '{program}'; known are {', '.join(PROGRAMS)}")


def _espeak_column(option: str, column: int) -> list[str]:
    lines = [line.split() for line in _output([_find("espeak-ng"), option]).splitlines()[1:]]
    # Names that begin with mb/ are MBROLA voices, whose data is a separate package; some files have blanks in the name.
    rows = [line for line in lines if len(line) > 4 and not line[4].startswith("mb/")]
    return list(dict.fromkeys(line[column] for line in rows if column != 4 or line[4].startswith("!v/")))


def _find(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise MissingProgram("festival" if program == "text2wave" else program)
    return path


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=True).stdout


def _run(command: Sequence[str], voice: DebianVoice) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise DataError(f"{voice.id} did not finish in {_TIMEOUT} s; give it a shorter text") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise DataError(
            f"{voice.id} failed: {said[-1] if said else f'exit {done.returncode}'}; is the voice installed?"
        )
