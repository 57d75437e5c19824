"""The comparisons of the method: one network for many languages against one for each; with and without the words'
distribution over the languages as a target; a new language with few words.

All networks have the same size and the same words. The new languages start from the network for all, which never heard
them, or from nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from harken.bundle import Bundle
from harken.metrics.result import Result
from harken.phones.dictionary import Words
from harken.phones.multilingual import MultilingualModel
from harken.recipes.phones.pronouncer.config import Config, OwnConfig
from harken.recipes.phones.pronouncer.figures import RECIPE
from harken.recipes.phones.pronouncer.languages import train_network
from harken.recipes.phones.pronouncer.material import HIGH, LOW, read_parts
from harken.recipes.phones.pronouncer.measure import Counts, count, exported, mean_results, relative_change
from harken.recipes.phones.pronouncer.own import train_own
from harken.train.phones.configs import NetConfig

COMMAND = "harken score phones/pronouncer arms"
ALL, NO_TARGET = "multilingual", "without language target"


def train_arms(config: Config, run: Path) -> Mapping[str, float]:
    """Every network of every seed; what is trained already is kept. Returns their word errors on dev."""
    parts, figures = _parts(config), {}
    for seed in config.seeds:
        for arm, net in _shared(config, seed).items():
            found = train_network(net, parts["train"], parts["dev"], run / f"{arm}-{seed}")
            figures[f"{arm}, seed {seed}"] = found["word error"]
        for language in config.arms.alone:
            own = [{language: parts[part][language]} for part in ("train", "dev")]
            found = train_network(_alone(config, seed), own[0], own[1], run / f"{language}-{seed}")
            figures[f"{language} alone, seed {seed}"] = found["word error"]
        new = read_parts(config.arms.new)
        for language in config.arms.new:
            for size in config.arms.sizes:
                for start in (True, False):
                    words = {"train": _spread(new["train"][language], size), "dev": new["dev"][language]}
                    own_config, net, folder = _new(config, run, language, size, seed, start)
                    figures[folder.name] = train_own(own_config, net, folder, words)["word error"]
    return figures


def score_arms(config: Config, run: Path) -> list[Result]:
    """Errors on test, and the changes that the paper reports."""
    results: list[Result] = []
    for seed in config.seeds:
        parts = _parts(config)
        counts = {
            arm: _counts(exported(net, run / f"{arm}-{seed}"), parts["test"])
            for arm, net in _shared(config, seed).items()
        }
        alone: dict[str, Counts] = {}
        for language in config.arms.alone:
            bundle = exported(_alone(config, seed), run / f"{language}-{seed}")
            alone |= _counts(bundle, {language: parts["test"][language]})
        for arm, own in {**counts, "monolingual": alone}.items():
            if own:
                results += _rows(own, f"{arm}, seed {seed}", seed)
        results += _changes(counts, alone, seed)
        results += _new_results(config, run, seed)
    return results


def _changes(counts: Mapping[str, Mapping[str, Counts]], alone: Mapping[str, Counts], seed: int) -> list[Result]:
    results = []
    pairs = [(f"{ALL} against monolingual", counts[ALL], alone)]
    if NO_TARGET in counts:
        pairs.append((f"{ALL} against {NO_TARGET}", counts[ALL], counts[NO_TARGET]))
    for condition, method, baseline in pairs:
        for name, group in (("low-resource", LOW), ("high-resource", HIGH)):
            chosen = {language: baseline[language] for language in group if language in baseline}
            if not chosen:
                continue
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
                    note=f"languages: {', '.join(chosen)}",
                )
            )
    return results


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
                rows = _rows(counts, f"{size} words, {how}", seed, which="new languages, test")
                results += rows
    return results


def _rows(counts: Mapping[str, Counts], condition: str, seed: int, *, which: str = "wikipron test") -> list[Result]:
    return mean_results(counts, which, command=COMMAND, condition=condition, seeds=(seed,))


def _counts(bundle: Bundle, tests: Mapping[str, Words]) -> dict[str, Counts]:
    model = MultilingualModel(bundle)
    return {language: count([model], language, words) for language, words in tests.items()}


def _parts(config: Config) -> dict[str, dict[str, Words]]:
    """The words of all languages, those of train capped."""
    parts = read_parts(config.languages or (*LOW, *HIGH))
    limit = config.arms.limit
    return {**parts, "train": {language: _spread(words, limit) for language, words in parts["train"].items()}}


def _spread(words: Words, count: int) -> Words:
    """At most so many words, spread over the list."""
    if len(words) <= count:
        return words
    listed = list(words)
    return {word: words[word] for word in (listed[number * len(listed) // count] for number in range(count))}


def _shared(config: Config, seed: int) -> dict[str, NetConfig]:
    net = _seeded(config.net, seed)
    arms = {ALL: net}
    if net.learning.origin:
        arms[NO_TARGET] = dataclasses.replace(net, learning=dataclasses.replace(net.learning, origin=0.0))
    return arms


def _alone(config: Config, seed: int) -> NetConfig:
    net = _seeded(config.net, seed)
    loop = dataclasses.replace(net.loop, steps=config.arms.steps_alone, validate_every=config.arms.steps_alone // 6)
    learning = dataclasses.replace(net.learning, origin=0.0, batch=min(net.learning.batch, 128))
    return dataclasses.replace(net, loop=loop, learning=learning)


def _new(
    config: Config, run: Path, language: str, size: int, seed: int, start: bool
) -> tuple[OwnConfig, NetConfig, Path]:  # fmt: skip
    shared = run / f"{ALL}-{seed}"
    first = str(exported(_shared(config, seed)[ALL], shared).folder) if start else ""
    net = _alone(config, seed)
    folder = run / f"{language}-{size}-{'started' if start else 'fresh'}-{seed}"
    return OwnConfig(words=language, language=language, start=first, seed=0), net, folder


def _seeded(net: NetConfig, seed: int) -> NetConfig:
    return dataclasses.replace(net, loop=dataclasses.replace(net.loop, seed=seed))
