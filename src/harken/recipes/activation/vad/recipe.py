"""End-pointing: training, thresholds, export, scores. Commands: README.md beside this file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from harken import paths
from harken.activation.vad import KIND
from harken.bundle import Bundle, write_bundle
from harken.train.activation.compact import export_network
from harken.train.activation.scenes import Source
from harken.train.activation.sources import NOISE, recordings
from harken.train.activation.store import Store, write_store
from harken.train.activation.subband import SubbandNet
from harken.train.activation.vad import VadConfig, VadData, VadTask
from harken.train.loop import best_weights, fit
from harken.train.schedule import LoopConfig

CLEAN = ("librispeech", "librispeech-excerpts", "speechocean762", "an4", "kathleen", "coffee-commands", "wake-words")
"""Corpora whose recordings are clean enough that their energy shows where speech is."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    seed: int = 1
    room_share: float = 0.15
    limit: int = 0
    """At most so many recordings per corpus and split; 0: all."""
    on: float = 0.6
    """Score at which speech begins."""
    off: float = 0.35
    """Score below which it ends."""
    network: VadConfig = field(default_factory=VadConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=1500, lr=3e-3, average=0.995, validate_every=250))


def features() -> Path:
    """Folder of the features of all recordings, shared with the wake word's recipe."""
    return paths.runs() / "activation" / "recordings"


def prepare(config: Config) -> None:
    """Compute the features, unless the wake word's recipe has done so."""
    if not (features() / "clips.jsonl").is_file():
        rng = np.random.default_rng(config.seed)
        write_store(features(), recordings(room_share=config.room_share, rng=rng, limit_per_corpus=config.limit))


def train(config: Config, run: Path) -> None:
    """Train; resumes where it was stopped."""
    store = Store(features())
    torch.manual_seed(config.loop.seed)
    task = VadTask(material(store, "train"), material(store, "dev"), config.network)
    found = fit(task, config.loop, run)
    (run / "dev.json").write_text(json.dumps(dict(found), indent=1) + "\n", encoding="utf-8")


def export(config: Config, run: Path, folder: Path | None = None) -> Bundle:
    """Write the bundle, by default in the place of the shipped one."""
    net = SubbandNet(config.network.net)
    net.load_state_dict(best_weights(run))
    data = material(Store(features()), "train")
    probe = np.concatenate([source.store.of(source.clip) for source in (*data.speech[:3], *data.noises[:3])])
    graph, change = export_network(net, probe=torch.from_numpy(probe[: len(probe) // 8 * 8]))
    origin = {
        "recipe": "activation/vad", "config": asdict(config), "date": datetime.now(UTC).date().isoformat(),
        "data": {corpus: sum(s.clip.corpus == corpus for s in data.speech) for corpus in CLEAN},
        "noises": sorted({source.clip.label for source in data.noises}),
    }  # fmt: skip
    found = json.loads((run / "dev.json").read_text(encoding="utf-8"))
    return write_bundle(
        folder or paths.PACKAGE / "bundles" / "vad", name="vad", kind=KIND, files={"model.onnx": graph},
        card=Path(__file__).with_name("CARD.md").read_text(encoding="utf-8"),
        features={"bins": config.network.net.bins, "on": config.on, "off": config.off}, labels=["speech"],
        origin=origin, scores={"dev": found, "logit_change_by_eight_bits": round(change, 4)},
    )  # fmt: skip


def material(store: Store, split: str) -> VadData:
    """Clean speech and noises of a split; the noises have no `dev` part: every sixth of `train` serves as one."""
    speech = [clip for clip in store.clips if clip.split == split and clip.corpus in CLEAN and not clip.variant]
    noises = [clip for clip in store.clips if clip.corpus == NOISE and clip.split == "train"]
    kept = [clip for number, clip in enumerate(noises) if (number % 6 == 0) == (split == "dev")]
    return VadData(
        speech=[Source(store=store, clip=clip) for clip in speech],
        noises=[Source(store=store, clip=clip) for clip in kept],
    )
