"""The vocoder's network and its tasks: filters for pulses and noise, learned from spectra, then against judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from harken.audio.features import mel_filters
from harken.errors import DataError
from harken.train.tts.configs import VocoderConfig
from harken.train.tts.corpus import SpeechCorpus
from harken.train.tts.judges import Judges
from harken.train.tts.spectral import spectral_distance
from harken.tts.frames import BANDS, HOP
from harken.tts.source_filter import (
    FFT,
    FFT_BINS,
    LEAD,
    STEP,
    TURNS,
    folding_weights,
    noise,
    pulse_train,
    turn_sines,
    window,
)

INPUTS = BANDS + 2
_MEL_MEAN, _MEL_SCALE = 14.0, 4.0
_LOG_HZ_MEAN, _LOG_HZ_SCALE = 5.1, 0.35
_INT16_LOG = 10.4
"""log(32768): frames are scaled to the 16-bit range, filters to -1..1."""
_EDGE = 6
"""Frames at both ends of a training piece that do not count: filters ring in from outside."""


class FilterNet(nn.Module):
    """x [B, T, 82] (log-mel, log Hz, voiced) -> filters of pulses and noise, two for each frame.

    Gives their log amplitudes [B, 2 T, 2, 257], and the coefficients [B, 2 T, 64] of the pulses' all-pass filters.
    """

    def __init__(self, channels: int, dilations: Sequence[int], kernel: int):
        super().__init__()
        self.entry = nn.Conv1d(INPUTS, channels, 5, padding=2)
        self.blocks = nn.ModuleList(_Block(channels, kernel, dilation) for dilation in dilations)
        self.exit = nn.Conv1d(channels, 4 * FFT_BINS, 1)
        self.turn = nn.Conv1d(channels, 2 * TURNS, 1)
        self.spread = nn.Parameter(_spread(), requires_grad=False)
        for layer in (self.exit, self.turn):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        nn.init.constant_(self.exit.bias, -2.5)  # type: ignore[arg-type]
        self.reach = 2 + sum(d * (kernel // 2) for d in dilations)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mel, hertz, voiced = x[..., :BANDS], x[..., BANDS : BANDS + 1], x[..., BANDS + 1 :]
        scaled = [(mel - _MEL_MEAN) / _MEL_SCALE, (hertz - _LOG_HZ_MEAN) / _LOG_HZ_SCALE, voiced]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            hidden = self.entry(torch.cat(scaled, 2).transpose(1, 2))
            for block in self.blocks:
                hidden = block(hidden)
            hidden = F.gelu(hidden)
            change, turns = self.exit(hidden), self.turn(hidden)
        change, turns = change.float().transpose(1, 2), turns.float().transpose(1, 2)
        batch, count = x.shape[0], x.shape[1]
        # The network starts from a filter that merely unfolds the mel bands, and learns what to change.
        start = (0.5 * mel @ self.spread - _INT16_LOG).unsqueeze(2).unsqueeze(2)
        log_amplitude = (start + change.reshape(batch, count, 2, 2, FFT_BINS)).reshape(batch, 2 * count, 2, FFT_BINS)
        return torch.clamp(log_amplitude, -16.0, 6.0), turns.reshape(batch, 2 * count, TURNS)


class _Block(nn.Module):
    def __init__(self, channels: int, kernel: int, dilation: int):
        super().__init__()
        self.wide = nn.Conv1d(channels, channels, kernel, padding=dilation * (kernel // 2), dilation=dilation)
        self.point = nn.Conv1d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.point(F.gelu(self.wide(F.gelu(x))))
        return y


def render(log_amplitude: Tensor, turns: Tensor, pulses: Tensor, hiss: Tensor) -> Tensor:
    """Sound [B, 80 S] of filters [B, S, 2, 257] and [B, S, 64] and sources [B, 80 S]: `FilterBank` for torch, whole."""
    count = log_amplitude.shape[1]
    with torch.no_grad():  # the amplitudes learn from themselves; their gradient through the phase costs two transforms
        phase = torch.fft.rfft(torch.fft.irfft(log_amplitude, FFT) * torch.from_numpy(folding_weights()), FFT).imag
    phase = torch.stack([phase[:, :, 0] + turns @ torch.from_numpy(turn_sines()), phase[:, :, 1]], 2)
    spectra = torch.polar(torch.exp(log_amplitude), phase)
    sources = F.pad(torch.stack([pulses, hiss], 1), (LEAD, 2 * STEP))
    pieces = sources.unfold(2, 2 * STEP, STEP)[:, :, :count] * torch.from_numpy(window())
    with torch.no_grad():
        excitation = torch.fft.rfft(pieces, FFT)
    total = (excitation * spectra.transpose(1, 2)).sum(1)
    shaped = torch.fft.irfft(total, FFT)
    length = (count - 1) * STEP + FFT
    out = F.fold(shaped.transpose(1, 2), (1, length), (1, FFT), stride=(1, STEP))[:, 0, 0]
    return out[:, LEAD : LEAD + count * STEP]


@dataclass(frozen=True)
class Pieces:
    """A batch: features, target, sources."""

    x: Tensor
    samples: Tensor
    pulses: Tensor
    hiss: Tensor


class VocoderTask:
    """Learn filters from cuts of many recordings, by the spectral distance between recording and copy.

    Args:
        train: corpora, each with its share of the pieces; the shares sum to any number.
        dev: one corpus for validation.
        config: size, and what it learns from.
    """

    def __init__(self, train: Sequence[tuple[SpeechCorpus, float]], dev: SpeechCorpus, config: VocoderConfig):
        self.config, self._corpora, self._dev = config, [corpus for corpus, _ in train], dev
        self._weights = [weight for _, weight in train]
        self.net = FilterNet(config.channels, config.dilations, config.kernel)

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.net

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[NDArray[np.int64]]:
        """Lists of (corpus, recording, first frame), [batch, 3]: as many as cover the longest corpus once."""
        del epoch
        frames, size = self.config.frames, self.config.batch
        usable = [
            np.array([max(0, corpus.length(n) - frames + 1) for n in range(len(corpus))]) for corpus in self._corpora
        ]
        if not all(room.any() for room in usable):
            raise DataError(f"a corpus has no recording of {frames} frames (10 ms each); give longer ones")
        count = max(size, max(int(room.sum()) for room in usable) // frames // size * size)
        corpora = rng.choice(len(usable), count, p=np.array(self._weights) / sum(self._weights))
        rows = np.zeros((count, 3), np.int64)
        for which, room in enumerate(usable):
            chosen = np.flatnonzero(corpora == which)
            recordings = rng.choice(len(room), len(chosen), p=room / room.sum())
            rows[chosen] = np.stack([np.full(len(chosen), which), recordings, rng.integers(room[recordings])], 1)
        return list(rows.reshape(-1, size, 3))

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        original, copy = self._copied(self._pieces_of(batch, rng))
        value = spectral_distance(copy, original)
        return value, {"spectral": float(value.detach())}

    def validate(self) -> Mapping[str, float]:
        return {"loss": self._distance()}

    def _distance(self) -> float:
        """Spectral distance on dev, mean over pieces from the middle of its recordings."""
        rng = np.random.default_rng(7)
        usable = [n for n in range(len(self._dev)) if self._dev.length(n) >= self.config.frames]
        places = [(self._dev, n, (self._dev.length(n) - self.config.frames) // 2) for n in usable[:96]]
        pairs = [self._copied(self._pieces(places[n : n + 16], rng, 0.0)) for n in range(0, len(places), 16)]
        return float(torch.stack([spectral_distance(copy, original) for original, copy in pairs]).mean())

    def _copied(self, pieces: Pieces) -> tuple[Tensor, Tensor]:
        """Recordings and copies [B, n], without their ends."""
        log_amplitude, turns = self.net(pieces.x)
        sound = render(log_amplitude, turns, pieces.pulses, pieces.hiss)
        inner = slice(_EDGE * HOP, -_EDGE * HOP)
        return pieces.samples[:, inner], sound[:, inner]

    def _pieces_of(self, batch: NDArray[np.int64], rng: np.random.Generator) -> Pieces:
        return self._pieces([(self._corpora[c], int(i), int(f)) for c, i, f in batch], rng, self.config.gain)

    def _pieces(self, places: Sequence[tuple[SpeechCorpus, int, int]], rng: np.random.Generator, gain: float) -> Pieces:
        x, samples, pulses, hiss = [], [], [], []
        for corpus, index, first in places:
            cut = corpus.cut(index, first, first + self.config.frames)
            change = float(rng.uniform(-2 * gain, gain) * rng.integers(2)) * np.log(10) / 20
            mel = cut.frames.astype(np.float32) + 2 * change
            x.append(np.concatenate([mel, np.log(cut.hertz)[:, None], cut.voiced[:, None]], 1))
            samples.append(cut.sound * np.exp(change))
            pulses.append(pulse_train(np.asarray(cut.hertz)))
            hiss.append(noise(len(pulses[-1]), rng))
        arrays = (torch.from_numpy(np.stack(part).astype(np.float32)) for part in (x, samples, pulses, hiss))
        return Pieces(*arrays)


class JudgedVocoderTask(VocoderTask):
    """The same against judges that learn at the same time: see `harken.train.tts.judges`.

    Args:
        train, dev, config: as for `VocoderTask`.
        weights: of the network after it has learned by the spectral distance, or of an earlier task of this kind with
            its judges.
    """

    def __init__(
        self,
        train: Sequence[tuple[SpeechCorpus, float]],
        dev: SpeechCorpus,
        config: VocoderConfig,
        weights: Mapping[str, Tensor],
    ):
        super().__init__(train, dev, config)
        self._judges = Judges(config.judges.periods, config.judges.channels)
        self._both = nn.ModuleDict({"net": self.net, "judges": self._judges})
        judged = any(name.startswith("judges.") for name in weights)
        (self._both if judged else self.net).load_state_dict(weights)

    @property
    def module(self) -> nn.Module:
        """Network and judges: one optimizer moves both, each by its own loss."""
        return self._both

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        weights = self.config.judges
        original, copy = self._copied(self._pieces_of(batch, rng))
        judging = self._judges.learn(original, copy)
        distance = spectral_distance(copy, original)
        deceived, features = self._judges.deceive(original, copy)
        value = judging + weights.spectral * distance + weights.deceived * deceived + weights.features * features
        parts = {"judging": judging, "spectral": distance, "deceived": deceived, "features": features}
        return value, {name: float(part.detach()) for name, part in parts.items()}

    def validate(self) -> Mapping[str, float]:
        """The spectral distance, which does not choose the checkpoint: copies sound better while it grows a little."""
        return {"spectral": self._distance()}


def _spread() -> Tensor:
    """Weights [80, 257] that unfold mel bands into bins: each bin takes the bands around it, normalised."""
    filters = np.pad(mel_filters(BANDS), ((0, 0), (0, 1)))
    near = filters / np.maximum(filters.sum(0, keepdims=True), 1e-6)
    centre = filters.argmax(1)
    empty = filters.sum(0) < 1e-3
    for place in np.flatnonzero(empty):
        near[:, place] = 0
        near[np.abs(centre - place).argmin(), place] = 1
    return torch.from_numpy(near.astype(np.float32))
