"""What can be said, changed part by part: lists, expected words, grammars; and when a recogniser takes it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.asr.graph.test_cache import is_mapped
from tests.unit.asr.scripted import AB, CD, Scripted, sound
from tests.unit.asr.toy import PHONES, SENTENCES, WIDE, every_path, planted_scores, random_scores, toy_model, toy_search
from tests.unit.asr.toy import pronounce as toy_pronounce

from harken.asr.acoustic.model import Outputs
from harken.asr.graph import cache
from harken.asr.graph.acceptor import ngram_acceptor
from harken.asr.graph.biasing import BOOST, FREQUENT, STEEPNESS, add_words, boost_of, favour_words
from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import list_acceptor
from harken.asr.graph.graph import Graph
from harken.asr.ngram.table import KIND
from harken.asr.passes.hearing import decode, hear
from harken.asr.recognizer import Recognizer
from harken.asr.search.beam import BeamSearch
from harken.asr.search.source import ANSWERED, ASKED, Source, change_space
from harken.asr.search.space import SearchSpace
from harken.bundle import write_bundle
from harken.errors import ConfigError, VocabularyError
from harken.events import TurnAudio, TurnEnded, TurnStarted
from harken.phones.pronunciation import Unstressed
from harken.text.grammar import Grammar, ListRef, Words
from harken.text.grammar import Sequence as Parts
from harken.train.asr.ngram.table import ngram_files

NEW = {"dab": (("D", "A", "B"),), "dad": (("D", "A", "D"), ("D", "D"))}
CALL = Grammar(Parts((Words(("a",)), ListRef("who"))), {"who": (("ab",), ("cd",))})
SEARCH = {"acoustic_scale": 1.0, "phone_bonus": 0.0, "silence_cost": 0.3}


def pronounce(word: str) -> tuple[tuple[str, ...], ...]:
    return NEW.get(word) or toy_pronounce(word)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    settings = {"general": SEARCH, "grammar": SEARCH, "grammar_weight": 3.0}
    bundle = write_bundle(
        tmp_path / "ngram", name="ngram", kind=KIND, files=ngram_files(toy_model()), card="toy", labels=[],
        features={"order": 3, "search": settings}, scores={}, origin={},
    )  # fmt: skip
    return Source(bundle=bundle, labels=PHONES, spelling=pronounce)


def boosted(words: Sequence[str]) -> Graph:
    """The toy model with words expected, compiled as a whole."""
    acceptor = ngram_acceptor(toy_model())
    names = (*acceptor.words, *(word for word in words if word not in acceptor.words))
    fresh = np.array([names.index(word) for word in words if word not in acceptor.words], np.int64)
    rarest = acceptor.cost[acceptor.source == 0].max() - BOOST
    favoured = [names.index(word) for word in words]
    none = np.zeros(len(fresh), np.int64)
    return compile_graph(
        replace(
            acceptor, words=names, source=np.append(acceptor.source, none), word=np.append(acceptor.word, fresh),
            cost=np.append(acceptor.cost - BOOST * np.isin(acceptor.word, favoured), none + rarest).astype(np.float32),
            target=np.append(acceptor.target, none),
        ), pronounce, PHONES,
    )  # fmt: skip


def best_costs(graph: Graph, scores: np.ndarray) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for way in every_path(toy_search(graph, WIDE), scores):
        found[way.words] = min(found.get(way.words, np.inf), way.cost)
    return found


@pytest.mark.parametrize("words", [["ab"], ["abc", "sea", "a"], ["dab"], ["dad", "cd", "dab"]])
def test_expected_words_cost_what_they_would_if_all_were_compiled_with_them(words: list[str]) -> None:
    plain = compile_graph(ngram_acceptor(toy_model()), pronounce, PHONES)
    changed = favour_words(plain, dict.fromkeys(words, BOOST), 0)
    fresh = [(word,) for word in words if word not in plain.words]
    if fresh:
        unigrams = ngram_acceptor(toy_model())
        rarest = float(unigrams.cost[unigrams.source == 0].max())
        listed = compile_graph(list_acceptor(fresh), pronounce, PHONES)
        changed = add_words(changed, listed, rarest - BOOST - np.log(len(fresh)), 0)
    scores = random_scores(4, 1)
    assert best_costs(changed, scores) == pytest.approx(best_costs(boosted(words), scores), abs=1e-3)


def test_frequent_words_need_no_help_and_rare_ones_get_all() -> None:
    boosts = [boost_of(cost) for cost in (2.0, FREQUENT, FREQUENT + 1, 30.0)]
    assert boosts == [0.0, 0.0, STEEPNESS, BOOST]


def test_a_lower_cost_lies_as_early_as_possible() -> None:
    plain = compile_graph(ngram_acceptor(toy_model()), pronounce, PHONES)
    changed, whole = favour_words(plain, {"abc": BOOST, "cd": BOOST}, 0), boosted(["abc", "cd"])
    assert np.allclose(changed.cost, whole.cost, atol=1e-5)


def test_expected_words_can_be_said_more_than_once(source: Source) -> None:
    space = change_space(source, grammar=None, words=["dab"])
    assert heard(space, [("D", 3), ("A", 3), ("B", 3), ("SIL", 2), ("D", 3), ("A", 3), ("B", 3)]) == "dab dab"


def test_every_pronunciation_of_an_expected_word_is_heard(source: Source) -> None:
    space = change_space(source, grammar=None, words=["dad"])
    assert heard(space, [("D", 3), ("A", 3), ("D", 3)]) == "dad"
    assert heard(space, [("C", 3), ("D", 3), ("SIL", 2), ("D", 3), ("D", 3)]) == "cd dad"


def test_expecting_nothing_again_gives_the_plain_model(source: Source) -> None:
    plain = change_space(source, grammar=None)
    changed = change_space(plain.source, grammar=None, words=["dab", "ab"])
    again = change_space(changed.source, grammar=None)
    assert again.graph.words == plain.graph.words
    assert np.array_equal(again.graph.cost, plain.graph.cost)


def test_only_what_differs_is_compiled(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    first = change_space(source, grammar=CALL)
    compiled = []

    def watch(acceptor, spelling, labels):
        compiled.append(set(acceptor.words[1:]))
        return compile_graph(acceptor, spelling, labels)

    monkeypatch.setattr("harken.asr.search.source.compile_graph", watch)
    other = change_space(first.source, grammar=CALL.with_list("who", (("dab",), ("sea",))))
    assert compiled == [{"dab", "sea"}]
    equal = Grammar(Parts((Words(("a",)), ListRef("who"))), {"who": (("dab",), ("sea",))})
    change_space(other.source, grammar=equal)
    assert len(compiled) == 1
    change_space(other.source, grammar=Grammar(Words(("cd",))))
    assert compiled[1:] == [{"cd"}]


def test_a_changed_space_is_the_same_as_one_made_afresh(source: Source) -> None:
    changed = change_space(source, grammar=CALL, words=["ab"])
    for entries, words in (((("dab",), ("a", "sea")), ()), ((("cd",),), ("dad", "a"))):
        grammar = CALL.with_list("who", entries)
        changed = change_space(changed.source, grammar=grammar, words=words)
        fresh = change_space(source, grammar=grammar, words=words)
        assert changed.graph.words == fresh.graph.words
        for table in ("first", "phone", "word", "cost", "target", "backoff", "final", "starts", "start_costs"):
            assert np.array_equal(getattr(changed.graph, table), getattr(fresh.graph, table)), table


def test_the_general_model_lies_in_memory_once(source: Source) -> None:
    space = change_space(source, grammar=CALL)
    assert any(part.cost.base is space.graph.cost for part in space.source.parts.values())


def test_words_that_cannot_be_pronounced_are_named_with_their_list(source: Source) -> None:
    with pytest.raises(VocabularyError, match=r"list 'who'.*'zz'"):
        change_space(source, grammar=CALL.with_list("who", (("ab",), ("zz",))))
    with pytest.raises(VocabularyError, match="'zz'"):
        change_space(source, grammar=None, words=["zz"])


def test_a_recogniser_hears_the_entries_that_it_was_given(source: Source) -> None:
    hearing = recognizer(source, [("A", 4), ("D", 4), ("A", 4), ("B", 4)])
    assert hearing.transcribe(sound(16)).text != "a dab"
    hearing.set_list("who", ["Dab", "dad ab"])
    assert hearing.transcribe(sound(16)).text == "a dab"
    hearing.set_list("who", ["cd"])
    assert "dab" not in hearing.transcribe(sound(16)).text


def test_a_recogniser_expects_the_words_that_it_was_given(source: Source) -> None:
    hearing = recognizer(source, [*AB, ("D", 4), ("A", 4), ("B", 4)])
    assert "dab" not in hearing.transcribe(sound(20)).text
    hearing.set_words(["dab"])
    assert hearing.transcribe(sound(20)).text == "ab dab"
    hearing.set_list("who", ["sea"])
    assert hearing.transcribe(sound(20)).text == "ab dab"
    hearing.set_words([])
    assert "dab" not in hearing.transcribe(sound(20)).text


def test_a_turn_under_way_ends_with_the_list_that_it_began_with(source: Source) -> None:
    hearing = recognizer(source, [("A", 4), *CD])
    texts = []
    for turn in range(2):
        hearing.process(TurnStarted(turn=turn, start=0, reason="open"))
        hearing.process(TurnAudio(turn=turn, start=0, samples=sound(6)))
        hearing.set_list("who", ["sea"])
        hearing.set_words(["dab"])
        hearing.process(TurnAudio(turn=turn, start=len(sound(6)), samples=sound(6)))
        (final,) = hearing.process(TurnEnded(turn=turn, end=2 * len(sound(6)), reason="silence"))
        texts.append(final.hypotheses[0])
        assert hearing.space.source.words == ("dab",)
    assert texts[0].text == "a cd"
    assert texts[1].log_prob < texts[0].log_prob  # from now on by the general model


@pytest.mark.parametrize(
    ("name", "entries", "message"),
    [("whom", ["ab"], "no list 'whom'; did you mean 'who'"), ("xyz", ["ab"], "there are: who"),
     ("who", [], "'who' is empty"), ("who", ["ab", "!"], "entry without words")],
)  # fmt: skip
def test_lists_that_do_not_fit_are_refused_and_nothing_changes(
    source: Source, name: str, entries: list[str], message: str
) -> None:
    hearing = recognizer(source, [("A", 4), *CD])
    before = hearing.space
    with pytest.raises(ConfigError, match=message):
        hearing.set_list(name, entries)
    assert hearing.space is before
    assert hearing.transcribe(sound(12)).text == "a cd"


def test_without_grammar_there_is_no_list(source: Source) -> None:
    hearing = Recognizer(Scripted(AB), change_space(source, grammar=None))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no grammar"):
        hearing.set_list("who", ["ab"])


def test_a_space_put_together_by_hand_cannot_be_changed(source: Source) -> None:
    space = replace(change_space(source, grammar=None), source=None)
    with pytest.raises(ConfigError, match="load_space"):
        Recognizer(Scripted(AB), space).set_words(["ab"])  # type: ignore[arg-type]


def test_the_toy_model_knows_none_of_the_new_words() -> None:
    assert not {word for sentence in SENTENCES for word in sentence} & NEW.keys()


def recognizer(source: Source, script: Sequence[tuple[str, int]]) -> Recognizer:
    return Recognizer(Scripted(script), change_space(source, grammar=CALL))  # type: ignore[arg-type]


def heard(space: SearchSpace, script: Sequence[tuple[str, int]]) -> str:
    frames = sum(count for _, count in script)
    return Recognizer(Scripted(script), space).transcribe(sound(frames)).text  # type: ignore[arg-type]


def test_only_free_speech_is_put_together_word_by_word(source: Source) -> None:
    assert change_space(source, grammar=None).options.consensus
    assert change_space(source, grammar=None, words=["dab"]).options.consensus
    assert not change_space(source, grammar=CALL).options.consensus
    assert not change_space(source, grammar=CALL, general=False).options.consensus


class ToySpelling(Unstressed):
    """The toy's pronunciations as if they came from bundles, so that graphs are kept."""

    version = "toy"  # type: ignore[assignment]

    def __call__(self, word: str) -> tuple[tuple[str, ...], ...]:
        return pronounce(word)


@pytest.mark.parametrize("scale", [1.0, 1.7])
@pytest.mark.parametrize("grammar", [None, CALL])
def test_what_is_mapped_is_what_is_searched(
    source: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scale: float, grammar: Grammar | None
) -> None:  # fmt: skip
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    settings = {**SEARCH, "graph_scale": scale}
    searching = {"general": settings, "grammar": settings, "grammar_weight": 3.0}
    monkeypatch.setitem(source.bundle.info, "features", {"order": 3, "search": searching})
    plain = change_space(source, grammar=grammar)
    assert not is_mapped(plain.graph.cost)
    monkeypatch.setattr(cache, "MAPPED", 0)
    monkeypatch.setattr(cache, "ROOM", 5)
    for _ in range(2):  # when it is made, and when it is kept already
        kept = change_space(replace(source, spelling=ToySpelling()), grammar=grammar)
        for table in ("cost", "target", "sources", "least", "levels", "first", "final"):
            assert is_mapped(getattr(kept.graph, table)), table
            assert np.array_equal(getattr(kept.graph, table), getattr(plain.graph, table)), table
        assert np.allclose(kept.graph.start_costs, plain.graph.start_costs)
    changed = change_space(kept.source, grammar=CALL.with_list("who", (("dab",),)))
    assert is_mapped(changed.graph.cost)
    assert np.array_equal(kept.graph.cost, plain.graph.cost)
    expecting = change_space(kept.source, grammar=grammar, words=["dab", "ab"])
    assert np.array_equal(expecting.graph.cost, change_space(source, grammar=grammar, words=["dab", "ab"]).graph.cost)


ASKING = replace(CALL, answers=Parts((Words(("sea",)), ListRef("who"))))


def share_of_answers(space: SearchSpace) -> float:
    """Of all that may be said first, by the costs of the graph's starts, the answers' last."""
    shares = np.exp(-space.graph.start_costs.astype(float) / space.options.graph_scale)
    return float(shares[-1] / shares.sum())


@pytest.mark.parametrize("scale", [1.0, 1.7])
def test_answers_are_rare_until_a_question_is_open(source: Source, scale: float) -> None:
    space = change_space(source, grammar=ASKING)
    space = space.with_options(replace(space.options, graph_scale=scale))
    asked = space.while_asked()
    assert share_of_answers(space) == pytest.approx(ANSWERED, rel=1e-4)
    assert share_of_answers(asked) == pytest.approx(ASKED, rel=1e-4)
    for one in (space, asked):  # among the others, nothing changes: three to one, as the bundle says
        general, requests, _ = np.exp(-one.graph.start_costs.astype(float) / scale)
        assert requests == pytest.approx(3 * general, rel=1e-4)
    assert (space.asked, asked.asked) == (False, True)
    assert asked.while_asked() is asked
    for table in ("cost", "target", "sources", "least", "levels"):
        assert getattr(asked.graph, table) is getattr(space.graph, table), "it takes no memory of its own"


def test_while_a_question_is_open_other_things_can_be_said_too(source: Source) -> None:
    asked = change_space(source, grammar=ASKING).while_asked()
    scores = planted_scores(["A", "C", "D"])
    assert {("a", "cd"), ("sea", "cd")} <= best_costs(asked.graph, random_scores(6, 1)).keys()
    assert decode(asked, scores) == ["a", "cd"]


def test_a_space_knows_its_answers(source: Source) -> None:
    space = change_space(source, grammar=ASKING)
    assert space.answers is not None
    said = [("sea", "ab"), ("sea", "cd"), ("sea",), ("a", "ab"), ("sea", "ab", "ab"), ()]
    assert [space.answers.accepts(words) for words in said] == [True, True, False, False, False, False]
    changed = change_space(source, grammar=ASKING.with_list("who", (("ab",), ("dab",))))
    assert changed.answers is not None
    assert changed.answers.accepts(("sea", "dab"))
    assert not changed.answers.accepts(("sea", "cd"))


def test_a_grammar_without_answers_sounds_the_same_while_a_question_is_open(source: Source) -> None:
    space = change_space(source, grammar=CALL)
    assert space.answers is None
    assert space.while_asked() is space


def heard_by(space: SearchSpace, until: int, start: int) -> bool:
    """Whether a recogniser to which a question was put, open until a position, expects its answer in a turn."""
    hearing = Recognizer(Scripted(AB), space)  # type: ignore[arg-type]
    hearing.expect_answer(until)
    hearing.process(TurnStarted(turn=0, start=start, reason="wake"))
    return hearing._search.space.asked


def test_an_answer_is_expected_in_a_turn_that_starts_while_the_question_is_open(source: Source) -> None:
    space = change_space(source, grammar=ASKING)
    assert [heard_by(space, 1000, start) for start in (0, 999, 1000)] == [True, True, False]
    assert not heard_by(space, 0, 0)
    hearing = Recognizer(Scripted(AB), space)  # type: ignore[arg-type]
    hearing.expect_answer(1000)
    hearing.reset()
    hearing.process(TurnStarted(turn=0, start=0, reason="wake"))
    assert not hearing._search.space.asked, "the stream is another one"


@pytest.mark.parametrize("asked", [True, False])
def test_a_sentence_is_an_answer_only_while_a_question_is_open(source: Source, asked: bool) -> None:
    space = change_space(source, grammar=ASKING)
    search, scores = BeamSearch(space.while_asked() if asked else space), planted_scores(["C", "C", "D"])
    search.accept(scores)
    heard = hear(search, Outputs(scores), nbest=5, passes=())
    found = {sentence.texts: sentence.answer for sentence in heard.sentences}
    assert found[("sea", "cd")] == asked
    assert not any(answer for texts, answer in found.items() if texts[:1] != ("sea",))


def test_costs_are_scaled_once(source: Source) -> None:
    plain = change_space(source, grammar=CALL)
    scaled = plain.with_options(replace(plain.options, graph_scale=2.0))
    assert np.allclose(scaled.graph.cost, 2 * plain.graph.cost)
    assert np.allclose(scaled.with_options(plain.options).graph.cost, plain.graph.cost)
    assert plain.with_options(replace(plain.options, beam=3.0)).graph is plain.graph
