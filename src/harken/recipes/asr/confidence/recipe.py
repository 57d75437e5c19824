"""Confidence: hearing, embeddings, classifiers, calibration, comparison (method 5). Commands: README.md in this
folder."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from harken.asr.passes.confidence import CLASSIFIERS, CONTEXT, KIND
from harken.asr.passes.embedding import ContextNetwork
from harken.asr.passes.evidence import SENTENCE_FEATURES, WORD_FEATURES
from harken.bundle import Bundle, load_bundle, write_bundle
from harken.metrics.result import Result
from harken.recipes.asr.confidence.arms import FITS, ArmConfig, Arms, Tables, classifier_file, save_classifier
from harken.recipes.asr.confidence.material import CALIBRATION, Listener, NoiseConfig, Source, by_role
from harken.recipes.asr.confidence.measure import Measured, measure_arms, operating_points, results_of
from harken.recipes.asr.confidence.toy import toy_sentences, toy_tables
from harken.recipes.asr.ngram.texts import HeldOut, read_texts
from harken.settings import save_settings
from harken.train.asr.context import ContextConfig, train_context

__all__ = ["Config", "export", "prepare", "score", "train"]

NAME, BUNDLE = "asr/confidence", "confidence-en"
ACOUSTIC_MODEL = "acoustic-en"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    toy: int = 0
    """Recordings of made-up tables to use instead of speech; 0: use speech."""
    sources: tuple[Source, ...] = ()
    """What is learned from and chosen on; half the speakers of `dev` are for the calibration."""
    tests: tuple[Source, ...] = ()
    """What is measured on."""
    noise: NoiseConfig = field(default_factory=NoiseConfig)
    texts: tuple[str, ...] = ("novels", "libritts-lj-text", "slurp", "clinc150", "hwu64")
    """What the hypothesis embedding learns from."""
    sentences: int = 150_000
    """At most this many of each text."""
    context: ContextConfig = field(default_factory=ContextConfig)
    arms: ArmConfig = field(default_factory=ArmConfig)
    seeds: tuple[int, ...] = (0, 1, 2)
    rounds: int = 1000
    """Of the bootstrap over speakers."""


def prepare(config: Config, run: Path) -> None:
    """Hear all sources; tables that exist are kept."""
    _tables(config, run, config.sources)


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Train the hypothesis embedding and every arm with every seed; what exists is kept."""
    save_settings(config, run / "config.json")
    tables, figures = _tables(config, run, config.sources), {}
    for seed in config.seeds:
        arms = Arms(tables, _context(config, run, seed), config.arms)
        for arm, method in FITS:
            file = classifier_file(run, arm, method, seed)
            if not file.is_file():
                save_classifier(arms.fit(arm, method, seed=seed), file)
        for one in measure_arms(arms, run, {"calibration": _of(tables, CALIBRATION)}, seed):
            figures[f"{one.arm}, {one.method}, seed {seed}"] = one.summary
    return figures


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle: the classifier of words over both embeddings, those of sentences, operating points."""
    tables = _tables(config, run, config.sources)
    arms = Arms(tables, _context(config, run, config.seeds[0]), config.arms)
    acoustic = "" if config.toy else load_bundle(ACOUSTIC_MODEL).hash
    model = arms.ship(acoustic=acoustic)
    features = {
        "acoustic": acoustic, "words": [feature.name for feature in WORD_FEATURES],
        "sentences": [feature.name for feature in SENTENCE_FEATURES],
        "operating_points": operating_points(model, arms, tables), "posterior": arms.posterior(),
    }  # fmt: skip
    bundle = write_bundle(
        run / BUNDLE, name=BUNDLE, kind=KIND, features=features,
        files={CLASSIFIERS: _packed(model.to_arrays()), CONTEXT: _packed(model.context.to_arrays())},
        card=Path(__file__).with_name("CARD.md").read_text(encoding="utf-8"),
        origin={"recipe": NAME, "config": asdict(config)},
    )  # fmt: skip
    return [bundle]


def score(config: Config, run: Path) -> list[Result]:
    """Compare the arms on the tests: EER, NCE, areas, by type of error, and relative changes with intervals."""
    tables, tests = _tables(config, run, config.sources), _tests(config, run)
    measured: list[Measured] = []
    for seed in config.seeds:
        arms = Arms(tables, _context(config, run, seed), config.arms)
        measured += measure_arms(arms, run, tests, seed)
    bundles = {} if config.toy else {ACOUSTIC_MODEL: load_bundle(ACOUSTIC_MODEL).hash}
    return list(results_of(measured, recipe=NAME, seeds=config.seeds, bundles=bundles, rounds=config.rounds))


def _tables(config: Config, run: Path, sources: Sequence[Source]) -> Tables:
    if config.toy:
        return toy_tables(config.toy, np.random.default_rng(0))
    listener = Listener(run / "heard", config.noise)
    return by_role([(source, listener.table(source)) for source in sources])


def _tests(config: Config, run: Path) -> dict[str, list[Any]]:
    """Name of each test -> its tables."""
    if config.toy:
        return {"toy test": list(toy_tables(config.toy, np.random.default_rng(1))["test", "free"])}
    listener = Listener(run / "heard", config.noise)
    return {f"{source.corpus} {source.split}": [listener.table(source)] for source in config.tests}


def _context(config: Config, run: Path, seed: int) -> ContextNetwork:
    file = run / f"context{seed}.npz"
    if not file.is_file():
        network = train_context(_sentences(config), config.context, seed=seed)
        run.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_packed(network.to_arrays()))
    with np.load(file, allow_pickle=False) as arrays:
        return ContextNetwork.from_arrays({name: arrays[name] for name in arrays.files})


def _sentences(config: Config) -> list[Sequence[str]]:
    if config.toy:
        return list(toy_sentences(20 * config.toy, np.random.default_rng(2)))
    held_out = HeldOut.of_corpora()
    return [
        sentence for text in config.texts
        for sentence in islice((s for s in read_texts([text]) if not held_out.holds(s)), config.sentences)
    ]  # fmt: skip


def _of(tables: Tables, role: str) -> list[Any]:
    return [table for (own, _), found in tables.items() if own == role for table in found]


def _packed(arrays: Mapping[str, Any]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()
