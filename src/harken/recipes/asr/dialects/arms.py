"""The arms of the comparison: what each trains and how it listens. One code path; the arms differ in their data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from harken.asr.acoustic.ivector import Extractor
from harken.asr.acoustic.speaker import prune_posteriors, step_features, with_edges
from harken.audio.features import Frames
from harken.errors import ConfigError
from harken.recipes.asr.dialects.family import DialectSpeech, Family
from harken.train.asr.dialects import (
    Conditions,
    DialectExample,
    DialectNetwork,
    DialectTask,
    DialectTaskConfig,
    log_prior,
    posteriors_of,
    scores_of,
)
from harken.train.asr.encoders import EncoderConfig
from harken.train.asr.ivector import UtteranceStatistics, train_extractor, utterance_statistics
from harken.train.asr.ivector_data import stream_ivectors
from harken.train.loop import best_weights, fit
from harken.train.schedule import LoopConfig

ARMS = ("ds", "tl", "shl", "pm", "pm-onehot", "pm-iv", "pm-iv-onehot", "pm-scrambled")
COMMON_HEAD = "common"
"""Name of the output layer of mapped arms."""


@dataclass(frozen=True, kw_only=True)
class ArmConfig:
    """Size and length of an arm's training."""

    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    task: DialectTaskConfig = field(default_factory=DialectTaskConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    """Of an arm that learns from all dialects."""
    own_share: float = 0.6
    """Steps of a dialect-specific network, relative to that."""
    tuning_share: float = 0.3
    """Steps of transfer, at a third of the rate."""
    rank: int = 32
    """Size of the i-vector."""


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A trained network and what belongs to it."""

    network: DialectNetwork
    head: str
    conditions: Conditions
    prior: Frames
    common: bool
    """Whether its labels are the common ones."""

    def tables(self) -> Iterator[NDArray[Any]]:
        """Everything that determines its scores: weights and priors."""
        yield from (weights.numpy() for weights in self.network.state_dict().values())
        yield self.prior

    def scores(self, example: DialectExample, prior_scale: float) -> Frames:
        """For the decoder, [steps, 2P]."""
        return scores_of(self.network, self.head, example, self.conditions, prior_scale * self.prior)


class Arms:
    """Trains arms and keeps them in a run folder; trained ones are read.

    Args:
        family: the dialects.
        config: size and length.
        folder: run folder.
        seed: of start and order.
    """

    def __init__(self, family: Family, config: ArmConfig, folder: Path, seed: int):
        self.family, self.config, self.folder, self.seed = family, config, folder, seed
        self._extractor: Extractor | None = None
        self._made: dict[str, dict[str, Listener]] = {}
        self._singles: dict[tuple[str, bool], Listener] = {}

    def listeners(self, arm: str) -> dict[str, Listener]:
        """Dialect -> how the arm listens to it.

        Raises:
            ConfigError: an unknown arm, with the known ones.
        """
        if arm not in ARMS:
            raise ConfigError(f"there is no arm '{arm}'; expected one of {', '.join(ARMS)}")
        if arm not in self._made:
            self._made[arm] = self._make(arm)
        return self._made[arm]

    def _make(self, arm: str) -> dict[str, Listener]:
        if arm in ("ds", "tl"):
            return {d: self._alone(d, transfer=arm == "tl" and d != self.family.pivot) for d in self.family.dialects}
        if arm == "shl":
            return self._shared(arm, common=False)
        if arm == "pm-scrambled":
            family = self.family.scrambled(np.random.default_rng([self.seed, 3]))
            return Arms(family, self.config, self.folder, self.seed)._shared(arm, common=True)
        return self._shared(arm, common=True, ivector="iv" in arm.split("-"), onehot=arm.endswith("onehot"))

    def heard(self, arm: str, split: str) -> dict[str, list[DialectSpeech]]:
        """Utterances of a split by dialect, with the i-vectors that the arm needs: each utterance starts cold."""
        ivectors = "iv" in arm.split("-")
        spoken = {d: list(self.family.spoken[d, split]) for d in self.family.dialects}
        return {d: self._with_ivectors(rows) for d, rows in spoken.items()} if ivectors else spoken

    def _alone(self, dialect: str, *, transfer: bool) -> Listener:
        """A dialect's own network; `ds` and `tl` share the pivot's."""
        if (dialect, transfer) not in self._singles:
            self._singles[dialect, transfer] = self._single(dialect, transfer=transfer)
        return self._singles[dialect, transfer]

    def _single(self, dialect: str, *, transfer: bool) -> Listener:
        loop, network = self.config.loop, self._network({dialect: len(self.family.labels[dialect].own)}, Conditions())
        if transfer:
            pivot = self._alone(self.family.pivot, transfer=False).network
            network.encoder.load_state_dict(pivot.encoder.state_dict())
            loop = replace(loop, steps=round(loop.steps * self.config.tuning_share), lr=loop.lr / 3)
        else:
            loop = replace(loop, steps=round(loop.steps * self.config.own_share))
        folder = self.folder / f"{'tl' if transfer else 'ds'}-{dialect}-{self.seed}"
        train, dev = (self._examples([dialect], split, common=False) for split in ("train", "dev"))
        self._fit(network, {dialect: dialect}, train, dev, Conditions(), loop, folder)
        return self._listener(network, dialect, dialect, train, Conditions(), common=False)

    def _shared(self, arm: str, *, common: bool, ivector: bool = False, onehot: bool = False) -> dict[str, Listener]:
        family = self.family
        own_sizes = {dialect: len(labels.own) for dialect, labels in family.labels.items()}
        sizes = {COMMON_HEAD: len(family.common)} if common else own_sizes
        heads = {d: COMMON_HEAD if common else d for d in family.dialects}
        conditions = Conditions(ivector=self.config.rank if ivector else 0, dialects=family.dialects if onehot else ())
        network = self._network(sizes, conditions)
        train, dev = (self._examples(family.dialects, s, common=common, ivector=ivector) for s in ("train", "dev"))
        self._fit(network, heads, train, dev, conditions, self.config.loop, self.folder / f"{arm}-{self.seed}")
        return {d: self._listener(network, heads[d], d, train, conditions, common=common) for d in family.dialects}

    def _network(self, sizes: Mapping[str, int], conditions: Conditions) -> DialectNetwork:
        torch.manual_seed(self.seed)
        return DialectNetwork(self.config.encoder, sizes, beside=conditions.size)

    def _fit(
        self, network: DialectNetwork, heads: Mapping[str, str], train: Sequence[DialectExample],
        dev: Sequence[DialectExample], conditions: Conditions, loop: LoopConfig, folder: Path,
    ) -> None:  # fmt: skip
        task = DialectTask(network, heads, train, dev, conditions, self.config.task)
        fit(task, replace(loop, seed=self.seed), folder)
        network.load_state_dict(best_weights(folder))

    def _listener(
        self, network: DialectNetwork, head: str, dialect: str, train: Sequence[DialectExample],
        conditions: Conditions, *, common: bool,
    ) -> Listener:  # fmt: skip
        phones = len(self.family.common if common else self.family.labels[dialect].own)
        same = [example for example in train if common or example.dialect == dialect]
        return Listener(network=network, head=head, conditions=conditions, prior=log_prior(same, phones), common=common)

    def _examples(
        self, dialects: Iterable[str], split: str, *, common: bool, ivector: bool = False
    ) -> list[DialectExample]:
        examples = []
        for dialect in dialects:
            rows = self.family.spoken[dialect, split]
            for utterance in self._with_ivectors(rows, carry=split == "train") if ivector else rows:
                example = utterance.example
                if common:
                    mapped = self.family.labels[dialect].to_common(example.targets, len(self.family.common))
                    example = replace(example, targets=mapped)
                examples.append(example)
        return examples

    @property
    def extractor(self) -> Extractor:
        """I-vector extractor over the common phones, learned from the alignments of all dialects."""
        if self._extractor is None:
            file = self.folder / f"voices-{self.config.rank}-{self.seed}.npz"
            if not file.is_file():
                rng = np.random.default_rng([self.seed, 4])
                learned, _ = train_extractor(list(self._statistics()), rank=self.config.rank, rng=rng)
                np.savez(file, allow_pickle=False, **learned.to_arrays())
            with np.load(file, allow_pickle=False) as tables:
                self._extractor = Extractor.from_arrays(tables)
        return self._extractor

    def _statistics(self) -> Iterable[UtteranceStatistics]:
        size = len(self.family.common)
        for dialect in self.family.dialects:
            for utterance in self.family.spoken[dialect, "train"]:
                phones = self.family.labels[dialect].to_common(utterance.example.targets, size) % size
                weights = np.zeros((len(phones), size), np.float32)
                weights[np.arange(len(phones)), phones] = 1
                features = step_features(with_edges(utterance.example.features))
                count = min(len(features), len(weights))
                yield utterance_statistics(features[:count], weights[:count])

    def _with_ivectors(self, spoken: Sequence[DialectSpeech], *, carry: bool = False) -> list[DialectSpeech]:
        """Utterances with what a stream would know of their speakers.

        That is nothing at first, or, for half of them if `carry`, what another utterance of the speaker taught.
        Posteriors come from the mapped arm without i-vectors.
        """
        rng = np.random.default_rng([self.seed, 5])
        inputs = self._inputs(spoken)
        mates = defaultdict(list)
        for number, utterance in enumerate(spoken):
            mates[utterance.speaker].append(number)
        heard = []
        for utterance, (features, weights) in zip(spoken, inputs, strict=True):
            before = None
            if carry and rng.random() < 0.5:
                mate = inputs[mates[utterance.speaker][int(rng.integers(len(mates[utterance.speaker])))]]
                before = self.extractor.handed_on(self.extractor.statistics(*mate))
            rows = stream_ivectors(self.extractor, features, weights, self.config.encoder.ahead, before=before)
            heard.append(replace(utterance, example=replace(utterance.example, ivectors=rows)))
        return heard

    def _inputs(self, rows: Sequence[DialectSpeech]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        listener = self.listeners("pm")[self.family.pivot]
        examples = [utterance.example for utterance in rows]
        posteriors = posteriors_of(listener.network, listener.head, examples)
        features = [step_features(with_edges(example.features)) for example in examples]
        return list(zip(features, map(prune_posteriors, posteriors), strict=True))
