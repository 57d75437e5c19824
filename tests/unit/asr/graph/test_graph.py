import itertools
import math

import numpy as np
import pytest
from tests.unit.asr.toy import PHONES, WORDS, pronounce, sayings, spellings_of, toy_graph, toy_model

from harken.asr.graph.acceptor import Acceptor, ngram_acceptor
from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import grammar_acceptor
from harken.errors import ConfigError, VocabularyError
from harken.text.grammar import Choice, Grammar, ListRef, Sequence, Words

GRAMMAR = Grammar(
    Sequence((
        Choice((Words(("a",)), Words(("ab",)), Words(())), (2.0, 1.0, 1.0)),
        ListRef("things", "thing"),
        Choice((Words(()), Words(("sea",)))),
    )),
    {"things": (("cd",), ("abc", "cd"), ("abc", "sea"))},
    frozenset({"things"}),
)  # fmt: skip


def sentences_of(acceptor: Acceptor) -> dict[tuple[str, ...], float]:
    """Sentence -> cost, of an acceptor without loops."""
    arcs: dict[int, list[tuple[str, float, int]]] = {}
    for source, word, cost, target in zip(acceptor.source, acceptor.word, acceptor.cost, acceptor.target, strict=True):
        arcs.setdefault(int(source), []).append((acceptor.words[word], float(cost), int(target)))
    found: dict[tuple[str, ...], float] = {}

    def walk(state: int, words: tuple[str, ...], cost: float) -> None:
        if math.isfinite(acceptor.final[state]):
            found[words] = min(found.get(words, math.inf), cost + float(acceptor.final[state]))
        for word, price, target in arcs.get(state, []):
            walk(target, (*words, word), cost + price)

    walk(acceptor.start, (), 0.0)
    return found


def test_a_grammar_accepts_exactly_its_sentences_with_their_probabilities():
    wanted = sayings(GRAMMAR)
    found = sentences_of(grammar_acceptor(GRAMMAR))
    assert found.keys() == wanted.keys()
    for sentence, cost in found.items():
        assert math.exp(-cost) == pytest.approx(wanted[sentence], rel=1e-3)


def test_equal_ends_of_a_grammar_are_shared():
    ends = Choice(tuple(Sequence((Words((w,)), ListRef("things"))) for w in ("a", "ab", "cd")))
    acceptor = grammar_acceptor(Grammar(ends, GRAMMAR.lists, GRAMMAR.fixed))
    assert acceptor.states == 4  # start, before the thing, after 'abc', end


@pytest.mark.parametrize(
    ("grammar", "message"),
    [(Grammar(Words(())), "no word at all"), (Grammar(ListRef("x"), {"x": ()}, frozenset({"x"})), "'x' is empty"),
     (Grammar(Choice(())), "without options")],
)  # fmt: skip
def test_grammars_that_allow_nothing_are_refused(grammar, message):
    with pytest.raises(ConfigError, match=message):
        grammar_acceptor(grammar)


def test_a_graph_spells_every_sentence_in_every_pronunciation():
    acceptor = grammar_acceptor(GRAMMAR)
    wanted = {}
    for words, cost in sentences_of(acceptor).items():
        for ways in itertools.product(*(WORDS[word] for word in words)):
            wanted[tuple(phone for way in ways for phone in way), words] = cost
    found = spellings_of(compile_graph(acceptor, pronounce, PHONES))
    assert found.keys() == wanted.keys()
    assert all(found[key] == pytest.approx(wanted[key], abs=1e-3) for key in wanted)


def test_every_root_has_a_silence_to_itself_and_no_state_is_a_dead_end():
    graph = toy_graph()
    loops = [a for s in range(graph.states) for a in range(graph.first[s], graph.first[s + 1])
             if graph.phone[a] == 0 and graph.target[a] == s]  # fmt: skip
    assert len(loops) == ngram_acceptor(toy_model()).states
    assert (np.diff(graph.first) > 0).all()


def test_costs_lie_as_early_as_possible():
    graph = toy_graph()
    roots = ngram_acceptor(toy_model()).states
    for state in range(roots, graph.states):
        assert graph.cost[graph.first[state] : graph.first[state + 1]].min() == pytest.approx(0, abs=1e-5)


def test_words_without_pronunciation_are_named():
    with pytest.raises(VocabularyError, match=r"'zz'.*write them in letters"):
        compile_graph(grammar_acceptor(Grammar(Words(("a", "zz")))), pronounce, PHONES)
    with pytest.raises(VocabularyError, match="'D'"):
        compile_graph(grammar_acceptor(Grammar(Words(("cd",)))), pronounce, PHONES[:-1])
