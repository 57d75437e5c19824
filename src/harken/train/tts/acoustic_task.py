"""What the acoustic model learns from: whole aligned sentences of one voice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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
from harken.tts.prosody import DURATION, ENERGY, PITCH, Floats, aggregate, contour
from harken.tts.symbols import MARKS, QUESTION, STOP, SYMBOLS
from harken.tts.transfer import Normaliser

LOUDNESS = 0.12
"""Root mean square of voiced speech (-18 dB): loud enough for small loudspeakers, far enough from clipping."""
_FEWEST_QUESTIONS = 5
"""From fewer, nothing is learned about how a question ends."""
_LAST, _RISEN = 3, float(np.log(2)) / 12
"""Sounds at the end of a sentence, and how much higher those of questions are on average if they rise: a semitone."""


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
    prosody: NDArray[np.float32]
    """Pitch and energy of the states [N, 6]."""
    contours: NDArray[np.float32]
    """[F, 2] the same as contours over the frames."""
    target: NDArray[np.float32]
    """[F, 82] log-mel, log pitch, voiced; F even."""


@dataclass(frozen=True)
class SentenceBatch:
    """Sentences side by side."""

    symbols: Tensor
    durations: Tensor
    prosody: Tensor
    contours: Tensor
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


def measure_prosody(folder: Path) -> Normaliser:
    """What is usual for the speaker of an aligned corpus.

    Raises:
        DataError: there is no alignment, or no speech.
    """
    spoken = list(_spoken(folder))
    symbols = [symbol for own, _ in spoken for symbol in own]
    return Normaliser.fit(np.concatenate([numbers for _, numbers in spoken]), symbols)


def questions_rise(folder: Path) -> bool:
    """Whether the questions of an aligned corpus end higher than its statements: not every speaker's do.

    Raises:
        DataError: there is no alignment.
    """
    ends: dict[bool, list[float]] = {True: [], False: []}
    for symbols, numbers in _spoken(folder):
        height = numbers[[symbol not in MARKS for symbol in symbols]][:, PITCH].mean(1)
        ends[symbols[-1] == QUESTION].append(float(height[-_LAST:].mean() - np.median(height)))
    asked, told = ends[True], ends[False]
    return len(asked) >= _FEWEST_QUESTIONS and bool(np.mean(asked) > (np.mean(told) if told else 0) + _RISEN)


def _spoken(folder: Path) -> Iterator[tuple[Sequence[str], Floats]]:
    """Symbols [N] of each sentence of an aligned corpus, and their seven numbers [N, 7]."""
    corpus = SpeechCorpus(folder)
    for number, aligned in enumerate(_alignments(folder)):
        one = corpus[number]
        level = one.frames.astype(np.float64).mean(1)
        yield aligned["symbols"], aggregate(np.log(one.hertz), one.voiced, level, np.array(aligned["states"]))


def learned_symbols(folder: Path) -> tuple[str, ...]:
    """The symbols that a voice learns from an aligned corpus: all, but QUESTION only from enough questions.

    Raises:
        DataError: there is no alignment.
    """
    questions = sum(aligned["symbols"][-1] == QUESTION for aligned in _alignments(folder))
    return SYMBOLS if questions >= _FEWEST_QUESTIONS else tuple(one for one in SYMBOLS if one != QUESTION)


def read_aligned(folder: Path, statistics: VoiceStatistics, symbols: Sequence[str] = SYMBOLS) -> list[AlignedSentence]:
    """The sentences of a corpus that has an alignment.

    Args:
        folder: of the corpus.
        statistics: of the voice.
        symbols: what the voice learns; without QUESTION, a question ends like a statement.

    Raises:
        DataError: there is no alignment, or it does not match the recordings.
    """
    corpus, alignments = SpeechCorpus(folder), _alignments(folder)
    if len(alignments) != len(corpus):
        raise DataError(f"{folder}: {len(alignments)} alignments for {len(corpus)} recordings; run `prepare` again")
    codes = {symbol: code for code, symbol in enumerate(symbols)}
    codes.setdefault(QUESTION, codes[STOP])
    return [
        _sentence(corpus[n], [codes[symbol] for symbol in aligned["symbols"]], aligned["states"], statistics)
        for n, aligned in enumerate(alignments)
    ]


def _alignments(folder: Path) -> list[Mapping[str, Any]]:
    try:
        return list(json.loads((folder / ALIGNMENT).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise DataError(f"{folder / ALIGNMENT} cannot be read ({error}); run the recipe's `prepare` first") from error


def _sentence(
    recording: SpeechPiece, codes: Sequence[int], frames: Sequence[Sequence[int]], statistics: VoiceStatistics
) -> AlignedSentence:
    states = np.array(frames, np.int64)
    durations = states.sum(1)
    log_mel = recording.frames.astype(np.float32)
    lf0 = (np.log(recording.hertz) - statistics.pitch[0]) / statistics.pitch[1]
    level = (log_mel.mean(1) - statistics.energy[0]) / statistics.energy[1]
    prosody = aggregate(lf0, recording.voiced, level, states)
    voiced = recording.voiced.astype(np.float32)
    target = np.concatenate([(log_mel - statistics.mean) / statistics.scale, lf0[:, None], voiced[:, None]], 1)
    if len(target) % 2:  # the decoder takes two frames at a time; the last pause loses one
        target = target[:-1]
        durations[np.flatnonzero(durations)[-1]] -= 1
    return AlignedSentence(
        symbols=np.array(codes, np.int64),
        durations=durations,
        prosody=prosody[:, :DURATION].astype(np.float32),
        contours=np.stack([contour(prosody[:, part], durations) for part in (PITCH, ENERGY)], 1),
        target=target.astype(np.float32),
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
        prosody=pad([s.prosody for s in sentences], longest),
        contours=pad([s.contours for s in sentences], frames),
        target=pad([s.target for s in sentences], frames),
        owners=pad(owners, frames),
        places=pad([positions(s.durations) for s in sentences], frames),
        symbol_mask=mask_of([len(s.symbols) for s in sentences]),
        frame_mask=mask_of([len(s.target) for s in sentences]),
    )


def decode_batch(net: VoiceNet, batch: SentenceBatch, codes: Tensor) -> Tensor:
    """Frames [B, F, 82] from the batch's own durations, pitch and energy."""
    spread = codes.gather(1, batch.owners[..., None].expand(-1, -1, codes.shape[2]))
    out: Tensor = net.decoder(torch.cat([spread, batch.contours, batch.places], 2), batch.frame_mask)
    return out


class VoiceTask:
    """Learn the frames of one voice.

    Args:
        train: sentences.
        dev: sentences for validation.
        config: size of the networks.
        symbols: how many the voice learns.
        batch: sentences in a batch.
        bfloat16: compute the networks with bfloat16 products.
    """

    def __init__(
        self,
        train: Sequence[AlignedSentence],
        dev: Sequence[AlignedSentence],
        config: VoiceConfig,
        *,
        symbols: int = len(SYMBOLS),
        batch: int = 16,
        bfloat16: bool = False,
    ):
        if not train or not dev:
            raise DataError(f"{len(train)} sentences to train on and {len(dev)} to validate with; both are needed")
        self._train, self._dev, self._size, self._bfloat16 = train, dev, batch, bfloat16
        self.module = VoiceNet(symbols, config)

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[NDArray[np.int64]]:
        """Sentences of like length together, as indices."""
        del epoch
        lens = np.array([len(s.target) for s in self._train]) * rng.uniform(0.9, 1.1, len(self._train))
        order = np.argsort(lens)
        groups = [order[n : n + self._size] for n in range(0, len(order), self._size)]
        return [groups[n] for n in rng.permutation(len(groups))]

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        del rng
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bfloat16):
            parts = losses(self.module, collate([self._train[n] for n in batch]))
        return total(parts), {name: float(value.detach()) for name, value in parts.items()}

    def validate(self) -> Mapping[str, float]:
        sums: dict[str, float] = {}
        groups = [self._dev[n : n + self._size] for n in range(0, len(self._dev), self._size)]
        for group in groups:
            batch = collate(group)
            parts = {**losses(self.module, batch), "voiced": _wrongly_voiced(self.module, batch)}
            for name, value in {**parts, "loss": total(parts)}.items():
                sums[name] = sums.get(name, 0.0) + float(value) / len(groups)
        return sums


def _wrongly_voiced(net: VoiceNet, batch: SentenceBatch) -> Tensor:
    """Share of frames whose voicing is wrong. Their loss grows as a network becomes too sure of the few it has wrong,
    and would choose an early one."""
    out = decode_batch(net, batch, net.encoder(batch.symbols, batch.symbol_mask)[0])
    wrong = (out[..., BANDS + 1] > 0) != (batch.target[..., BANDS + 1] > 0.5)
    return _mean(wrong.float(), batch.frame_mask[..., 0])


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
    return {
        "mel": _mean((out[..., :BANDS] - batch.target[..., :BANDS]).abs().mean(2), frame),
        "pitch": _mean((out[..., BANDS] - batch.target[..., BANDS]).abs(), voiced),
        "voiced": _mean(
            F.binary_cross_entropy_with_logits(out[..., BANDS + 1], batch.target[..., BANDS + 1], reduction="none"),
            frame,
        ),
        "duration": _mean((duration - torch.log1p(batch.durations.float())).abs(), symbol),
        "symbol_pitch": _mean((pitch - batch.prosody[..., PITCH]).abs().mean(2), sounding),
        "energy": _mean((energy - batch.prosody[..., ENERGY]).abs().mean(2), sounding),
    }


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1)
