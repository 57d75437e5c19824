"""The acoustic model: features, flat start, cutting, training, export, scores. Commands: README.md in this folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import torch

from harken.asr.acoustic.model import AcousticModel
from harken.bundle import Bundle, load_bundle
from harken.metrics.result import Result
from harken.recipes.asr.acoustic.material import Config, Material, corpus_store, write_features
from harken.settings import save_settings
from harken.train.asr.acoustic import AcousticNetwork
from harken.train.asr.data import whole_pieces
from harken.train.asr.export import restore_weights, write_acoustic_bundle
from harken.train.asr.ivector_data import phone_filter
from harken.train.asr.lexicon import LABELS
from harken.train.asr.score import phone_error
from harken.train.checkpoint import LATEST, has_checkpoint, load_weights
from harken.train.loop import best_weights, fit

__all__ = ["Config", "export", "prepare", "score", "train"]

NAME = "asr/acoustic"
BUNDLE = "acoustic-en"
MEASURED = (
    ("librispeech", "dev"), ("librispeech", "test"), ("speechocean762", "dev"), ("speechocean762", "test"),
    ("an4", "test"), ("librispeech-excerpts", "dev"),
)  # fmt: skip
"""Corpora and parts of which `score` measures the phone error."""


def prepare(config: Config, run: Path) -> None:
    """Compute the features of everything that is learned from and measured on; what exists is kept."""
    write_features(config)


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Flat start on whole recordings (or a bundle's weights), cutting into parts, training on these; resumes."""
    save_settings(config, run / "config.json")
    material = Material(config, run)
    torch.manual_seed(config.seed)
    network = AcousticNetwork(config.network, len(LABELS))
    if config.start:
        restore_weights(network, load_bundle(config.start))
    else:
        fit(material.task(network, material.pieces), config.flat, run / "flat")
        network.load_state_dict(load_weights(run / "flat" / LATEST))
    parts = material.parts(network, run / "parts.jsonl")
    # I-vectors are computed from the phones that the network hears without them.
    ivectors = material.ivectors(network, parts, run / "voices") if config.network.speaker else None
    return fit(material.task(network, parts, ivectors), config.loop, run / "main")


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle of the best checkpoint, with its phone error on dev, in 32 and eight bit."""
    material = Material(config, run)
    network = _trained(config, run)
    folder, scores = run / BUNDLE, {}
    for eight_bit in sorted({False, config.eight_bit}):
        bundle = _write(folder, network, material, eight_bit=eight_bit, scores={})
        scores[f"phone error on dev, {8 if eight_bit else 32} bit"] = _dev_scores(
            AcousticModel.from_bundle(bundle), material
        )
    return [_write(folder, network, material, eight_bit=config.eight_bit, scores=scores)]


def score(config: Config, run: Path) -> list[Result]:
    """Phone error of the shipped bundle on dev and test, through the run-time stage."""
    bundle = load_bundle(BUNDLE)
    model, material = AcousticModel.from_bundle(bundle), Material(config)
    results = []
    for corpus, split in MEASURED:
        store = corpus_store(config, corpus, split)
        speech = material.speech([store], whole_pieces([store], {}, longest=40.0)[0])
        error = phone_error(model.scores, speech, material.trigram, corpus)
        results.append(
            Result(
                recipe=NAME, metric="phone error", unit="%", value=error.percent, low=error.low, high=error.high,
                n=error.sentences, set=f"{corpus} {split}", command=f"harken score {NAME} method",
                bundles={BUNDLE: bundle.hash}, seeds=(config.seed,),
                note="phone trigram of the training sentences; least edits over all ways to say the sentence",
            )
        )  # fmt: skip
    return results


def _trained(config: Config, run: Path) -> AcousticNetwork:
    """The network of the best checkpoint, its weights mixed with those that it started from if this is asked for."""
    network = AcousticNetwork(config.network, len(LABELS))
    weights = best_weights(run / ("main" if has_checkpoint(run / "main" / LATEST) else "flat"))
    if config.start_share:
        restore_weights(network, load_bundle(config.start))
        before = network.state_dict()
        weights = {name: torch.lerp(value, before[name], config.start_share) for name, value in weights.items()}
    network.load_state_dict(weights)
    return network


def _write(
    folder: Path, network: AcousticNetwork, material: Material, *, eight_bit: bool, scores: Mapping[str, object]
) -> Bundle:
    ivectors = None
    if material.config.network.speaker and material.run is not None:
        ivectors = material.extractor(material.run / "voices"), phone_filter(material.trigram)
    return write_acoustic_bundle(
        folder, network, material.normalizer, LABELS, eight_bit=eight_bit, scores=scores, name=BUNDLE,
        ivectors=ivectors, card=Path(__file__).with_name("CARD.md").read_text(encoding="utf-8"),
        origin={"recipe": NAME, "config": asdict(_without_places(material.config))},
    )  # fmt: skip


def _without_places(config: Config) -> Config:
    """The settings with folder names only, because nobody needs to know where they were on this machine."""
    data = replace(config.data, texts=Path(config.data.texts).name)
    return replace(config, data=data, start=Path(config.start).name)


def _dev_scores(model: AcousticModel, material: Material) -> dict[str, Mapping[str, float]]:
    corpora = sorted({piece.corpus for piece in material.dev.pieces})
    errors = {c: phone_error(model.scores, material.dev, material.trigram, c, limit=50) for c in corpora}
    return {corpus: error.row() for corpus, error in errors.items()}
