"""Confusion networks: bins in the order of time whose words sum to one, and what a chooser could choose from them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from tests.unit.asr.toy import planted_scores, random_scores, toy_search

from harken.asr.passes.confusion import LEAST_SHARE, confusion_network, word_confidences
from harken.asr.search.beam import BeamSearch
from harken.asr.search.heard import HeardBin, HeardWord
from harken.asr.search.lattice import Lattice, WordEvents, make_lattice, word_events
from harken.asr.search.nbest import best_sentences

NAMES = ("", "one", "two", "three")
WORDS = ("ab", "a", "abc", "cd", "sea")
"""The toy's words."""


def lattice_of(scores: np.ndarray) -> Lattice:
    search: BeamSearch = toy_search()
    search.accept(scores)
    lattice = make_lattice(search)
    assert lattice is not None
    return lattice


def network_of(lattice: Lattice) -> list[HeardBin]:
    return confusion_network(word_events(lattice)[0], best_sentences(lattice, 1)[0].words, lattice.graph.words)


def events_of(*rows: tuple[int, int, int, float]) -> WordEvents:
    """Events from rows of word, first frame, last frame, posterior."""
    word, first, last, share = (np.array(column) for column in zip(*rows, strict=True))
    return WordEvents(word, first, last, share.astype(np.float64))


@pytest.mark.parametrize("seed", range(5))
def test_bins_of_a_confusion_network_sum_to_one_and_follow_in_time(seed: int) -> None:
    lattice = lattice_of(random_scores(25, seed))
    best, bins = best_sentences(lattice, 1)[0].words, network_of(lattice)
    for found in bins:
        assert sum(share for _, share in found.words) == pytest.approx(1, abs=1e-6)
        shares = [share for _, share in found.words]
        assert shares == sorted(shares, reverse=True)
    assert [found.pivot for found in bins if found.pivot is not None] == list(range(len(best)))
    assert all(0 <= c <= 1 for c in word_confidences(bins, best))
    assert all(a.last <= b.first and a.first < a.last for a, b in itertools.pairwise(best))


def test_clear_words_are_certain() -> None:
    lattice = lattice_of(planted_scores(["A", "B", "C", "D"]))
    assert min(word_confidences(network_of(lattice), best_sentences(lattice, 1)[0].words)) > 0.99


def test_several_words_of_one_path_in_a_bin_are_scaled_down_before_small_ones_are_left_out() -> None:
    best = [HeardWord(text="one", first=0, last=10)]
    small = 1.5 * LEAST_SHARE  # above the limit as it is, below it once two certain words share the bin
    bins = confusion_network(events_of((1, 0, 10, 1.0), (2, 4, 10, 1.0 - small), (3, 0, 10, small)), best, NAMES)
    assert [word for word, _ in bins[0].words] == ["one", "two"]
    assert dict(bins[0].words)["one"] == pytest.approx(1 / (2 - small))
    assert sum(share for _, share in bins[0].words) == pytest.approx(1)


def test_what_is_missing_in_a_bin_goes_to_no_word() -> None:
    best = [HeardWord(text="one", first=0, last=10)]
    (found,) = confusion_network(events_of((1, 0, 10, 0.7), (2, 0, 10, 0.2)), best, NAMES)
    assert found.words == (("one", pytest.approx(0.7)), ("two", pytest.approx(0.2)), ("", pytest.approx(0.1)))


@pytest.mark.parametrize("seed", range(15))
def test_a_lattice_holds_more_than_its_best_sentences_and_a_network_more_than_the_first(seed: int) -> None:
    errors = [oracle_errors(seed)[name] for name in ("lattice", "five best", "first", "network")]
    assert errors[0] <= errors[1] <= errors[2]
    assert errors[3] <= errors[2]


def test_networks_hold_the_truth_more_often_than_five_sentences() -> None:
    found = [oracle_errors(seed) for seed in range(30)]
    assert sum(one["network"] for one in found) < 0.5 * sum(one["five best"] for one in found)


def oracle_errors(seed: int) -> dict[str, int]:
    """Least word errors against one of the lattice's sentences with a slip: of what a chooser could choose from."""
    rng = np.random.default_rng(seed)
    lattice = lattice_of(random_scores(25, seed))
    sentences = [one.texts for one in best_sentences(lattice, 500, width=50)]
    truth = list(sentences[int(rng.integers(min(12, len(sentences))))])
    truth[int(rng.integers(len(truth)))] = WORDS[int(rng.choice(len(WORDS)))]
    return {
        "lattice": min(least_errors([{word} for word in one], truth) for one in sentences),
        "five best": min(least_errors([{word} for word in one], truth) for one in sentences[:5]),
        "first": least_errors([{word} for word in sentences[0]], truth),
        "network": least_errors([{word for word, _ in found.words} for found in network_of(lattice)], truth),
    }


def least_errors(slots: Sequence[set[str]], truth: Sequence[str]) -> int:
    """Least word errors of any way to choose one word ('': none) from each slot."""
    row = list(range(len(truth) + 1))
    for slot in slots:
        dropped = 0 if "" in slot else 1
        after = [row[0] + dropped]
        for place, word in enumerate(truth, 1):
            after.append(min(row[place] + dropped, after[-1] + 1, row[place - 1] + (word not in slot)))
        row = after
    return row[-1]
