"""What the end-pointing network learns: speech or not, every 20 ms, in noise, at any level.

Labels come from clean recordings by their energy (`label_speech`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from harken.activation.wakeword import STRIDE
from harken.audio.features import Frames
from harken.train.activation.configs import VadConfig
from harken.train.activation.loudness import DECIBEL, Labels, label_speech
from harken.train.activation.scenes import SPEECH_LOUDNESS, StoredClip, colour, mix, random_noise
from harken.train.activation.subband import SubbandNet

_WITH_VOICES = ("cafe", "coffee-shop", "crowd", "restaurant", "supermarket", "subway-station", "office", "carousel")
"""Noises in which people talk: under speech they are noise, alone they would be labelled wrongly."""


@dataclass(frozen=True, kw_only=True)
class VadData:
    """Clean speech and noises."""

    speech: Sequence[StoredClip]
    noises: Sequence[StoredClip]

    @property
    def pure(self) -> list[StoredClip]:
        """Noises without voices."""
        return [source for source in self.noises if source.clip.label not in _WITH_VOICES]


class VadTask:
    """Learns speech against everything else.

    Args:
        data: recordings to learn from.
        held_back: recordings to validate on.
        config: windows and network.
    """

    def __init__(self, data: VadData, held_back: VadData, config: VadConfig):
        self.data, self.config = data, config
        self.net = SubbandNet(config.net)
        self._dev = [speech_windows(held_back, config, np.random.default_rng([11, n])) for n in range(8)]

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.net

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[int]:
        """An epoch is a hundred batches, drawn in `loss`."""
        return range(100)

    def loss(self, batch: int, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        logits, labels = self._logits(*speech_windows(self.data, self.config, rng))
        return nn.functional.binary_cross_entropy_with_logits(logits, labels), {}

    def validate(self) -> Mapping[str, float]:
        pairs = [self._logits(*windows) for windows in self._dev]
        logits, labels = torch.cat([pair[0] for pair in pairs]), torch.cat([pair[1] for pair in pairs])
        loss = float(nn.functional.binary_cross_entropy_with_logits(logits, labels).detach())
        said, is_speech = logits > 0, labels > 0.5
        missed = float((is_speech & ~said).sum() / is_speech.sum())
        false = float((~is_speech & said).sum() / (~is_speech).sum())
        return {"loss": loss, "missed": missed, "false": false}

    def _logits(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.net(x, *self.net.states(len(x)))[0][:, :, 0]
        return logits, labels


def speech_windows(data: VadData, config: VadConfig, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """A batch: windows [N, T, bins] and labels [N, T / 2] 0..1."""
    pairs = [_window(data, config, rng) for _ in range(config.batch)]
    frames = torch.from_numpy(np.stack([pair[0] for pair in pairs]))
    labels = torch.from_numpy(np.stack([pair[1] for pair in pairs]).astype(np.float32))
    return frames, (labels.reshape(len(labels), -1, STRIDE).mean(2) >= 0.5).float()


def _window(data: VadData, config: VadConfig, rng: np.random.Generator) -> tuple[Frames, Labels]:
    length = config.window
    if rng.random() < config.noise_only:
        wanted = SPEECH_LOUDNESS + DECIBEL * rng.uniform(config.gain[0], config.gain[1])
        scene = colour(random_noise(data.pure, length, wanted, rng), rng)
        return _bursts(scene, wanted, data, config, rng), np.zeros(length, bool)
    source = data.speech[int(rng.integers(len(data.speech)))]
    scene, labels = _speech(source, length, rng)
    scene = colour(scene, rng)
    if rng.random() < config.noisy:
        wanted = source.clip.loudness - DECIBEL * rng.uniform(config.snr[0], config.snr[1])
        scene = mix(scene, random_noise(data.noises, length, wanted, rng))
    scene = _bursts(scene, source.clip.loudness, data, config, rng)
    gain = SPEECH_LOUDNESS - source.clip.loudness + DECIBEL * rng.uniform(config.gain[0], config.gain[1])
    return np.asarray(scene + np.float32(gain), np.float32), labels


def _speech(source: StoredClip, length: int, rng: np.random.Generator) -> tuple[Frames, Labels]:
    """A stretch of a recording; in half of the cases its beginning or end is inside the window."""
    start = int(rng.integers(-length // 2, max(1, source.clip.frames - length // 2)))
    if rng.random() < 0.5:
        start = int(rng.choice([-rng.integers(20, 200), source.clip.frames - rng.integers(40, 260)]))
    scene = source.crop(start, length, rng).copy()
    labels = np.zeros(length, bool)
    known = label_speech(source.store.of(source.clip))
    low, high = max(0, start), min(len(known), start + length)
    if high > low:
        labels[low - start : high - start] = known[low:high]
    return scene, labels


def _bursts(scene: Frames, loudness: float, data: VadData, config: VadConfig, rng: np.random.Generator) -> Frames:
    if rng.random() >= config.bursts:
        return scene
    scene = scene.copy()
    for _ in range(int(rng.integers(1, 7))):
        length = int(rng.integers(3, 40))
        start = int(rng.integers(len(scene) - length))
        piece = random_noise(data.pure, length, loudness + DECIBEL * rng.uniform(-12, 8), rng)
        fall = rng.uniform(0, 0.25) * np.arange(length, dtype=np.float32)
        scene[start : start + length] = mix(scene[start : start + length], piece - fall[:, None])
    return scene
