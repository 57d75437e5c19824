"""Scenes to learn from: pieces of recordings, varied, mixed with each other and with noise, in the log-mel domain.

Two recordings of different classes are mixed in a drawn ratio that counts as heard, and the label has both in that
ratio (Y. Tokozume, Y. Ushiku, T. Harada, "Learning from between-class examples for deep sound recognition", ICLR
2018). Stretches of bands and frames are hidden (D. S. Park et al., "SpecAugment", Interspeech 2019). Pieces begin
anywhere around the recording's sound, which shifts them in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.activation.sound_network import FLOOR, NOTHING, normalized, sounding
from harken.audio.features import Frames
from harken.train.activation.loudness import DECIBEL, frame_energy
from harken.train.activation.sound_events.configs import SceneConfig
from harken.train.activation.sound_events.material import LABELS, NOISE, SOUNDS, event_of
from harken.train.activation.store import ClipStore

_AUDIBLE = 20 * DECIBEL  # frames further below the loudest ones are not aimed at
_NOISE_FLOOR = 7.0  # log energy up to which a microphone's own noise may hide quiet bands
_HELD_BACK = 6  # one noise in this many is not learned from: the thresholds are chosen on it


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A recording in memory."""

    frames: Frames
    """[T, 40]"""
    event: str
    """Its class, or `NOTHING`."""
    fold: int
    """Of ESC-10, from 1; 0 for other recordings."""
    source: str
    """Field recording, speaker or file that it is from."""
    held_back: bool
    """Whether it is a noise without any class that is not learned from."""
    loud: NDArray[np.int64]
    """Frames that are near the loudest ones."""
    level: float
    """Mean of the natural log of their energy."""


@dataclass(frozen=True, kw_only=True)
class Scenes:
    """A batch."""

    frames: Frames
    """[B, T, 40], normalised."""
    targets: NDArray[np.float32]
    """[B, classes], each row adding up to 1."""
    heard: NDArray[np.bool_]
    """[B, T / 8] Steps that hold sound."""


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Normalisation of the bands."""

    centre: Frames
    """[40]"""
    deviation: Frames
    """[40]"""


def load_sounds(store: ClipStore) -> list[Sound]:
    """All recordings of a store."""
    sounds, noises = [], 0
    for clip in store.clips:
        frames = np.maximum(store.of(clip), FLOOR)
        energy = frame_energy(frames)
        loud = np.flatnonzero(energy >= np.quantile(energy, 0.98) - _AUDIBLE)
        fold = int(clip.split.removeprefix("fold")) if clip.corpus == SOUNDS else 0
        event = event_of(clip.corpus, clip.label)
        plain = clip.corpus == NOISE and event == NOTHING
        noises += plain
        sounds.append(
            Sound(
                frames=frames, event=event, fold=fold, source=clip.speaker or clip.label, loud=loud,
                level=float(energy[loud].mean()), held_back=plain and noises % _HELD_BACK == 0,
            )
        )  # fmt: skip
    return sounds


def measure_scaling(sounds: Sequence[Sound]) -> Scaling:
    """Mean and deviation of each band over the recordings' loud frames."""
    kept = np.concatenate([sound.frames[sound.loud] for sound in sounds])
    return Scaling(centre=kept.mean(axis=0), deviation=kept.std(axis=0))


def between_classes(share: float, level: float, other: float) -> tuple[float, float]:
    """Changes of two recordings' log energies, so that they are heard in the ratio share : 1 - share (amplitudes).

    Tokozume's equation 2: the gain p of the first is 1 / (1 + sqrt(E1 / E2) * (1 - share) / share), the other's 1 - p;
    the sum is divided by sqrt(p^2 + (1 - p)^2).

    Args:
        share: 0..1, exclusive.
        level, other: natural log of the energy of both.
    """
    first = 1 / (1 + np.exp((level - other) / 2) * (1 - share) / share)
    norm = np.log(first**2 + (1 - first) ** 2)
    return 2 * float(np.log(first)) - norm, 2 * float(np.log(1 - first)) - norm


class SceneMaker:
    """Draws scenes.

    Args:
        sounds: recordings that may be drawn.
        scaling: of the bands.
        config: how scenes are made.
    """

    def __init__(self, sounds: Sequence[Sound], scaling: Scaling, config: SceneConfig):
        self.config, self.scaling = config, scaling
        self._classes = (*LABELS, NOTHING)
        self._main = [[s for s in sounds if s.event == label and s.fold] for label in LABELS]
        self._examples = [[s for s in sounds if s.event == label and not s.fold] for label in LABELS]
        self._others = [s for s in sounds if s.event == NOTHING and not s.held_back]

    def __call__(self, rng: np.random.Generator) -> Scenes:
        """A batch."""
        made = [self._scene(rng) for _ in range(self.config.batch)]
        frames = np.stack([scene for scene, _ in made])
        frames = self._coloured(frames, rng)
        heard = np.stack([sounding(scene) for scene in frames])
        ready = normalized(frames, self.scaling.centre, self.scaling.deviation)
        return Scenes(frames=self._hidden(ready, rng), targets=np.stack([t for _, t in made]), heard=heard)

    def _scene(self, rng: np.random.Generator) -> tuple[Frames, NDArray[np.float32]]:
        config = self.config
        sound = self._draw(rng)
        piece, targets = self._piece(sound, rng), self._target(sound)
        if rng.random() < config.mixed:
            other, share = self._draw(rng), float(rng.uniform(0.05, 0.95))
            first, second = between_classes(share, sound.level, other.level)
            piece = np.logaddexp(piece + np.float32(first), self._piece(other, rng) + np.float32(second))
            targets = share * targets + (1 - share) * self._target(other)
        elif self._others and rng.random() < config.noisy:
            other = self._others[int(rng.integers(len(self._others)))]
            change = sound.level - other.level - float(rng.uniform(config.snr[0], config.snr[1])) * DECIBEL
            piece = np.logaddexp(piece, self._piece(other, rng) + np.float32(change))
        return piece, np.asarray(targets, np.float32)

    def _draw(self, rng: np.random.Generator) -> Sound:
        kind = rng.random()
        if self._others and kind < self.config.nothing:
            return self._others[int(rng.integers(len(self._others)))]
        place = int(rng.integers(len(LABELS)))
        further = self._examples[place] if rng.random() < self.config.examples else []
        of_class = further or self._main[place]
        return of_class[int(rng.integers(len(of_class)))]

    def _target(self, sound: Sound) -> NDArray[np.float32]:
        return np.asarray([sound.event == label for label in self._classes], np.float32)

    def _piece(self, sound: Sound, rng: np.random.Generator) -> Frames:
        """[frames, 40] around a loud frame; the recording is repeated where it is too short."""
        length = self.config.frames
        speed = self.config.speed ** float(rng.uniform(-1, 1))
        aim = sound.loud[int(rng.integers(len(sound.loud)))]
        places = np.round((np.arange(length) - rng.integers(length)) * speed).astype(np.int64) + aim
        return np.asarray(sound.frames[places % len(sound.frames)], np.float32)

    def _coloured(self, frames: Frames, rng: np.random.Generator) -> Frames:
        """[B, T, 40] with other levels, microphones and pitches, over a floor of noise."""
        count, _, bins = frames.shape
        place = np.arange(bins) * self.config.pitch ** rng.uniform(-1, 1, (count, 1))
        left = np.clip(place.astype(int), 0, bins - 2)[:, None]
        part = np.clip(place - left[:, 0], 0, 1).astype(np.float32)[:, None]
        shifted = np.take_along_axis(frames, left, 2) * (1 - part) + np.take_along_axis(frames, left + 1, 2) * part
        knots = rng.normal(0, 0.6, (count, 5))
        curve = np.stack([np.interp(np.arange(bins), np.linspace(0, bins - 1, 5), row) for row in knots])
        low, high = self.config.gain
        gain = rng.uniform(low, high, (count, 1)) * DECIBEL
        changed = shifted + (curve + gain).astype(np.float32)[:, None]
        return np.asarray(np.maximum(changed, rng.uniform(FLOOR, _NOISE_FLOOR, (count, 1, 1))), np.float32)

    def _hidden(self, frames: Frames, rng: np.random.Generator) -> Frames:
        """Normalised frames [B, T, 40] with two stretches of bands and two of frames at the mean."""
        for scene in frames:
            for _ in range(2):
                band, gap = int(rng.integers(self.config.bands + 1)), int(rng.integers(self.config.gap + 1))
                first = int(rng.integers(scene.shape[1] - band + 1))
                scene[:, first : first + band] = 0
                start = int(rng.integers(max(1, len(scene) - gap)))
                scene[start : start + gap] = 0
        return frames
