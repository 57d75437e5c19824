"""Lattices and confusion networks against enumeration: every posterior, every score, every best way."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from tests.unit.asr.toy import (
    WIDE,
    by_words,
    every_path,
    open_grammar,
    planted_scores,
    random_grammar,
    random_scores,
    toy_graph,
)

from harken.asr.confusion import FrameBin, confusion_network, consensus, log_share, word_confidences
from harken.asr.decoder import BeamSearch, DecoderOptions, PathWord
from harken.asr.lattice import Lattice, WordEvents, make_lattice, word_events
from harken.asr.nbest import best_sentences
from harken.asr.outcome import NOTHING, outcome_of

CONSENSUS = DecoderOptions(consensus=True)
WORDS = range(3, 8)
"""Ids of the toy's words."""


def searched(frames: int, seed: int, options: DecoderOptions | None = None) -> BeamSearch:
    search = BeamSearch(toy_graph(), 0, options or DecoderOptions())
    search.accept(random_scores(frames, seed))
    return search


def cheapest_way(lattice: Lattice, search: BeamSearch) -> tuple[float, float, list[int]]:
    """Cost, language cost and arcs of the best way through a lattice, which itself sums over ways to fall back."""
    endings = dict(zip(search.frames[-1].arc.tolist(), search.final_costs()[0].tolist(), strict=True))
    final = np.array([endings[arc] for arc in lattice.arcs[-1].tolist()])
    costs, language, back = np.zeros(1), np.zeros(1), []
    for arcs, step in zip(lattice.arcs, lattice.steps, strict=True):
        total = costs[step.source] + step.cost
        best = np.array(
            [np.flatnonzero(step.target == n)[np.argmin(total[step.target == n])] for n in range(len(arcs))]
        )
        costs, language = total[best], language[step.source[best]] + step.language[best]
        back.append(step.source[best])
    place = int(np.argmin(costs + final))
    found = (float(costs[place] + final[place]), float(language[place] + final[place]))
    way = []
    for arcs, before in zip(reversed(lattice.arcs), reversed(back), strict=True):
        way.append(int(arcs[place]))
        place = int(before[place])
    return *found, way[::-1]


@pytest.mark.parametrize("seed", range(4))
def test_the_posterior_of_every_link_is_that_of_enumeration(seed: int) -> None:
    scores = random_scores(4, seed)
    search = searched(4, seed, WIDE)
    ways = list(every_path(search, scores))
    total = np.logaddexp.reduce([-way.cost for way in ways])
    wanted: dict[tuple[int, int, int, bool], float] = {}
    for way in ways:
        arcs = (-1, *(arc for arc, _ in way.links))
        for frame, (arc, entered) in enumerate(way.links):
            key = (frame, arcs[frame], arc, entered)
            wanted[key] = wanted.get(key, 0.0) + float(np.exp(-way.cost - total))
    lattice = make_lattice(search)
    assert lattice is not None
    forward, backward = [np.zeros(1), *lattice.forward()], lattice.backward()
    found: dict[tuple[int, int, int, bool], float] = {}
    for frame, step in enumerate(lattice.steps):
        before = lattice.arcs[frame - 1] if frame else np.array([-1])
        mass = np.exp(forward[frame][step.source] - step.cost + backward[frame][step.target] - total)
        for source, target, entered, share in zip(step.source, step.target, step.entered, mass, strict=True):
            key = (frame, int(before[source]), int(lattice.arcs[frame][target]), bool(entered))
            found[key] = found.get(key, 0.0) + float(share)
    assert {key: p for key, p in found.items() if p > 1e-6} == pytest.approx(
        {key: p for key, p in wanted.items() if p > 1e-6}, abs=1e-4
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_best_way_through_a_lattice_is_that_of_the_search(seed: int) -> None:
    search = searched(20, seed)
    lattice = make_lattice(search)
    assert lattice is not None
    cost, _, arcs = cheapest_way(lattice, search)
    best = search.frames[-1].cost + search.final_costs()[0]
    assert cost == pytest.approx(float(best.min()) + search.offsets[-1], abs=1e-2)
    place, way = int(np.argmin(best)), []
    for tokens in reversed(search.frames):
        way.append(int(tokens.arc[place]))
        place = int(tokens.previous[place])
    for table in (search.graph.phone, search.graph.word):  # back-off before or after a pause: another arc, same cost
        assert table[arcs].tolist() == table[way[::-1]].tolist()


@pytest.mark.parametrize("seed", range(4))
def test_acoustic_and_language_scores_of_the_best_way_add_up_to_its_score(seed: int) -> None:
    search = searched(4, seed, WIDE)
    best = min(every_path(search, random_scores(4, seed)), key=lambda way: way.cost)
    lattice = make_lattice(search)
    assert lattice is not None
    cost, language, arcs = cheapest_way(lattice, search)
    assert arcs == [arc for arc, _ in best.links]
    assert (cost, language) == pytest.approx((best.cost, best.language), abs=1e-3)
    stays = np.concatenate([step.language[~step.entered] for step in lattice.steps])
    assert not stays.any()  # staying in a phone is acoustics alone


@pytest.mark.parametrize("seed", range(12))
def test_lattices_over_filled_lists_sum_over_all_their_paths(seed: int) -> None:
    grammar, scores = random_grammar(np.random.default_rng(seed)), random_scores(9, seed)
    search = BeamSearch(open_grammar(grammar), 0, WIDE)
    search.accept(scores)
    lattice = make_lattice(search)
    if lattice is None or not lattice.complete:
        pytest.skip("no sentence of this grammar is as short")
    truth = [-way.cost for way in every_path(search, scores)]
    assert word_events(lattice)[1] == pytest.approx(float(np.logaddexp.reduce(truth)), abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_the_lattice_sums_over_all_paths(seed: int) -> None:
    search, scores = BeamSearch(toy_graph(), 0, WIDE), random_scores(4, seed)
    search.accept(scores)
    lattice = make_lattice(search)
    truth = by_words(search, scores)
    events, total = word_events(lattice)
    everything = float(np.logaddexp.reduce([log_sum for _, log_sum in truth.values()]))
    assert total == pytest.approx(everything, abs=1e-3)
    sentences = best_sentences(lattice, len(truth), width=1000)
    assert {tuple(search.graph.words[w.word] for w in s.words) for s in sentences} == set(truth)
    for sentence in sentences:
        words = tuple(search.graph.words[word.word] for word in sentence.words)
        assert sentence.log_prob == pytest.approx(truth[words][1], abs=1e-3)
    ends: dict[tuple[str, int], float] = {}
    for way in every_path(search, scores):
        for word, place in zip(way.words, way.ends, strict=True):
            ends[word, place] = ends.get((word, place), 0.0) + np.exp(-way.cost - everything)
    found: dict[tuple[str, int], float] = {}
    for word, last, mass in zip(events.word, events.last, events.posterior, strict=True):
        key = (search.graph.words[word], int(last))
        found[key] = found.get(key, 0.0) + mass
    assert {key: p for key, p in found.items() if p > 1e-6} == pytest.approx(
        {key: p for key, p in ends.items() if p > 1e-6}, abs=1e-4
    )


def test_every_frame_of_the_lattice_holds_all_of_the_probability():
    search = BeamSearch(toy_graph(), 0, DecoderOptions(lattice_beam=4.0))
    search.accept(random_scores(20, 1))
    lattice = make_lattice(search)
    total = word_events(lattice)[1]
    for before, after in zip(lattice.forward(), lattice.backward(), strict=True):
        assert np.logaddexp.reduce(before + after) == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_bins_of_a_confusion_network_sum_to_one_and_follow_in_time(seed):
    search = BeamSearch(toy_graph(), 0)
    search.accept(random_scores(25, seed))
    lattice = make_lattice(search)
    best = best_sentences(lattice, 1)[0].words
    bins = confusion_network(word_events(lattice)[0], best)
    for found in bins:
        assert sum(share for _, share in found.words) == pytest.approx(1, abs=1e-6)
        shares = [share for _, share in found.words]
        assert shares == sorted(shares, reverse=True)
    assert [found.pivot for found in bins if found.pivot is not None] == list(range(len(best)))
    assert all(0 <= c <= 1 for c in word_confidences(bins, best))
    assert all(a.last <= b.first and a.first < a.last for a, b in itertools.pairwise(best))


def test_clear_words_are_certain():
    search = BeamSearch(toy_graph(), 0)
    search.accept(planted_scores(["A", "B", "C", "D"]))
    lattice = make_lattice(search)
    best = best_sentences(lattice, 1)[0].words
    assert min(word_confidences(confusion_network(word_events(lattice)[0], best), best)) > 0.99


@pytest.mark.parametrize("seed", range(15))
def test_a_lattice_holds_more_than_its_best_sentences_and_a_network_more_than_the_first(seed: int) -> None:
    errors = [oracle_errors(seed)[name] for name in ("lattice", "five best", "first", "network")]
    assert errors[0] <= errors[1] <= errors[2]
    assert errors[3] <= errors[2]


def test_networks_hold_the_truth_more_often_than_five_sentences() -> None:
    found = [oracle_errors(seed) for seed in range(30)]
    assert sum(one["network"] for one in found) < 0.5 * sum(one["five best"] for one in found)


def test_a_consensus_expects_fewer_errors_than_the_likeliest_sentence() -> None:
    sentences = {(3, 4): 0.4, (3, 5): 0.35, (6, 5): 0.25}
    spoken = [(word, 10 * n, share) for words, share in sentences.items() for n, word in enumerate(words)]
    word, first, share = (np.array(column) for column in zip(*spoken, strict=True))
    best = [PathWord(3, 0, 10), PathWord(4, 10, 20)]
    bins = confusion_network(WordEvents(word, first, first + 10, share), best)
    agreed = [word for _, word, _ in consensus(bins)]

    def expected(words: list[int]) -> float:
        return sum(share * least_errors([{w} for w in words], one) for one, share in sentences.items())

    assert agreed == [3, 5]
    assert expected(agreed) == pytest.approx(0.65)
    assert expected([3, 4]) == pytest.approx(0.85)


@pytest.mark.parametrize("seed", range(8))
def test_a_consensus_reads_the_likeliest_word_of_each_bin_in_the_order_of_time(seed: int) -> None:
    found, plain = outcome_of(searched(25, seed, CONSENSUS), 5, 7), outcome_of(searched(25, seed), 5, 7)
    best = [found_bin.words[0] for found_bin in found.bins]
    agreed = found.sentences[0]
    assert [word.text for word in agreed.words] == [word for word, _ in best if word]
    assert all(a.last <= b.first and a.first < a.last for a, b in itertools.pairwise(agreed.words))
    assert found.bins == plain.bins
    readings = [[word.text for word in one.words] for one in found.sentences]
    assert len(readings) == len({" ".join(one) for one in readings}) <= 5
    if readings[0] == [word.text for word in plain.sentences[0].words]:
        assert found == plain
    elif agreed not in plain.sentences:
        share = np.prod([share for _, share in best])
        assert agreed.confidence == pytest.approx(share)
        total = plain.sentences[0].log_prob - np.log(plain.sentences[0].confidence)
        assert agreed.log_prob == pytest.approx(total + np.log(share), abs=1e-6)


def test_a_consensus_of_nothing_is_nothing() -> None:
    assert outcome_of(BeamSearch(toy_graph(), 0, CONSENSUS), 3, 0) == NOTHING
    assert (consensus([]), log_share([])) == ([], 0.0)


def oracle_errors(seed: int) -> dict[str, int]:
    """Least word errors against one of the lattice's sentences with a slip: of what a chooser could choose from."""
    rng = np.random.default_rng(seed)
    lattice = make_lattice(searched(25, seed))
    assert lattice is not None
    sentences = [tuple(word.word for word in one.words) for one in best_sentences(lattice, 500, width=50)]
    truth = list(sentences[int(rng.integers(min(12, len(sentences))))])
    truth[int(rng.integers(len(truth)))] = int(rng.choice(WORDS))
    bins = confusion_network(word_events(lattice)[0], best_sentences(lattice, 1)[0].words)
    return {
        "lattice": min(least_errors([{word} for word in one], truth) for one in sentences),
        "five best": min(least_errors([{word} for word in one], truth) for one in sentences[:5]),
        "first": least_errors([{word} for word in sentences[0]], truth),
        "network": least_errors([choices(found) for found in bins], truth),
    }


def choices(found: FrameBin) -> set[int]:
    return {word for word, _ in found.words}


def least_errors(slots: Sequence[set[int]], truth: Sequence[int]) -> int:
    """Least word errors of any way to choose one word (0: none) from each slot."""
    row = list(range(len(truth) + 1))
    for slot in slots:
        dropped = 0 if 0 in slot else 1
        after = [row[0] + dropped]
        for place, word in enumerate(truth, 1):
            after.append(min(row[place] + dropped, after[-1] + 1, row[place - 1] + (word not in slot)))
        row = after
    return row[-1]
