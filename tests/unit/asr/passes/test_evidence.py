"""What the decoder knows about words: finite, in its range, the same for any chunking, and what its names say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from tests.unit.asr.scripted import AB, CD, Noisy, sound
from tests.unit.asr.toy import planted_scores, random_scores, toy_graph, toy_model, toy_search

from harken.asr.acoustic.model import Outputs
from harken.asr.passes.evidence import (
    OF_WORDS,
    SENTENCE_FEATURES,
    WORD_FEATURES,
    Feature,
    frame_facts,
    sentence_evidence,
    word_evidence,
    word_summary,
)
from harken.asr.passes.hearing import hear
from harken.asr.passes.record import HeardStretch
from harken.asr.recognizer import Recognizer
from harken.asr.search.heard import HeardWord
from harken.asr.search.space import SearchOptions, SearchSpace

MODEL = toy_model()


def heard(scores: np.ndarray) -> HeardStretch:
    search = toy_search()
    search.accept(scores)
    return hear(search, Outputs(scores), nbest=5, passes=())


def evidence(stretch: HeardStretch, before: Sequence[str] = ()) -> list[np.ndarray]:
    facts = frame_facts(stretch)
    return [word_evidence(stretch, sentence, facts, MODEL, before) for sentence in stretch.sentences]


def column(rows: np.ndarray, name: str, features: Sequence[Feature] = WORD_FEATURES) -> np.ndarray:
    (place,) = (n for n, feature in enumerate(features) if feature.name == name)
    return rows[:, place]


def in_range(rows: np.ndarray, features: Sequence[Feature]) -> bool:
    low, high = np.array([(feature.low, feature.high) for feature in features]).T
    return bool(np.isfinite(rows).all() and (rows >= low).all() and (rows <= high).all())


@pytest.mark.parametrize("frames", [0, 1, 2, 9, 1000])
@pytest.mark.parametrize("spread", [0.0, 1.0, 300.0])
def test_numbers_are_finite_and_in_their_ranges(frames: int, spread: float) -> None:
    stretch = heard(random_scores(frames, 1) * np.float32(spread))
    for rows in evidence(stretch):
        assert in_range(rows, WORD_FEATURES)
    rows = sentence_evidence(stretch)
    assert rows.shape == (len(stretch.sentences), len(SENTENCE_FEATURES) - OF_WORDS)
    assert in_range(rows, SENTENCE_FEATURES[:-OF_WORDS])


def test_silence_has_no_words_and_no_numbers_of_words() -> None:
    stretch = heard(planted_scores(["SIL"] * 3))
    assert evidence(replace(stretch, sentences=(replace(stretch.sentences[0], words=()),)))[0].shape == (
        0, len(WORD_FEATURES),
    )  # fmt: skip


def test_clear_words_fit_and_are_alone_in_their_bins() -> None:
    rows = evidence(heard(planted_scores(["A", "B", "C", "D"])))[0]
    assert column(rows, "posterior of the word in its bin").min() > 4
    assert column(rows, "fit of the worst frame").min() == 0
    assert np.exp(column(rows, "letters")).tolist() == pytest.approx([2, 2])
    assert np.exp(column(rows, "duration")).tolist() == pytest.approx([6, 6])
    assert np.exp(column(rows, "frames per phone")).tolist() == pytest.approx([3, 3])
    assert column(rows, "place in the sentence").tolist() == [0, 1]


def test_the_language_model_gives_what_it_gives_with_the_words_before() -> None:
    stretch = heard(planted_scores(["A", "B", "C", "D"]))
    assert stretch.sentences[0].texts == ("ab", "cd")
    known = MODEL.log_probs(np.array([MODEL.encode(["<s>", "ab", "cd"])]))
    assert column(evidence(stretch)[0], "language model")[1] == pytest.approx(known[0])
    after = MODEL.log_probs(np.array([MODEL.encode(["a", "cd", "ab"])]))
    assert column(evidence(stretch, ["a", "cd"])[0], "language model")[0] == pytest.approx(after[0])


def test_the_number_of_words_fallen_back_by_is_what_the_tables_lack() -> None:
    stretch = heard(planted_scores(["A", "B", "C", "D"]))
    words = tuple(HeardWord(text=text, first=3 * n, last=3 * n + 3) for n, text in enumerate(("sea", "sea", "ab")))
    strange = replace(stretch, sentences=(replace(stretch.sentences[0], words=words),))
    missing = column(evidence(strange)[0], "words that the language model fell back by")
    assert missing.tolist() == [0, 2, 2]  # a sentence may begin with "sea", but no sentence has "sea sea" or "sea ab"


@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_that_of_the_best_path(seed: int) -> None:
    stretch = heard(random_scores(25, seed))
    best = stretch.sentences[0]
    facts, search = frame_facts(stretch), toy_search()
    search.accept(stretch.outputs.scores)
    entered = np.flatnonzero(stretch.path.entered)
    assert entered[0] == 0
    assert (np.diff(stretch.path.phone[~stretch.path.entered], prepend=0) >= -9).all()
    acoustic = facts.fit.sum() + stretch.outputs.scores.max(axis=1).sum()
    words = search.best_words(ended=True)
    assert [word.text for word in words] == list(best.texts) or len(stretch.sentences) > 1
    phones = len(PHONE_NAMES) * [0]
    for phone in stretch.path.phone[stretch.path.entered]:
        phones[phone] += 1
    bonus = sum(phones[1:]) * search.space.options.phone_bonus
    total = -(search.offsets[-1] + float((search.frames[-1].cost + search.final_costs()[0]).min()))
    assert total <= search.space.options.acoustic_scale * acoustic + bonus + 1e-3  # the rest is the graph's, a cost


PHONE_NAMES = ("SIL", "A", "B", "C", "D")


@dataclass
class Ear:
    """A pass that keeps what comes by."""

    name: str = "ear"
    heard: list[HeardStretch] = field(default_factory=list)

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        self.heard.append(heard)
        return heard


@pytest.mark.parametrize("sizes", [[1600], [37, 4000, 1], [100_000]])
def test_a_stream_in_any_chunks_gives_the_numbers_of_the_whole(sizes: list[int]) -> None:
    samples = sound(40)

    def numbers(chunks: list[np.ndarray]) -> list[np.ndarray]:
        ear, space = Ear(), SearchSpace.of(toy_graph(), 0, SearchOptions(acoustic_scale=1.0))
        model = Noisy([("SIL", 3), *AB, *CD, ("SIL", 8)], noise=2.0)
        recognizer = Recognizer(model, space, passes=[ear])  # type: ignore[arg-type]
        list(recognizer.transcribe_stream(chunks))
        return [rows for stretch in ear.heard for rows in evidence(stretch)]

    places = np.cumsum(sizes * (len(samples) // sum(sizes) + 1))
    whole, pieces = numbers([samples]), numbers(np.split(samples, places[places < len(samples)]))
    assert len(whole) == len(pieces) > 0
    assert all(np.array_equal(one, other) for one, other in zip(whole, pieces, strict=True))


def test_the_summary_of_the_words_is_their_mean_and_their_worst() -> None:
    features = np.zeros((2, len(WORD_FEATURES)))
    column(features, "fit: score of the best path below the best phones, mean")[:] = (-1, -3)
    column(features, "entropy of the phones, mean")[:] = (0.5, 1)
    rows = word_summary([np.array([0.5, 0.25]), np.zeros(0)], [features, features[:0]])
    named = dict(zip((feature.name for feature in SENTENCE_FEATURES[-OF_WORDS:]), rows[0], strict=True))
    wanted = {
        "mean log probability of the words": np.log([0.5, 0.25]).mean(),
        "log probability of the worst word": np.log(0.25),
        "fit: score of the best path below the best phones, mean; mean of the words": -2,
        "fit: score of the best path below the best phones, mean; least of the words": -3,
        "entropy of the phones, mean; mean of the words": 0.75,
        "entropy of the phones, mean; least of the words": 0.5,
    }
    assert named == pytest.approx({**dict.fromkeys(named, 0.0), **wanted})
    assert not rows[1].any()


@pytest.mark.parametrize("pause", [0, 50])
def test_with_a_grammar_all_misfit_counts_for_the_words_and_in_free_speech_none(pause: int) -> None:
    name = "with a grammar: acoustic score below the best phones"
    stretch = heard(planted_scores(["SIL"] * pause + ["A", "B", "C", "D"] + ["SIL"] * pause))
    (best, *_), frames = stretch.sentences, 12
    assert sum(word.last - word.first for word in best.words) == frames
    bad, worse = (replace(stretch, sentences=(replace(best, log_prob=best.log_prob - less),)) for less in (60, 66))
    fell = column(sentence_evidence(worse) - sentence_evidence(bad), name, SENTENCE_FEATURES)
    assert fell[0] == pytest.approx(-6 / stretch.options.acoustic_scale / frames)
    free = replace(worse, options=replace(stretch.options, consensus=True))
    assert column(sentence_evidence(free), name, SENTENCE_FEATURES).tolist() == [0]


def test_only_in_free_speech_do_the_passes_before_count() -> None:
    stretch = heard(random_scores(30, 1))
    doubted = replace(stretch, sentences=tuple(replace(one, confidence=0.25) for one in stretch.sentences))
    free = replace(doubted, options=replace(stretch.options, consensus=True))
    share = column(sentence_evidence(doubted), "share of the sentence in the lattice", SENTENCE_FEATURES)
    passed = [
        column(sentence_evidence(one), "confidence of the passes before", SENTENCE_FEATURES) for one in (doubted, free)
    ]
    assert passed[0].tolist() == share.tolist()
    assert share.min() < -0.1
    assert passed[1] == pytest.approx(np.log(0.25))


@pytest.mark.parametrize("pause", [3, 300])
def test_silence_around_the_words_changes_nothing_of_a_sentence(pause: int) -> None:
    def features(stretch: HeardStretch) -> np.ndarray:
        own, known = evidence(stretch)[0], np.full(len(stretch.sentences[0].words), 0.9)
        return np.concatenate([sentence_evidence(stretch)[0], word_summary([known], [own])[0]])

    short = planted_scores(["A", "B", "C", "D"])
    short[:, 1:] -= 0.01 * np.arange(short.shape[1] - 1)
    quiet = planted_scores(["SIL"] * pause)
    long = np.concatenate([quiet, short, quiet])
    assert features(heard(long)) == pytest.approx(features(heard(short)), abs=0.05)
