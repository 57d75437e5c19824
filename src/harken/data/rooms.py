"""Rooms: impulse responses, simulated by the image-source method, and sound as heard in them.

Published method: J. B. Allen and D. A. Berkley, "Image method for efficiently simulating small-room acoustics",
JASA 65(4), 1979; the reflection coefficient follows from RT60 by Sabine's formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import ConfigError
from harken.events import SAMPLE_RATE, Samples

SOUND_SPEED = 343.0
"""Metres per second."""

_HIGH_PASS_HZ = 100.0  # equal signs of all images give an unphysical rise at 0 Hz (Allen and Berkley, appendix B)

Point = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Room:
    """A rectangular room with one source and one microphone; metres and seconds."""

    size: Point
    source: Point
    microphone: Point
    rt60: float
    """Seconds until the sound has fallen by 60 dB."""

    def __post_init__(self) -> None:
        for name, point in (("source", self.source), ("microphone", self.microphone)):
            if not all(0 < x < side for x, side in zip(point, self.size, strict=True)):
                raise ConfigError(f"the {name} at {point} m is outside the room of {self.size} m; move it inside")
        if not 0 < self.rt60 <= 3:
            raise ConfigError(f"rt60 is {self.rt60} s; expected more than 0 and at most 3 s")

    @property
    def reflection(self) -> float:
        """Amplitude that a wall reflects, 0..1 (Sabine)."""
        x, y, z = self.size
        absorption = 0.161 * x * y * z / (2 * (x * y + y * z + x * z) * self.rt60)
        return float(np.sqrt(max(0.0, 1 - absorption)))

    @property
    def distance(self) -> float:
        """Metres from source to microphone."""
        return float(np.linalg.norm(np.subtract(self.source, self.microphone)))


def draw_room(rng: np.random.Generator, *, rt60: tuple[float, float] = (0.15, 0.6)) -> Room:
    """A living room, kitchen or office: 2.5-8 x 2.5-6 x 2.2-3.2 m; source and microphone at least 0.3 m from walls.

    Args:
        rng: source of randomness.
        rt60: seconds, lowest and highest.
    """
    size = rng.uniform((2.5, 2.5, 2.2), (8.0, 6.0, 3.2))
    while True:
        source, microphone = rng.uniform(0.3, size - 0.3), rng.uniform(0.3, size - 0.3)
        if np.linalg.norm(source - microphone) >= 0.3:
            return Room(
                size=_point(size), source=_point(source), microphone=_point(microphone), rt60=float(rng.uniform(*rt60))
            )


def simulate_room(room: Room, *, seconds: float | None = None) -> Samples:
    """Impulse response [n] at 16 kHz; n counts from the emission, so the direct sound comes after distance / 343 m/s.

    Args:
        room: what to simulate.
        seconds: length; by default until the sound has fallen by 40 dB, at most 0.7 s (the work grows with its cube).
    """
    length = seconds if seconds is not None else min(0.7, max(0.05, room.rt60 * 2 / 3) + room.distance / SOUND_SPEED)
    samples = int(np.ceil(length * SAMPLE_RATE))
    distance, bounces = _images(room, samples / SAMPLE_RATE * SOUND_SPEED)
    # Eq. 10: each image is a pulse after d/c, weakened by 1/d and by the walls it met.
    amplitude = room.reflection**bounces / (4 * np.pi * distance)
    place = distance * (SAMPLE_RATE / SOUND_SPEED)
    first = place.astype(np.int64)
    share = place - first
    response = np.bincount(first, amplitude * (1 - share), samples + 2)
    response = response + np.bincount(first + 1, amplitude * share, samples + 2)
    return _high_pass(np.asarray(response[:samples], np.float64))


def convolve(samples: Samples, impulse: Samples) -> Samples:
    """Samples [n] as heard in a room, with the same length, loudness and timing.

    The impulse response is shifted so that its strongest point (the direct sound) is at 0 and scaled to unit energy.
    """
    energy = float(np.sqrt(np.sum(np.square(impulse, dtype=np.float64))))
    if energy == 0 or not len(samples):
        raise ConfigError(f"impulse of {len(impulse)}, signal of {len(samples)} samples: neither may be empty or zero")
    direct = int(np.argmax(np.abs(impulse)))
    total = len(samples) + len(impulse) - 1
    size = 1 << (total - 1).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(impulse.astype(np.float64) / energy, size)
    return np.fft.irfft(spectrum, size)[direct : direct + len(samples)].astype(np.float32)


def _images(room: Room, reach: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distance [k] (m) and number of reflections [k] of all image sources nearer than `reach` m."""
    squares, counts = [], []
    for side, source, microphone in zip(room.size, room.source, room.microphone, strict=True):
        order = np.arange(-int(reach / (2 * side)) - 1, int(reach / (2 * side)) + 2)
        # Along one axis: images at 2 n L + s (2|n| reflections) and 2 n L - s (|2n - 1| reflections).
        offset = np.concatenate([2 * order * side + source, 2 * order * side - source]) - microphone
        bounces = np.concatenate([2 * np.abs(order), np.abs(2 * order - 1)])
        near = np.abs(offset) < reach
        squares.append(offset[near] ** 2)
        counts.append(bounces[near])
    square = squares[0][:, None, None] + squares[1][None, :, None] + squares[2][None, None, :]
    bounces = counts[0][:, None, None] + counts[1][None, :, None] + counts[2][None, None, :]
    inside = square < reach**2
    return np.sqrt(square[inside]), bounces[inside]


def _high_pass(response: NDArray[np.float64]) -> Samples:
    """A causal first-order high pass, applied in the frequency domain with room for its ringing."""
    size = 1 << (len(response) + 2048 - 1).bit_length()
    delay = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    pole = np.exp(-2 * np.pi * _HIGH_PASS_HZ / SAMPLE_RATE)
    filtered = np.fft.irfft(np.fft.rfft(response, size) * (1 - delay) / (1 - pole * delay), size)
    return filtered[: len(response)].astype(np.float32)


def _point(values: NDArray[np.float64]) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z
