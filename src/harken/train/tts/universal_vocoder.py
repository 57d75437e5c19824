"""The universal vocoder's network and its task: the next sample's code, given those before and the mel frames.

J. Lorenzo-Trueba et al., "Towards achieving robust universal neural vocoding", Interspeech 2019, section 2 (RNN_MS).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from harken.train.tts.coded_speech import CodedSpeech
from harken.train.tts.configs import UniversalConfig
from harken.train.tts.recurrence import mean_code_loss, run_codes
from harken.tts.mel_frames import BANDS
from harken.tts.mulaw import Coding

MEAN, SCALE = -11.0, 4.0
"""Of log-mel frames of speech, roughly."""
_WAVES = 16
"""Cosines over the range of codes from which the first weights are drawn."""


class UniversalNet(nn.Module):
    """Frames [B, T, 80] and codes to scores of the next code.

    Args:
        config: its size.
        levels: number of codes, Q.
        hop: samples of a frame.
    """

    def __init__(self, config: UniversalConfig, *, levels: int, hop: int):
        super().__init__()
        self.levels, self.hop = levels, hop
        self.reader = nn.GRU(BANDS, config.reader, num_layers=2, bidirectional=True, batch_first=True)
        self.core = nn.GRU(levels + 2 * config.reader, config.hidden, batch_first=True)
        self.affine = nn.Linear(config.hidden, config.affine)
        self.output = nn.Linear(config.affine, levels)
        with torch.no_grad():
            # Neighbouring codes begin alike, or each of them would have to be learned on its own.
            layer_weights(self.core).own[:, :levels] = _smooth(levels, 3 * config.hidden).t()
            self.output.weight.copy_(_smooth(levels, config.affine) * config.affine**-0.5)

    def read(self, frames: Tensor) -> Tensor:
        """What each frame [B, T, 80] says of its samples [B, T, 2 R]."""
        read: Tensor = self.reader((frames - MEAN) / SCALE)[0]
        return read

    def forward(self, frames: Tensor, before: Tensor) -> Tensor:
        """Scores [B, hop T, Q] of the codes after `before` [B, hop T]; plain layers, step by step the same."""
        steady = self.read(frames).repeat_interleave(self.hop, 1)
        coded = F.one_hot(before, self.levels).to(steady.dtype)
        return self.score(self.core(torch.cat([coded, steady], 2))[0])

    def score(self, states: Tensor) -> Tensor:
        """Scores [..., Q] of states [..., H]."""
        scores: Tensor = self.output(torch.relu(self.affine(states)))
        return scores

    def steady_gates(self, read: Tensor) -> Tensor:
        """What frames add to the gates [..., 3 H]."""
        weight, bias = self.frame_gates()
        return read @ weight + bias

    def frame_gates(self) -> tuple[Tensor, Tensor]:
        """Weight [2 R, 3 H] from what a frame says to the gates, and the biases that no reset gate scales [3 H]."""
        core = layer_weights(self.core)
        return core.own[:, self.levels :].t(), core.bias

    def states(self, frames: Tensor, before: Tensor, *, margin: int, narrow: bool) -> Tensor:
        """States [N, B, H] after the codes `before` [B, N], for frames [B, T, 80], N = hop (T - 2 margin)."""
        read = self.read(frames)[:, margin : frames.shape[1] - margin]
        core, steady = layer_weights(self.core), self.steady_gates(read).transpose(0, 1)
        table, known = core.own[:, : self.levels].t(), before.t().contiguous()
        return run_codes(table, steady, core.recurrent.t(), core.inner, known, narrow=narrow)

    def loss(self, frames: Tensor, before: Tensor, codes: Tensor, *, margin: int, narrow: bool) -> Tensor:
        """Mean cross entropy (nats) of codes [B, N] after `before` [B, N].

        Frames are [B, T, 80], N = hop (T - 2 margin).
        """
        states = self.states(frames, before, margin=margin, narrow=narrow)
        affine, output = ((layer.weight.t(), layer.bias) for layer in (self.affine, self.output))
        return mean_code_loss(states.flatten(0, 1), affine, output, codes.t().reshape(-1), narrow=narrow)

    def losses(self, frames: Tensor, before: Tensor, codes: Tensor, *, margin: int) -> Tensor:
        """Mean cross entropy (nats) of each row of codes, [B]; exact, and without gradients."""
        with torch.no_grad():
            states = self.states(frames, before, margin=margin, narrow=False)
            total = states.new_zeros(len(codes))
            for piece, wanted in zip(states.chunk(len(states)), codes.t().chunk(len(states)), strict=True):
                scores = self.score(piece).flatten(0, 1)
                total += F.cross_entropy(scores, wanted.reshape(-1), reduction="none").reshape(wanted.shape).sum(0)
        return total / codes.shape[1]


class LayerWeights(NamedTuple):
    """Weights of a layer with gates, in the order reset, update, new."""

    own: Tensor
    """From its input [3 H, D]."""
    recurrent: Tensor
    """From its state [3 H, H]."""
    bias: Tensor
    """All biases but those within the reset gate [3 H]."""
    inner: Tensor
    """Those within the reset gate [H]."""


def layer_weights(layer: nn.GRU, name: str = "l0") -> LayerWeights:
    """The weights of a layer; `name` is torch's ending, e.g. 'l1_reverse'."""
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    own, recurrent, bias, inner = (cast(Tensor, getattr(layer, f"{part}_{name}")) for part in parts)
    size = layer.hidden_size
    return LayerWeights(
        own, recurrent, bias + torch.cat([inner[: 2 * size], inner.new_zeros(size)]), inner[2 * size :]
    )  # fmt: skip


def _smooth(levels: int, columns: int) -> Tensor:
    """Random weights [levels, columns] that change slowly along the codes, with a standard deviation of about 0.5."""
    waves = torch.cos(torch.linspace(0, torch.pi, levels)[:, None] * torch.arange(1, _WAVES + 1))
    weights: Tensor = waves @ torch.randn(_WAVES, columns) * (0.5 * (2 / _WAVES) ** 0.5)
    return weights


class UniversalTask:
    """Learn the next code from pieces of many recordings.

    Args:
        train: recordings to learn from.
        dev: for validation.
        config: size, and what it learns from.
        coding: of the samples.
        hop: samples of a frame.
    """

    def __init__(
        self, train: CodedSpeech, dev: CodedSpeech, config: UniversalConfig, coding: Coding, hop: int
    ):  # fmt: skip
        self.config, self.coding, self._train, self._dev = config, coding, train, dev
        self.module = UniversalNet(config, levels=coding.levels, hop=hop)

    def batches(self, epoch: int, rng: np.random.Generator) -> Sequence[NDArray[np.int64]]:
        """Lists of (recording, first frame), [batch, 2]."""
        del epoch
        size, margin, places = self.config.frames, self.config.margin, []
        for index in range(len(self._train)):
            room = self._train.length(index) - size - 2 * margin
            for _ in range(int(self._train.length(index) / size + rng.random()) if room >= 0 else 0):
                places.append((index, margin + int(rng.integers(room + 1))))
        rows = np.array(places, np.int64).reshape(-1, 2)[rng.permutation(len(places))]
        whole = len(rows) // self.config.batch * self.config.batch
        return np.split(rows[:whole], whole // self.config.batch) if whole else [rows]

    def loss(self, batch: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        level = self.config.decibels
        cuts = [(self._train, int(i), int(f), float(rng.uniform(-2 * level, level))) for i, f in batch]
        return self._loss(cuts, narrow=self.config.narrow), {}

    def validate(self) -> Mapping[str, float]:
        """Nats per sample in the middle of up to 64 recordings."""
        span = self.config.frames + 2 * self.config.margin
        usable = [index for index in range(len(self._dev)) if self._dev.length(index) >= span][:64]
        cuts = [(self._dev, n, (self._dev.length(n) - self.config.frames) // 2, 0.0) for n in usable]
        with torch.no_grad():
            return {"loss": float(self._loss(cuts, narrow=False))}

    def _loss(self, cuts: Sequence[tuple[CodedSpeech, int, int, float]], *, narrow: bool) -> Tensor:
        frames, before, codes = [], [], []
        for corpus, index, first, decibel in cuts:
            cut = corpus.cut(index, first, first + self.config.frames, margin=self.config.margin, decibel=decibel)
            coded = self.coding.encode(cut.samples)[1:]
            frames.append(cut.frames)
            before.append(coded[:-1])
            codes.append(coded[1:])
        x, known, wanted = (torch.from_numpy(np.stack(part)) for part in (frames, before, codes))
        return self.module.loss(x, known, wanted, margin=self.config.margin, narrow=narrow)
