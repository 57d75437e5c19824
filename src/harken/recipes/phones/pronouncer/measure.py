"""Networks measured as they run: exported graphs, beam search, one or several networks answering together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.bundle import Bundle
from harken.metrics.result import Result
from harken.metrics.wer import nearest_errors
from harken.phones.dictionary import Phones, Words
from harken.phones.multilingual import MultilingualModel
from harken.phones.transducer import Floats, Ints, search_all
from harken.recipes.phones.pronouncer.figures import RECIPE
from harken.recipes.phones.pronouncer.languages import write_network
from harken.train.phones.configs import NetConfig

BEAM = 4
_ROUNDS = 1000
Counts = NDArray[np.float64]
"""[.., words, 3]: whether wrong, phone errors, phones listed."""
Rates = NDArray[np.float64]
"""[..]"""


def exported(config: NetConfig, run: Path) -> Bundle:
    """The network of a run folder as a bundle inside it, written once."""
    folder = run / "bundle"
    if folder.is_dir():
        return Bundle(folder)
    return write_network(
        folder,
        config,
        run,
        name="pronouncer-measured",
        card="Written to be measured.\n",
        origin={},
        licence="not shipped",
    )


@dataclass(frozen=True)
class Together:
    """Networks with one inventory whose probabilities are averaged at each step."""

    models: Sequence[MultilingualModel]

    def answers(self, words: Sequence[str], language: str) -> list[Phones]:
        """The best answer for each word; empty where there is none."""
        inventory = self.models[0].inventory
        found = search_all(
            [inventory.rows(word, language) for word in words], inventory.language(language), inventory, self._encode,
            self._decode, history=self.models[0].history, beam=BEAM,
        )  # fmt: skip
        return [answers[0].phones if answers else () for answers in found]

    def _encode(self, letters: Ints, languages: Ints) -> Floats:
        return np.stack([model.encode(letters, languages) for model in self.models], axis=2)

    def _decode(self, memory: Floats, past: Ints, said: Ints) -> Floats:
        shares = []
        for number, model in enumerate(self.models):
            logits = model.decode(np.ascontiguousarray(memory[:, number]), past, said)
            shares.append(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
        mean: Floats = (np.logaddexp.reduce(shares, axis=0) - np.log(len(shares))).astype(np.float32)
        return mean


def count(models: Sequence[MultilingualModel], language: str, words: Words) -> Counts:
    """Errors of one network, or of several together, on the words of a language."""
    answers = Together(models).answers(list(words), language)
    rows = [
        (float(answer not in ways), *nearest_errors(ways, answer))
        for ways, answer in zip(words.values(), answers, strict=True)
    ]
    return np.array(rows)


def mean_results(
    counts: Mapping[str, Counts], which: str, *, command: str, condition: str, seeds: tuple[int, ...],
    bundles: Mapping[str, str] | None = None, every: bool = True,
) -> list[Result]:  # fmt: skip
    """Word and phone error of each language, and their means with intervals by a bootstrap over words.

    Args:
        counts: language -> counts.
        which: corpus and split.
        command: what measures it again.
        condition: what was measured.
        seeds: of its training.
        bundles: name -> hash of what was measured.
        every: also a figure for each language.
    """
    groups = {f"{which}, {language}": [own] for language, own in counts.items()} if every else {}
    groups[f"{which}, mean of {len(counts)} languages"] = list(counts.values())
    results = []
    for name, tables in groups.items():
        for metric, rate in (("word error rate", _word_rate), ("phone error rate", _phone_rate)):
            value = float(np.mean([rate(table) for table in tables]))
            draws = _draws(tables, rate)
            low, high = min(value, float(np.percentile(draws, 2.5))), max(value, float(np.percentile(draws, 97.5)))
            results.append(
                Result(
                    recipe=RECIPE,
                    metric=metric,
                    unit="%",
                    value=100 * value,
                    low=100 * low,
                    high=100 * high,
                    n=sum(len(table) for table in tables),
                    set=name,
                    condition=condition,
                    command=command,
                    seeds=seeds,
                    bundles=bundles or {},
                )
            )
    return results


def relative_change(method: Mapping[str, Counts], baseline: Mapping[str, Counts]) -> tuple[float, float, float]:
    """Change in percent of the mean phone error rate of the languages against the baseline, with its 95 % interval.

    The bootstrap draws the same words for both sides.
    """
    ours, theirs = ([table[language] for language in baseline] for table in (method, baseline))
    change = 100 * (np.mean([_phone_rate(t) for t in ours]) / np.mean([_phone_rate(t) for t in theirs]) - 1)
    draws = 100 * (_draws(ours, _phone_rate) / _draws(theirs, _phone_rate) - 1)
    return float(change), float(np.percentile(draws, 2.5)), float(np.percentile(draws, 97.5))


def _word_rate(counts: Counts) -> Rates:
    return np.asarray(counts[..., 0].mean(axis=-1))


def _phone_rate(counts: Counts) -> Rates:
    return np.asarray(counts[..., 1].sum(axis=-1) / counts[..., 2].sum(axis=-1))


def _draws(tables: Sequence[Counts], rate: Callable[[Counts], Rates]) -> Rates:
    """[rounds]: means of the languages' rates over words drawn anew in each language."""
    rng = np.random.default_rng(0)
    total = np.zeros(_ROUNDS)
    for table in tables:
        total += rate(table[rng.integers(0, len(table), (_ROUNDS, len(table)))])
    return total / len(tables)
