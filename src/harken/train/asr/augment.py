"""Other voices, tempos, rooms, microphones and noises, made from log-mel energies alone.

Sound powers add, so noise is mixed by adding energies, a room is a decaying sum of past energies, a vocal tract of
another length shifts energies along the mel axis, and a microphone adds a smooth curve. All of it costs a few percent
of what the network costs, so that every utterance is new in every pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from harken.audio.features import HIGH_HZ, LOW_HZ, Frames

_DECIBEL = float(np.log(10) / 10)
"""Log energy of one decibel."""


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """How often and how far each kind of change goes."""

    tempo: float = 0.12
    """Greatest relative change of speed (0.12: 0.88 to 1.12)."""
    warp: float = 0.12
    """Greatest relative change of the frequency axis."""
    noise: float = 0.5
    """Share of utterances with noise."""
    snr_low: float = 3.0
    """Lowest signal-to-noise ratio, dB."""
    snr_high: float = 30.0
    room: float = 0.35
    """Share of utterances in a room."""
    gain: float = 8.0
    """Standard deviation of the level, dB."""
    tilt: float = 3.0
    """Standard deviation of each term of the microphone's curve, dB."""
    bands: int = 2
    """Masked frequency bands (SpecAugment, Park et al. 2019)."""
    band_width: int = 18
    gap_every: float = 1.2
    """Seconds per masked gap."""
    gap_width: int = 18


def augment(
    features: Frames, config: AugmentConfig, draw_noise: Callable[[int], Frames] | None, rng: np.random.Generator
) -> Frames:
    """One random variant [T', bins] of log-mel energies [T, bins].

    Args:
        features: natural-log energies, not normalised.
        config: how often and how far.
        draw_noise: gives log-mel energies [n, bins] of some noise; None: no recorded noise.
        rng: where all randomness comes from.
    """
    x = stretch(features, float(rng.uniform(1 - config.tempo, 1 + config.tempo)))
    x = warp_mel(x, float(rng.uniform(1 - config.warp, 1 + config.warp)))
    if rng.random() < config.room:
        x = add_room(x, rng)
    if rng.random() < config.noise:
        snr = float(rng.uniform(config.snr_low, config.snr_high))
        recorded = draw_noise is not None and rng.random() < 0.7
        noise = draw_noise(len(x)) if recorded and draw_noise else coloured_noise(len(x), x.shape[1], rng)
        x = add_noise(x, noise, snr)
    return x + _microphone(x.shape[1], config, rng)


def mask(features: Frames, config: AugmentConfig, rng: np.random.Generator) -> Frames:
    """Normalised features [T, bins] with bands and gaps set to zero (in place)."""
    frames = len(features)
    mask_bands(features, config.bands, config.band_width, rng)
    for _ in range(round(frames / 100 / config.gap_every)):
        width = int(rng.integers(min(config.gap_width, frames)))
        start = int(rng.integers(frames - width))
        features[start : start + width] = 0
    return features


def mask_bands(features: Frames, count: int, width: int, rng: np.random.Generator) -> None:
    """Set random frequency bands of features [T, bins] to zero, each narrower than `width` (in place)."""
    for _ in range(count):
        narrow = int(rng.integers(width))
        start = int(rng.integers(features.shape[1] - narrow))
        features[:, start : start + narrow] = 0


def stretch(features: Frames, speed: float) -> Frames:
    """Linear interpolation in time; speed 1.1 gives T / 1.1 frames."""
    count = max(1, round(len(features) / speed))
    place = np.minimum(np.arange(count) * speed, len(features) - 1)
    low = place.astype(np.int64)
    high = np.minimum(low + 1, len(features) - 1)
    share = (place - low).astype(np.float32)[:, None]
    return np.asarray(features[low] * (1 - share) + features[high] * share, np.float32)


def warp_mel(features: Frames, factor: float) -> Frames:
    """Move energies along the frequency axis: what was at f is then at about factor * f."""
    low, share = _warp_table(features.shape[1], round(factor, 2))
    high = np.minimum(low + 1, features.shape[1] - 1)
    return features[:, low] * (1 - share) + features[:, high] * share


@lru_cache(maxsize=128)
def _warp_table(bins: int, factor: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    mel_low, mel_high = (1127 * np.log1p(f / 700) for f in (LOW_HZ, HIGH_HZ))
    step = (mel_high - mel_low) / (bins + 1)
    hertz = 700 * np.expm1((mel_low + step * (np.arange(bins) + 1)) / 1127)
    # Above 80 % of the band the warp runs out linearly, so that the upper edge stays where it is (Kaldi does the same).
    knee = 0.8 * HIGH_HZ / max(factor, 1.0)
    slope = (HIGH_HZ - knee / factor) / (HIGH_HZ - knee)
    source = np.where(hertz < knee, hertz / factor, HIGH_HZ - (HIGH_HZ - hertz) * slope)
    place = np.clip((1127 * np.log1p(source / 700) - mel_low) / step - 1, 0, bins - 1)
    low = place.astype(np.int64)
    return low, (place - low).astype(np.float32)


def add_room(features: Frames, rng: np.random.Generator) -> Frames:
    """Late reverberation: each band keeps a tail that decays exponentially (Polack's model of a room)."""
    rt60 = float(np.exp(rng.uniform(np.log(0.15), np.log(0.9))))
    decay = 10 ** (-6 * 0.01 / rt60)  # energy after 10 ms
    ratio = 10 ** (-rng.uniform(-2, 15) / 10)  # energy of the whole tail relative to the direct sound
    energy = np.exp(features)
    tail = lfilter([0.0, (1 - decay) * ratio], [1.0, -decay], energy, axis=0)
    return np.asarray(np.log(energy + tail), np.float32)


def coloured_noise(frames: int, bins: int, rng: np.random.Generator) -> Frames:
    """Steady noise with a random smooth spectrum; each frame's energy scatters as a few random amplitudes do."""
    scatter = np.log(rng.gamma(3.0, 1 / 3.0, (frames, bins)).astype(np.float32) + 1e-4)
    return np.asarray(scatter + _curve(bins, 6.0, rng), np.float32)


def add_noise(features: Frames, noise: Frames, snr: float) -> Frames:
    """Speech in noise; the ratio is that of the loud frames' energy to the noise's mean energy, dB."""
    speech = np.quantile(_level(features), 0.85)
    level = float(np.log(np.exp(_level(noise)).mean() + 1e-20))
    mixed = np.logaddexp(features, noise[: len(features)] + np.float32(speech - level - snr * _DECIBEL))
    return np.asarray(mixed, np.float32)


def _level(features: Frames) -> NDArray[np.float64]:
    """Log energy of each frame."""
    return np.asarray(np.log(np.exp(features.astype(np.float64)).sum(1) + 1e-20))


def _microphone(bins: int, config: AugmentConfig, rng: np.random.Generator) -> Frames:
    level = np.float32(rng.normal(0, config.gain) * _DECIBEL)
    return level + _curve(bins, config.tilt, rng)


def _curve(bins: int, spread: float, rng: np.random.Generator) -> Frames:
    """A smooth curve over the bands: three cosines of random height (dB, standard deviation `spread`)."""
    x = np.linspace(0, np.pi, bins)
    terms = [float(rng.normal(0, spread)) * np.cos((n + 1) * x) / (n + 1) for n in range(3)]
    return np.asarray(sum(terms) * _DECIBEL, np.float32)
