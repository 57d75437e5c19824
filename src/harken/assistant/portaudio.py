"""The sound card of this machine, by PortAudio (package `sounddevice`).

PortAudio calls back from threads of its own; they only move samples into and out of bounded queues. Everything else
happens in the thread that calls `read`.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import queue
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr

from harken.assistant.sound_card import Heard
from harken.errors import MissingExtra, SoundDeviceError
from harken.events import SAMPLE_RATE, Samples

_STEP = 0.02
"""Seconds per callback."""
_BUFFER = 0.08
"""Seconds of sound that the system holds: enough for a busy machine, and soon silent when somebody says "stop"."""
_HELD = 250
"""Pieces of 20 ms (5 s) that wait at most for `read`; later ones are lost and counted."""
_SILENT = 3.0
"""Seconds without sound from the microphone after which it counts as gone."""
_SLACK = 0.08
"""Seconds by which the record of what was played may be behind before it is brought up to date in a pause."""
INPUT, OUTPUT = "input", "output"
_ERROR_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)  # what follows, for the message's format, is not read
_handler: Any = None
"""ALSA's error handler, once set; it must stay alive."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """A microphone or loudspeaker that PortAudio knows."""

    number: int
    name: str
    """With the system that offers it: 'USB Microphone, ALSA'."""
    inputs: int
    """Channels it hears; 0: not a microphone."""
    outputs: int
    """Channels it plays; 0: not a loudspeaker."""
    rate: int
    """Hz that it prefers."""
    chosen: tuple[str, ...] = ()
    """'input', 'output', or both, if it is the system's own choice."""


def list_devices() -> list[Device]:
    """Everything that can hear or play, as it is now.

    Raises:
        MissingExtra: `sounddevice` is not installed.
        SoundDeviceError: PortAudio is missing.
    """
    sounddevice = _sounddevice()
    with _told("list the sound devices"):
        systems = sounddevice.query_hostapis()
        usual = tuple(sounddevice.default.device)
        return [
            Device(
                number=number, name=f"{one['name']}, {systems[one['hostapi']]['name']}",
                inputs=one["max_input_channels"], outputs=one["max_output_channels"],
                rate=round(one["default_samplerate"]),
                chosen=tuple(kind for kind, other in zip((INPUT, OUTPUT), usual, strict=True) if other == number),
            )
            for number, one in enumerate(sounddevice.query_devices())
        ]  # fmt: skip


def choose_device(devices: list[Device], wanted: str, kind: str) -> Device:
    """The device that is meant.

    Args:
        devices: from `list_devices`.
        wanted: a number, the name, or a part of it in any case; '' for the system's own choice.
        kind: 'input' or 'output'.

    Raises:
        SoundDeviceError: there is none, or several fit.
    """
    what = "microphone" if kind == INPUT else "loudspeaker"
    fit = [one for one in devices if (one.inputs if kind == INPUT else one.outputs)]
    if not fit:
        raise SoundDeviceError(f"this machine has no {what}; {_ADVICE}")
    if not wanted:
        return next((one for one in fit if kind in one.chosen), fit[0])
    if wanted.isdigit():
        found = [one for one in fit if one.number == int(wanted)]
    else:
        exact = [one for one in fit if one.name.lower() == wanted.lower()]
        found = exact or [one for one in fit if wanted.lower() in one.name.lower()]
    if len(found) == 1:
        return found[0]
    names = "; ".join(f"{one.number} {one.name}" for one in found or fit)
    said = f"{len(found)} {what}s match '{wanted}'" if found else f"there is no {what} '{wanted}'"
    raise SoundDeviceError(f"{said}; choose one by its number: {names}")


_ADVICE = (
    "plug one in, or check that the sound server runs (PipeWire or PulseAudio: `pactl info`; ALSA: `arecord -l`, and "
    "membership of the group 'audio'); `harken listen --devices` lists what is found"
)


class PortAudioCard:
    """A microphone and a loudspeaker of this machine, at whatever rates they run.

    Args:
        microphone, loudspeaker: number, name or part of the name; '' for the system's own choice.
    """

    def __init__(self, *, microphone: str = "", loudspeaker: str = ""):
        self._wanted = (microphone, loudspeaker)
        self._streams: list[Any] = []
        self.names = ("", "")
        """Of the microphone and the loudspeaker."""
        self.delay, self._speaker = 0, _Speaker(SAMPLE_RATE)
        self._heard: queue.Queue[Samples] = queue.Queue(_HELD)
        self._lost_pieces = 0
        self._waited = 0.0

    @property
    def lost(self) -> int:
        """Samples at 16 kHz that nobody took in time."""
        return round(self._lost_pieces * _STEP * SAMPLE_RATE)

    def open(self) -> None:
        """Begin to hear and to play.

        Raises:
            MissingExtra: `sounddevice` is not installed.
            SoundDeviceError: a device is missing, busy, or refuses.
        """
        self.close()
        sounddevice = _sounddevice()
        _forget_devices()  # what was plugged in since then is seen
        devices = list_devices()
        microphone, loudspeaker = (
            choose_device(devices, wanted, kind) for wanted, kind in zip(self._wanted, (INPUT, OUTPUT), strict=True)
        )
        self._heard, self._lost_pieces, self._waited = queue.Queue(_HELD), 0, 0.0
        try:
            with _told(f"open the loudspeaker {loudspeaker.name}"):
                rate = _rate_of(sounddevice, loudspeaker, OUTPUT)
                self._speaker = _Speaker(rate)
                out = sounddevice.OutputStream(
                    device=loudspeaker.number, samplerate=rate, channels=1, dtype="float32",
                    blocksize=round(rate * _STEP), latency=_BUFFER, callback=self._speaker.fill,
                )  # fmt: skip
                self._streams.append(out)
                out.start()
            with _told(f"open the microphone {microphone.name}"):
                rate = _rate_of(sounddevice, microphone, INPUT)
                self._convert = _converter(rate)
                heard = sounddevice.InputStream(
                    device=microphone.number, samplerate=rate, channels=1, dtype="float32",
                    blocksize=round(rate * _STEP), latency=_BUFFER, callback=self._take,
                )  # fmt: skip
                self._streams.append(heard)
                heard.start()
        except SoundDeviceError:
            self.close()
            raise
        self.names = (microphone.name, loudspeaker.name)
        self.delay = round((out.latency + heard.latency) * SAMPLE_RATE)

    def close(self) -> None:
        """Let go of the devices."""
        streams, self._streams = self._streams, []
        for stream in streams:
            # A device that is gone may refuse this, too; there is nothing left to do with it.
            stream.close(ignore_errors=True)

    def read(self, timeout: float) -> Heard | None:
        """The next 20 ms or so; None when none came within `timeout` seconds.

        Raises:
            SoundDeviceError: the microphone has been silent for too long, or a stream has ended.
        """
        if not self._streams:
            raise SoundDeviceError("the microphone is not open; call `open` first")
        ended = not all(stream.active for stream in self._streams)
        if ended or self._waited >= _SILENT:
            raise SoundDeviceError(f"the sound device is gone ({' / '.join(self.names)}); {_ADVICE}")
        try:
            piece = self._heard.get(timeout=timeout)
        except queue.Empty:
            self._waited += timeout
            return None
        self._waited = 0.0
        samples = piece if self._convert is None else self._convert.resample_chunk(piece)
        if not len(samples):
            return None
        played, playing = self._speaker.played(len(samples))
        return Heard(samples=samples, played=played, playing=playing)

    def play(self, samples: Samples, rate: int) -> None:
        """Play samples [n] at `rate` Hz after all that waits to be played."""
        self._speaker.play(samples, rate)

    def silence(self) -> None:
        """Fall silent and drop what waits to be played."""
        self._speaker.silence()

    def _take(self, sound: Any, frames: int, time: Any, status: Any) -> None:
        """Called by PortAudio with a piece of sound [frames, 1]."""
        self._lost_pieces += bool(status.input_overflow)
        try:
            self._heard.put_nowait(sound[:, 0].copy())
        except queue.Full:
            self._lost_pieces += 1


class _Speaker:
    """What waits to be played, at the device's rate, and a record of what was played, at 16 kHz.

    Args:
        rate: Hz of the device.
    """

    def __init__(self, rate: int):
        self._rate = rate
        self._lock = threading.Lock()
        self._waiting: deque[Samples] = deque()
        self._record: deque[Samples] = deque()
        """What PortAudio took, silence included, not yet matched with what the microphone heard."""
        self._recorded = 0
        self._begun = False
        self._from: int = 0
        self._to_device: Any = None
        self._to_record = _converter(rate)
        self._converted: Samples = np.zeros(0, np.float32)

    def play(self, samples: Samples, rate: int) -> None:
        """Queue samples at any rate; pieces of one sound follow each other without a click."""
        if rate != self._rate and (self._to_device is None or rate != self._from):
            self._to_device, self._from = soxr.ResampleStream(rate, self._rate, 1, dtype="float32"), rate
        sound = np.asarray(samples, np.float32)
        if rate != self._rate:
            sound = self._to_device.resample_chunk(sound)
        with self._lock:
            self._waiting.append(sound)

    def silence(self) -> None:
        """Drop what waits."""
        self._to_device = None
        with self._lock:
            self._waiting.clear()

    def fill(self, out: Any, frames: int, time: Any, status: Any) -> None:
        """Called by PortAudio: the next samples [frames, 1], silence when nothing waits."""
        out[:] = 0
        done = 0
        with self._lock:
            while done < frames and self._waiting:
                piece = self._waiting.popleft()
                fits = piece[: frames - done]
                out[done : done + len(fits), 0] = fits
                done += len(fits)
                if len(fits) < len(piece):
                    self._waiting.appendleft(piece[len(fits) :])
            if self._begun:
                self._record.append(out[:, 0].copy())
                self._recorded += frames

    def played(self, length: int) -> tuple[Samples, bool]:
        """What was played [length] while the microphone heard as much, and whether more is to come."""
        wanted = round(length * self._rate / SAMPLE_RATE)
        with self._lock:
            self._begun = True  # what was played before the microphone began has no place in its stream
            loud = any(piece.any() for piece in self._record)
            if not loud and self._recorded > wanted + _SLACK * self._rate:
                self._record.clear()
                self._recorded = 0
            sound = self._cut(wanted)
            playing = loud or bool(self._waiting)
        if not playing:
            self._end_of_sound()
        if self._to_record is None:
            return sound, playing
        joined = np.concatenate([self._converted, self._to_record.resample_chunk(sound)])
        missing = np.zeros(max(0, length - len(joined)), np.float32)  # only at first: the conversion takes its time
        joined = np.concatenate([missing, joined])
        self._converted = joined[length:]
        return joined[:length], playing

    def _end_of_sound(self) -> None:
        """Play what the conversion still holds back."""
        if self._to_device is None:
            return
        rest = self._to_device.resample_chunk(np.zeros(0, np.float32), last=True)
        self._to_device = None
        with self._lock:
            self._waiting.append(rest)

    def _cut(self, wanted: int) -> Samples:
        """The oldest samples of the record; silence where PortAudio has not asked for as many yet."""
        out, done = np.zeros(wanted, np.float32), 0
        while done < wanted and self._record:
            piece = self._record.popleft()
            fits = piece[: wanted - done]
            out[done : done + len(fits)] = fits
            done += len(fits)
            if len(fits) < len(piece):
                self._record.appendleft(piece[len(fits) :])
        self._recorded -= done
        return out


def _converter(rate: int) -> Any:
    """From `rate` to 16 kHz; None when there is nothing to convert."""
    return soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32") if rate != SAMPLE_RATE else None


def _rate_of(sounddevice: Any, device: Device, kind: str) -> int:
    """16 kHz if the device takes it (the system then converts), else its own rate."""
    check = sounddevice.check_input_settings if kind == INPUT else sounddevice.check_output_settings
    try:
        check(device=device.number, samplerate=SAMPLE_RATE, channels=1, dtype="float32")
    except sounddevice.PortAudioError:
        return device.rate
    return SAMPLE_RATE


@contextmanager
def _told(what: str) -> Iterator[None]:
    """PortAudio's errors, as errors that say what to do."""
    sounddevice = _sounddevice()
    try:
        yield
    except (sounddevice.PortAudioError, ValueError) as error:
        busy = "unavailable" in str(error).lower() or "busy" in str(error).lower()
        advice = "another program may hold it: close that program, or choose another device" if busy else _ADVICE
        raise SoundDeviceError(f"cannot {what} ({_reason(error)}); {advice}") from error


def _reason(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError:
        raise MissingExtra("a microphone or loudspeaker", "mic") from None
    except OSError as error:  # the package is there, but the library that it calls is not
        raise SoundDeviceError(
            f"the PortAudio library is missing ({error}); install it: `apt install libportaudio2` on Debian, "
            "on Fedora `dnf install portaudio`"
        ) from error
    _quiet_alsa()
    return sounddevice


def _quiet_alsa() -> None:
    """ALSA writes about every hiccup to standard error, into the middle of what is shown there."""
    global _handler
    library = ctypes.util.find_library("asound")
    if library is None or _handler is not None:
        return
    try:
        alsa = ctypes.CDLL(library)
        _handler = _ERROR_HANDLER(lambda *_: None)
        alsa.snd_lib_error_set_handler(_handler)
    except (OSError, AttributeError):  # another library of that name
        _handler = None


def _forget_devices() -> None:
    """PortAudio lists the devices once; afterwards it does so again when asked."""
    sounddevice = _sounddevice()
    sounddevice._terminate()
    sounddevice._initialize()
