"""What a wake-word network learns: windows that hold the word, and windows that do not.

The loss takes from each window with the word the best score near the word's end ("max-pooling", M. Sun et al.,
"Max-pooling loss training of long short-term memory networks for small-footprint keyword spotting", SLT 2016): the
exact place of the word is known only as precisely as its loudness shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.activation.wakeword import STRIDE
from harken.audio.features import Frames
from harken.train.activation.configs import SpottingConfig
from harken.train.activation.loudness import DECIBEL
from harken.train.activation.scenes import (
    SPEECH_LOUDNESS,
    StoredClip,
    colour,
    mix,
    random_noise,
)
from harken.train.activation.subband import SubbandNet

SMOOTH = 5
"""Output frames (100 ms) over which scores are averaged, in training as at run time."""


@dataclass(frozen=True, kw_only=True)
class SpottingData:
    """Recordings by their relation to the word."""

    positives: Sequence[StoredClip]
    speech: Sequence[StoredClip]
    near: Sequence[StoredClip]
    """Sounds like the word and other short phrases; may be empty."""
    noises: Sequence[StoredClip]
    mistaken: Sequence[tuple[StoredClip, int]] = ()
    """Where an earlier network heard the word although it was not said: recording and frame."""


class SpottingTask:
    """Learns one wake word.

    Args:
        data: recordings to learn from.
        held_back: recordings to validate on.
        config: windows and network.
    """

    def __init__(self, data: SpottingData, held_back: SpottingData, config: SpottingConfig):
        self.data, self.held_back, self.config = data, held_back, config
        self.net = SubbandNet(config.net)
        self._weights = _chances(data.positives, config.synthesised)
        self._dev = [word_windows(held_back, config, np.random.default_rng([7, n]), None) for n in range(6)]

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.net

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[int]:
        """An epoch is a hundred batches, drawn in `loss`."""
        return range(100)

    def loss(self, batch: int, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        x, ends = word_windows(self.data, self.config, rng, self._weights)
        positive, negative = self._parts(x, ends)
        return positive + negative, {"positive": float(positive.detach()), "negative": float(negative.detach())}

    def validate(self) -> Mapping[str, float]:
        parts = [self._parts(x, ends) for x, ends in self._dev]
        positive, negative = (float(np.mean([float(part[i]) for part in parts])) for i in (0, 1))
        return {"loss": positive + negative, "positive": positive, "negative": negative}

    def _parts(self, x: Tensor, ends: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Mean loss of windows with and without the word; `ends` [N, 2] is where it begins and ends, or -1."""
        logits = self.net(x, *self.net.states(len(x)))[0][:, :, 0]
        return pooled_loss(logits, ends)


def pooled_loss(logits_NT: Tensor, ends: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """The max-pooling loss.

    Args:
        logits_NT: one per 20 ms.
        ends: [N, 2] input frames where the word begins and ends; -1 where there is none.

    Returns:
        Mean over windows with the word of -log of the best smoothed score near its end, and the mean over windows
        without it of their worst score and of all their scores.
    """
    smooth = nn.functional.avg_pool1d(logits_NT[:, None], SMOOTH, 1)[:, 0]  # frame t: outputs t .. t + SMOOTH - 1
    time = (torch.arange(smooth.shape[1]) + SMOOTH - 1) * STRIDE
    start, end = (torch.from_numpy(ends[:, i])[:, None] for i in (0, 1))
    with_word = end[:, 0] >= 0
    near_end = (time[None] >= end - 6) & (time[None] <= end + 22)
    best = smooth.masked_fill(~near_end, -1e4).max(1).values[with_word]
    outside = (time[None] < start + 0.45 * (end - start)) | (time[None] > end + 50)
    quiet = outside | ~with_word[:, None]
    loss = nn.functional.softplus(smooth)
    worst = smooth.masked_fill(~quiet, -1e4).max(1).values
    positive = nn.functional.softplus(-best).mean() if len(best) else smooth.sum() * 0
    negative = nn.functional.softplus(worst).mean() + (loss * quiet).sum() / quiet.sum()
    return positive, negative


def word_windows(
    data: SpottingData, config: SpottingConfig, rng: np.random.Generator, weights: NDArray[np.float64] | None
) -> tuple[Tensor, NDArray[np.int64]]:
    """A batch: windows [N, T, bins], and [N, 2] frames where the word begins and ends (-1: not there)."""
    windows, ends = [], []
    for place in rng.choice(len(data.positives), config.positives, p=weights):
        window, where = _with_word(data.positives[place], data, config, rng)
        windows.append(window)
        ends.append(where)
    for _ in range(config.negatives):
        windows.append(_without_word(data, config, rng))
        ends.append((-1, -1))
    return torch.from_numpy(np.stack(windows)), np.asarray(ends, np.int64)


def _with_word(
    source: StoredClip, data: SpottingData, config: SpottingConfig, rng: np.random.Generator
) -> tuple[Frames, tuple[int, int]]:
    length = config.window
    end = int(rng.integers(length - 90, length - 24))
    start = end - (source.clip.last - source.clip.first)
    scene = source.crop(source.clip.last - end, length, rng).copy()
    if rng.random() < 0.35 and start > 20:
        _add_speech(scene, 0, start - int(rng.integers(4, 30)), source.clip.loudness, data, rng)
    if rng.random() < 0.45:
        _add_speech(scene, end + int(rng.integers(6, 30)), length, source.clip.loudness, data, rng)
    return _surround(scene, source.clip.loudness, data, config, rng), (start, end)


def _add_speech(
    scene: Frames, first: int, last: int, loudness: float, data: SpottingData, rng: np.random.Generator
) -> None:
    """Other speech before or after the word, about as loud."""
    if last - first < 5:
        return
    other = data.speech[int(rng.integers(len(data.speech)))]
    start = int(rng.integers(max(1, other.clip.frames - (last - first))))
    piece = other.crop(start, last - first, rng) + np.float32(loudness - other.clip.loudness + rng.normal(0, 0.7))
    scene[first:last] = mix(scene[first:last], piece)


def _without_word(data: SpottingData, config: SpottingConfig, rng: np.random.Generator) -> Frames:
    draw, length = rng.random(), config.window
    if draw < 0.08:
        loudness = SPEECH_LOUDNESS + DECIBEL * rng.uniform(config.gain[0], config.gain[1])
        return colour(random_noise(data.noises, length, loudness, rng), rng)
    if draw < 0.18:
        return _part_of_word(data, config, rng)
    if data.mistaken and rng.random() < config.mistaken:
        source, place = data.mistaken[int(rng.integers(len(data.mistaken)))]
        scene = source.crop(place - int(rng.integers(length - 90, length - 24)), length, rng).copy()
        return _surround(scene, source.clip.loudness, data, config, rng)
    near = data.near if data.near and rng.random() < config.hard else data.speech
    source = near[int(rng.integers(len(near)))]
    low, high = -length // 2, max(-length // 2 + 1, source.clip.frames - length // 2)
    scene = source.crop(int(rng.integers(low, high)), length, rng).copy()
    return _surround(scene, source.clip.loudness, data, config, rng)


def _part_of_word(data: SpottingData, config: SpottingConfig, rng: np.random.Generator) -> Frames:
    """Half of the word, its beginning or its end, with silence or other speech in place of the rest."""
    source = data.positives[int(rng.integers(len(data.positives)))]
    length, word = config.window, source.clip.last - source.clip.first
    end = int(rng.integers(length - 90, length - 24))
    scene = source.crop(source.clip.last - end, length, rng).copy()
    floor = source.crop(-length, length, rng)
    cut = max(0, end - word + int(word * rng.uniform(0.35, 0.55)))
    hidden = (cut, length) if rng.random() < 0.5 else (0, cut)
    scene[hidden[0] : hidden[1]] = floor[hidden[0] : hidden[1]]
    if rng.random() < 0.5:
        _add_speech(scene, *hidden, source.clip.loudness, data, rng)
    return _surround(scene, source.clip.loudness, data, config, rng)


def _surround(
    scene: Frames, loudness: float, data: SpottingData, config: SpottingConfig, rng: np.random.Generator
) -> Frames:
    """Microphone, noise and level of a scene whose speech has this loudness."""
    scene = colour(scene, rng)
    if rng.random() < config.noisy:
        snr = DECIBEL * rng.uniform(config.snr[0], config.snr[1])
        scene = mix(scene, random_noise(data.noises, len(scene), loudness - snr, rng))
    wanted = SPEECH_LOUDNESS + DECIBEL * rng.uniform(config.gain[0], config.gain[1])
    return np.asarray(scene + np.float32(wanted - loudness), np.float32)


def _chances(sources: Sequence[StoredClip], synthesised: float) -> NDArray[np.float64]:
    """Probability of each recording: its speaker counts with the root of their share, so that a few do not dominate."""
    counts = Counter(source.clip.speaker for source in sources)
    weights = np.asarray([counts[s.clip.speaker] ** (-0.5 if s.clip.speaker else -0.25) for s in sources])
    spoken = np.asarray([source.clip.corpus == "synthesised" for source in sources])
    if spoken.any() and not spoken.all():
        weights[spoken] *= synthesised / weights[spoken].sum()
        weights[~spoken] *= (1 - synthesised) / weights[~spoken].sum()
    return np.asarray(weights / weights.sum())
