"""One acoustic model for several dialects, and its competitors, from one code path (method 6).

Arsikere et al., "Multi-Dialect Acoustic Modeling Using Phone Mapping and Online I-Vectors" (Interspeech 2019). The
arms differ only in the output layer that a dialect's frames go to, and in what enters in addition to the features:

- ds: dialect-specific training, a separate network for each dialect, on that dialect's phones
- tl: transfer learning, the pivot's network continues with a new output layer
- shl: shared hidden layers, an output layer per dialect, on that dialect's phones
- pm: phone mapping, one output layer on the common phones
- pm-onehot, pm-iv, pm-iv-onehot: the same with the dialect and/or an online i-vector as further inputs of every step

Training is framewise cross entropy against alignments (the paper's L = sum over dialects and utterances of CE), over
classes "phone entered" and "phone held": divided by the phones' priors, these are the scores that the decoder searches
with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.asr.acoustic import STEP_FRAMES
from harken.audio.features import Frames
from harken.train.asr.acoustic import SpeakerBranch
from harken.train.asr.augment import mask_bands, warp_mel
from harken.train.asr.data import pad
from harken.train.asr.encoders import EncoderConfig, make_encoder

IGNORED = -100
"""Target of padding."""


@dataclass(frozen=True, kw_only=True)
class DialectExample:
    """A part of a recording."""

    dialect: str
    features: Frames
    """Normalised [T, bins] at 10 ms."""
    targets: NDArray[np.int64]
    """[steps] classes of 30 ms: phone, or phones + phone when it is held."""
    ivectors: Frames | None = None
    """[steps or more, R] for each step, from the past only; the last one is repeated."""


class DialectNetwork(nn.Module):
    """A shared encoder and output layers.

    Args:
        encoder: kind and size.
        heads: phones of each output layer, by its name.
        bins: of the features.
        beside: numbers that enter with a step (i-vector, one-hot dialect); 0: none.
    """

    def __init__(self, encoder: EncoderConfig, heads: Mapping[str, int], *, bins: int = 80, beside: int = 0):
        super().__init__()
        self.ahead = encoder.ahead
        self.beside = SpeakerBranch(beside, 64) if beside else None
        self.encoder = make_encoder(encoder, STEP_FRAMES * bins + (64 if beside else 0))
        self.heads = nn.ModuleDict({name: nn.Linear(encoder.width, 2 * phones) for name, phones in heads.items()})

    def forward(self, x: Tensor, head: str, beside: Tensor | None = None) -> Tensor:
        """Features [B, 3 (T + ahead), bins] -> logits [B, T, 2P] of one output layer; beside [B, T + ahead, n]."""
        steps = x.reshape(x.shape[0], -1, STEP_FRAMES * x.shape[2])
        if self.beside is not None:
            assert beside is not None
            steps = torch.cat([steps, self.beside(beside)], 2)
        logits: Tensor = self.heads[head](self.encoder(steps.transpose(0, 1)))
        return logits.transpose(0, 1)


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What enters in addition to the features."""

    ivector: int = 0
    """Size of the i-vector; 0: none."""
    dialects: tuple[str, ...] = ()
    """Order of the dialects in the one-hot input; empty: none."""

    @property
    def size(self) -> int:
        """Additional numbers per step."""
        return self.ivector + len(self.dialects)

    def of(self, example: DialectExample, steps: int) -> Frames:
        """[steps, size] of an example."""
        parts = [np.zeros((steps, 0), np.float32)]
        if self.ivector:
            assert example.ivectors is not None
            parts.append(example.ivectors[np.minimum(np.arange(steps), len(example.ivectors) - 1)])
        if self.dialects:
            one_hot = np.array([name == example.dialect for name in self.dialects], np.float32)
            parts.append(np.broadcast_to(one_hot, (steps, len(one_hot))))
        return np.concatenate(parts, 1, dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class DialectTaskConfig:
    """Batches."""

    batch_frames: int = 9000
    """Feature frames (10 ms) of a batch, padding included."""
    power: float = 0.5
    """A dialect is drawn with a probability proportional to its hours to this power."""
    bands: int = 2
    """Masked frequency bands (SpecAugment)."""
    band_width: int = 13
    warp: float = 0.0
    """Greatest relative change of the frequency axis: other vocal tracts."""
    bfloat16: bool = False


class DialectTask:
    """What `harken.train.loop.fit` runs: cross entropy on one dialect a batch.

    Args:
        network: to learn.
        heads: output layer of each dialect.
        train, dev: examples.
        conditions: what enters beside.
        config: batches.
    """

    def __init__(
        self, network: DialectNetwork, heads: Mapping[str, str], train: Sequence[DialectExample],
        dev: Sequence[DialectExample], conditions: Conditions, config: DialectTaskConfig,
    ):  # fmt: skip
        self.network, self.heads = network, heads
        self.train, self.dev = train, dev
        self.conditions, self.config = conditions, config

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self.network

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[list[int]]:
        """Example numbers, batch by batch; each batch is of one dialect, drawn by its hours."""
        waiting = {d: self._of(d, self.train, rng) for d in self.heads}
        frames = {d: sum(len(self.train[n].features) for batch in waiting[d] for n in batch) for d in self.heads}
        hours = np.array([frames[d] for d in self.heads]) ** self.config.power
        count = sum(len(w) for w in waiting.values())
        names, batches = list(self.heads), []
        for dialect in rng.choice(len(names), count, p=hours / hours.sum()):
            if not waiting[names[dialect]]:
                waiting[names[dialect]] = self._of(names[dialect], self.train, rng)
            batches.append(waiting[names[dialect]].pop())
        return batches

    def _of(self, dialect: str, examples: Sequence[DialectExample], rng: np.random.Generator | None) -> list[list[int]]:
        chosen = [n for n, example in enumerate(examples) if example.dialect == dialect]
        jitter = rng.uniform(0.9, 1.1, len(examples)) if rng else np.ones(len(examples))
        batches: list[list[int]] = [[]]
        for n in sorted(chosen, key=lambda n: len(examples[n].features) * jitter[n]):
            if batches[-1] and len(examples[n].features) * (len(batches[-1]) + 1) > self.config.batch_frames:
                batches.append([])
            batches[-1].append(n)
        return [batches[n] for n in rng.permutation(len(batches))] if rng else batches

    def loss(self, batch: list[int], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        """Mean cross entropy of the batch's steps."""
        examples = [self.train[n] for n in batch]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.config.bfloat16):
            logits, targets = self._run(examples, rng)
        value = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
        return value, {"steps": int((targets != IGNORED).sum())}

    def _run(self, examples: Sequence[DialectExample], rng: np.random.Generator | None) -> tuple[Tensor, Tensor]:
        rows = [example.features if rng is None else self._varied(example.features, rng) for example in examples]
        x, _ = pad(rows, self.network.ahead)
        steps = x.shape[1] // STEP_FRAMES
        beside = np.stack([self.conditions.of(example, steps) for example in examples])
        targets = np.full((len(examples), steps - self.network.ahead), IGNORED)
        for row, example in zip(targets, examples, strict=True):
            row[: len(example.targets)] = example.targets
        head = self.heads[examples[0].dialect]
        return self.network(x, head, torch.from_numpy(beside)), torch.from_numpy(targets)

    def _varied(self, features: Frames, rng: np.random.Generator) -> Frames:
        """Another vocal tract, and masked bands."""
        warp = self.config.warp
        features = warp_mel(features, float(rng.uniform(1 - warp, 1 + warp))) if warp else features.copy()
        mask_bands(features, self.config.bands, self.config.band_width, rng)
        return features

    def validate(self) -> Mapping[str, float]:
        """Cross entropy and share of right classes on dev, by dialect; the loss is the mean over the dialects."""
        figures: dict[str, float] = {}
        for dialect in self.heads:
            total = right = count = 0.0
            for batch in self._of(dialect, self.dev, None):
                logits, targets = self._run([self.dev[n] for n in batch], None)
                flat, goal = logits.flatten(0, 1), targets.flatten()
                total += float(F.cross_entropy(flat, goal, ignore_index=IGNORED, reduction="sum"))
                right += float((flat.argmax(1) == goal).sum())
                count += float((goal != IGNORED).sum())
            figures |= {f"entropy.{dialect}": total / count, f"right.{dialect}": right / count}
        return {"loss": sum(figures[f"entropy.{d}"] for d in self.heads) / len(self.heads), **figures}


def scores_of(
    network: DialectNetwork, head: str, example: DialectExample, conditions: Conditions, prior: Frames
) -> Frames:  # fmt: skip
    """Scores [steps, 2P] for the decoder: log posterior less prior.

    Args:
        network: trained.
        head: its output layer.
        example: features and what enters beside them; its targets do not matter.
        conditions: as in training.
        prior: [2P] what is taken off: `log_prior` times a scale.
    """
    x, _ = pad([example.features], network.ahead)
    beside = torch.from_numpy(conditions.of(example, x.shape[1] // STEP_FRAMES))[None]
    with torch.no_grad():
        logits = torch.log_softmax(network.eval()(x, head, beside)[0], 1).numpy()
    return np.asarray(logits - prior, np.float32)


def posteriors_of(
    network: DialectNetwork, head: str, examples: Sequence[DialectExample], *, together: int = 32
) -> list[Frames]:  # fmt: skip
    """Probabilities of the phones [steps, P] of each example under a network that takes only the features."""
    posteriors: list[Frames] = [np.zeros((0, 0), np.float32)] * len(examples)
    order = sorted(range(len(examples)), key=lambda n: len(examples[n].features))
    network.eval()
    for start in range(0, len(order), together):
        chosen = order[start : start + together]
        x, steps = pad([examples[n].features for n in chosen], network.ahead)
        with torch.no_grad():
            shares = torch.softmax(network(x, head), 2)
        phones = shares.shape[2] // 2
        rows = (shares[..., :phones] + shares[..., phones:]).numpy()
        for n, row, count in zip(chosen, rows, steps.tolist(), strict=True):
            posteriors[n] = row[:count]
    return posteriors


def log_prior(examples: Sequence[DialectExample], phones: int) -> Frames:
    """Natural log of the share of each phone in the targets, for both of its classes [2 phones].

    How often a phone is entered rather than held stays in the scores: it is all they know of durations. One is added to
    every count.
    """
    counts = np.ones(phones)
    for example in examples:
        counts += np.bincount(example.targets % phones, minlength=phones)
    return np.asarray(np.tile(np.log(counts / counts.sum()), 2), np.float32)
