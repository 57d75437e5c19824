"""Keyword against filler: margins by hand, against all paths there are, in pieces, and over long streams."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.asr.keyword.phones import LABELS, phrases, slow_margins

from harken.asr.keyword.search import PhraseSearch

AB = [("A", [""]), ("B", [0])]


def search(*networks, price: float = 2.0) -> PhraseSearch:
    return PhraseSearch(phrases(*networks), count=len(LABELS), price=price)


def scores(steps: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(-3, 3, (steps, 2 * len(LABELS))).astype(np.float32)


def spoken(*phones: str, wrong: float = -10.0, length: int = 2) -> np.ndarray:
    """Scores 0 for these phones, each `length` steps long, and `wrong` for anything else."""
    rows = np.full((len(phones) * length, 2 * len(LABELS)), wrong, np.float32)
    for place, phone in enumerate(phones):
        rows[place * length, LABELS.index(phone)] = 0.0
        rows[place * length + 1 : (place + 1) * length, len(LABELS) + LABELS.index(phone)] = 0.0
    return rows


def test_margins_by_hand() -> None:
    # One step of A, then B: the phrase is the best explanation. A step later C is entered: the phrase can only hold B.
    rows = spoken("A", "B", "C", length=1)
    margins = search(AB, price=1.0).accept(rows).values[:, 0]
    assert margins[0] < -1e6, "two phones need two steps"
    assert margins[1] == 0.0
    # Holding B costs 10, entering C the price: -10 against -1.
    assert margins[2] == pytest.approx(-9.0)


@pytest.mark.parametrize("price", [0.0, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_margins_are_those_of_all_paths(seed: int, price: float) -> None:
    rows = scores(5, seed)
    margins = search(AB, [("C", [""]), ("A", [0]), ("C", [1])], price=price).accept(rows).values
    np.testing.assert_allclose(margins[1:, 0], slow_margins(rows, ["A", "B"], price)[1:], atol=1e-4)
    np.testing.assert_allclose(margins[2:, 1], slow_margins(rows, ["C", "A", "C"], price)[2:], atol=1e-4)


def test_silence_between_words_may_be_there_or_not() -> None:
    # A, then silence or nothing, then B.
    network = [("A", [""]), ("SIL", [0]), ("B", [0, 1])]
    for rows in (spoken("A", "B"), spoken("A", "SIL", "B")):
        assert search(network).accept(rows).values[-1, 0] == 0.0
    assert search(network).accept(spoken("A", "C", "B")).values[-1, 0] < -9
    assert search(AB).accept(spoken("A", "SIL", "B")).values[-1, 0] < -9


def test_a_variant_counts_as_much_as_the_listed_phone() -> None:
    # A, then B or C, then A.
    network = [("A", [""]), ("B", [0]), ("C", [0]), ("A", [1, 2])]
    for middle in ("B", "C"):
        assert search(network).accept(spoken("A", middle, "A")).values[-1, 0] == 0.0
    assert search(network).accept(spoken("A", "SIL", "A")).values[-1, 0] < -9


def test_one_wrong_phone_of_three_costs_what_its_steps_cost() -> None:
    network = [("A", [""]), ("B", [0]), ("C", [1])]
    near = search(network).accept(spoken("A", "SIL", "C", wrong=-4.0)).values[-1, 0]
    # B instead of silence in one or both of its steps; A held for one of them is as dear.
    assert near == pytest.approx(-8.0)


def test_what_came_before_changes_nothing() -> None:
    lead = scores(40, 7)
    quiet = search(AB).accept(spoken("A", "B")).values[-1, 0]
    assert search(AB).accept(np.concatenate([lead, spoken("A", "B", wrong=-30.0)])).values[-1, 0] == quiet == 0.0


def test_margins_are_never_above_0_and_do_not_depend_on_an_offset_of_a_step() -> None:
    rows = scores(60)
    margins = search(AB).accept(rows).values
    assert margins.max() <= 1e-9
    moved = rows + np.random.default_rng(1).normal(0, 5, (60, 1)).astype(np.float32)
    np.testing.assert_allclose(search(AB).accept(moved).values, margins, atol=1e-3)


def test_a_higher_price_spares_a_phrase_that_is_entered_often() -> None:
    # Both sides pay alike for the phrase: where it is the best explanation, the price does not matter.
    for price in (0.0, 2.0, 5.0):
        assert search(AB, price=price).accept(spoken("C", "A", "B", wrong=-40.0)).values[-1, 0] == 0.0


def test_the_place_of_the_beginning_is_remembered() -> None:
    margins = search(AB).accept(spoken("C", "C", "A", "B"))
    assert margins.begun[-1, 0] == 4
    later = search(AB).accept(spoken("A", "B", "C", "A", "B"))
    assert (later.begun[3, 0], later.begun[-1, 0]) == (0, 6)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_stream_in_pieces_gives_the_same_margins(size: int) -> None:
    rows, stream = scores(50), search(AB, [("C", [""]), ("SIL", [0])])
    whole = search(AB, [("C", [""]), ("SIL", [0])]).accept(rows)
    parts = [stream.accept(rows[start : start + size]) for start in range(0, 50, size)]
    np.testing.assert_allclose(np.concatenate([part.values for part in parts]), whole.values)
    np.testing.assert_array_equal(np.concatenate([part.begun for part in parts]), whole.begun)
    assert stream.accept(rows[:0]).values.shape == (0, 2)


def test_a_fork_looks_ahead_without_a_trace() -> None:
    rows = scores(30)
    whole, stream = search(AB).accept(rows), search(AB)
    stream.accept(rows[:10])
    fork = stream.fork()
    np.testing.assert_allclose(fork.accept(rows[10:20]).values, whole.values[10:20])
    fork.accept(scores(5, 9))
    np.testing.assert_allclose(stream.accept(rows[10:]).values, whole.values[10:])


def test_reset_begins_anew() -> None:
    stream, rows = search(AB), scores(20)
    first = stream.accept(rows)
    stream.reset()
    again = stream.accept(rows)
    np.testing.assert_array_equal(again.values, first.values)
    np.testing.assert_array_equal(again.begun, first.begun)


def test_a_long_stream_stays_exact() -> None:
    stream, rows = search(AB), scores(200) * 10
    for _ in range(50):
        stream.accept(rows)
    assert np.isfinite(stream.accept(spoken("C", "A", "B", wrong=-400.0)).values).all()
    assert stream.accept(spoken("C", "A", "B", wrong=-400.0)).values[-1, 0] == 0.0
