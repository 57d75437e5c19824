"""The record of a stretch and its passes: their order, what they see, and that every way to decode obeys them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from tests.unit.asr.scripted import AB, CD, Scripted, sound
from tests.unit.asr.toy import PHONES, WIDE, Way, every_path, random_scores, toy_graph, toy_search

from harken.asr.acoustic.model import Outputs
from harken.asr.passes.hearing import decode, hear
from harken.asr.passes.record import HeardStretch, Pass
from harken.asr.recognizer import CONTEXT, Recognizer, RecognizerOptions
from harken.asr.search.heard import HeardSentence, HeardWord
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.errors import PipelineError
from harken.events import Transcript, TurnAudio, TurnEnded, TurnStarted

SENTENCE = [("SIL", 3), *AB, *CD, ("SIL", 8)]
"""'ab cd' in 27 frames."""
FRAMES = 27


@dataclass
class Replaces:
    """Puts its own words before everything, and remembers what it was shown."""

    name: str = "replaces"
    words: tuple[str, ...] = ("another", "answer")
    seen: list[tuple[tuple[str, ...], tuple[str, ...], int]] = field(default_factory=list)
    """Words of the best sentence so far, the words before, the offset."""

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        self.seen.append((heard.sentences[0].texts, tuple(before), heard.offset))
        words = tuple(HeardWord(text=text, first=3 + 4 * n, last=6 + 4 * n) for n, text in enumerate(self.words))
        first = HeardSentence(words=words, log_prob=-1.0, language=None, confidence=0.5)
        return replace(heard, sentences=(first, *heard.sentences))


def recognizer(*passes: Pass, repeats: int = 1, nbest: int = 3) -> Recognizer:
    space = SearchSpace.of(toy_graph(), 0, SearchOptions(acoustic_scale=1.0, phone_bonus=0.0))
    options = RecognizerOptions(nbest=nbest, pause=5, cut_after=12, cut_latest=60)
    return Recognizer(Scripted(SENTENCE * repeats), space, options, passes=passes)  # type: ignore[arg-type]


def by_events(hearing: Recognizer, samples: np.ndarray) -> Transcript:
    hearing.process(TurnStarted(turn=0, start=0, reason="open"))
    hearing.process(TurnAudio(turn=0, start=0, samples=samples))
    (final,) = hearing.process(TurnEnded(turn=0, end=len(samples), reason="silence"))
    assert isinstance(final, Transcript)
    return final


def by_flush(hearing: Recognizer, samples: np.ndarray) -> Transcript:
    hearing.process(TurnStarted(turn=0, start=0, reason="open"))
    hearing.process(TurnAudio(turn=0, start=0, samples=samples))
    (final,) = hearing.flush()
    assert isinstance(final, Transcript)
    return final


def by_transcribe(hearing: Recognizer, samples: np.ndarray) -> Transcript:
    return hearing.transcribe(samples)


def by_stream(hearing: Recognizer, samples: np.ndarray) -> Transcript:
    (part,) = (one for one in hearing.transcribe_stream([samples[:4000], samples[4000:]]) if one.text)
    return part


@pytest.mark.parametrize("way", [by_events, by_flush, by_transcribe, by_stream])
def test_the_sentence_that_a_pass_puts_first_is_what_every_way_to_decode_shows(
    way: Callable[[Recognizer, np.ndarray], Transcript],
) -> None:
    one = Replaces()
    found = way(recognizer(one), sound(FRAMES - 6))
    assert found.text == "another answer"
    assert found.hypotheses[1].text == "ab cd"
    assert [word.start for word in found.hypotheses[0].words] == [3 * 480, 7 * 480]
    assert way(recognizer(), sound(FRAMES - 6)).text == "ab cd"


@pytest.mark.parametrize("way", [by_events, by_transcribe, by_stream])
def test_a_pass_that_adds_a_sentence_does_not_add_to_the_answer(
    way: Callable[[Recognizer, np.ndarray], Transcript],
) -> None:
    assert [one.text for one in way(recognizer(Replaces(), nbest=1), sound(FRAMES - 6)).hypotheses] == [
        "another answer"
    ]


def test_a_decoder_of_scores_obeys_the_passes_too() -> None:
    scores = Scripted(SENTENCE)._rows
    space = SearchSpace.of(toy_graph(), 0, SearchOptions(acoustic_scale=1.0, phone_bonus=0.0))
    assert decode(space, scores) == ["ab", "cd"]
    assert decode(space, scores, passes=[Replaces()]) == ["another", "answer"]


def test_passes_run_in_their_order_each_on_what_the_one_before_left() -> None:
    first, second = Replaces("first", ("one",)), Replaces("second", ("two",))
    assert recognizer(first, second).transcribe(sound(FRAMES - 6)).text == "two"
    assert (first.seen[0][0], second.seen[0][0]) == (("ab", "cd"), ("one",))
    first, second = Replaces("first", ("one",)), Replaces("second", ("two",))
    assert recognizer(second, first).transcribe(sound(FRAMES - 6)).text == "one"


def test_a_pass_sees_the_words_of_the_stretches_before_as_the_passes_left_them() -> None:
    one = Replaces(words=("said",))
    parts = [part for part in recognizer(one, repeats=3).transcribe_stream([sound(3 * FRAMES)]) if part.text]
    told = [before for _, before, _ in one.seen]
    assert len(parts) == len(told) >= 3
    assert told == [("said",) * n for n in range(len(told))]


def test_a_turn_begins_without_the_words_of_the_turn_before() -> None:
    one = Replaces()
    hearing = recognizer(one, repeats=2)
    for _ in range(2):
        by_events(hearing, sound(FRAMES - 6))
    assert [before for _, before, _ in one.seen] == [(), ()]


def test_the_words_before_are_bounded() -> None:
    one = Replaces(words=("word",) * 30)
    for _ in recognizer(one, repeats=8).transcribe_stream([sound(8 * FRAMES)]):
        pass
    assert max(len(before) for _, before, _ in one.seen) == CONTEXT


def test_a_pass_that_leaves_nothing_is_named() -> None:
    class Drops:
        name = "drops"

        def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
            return replace(heard, sentences=())

    with pytest.raises(PipelineError, match="'drops' left no sentence"):
        recognizer(Drops()).transcribe(sound(FRAMES))


def test_the_record_holds_what_the_network_gave_for_every_frame() -> None:
    records = []

    class Keeps:
        name = "keeps"

        def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
            records.append(heard)
            return heard

    list(recognizer(Keeps(), repeats=2).transcribe_stream([sound(2 * FRAMES)]))
    rows = np.concatenate([one.outputs.scores for one in records])
    assert len(records) > 1
    assert np.array_equal(rows, Scripted(SENTENCE * 2)._rows)
    assert [one.offset for one in records] == np.cumsum([0, *(len(one.outputs) for one in records)])[:-1].tolist()
    assert all(one.lattice is None or len(one.lattice.arcs) == len(one.outputs) for one in records)


def test_the_hidden_layer_reaches_the_record() -> None:
    scores, hidden = random_scores(6, 0), np.arange(12.0).reshape(6, 2)
    search = toy_search()
    search.accept(scores)
    nothing = Outputs(np.zeros((0, 2 * len(PHONES)), np.float32))
    parts = [nothing, Outputs(scores[:2], hidden[:2]), Outputs(scores[2:], hidden[2:])]
    assert np.array_equal(hear(search, Outputs.joined(parts), nbest=1).outputs.hidden, hidden)


def language_scores(ways: Sequence[Way]) -> list[tuple[float, float]]:
    """Of each alignment: that of its best way, and of all its ways to fall back (ends are summed) together."""
    by_links: dict[tuple[tuple[int, bool], ...], list[float]] = {}
    for way in ways:
        by_links.setdefault(way.links, []).append(-way.language)
    return [(max(scores), float(np.logaddexp.reduce(scores))) for scores in by_links.values()]


@pytest.mark.parametrize("seed", range(4))
def test_scores_of_a_sentence_are_those_of_all_its_ways_and_of_the_graph_on_its_best(seed: int) -> None:
    search, scores = toy_search(options=WIDE), random_scores(4, seed)
    search.accept(scores)
    ways = list(every_path(search, scores))
    for sentence in hear(search, Outputs(scores), nbest=500).sentences:
        own = [way for way in ways if way.words == sentence.texts]
        assert sentence.log_prob == pytest.approx(float(np.logaddexp.reduce([-way.cost for way in own])), abs=1e-3)
        assert sentence.language is not None
        assert sentence.acoustic == pytest.approx(sentence.log_prob - sentence.language)
        assert any(low - 1e-3 <= sentence.language <= high + 1e-3 for low, high in language_scores(own))
    best = min(ways, key=lambda way: way.cost)
    sentences = {one.texts: one for one in hear(search, Outputs(scores), nbest=500).sentences}
    assert sentences[best.words].log_prob >= -best.cost - 1e-3
