"""A room instead of a sound card: for tests, measurements, and trying things out on a machine without sound.

card = SimulatedCard(echo=simulate_room(room))
card.say(recording)                # the microphone hears it from now on
heard = card.read(0)               # the next 20 ms; no waiting
card.output                        # everything that the loudspeaker has played
"""

from __future__ import annotations

import numpy as np

from harken.assistant.sound_card import Heard
from harken.audio.files import resample
from harken.errors import SoundDeviceError
from harken.events import SAMPLE_RATE, Samples

_BLOCK = 320
"""Samples (20 ms) that one `read` returns."""


class SimulatedCard:
    """A microphone that hears what it is told, and the loudspeaker.

    Args:
        echo: impulse response [m] at 16 kHz from loudspeaker to microphone, its delay and level included; None when the
            microphone does not hear it, as with headphones.
        noise: samples [n] that are heard all the time, repeated; silence by default.
    """

    names = ("simulated microphone", "simulated loudspeaker")
    delay = 0
    lost = 0

    def __init__(self, *, echo: Samples | None = None, noise: Samples | None = None):
        self._echo, self._noise = echo, noise
        self._coming: Samples = np.zeros(0, np.float32)
        """What the microphone will hear, people and echo alike."""
        self._waiting: Samples = np.zeros(0, np.float32)
        self._output: list[Samples] = []
        self.position = 0
        """Samples that were heard so far."""
        self.present = True
        """False while the devices are unplugged."""
        self._open = False

    @property
    def output(self) -> Samples:
        """Everything that was played since the beginning, silence included: sample n while the microphone heard its
        sample n."""
        return np.concatenate([np.zeros(0, np.float32), *self._output])

    def say(self, samples: Samples) -> None:
        """Let the microphone hear samples [n] from now on, besides everything else."""
        self._add(samples)

    def open(self) -> None:
        """Begin.

        Raises:
            SoundDeviceError: the devices are unplugged.
        """
        if not self.present:
            raise SoundDeviceError("the simulated sound card is unplugged; set `present`")
        self._open = True

    def close(self) -> None:
        """Fall silent."""
        self._open = False
        self.silence()

    def read(self, timeout: float) -> Heard | None:
        """The next 20 ms.

        Raises:
            SoundDeviceError: the card is unplugged or not open.
        """
        if not (self._open and self.present):
            raise SoundDeviceError("the simulated sound card is unplugged or not open")
        playing = bool(len(self._waiting))
        played = np.pad(self._waiting[:_BLOCK], (0, max(0, _BLOCK - len(self._waiting))))
        self._waiting = self._waiting[_BLOCK:]
        if self._echo is not None and played.any():
            self._add(np.convolve(played, self._echo))
        heard = np.pad(self._coming[:_BLOCK], (0, max(0, _BLOCK - len(self._coming))))
        self._coming = self._coming[_BLOCK:]
        if self._noise is not None:
            heard = heard + np.take(self._noise, np.arange(self.position, self.position + _BLOCK), mode="wrap")
        self._output.append(played)
        self.position += _BLOCK
        return Heard(samples=np.clip(heard, -1, 1).astype(np.float32), played=played, playing=playing)

    def play(self, samples: Samples, rate: int) -> None:
        """Play samples [n] at `rate` Hz after all that waits to be played."""
        self._waiting = np.concatenate([self._waiting, resample(samples, rate, SAMPLE_RATE)])

    def silence(self) -> None:
        """Drop what waits to be played; its echo fades away."""
        self._waiting = self._waiting[:0]

    def _add(self, samples: Samples) -> None:
        length = max(len(samples), len(self._coming))
        self._coming = np.pad(self._coming, (0, length - len(self._coming))).astype(np.float32)
        self._coming[: len(samples)] += samples
