"""The vocoder: analysis, training, export, scores. Commands: README.md in this folder."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from harken import paths
from harken.bundle import Bundle, load_bundle
from harken.data.utterances import MANIFEST
from harken.errors import DataError
from harken.metrics.result import Result
from harken.recipes.tts.material import pick_recordings, speech_folder, write_folder, write_part, write_toy_speech
from harken.settings import save_settings
from harken.train.schedule import LoopConfig
from harken.train.tts.configs import VocoderConfig
from harken.train.tts.corpus import SpeechCorpus
from harken.train.tts.likeness import copy_distances
from harken.tts.vocoder import Vocoder

NAME, BUNDLE = "tts/vocoder", "vocoder"
TUNED = "tuned"
"""Run folder, inside the run folder, of the training with the frames that a voice predicts."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    toy: int = 0
    """Number of artificial sentences to use instead of recordings; 0: recordings."""
    synthetic: str = "kokoro"
    """Folder of synthetic speech under HARKEN_RUNS/tts/synthetic, by `harken train tts/voice NAME`; empty: none."""
    synthetic_weight: float = 1.0
    """Passes over it in an epoch."""
    own_weight: float = 1.0
    """Passes over kathleen's recordings in an epoch."""
    many_weight: float = 1.0
    """Passes over the other speakers' recordings in an epoch."""
    voice: str = ""
    """Folder of frames that a voice predicts, RUN/predicted of `harken train tts/voice`; empty: nothing more is learned
    after the recordings."""
    voice_weight: float = 2.0
    """Passes over them in an epoch, beside those over the recordings."""
    seed: int = 0
    network: VocoderConfig = field(default_factory=VocoderConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=3000, average=0.995, weight_decay=0.0, clip=1.0))
    tuned: LoopConfig = field(default_factory=lambda: LoopConfig(steps=800, lr=3e-4, average=0.99, weight_decay=0.0))
    """With the frames that a voice predicts among the others."""

    @property
    def last(self) -> str:
        """Folder, inside the run folder, of the last of the trainings."""
        return TUNED if self.voice else ""


def prepare(config: Config, run: Path) -> None:
    """Analyse synthetic speech, kathleen and about 390 other speakers; what exists is kept.

    Raises:
        DataError: there is no synthetic speech.
    """
    if config.toy:
        for name, count in (("train", config.toy), ("dev", max(2, config.toy // 4))):
            write_toy_speech(run / name, count, np.random.default_rng([config.seed, len(name)]))
        return
    if config.synthetic:
        spoken = paths.runs() / "tts" / "synthetic" / config.synthetic
        if not (spoken / MANIFEST).is_file():
            raise DataError(
                f"there is no speech in {spoken}; let `harken train tts/voice {config.synthetic} --only prepare` "
                "speak, or train with synthetic="
            )
        write_folder(spoken, train=_part(config.synthetic, "train"), dev=_part(config.synthetic, "dev"))
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

    from harken.train.loop import best_weights, fit
    from harken.train.tts.vocoder import VocoderTask

    save_settings(config, run / "config.json")
    torch.manual_seed(config.seed)
    if config.toy:
        corpora, held = [(SpeechCorpus(run / "train"), 1.0)], SpeechCorpus(run / "dev")
    else:
        weights = {config.synthetic: config.synthetic_weight, "kathleen": config.own_weight, "many": config.many_weight}
        corpora = [(SpeechCorpus(_part(name, "train")), weight) for name, weight in weights.items() if name]
        held = SpeechCorpus(_part(config.synthetic or "kathleen", "dev"))
    dev = fit(VocoderTask(corpora, held, config.network), config.loop, run)
    if config.voice:
        corpora.append((SpeechCorpus(Path(config.voice).expanduser()), config.voice_weight))
        task = VocoderTask(corpora, held, config.network)
        task.module.load_state_dict(best_weights(run))
        dev = fit(task, config.tuned, run / TUNED)
    (run / "dev.json").write_text(json.dumps(dict(dev), indent=1) + "\n", encoding="utf-8")
    return dev


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle of the best checkpoint."""
    from harken.train.loop import best_weights
    from harken.train.tts.export import export_vocoder
    from harken.train.tts.vocoder import FilterNet

    net = FilterNet(config.network.channels, config.network.dilations, config.network.kernel)
    net.load_state_dict(best_weights(run / config.last))
    origin = {
        "recipe": NAME,
        "config": asdict(replace(config, voice=Path(config.voice).name)),
        "data": "made up"
        if config.toy
        else f"{config.synthetic}, kathleen, librispeech, librispeech-excerpts, voices, speechocean762: train",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    dev = {f"dev {name}": value for name, value in json.loads((run / "dev.json").read_text(encoding="utf-8")).items()}
    card = Path(__file__).with_name("CARD.md").read_text(encoding="utf-8")
    return [export_vocoder(net, run / BUNDLE, card=card, origin=origin, scores=dev)]


def score(config: Config, run: Path) -> list[Result]:
    """Copy dev recordings with the shipped bundle: spectral distance with its interval over recordings."""
    bundle, results = load_bundle(BUNDLE), []
    names = {part: f"{part} dev" for part in (config.synthetic, "kathleen") if part}
    names["many"] = "librispeech and librispeech-excerpts dev"
    for part, name in names.items():
        distance = copy_distances(Vocoder(bundle), SpeechCorpus(_part(part, "dev")))
        results.append(
            Result(
                recipe=NAME, metric="log-spectral distance of copies", unit="dB", value=distance.mean, low=distance.low,
                high=distance.high, n=distance.n, set=name, command=f"harken score {NAME} method",
                bundles={BUNDLE: bundle.hash},
            )
        )  # fmt: skip
    return results


def _part(name: str, split: str) -> Path:
    return speech_folder(f"{name}-{split}")
