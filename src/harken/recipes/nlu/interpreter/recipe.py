"""The interpreter: embedding, heads, taggers and thresholds. Commands: README.md in this folder."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from harken.bundle import Bundle, load_bundle, write_bundle
from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result
from harken.nlu.building import Amounts, Labelled, train_skill
from harken.nlu.features import Encoder, ngram_ids
from harken.nlu.interpreter import Interpreter, best_reading, skill_scores
from harken.nlu.shipped import read_shipped_skills, shipped_skill_files
from harken.nlu.skill_file import Skill
from harken.nlu.skill_model import ENCODER_FILE, KIND, THRESHOLD, SkillModel, model_bytes, model_file
from harken.nlu.templates import sample_sentences
from harken.recipes.nlu.interpreter.texts import NOBODY, RealRequest, read_requests

NAME, BUNDLE = "nlu/interpreter", "interpreter-en"
THRESHOLDS = "thresholds.json"
LOWEST_THRESHOLD = 0.3
"""No skill acts on a lower probability."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingConfig:
    """How the embedding is learned."""

    size: int = 64
    epochs: int = 12
    rate: float = 0.02
    dropout: float = 0.3
    per_intent: int = 80
    """Sentences sampled for each of our intents."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    seed: int = 20_260_101
    limit: int = 0
    """At most this many real requests; 0: all."""
    real: bool = True
    """Learn from real requests, too; False needs no data and uses the skills' sentences alone."""
    false_alarms: float = 0.006
    """Share of the `dev` requests for nobody that may pass a skill; it sets the skill's threshold."""
    encoder: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    amounts: Amounts = field(default_factory=Amounts)


def prepare(config: Config, run: Path) -> None:
    """Check that the texts are there.

    Raises:
        DataError: they are missing.
    """
    if config.real:
        read_requests("dev")


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Train what is not yet in the run folder; if you remove a skill's file there, only that skill is retrained."""
    run.mkdir(parents=True, exist_ok=True)
    skills = read_shipped_skills(load_locale())
    requests = _requests(config, "train")
    if not (run / ENCODER_FILE).is_file():
        _save_encoder(_fit_encoder(config, skills, requests), run / ENCODER_FILE)
    encoder = _load_encoder(run / ENCODER_FILE)
    strangers = [request.words for request in requests if request.skill == NOBODY]
    for skill in skills:
        if (run / model_file(skill.name)).is_file():
            continue
        own = [Labelled(words=r.words, intent=r.intent) for r in requests if r.skill == skill.name]
        rest = strangers + [r.words for r in requests if r.skill not in (NOBODY, skill.name)]
        trained = train_skill(
            skill, skills, encoder, amounts=config.amounts, positives=own, negatives=rest, seed=config.seed
        )
        (run / model_file(skill.name)).write_bytes(model_bytes(trained.model))
        (run / f"{skill.name}.json").write_text(json.dumps(dict(trained.report), indent=1) + "\n", encoding="utf-8")
    report = _choose_thresholds(config, run, skills, encoder)
    (run / THRESHOLDS).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle."""
    report = json.loads((run / THRESHOLDS).read_text(encoding="utf-8"))
    names = list(shipped_skill_files(load_locale()))
    files: dict[str, bytes | Path] = {ENCODER_FILE: run / ENCODER_FILE}
    files |= {model_file(name): run / model_file(name) for name in names}
    card = (Path(__file__).parent / "CARD.md").read_text(encoding="utf-8")
    bundle = write_bundle(
        run / BUNDLE, name=BUNDLE, kind=KIND, files=files, card=card, labels=names,
        features={"thresholds": report["thresholds"]},
        origin={"recipe": NAME, "seed": config.seed, "real": config.real,
                "data": "CLINC150 and HWU64, training parts" if config.real else "sampled sentences"},
        scores={name: json.loads((run / f"{name}.json").read_text(encoding="utf-8")) for name in names}
        | {"dev": report},
    )  # fmt: skip
    return [bundle]


def score(config: Config, run: Path) -> list[Result]:
    """Read the real requests of dev with the shipped interpreter: those for our skills, and those for nobody.

    For test and other sentences see `benchmarks.quality.understanding`.
    """
    interpreter = Interpreter.load(locale=load_locale())
    bundle, results = load_bundle(BUNDLE), []
    requests = [request for request in read_requests("dev") if request.words]
    read = [(request.skill, interpreter.understand(" ".join(request.words))) for request in requests]
    for metric, hits in (
        ("skill right, not rejected", [skill == answer.skill for skill, answer in read if skill != NOBODY]),
        ("rejected", [answer.rejected for skill, answer in read if skill == NOBODY]),
    ):
        low, high = wilson(sum(hits), len(hits))
        results.append(
            Result(
                recipe=NAME, metric=metric, unit="%", value=100 * sum(hits) / len(hits), low=100 * low, high=100 * high,
                n=len(hits), set="clinc150 and hwu64 dev", command=f"harken score {NAME} method",
                bundles={BUNDLE: bundle.hash}, note="the skills' thresholds were chosen there",
            )
        )  # fmt: skip
    return results


def _requests(config: Config, split: str) -> list[RealRequest]:
    if not config.real:
        return []
    requests = read_requests(split)
    if config.limit:
        order = np.random.default_rng(config.seed).permutation(len(requests))[: config.limit]
        requests = [requests[i] for i in order]
    return [request for request in requests if request.words]


def _fit_encoder(config: Config, skills: Sequence[Skill], requests: Sequence[RealRequest]) -> Encoder:
    from harken.train.nlu.encoder import TaskSentence, fit_encoder

    settings, rng = config.encoder, np.random.default_rng(config.seed)
    extra = read_requests("train", unclear=True) if config.real and not config.limit else requests
    sentences = [TaskSentence(ids=ngram_ids(r.words), task=r.source, label=r.label) for r in extra if r.words]
    for skill in skills:
        for sample in sample_sentences(skill, settings.per_intent, rng):
            label = f"{skill.name}.{sample.intent}"
            sentences.append(TaskSentence(ids=ngram_ids(sample.words), task="skills", label=label))
    return fit_encoder(
        sentences, size=settings.size, epochs=settings.epochs, rate=settings.rate, dropout=settings.dropout,
        seed=config.seed,
    )  # fmt: skip


def _save_encoder(encoder: Encoder, path: Path) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **encoder.arrays())  # type: ignore[arg-type]
    path.write_bytes(buffer.getvalue())


def _load_encoder(path: Path) -> Encoder:
    with np.load(path, allow_pickle=False) as arrays:
        return Encoder.from_arrays(arrays)


def _choose_thresholds(config: Config, run: Path, skills: Sequence[Skill], encoder: Encoder) -> dict[str, Any]:
    """The lowest threshold of each skill that few enough `dev` requests for nobody pass, and what that costs."""
    untuned = {skill.name: _load_model(run / model_file(skill.name)) for skill in skills}
    by_name = {skill.name: skill for skill in skills}
    dev = _requests(config, "dev")
    if not dev:
        return {"thresholds": dict.fromkeys(by_name, THRESHOLD), "requests": 0}
    first = Interpreter(by_name, untuned, encoder, locale=load_locale())
    judged = [first.judge(request.words) for request in dev]
    strangers = [skill_scores(scores) for request, scores in zip(dev, judged, strict=True) if request.skill == NOBODY]
    thresholds = {
        name: round(
            float(max(LOWEST_THRESHOLD, np.quantile([scores[name] for scores in strangers], 1 - config.false_alarms))),
            4,
        )
        for name in by_name
    }
    models = {name: replace(model, threshold=thresholds[name]) for name, model in untuned.items()}
    chosen = Interpreter(by_name, models, encoder, locale=load_locale())
    passed = [chosen.accepted(scores) for scores in judged]
    named = [best_reading(scores)[0][0] if scores else NOBODY for scores in passed]
    ours = [name == request.skill for request, name in zip(dev, named, strict=True) if request.skill != NOBODY]
    alarms = [name != NOBODY for request, name in zip(dev, named, strict=True) if request.skill == NOBODY]
    return {
        "thresholds": thresholds, "requests": len(ours), "skill_accuracy": round(float(np.mean(ours)), 4),
        "strangers": len(alarms), "false_alarms": round(float(np.mean(alarms)), 4),
    }  # fmt: skip


def _load_model(path: Path) -> SkillModel:
    with np.load(path, allow_pickle=False) as arrays:
        return SkillModel.from_arrays(arrays)
