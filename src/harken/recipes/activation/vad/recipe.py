"""End-pointing: training, thresholds, export, scores. Commands: README.md in this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harken.activation.front_end import BINS
from harken.activation.vad import KIND, SpeechDetector
from harken.activation.wakeword import STRIDE
from harken.audio.features import FRAME_SHIFT, log_mel
from harken.bundle import Bundle, load_bundle, write_bundle
from harken.data.utterances import Utterance, read_corpus
from harken.errors import DataError
from harken.metrics.comparison import by_unit, ratio
from harken.metrics.intervals import bootstrap_ratio
from harken.metrics.result import Result
from harken.recipes.activation.material import noises, recordings_folder
from harken.train.activation.configs import VadConfig
from harken.train.activation.loudness import label_speech
from harken.train.activation.scenes import StoredClip
from harken.train.activation.sources import recordings
from harken.train.activation.store import ClipStore, write_clips
from harken.train.arrays import is_written
from harken.train.schedule import LoopConfig

if TYPE_CHECKING:
    from harken.train.activation.vad import VadData

NAME, BUNDLE = "activation/vad", "vad"

CLEAN = ("librispeech", "librispeech-excerpts", "speechocean762", "an4", "kathleen", "coffee-commands", "wake-words")
"""Corpora whose recordings are clean enough that their energy shows where speech is."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    seed: int = 1
    room_share: float = 0.15
    limit: int = 0
    """At most this many recordings per corpus and split; 0: all."""
    on: float = 0.6
    """Score at which speech begins."""
    off: float = 0.35
    """Score below which it ends."""
    network: VadConfig = field(default_factory=VadConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=1500, lr=3e-3, average=0.995, validate_every=250))


def prepare(config: Config, run: Path) -> None:
    """Compute the features, unless the wake word's recipe has done so."""
    if not is_written(recordings_folder()):
        rng = np.random.default_rng(config.seed)
        write_clips(
            recordings_folder(), recordings(room_share=config.room_share, rng=rng, limit_per_corpus=config.limit)
        )


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Train; resumes where it stopped."""
    import torch

    from harken.train.activation.vad import VadTask
    from harken.train.loop import fit

    store = ClipStore(recordings_folder())
    torch.manual_seed(config.loop.seed)
    task = VadTask(material(store, "train"), material(store, "dev"), config.network)
    dev = fit(task, config.loop, run)
    (run / "dev.json").write_text(json.dumps(dict(dev), indent=1) + "\n", encoding="utf-8")
    return dev


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle."""
    import torch

    from harken.train.activation.compact import export_network
    from harken.train.activation.subband import SubbandNet
    from harken.train.loop import best_weights

    net = SubbandNet(config.network.net)
    net.load_state_dict(best_weights(run))
    data = material(ClipStore(recordings_folder()), "train")
    probe = np.concatenate([source.store.of(source.clip) for source in (*data.speech[:3], *data.noises[:3])])
    graph, change = export_network(net, probe=torch.from_numpy(probe[: len(probe) // 8 * 8]))
    origin = {
        "recipe": NAME, "config": asdict(config), "date": datetime.now(UTC).date().isoformat(),
        "data": {corpus: sum(s.clip.corpus == corpus for s in data.speech) for corpus in CLEAN},
        "noises": sorted({source.clip.label for source in data.noises}),
    }  # fmt: skip
    dev = json.loads((run / "dev.json").read_text(encoding="utf-8"))
    bundle = write_bundle(
        run / BUNDLE, name=BUNDLE, kind=KIND, files={"model.onnx": graph},
        card=Path(__file__).with_name("CARD.md").read_text(encoding="utf-8"),
        features={"bins": config.network.net.bins, "on": config.on, "off": config.off}, labels=["speech"],
        origin=origin, scores={"dev": dev, "logit_change_by_eight_bits": round(change, 4)},
    )  # fmt: skip
    return [bundle]


def score(config: Config, run: Path) -> list[Result]:
    """Measure speech missed and pauses called speech by the shipped network in read speech of dev, every 20 ms.

    For test, noise, the delay of the decision and other systems see `benchmarks.quality.endpoint`.

    Raises:
        DataError: there are too few recordings.
    """
    bundle = load_bundle(BUNDLE)
    detector = SpeechDetector(bundle)
    utterances = read_corpus("librispeech", "dev")[: config.limit or None]
    counted = [_counts(detector, utterance) for utterance in utterances]
    results = []
    for metric, above, below in (("speech missed", 0, 1), ("pauses called speech", 2, 3)):
        rows = zip(utterances, counted, strict=True)
        units = by_unit((utterance.speaker or "", row[above], row[below]) for utterance, row in rows)
        parts = [part for part in units.values() if part[1]]
        if len(parts) < 2:
            raise DataError(f"{len(parts)} speaker of librispeech dev is too few for an interval; get the whole corpus")
        low, high = bootstrap_ratio(parts, rng=np.random.default_rng(0))
        results.append(
            Result(
                recipe=NAME, metric=metric, unit="%", value=100 * ratio(parts), low=100 * low, high=100 * high,
                n=int(sum(part[1] for part in parts)), set="librispeech dev", condition="clean",
                command=f"harken score {NAME} method", bundles={BUNDLE: bundle.hash},
            )
        )  # fmt: skip
    return results


def _counts(detector: SpeechDetector, utterance: Utterance) -> tuple[float, float, float, float]:
    """Missed and all steps of speech, false and all steps of pauses; the energy decides what is speech."""
    samples = utterance.read()
    labels = label_speech(log_mel(samples, bins=BINS))
    speech = labels[: len(labels) // STRIDE * STRIDE].reshape(-1, STRIDE).mean(axis=1) >= 0.5
    spans = detector.detect(samples)
    steps = [np.full(round((span.end - span.start) / (STRIDE * FRAME_SHIFT)), span.speech) for span in spans]
    said = np.concatenate([*steps, np.zeros(0, bool)])[: len(speech)]
    speech = speech[: len(said)]
    return float((speech & ~said).sum()), float(speech.sum()), float((said & ~speech).sum()), float((~speech).sum())


def material(store: ClipStore, split: str) -> VadData:
    """Clean speech and noises of a split."""
    from harken.train.activation.vad import VadData

    speech = [clip for clip in store.clips if clip.split == split and clip.corpus in CLEAN and not clip.variant]
    return VadData(speech=[StoredClip(store=store, clip=clip) for clip in speech], noises=noises(store, split))
