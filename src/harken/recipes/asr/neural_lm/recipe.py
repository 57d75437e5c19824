"""The neural language model: texts, mixture, two phases of learning, eight-bit bundle, perplexities.

Commands: README.md in this folder. Method 8, Raju et al. 2019.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from harken.asr.neural.model import NeuralModel
from harken.asr.ngram.table import load_ngram
from harken.bundle import Bundle, load_bundle
from harken.metrics.result import Result
from harken.recipes.asr.neural_lm.material import Config, Material
from harken.recipes.asr.ngram.prepared import read_facts, write_sentences
from harken.recipes.asr.ngram.texts import transcripts
from harken.settings import save_settings
from harken.train.asr.neural.export import write_neural_bundle
from harken.train.asr.neural.measure import Fit, encode, measure, measure_eight_bit
from harken.train.asr.neural.network import WordNetwork
from harken.train.asr.neural.task import WordTask
from harken.train.loop import best_weights, fit

__all__ = ["Config", "export", "prepare", "score", "train"]

NAME, BUNDLE, NGRAM = "asr/neural_lm", "neural-lm-en", "ngram-en"
FIRST, SECOND = "first", "second"
"""Folders of the two phases in a run."""
MEASURED = tuple(
    (corpus, split) for split in ("dev", "test") for corpus in ("librispeech", "common-voice", "speechocean762")
)


def prepare(config: Config, run: Path) -> None:
    """Normalise the texts, leave out what dev and test hold, write one sentence a line."""
    write_sentences([text for texts in config.corpora.values() for text in texts], run, limit=config.limit)


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Learn from what is not of the domain, then from the mixture; a killed run resumes."""
    save_settings(config, run / "config.json")
    material = Material(config, run)
    weights = material.weights()
    network = new_network(config, material, weights)
    figures: Mapping[str, Any] = {}
    outside = {name: weight for name, weight in weights.items() if name in config.outside}
    for loop, shares, folder in ((config.first, outside, FIRST), (config.second, weights, SECOND)):
        if loop.steps:
            task = WordTask(network, material.mixture(shares), material.dev, material.unigram(weights), config.task)
            figures = fit(task, loop, run / folder)
            network.load_state_dict(best_weights(run / folder))
    return {"weights": weights, **figures}


def new_network(config: Config, material: Material, weights: Mapping[str, float]) -> WordNetwork:
    """A network that knows how frequent words are and nothing else."""
    torch.manual_seed(config.seed)
    return WordNetwork(config.network, torch.from_numpy(np.log(material.unigram(weights))))


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle of the best checkpoint, with its perplexity on dev, in 32 and eight bit."""
    material = Material(config, run)
    network = WordNetwork(config.network, torch.zeros(len(material.words)))
    network.load_state_dict(best_weights(run / (SECOND if (run / SECOND).is_dir() else FIRST)))
    centre(network, material)
    known = set(material.words)
    rare = sum(word not in known for word in load_ngram(load_bundle(NGRAM)).words)
    folder = run / BUNDLE
    bundle = _write(folder, config, run, network, material, rare, {})
    model = NeuralModel.from_bundle(bundle)
    scores = {
        name: {"32 bit": _rounded(measure(network, dev)), "eight bit": _rounded(measure_eight_bit(model, dev))}
        for name, dev in material.dev.items()
    }
    return [_write(folder, config, run, network, material, rare, scores)]


def centre(network: WordNetwork, material: Material) -> None:
    """Shift the bias of all words alike, so that ln Z is 0 on average over the dev sets: what training left of it."""
    shift = np.mean([measure(network, dev).log_z_mean for dev in material.dev.values()])
    with torch.no_grad():
        network.bias.sub_(float(shift))


def score(config: Config, run: Path) -> list[Result]:
    """Perplexity and ln Z of the installed bundle on dev and test transcripts."""
    bundle, results = load_bundle(BUNDLE), []
    model = NeuralModel.from_bundle(bundle)
    for corpus, split in MEASURED:
        found = measure_eight_bit(model, encode(model.words, transcripts(corpus, split)))
        for metric, value in (
            ("perplexity", found.perplexity), ("mean of ln Z", found.log_z_mean),
            ("standard deviation of ln Z", found.log_z_deviation), ("words unknown", 100 * found.unknown),
        ):  # fmt: skip
            results.append(
                Result(
                    recipe=NAME, metric=metric, value=value, unit="%" if metric == "words unknown" else "",
                    n=found.tokens, set=f"{corpus} {split}", command=f"harken score {NAME} method",
                    bundles={BUNDLE: bundle.hash}, seeds=(config.seed,), note="unknown words left out",
                )
            )  # fmt: skip
    return results


def _write(
    folder: Path, config: Config, run: Path, network: WordNetwork, material: Material, rare: int,
    scores: Mapping[str, Any],
) -> Bundle:  # fmt: skip
    return write_neural_bundle(
        folder, network, material.words, rare=rare, name=BUNDLE, features={"rescoring": dict(config.rescoring)},
        origin={"recipe": NAME, "config": asdict(config), "texts": read_facts(run), "weights": material.weights()},
        scores={"dev": scores}, card=Path(__file__).with_name("CARD.md").read_text(encoding="utf-8"),
    )  # fmt: skip


def _rounded(fit_of: Fit) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(fit_of).items()}
