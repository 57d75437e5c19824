"""Small languages for the tests of the recogniser, and the answer to everything by enumeration."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from harken.asr.graph.acceptor import ngram_acceptor
from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import checked_entries, grammar_acceptor, list_acceptor
from harken.asr.graph.graph import Graph
from harken.asr.graph.joining import fill_gaps
from harken.asr.ngram.model import NgramModel
from harken.asr.search.beam import BeamSearch
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.text.grammar import Choice, Grammar, ListRef, Node, Sequence, Words
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney

PHONES = ("SIL", "A", "B", "C", "D")
WORDS = {
    "ab": (("A", "B"),),
    "a": (("A",),),
    "abc": (("A", "B", "C"), ("A", "C")),
    "cd": (("C", "D"),),
    "sea": (("C",),),
}
SENTENCES = [["ab", "cd"], ["a", "cd"], ["abc", "sea"], ["ab", "sea", "a"], ["cd", "cd"], ["a", "ab", "cd"], ["sea"]]
WIDE = SearchOptions(beam=1e9, max_active=10**9, lattice_beam=1e9, lattice_width=10**9, silence_cost=0.3)


def pronounce(word: str) -> tuple[tuple[str, ...], ...]:
    return WORDS.get(word, ())


def toy_model(order: int = 3) -> NgramModel:
    return train_kneser_ney(count_ngrams(SENTENCES, choose_vocabulary(SENTENCES, 10), order=order))


def toy_graph(order: int = 3) -> Graph:
    return compile_graph(ngram_acceptor(toy_model(order)), pronounce, PHONES)


def toy_search(graph: Graph | None = None, options: SearchOptions | None = None) -> BeamSearch:
    """A search over the toy language, or over another graph of its phones."""
    return BeamSearch(SearchSpace.of(graph or toy_graph(), 0, options))


def random_scores(frames: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (frames, 2 * len(PHONES))).astype(np.float32)


def planted_scores(phones: list[str], each: int = 3) -> np.ndarray:
    """Scores that leave no doubt: each phone takes `each` frames."""
    rows = np.full((each * len(phones), 2 * len(PHONES)), -20.0, np.float32)
    for number, phone in enumerate(phones):
        rows[number * each, PHONES.index(phone)] = 0.0
        rows[number * each + 1 : (number + 1) * each, len(PHONES) + PHONES.index(phone)] = 0.0
    return rows


@dataclass(frozen=True)
class Way:
    """A complete path through a graph."""

    cost: float = 0.0
    language: float = 0.0
    """The graph's part of the cost."""
    words: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()
    """Frame in which each word ends."""
    links: tuple[tuple[int, bool], ...] = ()
    """Per frame: the arc, and whether it was entered."""

    def paying(self, language: float, acoustic: float = 0.0) -> Way:
        return replace(self, cost=self.cost + language + acoustic, language=self.language + language)


def every_path(search: BeamSearch, scores: np.ndarray) -> Iterator[Way]:
    """Every complete path, straight from the meaning of a graph."""
    graph, phones = search.space.graph, scores.shape[1] // 2
    enter = search.entry_costs(scores[:, :phones])
    stay = -search.space.options.acoustic_scale * scores[:, phones:]

    def fall(state: int, way: Way) -> Iterator[tuple[int, Way]]:
        while state >= 0:
            yield state, way
            way, state = way.paying(float(graph.backoff_cost[state])), int(graph.backoff[state])

    def walk(arc: int, frame: int, way: Way) -> Iterator[Way]:
        named = bool(graph.word[arc])
        left = replace(way, words=(*way.words, graph.words[graph.word[arc]]), ends=(*way.ends, frame)) if named else way
        if frame == len(scores):
            for state, paid in fall(int(graph.target[arc]), left):
                if math.isfinite(graph.final[state]):
                    yield paid.paying(float(graph.final[state]))
            return
        stayed = replace(way, links=(*way.links, (arc, False)))
        yield from walk(arc, frame + 1, stayed.paying(0.0, float(stay[frame, graph.phone[arc]])))
        yield from enter_from(int(graph.target[arc]), frame, left)

    def enter_from(start: int, frame: int, way: Way) -> Iterator[Way]:
        for state, paid in fall(start, way):
            for arc in range(int(graph.first[state]), int(graph.first[state + 1])):
                if math.isfinite(graph.cost[arc]):
                    entered = replace(paid, links=(*paid.links, (arc, True)))
                    price = float(enter[frame, graph.phone[arc]])
                    yield from walk(arc, frame + 1, entered.paying(float(graph.cost[arc]), price))

    for start, cost in zip(graph.starts.tolist(), graph.start_costs.tolist(), strict=True):
        yield from enter_from(start, 0, Way().paying(cost))


def by_words(search: BeamSearch, scores: np.ndarray) -> dict[tuple[str, ...], tuple[float, float]]:
    """Words -> (best cost, log sum) over all paths."""
    found: dict[tuple[str, ...], list[float]] = {}
    for way in every_path(search, scores):
        found.setdefault(way.words, []).append(-way.cost)
    return {words: (-max(costs), float(np.logaddexp.reduce(costs))) for words, costs in found.items()}


def spellings_of(graph: Graph) -> dict[tuple[tuple[str, ...], tuple[str, ...]], float]:
    """(phones, words) -> cost, of a graph without loops other than silence."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], float] = {}

    def walk(state: int, phones: tuple[str, ...], words: tuple[str, ...], cost: float) -> None:
        if math.isfinite(graph.final[state]):
            key = (phones, words)
            found[key] = min(found.get(key, math.inf), cost + float(graph.final[state]))
        for arc in range(int(graph.first[state]), int(graph.first[state + 1])):
            phone = PHONES[graph.phone[arc]]
            if phone != "SIL":
                word = (graph.words[graph.word[arc]],) if graph.word[arc] else ()
                walk(int(graph.target[arc]), (*phones, phone), words + word, cost + float(graph.cost[arc]))

    for start, cost in zip(graph.starts.tolist(), graph.start_costs.tolist(), strict=True):
        walk(start, (), (), cost)
    return found


def open_grammar(grammar: Grammar) -> Graph:
    """The graph of a grammar whose lists are compiled by themselves and put into their gaps."""
    sentences = compile_graph(grammar_acceptor(grammar), pronounce, PHONES)
    lists = {
        name: compile_graph(list_acceptor(checked_entries(name, grammar.lists[name])), pronounce, PHONES)
        for name in sentences.gaps.lists
    }
    return fill_gaps(sentences, lists)


def whole_grammar(grammar: Grammar) -> Graph:
    """The graph of a grammar that is compiled with its lists."""
    fixed = replace(grammar, fixed=frozenset(grammar.lists))
    return compile_graph(grammar_acceptor(fixed), pronounce, PHONES)


def sayings(grammar: Grammar) -> dict[tuple[str, ...], float]:
    """Sentence -> probability of the likeliest way to derive it, straight from the meaning of a grammar."""

    def ways(node: Node) -> Iterator[tuple[tuple[str, ...], float]]:
        if isinstance(node, Words):
            yield node.words, 1.0
        elif isinstance(node, ListRef):
            entries = tuple(dict.fromkeys(grammar.lists[node.list]))
            yield from ((entry, 1 / len(entries)) for entry in entries)
        elif isinstance(node, Choice):
            weights = node.weights or (1.0,) * len(node.options)
            for option, weight in zip(node.options, weights, strict=True):
                yield from ((words, p * weight / sum(weights)) for words, p in ways(option))
        else:
            for parts in itertools.product(*(list(ways(part)) for part in node.parts)):
                yield sum((words for words, _ in parts), ()), math.prod(p for _, p in parts)

    found: dict[tuple[str, ...], float] = {}
    for words, p in ways(grammar.root):
        found[words] = max(found.get(words, 0.0), p)
    return found


def random_grammar(rng: np.random.Generator) -> Grammar:
    """A few sentences with up to three lists, whose entries may begin like each other and like the words beside."""
    vocabulary = list(WORDS)

    def words(most: int) -> tuple[str, ...]:
        return tuple(vocabulary[n] for n in rng.integers(len(vocabulary), size=rng.integers(1, most + 1)))

    def node(depth: int) -> Node:
        kind = rng.integers(4) if depth else rng.integers(2)
        if kind == 0:
            return Words(words(2))
        if kind == 1:
            return ListRef(f"list{rng.integers(3)}")
        parts = tuple(node(depth - 1) for _ in range(2))
        if kind == 2:
            return Sequence(parts)
        return Choice((*parts, Words(()))) if rng.random() < 0.3 else Choice(parts, (1.0, 2.5))

    lists = {f"list{n}": tuple(words(3) for _ in range(rng.integers(1, 5))) for n in range(3)}
    return Grammar(Sequence((node(2), ListRef("list0"), Choice((node(1), Words(()))))), lists)
