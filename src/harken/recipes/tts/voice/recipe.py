"""A voice: analysis, alignment, training, export, scores. Commands: README.md in this folder."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from harken import paths
from harken.audio.features import FRAMES_PER_SECOND
from harken.bundle import Bundle, load_bundle
from harken.errors import DataError
from harken.metrics.result import Result
from harken.phones.pronunciation import Pronunciation
from harken.recipes.tts.material import (
    pick_recordings,
    speech_folder,
    toy_phones,
    write_folder,
    write_part,
    write_toy_speech,
)
from harken.recipes.tts.voice.synthetic import speak_sentences
from harken.settings import save_settings
from harken.train.kokoro import parse_mixture
from harken.train.schedule import LoopConfig
from harken.train.tts.configs import VoiceConfig
from harken.train.tts.corpus import ALIGNMENT, SpeechCorpus
from harken.train.tts.likeness import duration_errors
from harken.train.tts.sentences import write_alignments
from harken.tts.acoustic import VoiceModel

NAME = "tts/voice"
PREDICTED = "predicted"
"""Folder of the run folder with the frames that the voice predicts for its training sentences, for a vocoder."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    corpus: str = "kathleen"
    """One speaker, with text: a corpus of the data root with the splits `train` and `dev`, or the path of a folder that
    `harken.data.voice_folder` reads (with a '/' in it)."""
    mixture: str = ""
    """Voices of Kokoro that speak the recordings of the folder `corpus`, e.g. 'af_heart 2 + af_sarah 1'; empty: they
    are there."""
    sentences: int = 0
    """How many sentences the mixture speaks."""
    toy: int = 0
    """Number of artificial sentences to use instead of recordings; 0: recordings."""
    batch: int = 8
    """Sentences per step."""
    bfloat16: bool = False
    """Compute with bfloat16 products while training: faster on processors that have them."""
    rounds: int = 9
    """Rounds of training the alignment."""
    contrast: float = 1.0
    """How far the spectrum's peaks are raised at run time, see `harken.tts.acoustic.contrast_matrix`."""
    seed: int = 0
    network: VoiceConfig = field(default_factory=VoiceConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=2200, lr=2e-3, average=0.998, clip=1.0))

    @property
    def bundle(self) -> str:
        """Name of the bundle."""
        return "voice-toy" if self.toy else f"voice-{Path(self.corpus).name}"

    @property
    def folder(self) -> Path | None:
        """The plain folder of the recordings; None for a corpus of the data root."""
        if self.mixture and "/" not in self.corpus:
            return paths.runs() / "tts" / "synthetic" / self.corpus
        return Path(self.corpus).expanduser() if "/" in self.corpus else None


def prepare(config: Config, run: Path) -> None:
    """Analyse and align the recordings; what exists is kept. A mixture of voices first speaks them."""
    train_part, dev_part = _parts(config, run)
    if config.toy:
        write_toy_speech(train_part, config.toy, np.random.default_rng([config.seed, 1]))
        write_toy_speech(dev_part, max(2, config.toy // 4), np.random.default_rng([config.seed, 2]))
    elif config.folder:
        if config.mixture:
            speak_sentences(config.folder, config.mixture, config.sentences)
        write_folder(config.folder, train=train_part, dev=dev_part)
    else:
        for split in ("train", "dev"):
            write_part(f"{config.corpus}-{split}", pick_recordings(config.corpus, split))
    if not (dev_part / ALIGNMENT).is_file():
        pronounce = toy_phones if config.toy else Pronunciation.load().usual
        write_alignments(train_part, [dev_part], pronounce, rounds=config.rounds)


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Train; resumes where it stopped. At the end, the frames that it predicts for what it learned from are written."""
    import torch

    from harken.train.loop import best_weights, fit
    from harken.train.tts.acoustic_task import VoiceTask, learned_symbols, measure_voice, read_aligned
    from harken.train.tts.predicted import write_predicted

    save_settings(config, run / "config.json")
    train_part, dev_part = _parts(config, run)
    statistics = measure_voice(SpeechCorpus(train_part))
    torch.manual_seed(config.seed)
    symbols = learned_symbols(train_part)
    sentences = [read_aligned(folder, statistics, symbols) for folder in (train_part, dev_part)]
    task = VoiceTask(
        sentences[0], sentences[1], config.network, symbols=len(symbols), batch=config.batch, bfloat16=config.bfloat16
    )
    dev = fit(task, config.loop, run)
    task.module.load_state_dict(best_weights(run))
    write_predicted(run / PREDICTED, SpeechCorpus(train_part), sentences[0], task.module, statistics)
    (run / "dev.json").write_text(json.dumps(dict(dev), indent=1) + "\n", encoding="utf-8")
    return dev


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle of the best checkpoint."""
    from harken.train.loop import best_weights
    from harken.train.tts.acoustic import VoiceNet
    from harken.train.tts.acoustic_task import learned_symbols, measure_prosody, measure_voice, questions_rise
    from harken.train.tts.export import export_voice

    train_part = _parts(config, run)[0]
    symbols = learned_symbols(train_part)
    net = VoiceNet(len(symbols), config.network)
    net.load_state_dict(best_weights(run))
    dev = {f"dev {name}": value for name, value in json.loads((run / "dev.json").read_text(encoding="utf-8")).items()}
    statistics = measure_voice(SpeechCorpus(train_part))
    bundle = export_voice(
        net,
        statistics,
        measure_prosody(train_part),
        run / config.bundle,
        name=config.bundle,
        symbols=symbols,
        rises=questions_rise(train_part),
        config=config.network,
        contrast=config.contrast,
        card=_card(config, run),
        origin={
            "recipe": NAME,
            "config": asdict(config),
            "data": "made up" if config.toy else f"{Path(config.corpus).name}, train",
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        },
        scores=dev,
    )
    return [bundle]


def score(config: Config, run: Path) -> list[Result]:
    """Compare the durations of the shipped voice with those of dev; for intelligibility see `benchmarks.quality.voice`.

    Raises:
        DataError: the configuration is that of the artificial voice, which does not ship.
    """
    if config.toy:
        raise DataError("the artificial voice does not ship, so it has no score; use the configuration 'method'")
    bundle = load_bundle(config.bundle)
    dev = _parts(config, run)[1]
    sentences = json.loads((dev / ALIGNMENT).read_text(encoding="utf-8"))
    error = duration_errors(VoiceModel(bundle), sentences)
    result = Result(
        recipe=NAME, metric="phone duration error", unit="ms", value=error.mean, low=error.low, high=error.high,
        n=error.n, set=f"{Path(config.corpus).name} dev", command=f"harken score {NAME} method",
        bundles={config.bundle: bundle.hash},
    )  # fmt: skip
    return [result]


def _parts(config: Config, run: Path) -> tuple[Path, Path]:
    if config.toy or config.folder:
        return run / "train", run / "dev"
    return speech_folder(f"{config.corpus}-train"), speech_folder(f"{config.corpus}-dev")


def _card(config: Config, run: Path) -> str:
    """The card of the shipped voice, of one that learned from synthetic speech, or of anybody's own."""
    if config.toy or config.corpus == Config().corpus:
        return Path(__file__).with_name("CARD.md").read_text(encoding="utf-8")
    corpus = SpeechCorpus(_parts(config, run)[0])
    facts = {
        "name": config.bundle, "corpus": Path(config.corpus).name, "count": f"{len(corpus):,}",
        "hours": f"{sum(corpus.length(n) for n in range(len(corpus))) / FRAMES_PER_SECOND / 3600:.1f}",
        "mixture": parse_mixture(config.mixture).id if config.mixture else "",
    }  # fmt: skip
    file = "CARD-synthetic.md" if config.mixture else "CARD-own.md"
    return Path(__file__).with_name(file).read_text(encoding="utf-8").format(**facts)
