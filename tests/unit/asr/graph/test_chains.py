"""Chains in the gaps of a grammar: any number of phrases, at the cost of their weights."""

import math

import numpy as np
import pytest
from tests.unit.asr.toy import PHONES, planted_scores, pronounce, toy_search

from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import LIST_END, LIST_ROOT, chain_acceptor, grammar_acceptor
from harken.asr.graph.graph import Graph
from harken.asr.graph.joining import fill_gaps
from harken.languages.chains import START, Chain, Link
from harken.text.grammar import Choice, Grammar, ListRef, Sequence, Words

RUN = Chain(
    links=(
        Link(before=START, after="a", phrases=(("a",),), weight=3.0),
        Link(before=START, after="c", phrases=(("cd",), ("sea", "sea")), weight=1.0),
        Link(before="a", after="a", phrases=(("a",),), weight=1.0),
        Link(before="a", after="c", phrases=(("cd",), ("sea", "sea")), weight=2.0),
    ),
    ends={"a": 1.0, "c": 5.0},
)
"""Any number of 'a', then perhaps one of two phrases."""
CALLS = Grammar(
    Choice((Sequence((Words(("ab",)), ListRef("run"), Words(("ab",)))), ListRef("run"))), chains={"run": RUN}
)


def open_graph(grammar: Grammar) -> Graph:
    sentences = compile_graph(grammar_acceptor(grammar), pronounce, PHONES)
    return fill_gaps(
        sentences,
        {name: compile_graph(chain_acceptor(chain), pronounce, PHONES) for name, chain in grammar.chains.items()},
    )


def price(words: list[str]) -> float:
    """The cheapest way through the chain that says exactly these words; inf when there is none."""
    acceptor, costs = chain_acceptor(RUN), {LIST_ROOT: 0.0}
    for word in words:
        reached: dict[int, float] = {}
        arcs = zip(acceptor.source, acceptor.word, acceptor.cost, acceptor.target, strict=True)
        for source, name, cost, target in arcs:
            if source in costs and acceptor.words[name] == word:
                reached[int(target)] = min(reached.get(int(target), math.inf), costs[source] + float(cost))
        costs = reached
    return costs.get(LIST_END, math.inf)


@pytest.mark.parametrize(
    ("words", "probability"),
    [
        ("a", 3 / 4 * 1 / 4), ("a a a", 3 / 4 * 1 / 4 * 1 / 4 * 1 / 4), ("cd", 1 / 4 * 1 / 2),
        ("a sea sea", 3 / 4 * 2 / 4 * 1 / 2), ("sea", 0), ("cd a", 0), ("", 0),
    ],
)  # fmt: skip
def test_a_chain_says_phrases_in_any_number_at_the_probability_of_its_walk(words: str, probability: float) -> None:
    assert math.exp(-price(words.split())) == pytest.approx(probability, abs=1e-6)


def test_nothing_leads_back_to_the_root_or_on_from_the_end() -> None:
    acceptor = chain_acceptor(RUN)
    assert LIST_ROOT not in acceptor.target
    assert LIST_END not in acceptor.source
    assert np.isfinite(acceptor.final[LIST_END])


@pytest.mark.parametrize(
    ("phones", "wanted"),
    [
        ("A B A A A SIL A A B", "ab a a a a ab"),
        ("A B A SIL C SIL C A B", "ab a sea sea ab"),
        ("A A A A C D", "a a a a cd"),
        ("A", "a"),
    ],
)
def test_chains_are_heard_inside_sentences_and_alone(phones: str, wanted: str) -> None:
    search = toy_search(open_graph(CALLS))
    search.accept(planted_scores(phones.split()))
    assert [word.text for word in search.best_words(ended=True)] == wanted.split()


def test_a_grammar_knows_the_words_of_its_chains() -> None:
    assert CALLS.vocabulary() == {"ab", "a", "cd", "sea"}
