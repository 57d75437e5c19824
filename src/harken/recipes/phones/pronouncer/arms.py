"""The comparisons of the method: one network for many languages against one for each; with and without the words'
distribution over the languages as a target; a new language with few words.

All networks have the same size and learn the same words. One for a single language sees as many pronunciations as the
one for all sees of that language, and the low-resource ones at least `passes` times their words. The new languages
start from the network for all with the target, which never heard them, or from nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

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
TARGET, NO_TARGET, ALONE = "multilingual", "multilingual without language target", "monolingual"
COMPARED = (
    ("multilingual against monolingual", TARGET, ALONE),
    ("multilingual without language target against monolingual", NO_TARGET, ALONE),
    ("with language target against without language target", TARGET, NO_TARGET),
)


def train_arms(config: Config, run: Path) -> Mapping[str, float]:
    """Every network of every seed; what is trained already is kept. Returns their word errors on dev."""
    figures: dict[str, float] = {}
    parts, new = _shared_parts(config), read_parts(config.arms.new)
    for seed in config.seeds:
        found = train_network(_shared(config, seed)[TARGET], parts["train"], parts["dev"], run / f"{TARGET}-{seed}")
        figures[f"{TARGET}, seed {seed}"] = found["word error"]
        for language in config.arms.alone:
            own = [{language: parts[part][language]} for part in ("train", "dev")]
            net = _alone(config, seed, language, parts["train"])
            found = train_network(net, own[0], own[1], run / f"{language}-{seed}")
            figures[f"{language} alone, seed {seed}"] = found["word error"]
        for language, size, start in _trials(config):
            words = {"train": _spread(new["train"][language], size), "dev": new["dev"][language]}
            own_config, net, folder = _new(config, run, language, size, seed, start)
            figures[folder.name] = train_own(own_config, net, folder, words)["word error"]
    for seed in config.seeds:
        if NO_TARGET in _shared(config, seed):
            net = _shared(config, seed)[NO_TARGET]
            found = train_network(net, parts["train"], parts["dev"], run / f"{NO_TARGET}-{seed}")
            figures[f"{NO_TARGET}, seed {seed}"] = found["word error"]
    return figures


def score_arms(config: Config, run: Path) -> list[Result]:
    """Errors on test as means over the seeds, and the changes that the paper reports, of each seed and of all.

    The networks that learnt without the target are left out until those of all seeds are trained.
    """
    parts = _shared_parts(config)
    found = [_counts_of_seed(config, run, seed, parts) for seed in config.seeds]
    results: list[Result] = []
    for arm in found[0]:
        counts = _mean_counts([of_seed[arm] for of_seed in found])
        results += _rows(counts, f"{arm}, {config.arms.limit} words of each", config.seeds)
    for condition, method, baseline in COMPARED:
        for seeds in dict.fromkeys([(seed,) for seed in config.seeds] + [config.seeds]):
            tables = [found[config.seeds.index(seed)] for seed in seeds]
            if method in tables[0] and baseline in tables[0]:
                ours, theirs = (_mean_counts([table[arm] for table in tables]) for arm in (method, baseline))
                which = condition if seeds == config.seeds else f"{condition}, seed {seeds[0]}"
                results += _changes(which, ours, theirs, seeds)
    return results + _new_results(config, run)


def _counts_of_seed(
    config: Config, run: Path, seed: int, parts: Mapping[str, Mapping[str, Words]]
) -> dict[str, dict[str, Counts]]:  # fmt: skip
    """Arm -> language -> counts on test."""
    nets = {arm: net for arm, net in _shared(config, seed).items() if arm == TARGET or _is_trained(config, run, arm)}
    arms = {arm: _counts(exported(net, run / f"{arm}-{seed}"), parts["test"]) for arm, net in nets.items()}
    alone: dict[str, Counts] = {}
    for language in config.arms.alone:
        bundle = exported(_alone(config, seed, language, parts["train"]), run / f"{language}-{seed}")
        alone |= _counts(bundle, {language: parts["test"][language]})
    return {**arms, ALONE: alone} if alone else arms


def _is_trained(config: Config, run: Path, arm: str) -> bool:
    return all((run / f"{arm}-{seed}").is_dir() for seed in config.seeds)


def _mean_counts(tables: Sequence[Mapping[str, Counts]]) -> dict[str, Counts]:
    """Means over the seeds, word by word."""
    return {language: np.mean([table[language] for table in tables], axis=0) for language in tables[0]}


def _changes(
    condition: str, method: Mapping[str, Counts], baseline: Mapping[str, Counts], seeds: tuple[int, ...]
) -> list[Result]:  # fmt: skip
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
                    seeds=seeds,
                    note=f"languages: {', '.join(chosen)}",
                )
            )
    return results


def _trials(config: Config) -> list[tuple[str, int, bool]]:
    """New language, number of its words, whether it starts from the network for others."""
    return [
        (language, size, start) for language in config.arms.new for size in config.arms.sizes for start in (True, False)
    ]


def _new_results(config: Config, run: Path) -> list[Result]:
    results: list[Result] = []
    tests = read_parts(config.arms.new)["test"]
    for language, size, start in _trials(config):
        tables: list[dict[str, Counts]] = []
        for seed in config.seeds:
            _, net, folder = _new(config, run, language, size, seed, start)
            tables.append(_counts(exported(net, folder), {language: tests[language]}))
        how = "from the network for others" if start else "from nothing"
        which = "new languages, test"
        results += _rows(_mean_counts(tables), f"{size} words, {how}", config.seeds, which=which, mean=False)
    return results


def _rows(
    counts: Mapping[str, Counts], condition: str, seeds: tuple[int, ...], *, which: str = "wikipron test",
    mean: bool = True,
) -> list[Result]:  # fmt: skip
    rows = mean_results(counts, which, command=COMMAND, condition=condition, seeds=seeds)
    return rows if mean else [row for row in rows if "mean of" not in row.set]


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


def _alone(config: Config, seed: int, language: str, train: Mapping[str, Words]) -> NetConfig:
    """For one language: as many pronunciations as the network for all sees of it, and at least some passes if few."""
    net, arms = _seeded(config, seed), config.arms
    shares = {name: len(words) ** net.learning.temperature for name, words in train.items()}
    seen = net.loop.steps * net.learning.batch * shares[language] / sum(shares.values())
    least = arms.passes * len(train[language]) if language in LOW else 0
    steps = max(1, round(max(seen, least) / arms.batch))
    loop = dataclasses.replace(net.loop, steps=steps, validate_every=max(1, steps // 6))
    learning = dataclasses.replace(net.learning, origin=0.0, batch=arms.batch)
    return dataclasses.replace(net, loop=loop, learning=learning)


def _new(
    config: Config, run: Path, language: str, size: int, seed: int, start: bool
) -> tuple[OwnConfig, NetConfig, Path]:  # fmt: skip
    shared = exported(_shared(config, seed)[TARGET], run / f"{TARGET}-{seed}")
    first = str(shared.folder) if start else ""
    net = _seeded(config, seed)
    net = dataclasses.replace(net, learning=dataclasses.replace(net.learning, origin=0.0, batch=config.arms.batch))
    folder = run / f"{language}-{size}-{'started' if start else 'fresh'}-{seed}"
    return OwnConfig(words=language, language=language, start=first, seed=0), net, folder


def _seeded(net: NetConfig, seed: int) -> NetConfig:
    return dataclasses.replace(net, loop=dataclasses.replace(net.loop, seed=seed))
