"""The vocoder's network and its task: filters for pulses and noise, learned from those of recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from harken.audio.features import mel_filters
from harken.train.tts.configs import VocoderConfig
from harken.train.tts.corpus import SpeechCorpus
from harken.train.tts.envelope import LOWEST, filters_of
from harken.tts.frames import BANDS
from harken.tts.source_filter import FFT, FFT_BINS, LEAD, STEP, folding_weights, window

INPUTS = BANDS + 2
_MEL_MEAN, _MEL_SCALE = 14.0, 4.0
_LOG_HZ_MEAN, _LOG_HZ_SCALE = 5.1, 0.35
_INT16_LOG = 10.4
"""log(32768): frames are scaled to the 16-bit range, filters to -1..1."""
_EDGE = 6
"""Frames at both ends of a training piece that do not count: the analysis sees nothing beyond them."""


class FilterNet(nn.Module):
    """x [B, T, 82] (log-mel, log Hz, voiced) -> log amplitudes [B, 2 T, 2, 257] of the filters of pulses and noise."""

    def __init__(self, channels: int, dilations: Sequence[int], kernel: int):
        super().__init__()
        self.entry = nn.Conv1d(INPUTS, channels, 5, padding=2)
        self.blocks = nn.ModuleList(_Block(channels, kernel, dilation) for dilation in dilations)
        self.exit = nn.Conv1d(channels, 4 * FFT_BINS, 1)
        self.spread = nn.Parameter(_spread(), requires_grad=False)
        nn.init.zeros_(self.exit.weight)
        nn.init.constant_(self.exit.bias, -2.5)  # type: ignore[arg-type]
        self.reach = 2 + sum(d * (kernel // 2) for d in dilations)

    def forward(self, x: Tensor) -> Tensor:
        mel, hertz, voiced = x[..., :BANDS], x[..., BANDS : BANDS + 1], x[..., BANDS + 1 :]
        scaled = [(mel - _MEL_MEAN) / _MEL_SCALE, (hertz - _LOG_HZ_MEAN) / _LOG_HZ_SCALE, voiced]
        hidden = self.entry(torch.cat(scaled, 2).transpose(1, 2))
        for block in self.blocks:
            hidden = block(hidden)
        change = self.exit(F.gelu(hidden)).float().transpose(1, 2)
        batch, count = x.shape[0], x.shape[1]
        # The network starts from a filter that merely unfolds the mel bands, and learns what to change.
        start = (0.5 * mel @ self.spread - _INT16_LOG).unsqueeze(2).unsqueeze(2)
        log_amplitude = (start + change.reshape(batch, count, 2, 2, FFT_BINS)).reshape(batch, 2 * count, 2, FFT_BINS)
        return torch.clamp(log_amplitude, -16.0, 6.0)


class _Block(nn.Module):
    def __init__(self, channels: int, kernel: int, dilation: int):
        super().__init__()
        self.wide = nn.Conv1d(channels, channels, kernel, padding=dilation * (kernel // 2), dilation=dilation)
        self.point = nn.Conv1d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.point(F.gelu(self.wide(F.gelu(x))))
        return y


def render(log_amplitude: Tensor, pulses: Tensor, hiss: Tensor) -> Tensor:
    """Sound [B, 80 S] of filters [B, S, 2, 257] and sources [B, 80 S]: `FilterBank` for torch, whole."""
    count = log_amplitude.shape[1]
    phase = torch.fft.rfft(torch.fft.irfft(log_amplitude, FFT) * torch.from_numpy(folding_weights()), FFT).imag
    spectra = torch.polar(torch.exp(log_amplitude), phase)
    sources = F.pad(torch.stack([pulses, hiss], 1), (LEAD, 2 * STEP))
    pieces = sources.unfold(2, 2 * STEP, STEP)[:, :, :count] * torch.from_numpy(window())
    excitation = torch.fft.rfft(pieces, FFT)
    total = (excitation * spectra.transpose(1, 2)).sum(1)
    shaped = torch.fft.irfft(total, FFT)
    length = (count - 1) * STEP + FFT
    out = F.fold(shaped.transpose(1, 2), (1, length), (1, FFT), stride=(1, STEP))[:, 0, 0]
    return out[:, LEAD : LEAD + count * STEP]


@dataclass(frozen=True)
class Pieces:
    """A batch: features [B, T, 82], and the log amplitudes [B, 2 T, 2, 257] that belong to them."""

    x: Tensor
    filters: Tensor


class VocoderTask:
    """Learn filters from cuts of many recordings, by their absolute differences in nats.

    The filters are given (`filters_of`), not found through the sound: a network that only had to make the spectrograms
    of copies like those of recordings mixed noise, pulses and the movement of the filters, and sounded rough.

    Args:
        train: corpora, each with its number of passes per epoch.
        dev: one corpus for validation.
        config: size, and what it learns from.
    """

    def __init__(self, train: Sequence[tuple[SpeechCorpus, float]], dev: SpeechCorpus, config: VocoderConfig):
        self.config, self._corpora, self._dev = config, [corpus for corpus, _ in train], dev
        self._weights = [weight for _, weight in train]
        self.module = FilterNet(config.channels, config.dilations, config.kernel)

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[NDArray[np.int64]]:
        """Lists of (corpus, recording, first frame), [batch, 3]."""
        del epoch
        places = []
        for which, (corpus, weight) in enumerate(zip(self._corpora, self._weights, strict=True)):
            for index in range(len(corpus)):
                room = corpus.length(index) - self.config.frames
                chances = weight * corpus.length(index) / self.config.frames
                for _ in range(int(chances + rng.random()) if room >= 0 else 0):
                    places.append((which, index, int(rng.integers(room + 1))))
        order = rng.permutation(len(places))
        size = self.config.batch
        rows = np.array(places, np.int64).reshape(-1, 3)[order]
        return [rows[n : n + size] for n in range(0, len(rows) - size + 1, size)] or [rows]

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        pieces = self._pieces([(self._corpora[c], int(i), int(f)) for c, i, f in batch], rng, self.config.gain)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16):
            value = self._distance(pieces)
        return value, {"filters": float(value.detach())}

    def validate(self) -> Mapping[str, float]:
        rng = np.random.default_rng(7)
        usable = [n for n in range(len(self._dev)) if self._dev.length(n) >= self.config.frames]
        places = [(self._dev, n, (self._dev.length(n) - self.config.frames) // 2) for n in usable[:96]]
        values = [self._distance(self._pieces(places[n : n + 16], rng, 0.0)) for n in range(0, len(places), 16)]
        return {"loss": float(torch.stack(values).mean())}

    def _distance(self, pieces: Pieces) -> Tensor:
        apart: Tensor = (self.module(pieces.x).clamp(min=LOWEST) - pieces.filters).abs()
        return apart[:, 2 * _EDGE : -2 * _EDGE].mean()

    def _pieces(self, places: Sequence[tuple[SpeechCorpus, int, int]], rng: np.random.Generator, gain: float) -> Pieces:
        x, filters = [], []
        for corpus, index, first in places:
            cut = corpus.cut(index, first, first + self.config.frames)
            change = float(rng.uniform(-2 * gain, gain)) * np.log(10) / 20
            mel = cut.frames.astype(np.float32) + 2 * change
            x.append(np.concatenate([mel, np.log(cut.hertz)[:, None], cut.voiced[:, None]], 1))
            filters.append(np.maximum(filters_of(cut.sound, cut.hertz, cut.voiced) + change, LOWEST))
        arrays = (torch.from_numpy(np.stack(part).astype(np.float32)) for part in (x, filters))
        return Pieces(*arrays)


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
