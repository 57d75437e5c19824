"""Trains an arm from the seed's weights, with the same steps, transcribed speech and order of batches for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from harken.bundle import BUNDLE_FILE, Bundle, load_bundle
from harken.recipes.asr.acoustic.recipe import BUNDLE
from harken.recipes.asr.selection.arms import SEED, Choosing
from harken.recipes.asr.selection.ground import Ground
from harken.train.asr.acoustic import AcousticNetwork
from harken.train.asr.data import Piece, Speech
from harken.train.asr.selection.restoring import bundle_ivectors, restored_network, write_changed_bundle
from harken.train.asr.selection.task import SelectionTask, WeightConfig
from harken.train.asr.store import FeatureStore
from harken.train.asr.task import AcousticTask, TaskConfig
from harken.train.loop import best_weights, fit
from harken.train.schedule import LoopConfig

FRAMES_PER_HOUR = 360_000
LABELLED = "labelled"
"""The arm that learns as long as the others, from transcribed speech alone."""


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How an arm learns."""

    task: TaskConfig = field(default_factory=TaskConfig)
    weight: WeightConfig = field(default_factory=WeightConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)


class Training:
    """Trains arms; the bundles are kept in the run folder.

    Args:
        ground: seed and transcribed speech.
        config: how an arm learns.
        run: run folder.
    """

    def __init__(self, ground: Ground, config: TrainingConfig, run: Path):
        self.ground, self.config, self.run = ground, config, run

    def bundle(self, arm: str, choosing: Choosing) -> Bundle:
        """The arm's acoustic bundle, trained first if it does not exist."""
        if arm == SEED:
            return self.ground.seed
        folder = self.run / "arms" / f"{arm}-{choosing.seed}"
        if not (folder / BUNDLE / BUNDLE_FILE).is_file():
            print(f"training {arm} with seed {choosing.seed}", flush=True)
            network = restored_network(self.ground.seed)
            pool = len(self.ground.material.stores)
            pieces = [] if arm == LABELLED else choosing.pieces(choosing.select(arm), source=pool)
            fit(
                self._task(network, pieces, choosing), replace(self.config.loop, seed=choosing.seed), folder, quiet=True
            )
            network.load_state_dict(best_weights(folder))
            card = f"# Acoustic model of the arm '{arm}'\n\nAn experiment of asr/selection: not for use.\n"
            write_changed_bundle(folder / BUNDLE, self.ground.seed, network, card=card, origin={"arm": arm})
        return load_bundle(folder / BUNDLE)

    def _task(self, network: AcousticNetwork, chosen: Sequence[Piece], choosing: Choosing) -> SelectionTask:
        """Transcribed and chosen speech for one network; without any chosen speech its weight is 0."""
        labelled = self._acoustic_task(network, self._speech(self._labelled, choosing))
        other = self._acoustic_task(network, self._speech(chosen or self._labelled, choosing))
        return SelectionTask(labelled, other, self.config.weight if chosen else WeightConfig(first=0.0, last=0.0))

    def _acoustic_task(self, network: AcousticNetwork, speech: Speech) -> AcousticTask:
        material = self.ground.material
        return AcousticTask(network, speech, self._dev, material.trigram, material.noise, self.config.task)

    def _speech(self, pieces: Sequence[Piece], choosing: Choosing) -> Speech:
        """Pieces of the transcribed stores and, last, the pool's."""
        material = self.ground.material
        stores = [*material.stores, choosing.store]
        network = self._seed_network
        whole = material.speech(stores, self._whole(stores))
        return material.speech(stores, pieces, bundle_ivectors(self.ground.seed, network, whole, self.run / "voices"))

    def _whole(self, stores: Sequence[FeatureStore]) -> list[Piece]:
        """Everything that any arm can learn from, as whole recordings: the voices are computed once for all."""
        pool = len(stores) - 1
        entries = stores[pool].entries
        return self._labelled + [
            Piece(source=pool, entry=entry, first=0, frames=entry.frames, words=("a",), corpus=entry.corpus)
            for entry in entries
        ]

    @cached_property
    def _seed_network(self) -> AcousticNetwork:
        return restored_network(self.ground.seed)

    @cached_property
    def _dev(self) -> Speech:
        material, network = self.ground.material, self._seed_network
        ivectors = bundle_ivectors(self.ground.seed, network, material.dev, self.run / "dev-voices")
        return material.speech(material.dev.stores, material.dev.pieces, ivectors)

    @cached_property
    def _labelled(self) -> list[Piece]:
        """Pieces of each transcribed corpus, drawn until its hours are full; the same for all arms and seeds."""
        material, rng = self.ground.material, np.random.default_rng(13)
        left = dict.fromkeys((piece.corpus for piece in material.pieces), self.ground.hours * FRAMES_PER_HOUR)
        kept = []
        for number in rng.permutation(len(material.pieces)):
            piece = material.pieces[number]
            if left[piece.corpus] > 0:
                left[piece.corpus] -= piece.frames
                kept.append(piece)
        return kept
