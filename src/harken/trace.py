"""Traces: the events of a session as JSON lines, with their audio in WAV or FLAC files next to them.

One format serves as log, test fixture and wire format. Samples become {"audio": file, "first": n, "count": n}:
their place in a sound file in the trace's folder.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from harken import events
from harken.audio.pcm import in_steps
from harken.errors import DataError
from harken.events import SAMPLE_RATE, Event, Samples, SpeechChunk

EVENTS = "events.jsonl"

_KINDS: dict[str, type[Event]] = {
    kind.__name__: kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)
}


def to_json(event: Event) -> dict[str, Any]:
    """Plain JSON values of an event; samples are left out, and 'count' gives their number."""
    return {
        "event": type(event).__name__,
        **{f.name: _plain(getattr(event, f.name)) for f in dataclasses.fields(event)},
    }


class TraceWriter:
    """Writes a trace; a context manager.

    Args:
        folder: created if missing; an earlier trace in it is replaced.
        compact: store sound as FLAC, a quarter of the size or less; samples that are not whole steps (or are 1) are
            rounded.
    """

    def __init__(self, folder: Path, *, compact: bool = False):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._compact = folder, compact
        self._lines = (folder / EVENTS).open("w", encoding="utf-8")
        self._sounds: dict[str, soundfile.SoundFile] = {}
        self._written: dict[str, int] = {}

    def __enter__(self) -> TraceWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, event: Event) -> None:
        """Append an event."""
        line = to_json(event)
        samples = getattr(event, "samples", None)
        if samples is not None:
            line["samples"] = self._place(event, samples)
        self._lines.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the files."""
        self._lines.close()
        for sound in self._sounds.values():
            sound.close()

    def _place(self, event: Event, samples: Samples) -> dict[str, Any]:
        rate = event.rate if isinstance(event, SpeechChunk) else SAMPLE_RATE
        ending, coding = ("flac", "PCM_16") if self._compact else ("wav", "FLOAT")
        name = f"{type(event).__name__}-{rate}.{ending}"
        if name not in self._sounds:
            path = str(self._folder / name)
            self._sounds[name] = soundfile.SoundFile(path, "w", samplerate=rate, channels=1, subtype=coding)
            self._written[name] = 0
        first = self._written[name]
        # libsndfile's own conversion would not return whole steps
        self._sounds[name].write(in_steps(samples) if self._compact else samples)
        self._written[name] += len(samples)
        return {"audio": name, "first": first, "count": len(samples)}


def from_json(values: Mapping[str, Any], *, samples: Samples | None = None) -> Event:
    """The event that `to_json` made these values of.

    Args:
        values: plain values with 'event', the name of the event.
        samples: its sound, if it has any.

    Raises:
        DataError: they are not an event of this version of harken.
    """
    given = {name: value for name, value in values.items() if name != "event"}
    if samples is not None:
        given["samples"] = samples
    try:
        return typing.cast(Event, _build(_KINDS[values["event"]], given))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise DataError(f"this is not an event of this version of harken: {error!r}"[:200]) from error


def read_trace(folder: Path) -> Iterator[Event]:
    """The events of a trace, in order.

    Raises:
        DataError: a line is not an event of this version of harken, or its audio is missing.
    """
    path = folder / EVENTS
    if not path.is_file():
        raise DataError(f"{folder} is not a trace: it has no {EVENTS}")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            yield _from_json(json.loads(line), folder)
        except (ValueError, KeyError, TypeError, soundfile.LibsndfileError) as error:
            raise DataError(f"{path}:{number} is not a trace event of this version of harken: {error!r}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"count": len(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _from_json(line: dict[str, Any], folder: Path) -> Event:
    kind = _KINDS[line.pop("event")]
    if "samples" in line:
        place = line["samples"]
        sound = folder / Path(place["audio"]).name
        line["samples"], _ = soundfile.read(sound, frames=place["count"], start=place["first"], dtype="float32")
    return typing.cast(Event, _build(kind, line))


def _build(kind: type[Any], values: Mapping[str, Any]) -> Any:
    hints = typing.get_type_hints(kind)
    return kind(**{name: _typed(hints[name], value) for name, value in values.items()})


def _typed(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        inner = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
        return tuple(_typed(each, item) for each, item in zip(inner, value, strict=True))
    if origin in (typing.Union, types.UnionType) and value is not None:
        return _typed(next(argument for argument in arguments if argument is not type(None)), value)
    return value
