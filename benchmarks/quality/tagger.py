"""How well the taggers of skills find slots: on new sentences, disturbed, misheard, and with values no list has.

    python -m benchmarks.quality.tagger [--encoder FOLDER] [--write]

Every skill that ships and the three of `benchmarks/quality/skills` are fitted on sampled sentences, as `harken skill
build` does, and tested on others, given their intent:

- `sampled`: new sentences; `disturbed`: with words dropped, exchanged or polite words around them;
- `misheard`: every fifth word replaced by one that differs in at most one phone;
- `unknown values`: every name and free text replaced by one to three rare words that no lesson had.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from harken.bundle import load_bundle
from harken.languages.loading import load_locale
from harken.metrics.intervals import bootstrap
from harken.metrics.result import Result, append_result
from harken.metrics.spans import SpanCounts, count_spans
from harken.nlu.augment import disturbed
from harken.nlu.guess import word_hints
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.skill_model import KIND
from harken.nlu.tagger import Tagger
from harken.nlu.tagger_lessons import open_slots, train_tagger
from harken.nlu.templates import Sample, sample_sentences
from harken.nlu.token_encoder import TokenEncoder
from harken.phones.neighbours import Neighbours
from harken.phones.pronunciation import Pronunciation

RECIPE, COMMAND = "nlu/subword_tagger", "python -m benchmarks.quality.tagger"
SKILLS = Path(__file__).with_name("skills")
PER_INTENT, MOST, TESTED = 150, 900, 30
MISHEARD = 0.2
SEED = 77
"""Differs from the seeds of training, so that the sampled sentences are new."""
Change = Callable[[Skill, Sample, np.random.Generator], Sample | None]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, measure and print; with --write also into the recipe's results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, help="folder of a token encoder; that of the shipped bundle otherwise")
    parser.add_argument("--without", action="store_true", help="fit on words and lists alone, without an encoder")
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    options = parser.parse_args(arguments)
    encoder = None if options.without else _encoder(options.encoder)
    totals: dict[str, list[SpanCounts]] = {}
    for skill in _skills():
        began = time.perf_counter()
        rng = np.random.default_rng([20_260_101, *skill.name.encode()])
        tagger = train_tagger(skill, sample_sentences(skill, PER_INTENT, rng), rng, most=MOST, encoder=encoder)
        if tagger is None:
            continue
        seconds, line = time.perf_counter() - began, []
        for name, change in changes(Pronunciation.load()).items():
            counts = list(_counts(skill, tagger, change))
            totals.setdefault(name, []).extend(counts)
            line.append(f"{name} {100 * _f1(counts):.1f}" if counts else f"{name} -")
        print(f"{skill.name:14s} {seconds:5.1f} s  {'  '.join(line)}", flush=True)
    for name, counts in totals.items():
        result = _result(name, counts, "without encoder" if encoder is None else "")
        print(f"{name:16s} {result.figure}")
        if options.write:
            append_result(result)


def changes(pronunciation: Pronunciation) -> dict[str, Change]:
    """What is done to the test sentences, by name."""
    neighbours = Neighbours(pronunciation)
    rare = [word for word in pronunciation.lexicon if word.isalpha() and len(word) > 2]
    names = [rare[i] for i in np.random.default_rng(SEED).choice(len(rare), size=3_000, replace=False)]
    return {
        "sampled": lambda skill, sample, rng: sample,
        "disturbed": lambda skill, sample, rng: disturbed(sample, rng, skill.locale),
        "misheard": lambda skill, sample, rng: replace(
            sample, words=neighbours.misheard(sample.words, MISHEARD, rng)
        ),
        "unknown values": lambda skill, sample, rng: with_names(skill, sample, names, rng),
    }  # fmt: skip


def with_names(skill: Skill, sample: Sample, names: Sequence[str], rng: np.random.Generator) -> Sample | None:
    """A copy whose open slots hold one to three of the names; None if it has no open slot."""
    free, words, spans, place = open_slots(skill), list[str](), list[tuple[str, int, int]](), 0
    for slot, first, last in sample.spans:
        words += sample.words[place:first]
        value = list(sample.words[first:last])
        if slot in free:
            value = [names[int(i)] for i in rng.integers(len(names), size=int(rng.integers(1, 4)))]
        spans.append((slot, len(words), len(words) + len(value)))
        words, place = words + value, last
    changed = any(slot in free for slot, _, _ in spans)
    return replace(sample, words=(*words, *sample.words[place:]), spans=tuple(spans)) if changed else None


def _counts(skill: Skill, tagger: Tagger, change: Change) -> Iterator[SpanCounts]:
    rng, index = np.random.default_rng(SEED + 1), ListIndex({skill.name: skill})
    for sample in sample_sentences(skill, TESTED, np.random.default_rng(SEED)):
        version = change(skill, sample, rng)
        if version is not None:
            hints = word_hints(skill, SpanFinder(version.words, index, skill.locale))
            slots = skill.intents[sample.intent].slots
            found = [(slot, first, last) for slot, first, last, _ in tagger.spans(version.words, hints, slots=slots)]
            yield count_spans(version.spans, found)


def _skills() -> Iterator[Skill]:
    yield from read_shipped_skills(load_locale())
    yield from (read_skill(path) for path in sorted(SKILLS.glob("*/skill.yaml")))


def _encoder(folder: Path | None) -> TokenEncoder | None:
    locale = load_locale()
    if folder is not None:
        return TokenEncoder.from_folder(folder, locale)
    return TokenEncoder.from_bundle(load_bundle(locale.bundles.interpreter).expect(KIND), locale)


def _f1(counts: Sequence[SpanCounts]) -> float:
    return sum(counts, SpanCounts(right=0, wanted=0, found=0)).f1


def _result(name: str, counts: Sequence[SpanCounts], condition: str) -> Result:
    interval = bootstrap(_f1, counts, rng=np.random.default_rng(0), rounds=300)
    return Result(
        recipe=RECIPE, metric="span F1 of skills", unit="%", value=round(100 * _f1(counts), 2),
        low=round(100 * interval.low, 2), high=round(100 * interval.high, 2), n=len(counts),
        set=f"sentences of eleven skills, {name}", condition=condition, command=COMMAND, seeds=(20_260_101,),
    )  # fmt: skip


if __name__ == "__main__":
    main()
