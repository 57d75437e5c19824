"""Small languages for the tests of the recogniser, and the answer to everything by enumeration."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from harken.asr.acceptor import ngram_acceptor
from harken.asr.decoder import BeamSearch, DecoderOptions
from harken.asr.graph import Graph, compile_graph
from harken.asr.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney
from harken.asr.ngram import NgramModel

PHONES = ("SIL", "A", "B", "C", "D")
WORDS = {
    "ab": (("A", "B"),),
    "a": (("A",),),
    "abc": (("A", "B", "C"), ("A", "C")),
    "cd": (("C", "D"),),
    "sea": (("C",),),
}
SENTENCES = [["ab", "cd"], ["a", "cd"], ["abc", "sea"], ["ab", "sea", "a"], ["cd", "cd"], ["a", "ab", "cd"], ["sea"]]
WIDE = DecoderOptions(beam=1e9, max_active=10**9, lattice_beam=1e9, lattice_width=10**9, silence_cost=0.3)


def pronounce(word: str) -> tuple[tuple[str, ...], ...]:
    return WORDS.get(word, ())


def toy_model(order: int = 3) -> NgramModel:
    return train_kneser_ney(count_ngrams(SENTENCES, choose_vocabulary(SENTENCES, 10), order=order))


def toy_graph(order: int = 3) -> Graph:
    return compile_graph(ngram_acceptor(toy_model(order)), pronounce, PHONES)


def random_scores(frames: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (frames, 2 * len(PHONES))).astype(np.float32)


def planted_scores(phones: list[str], each: int = 3) -> np.ndarray:
    """Scores that leave no doubt: each phone takes `each` frames."""
    rows = np.full((each * len(phones), 2 * len(PHONES)), -20.0, np.float32)
    for number, phone in enumerate(phones):
        rows[number * each, PHONES.index(phone)] = 0.0
        rows[number * each + 1 : (number + 1) * each, len(PHONES) + PHONES.index(phone)] = 0.0
    return rows


def every_path(search: BeamSearch, scores: np.ndarray) -> Iterator[tuple[tuple[str, ...], float, tuple[int, ...]]]:
    """(words, cost, frame in which each word ends) of every complete path, straight from the meaning of a graph."""
    graph, phones = search.graph, scores.shape[1] // 2
    enter = search.entry_costs(scores[:, :phones])
    stay = -search.options.acoustic_scale * scores[:, phones:]

    def fall(state: int, cost: float) -> Iterator[tuple[int, float]]:
        while state >= 0:
            yield state, cost
            cost, state = cost + float(graph.backoff_cost[state]), int(graph.backoff[state])

    def walk(arc: int, frame: int, cost: float, words: tuple[str, ...], ends: tuple[int, ...]):
        left = words + ((graph.words[graph.word[arc]],) if graph.word[arc] else ())
        left_ends = ends + ((frame,) if graph.word[arc] else ())
        if frame == len(scores):
            for state, price in fall(int(graph.target[arc]), cost):
                if math.isfinite(graph.final[state]):
                    yield left, price + float(graph.final[state]), left_ends
            return
        yield from walk(arc, frame + 1, cost + float(stay[frame, graph.phone[arc]]), words, ends)
        yield from enter_from(int(graph.target[arc]), frame, cost, left, left_ends)

    def enter_from(start: int, frame: int, cost: float, words: tuple[str, ...], ends: tuple[int, ...]):
        for state, price in fall(start, cost):
            for arc in range(int(graph.first[state]), int(graph.first[state + 1])):
                here = price + float(graph.cost[arc]) + float(enter[frame, graph.phone[arc]])
                yield from walk(arc, frame + 1, here, words, ends)

    for start, cost in zip(graph.starts.tolist(), graph.start_costs.tolist(), strict=True):
        yield from enter_from(start, 0, cost, (), ())
