"""One-vs-all against multiclass, and what asynchronous training costs (method 16). Commands: README.md there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from harken.bundle import Bundle, load_bundle
from harken.errors import ConfigError
from harken.metrics.result import Result
from harken.nlu.features import BUCKETS, ngram_ids
from harken.nlu.heads import NGRAM_SCALE
from harken.nlu.skill_model import read_encoder
from harken.recipes.nlu.interpreter.sentences import Sentence, labelled
from harken.recipes.nlu.one_vs_all import figures
from harken.recipes.nlu.one_vs_all.compare import OUTSIDE, Scored, best_decays, compare
from harken.recipes.nlu.one_vs_all.models import Examples
from harken.recipes.nlu.one_vs_all.stream import POLICIES, Point, make_stream, simulate
from harken.recipes.nlu.one_vs_all.study import Cell, study

NAME, ENCODER = "nlu/one_vs_all", "interpreter-en"
SPLITS = ("train", "dev", "test")
SOURCES = ("clinc150", "hwu64")
OURS, DENSE, PEER = "harken", "harken, vectors alone", "MiniLM int8"
NGRAMS = 2_000
"""Commonest n-grams of the training part that stand beside the vector, as in the product's heads."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    data: str = "real"
    """real: CLINC150 and HWU64; toy: clouds of points, to see it run."""
    peer: bool = True
    """Also on the vectors of MiniLM (needs its packages)."""
    seeds: tuple[int, ...] = (0, 1, 2)
    kept: float = 0.9
    """Share of the training part that each seed draws."""
    few: int = 10
    """Also with this many examples of each class; 0: not."""
    decays: tuple[float, ...] = (1e-6, 1e-5, 1e-4)
    """Of the weights; each system takes the one with the best accuracy on `val`."""
    classes: tuple[int, ...] = (10, 30, 100)
    examples: tuple[int, ...] = (10, 30, 90)
    levels: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8)
    stream_classes: int = 40
    stream_examples: int = 90
    days: int = 60
    every: tuple[int, ...] = (1, 5, 10, 20, 40)
    """Days between refreshes; losses are counted from the most frequent ones."""


def prepare(config: Config, run: Path) -> None:
    """The sentences as vectors; what exists is kept."""
    run.mkdir(parents=True, exist_ok=True)
    if config.data == "toy":
        return
    if config.data != "real":
        raise ConfigError(f"there is no data '{config.data}'; expected real or toy")
    for split in SPLITS:
        for system in (DENSE, *([PEER] if config.peer else [])):
            file = _file(run, system, split)
            if not file.is_file():
                np.save(file, _embed(system, [sentence.words for sentence in labelled(split)]))


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Compare, study, simulate; JSON files. Comparisons that are finished are kept."""
    prepare(config, run)
    for (source, system), file in _comparisons(config, run).items():
        if not file.is_file():
            compared = [
                {"source": source, "encoder": system, "taught": taught, "seed": seed, **_listed(scored)}
                for taught, seed, scored in _compared(config, run, source, system)
            ]
            file.write_text(json.dumps(compared), encoding="utf-8")
    system = PEER if config.peer else DENSE  # MiniLM has not learnt the labels, as an encoder does not know new intents
    taught, test = (_inside(_examples(config, run, "clinc150", system, split)) for split in ("train", "test"))
    cells = list(
        study(taught, test, classes=config.classes, examples=config.examples, levels=config.levels, seeds=config.seeds)
    )
    (run / "study.json").write_text(json.dumps([asdict(cell) for cell in cells]), encoding="utf-8")
    points = [
        {"seed": seed, "every": every, **asdict(point)}
        for seed in config.seeds
        for every in config.every
        for point in _simulated(config, taught, test, seed, every)
    ]
    (run / "stream.json").write_text(json.dumps(points), encoding="utf-8")
    return figures.summary(cells, [(row["seed"], row["every"], figures.point_of(row)) for row in points])


def export(config: Config, run: Path) -> list[Bundle]:
    """Nothing: the product's heads are trained by nlu/interpreter."""
    return []


def score(config: Config, run: Path) -> list[Result]:
    """The figures of the run, of what is finished: test sentences, calibration and thresholds from dev."""
    command = f"harken score {NAME} {'method' if config.data == 'real' else 'tiny'}"
    bundles = {ENCODER: load_bundle(ENCODER).hash} if config.data == "real" else {}
    compared = [row for file in _comparisons(config, run).values() for row in _rows(file)]
    studied, streamed = (_rows(run / f"{name}.json") for name in ("study", "stream"))
    return list(
        figures.results_of(
            compared, studied, streamed, recipe=NAME, command=command, bundles=bundles, seeds=config.seeds
        )
    )


def _comparisons(config: Config, run: Path) -> dict[tuple[str, str], Path]:
    """(source, encoder) -> the file of their comparison, our own encoder first."""
    sources = SOURCES if config.data == "real" else ("toy",)
    return {
        (source, system): run / f"compared-{source}-{number}.json"
        for number, system in enumerate(_systems(config))
        for source in sources
    }


def _rows(file: Path) -> list[dict[str, Any]]:
    """What a file holds; nothing when it is not there yet."""
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return rows


def _systems(config: Config) -> tuple[str, ...]:
    if config.data != "real":
        return (OURS,)
    return OURS, DENSE, *([PEER] if config.peer else [])


def _compared(config: Config, run: Path, source: str, system: str) -> Iterator[tuple[str, int, Scored]]:
    taught, held_out, test = (_examples(config, run, source, system, split) for split in SPLITS)
    decays = best_decays(taught, held_out, config.decays)
    for seed in config.seeds:
        rng = np.random.default_rng([seed, 16])
        most = taught.part(np.sort(rng.permutation(len(taught))[: round(config.kept * len(taught))]))
        yield from (("all", seed, scored) for scored in compare(most, held_out, test, decays))
        if config.few:
            rows = [rng.permutation(np.flatnonzero(taught.labels == name)) for name in np.unique(taught.labels)]
            few = taught.part(np.concatenate([own[: config.few] for own in rows]))
            yield from ((f"{config.few} a class", seed, scored) for scored in compare(few, held_out, test, decays))


def _simulated(config: Config, taught: Examples, test: Examples, seed: int, every: int) -> Iterator[Point]:
    rng = np.random.default_rng([seed, 60])
    chosen = rng.permutation(np.unique(taught.labels))[: config.stream_classes]
    rows = [rng.permutation(np.flatnonzero(taught.labels == name))[: config.stream_examples] for name in chosen]
    stream = make_stream(taught.part(np.concatenate(rows)), rng, days=config.days)
    days = [day for day in range(config.days) if day % 7 == 6]
    for policy in POLICIES:
        if policy == "synchronous" or every != config.every[0]:
            if policy == "trigger" and every != config.every[1]:
                continue
            yield from simulate(stream, test, policy, every=every, measured=days, seed=seed)


def _examples(config: Config, run: Path, source: str, system: str, split: str) -> Examples:
    if config.data == "toy":
        return _toy(split)
    sentences = labelled(split)
    own = np.array([sentence.source == source for sentence in sentences])
    kept = [sentence for sentence, mine in zip(sentences, own, strict=True) if mine]
    vectors = np.load(_file(run, DENSE if system == OURS else system, split))[own]
    if system == OURS:
        vectors = np.concatenate([vectors, _ngrams(kept, _commonest(source))], axis=1)
    return _of(kept, vectors)


@cache
def _commonest(source: str) -> tuple[int, ...]:
    """Buckets of the commonest n-grams of a training part."""
    counts = np.zeros(BUCKETS, dtype=np.int64)
    for sentence in labelled("train"):
        if sentence.source == source:
            counts[ngram_ids(sentence.words)] += 1
    return tuple(np.argsort(-counts, kind="stable")[:NGRAMS].tolist())


def _ngrams(sentences: Sequence[Sentence], buckets: Sequence[int]) -> Any:
    """float32 [sentences, buckets]"""
    place = np.full(BUCKETS, -1)
    place[list(buckets)] = np.arange(len(buckets))
    x = np.zeros((len(sentences), len(buckets)), dtype=np.float32)
    for row, sentence in enumerate(sentences):
        ids = ngram_ids(sentence.words)
        columns = place[ids]
        x[row, columns[columns >= 0]] = NGRAM_SCALE / np.sqrt(np.float32(max(len(ids), 1)))
    return x


def _of(sentences: Sequence[Sentence], vectors: Any) -> Examples:
    return Examples(
        x=vectors.astype(np.float32), labels=np.array([sentence.label for sentence in sentences]),
        names=tuple(" ".join(sentence.words) for sentence in sentences),
    )  # fmt: skip


def _inside(examples: Examples) -> Examples:
    return examples.part(examples.labels != OUTSIDE)


def _toy(split: str, classes: int = 12, size: int = 16) -> Examples:
    """Clouds of points around random centres, and points around others, which are of no class."""
    centres = np.random.default_rng(0).normal(size=(classes + 6, size))
    rng = np.random.default_rng(1 + SPLITS.index(split))
    number = np.repeat(np.arange(classes + 6), 40 if split == "train" else 20)
    names = np.array([*(f"class {i:02d}" for i in range(classes)), *[OUTSIDE] * 6])
    x = centres[number] + 0.9 * rng.normal(size=(len(number), size))
    return Examples(
        x=x.astype(np.float32), labels=names[number], names=tuple(f"{split} {place}" for place in range(len(number)))
    )  # fmt: skip


def _file(run: Path, system: str, split: str) -> Path:
    return run / f"{system.split()[0].lower().strip(',')}-{split}.npy"


def _embed(system: str, sentences: Sequence[tuple[str, ...]]) -> Any:
    if system == DENSE:
        return read_encoder(load_bundle(ENCODER)).embed(sentences)
    from harken.train.nlu.teacher import Teacher

    return Teacher().embed([" ".join(words) for words in sentences])


def _listed(scored: Scored) -> dict[str, Any]:
    return {
        name: value.astype(int).tolist() if isinstance(value, np.ndarray) else value
        for name, value in vars(scored).items()
    }


__all__ = ["Cell", "Config", "export", "prepare", "score", "train"]
