"""Profiles: an assistant's wake words, skills, bundles and voice, in TOML; the user's own overrides the shipped one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harken import paths
from harken.assistant.engines.naming import ONNX_ASR, WYOMING, read_engine
from harken.errors import ConfigError, nearest
from harken.settings import load_settings

PROFILE_FILE = "profile.toml"
"""The user's settings in HARKEN_HOME; they override the shipped profile key by key."""


@dataclass(frozen=True, kw_only=True)
class WakeSettings:
    """What wakes the assistant."""

    words: tuple[str, ...] = ("computer",)
    """Any words or phrases; those without a bundle are listened for by their pronunciation."""
    threshold: float = 0.0
    """Probability 0..1 from which a word counts as heard; 0 takes the judge's own."""
    stop: tuple[str, ...] = ("stop",)
    """Words or phrases that silence the assistant while it speaks, without the wake word: of four phones or more."""


@dataclass(frozen=True, kw_only=True)
class TurnSettings:
    """When a turn starts and ends."""

    vad: str = "vad"
    end_silence: float = 0.5
    """Seconds of silence after speech that end a turn: more for people who pause, fewer for quick answers. After a
    whole request it is less, and where more words must follow, it is more (`harken.activation.gate.PATIENCE`)."""
    no_speech: float = 4.0
    """Seconds after the wake word in which someone must speak."""
    limit: float = 15.0
    """Length of the longest turn in seconds."""
    follow_up: float = 6.0
    """Seconds after a question during which no wake word is needed; 0 switches this off."""


@dataclass(frozen=True, kw_only=True)
class RecognizerSettings:
    """What recognises words."""

    bundle: str = ""
    """Bundle of the acoustic model; '' takes the language's own."""
    language_model: str = ""
    """Bundle; '' takes the language's own."""
    engine: str = ""
    """Another engine instead: `wyoming://HOST:PORT` or `onnx-asr:MODEL[:FOLDER]`; '' takes harken's own recogniser,
    which also helps out when the other one fails."""
    engine_confidence: float = 0.7
    """Probability 0..1 that a word of the other engine is right; it does not tell. It is enough to act, but not for a
    yes that unlocks, deletes or buys (`harken.dialogue.questions.UNMISTAKABLE`)."""


@dataclass(frozen=True, kw_only=True)
class InterpreterSettings:
    """What understands requests."""

    bundle: str = ""
    """'' takes the language's own."""
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VoiceSettings:
    """What speaks the replies."""

    bundle: str = ""
    """'' takes the language's own."""
    vocoder: str = ""
    """Bundle; '' takes the language's own."""
    rate: float = 1.0
    """Factor on the speaking rate, 0.5..2."""
    engine: str = ""
    """Another engine instead: `wyoming://HOST:PORT`; '' takes harken's own voice, which also helps out when the other
    one fails."""


@dataclass(frozen=True, kw_only=True)
class SoundSettings:
    """The microphone and the loudspeaker of this machine."""

    microphone: str = ""
    """Part of its name, or its number in `harken listen --devices`; '' takes the system's own choice."""
    loudspeaker: str = ""
    """As for `microphone`."""
    tone: bool = True
    """Whether a short tone answers the wake word."""
    greeting: bool = True
    """Whether a rush of sound begins the conversation, from which the room is known before the first reply; only where
    echo is removed."""
    echo: bool = True
    """Whether what the loudspeaker plays is taken out of what the microphone hears; not needed with headphones."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The settings of an assistant.

    Raises:
        ConfigError: a number is out of range.
    """

    name: str = "en"
    language: str = "en-US"
    """One that ships, or a folder in the user's `languages`; it names the bundles for every '' below."""
    wake: WakeSettings = field(default_factory=WakeSettings)
    turn: TurnSettings = field(default_factory=TurnSettings)
    recognizer: RecognizerSettings = field(default_factory=RecognizerSettings)
    interpreter: InterpreterSettings = field(default_factory=InterpreterSettings)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)

    def __post_init__(self) -> None:
        _within("wake.threshold", self.wake.threshold, 0, 1)
        for name in ("end_silence", "no_speech", "limit"):
            _within(f"turn.{name}", getattr(self.turn, name), 0.1, 60)
        _within("turn.follow_up", self.turn.follow_up, 0, 60)
        _within("voice.rate", self.voice.rate, 0.5, 2)
        _within("recognizer.engine_confidence", self.recognizer.engine_confidence, 0, 1)
        for name, engine, kinds in (
            ("recognizer", self.recognizer.engine, (WYOMING, ONNX_ASR)), ("voice", self.voice.engine, (WYOMING,)),
        ):  # fmt: skip
            if engine:
                _checked_engine(name, engine, kinds)


def load_profile(name: str = "en") -> Profile:
    """The shipped profile `name` under the user's own settings.

    Raises:
        ConfigError: there is no such profile, the TOML cannot be read, a key is unknown or a value has the wrong type.
    """
    return read_profile(_shipped(name), paths.home() / PROFILE_FILE)


def read_profile(base: Path, own: Path | None = None) -> Profile:
    """A profile from a file, overridden by another file if that exists.

    Raises:
        ConfigError: as `load_profile`.
    """
    return load_settings(Profile, base, *([own] if own is not None and own.is_file() else []))


def list_profiles() -> list[str]:
    """Names of the shipped profiles."""
    return sorted(path.stem for path in (paths.PACKAGE / "profiles").glob("*.toml"))


def _shipped(name: str) -> Path:
    known = list_profiles()
    if name not in known:
        raise ConfigError(f"there is no profile '{name}'; {nearest(name, known)}")
    return paths.PACKAGE / "profiles" / f"{name}.toml"


def _checked_engine(name: str, engine: str, kinds: tuple[str, ...]) -> None:
    try:
        read_engine(engine, kinds=kinds)
    except ConfigError as error:
        raise ConfigError(f"the profile's {name}.engine: {error}") from None


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"the profile's {name} is {value}; expected {low}..{high}")
