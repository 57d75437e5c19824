"""Mixing speech and noise at a given ratio, and setting levels, without clipping.

Levels are in dB relative to full scale (a constant of 1.0 has 0 dB). The level of speech is that of its active parts,
so that pauses around a word do not change the ratio.
"""

from __future__ import annotations

import numpy as np

from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples

PEAK = 0.99
"""Mixtures louder than this are scaled down as a whole."""

_FRAME = SAMPLE_RATE // 50  # 20 ms, shorter than a pause and longer than a pitch period
_MARGIN_DB = 15.9  # ITU-T P.56: what lies further below the active level is a pause
SILENT = -100.0
"""Level in dB of silence: none is lower."""
_SILENT = 1e-10  # its mean square


def level(samples: Samples) -> float:
    """Level of samples [n] in dB, pauses included; -100 for silence."""
    return _decibel(float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0)


def active_level(samples: Samples) -> float:
    """Level of the active parts of samples [n] in dB, after ITU-T P.56 in steps of 20 ms; -100 for silence."""
    power = _frame_powers(samples)
    active, before = float(power.mean()), -1.0
    while active > _SILENT and active != before:
        before = active
        active = float(power[power >= active * 10 ** (-_MARGIN_DB / 10)].mean())
    return _decibel(active)


def match_level(samples: Samples, wanted: float) -> Samples:
    """Samples scaled so that their active level is `wanted` dB, or lower where they would clip.

    Raises:
        AudioError: they are silent.
    """
    current = active_level(samples)
    if current <= SILENT:
        raise AudioError("the level of a silent recording cannot be adjusted; leave it out")
    return limit(apply_gain(samples, wanted - current))


def apply_gain(samples: Samples, decibel: float) -> Samples:
    """Samples times a gain in dB; may exceed -1..1."""
    return (samples * np.float32(10 ** (decibel / 20))).astype(np.float32)


def limit(samples: Samples) -> Samples:
    """The samples, scaled down as a whole if their peak exceeds `PEAK`."""
    peak = float(np.max(np.abs(samples), initial=0))
    return samples if peak <= PEAK else (samples * np.float32(PEAK / peak)).astype(np.float32)


def cut_noise(noise: Samples, length: int, *, rng: np.random.Generator | None = None, offset: int = 0) -> Samples:
    """`length` samples of `noise` from `offset` on (drawn if `rng` is given); repeated where it is too short.

    Raises:
        AudioError: `noise` is empty.
    """
    if not len(noise):
        raise AudioError("the noise contains no samples; give a recording with sound in it")
    start = int(rng.integers(len(noise))) if rng is not None else offset
    if rng is not None and len(noise) > length:
        start = int(rng.integers(len(noise) - length + 1))
    return np.take(noise, np.arange(start, start + length), mode="wrap").astype(np.float32)


def mix_at_snr(
    speech: Samples, noise: Samples, snr_db: float, *, rng: np.random.Generator | None = None, offset: int = 0
) -> Samples:
    """Speech [n] with noise under it: active speech level minus noise level is `snr_db`.

    Args:
        speech: samples [n]; keeps its level unless the mixture would clip.
        noise: samples of any length, cut or repeated to n.
        snr_db: ratio in dB.
        rng: draws where in the noise to begin; None begins at `offset`.
        offset: first sample of the noise if there is no `rng`.

    Raises:
        AudioError: speech or the piece of noise is silent, so that there is no ratio.
    """
    piece = cut_noise(noise, len(speech), rng=rng, offset=offset)
    speech_level, noise_level = active_level(speech), level(piece)
    if min(speech_level, noise_level) <= SILENT:
        what = "speech" if speech_level <= SILENT else "noise"
        raise AudioError(f"the {what} is silent, so a ratio of {snr_db} dB does not exist; leave it out")
    return limit((speech + apply_gain(piece, speech_level - snr_db - noise_level)).astype(np.float32))


def _frame_powers(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    whole = len(samples) // _FRAME
    if whole == 0:
        return np.asarray([np.mean(np.square(samples, dtype=np.float64)) if len(samples) else 0.0])
    frames = samples[: whole * _FRAME].reshape(whole, _FRAME)
    return np.asarray(np.square(frames, dtype=np.float64).mean(axis=1))


def _decibel(power: float) -> float:
    return 10 * float(np.log10(max(power, _SILENT)))
