"""The comparisons of the method: the shipped network for many languages against one for each; with and without the
words' distribution over the languages as a target; a new language with few words.

A network for one language has the same size and the same words as the shipped one has of it. The two networks with and
without the target learn a part of the words of all languages; the new languages start from the first of them, which
never heard them, or from nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from harken.bundle import Bundle, load_bundle
from harken.metrics.result import Result
from harken.phones.dictionary import Words
from harken.phones.multilingual import MultilingualModel
from harken.recipes.phones.pronouncer.config import Config, OwnConfig
from harken.recipes.phones.pronouncer.figures import RECIPE
from harken.recipes.phones.pronouncer.languages import train_network
from harken.recipes.phones.pronouncer.material import HIGH, LOW, read_parts
from harken.recipes.phones.pronouncer.measure import Counts, count, exported, mean_results, relative_change
from harken.recipes.phones.pronouncer.own import train_own
from harken.recipes.phones.pronouncer.shipped import NAME
from harken.train.phones.configs import NetConfig

COMMAND = "harken score phones/pronouncer arms"
TARGET, NO_TARGET = "with language target", "without language target"


def train_arms(config: Config, run: Path) -> Mapping[str, float]:
    """Every network of every seed; what is trained already is kept. Returns their word errors on dev."""
    figures: dict[str, float] = {}
    parts, few = read_parts(config.arms.alone), _shared_parts(config)
    new = read_parts(config.arms.new)
    for seed in config.seeds:
        for language in config.arms.alone:
            own = [{language: parts[part][language]} for part in ("train", "dev")]
            net = _alone(config, seed, len(own[0][language]))
            found = train_network(net, own[0], own[1], run / f"{language}-{seed}")
            figures[f"{language} alone, seed {seed}"] = found["word error"]
        for arm, net in _shared(config, seed).items():
            found = train_network(net, few["train"], few["dev"], run / f"{arm}-{seed}")
            figures[f"{arm}, seed {seed}"] = found["word error"]
        for language, size, start in _trials(config):
            words = {"train": _spread(new["train"][language], size), "dev": new["dev"][language]}
            own_config, net, folder = _new(config, run, language, size, seed, start)
            figures[folder.name] = train_own(own_config, net, folder, words)["word error"]
    return figures


def score_arms(config: Config, run: Path) -> list[Result]:
    """Errors on test, and the changes that the paper reports."""
    results: list[Result] = []
    parts, few = read_parts(config.arms.alone), _shared_parts(config)["test"]
    tests = parts["test"]
    shipped = load_bundle(NAME)
    together = _counts(shipped, tests)
    results += _rows(together, "multilingual", (), bundles={NAME: shipped.hash})
    for seed in config.seeds:
        alone: dict[str, Counts] = {}
        for language in config.arms.alone:
            net = _alone(config, seed, len(parts["train"][language]))
            alone |= _counts(exported(net, run / f"{language}-{seed}"), {language: tests[language]})
        results += _rows(alone, f"monolingual, seed {seed}", (seed,))
        counts = {arm: _counts(exported(net, run / f"{arm}-{seed}"), few) for arm, net in _shared(config, seed).items()}
        for arm, own in counts.items():
            results += _rows(own, f"{arm}, {config.arms.limit} words of each, seed {seed}", (seed,), every=False)
        results += _changes("multilingual against monolingual", together, alone, seed, {NAME: shipped.hash})
        if NO_TARGET in counts:
            results += _changes(f"{TARGET} against {NO_TARGET}", counts[TARGET], counts[NO_TARGET], seed, {})
        results += _new_results(config, run, seed)
    return results


def _changes(
    condition: str, method: Mapping[str, Counts], baseline: Mapping[str, Counts], seed: int, bundles: Mapping[str, str]
) -> list[Result]:
    results = []
    for name, group in (("low-resource", LOW), ("high-resource", HIGH)):
        chosen = {language: baseline[language] for language in group if language in baseline}
        if any(table[:, 1].any() for table in chosen.values()):  # else there is nothing to be relative to
            change, low, high = relative_change(method, chosen)
            results.append(
                Result(
                    recipe=RECIPE,
                    metric="relative change of phone errors",
                    unit="%",
                    value=change,
                    low=min(low, change),
                    high=max(high, change),
                    n=sum(map(len, chosen.values())),
                    set=f"{name} languages, test",
                    condition=condition,
                    command=COMMAND,
                    seeds=(seed,),
                    bundles=bundles,
                    note=f"languages: {', '.join(chosen)}",
                )
            )
    return results


def _trials(config: Config) -> list[tuple[str, int, bool]]:
    """New language, number of its words, whether it starts from the network for others."""
    return [
        (language, size, start) for language in config.arms.new for size in config.arms.sizes for start in (True, False)
    ]


def _new_results(config: Config, run: Path, seed: int) -> list[Result]:
    results: list[Result] = []
    tests = read_parts(config.arms.new)["test"]
    for size in config.arms.sizes:
        for start in (True, False):
            counts: dict[str, Counts] = {}
            for language in config.arms.new:
                _, net, folder = _new(config, run, language, size, seed, start)
                counts |= _counts(exported(net, folder), {language: tests[language]})
            if counts:
                how = "from the network for others" if start else "from nothing"
                results += _rows(counts, f"{size} words, {how}", (seed,), which="new languages, test")
    return results


def _rows(
    counts: Mapping[str, Counts], condition: str, seeds: tuple[int, ...], *, which: str = "wikipron test",
    bundles: Mapping[str, str] | None = None, every: bool = True,
) -> list[Result]:  # fmt: skip
    return mean_results(counts, which, command=COMMAND, condition=condition, seeds=seeds, bundles=bundles, every=every)


def _counts(bundle: Bundle, tests: Mapping[str, Words]) -> dict[str, Counts]:
    model = MultilingualModel(bundle)
    return {language: count([model], language, words) for language, words in tests.items()}


def _shared_parts(config: Config) -> dict[str, dict[str, Words]]:
    """The words of all languages, those of train and test capped."""
    parts = read_parts(config.languages or (*LOW, *HIGH))
    limits = {"train": config.arms.limit, "dev": config.arms.tested, "test": config.arms.tested}
    return {
        part: {language: _spread(words, limit) for language, words in parts[part].items()}
        for part, limit in limits.items()
    }


def _spread(words: Words, count: int) -> Words:
    """At most so many words, spread over the list."""
    if len(words) <= count:
        return words
    listed = list(words)
    return {word: words[word] for word in (listed[number * len(listed) // count] for number in range(count))}


def _shared(config: Config, seed: int) -> dict[str, NetConfig]:
    net = _seeded(config, seed)
    without = dataclasses.replace(net, learning=dataclasses.replace(net.learning, origin=0.0))
    return {TARGET: net, NO_TARGET: without} if net.learning.origin else {TARGET: net}


def _alone(config: Config, seed: int, words: int) -> NetConfig:
    """For one language: small batches if it has few words, and as many passes as time allows."""
    net, arms = _seeded(config, seed), config.arms
    batch = arms.batch if words < arms.many else 2 * arms.batch
    steps = max(60, min(arms.steps_alone, arms.passes * words // batch))
    loop = dataclasses.replace(net.loop, steps=steps, validate_every=max(1, steps // 6))
    return dataclasses.replace(net, loop=loop, learning=dataclasses.replace(net.learning, origin=0.0, batch=batch))


def _new(
    config: Config, run: Path, language: str, size: int, seed: int, start: bool
) -> tuple[OwnConfig, NetConfig, Path]:  # fmt: skip
    shared = exported(_shared(config, seed)[TARGET], run / f"{TARGET}-{seed}")
    first = str(shared.folder) if start else ""
    net = _alone(config, seed, size)
    folder = run / f"{language}-{size}-{'started' if start else 'fresh'}-{seed}"
    return OwnConfig(words=language, language=language, start=first, seed=0), net, folder


def _seeded(net: NetConfig, seed: int) -> NetConfig:
    return dataclasses.replace(net, loop=dataclasses.replace(net.loop, seed=seed))
