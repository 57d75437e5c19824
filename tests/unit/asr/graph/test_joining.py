"""Lists in their gaps, graphs side by side: the same as if everything had been compiled at once."""

import math

import numpy as np
import pytest
from tests.unit.asr.toy import (
    PHONES,
    WIDE,
    WORDS,
    open_grammar,
    planted_scores,
    pronounce,
    random_grammar,
    random_scores,
    sayings,
    spellings_of,
    toy_graph,
    toy_search,
    whole_grammar,
)

from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import checked_entries, grammar_acceptor, list_acceptor
from harken.asr.graph.graph import Graph
from harken.asr.graph.joining import fill_gaps, first_of, join_graphs
from harken.errors import ConfigError
from harken.text.grammar import Choice, Grammar, ListRef, Sequence, Words

SEEDS = range(40)
CALLS = Grammar(
    Choice((
        Sequence((Words(("a",)), ListRef("who"), Words(("sea",)))),
        Sequence((Words(("a",)), ListRef("who"))),
        Sequence((Words(("cd",)), ListRef("who"))),
    )),
    {"who": (("ab",), ("ab", "cd"), ("abc",))},
)  # fmt: skip


def grammar_of(seed: int) -> Grammar:
    return random_grammar(np.random.default_rng(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_filled_gaps_allow_exactly_the_sentences_of_the_grammar_at_their_costs(seed: int) -> None:
    grammar = grammar_of(seed)
    found = {words: math.exp(-cost) for (_, words), cost in spellings_of(open_grammar(grammar)).items()}
    assert found == pytest.approx(sayings(grammar), rel=2e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_filled_gaps_have_the_pronunciations_of_the_whole_grammar(seed: int) -> None:
    grammar = grammar_of(seed)
    assert spellings_of(open_grammar(grammar)) == pytest.approx(spellings_of(whole_grammar(grammar)), abs=3e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_finds_the_same_words_at_the_same_cost_as_in_the_whole_grammar(seed: int) -> None:
    grammar, scores = grammar_of(seed), random_scores(14, seed)
    found = []
    for graph in (open_grammar(grammar), whole_grammar(grammar)):
        search = toy_search(graph, WIDE)
        search.accept(scores)
        costs, ended = search.final_costs()
        words = [word.text for word in search.best_words(ended=True)]
        found.append((words, ended, float((search.frames[-1].cost + costs).min()) + search.offsets[-1]))
    assert found[0][:2] == found[1][:2]
    assert found[0][2] == pytest.approx(found[1][2], abs=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_filled_graph_is_sorted_and_complete(seed: int) -> None:
    graph = open_grammar(grammar_of(seed))
    assert graph.first[-1] == graph.arcs == len(graph.cost) == len(graph.target) == len(graph.word)
    assert (np.diff(graph.first) > 0).all()
    assert graph.target.max() < graph.states == len(graph.first) - 1
    assert not graph.gaps.lists


def test_an_exchanged_list_leaves_the_rest_as_it_was() -> None:
    sentences = compile_graph(grammar_acceptor(CALLS), pronounce, PHONES)
    for entries in (CALLS.lists["who"], (("sea", "sea"),), (("cd",), ("a",))):
        filled = fill_gaps(sentences, {"who": list_graph(entries)})
        wanted = sayings(CALLS.with_list("who", entries))
        found = {words: math.exp(-cost) for (_, words), cost in spellings_of(filled).items()}
        assert found == pytest.approx(wanted, rel=2e-3)


def test_gaps_that_lead_to_the_same_state_share_a_copy() -> None:
    one = Sequence((Words(("a",)), ListRef("who")))
    two = Choice((one, Sequence((Words(("cd",)), ListRef("who")))))
    many = tuple((word, "sea", other) for word in WORDS for other in WORDS)
    sizes = [open_grammar(Grammar(root, {"who": many})).states for root in (one, two)]
    assert sizes[1] - sizes[0] <= 3


def test_an_entry_that_begins_a_longer_one_can_be_left_and_gone_on_with() -> None:
    for phones, wanted in (
        (["A", "SIL", "A", "B", "SIL", "C"], ["a", "ab", "sea"]),
        (["A", "A", "B", "SIL", "C", "D", "SIL", "C"], ["a", "ab", "cd", "sea"]),
        (["C", "D", "A", "B", "C", "D"], ["cd", "ab", "cd"]),
    ):
        search = toy_search(open_grammar(CALLS))
        search.accept(planted_scores(phones))
        assert [word.text for word in search.best_words(ended=True)] == wanted


def test_equal_entries_count_once() -> None:
    twice = open_grammar(CALLS.with_list("who", (("ab",), ("ab",), ("sea",))))
    once = open_grammar(CALLS.with_list("who", (("ab",), ("sea",))))
    assert spellings_of(twice) == pytest.approx(spellings_of(once))


@pytest.mark.parametrize(
    ("entries", "message"), [((), "'who' is empty"), ((("ab",), ()), "'who' has an entry without words")]
)
def test_lists_that_cannot_be_spoken_are_refused(entries: tuple[tuple[str, ...], ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        checked_entries("who", entries)


def test_a_grammar_may_consist_of_a_list() -> None:
    found = spellings_of(open_grammar(Grammar(ListRef("who"), {"who": (("cd",), ("a", "ab"))})))
    assert {words for _, words in found} == {("cd",), ("a", "ab")}


def test_joined_graphs_offer_both_at_their_weights() -> None:
    one = compile_graph(grammar_acceptor(Grammar(Words(("a",)))), pronounce, PHONES)
    two = compile_graph(grammar_acceptor(Grammar(Choice((Words(("cd",)), Words(("a",)))))), pronounce, PHONES)
    found = spellings_of(join_graphs([(one, 3.0), (two, 1.0)]))
    assert math.exp(-found[("A",), ("a",)]) == pytest.approx(0.75)
    assert math.exp(-found[("C", "D"), ("cd",)]) == pytest.approx(0.125)


def test_the_first_of_joined_graphs_is_a_view_that_serves_in_its_place() -> None:
    first, second = toy_graph(), open_grammar(CALLS)
    joined = join_graphs([(first, 3.0), (second, 1.0)])
    view = first_of(joined, first)
    assert view.cost.base is joined.cost
    again = join_graphs([(view, 3.0), (second, 1.0)])
    assert again.words == joined.words
    assert all(
        np.array_equal(getattr(again, name), getattr(joined, name)) for name in ("first", "word", "target", "cost")
    )


def list_graph(entries: tuple[tuple[str, ...], ...]) -> Graph:
    return compile_graph(list_acceptor(entries), pronounce, PHONES)
