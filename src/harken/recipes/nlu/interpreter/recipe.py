"""The interpreter: embedding, heads, taggers and thresholds. Commands: README.md in this folder."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.bundle import Bundle, load_bundle, write_bundle
from harken.errors import ConfigError
from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result
from harken.nlu.building import Amounts, Covered, Labelled, Rates, train_skill
from harken.nlu.features import Encoder, WordPieces
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills, shipped_skill_files
from harken.nlu.skill_file import Skill
from harken.nlu.skill_model import ENCODER_FILE, KIND, STRANGERS_FILE, SkillModel, model_bytes, model_file
from harken.nlu.strangers import Strangers
from harken.nlu.templates import sample_sentences
from harken.nlu.token_encoder import TOKEN_FILES, TokenEncoder
from harken.recipes.nlu.interpreter.sentences import (
    LABELLED,
    Sentence,
    customer_turns,
    encoder_sentences,
    everyday,
    more_requests,
    once,
    vocabulary,
)
from harken.recipes.nlu.interpreter.texts import NOBODY, RealRequest, read_requests
from harken.train.nlu.configs import Schooling, Shape

NAME, BUNDLE = "nlu/interpreter", "interpreter-en"
REPORT, SENTENCES, TEACHER = "dev.json", "sentences.tsv", "teacher"
PART = 20_000
"""Sentences that the teacher labels before it saves."""
OUT_OF_SCOPE = "oos"
CORPORA = "CLINC150, HWU64, SLURP, MultiDoGO and Tatoeba"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    seed: int = 20_260_101
    limit: int = 0
    """At most this many real requests; 0: all."""
    real: bool = True
    """Learn from real requests, too; False needs no data and uses the skills' sentences alone."""
    requests: int = 10_000
    """At most this many requests of people; those for our skills all count."""
    strangers: int = 3_000
    """At most this many customers' turns, and as many everyday sentences."""
    shipped_strangers: int = 3_000
    """Of all strangers, how many go into the bundle for users' skills."""
    tokens: str = ""
    """Folder with the token encoder's files, from `nlu/subword_tagger`; those of the installed bundle when empty."""
    shape: Shape = field(default_factory=Shape)
    schooling: Schooling = field(default_factory=Schooling)
    amounts: Amounts = field(default_factory=Amounts)
    rates: Rates = field(default_factory=Rates)


def prepare(config: Config, run: Path) -> None:
    """The sentences for the encoder and the teacher's vectors (a quarter of an hour); what exists is kept.

    Raises:
        DataError: texts are missing.
        ConfigError: the teacher is missing.
    """
    run.mkdir(parents=True, exist_ok=True)
    if config.real and not (run / ENCODER_FILE).is_file():
        _teach(_lines(config, run, read_shipped_skills(load_locale())), run / TEACHER)


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Train what is not yet in the run folder; if you remove a skill's file there, only that skill is retrained."""
    run.mkdir(parents=True, exist_ok=True)
    skills = read_shipped_skills(load_locale())
    if not (run / ENCODER_FILE).is_file():
        prepare(config, run)
        _save(run / ENCODER_FILE, _fit_encoder(config, run, skills).arrays())
    encoder = _load_encoder(run / ENCODER_FILE)
    tokens = TokenEncoder.from_folder(_token_files(config, run), load_locale())
    known = _known_sentences(config)
    features = encoder.all_features([sentence.words for sentence in known])
    for skill in skills:
        if (run / model_file(skill.name)).is_file():
            continue
        own = [
            Labelled(words=s.words, intent=s.intent, fixed=s.fixed, label=_public(s))
            for s in known
            if s.skill == skill.name
        ]
        taken = Covered(skill)
        rest = [each for s, each in zip(known, features, strict=True) if s.skill != skill.name and s.words not in taken]
        trained = train_skill(
            skill, skills, encoder, amounts=config.amounts, rates=config.rates, positives=own, strangers=rest,
            tokens=tokens, seed=config.seed,
        )  # fmt: skip
        model = trained.model
        model = model if skill.serves else replace(model, ask=model.act)
        (run / model_file(skill.name)).write_bytes(model_bytes(model))
        (run / f"{skill.name}.json").write_text(json.dumps(dict(trained.report), indent=1) + "\n", encoding="utf-8")
    if features:
        nobody = [each for sentence, each in zip(known, features, strict=True) if sentence.skill == NOBODY]
        picked = np.random.default_rng(config.seed).permutation(len(nobody))[: config.shipped_strangers]
        _save(run / STRANGERS_FILE, Strangers(tuple(nobody[i] for i in sorted(picked))).arrays())
    report = _dev_report(config, run, skills, encoder, tokens)
    (run / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle."""
    report = json.loads((run / REPORT).read_text(encoding="utf-8"))
    names = list(shipped_skill_files(load_locale()))
    shared = [ENCODER_FILE, *TOKEN_FILES, *([STRANGERS_FILE] if config.real else [])]
    files: dict[str, bytes | Path] = {name: run / name for name in shared}
    files |= {model_file(name): run / model_file(name) for name in names}
    card = (Path(__file__).parent / "CARD.md").read_text(encoding="utf-8")
    bundle = write_bundle(
        run / BUNDLE, name=BUNDLE, kind=KIND, files=files, card=card, labels=names,
        origin={"recipe": NAME, "seed": config.seed, "real": config.real,
                "data": f"training parts of {CORPORA}" if config.real else "the skills' own sentences"},
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
        ("skill right", [skill == answer.skill for skill, answer in read if skill != NOBODY]),
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


def _token_files(config: Config, run: Path) -> Path:
    """The run folder, with the token encoder's files in it.

    Raises:
        ConfigError: there is no token encoder.
    """
    source = Path(config.tokens) if config.tokens else load_bundle(BUNDLE).folder
    for name in TOKEN_FILES:
        if (run / name).is_file():
            continue
        if not (source / name).is_file():
            raise ConfigError(f"{source} has no {name}; set `tokens` to a run folder of nlu/subword_tagger")
        shutil.copyfile(source / name, run / name)
    return run


def _requests(config: Config, split: str) -> list[RealRequest]:
    if not config.real:
        return []
    requests = read_requests(split)
    if config.limit:
        order = np.random.default_rng(config.seed).permutation(len(requests))[: config.limit]
        requests = [requests[i] for i in order]
    return [request for request in requests if request.words]


def _fit_encoder(config: Config, run: Path, skills: Sequence[Skill]) -> Encoder:
    from harken.train.nlu.encoder import Lessons, fit_encoder

    sentences = _lines(config, run, skills)
    shards = sorted((run / TEACHER).glob("*.npy"))
    taught = np.concatenate([np.load(shard) for shard in shards]) if shards else np.zeros((len(sentences), 0))
    lessons = Lessons(
        sentences=[sentence.words for sentence in sentences], teacher=taught.astype(np.float16),
        labels={source: _labels(sentences, source) for source in dict.fromkeys(s.source for s in sentences if s.label)
                if source in LABELLED},
    )  # fmt: skip
    pieces = WordPieces(vocabulary(sentences, config.shape.vocabulary))
    return fit_encoder(lessons, pieces, shape=config.shape, schooling=config.schooling)


def _lines(config: Config, run: Path, skills: Sequence[Skill]) -> list[Sentence]:
    """What the encoder learns from; kept in the run folder, because the teacher's vectors belong to these lines."""
    file = run / SENTENCES
    if not file.is_file():
        rng = np.random.default_rng(config.seed)
        if config.real:
            sentences = encoder_sentences(skills, rng)
        else:
            sentences = [
                Sentence(words=sample.words, source="skills", label=f"{skill.name}.{sample.intent}")
                for skill in skills for sample in sample_sentences(skill, config.amounts.per_intent, rng)
            ]  # fmt: skip
        lines = (f"{sentence.source}\t{sentence.label}\t{' '.join(sentence.words)}\n" for sentence in sentences)
        file.write_text("".join(lines), encoding="utf-8")
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return [Sentence(words=tuple(text.split()), source=source, label=label) for source, label, text in rows]


def _teach(sentences: Sequence[Sentence], folder: Path) -> None:
    """The teacher's vectors, in parts; finished parts are kept."""
    from harken.train.nlu.teacher import Teacher

    folder.mkdir(exist_ok=True)
    teacher = Teacher()
    for number, start in enumerate(range(0, len(sentences), PART)):
        file = folder / f"{number:04d}.npy"
        if not file.is_file():
            vectors = teacher.embed([" ".join(sentence.words) for sentence in sentences[start : start + PART]])
            np.save(file.with_suffix(".part"), vectors)
            file.with_suffix(".part.npy").replace(file)


def _labels(sentences: Sequence[Sentence], source: str) -> NDArray[np.int32]:
    """The labels of a source as numbers: -1 elsewhere, -2 where no label fits (out of scope, and some strangers)."""
    names = sorted({sentence.label for sentence in sentences if sentence.source == source} - {OUT_OF_SCOPE})
    number = {name: i for i, name in enumerate(names)}
    labels = np.full(len(sentences), -1, dtype=np.int32)
    for row, sentence in enumerate(sentences):
        if sentence.source == source:
            labels[row] = number.get(sentence.label, -2)
        elif sentence.source in ("tatoeba-en", "novels") and row % 4 == 0:
            labels[row] = -2
    return labels


def _known_sentences(config: Config) -> list[RealRequest]:
    """Real sentences of the training parts: requests of people, customers' turns, everyday sentences."""
    if not config.real:
        return []
    rng = np.random.default_rng(config.seed)
    requests = [*_requests(config, "train"), *more_requests("train")]
    ours = [request for request in requests if request.skill != NOBODY]
    theirs = [request for request in requests if request.skill == NOBODY]
    picked = [theirs[i] for i in rng.permutation(len(theirs))[: config.requests]]
    known = {request.words: request for request in [*ours, *picked]}
    for sentences in (customer_turns(courtesies=False), everyday("train")):
        once_each = once(sentences)
        for i in rng.permutation(len(once_each))[: config.limit or config.strangers]:
            words = once_each[i].words
            known.setdefault(words, RealRequest(words=words, source=once_each[i].source))
    return list(known.values())


def _public(request: RealRequest) -> str:
    """The label, unique among the corpora; SLURP has the labels of HWU64."""
    return f"{'hwu64' if request.source == 'slurp' else request.source} {request.label}"


def _save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    path.write_bytes(buffer.getvalue())


def _load_encoder(path: Path) -> Encoder:
    with np.load(path, allow_pickle=False) as arrays:
        return Encoder.from_arrays(arrays)


def _dev_report(
    config: Config, run: Path, skills: Sequence[Skill], encoder: Encoder, tokens: TokenEncoder
) -> dict[str, Any]:
    """What the heads alone make of the `dev` requests: the skill of the likeliest intent that may act."""
    models = {skill.name: _load_model(run / model_file(skill.name), tokens) for skill in skills}
    ours, alarms = [], []
    requests = _requests(config, "dev")
    for request, features in zip(requests, encoder.all_features([r.words for r in requests]), strict=True):
        passed = {
            (chance, name)
            for name, model in models.items()
            for intent, chance in model.judge(features).intents.items()
            if chance >= model.act[intent]
        }
        name = max(passed)[1] if passed else NOBODY
        if request.skill == NOBODY:
            alarms.append(name != NOBODY)
        else:
            ours.append(name == request.skill)
    return {
        "requests": len(ours), "skill_accuracy": round(float(np.mean(ours or [False])), 4),
        "strangers": len(alarms), "false_alarms": round(float(np.mean(alarms or [False])), 4),
    }  # fmt: skip


def _load_model(path: Path, tokens: TokenEncoder) -> SkillModel:
    with np.load(path, allow_pickle=False) as arrays:
        return SkillModel.from_arrays(arrays, tokens)
