"""Word errors: what the cheapest alignment counts, and how sentences are summed up by speaker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.errors import DataError
from harken.metrics.intervals import bootstrap_ratio
from harken.metrics.wer import WordErrors, nearest_errors, word_error_rate, word_errors

WORDS = st.lists(st.sampled_from("abc"), max_size=7)


def counts(reference: str, answer: str) -> tuple[int, int, int, int]:
    """(substitutions, deletions, insertions, words)."""
    found = word_errors(reference.split(), answer.split())
    return found.substitutions, found.deletions, found.insertions, found.words


@pytest.mark.parametrize(
    ("reference", "answer", "wanted"),
    [
        ("", "", (0, 0, 0, 0)),
        ("turn on the light", "turn on the light", (0, 0, 0, 4)),
        ("turn on the light", "", (0, 4, 0, 4)),
        ("", "turn on", (0, 0, 2, 0)),
        ("turn on the light", "turn off the light", (1, 0, 0, 4)),
        ("turn on the light", "turn the light", (0, 1, 0, 4)),
        ("turn the light", "turn on the light", (0, 0, 1, 3)),
        ("turn on the light", "on the light please", (0, 1, 1, 4)),
        ("a b c d e f g", "a x c e f h g", (1, 1, 1, 7)),
        ("a a a", "b b", (2, 1, 0, 3)),
    ],
)
def test_errors_are_those_of_the_cheapest_alignment(
    reference: str, answer: str, wanted: tuple[int, int, int, int]
) -> None:
    assert counts(reference, answer) == wanted


@settings(max_examples=100, deadline=None)
@given(WORDS, WORDS)
def test_errors_do_not_depend_on_the_direction(one: list[str], two: list[str]) -> None:
    there, back = word_errors(one, two), word_errors(two, one)
    assert there.errors == back.errors <= max(len(one), len(two))
    assert there.errors >= abs(len(one) - len(two))
    assert (there.deletions - there.insertions) == len(one) - len(two)
    assert (there.errors == 0) == (one == two)


def test_sums_and_rates() -> None:
    total = WordErrors(1, 2, 3, 10) + WordErrors(1, 0, 1, 6)
    assert total == WordErrors(2, 2, 4, 16)
    assert (total.errors, total.rate) == (8, 0.5)
    assert WordErrors(0, 0, 3, 2).rate == 1.5


def test_a_rate_needs_a_reference_word() -> None:
    with pytest.raises(DataError, match="at least one reference word"):
        _ = WordErrors(insertions=2).rate
    with pytest.raises(DataError, match="at least one reference word"):
        word_error_rate([("ada", WordErrors(insertions=2))], rng=np.random.default_rng(0))
    with pytest.raises(DataError, match="at least one reference word"):
        word_error_rate([], rng=np.random.default_rng(0))


def test_sentences_are_summed_up_and_speakers_drawn_for_the_interval() -> None:
    results = [
        ("ada", WordErrors(1, 0, 0, 10)), ("bob", WordErrors(0, 2, 0, 10)), ("ada", WordErrors(0, 0, 3, 10)),
        ("cid", WordErrors(insertions=1)),
    ]  # fmt: skip
    found = word_error_rate(results, rng=np.random.default_rng(5), rounds=200)
    assert (found.sentences, found.speakers) == (4, 3)
    assert found.errors == WordErrors(1, 2, 4, 30)
    by_speaker = [(4.0, 20.0), (2.0, 10.0)]  # who has no reference word cannot be drawn
    assert found.interval == bootstrap_ratio(by_speaker, rng=np.random.default_rng(5), rounds=200)


def test_one_speaker_has_no_interval() -> None:
    results = [("ada", WordErrors(1, 0, 0, 10)), ("bob", WordErrors(insertions=1))]
    assert word_error_rate(results, rng=np.random.default_rng(0)).interval is None


def test_errors_are_counted_against_the_nearest_of_several_references() -> None:
    assert nearest_errors([("a", "b", "c"), ("a", "b")], ("a", "x")) == (1, 2)
    assert nearest_errors([("a", "b", "c"), ("a", "b")], ("a", "b", "c")) == (0, 3)
    assert nearest_errors([("a", "b", "c")], ()) == (3, 3)
