"""The vocoder: analysis, training, export, scores. Commands: README.md in this folder."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from harken.bundle import Bundle, load_bundle
from harken.metrics.result import Result
from harken.recipes.tts.material import pick_recordings, speech_folder, write_part, write_toy_speech
from harken.settings import save_settings
from harken.train.schedule import LoopConfig
from harken.train.tts.configs import VocoderConfig
from harken.train.tts.corpus import SpeechCorpus
from harken.train.tts.likeness import copy_distances
from harken.tts.vocoder import Vocoder

NAME, BUNDLE = "tts/vocoder", "vocoder"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    toy: int = 0
    """Number of artificial sentences to use instead of recordings; 0: recordings."""
    own_weight: float = 1.0
    """Passes over the shipped voice's recordings in an epoch."""
    many_weight: float = 1.0
    """Passes over the other speakers' recordings in an epoch."""
    seed: int = 0
    network: VocoderConfig = field(default_factory=VocoderConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=1500, average=0.995, weight_decay=0.0, clip=1.0))


def prepare(config: Config, run: Path) -> None:
    """Analyse kathleen (`train`, `dev`) and about 390 other speakers; what exists is kept."""
    if config.toy:
        for name, count in (("train", config.toy), ("dev", max(2, config.toy // 4))):
            write_toy_speech(run / name, count, np.random.default_rng([config.seed, len(name)]))
        return
    write_part("kathleen-train", pick_recordings("kathleen", "train"))
    write_part("kathleen-dev", pick_recordings("kathleen", "dev"))
    many = [
        *pick_recordings("librispeech-excerpts", "train"), *pick_recordings("librispeech", "train", seconds_each=60),
        *pick_recordings("voices", "train", at_most=400), *pick_recordings("speechocean762", "train", seconds_each=8),
    ]  # fmt: skip
    write_part("many-train", many)
    write_part(
        "many-dev",
        [
            *pick_recordings("librispeech-excerpts", "dev", seconds_each=20),
            *pick_recordings("librispeech", "dev", seconds_each=20),
        ],
    )


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Train; resumes where it stopped."""
    import torch

    from harken.train.loop import fit
    from harken.train.tts.vocoder import VocoderTask

    save_settings(config, run / "config.json")
    torch.manual_seed(config.seed)
    if config.toy:
        task = VocoderTask([(SpeechCorpus(run / "train"), 1.0)], SpeechCorpus(run / "dev"), config.network)
    else:
        parts = [("kathleen-train", config.own_weight), ("many-train", config.many_weight)]
        corpora = [(SpeechCorpus(speech_folder(name)), weight) for name, weight in parts]
        task = VocoderTask(corpora, SpeechCorpus(speech_folder("kathleen-dev")), config.network)
    dev = fit(task, config.loop, run)
    (run / "dev.json").write_text(json.dumps(dict(dev), indent=1) + "\n", encoding="utf-8")
    return dev


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle of the best checkpoint."""
    from harken.train.loop import best_weights
    from harken.train.tts.export import export_vocoder
    from harken.train.tts.vocoder import FilterNet

    net = FilterNet(config.network.channels, config.network.dilations, config.network.kernel)
    net.load_state_dict(best_weights(run))
    origin = {
        "recipe": NAME,
        "config": asdict(config),
        "data": "made up"
        if config.toy
        else "kathleen, librispeech, librispeech-excerpts, voices, speechocean762: train",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    dev = {f"dev {name}": value for name, value in json.loads((run / "dev.json").read_text(encoding="utf-8")).items()}
    card = Path(__file__).with_name("CARD.md").read_text(encoding="utf-8")
    return [export_vocoder(net, run / BUNDLE, card=card, origin=origin, scores=dev)]


def score(config: Config, run: Path) -> list[Result]:
    """Copy dev recordings with the shipped bundle: spectral distance with its interval over recordings."""
    bundle, results = load_bundle(BUNDLE), []
    for part, name in (("kathleen-dev", "kathleen dev"), ("many-dev", "librispeech and librispeech-excerpts dev")):
        distance = copy_distances(Vocoder(bundle), SpeechCorpus(speech_folder(part)))
        results.append(
            Result(
                recipe=NAME, metric="log-spectral distance of copies", unit="dB", value=distance.mean, low=distance.low,
                high=distance.high, n=distance.n, set=name, command=f"harken score {NAME} method",
                bundles={BUNDLE: bundle.hash},
            )
        )  # fmt: skip
    return results
