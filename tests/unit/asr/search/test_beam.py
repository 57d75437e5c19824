import numpy as np
import pytest
from tests.unit.asr.toy import PHONES, WIDE, by_words, planted_scores, pronounce, random_scores, toy_graph, toy_search

from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import grammar_acceptor
from harken.asr.search.lattice import make_lattice
from harken.asr.search.nbest import best_sentences
from harken.asr.search.space import SearchOptions
from harken.text.grammar import Choice, Grammar, Sequence, Words


def heard(search, **more):
    return [word.text for word in search.best_words(**more)]


def test_planted_words_are_found_at_their_places():
    search = toy_search()
    search.accept(planted_scores(["SIL", "A", "B", "SIL", "C", "D", "SIL"]))
    found = [(w.text, w.first, w.last) for w in search.best_words(ended=True)]
    assert found == [("ab", 3, 9), ("cd", 12, 18)]
    assert search.trailing_silence() == 3


@pytest.mark.parametrize("seed", range(6))
def test_without_beams_the_search_finds_the_best_of_all_paths(seed):
    search, scores = toy_search(options=WIDE), random_scores(4, seed)
    search.accept(scores)
    costs, ended = search.final_costs()
    assert ended
    best = min((cost, words) for words, (cost, _) in by_words(search, scores).items())
    assert float((search.frames[-1].cost + costs).min()) + search.offsets[-1] == pytest.approx(best[0], abs=1e-3)
    assert tuple(heard(search, ended=True)) == best[1]


def test_sentences_come_best_first_and_differ():
    search = toy_search()
    search.accept(random_scores(15, 3))
    sentences = best_sentences(make_lattice(search), 8)
    scores = [sentence.log_prob for sentence in sentences]
    assert scores == sorted(scores, reverse=True)
    assert len({sentence.texts for sentence in sentences}) == len(sentences) > 1


@pytest.mark.parametrize("pieces", [[1] * 30, [7, 7, 7, 7, 2], [29, 1]])
def test_any_division_into_pieces_gives_the_same_search(pieces):
    scores = random_scores(30, 5)
    whole, parts = toy_search(), toy_search()
    whole.accept(scores)
    for piece in np.split(scores, np.cumsum(pieces)[:-1]):
        parts.accept(piece)
    assert whole.best_words() == parts.best_words()
    assert np.array_equal(whole.frames[-1].cost, parts.frames[-1].cost)


def test_a_reset_search_repeats_itself():
    search, scores = toy_search(), random_scores(20, 6)
    search.accept(scores)
    first = (search.best_words(), search.frames[-1].cost.copy())
    search.reset()
    search.accept(scores)
    assert search.best_words() == first[0]
    assert np.array_equal(search.frames[-1].cost, first[1])


def test_the_beam_bounds_the_tokens():
    search = toy_search(options=SearchOptions(max_active=5))
    search.accept(random_scores(20, 7))
    assert max(len(tokens.arc) for tokens in search.frames) == 5


def test_a_sentence_broken_off_is_still_answered():
    graph = compile_graph(grammar_acceptor(Grammar(Words(("cd", "ab")))), pronounce, PHONES)
    search = toy_search(graph)
    search.accept(planted_scores(["C", "D", "A"]))
    assert search.final_costs()[1] is False
    assert heard(search) == ["cd"]
    assert make_lattice(search).complete is False


def test_agreement_is_a_share_and_whole_in_the_past():
    search = toy_search()
    search.accept(planted_scores(["A", "B", "SIL", "C", "D", "SIL"]))
    sure = search.agreement()
    assert all(0 < share <= 1 + 1e-9 for share in sure.values())
    assert sure[min(sure)] == pytest.approx(1, abs=1e-6)


def test_silence_alone_has_no_words():
    search = toy_search()
    assert search.best_words() == []
    assert make_lattice(search) is None
    search.accept(planted_scores(["SIL", "SIL"]))
    assert best_sentences(make_lattice(search), 1)[0].words == ()


def completeness_of(root, phones):
    graph = compile_graph(grammar_acceptor(Grammar(root)), pronounce, PHONES)
    search = toy_search(graph, SearchOptions(phone_bonus=0.0))
    search.accept(planted_scores(phones))
    return search.completeness()


def test_a_sentence_is_complete_where_nothing_can_follow_and_incomplete_where_something_must():
    order = Sequence((Words(("ab",)), Choice((Words(()), Words(("cd",))))))
    assert completeness_of(Words(("ab", "cd")), ["A", "B", "SIL"]) < 1e-4
    assert completeness_of(Words(("ab", "cd")), ["A", "B", "C", "D"]) > 0.999
    assert completeness_of(order, ["A", "B", "SIL"]) == pytest.approx(0.5, abs=1e-3)
    assert completeness_of(order, ["A", "B", "C"]) < 1e-4
    assert completeness_of(order, ["A", "B", "C", "D", "SIL"]) > 0.999


def ending(graph, state):
    """The greatest probability of ending in a state or in one that it falls back to."""
    best, paid = 0.0, 0.0
    while state >= 0:
        arcs = range(graph.first[state], graph.first[state + 1])
        following = max((np.exp(-graph.cost[arc]) for arc in arcs if graph.phone[arc] != 0), default=0.0)
        ends = np.exp(-graph.final[state])
        best = max(best, np.exp(-paid) * ends / max(1.0, ends + following))
        paid, state = paid + graph.backoff_cost[state], graph.backoff[state]
    return best


@pytest.mark.parametrize("said", ["A", "CD", "CDCD", "AB"])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_with_a_language_model_completeness_is_the_probability_of_the_end_whatever_its_scale(said, scale):
    search = toy_search(options=SearchOptions(phone_bonus=0.0, graph_scale=scale))
    assert search.completeness() is None
    search.accept(planted_scores(["SIL"]))
    assert search.completeness() is None, "nothing was said yet"
    search.accept(planted_scores([*said, "SIL"]))
    graph, tokens = toy_graph(), search.frames[-1]
    ends = np.array([ending(graph, state) for state in graph.target[tokens.arc]])
    assert search.completeness() == pytest.approx(np.average(ends, weights=np.exp(-tokens.cost)), rel=1e-4)


def test_what_often_ends_is_more_complete_than_what_never_does():
    known = {}
    for said in ("A", "CD", "CDCD"):
        search = toy_search(options=SearchOptions(phone_bonus=0.0))
        search.accept(planted_scores([*said, "SIL"]))
        known[said] = search.completeness()
    assert 0 < known["A"] < known["CD"] < known["CDCD"] < 1
