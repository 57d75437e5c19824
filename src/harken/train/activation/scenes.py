"""Scenes in the feature domain: a recording with noise, other speech, another level and another microphone.

Log-mel energies of a sum of sounds are close to the log of the sum of their energies (the phases between them average
out), so mixing does not need waveforms, which makes it a hundred times faster. Units are natural logs of
energy; 10 dB are 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harken.audio.features import Frames
from harken.train.activation.loudness import frame_energy
from harken.train.activation.store import Clip, ClipStore

SPEECH_LOUDNESS = 24.0
"""Loudness of read speech at about -23 dB of full scale: the middle of LibriSpeech."""


@dataclass(frozen=True, kw_only=True)
class StoredClip:
    """A recording and the store that holds its frames."""

    store: ClipStore
    clip: Clip

    def crop(self, start: int, length: int, rng: np.random.Generator) -> Frames:
        """Frames [length, bins] from `start` on; outside the recording its own quietest frames are repeated."""
        frames = self.store.of(self.clip)
        if start >= 0 and start + length <= len(frames):
            return np.asarray(frames[start : start + length], np.float32)
        energy = frame_energy(frames)
        quiet = np.argsort(energy)[: max(1, len(frames) // 8)]
        out: Frames = frames[rng.choice(quiet, length)]
        low, high = max(0, start), min(len(frames), start + length)
        if high > low:
            out[low - start : high - start] = frames[low:high]
        return out


def mix(scene: Frames, other: Frames) -> Frames:
    """Log energies of both sounds together."""
    # Energies of 16-bit sound stay below e^30, so single precision can leave the logarithm and come back.
    return np.asarray(np.log(np.exp(scene) + np.exp(other)), np.float32)


def colour(scene: Frames, rng: np.random.Generator) -> Frames:
    """Another microphone: a random smooth curve over the bins, within about 8 dB, and another vocal tract."""
    bins = scene.shape[1]
    if rng.random() < 0.4:
        place = np.clip(np.arange(bins) * rng.uniform(0.92, 1.08), 0, bins - 1)
        left = np.minimum(place.astype(int), bins - 2)
        share = (place - left).astype(np.float32)
        scene = scene[:, left] * (1 - share) + scene[:, left + 1] * share
    if rng.random() < 0.7:
        knots = rng.normal(0, 0.8, 5)
        curve = np.interp(np.arange(bins), np.linspace(0, bins - 1, 5), knots)
        scene = scene + curve.astype(np.float32)
    return scene


def random_noise(noises: Sequence[StoredClip], length: int, wanted: float, rng: np.random.Generator) -> Frames:
    """A piece [length, bins] of a random noise, scaled to a mean loudness."""
    source = noises[int(rng.integers(len(noises)))]
    start = int(rng.integers(max(1, source.clip.frames - length + 1)))
    piece = source.crop(start, length, rng)
    mean = float(np.log(np.mean(np.exp(frame_energy(piece).astype(np.float64))) + 1e-6))
    return np.asarray(piece + (wanted - mean), np.float32)
