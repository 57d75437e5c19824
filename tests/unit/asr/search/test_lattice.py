"""Lattices against enumeration: every posterior, every score, every best way."""

import numpy as np
import pytest
from tests.unit.asr.toy import (
    WIDE,
    by_words,
    every_path,
    open_grammar,
    random_grammar,
    random_scores,
    toy_search,
)

from harken.asr.search.beam import BeamSearch
from harken.asr.search.lattice import Lattice, make_lattice, word_events
from harken.asr.search.nbest import best_sentences
from harken.asr.search.space import SearchOptions


def searched(frames: int, seed: int, options: SearchOptions | None = None) -> BeamSearch:
    search = toy_search(options=options)
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
    graph = search.space.graph
    for table in (graph.phone, graph.word):  # back-off before or after a pause: another arc, same cost
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
    search = toy_search(open_grammar(grammar), WIDE)
    search.accept(scores)
    lattice = make_lattice(search)
    if lattice is None or not lattice.complete:
        pytest.skip("no sentence of this grammar is as short")
    truth = [-way.cost for way in every_path(search, scores)]
    assert word_events(lattice)[1] == pytest.approx(float(np.logaddexp.reduce(truth)), abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_the_lattice_sums_over_all_paths(seed: int) -> None:
    search, scores = toy_search(options=WIDE), random_scores(4, seed)
    search.accept(scores)
    lattice = make_lattice(search)
    truth = by_words(search, scores)
    events, total = word_events(lattice)
    everything = float(np.logaddexp.reduce([log_sum for _, log_sum in truth.values()]))
    assert total == pytest.approx(everything, abs=1e-3)
    sentences = best_sentences(lattice, len(truth), width=1000)
    assert {sentence.texts for sentence in sentences} == set(truth)
    for sentence in sentences:
        assert sentence.log_prob == pytest.approx(truth[sentence.texts][1], abs=1e-3)
    ends: dict[tuple[str, int], float] = {}
    for way in every_path(search, scores):
        for word, place in zip(way.words, way.ends, strict=True):
            ends[word, place] = ends.get((word, place), 0.0) + np.exp(-way.cost - everything)
    found: dict[tuple[str, int], float] = {}
    for word, last, mass in zip(events.word, events.last, events.posterior, strict=True):
        key = (search.space.graph.words[word], int(last))
        found[key] = found.get(key, 0.0) + mass
    assert {key: p for key, p in found.items() if p > 1e-6} == pytest.approx(
        {key: p for key, p in ends.items() if p > 1e-6}, abs=1e-4
    )


def test_every_frame_of_the_lattice_holds_all_of_the_probability():
    search = toy_search(options=SearchOptions(lattice_beam=4.0))
    search.accept(random_scores(20, 1))
    lattice = make_lattice(search)
    total = word_events(lattice)[1]
    for before, after in zip(lattice.forward(), lattice.backward(), strict=True):
        assert np.logaddexp.reduce(before + after) == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_sentences_within_a_margin_are_found_with_less_work(seed: int) -> None:
    lattice = make_lattice(searched(25, seed))
    assert lattice is not None
    whole = best_sentences(lattice, 10, width=40)
    near = [one for one in whole if one.log_prob > whole[0].log_prob - 3.0]
    found = best_sentences(lattice, 10, width=40, margin=12.0)[: len(near)]
    assert [one.texts for one in found] == [one.texts for one in near]
    assert [one.log_prob for one in found] == pytest.approx([one.log_prob for one in near], abs=0.05)
    assert len(best_sentences(lattice, 10, width=40, margin=0.0)) < len(whole)
