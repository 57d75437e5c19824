"""Fits the decoder settings for the shipped acoustic model on dev: scales, bonus, weight of the skills' grammars.

    python -m harken.recipes.asr.ngram.fit general [--sample 40]
    python -m harken.recipes.asr.ngram.fit grammar
    python -m harken.recipes.asr.ngram.fit nothing [--count 4]

A search for one best path deletes words after a training that sums over paths, so the scale of the acoustic scores and
a bonus for each phone are fitted anew for every acoustic model: one setting at a time, up and down, as long as dev
gets better. `general`: word errors on the dev sentences of three corpora. `grammar`: coffee orders of `dev`, clean and
in noise of `train`, that are not exactly understood, and sentences of librispeech `dev` that are taken for an order.
`nothing`, last: by how much a sentence must beat silence (`harken.recipes.asr.ngram.nothing`); it goes into
`[search.grammar]`. The fit starts from the settings of the installed bundle and keeps its beam. The output goes into
`[search]` of method.toml (`grammar_weight` is e to the power of `grammar_log_weight`). No test part is read.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from harken.asr.acoustic.model import AcousticModel
from harken.asr.graph.joining import join_graphs
from harken.asr.passes.hearing import decode
from harken.asr.search.source import load_space
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.audio.features import Frames, log_mel
from harken.bundle import load_bundle
from harken.data.mixing import mix_at_snr
from harken.data.utterances import Utterance, read_corpus
from harken.events import Samples
from harken.languages.loading import load_locale
from harken.metrics.wer import WordErrors, word_errors
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.spoken_requests import grammar_of_all
from harken.recipes.asr.ngram.nothing import fit_nothing
from harken.recipes.asr.ngram.recipe import DEV
from harken.text.words import normalize_words

Settings = Mapping[str, float]
Cost = Callable[[Settings], float]

STRANGERS = 60
"""Number of sentences that are not orders."""
NOISE_DB = 10.0
LOG_WEIGHT = "grammar_log_weight"
SETTINGS = ("silence_cost", "phone_bonus", "acoustic_scale")
SETTING_RANGES = {
    "acoustic_scale": (0.1, 0.3, 1.5), "phone_bonus": (0.4, -1.0, 3.0), "graph_scale": (0.1, 0.5, 1.6),
    "silence_cost": (0.5, -1.5, 4.0), LOG_WEIGHT: (2.0, -4.0, 10.0),
}  # fmt: skip
"""Setting -> (step, least, greatest)."""


@dataclass(frozen=True)
class Scored:
    """A recording with its acoustic scores."""

    utterance: Utterance
    scores: Frames


def main() -> None:
    """Read the command line, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["general", "grammar", "nothing"])
    parser.add_argument("--sample", type=int, default=40, help="sentences of each corpus")
    parser.add_argument("--count", type=int, default=4, help="pieces of each sound without speech")
    options = parser.parse_args()
    model = AcousticModel.load()
    if options.what == "nothing":
        fit_nothing(model, count=options.count)
        return
    if options.what == "general":
        space = load_space(model.labels)
        cost: Cost = partial(general_cost, space, score_dev(model, options.sample))
        start = {name: getattr(space.options, name) for name in (*SETTINGS, "graph_scale")}
    else:
        cost = grammar_cost = GrammarCost(model)
        weight = float(load_bundle("ngram-en").features["search"]["grammar_weight"])
        start = {name: getattr(grammar_cost.options, name) for name in SETTINGS} | {LOG_WEIGHT: math.log(weight)}
    print(descend(cost, start))


def descend(
    cost: Cost, start: Settings, ranges: Mapping[str, tuple[float, float, float]] = SETTING_RANGES
) -> dict[str, float]:
    """One setting at a time, up and down by its step, until nothing gets better."""
    best, least = dict(start), cost(start)
    print(f"{least:8.4f} {best}", flush=True)
    moved = True
    while moved:
        moved = False
        for name in start:
            step, low, high = ranges[name]
            for direction in (step, -step):
                while low <= (value := round(best[name] + direction, 4)) <= high:
                    tried = {**best, name: value}
                    tried_cost = cost(tried)
                    if tried_cost >= least:
                        break
                    best, least, moved = tried, tried_cost, True
                    print(f"{least:8.4f} {best}", flush=True)
    return best


def score_dev(model: AcousticModel, sample: int) -> list[Scored]:
    """Dev sentences of each corpus, a seeded sample, with their acoustic scores."""
    scored = []
    for corpus, split in DEV:
        utterances = [u for u in read_corpus(corpus, split) if u.text]
        picked = np.random.default_rng(0).permutation(len(utterances))[:sample]
        scored += [Scored(utterances[n], model.scores(log_mel(utterances[n].read(), bins=80))) for n in sorted(picked)]
    return scored


def general_cost(space: SearchSpace, dev: Sequence[Scored], settings: Settings) -> float:
    """Mean over the corpora of the word error rate."""
    tried = space.with_options(with_settings(space.options, settings))
    total: dict[str, WordErrors] = {}
    for recording in dev:
        errors = word_errors(normalize_words(recording.utterance.text or ""), decode(tried, recording.scores))
        total[recording.utterance.corpus] = total.get(recording.utterance.corpus, WordErrors()) + errors
    print("   ", {corpus: round(100 * errors.rate, 1) for corpus, errors in total.items()}, dict(settings), flush=True)
    return float(np.mean([errors.rate for errors in total.values()]))


def with_settings(options: SearchOptions, settings: Settings) -> SearchOptions:
    """The search's options with these settings."""
    chosen: dict[str, Any] = {name: value for name, value in settings.items() if name != LOG_WEIGHT}
    return replace(options, **chosen)


class GrammarCost:
    """Orders not understood and strangers taken for orders, with all shipped skills listening."""

    def __init__(self, model: AcousticModel):
        skills = read_shipped_skills(load_locale())
        self._interpreter = Interpreter.load(skills)
        self._grammar = load_space(model.labels, grammar=grammar_of_all(skills), general=False)
        self.options = self._grammar.options
        self._general = load_space(model.labels)
        orders = [u for u in read_corpus("coffee-commands", "dev") if u.intent]
        noises = [u.read() for u in read_corpus("noise", "train") if u.label != "kitchen"]
        strangers = read_corpus("librispeech", "dev")
        picked = np.random.default_rng(0).permutation(len(strangers))[:STRANGERS]
        self._orders = [
            Scored(order, model.scores(log_mel(sound, bins=80)))
            for n, order in enumerate(orders) for sound in (order.read(), noisy(order.read(), noises, n))
        ]  # fmt: skip
        self._strangers = [Scored(strangers[n], model.scores(log_mel(strangers[n].read(), bins=80))) for n in picked]

    def __call__(self, settings: Settings) -> float:
        """Share of orders lost, and a fourth of the share of strangers taken for orders."""
        weight = math.exp(settings[LOG_WEIGHT])
        graph = join_graphs([(self._general.graph, 1.0), (self._grammar.graph, weight)])
        space = SearchSpace.of(graph, self._grammar.silence, with_settings(self.options, settings))
        lost = [not self._right(recording, decode(space, recording.scores)) for recording in self._orders]
        taken = [self._taken(decode(space, recording.scores)) for recording in self._strangers]
        cost = float(np.mean(lost) + 0.25 * np.mean(taken))
        shares = f"lost {np.mean(lost[::2]):.3f} clean, {np.mean(lost[1::2]):.3f} in noise; taken {np.mean(taken):.3f}"
        print(f"    {shares}; {dict(settings)}", flush=True)
        return cost

    def _right(self, recording: Scored, words: Sequence[str]) -> bool:
        reading = self._interpreter.understand(" ".join(words))
        wanted = recording.utterance
        return not reading.rejected and reading.intent == wanted.intent and reading.values == dict(wanted.slots)

    def _taken(self, words: Sequence[str]) -> bool:
        reading = self._interpreter.understand(" ".join(words))
        return not reading.rejected and bool(reading.skill)


def noisy(samples: Samples, noises: Sequence[Samples], seed: int) -> Samples:
    """The recording with a piece of random noise."""
    rng = np.random.default_rng(seed)
    noise = noises[int(rng.integers(len(noises)))]
    return mix_at_snr(samples, noise, NOISE_DB, rng=rng)


if __name__ == "__main__":
    main()
