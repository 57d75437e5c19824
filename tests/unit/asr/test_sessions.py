"""Sessions over shared models: the same answers as alone, in turns and in threads, in next to no memory."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.unit.asr.scripted import AB, CD, Noisy, Scripted, sound
from tests.unit.asr.test_recognizer import cut, turn
from tests.unit.asr.toy import random_scores, toy_graph

from harken.asr.recognizer import Recognizer, RecognizerOptions
from harken.asr.search.beam import BeamSearch
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.audio.files import resample
from harken.events import SAMPLE_RATE, Transcript, TurnAudio, TurnEnded, TurnStarted
from harken.tts.voice import Voice

SCRIPT = [("SIL", 3), *AB, *CD, ("SIL", 6), ("C", 4), ("A", 3), ("SIL", 7), ("A", 3), ("C", 3), ("D", 3)]
SEARCH = SearchOptions(acoustic_scale=0.6, phone_bonus=0.0, consensus=True)


@pytest.fixture(scope="module")
def space() -> SearchSpace:
    return SearchSpace.of(toy_graph(), 0, SEARCH)


@pytest.fixture(scope="module")
def shipped() -> Recognizer:
    return Recognizer.load()


def session(space: SearchSpace, seed: int) -> Recognizer:
    options = RecognizerOptions(nbest=3, pause=5, cut_after=40, cut_latest=60)
    return Recognizer(Noisy(SCRIPT, noise=4.0, seed=seed), space, options)  # type: ignore[arg-type]


def alone(seed: int) -> list[Transcript]:
    return turn(session(SearchSpace.of(toy_graph(), 0, SEARCH), seed), list(cut(sound(120), 1120)))


def step_by_step(hearing: Recognizer) -> Iterator[list[Transcript]]:
    """What is told of a turn, piece by piece."""
    yield hearing.process(TurnStarted(turn=0, start=0, reason="open"))  # type: ignore[misc]
    at = 0
    for samples in cut(sound(120), 1120):
        yield hearing.process(TurnAudio(turn=0, start=at, samples=samples))  # type: ignore[misc]
        at += len(samples)
    yield hearing.process(TurnEnded(turn=0, end=at, reason="silence"))  # type: ignore[misc]


def test_streams_in_turns_over_one_space_answer_as_each_alone(space: SearchSpace) -> None:
    streams = [step_by_step(session(space, seed)) for seed in range(5)]
    told: list[list[Transcript]] = [[] for _ in streams]
    for pieces in itertools.zip_longest(*streams, fillvalue=[]):
        for said, piece in zip(told, pieces, strict=True):
            said += piece
    assert told == [alone(seed) for seed in range(5)]


def test_streams_in_threads_over_one_space_answer_as_each_alone(space: SearchSpace) -> None:
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda seed: turn(session(space, seed), list(cut(sound(120), 1120))), range(8)))
    assert told == [alone(seed) for seed in range(8)]


def test_there_are_as_many_tables_as_searches_at_once() -> None:
    space = SearchSpace.of(toy_graph(), 0, SEARCH)
    for seed in range(5):
        turn(session(space, seed), [sound(60)])
    assert len(space._free) == 1
    with space.scratch() as one, space.scratch() as other:
        assert one is not other
    assert len(space._free) == 2


def test_tables_that_a_fault_may_have_left_unclean_are_not_used_again() -> None:
    space = SearchSpace.of(toy_graph(), 0, SEARCH)
    borrowed = []

    def fail() -> None:
        with space.scratch() as scratch:
            borrowed.append(scratch)
            scratch.arcs._table[:3] = 1
            raise RuntimeError("in the middle of a search")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    searches = [BeamSearch(space), BeamSearch(SearchSpace.of(toy_graph(), 0, SEARCH))]
    for search in searches:
        search.accept(random_scores(20, 0))
    assert searches[0].best_words() == searches[1].best_words()
    assert all(one is not borrowed[0] for one in space._free)


def test_another_space_is_heard_from_the_next_turn_on_and_by_one_session_alone(space: SearchSpace) -> None:
    rarely = SearchSpace.of(toy_graph(), 0, SearchOptions(acoustic_scale=1.0, phone_bonus=-50.0))
    first, second = (Recognizer(Scripted([*AB, *CD]), space) for _ in range(2))  # type: ignore[arg-type]
    first.process(TurnStarted(turn=0, start=0, reason="open"))
    first.process(TurnAudio(turn=0, start=0, samples=sound(8)))
    first.use(rarely)
    assert first.space is rarely
    first.process(TurnAudio(turn=0, start=len(sound(8)), samples=sound(8)))
    (final,) = first.process(TurnEnded(turn=0, end=2 * len(sound(8)), reason="silence"))
    assert isinstance(final, Transcript)
    assert final.text == "ab cd"
    assert first.transcribe(sound(16)).text != "ab cd"
    assert second.transcribe(sound(16)).text == "ab cd"


def test_a_second_recogniser_over_the_same_models_takes_next_to_no_memory(shipped: Recognizer) -> None:
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        more = [Recognizer(shipped.model, shipped.space) for _ in range(4)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / len(more) < 250_000


def test_partial_results_of_a_spoken_sentence_grow(shipped: Recognizer) -> None:
    voice = Voice.load()
    spoken = voice.say("the old man went down to the river and looked at the boats for a long time")
    samples = np.concatenate([resample(spoken, voice.rate, SAMPLE_RATE), np.zeros(SAMPLE_RATE // 2, np.float32)])
    *partial, final = turn(shipped, list(cut(samples, 800)))
    shown = [one.text.split() for one in partial]
    assert not any(one.final for one in partial)
    assert len(shown) >= 8
    for before, after in itertools.pairwise(shown):
        assert len(after) >= len(before)  # a word that was shown may be replaced, but is not taken away
        assert after != before
    grown = sum(after[: len(before)] == before for before, after in itertools.pairwise(shown))
    assert grown >= 0.8 * (len(shown) - 1)
    assert len(shown[-1]) >= 12
    kept = sum(one == other for one, other in zip(shown[-1], final.text.split(), strict=False))
    assert kept >= 0.8 * len(shown[-1])
    ends = [one.hypotheses[0].words[-1].end for one in partial]
    assert ends == sorted(ends)
