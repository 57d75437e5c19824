"""Embeddings: pooling by hand, and a network over neighbours that sees three words to either side."""

from __future__ import annotations

import numpy as np
import pytest

from harken.asr.passes.embedding import (
    REACH,
    ContextNetwork,
    acoustic_embedding,
    compress,
    letter_pieces,
    stretch_embedding,
)

WORDS = tuple("turn on the light in the kitchen please".split())


def network(seed: int = 0) -> ContextNetwork:
    rng = np.random.default_rng(seed)
    known = ("turn", "on", "the", "light")

    def drawn(*shape: int) -> np.ndarray:
        return rng.normal(0, 1, shape).astype(np.float16).astype(np.float32)

    return ContextNetwork(known, drawn(4 + 20, 5), drawn(2 * REACH * 5, 7), drawn(7), drawn(7, 5), drawn(5))


def test_pooling_is_the_mean_and_the_greatest_value_over_the_frames_of_a_word() -> None:
    hidden = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    spans = np.array([(0, 3), (3, 4), (8, 10), (10, 12)])
    rows = acoustic_embedding(hidden, spans)
    assert rows[0] == pytest.approx(np.concatenate([hidden[:3].mean(0), hidden[:3].max(0)]))
    assert rows[2] == pytest.approx(np.concatenate([hidden[8:].mean(0), hidden[8:].max(0)]))
    assert not rows[3].any()  # beyond the end
    assert stretch_embedding(hidden) == pytest.approx(hidden.mean(0))


def test_a_word_does_not_hear_frames_outside_it() -> None:
    hidden = np.random.default_rng(0).normal(size=(10, 4)).astype(np.float32)
    changed = np.concatenate([hidden[:5], hidden[5:] + 9, hidden])
    spans = np.array([(1, 5)])
    assert np.array_equal(acoustic_embedding(hidden, spans), acoustic_embedding(changed, spans))


def test_a_word_is_read_with_three_words_to_either_side() -> None:
    changed = list(WORDS)
    changed[4] = "sea"
    rows, others = network()(WORDS), network()(changed)
    differs = [place for place in range(len(WORDS)) if not np.allclose(rows[place], others[place])]
    assert differs == [1, 2, 3, 4, 5, 6, 7]
    assert network()(WORDS[:1]).shape == (1, network().size)
    assert network()(()).shape == (0, network().size)


def test_unknown_words_are_read_by_their_letters() -> None:
    vectors = network()
    assert not np.allclose(vectors.vector("kitchen"), vectors.vector("chicken"))
    pieces = [4 + piece for piece in letter_pieces("kitchen", 20)]
    assert vectors.vector("kitchen") == pytest.approx(vectors.table[pieces].mean(0))
    assert letter_pieces("a", 1000) == letter_pieces("a", 1000)
    assert len(letter_pieces("on", 1000)) == 2  # |on, on|


def test_agreement_is_what_the_neighbours_expect_times_what_the_word_is() -> None:
    rows = network()(WORDS)
    own, expected, agreement, prior = rows[:, :5], rows[:, 5:10], rows[:, 10], rows[:, 11]
    assert agreement == pytest.approx((own * expected).sum(1) + prior, abs=1e-5)


def test_what_is_stored_is_what_was_trained_but_for_rounding() -> None:
    before = network()
    after = ContextNetwork.from_arrays(before.to_arrays())
    assert after.words == before.words
    assert np.abs(after.table - before.table).max() <= np.abs(before.table).max() / 127
    assert np.allclose(after(WORDS), before(WORDS), atol=0.6)


def test_axes_give_coordinates_around_a_mean() -> None:
    rows, mean, axes = np.ones((2, 3), np.float32), np.array([1, 1, 0], np.float32), np.eye(3, dtype=np.float32)[:, 1:]
    assert compress(rows, mean, axes).tolist() == [[0, 1], [0, 1]]
