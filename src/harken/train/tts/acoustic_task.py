"""What the acoustic model learns from: whole aligned sentences of one voice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from harken.errors import DataError
from harken.train.tts.acoustic import VoiceNet, mask_of
from harken.train.tts.configs import VoiceConfig
from harken.train.tts.corpus import ALIGNMENT, SpeechCorpus, SpeechPiece
from harken.tts.acoustic import positions
from harken.tts.frames import BANDS, HOP
from harken.tts.symbols import SYMBOLS

LOUDNESS = 0.12
"""Root mean square of voiced speech (-18 dB): loud enough for small loudspeakers, far enough from clipping."""


@dataclass(frozen=True, kw_only=True)
class VoiceStatistics:
    """What the voice's frames are normalised by, as the run time reads it."""

    mean: NDArray[np.float32]
    """Of log-mel [80]."""
    scale: NDArray[np.float32]
    """Standard deviation of log-mel [80]."""
    pitch: tuple[float, float]
    """Mean and standard deviation of log Hz of voiced frames."""
    energy: tuple[float, float]
    """Of the mean log-mel of a symbol."""
    gain: float = 0.0
    """Natural log of the factor that brings the voice's vowels to LOUDNESS at run time."""


@dataclass(frozen=True)
class AlignedSentence:
    """One aligned recording, normalised."""

    symbols: NDArray[np.int64]
    durations: NDArray[np.int64]
    pitch: NDArray[np.float32]
    """[N] mean over voiced frames, 0 where there are none."""
    energy: NDArray[np.float32]
    """[N]"""
    target: NDArray[np.float32]
    """[F, 82] log-mel, log pitch, voiced; F even."""


@dataclass(frozen=True)
class SentenceBatch:
    """Sentences side by side."""

    symbols: Tensor
    durations: Tensor
    pitch: Tensor
    energy: Tensor
    target: Tensor
    owners: Tensor
    """[B, F] symbol that each frame belongs to."""
    places: Tensor
    """[B, F, 3]"""
    symbol_mask: Tensor
    frame_mask: Tensor


def measure_voice(corpus: SpeechCorpus) -> VoiceStatistics:
    """Statistics of a corpus."""
    frames = np.concatenate([corpus[n].frames[::4].astype(np.float32) for n in range(len(corpus))])
    pitch = np.concatenate([np.log(r.hertz[r.voiced]) for r in (corpus[n] for n in range(len(corpus)))])
    level = frames.mean(1)
    power = [_voiced_power(corpus[n]) for n in range(0, len(corpus), 10)]
    return VoiceStatistics(
        mean=frames.mean(0),
        scale=frames.std(0) + 1e-3,
        pitch=(float(pitch.mean()), float(pitch.std()) + 1e-3),
        energy=(float(level.mean()), float(level.std()) + 1e-3),
        gain=float(np.log(LOUDNESS / np.sqrt(np.mean(power) + 1e-9))),
    )


def _voiced_power(recording: SpeechPiece) -> float:
    samples = recording.sound.reshape(-1, HOP)
    return float(np.square(samples[recording.voiced]).mean()) if recording.voiced.any() else 0.0


def read_aligned(folder: Path, statistics: VoiceStatistics) -> list[AlignedSentence]:
    """The sentences of a corpus that has an alignment.

    Raises:
        DataError: there is no alignment, or it does not match the recordings.
    """
    corpus = SpeechCorpus(folder)
    try:
        alignments = json.loads((folder / ALIGNMENT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{folder / ALIGNMENT} cannot be read ({error}); run the recipe's `prepare` first") from error
    if len(alignments) != len(corpus):
        raise DataError(f"{folder}: {len(alignments)} alignments for {len(corpus)} recordings; run `prepare` again")
    return [
        _sentence(corpus, n, aligned["symbols"], aligned["frames"], statistics) for n, aligned in enumerate(alignments)
    ]


def _sentence(corpus: SpeechCorpus, n: int, symbols: Any, frames: Any, statistics: VoiceStatistics) -> AlignedSentence:
    recording = corpus[n]
    durations = np.array(frames, np.int64)
    log_mel = recording.frames.astype(np.float32)
    lf0 = (np.log(recording.hertz) - statistics.pitch[0]) / statistics.pitch[1]
    voiced = recording.voiced.astype(np.float32)
    owner = np.repeat(np.arange(len(durations)), durations)
    sums = [np.bincount(owner, weight, len(durations)) for weight in (lf0 * voiced, voiced, log_mel.mean(1))]
    pitch = np.where(sums[1] > 0, sums[0] / np.maximum(sums[1], 1), 0)
    level = sums[2] / np.maximum(durations, 1)
    energy = np.where(durations > 0, (level - statistics.energy[0]) / statistics.energy[1], 0)
    target = np.concatenate([(log_mel - statistics.mean) / statistics.scale, lf0[:, None], voiced[:, None]], 1)
    if len(target) % 2:  # the decoder takes two frames at a time; the last pause loses one
        target, durations = target[:-1], durations.copy()
        durations[np.flatnonzero(durations)[-1]] -= 1
    codes = np.array([SYMBOLS.index(symbol) for symbol in symbols], np.int64)
    return AlignedSentence(
        codes, durations, pitch.astype(np.float32), energy.astype(np.float32), target.astype(np.float32)
    )


def collate(sentences: Sequence[AlignedSentence]) -> SentenceBatch:
    """Pad sentences to one length."""
    longest, frames = max(len(s.symbols) for s in sentences), max(len(s.target) for s in sentences)

    def pad(rows: Sequence[NDArray[Any]], length: int) -> Tensor:
        out = np.zeros((len(rows), length, *rows[0].shape[1:]), rows[0].dtype)
        for place, row in zip(out, rows, strict=True):
            place[: len(row)] = row
        return torch.from_numpy(out)

    owners = [np.repeat(np.arange(len(s.symbols)), s.durations) for s in sentences]
    return SentenceBatch(
        symbols=pad([s.symbols for s in sentences], longest),
        durations=pad([s.durations for s in sentences], longest),
        pitch=pad([s.pitch for s in sentences], longest),
        energy=pad([s.energy for s in sentences], longest),
        target=pad([s.target for s in sentences], frames),
        owners=pad(owners, frames),
        places=pad([positions(s.durations) for s in sentences], frames),
        symbol_mask=mask_of([len(s.symbols) for s in sentences]),
        frame_mask=mask_of([len(s.target) for s in sentences]),
    )


def decode_batch(net: VoiceNet, batch: SentenceBatch, codes: Tensor) -> Tensor:
    """Frames [B, F, 82] from the batch's own durations, pitch and energy."""
    full = torch.cat([codes, batch.pitch[..., None], batch.energy[..., None]], 2)
    spread = full.gather(1, batch.owners[..., None].expand(-1, -1, full.shape[2]))
    out: Tensor = net.decoder(torch.cat([spread, batch.places], 2), batch.frame_mask)
    return out


class VoiceTask:
    """Learn the frames of one voice.

    Args:
        train: sentences.
        dev: sentences for validation.
        config: size of the networks.
        batch: sentences in a batch.
    """

    def __init__(
        self,
        train: Sequence[AlignedSentence],
        dev: Sequence[AlignedSentence],
        config: VoiceConfig,
        *,
        batch: int = 16,
    ):
        if not train or not dev:
            raise DataError(f"{len(train)} sentences to train on and {len(dev)} to validate with; both are needed")
        self._train, self._dev, self._size = train, dev, batch
        self.module = VoiceNet(len(SYMBOLS), config)

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[NDArray[np.int64]]:
        """Sentences of like length together, as indices."""
        del epoch
        lens = np.array([len(s.target) for s in self._train]) * rng.uniform(0.9, 1.1, len(self._train))
        order = np.argsort(lens)
        groups = [order[n : n + self._size] for n in range(0, len(order), self._size)]
        return [groups[n] for n in rng.permutation(len(groups))]

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        del rng
        parts = losses(self.module, collate([self._train[n] for n in batch]))
        return total(parts), {name: float(value.detach()) for name, value in parts.items()}

    def validate(self) -> Mapping[str, float]:
        sums: dict[str, float] = {}
        groups = [self._dev[n : n + self._size] for n in range(0, len(self._dev), self._size)]
        for group in groups:
            parts = losses(self.module, collate(group))
            for name, value in {**parts, "loss": total(parts)}.items():
                sums[name] = sums.get(name, 0.0) + float(value) / len(groups)
        return sums


def total(parts: Mapping[str, Tensor]) -> Tensor:
    """Weighted sum of the parts."""
    weights = {"mel": 1.0, "pitch": 0.3, "voiced": 0.2, "duration": 0.3, "symbol_pitch": 0.1, "energy": 0.1}
    return torch.stack([weights[name] * value for name, value in parts.items()]).sum()


def losses(net: VoiceNet, batch: SentenceBatch) -> dict[str, Tensor]:
    """L1 distances of one batch. They give medians: a comma is either a pause or none, never half of one."""
    codes, duration, pitch, energy = net.encoder(batch.symbols, batch.symbol_mask)
    out = decode_batch(net, batch, codes)
    frame, symbol = batch.frame_mask[..., 0], batch.symbol_mask[..., 0]
    voiced = batch.target[..., BANDS + 1] * frame
    sounding = (batch.durations > 0).float() * symbol
    spoken = (batch.pitch != 0).float() * symbol
    return {
        "mel": _mean((out[..., :BANDS] - batch.target[..., :BANDS]).abs().mean(2), frame),
        "pitch": _mean((out[..., BANDS] - batch.target[..., BANDS]).abs(), voiced),
        "voiced": _mean(
            F.binary_cross_entropy_with_logits(out[..., BANDS + 1], batch.target[..., BANDS + 1], reduction="none"),
            frame,
        ),
        "duration": _mean((duration - torch.log1p(batch.durations.float())).abs(), symbol),
        "symbol_pitch": _mean((pitch - batch.pitch).abs(), spoken),
        "energy": _mean((energy - batch.energy).abs(), sounding),
    }


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1)
