import itertools

import numpy as np
import pytest
from tests.unit.asr.toy import PHONES, WIDE, every_path, planted_scores, pronounce, random_scores, toy_graph

from harken.asr.acceptor import grammar_acceptor
from harken.asr.confusion import confusion_network, word_confidences
from harken.asr.decoder import BeamSearch, DecoderOptions
from harken.asr.graph import compile_graph
from harken.asr.lattice import make_lattice, word_events
from harken.asr.nbest import best_sentences
from harken.text.grammar import Grammar, Words


def heard(search, **more):
    return [search.graph.words[word.word] for word in search.best_words(**more)]


def by_words(search, scores):
    """Words -> (best cost, log sum) over all paths."""
    found: dict[tuple[str, ...], list[float]] = {}
    for words, cost, _ in every_path(search, scores):
        found.setdefault(words, []).append(-cost)
    return {words: (-max(costs), float(np.logaddexp.reduce(costs))) for words, costs in found.items()}


def test_planted_words_are_found_at_their_places():
    search = BeamSearch(toy_graph(), 0)
    search.accept(planted_scores(["SIL", "A", "B", "SIL", "C", "D", "SIL"]))
    found = [(search.graph.words[w.word], w.first, w.last) for w in search.best_words(ended=True)]
    assert found == [("ab", 3, 9), ("cd", 12, 18)]
    assert search.trailing_silence() == 3


@pytest.mark.parametrize("seed", range(6))
def test_without_beams_the_search_finds_the_best_of_all_paths(seed):
    search, scores = BeamSearch(toy_graph(), 0, WIDE), random_scores(4, seed)
    search.accept(scores)
    costs, ended = search.final_costs()
    assert ended
    best = min((cost, words) for words, (cost, _) in by_words(search, scores).items())
    assert float((search.frames[-1].cost + costs).min()) + search.offsets[-1] == pytest.approx(best[0], abs=1e-3)
    assert tuple(heard(search, ended=True)) == best[1]


@pytest.mark.parametrize("seed", range(4))
def test_the_lattice_sums_over_all_paths(seed):
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
    for words, cost, places in every_path(search, scores):
        for word, place in zip(words, places, strict=True):
            ends[word, place] = ends.get((word, place), 0.0) + np.exp(-cost - everything)
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


def test_sentences_come_best_first_and_differ():
    search = BeamSearch(toy_graph(), 0)
    search.accept(random_scores(15, 3))
    sentences = best_sentences(make_lattice(search), 8)
    scores = [sentence.log_prob for sentence in sentences]
    assert scores == sorted(scores, reverse=True)
    assert len({tuple(w.word for w in s.words) for s in sentences}) == len(sentences) > 1


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


@pytest.mark.parametrize("pieces", [[1] * 30, [7, 7, 7, 7, 2], [29, 1]])
def test_any_division_into_pieces_gives_the_same_search(pieces):
    scores = random_scores(30, 5)
    whole, parts = BeamSearch(toy_graph(), 0), BeamSearch(toy_graph(), 0)
    whole.accept(scores)
    for piece in np.split(scores, np.cumsum(pieces)[:-1]):
        parts.accept(piece)
    assert whole.best_words() == parts.best_words()
    assert np.array_equal(whole.frames[-1].cost, parts.frames[-1].cost)


def test_a_reset_search_repeats_itself():
    search, scores = BeamSearch(toy_graph(), 0), random_scores(20, 6)
    search.accept(scores)
    first = (search.best_words(), search.frames[-1].cost.copy())
    search.reset()
    search.accept(scores)
    assert search.best_words() == first[0]
    assert np.array_equal(search.frames[-1].cost, first[1])


def test_the_beam_bounds_the_tokens():
    search = BeamSearch(toy_graph(), 0, DecoderOptions(max_active=5))
    search.accept(random_scores(20, 7))
    assert max(len(tokens.arc) for tokens in search.frames) == 5


def test_a_sentence_broken_off_is_still_answered():
    graph = compile_graph(grammar_acceptor(Grammar(Words(("cd", "ab")))), pronounce, PHONES)
    search = BeamSearch(graph, 0)
    search.accept(planted_scores(["C", "D", "A"]))
    assert search.final_costs()[1] is False
    assert heard(search) == ["cd"]
    assert make_lattice(search).complete is False


def test_agreement_is_a_share_and_whole_in_the_past():
    search = BeamSearch(toy_graph(), 0)
    search.accept(planted_scores(["A", "B", "SIL", "C", "D", "SIL"]))
    sure = search.agreement()
    assert all(0 < share <= 1 + 1e-9 for share in sure.values())
    assert sure[min(sure)] == pytest.approx(1, abs=1e-6)


def test_silence_alone_has_no_words():
    search = BeamSearch(toy_graph(), 0)
    assert search.best_words() == []
    assert make_lattice(search) is None
    search.accept(planted_scores(["SIL", "SIL"]))
    assert best_sentences(make_lattice(search), 1)[0].words == ()
