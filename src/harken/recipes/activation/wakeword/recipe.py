"""Wake word: features, cross-validation over voices, training, export, scores. Commands: README.md in this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harken.activation.wakeword import WakeWordSpotter, bundle_name
from harken.bundle import Bundle, load_bundle
from harken.data.voices import training_voices
from harken.errors import DataError
from harken.events import SAMPLE_RATE
from harken.metrics.comparison import by_unit, ratio
from harken.metrics.intervals import bootstrap_ratio, wilson
from harken.metrics.result import Result
from harken.recipes.activation.material import features_folder, noises, recordings_folder
from harken.train.activation import sources
from harken.train.activation.configs import SpottingConfig
from harken.train.activation.phrases import near_phrases
from harken.train.activation.scenes import StoredClip
from harken.train.activation.store import ClipStore, write_clips
from harken.train.schedule import LoopConfig

if TYPE_CHECKING:
    from harken.train.activation.spotting import SpottingData
    from harken.train.activation.wakeword import HeldOutScores

NAME = "activation/wakeword"
SHORT = ("wake-words", "community-keywords", "custom-keywords", "speech-commands")
"""Corpora of short phrases: likelier to be mistaken for a word than running speech."""


@dataclass(frozen=True, kw_only=True)
class PrepareConfig:
    """Which sounds become features."""

    copies: int = 7
    """Variants of each recording of the word: other speed, rooms."""
    room_share: float = 0.15
    """Share of all other speech that is also stored in a room."""
    near_each: int = 8
    """Renderings of each near-sounding phrase."""
    spoken_each: int = 150
    """Renderings of the word itself by synthesisers."""
    limit: int = 0
    """At most this many recordings per corpus and split; 0: all."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    word: str = "computer"
    synthesised: bool = False
    """Whether synthesised renderings of the word are learned from."""
    folds: int = 4
    """Parts into which the voices are divided; the shipped network has not heard part 0."""
    folds_trained: int = 1
    """Number of parts whose held-out scores are pooled for the threshold; one network is trained for each."""
    rate: float = 0.1
    """False accepts per hour on held-out training sound at which the threshold is set."""
    seed: int = 1
    prepare: PrepareConfig = field(default_factory=PrepareConfig)
    spotting: SpottingConfig = field(default_factory=SpottingConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=500, lr=3e-3, average=0.99, validate_every=125))


def prepare(config: Config, run: Path) -> None:
    """Compute the features of everything that is learned from."""
    rng = np.random.default_rng(config.seed)
    folder, settings, voices = features_folder(), config.prepare, training_voices()
    of_word = sources.read_positives(config.word)
    write_clips(folder / config.word, sources.varied(of_word, copies=settings.copies, rng=rng))
    near = [(line, "near") for line in _phrases(config.word)]
    write_clips(folder / "near", sources.spoken(near, voices, each=settings.near_each, rng=rng))
    if config.synthesised:
        texts = [(text, config.word) for text in (config.word, f"{config.word}.", f"hey {config.word}")]
        write_clips(folder / "spoken", sources.spoken(texts, voices, each=settings.spoken_each, rng=rng))
    others = sources.recordings(room_share=settings.room_share, rng=rng, limit_per_corpus=settings.limit)
    write_clips(recordings_folder(), others)


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Train, with a part of the voices held out, and set the threshold on that part; resumes where it stopped.

    With `folds_trained` above 1, further networks with other parts held out are trained only for the threshold.
    """
    from harken.train.activation.wakeword import choose_threshold

    data, dev = material(config, "train"), material(config, "dev")
    scores = [_fold(config, data, dev, run, fold) for fold in range(config.folds_trained)]
    threshold = choose_threshold(scores, rate=config.rate)
    summary = {"threshold": threshold, **_rates(scores, threshold)}
    (run / "threshold.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle."""
    from harken.train.activation.wakeword import load_network, measure_timing, without_variants, write_wakeword

    summary = json.loads((run / "threshold.json").read_text(encoding="utf-8"))
    net = load_network(run / "fold0" / "second", config.spotting.net)
    data, rng = material(config, "train"), np.random.default_rng(config.seed)
    real = without_variants(data).positives
    probe = np.concatenate([source.store.of(source.clip) for source in (*real[:4], *data.speech[:4])])
    origin = {
        "recipe": NAME, "config": asdict(config), "date": datetime.now(UTC).date().isoformat(),
        "data": {corpus: sum(s.clip.corpus == corpus for s in data.speech) for corpus in sources.SPEECH},
        "recordings_of_the_word": len(real),
    }  # fmt: skip
    bundle = write_wakeword(
        run / bundle_name(config.word), net, word=config.word,
        threshold=summary["threshold"], timing=measure_timing(net, real, summary["threshold"], rng=rng), probe=probe,
        card=Path(__file__).with_name("CARD.md").read_text(encoding="utf-8").format(word=config.word),
        origin=origin, scores={"cross_validation": summary},
    )  # fmt: skip
    return [bundle]


def score(config: Config, run: Path) -> list[Result]:
    """Count the recordings of the word in dev that the installed bundle misses, with a second of silence around each.

    For test, noise, rooms and false accepts see `benchmarks.quality.wakeword`.

    Raises:
        DataError: there are no recordings of it.
    """
    bundle = load_bundle(bundle_name(config.word))
    spotter = WakeWordSpotter([bundle])
    spoken = [(clip, samples) for clip, samples in sources.read_positives(config.word) if clip.split == "dev"]
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    missed = [not spotter.detect(np.concatenate([quiet, samples, quiet])) for _, samples in spoken]
    if not missed:
        raise DataError(f"there is no recording of '{config.word}' in dev to measure on")
    voices = [clip.speaker or f"recording {number}" for number, (clip, _) in enumerate(spoken)]
    parts = list(by_unit((voice, float(lost), 1.0) for voice, lost in zip(voices, missed, strict=True)).values())
    sure = not any(missed) or all(missed) or len(parts) < 2  # drawing voices would vary nothing
    low, high = wilson(sum(missed), len(missed)) if sure else bootstrap_ratio(parts, rng=np.random.default_rng(0))
    result = Result(
        recipe=NAME, metric="miss rate at the shipped threshold", unit="%", value=100 * ratio(parts), low=100 * low,
        high=100 * high, n=len(missed), set=f"wake word {config.word}, dev", condition="clean",
        command=f"harken score {NAME} method", bundles={bundle.name: bundle.hash},
    )  # fmt: skip
    return [result]


def material(config: Config, split: str) -> SpottingData:
    """The recordings of a split by their part in the training."""
    from harken.train.activation.spotting import SpottingData

    folder, word = features_folder(), sources.plain(config.word)
    with_word = [ClipStore(folder / config.word), *([ClipStore(folder / "spoken")] if config.synthesised else [])]
    positives = [source for store in with_word for source in _sources(store, split)]
    recordings = ClipStore(recordings_folder())
    others = [s for s in _sources(recordings, split) if word not in sources.plain(s.clip.label)]
    near = [source for source in others if source.clip.corpus in SHORT]
    near += _sources(ClipStore(folder / "near"), split)
    return SpottingData(
        positives=positives,
        speech=[source for source in others if source.clip.corpus != sources.NOISE],
        near=near,
        noises=noises(recordings, split),
    )


def _fold(config: Config, data: SpottingData, dev: SpottingData, run: Path, fold: int) -> HeldOutScores:
    from harken.train.activation.wakeword import (
        HeldOutScores,
        pick_folds,
        score_held_out,
        train_network,
        without_variants,
    )

    stored = run / f"fold{fold}" / "scores.json"
    if not stored.is_file():
        learned = {other: other != fold for other in range(config.folds)}
        left = {other: other == fold for other in range(config.folds)}
        net = train_network(pick_folds(data, learned, config.folds), dev, config.spotting, config.loop, stored.parent)
        held = without_variants(pick_folds(data, left, config.folds))
        scores = score_held_out(net, held, rng=np.random.default_rng(config.seed))
        stored.write_text(json.dumps(asdict(scores)), encoding="utf-8")
    return HeldOutScores(**json.loads(stored.read_text(encoding="utf-8")))


def _rates(scores: list[HeldOutScores], threshold: float) -> dict[str, float]:
    clean = np.asarray([value for part in scores for value in part.positives])
    noisy = np.asarray([value for part in scores for value in part.noisy])
    hours = sum(part.hours for part in scores)
    alarms = sum(peak >= threshold for part in scores for peak in part.peaks)
    return {
        "miss": float((clean < threshold).mean()), "miss_10dB": float((noisy < threshold).mean()),
        "false_accepts_per_hour": alarms / hours, "hours": hours, "positives": len(clean),
    }  # fmt: skip


def _sources(store: ClipStore, split: str) -> list[StoredClip]:
    return [StoredClip(store=store, clip=clip) for clip in store.clips if clip.split == split]


def _phrases(word: str) -> list[str]:
    file = Path(__file__).with_name(f"near_{word}.txt")
    if not file.is_file():
        return near_phrases(word)
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
