"""The universal vocoder (method 13), trained on three sets: analysis, training, export. Commands: README.md there."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harken.bundle import Bundle
from harken.data.utterances import read_corpus
from harken.errors import ConfigError
from harken.metrics.result import Result
from harken.recipes.tts.material import pick_recordings
from harken.recipes.tts.universal_vocoder.material import (
    LADDER,
    choose,
    toy_recordings,
    write_recordings,
)
from harken.settings import save_settings
from harken.train.schedule import LoopConfig
from harken.train.tts.coded_speech import CodedSpeech, write_coded_speech
from harken.train.tts.configs import UniversalConfig
from harken.tts.mel_frames import MelAnalysis
from harken.tts.mulaw import Coding

if TYPE_CHECKING:
    from harken.train.tts.universal_vocoder import UniversalNet

NAME, BUNDLE = "tts/universal_vocoder", "universal-vocoder"
METRIC = "negative log-likelihood"
DEV = "dev"
_DATA = "kathleen, librispeech, librispeech-excerpts, speechocean762, common-voice: train"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    toy: int = 0
    """Number of artificial recordings to use instead of real ones; 0: real ones."""
    speakers: tuple[str, ...] = LADDER
    """Training sets, see `material.LADDER`; a network for each."""
    seeds: tuple[int, ...] = (0,)
    analysis: MelAnalysis = field(default_factory=MelAnalysis)
    coding: Coding = field(default_factory=Coding)
    network: UniversalConfig = field(default_factory=UniversalConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=150_000, lr=4e-4, weight_decay=0.0, clip=1.0))

    def __post_init__(self) -> None:
        unknown = set(self.speakers) - set(LADDER)
        if unknown or not self.speakers or not self.seeds:
            raise ConfigError(f"speakers {list(self.speakers)}, seeds {list(self.seeds)}; expected some of {LADDER}")


def prepare(config: Config, run: Path) -> None:
    """Analyse the recordings of all training sets; what exists is kept."""
    if config.toy:
        for name, count in (("train", config.toy), (DEV, max(2, config.toy // 4))):
            made = toy_recordings(count, config.analysis, np.random.default_rng([config.seeds[0], len(name)]))
            write_coded_speech(run / name, made, config.analysis)
        return
    for speakers in config.speakers:
        utterances, seconds = choose(speakers)
        write_recordings(speakers, utterances, config.analysis, seconds=seconds)
    dev = [*read_corpus("kathleen", "dev")[:24], *pick_recordings("librispeech", "dev", seconds_each=90)]
    write_recordings(DEV, dev, config.analysis)


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Train a network on each set with each seed, the same number of steps; finished ones are kept."""
    import torch

    from harken.train.loop import fit
    from harken.train.tts.universal_vocoder import UniversalTask

    prepare(config, run)
    save_settings(config, run / "config.json")
    figures = {}
    for speakers, seed, folder in networks(config, run):
        if not (folder / "dev.json").is_file():
            torch.manual_seed(seed)
            corpora = _corpus(config, run, speakers), _corpus(config, run, DEV)
            task = UniversalTask(*corpora, config.network, config.coding, config.analysis.hop)
            dev = fit(task, replace(config.loop, seed=seed), folder)
            (folder / "dev.json").write_text(json.dumps(dict(dev), indent=1) + "\n", encoding="utf-8")
        figures[f"{speakers}, seed {seed}"] = _loss_of(folder)
    return figures


def export(config: Config, run: Path) -> list[Bundle]:
    """Write a bundle for each training set, of the first seed; they stay in the run folder."""
    from harken.train.tts.export_universal import export_universal_vocoder

    card, bundles = Path(__file__).with_name("CARD.md").read_text(encoding="utf-8"), []
    for speakers, seed, folder in networks(config, run):
        if seed == config.seeds[0]:
            origin = {
                "recipe": NAME, "config": asdict(config), "speakers": speakers,
                "data": "made up" if config.toy else _DATA,
                "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            }  # fmt: skip
            bundles.append(
                export_universal_vocoder(
                    load_net(config, folder), bundle_folder(run, speakers), analysis=config.analysis,
                    coding=config.coding, card=card.format(speakers=speakers), origin=origin,
                    scores={METRIC: _loss_of(folder)},
                )
            )  # fmt: skip
    return bundles


def bundle_folder(run: Path, speakers: str) -> Path:
    """Where the bundle of the network that learned from one of the training sets lies."""
    return run / f"{BUNDLE}-{speakers.replace(' ', '-')}"


def score(config: Config, run: Path) -> list[Result]:
    """Nats per sample on `dev`, mean over the seeds. `benchmarks.quality.vocoders` measures everything else."""
    results = []
    for speakers in config.speakers:
        losses = [_loss_of(folder) for name, _, folder in networks(config, run) if name == speakers]
        results.append(
            Result(
                recipe=NAME, metric=METRIC, unit="nats", value=float(np.mean(losses)), n=64, condition=speakers,
                set="made-up voice" if config.toy else "kathleen and librispeech dev", seeds=config.seeds,
                command=f"harken score {NAME} {'tiny' if config.toy else 'method'}",
            )
        )  # fmt: skip
    return results


def networks(config: Config, run: Path) -> Iterator[tuple[str, int, Path]]:
    """(training set, seed, run folder) of each network, one seed after another."""
    for seed in config.seeds:
        for speakers in config.speakers:
            yield speakers, seed, run / f"{speakers.replace(' ', '-')}-{seed}"


def load_net(config: Config, folder: Path) -> UniversalNet:
    """The trained network of a run folder."""
    from harken.train.loop import best_weights
    from harken.train.tts.universal_vocoder import UniversalNet

    net = UniversalNet(config.network, levels=config.coding.levels, hop=config.analysis.hop)
    net.load_state_dict(best_weights(folder))
    return net.eval()


def _corpus(config: Config, run: Path, name: str) -> CodedSpeech:
    if config.toy:
        return CodedSpeech(run / (DEV if name == DEV else "train"))
    return write_recordings(name, [], config.analysis)


def _loss_of(folder: Path) -> float:
    return float(json.loads((folder / "dev.json").read_text(encoding="utf-8"))["loss"])
