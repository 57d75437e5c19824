"""The arms: which recordings each rule chooses within the same hours, and what it learns from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from harken.asr.arrays import Ints
from harken.errors import ConfigError, nearest
from harken.recipes.asr.selection.ground import POOL, Ground
from harken.text.words import normalize_words
from harken.train.arrays import is_written
from harken.train.asr.data import Piece
from harken.train.asr.selection.choice import ChoiceConfig, by_local_global, rank_sum, usable, within_hours
from harken.train.asr.selection.decoding import Decoded, Decoder, decode_pool, read_pool
from harken.train.asr.selection.disagreement import disagreement
from harken.train.asr.selection.evidence import Evidence, EvidenceConfig, gather_evidence
from harken.train.asr.selection.margin import by_margin
from harken.train.asr.selection.parts import Part, parts_of, pieces_of
from harken.train.asr.selection.restoring import restored_network
from harken.train.asr.selection.slots import Slots, gather
from harken.train.asr.store import FeatureStore, write_feature_store

SEED, ALL, ORACLE = "seed", "all", "oracle"


@dataclass(frozen=True, kw_only=True)
class ChoosingConfig:
    """How much is chosen, and how."""

    share: float = 0.25
    """Of the pool's hours, for every rule but `all` and `oracle`."""
    evidence: EvidenceConfig = field(default_factory=EvidenceConfig)
    choice: ChoiceConfig = field(default_factory=ChoiceConfig)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What an arm learns from."""

    arm: str
    recordings: tuple[int, ...]
    """Numbers of stretches, in the order of choice."""
    parts: Mapping[int, tuple[Part, ...]]
    """Of each stretch: label and span."""

    def hours(self, decoded: Sequence[Decoded]) -> float:
        """Of the chosen stretches."""
        return sum(decoded[n].steps for n in self.recordings) * 0.03 / 3600


class Choosing:
    """Decodes the pool and lets the rules choose. Everything is kept in the run folder.

    Args:
        ground: seed, pool, search.
        config: how much is chosen, and how.
        run: run folder.
        seed: of what is drawn at random.
    """

    def __init__(self, ground: Ground, config: ChoosingConfig, run: Path, seed: int):
        self.ground, self.config, self.run, self.seed = ground, config, run, seed
        self._rules: dict[str, Callable[[], list[int]]] = {
            "random": self._random, "confidence": self._by_confidence, "dropout": self._by_disagreement,
            "local-global": lambda: self._by_evidence(self._hours), "margin": lambda: by_margin(self.decoded),
            "both": self._by_both, ALL: lambda: list(range(len(self.decoded))),
            ORACLE: lambda: list(range(len(self.decoded))),
        }  # fmt: skip

    def prepare(self) -> None:
        """Decode the pool and compute its features; what exists is kept."""
        ground = self.ground
        decode_pool(Decoder(ground.model, ground.pool_space), ground.pool, self.run / "decoded", root=ground.root)
        if not is_written(self.run / "features"):
            write_feature_store(self.run / "features", ground.pool, root=ground.root)

    @cached_property
    def store(self) -> FeatureStore:
        """Features of the pool."""
        return FeatureStore(self.run / "features")

    @cached_property
    def decoded(self) -> list[Decoded]:
        """The stretches of the pool."""
        return self._pool[0]

    @cached_property
    def slots(self) -> Slots:
        """All slots of the pool."""
        speakers = [row.speaker or row.name for row in self.decoded]
        ids = {name: number for number, name in enumerate(dict.fromkeys(speakers))}
        return gather([row.slots for row in self.decoded], self._pool[1], [ids[name] for name in speakers])

    @cached_property
    def evidence(self) -> Evidence:
        """What the pool says about each of them."""
        rng = np.random.default_rng([self.seed, 11])
        return gather_evidence(
            self.slots, self.config.evidence, rng=rng, prior=self.ground.prior, kind=self.ground.kind
        )

    @cached_property
    def bounds(self) -> Ints:
        """First slot of each stretch, and the end of the last."""
        return np.searchsorted(self.slots.recording, np.arange(len(self.decoded) + 1))

    def select(self, arm: str) -> Selection:
        """What an arm learns from.

        Raises:
            ConfigError: there is no such arm.
        """
        if arm not in self._rules:
            raise ConfigError(f"there is no rule of choice '{arm}'; {nearest(arm, self._rules)}")
        everything = arm in (ALL, ORACLE)
        hours = float("inf") if everything else self._hours
        chosen = within_hours(self._rules[arm](), self._steps, hours, self._usable)
        if arm == ORACLE:
            return self._with_references(chosen)
        cut = arm in ("local-global", "both") and self.config.choice.cut
        return Selection(arm=arm, recordings=tuple(chosen), parts={n: self._parts(n, cut=cut) for n in chosen})

    def pieces(self, selection: Selection, *, source: int) -> list[Piece]:
        """An arm's training pieces, from the pool's store."""
        entries = {entry.name: entry for entry in self.store.entries}
        return [
            piece for n in selection.recordings if self.decoded[n].name in entries
            for piece in pieces_of(
                self.decoded[n], selection.parts[n], entries[self.decoded[n].name], source=source, corpus=POOL
            )
        ]  # fmt: skip

    @cached_property
    def _pool(self) -> tuple[list[Decoded], list[np.ndarray[tuple[int, ...], np.dtype[np.float16]]]]:
        return read_pool(self.run / "decoded")

    @cached_property
    def _steps(self) -> list[int]:
        return [row.steps for row in self.decoded]

    @property
    def _hours(self) -> float:
        return self.config.share * sum(self._steps) * 0.03 / 3600

    @cached_property
    def _usable(self) -> list[bool]:
        return usable(self.decoded, [self.ground.phones(row.words) for row in self.decoded], self.config.choice)

    def _parts(self, number: int, *, cut: bool) -> tuple[Part, ...]:
        row = self.decoded[number]
        flipped = self.evidence.flipped[self.bounds[number] : self.bounds[number + 1]].tolist() if cut else []
        return tuple(parts_of(row, flipped or [False] * len(row.slots)))

    def _with_references(self, chosen: Sequence[int]) -> Selection:
        """The same recordings with what was really said; a recording that was cut into stretches is left out."""
        texts, names = self.ground.references(), [row.name for row in self.decoded]
        whole = [n for n in chosen if names.count(names[n]) == 1 and len(self._said(texts, n)) > 1]
        parts = {n: (Part(words=self._said(texts, n), first=0, last=self._steps[n]),) for n in whole}
        return Selection(arm=ORACLE, recordings=tuple(whole), parts=parts)

    def _said(self, texts: Mapping[str, str], number: int) -> tuple[str, ...]:
        return tuple(normalize_words(texts.get(self.decoded[number].name, "")))

    def _random(self) -> list[int]:
        drawn = np.random.default_rng([self.seed, 12]).permutation(len(self.decoded))
        return [int(number) for number in drawn]

    def _by_confidence(self) -> list[int]:
        return sorted(range(len(self.decoded)), key=lambda n: (-self.decoded[n].confidence, n))

    def _by_evidence(self, hours: float) -> list[int]:
        return by_local_global(self.slots, self.evidence, self._steps, hours, self._usable, self.config.choice)

    def _by_both(self) -> list[int]:
        return rank_sum([self._by_evidence(float("inf")), by_margin(self.decoded)], len(self.decoded))

    def _by_disagreement(self) -> list[int]:
        """Smallest first; kept, as it costs as much as decoding."""
        file = self.run / "disagreement.json"
        values: dict[str, float] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        network = restored_network(self.ground.seed)
        for count, entry in enumerate(self.store.entries, 1):
            if entry.name not in values:
                features = self.store.features(entry)
                values[entry.name] = disagreement(network, self.ground.model.normalizer, features, seed=count)
            if count % 500 == 0 or count == len(self.store):
                file.write_text(json.dumps(values) + "\n", encoding="utf-8")
                print(f"disagreement of {count} of {len(self.store)} recordings", flush=True)
        return sorted(range(len(self.decoded)), key=lambda n: (values.get(self.decoded[n].name, 1.0), n))
