"""The consensus of free speech against enumeration, and where it has nothing to say."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.unit.asr.passes.test_confusion import events_of, least_errors
from tests.unit.asr.toy import PHONES, random_scores, toy_search

from harken.asr.acoustic.model import Outputs
from harken.asr.passes.confusion import confusion_network
from harken.asr.passes.consensus import agreed_words, log_share
from harken.asr.passes.hearing import FREE_SPEECH, NOTHING_SAID, hear
from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardWord
from harken.asr.search.space import SearchOptions

NAMES = ("", "", "", "a", "b", "c", "d")
SENTENCES = {("a", "b"): 0.4, ("a", "c"): 0.35, ("d", "c"): 0.25}


def heard(seed: int, *, frames: int = 25, free: bool) -> HeardStretch:
    search, scores = toy_search(options=SearchOptions(consensus=free)), random_scores(frames, seed)
    search.accept(scores)
    return hear(search, Outputs(scores), nbest=5, offset=7, passes=FREE_SPEECH if free else ())


def test_a_consensus_expects_fewer_errors_than_the_likeliest_sentence() -> None:
    rows = [
        (NAMES.index(word), 10 * n, 10 * n + 10, share)
        for words, share in SENTENCES.items() for n, word in enumerate(words)
    ]  # fmt: skip
    best = [HeardWord(text="a", first=0, last=10), HeardWord(text="b", first=10, last=20)]
    agreed = [word.text for word in agreed_words(confusion_network(events_of(*rows), best, NAMES))]

    def expected(words: list[str]) -> float:
        return sum(share * least_errors([{w} for w in words], one) for one, share in SENTENCES.items())

    assert agreed == ["a", "c"]
    assert expected(agreed) == pytest.approx(0.65)
    assert expected(["a", "b"]) == pytest.approx(0.85)


@pytest.mark.parametrize("seed", range(8))
def test_a_consensus_reads_the_likeliest_word_of_each_bin_in_the_order_of_time(seed: int) -> None:
    found, plain = heard(seed, free=True), heard(seed, free=False)
    best = [found_bin.words[0] for found_bin in found.bins]
    agreed = found.sentences[0]
    assert list(agreed.texts) == [word for word, _ in best if word]
    assert all(a.last <= b.first and a.first < a.last for a, b in itertools.pairwise(agreed.words))
    assert found.bins == plain.bins
    readings = [one.texts for one in found.sentences]
    assert len(readings) == len(set(readings))
    if agreed.texts == plain.sentences[0].texts:
        assert found.sentences == plain.sentences
    elif agreed not in plain.sentences:
        share = np.prod([share for _, share in best])
        assert agreed.confidence == pytest.approx(share)
        assert agreed.log_prob == pytest.approx(found.total + np.log(share), abs=1e-6)
        assert (agreed.language, agreed.acoustic) == (None, None)  # the lattice has no sentence like it


def test_some_consensus_is_another_than_the_likeliest_sentence() -> None:
    changed = [heard(seed, free=True).sentences[0] != heard(seed, free=False).sentences[0] for seed in range(16, 20)]
    assert any(changed)
    assert not all(changed)


def test_a_consensus_of_nothing_is_nothing() -> None:
    found = hear(toy_search(options=SearchOptions(consensus=True)), Outputs(np.zeros((0, 2 * len(PHONES)))), nbest=3)
    assert (found.sentences, found.bins, found.lattice) == ((NOTHING_SAID,), (), None)
    assert (agreed_words([]), log_share([])) == ((), 0.0)
