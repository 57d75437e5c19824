"""Edit distance: the cheapest alignment, which one of several, and what holds for any two sequences."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harken.metrics.edits import align, fewest_edits


def test_an_alignment_pairs_the_words_and_leaves_gaps() -> None:
    assert align("turn on the hall light".split(), "turn the hall lights now".split()) == [
        ("turn", "turn"), ("on", None), ("the", "the"), ("hall", "hall"), (None, "lights"), ("light", "now"),
    ]  # fmt: skip


def test_of_alignments_that_cost_the_same_the_walk_back_prefers_a_pair() -> None:
    assert align(["a", "b"], ["b", "c"]) == [("a", "b"), ("b", "c")]
    assert align(("k", "ɛː"), ("k", "ɛ", "ɹ")) == [("k", "k"), (None, "ɛ"), ("ɛː", "ɹ")]
    assert align((), ("a",)) == [(None, "a")]
    assert align(("a", "s"), ("s",)) == [("a", None), ("s", "s")]


def test_an_item_of_the_first_sequence_is_left_alone_before_one_of_the_second() -> None:
    assert align(("a", "t", "a"), ("t", "a", "t")) == [(None, "t"), ("a", "a"), ("t", "t"), ("a", None)]


WORDS = st.lists(st.sampled_from("abc"), max_size=7)


@settings(max_examples=100, deadline=None)
@given(WORDS, WORDS)
def test_an_alignment_holds_both_sequences_and_its_edits_are_the_distance_in_either_direction(
    one: list[str], two: list[str]
) -> None:
    pairs = align(one, two)
    assert [first for first, _ in pairs if first is not None] == one
    assert [second for _, second in pairs if second is not None] == two
    assert sum(first != second for first, second in pairs) == fewest_edits(one, two) == fewest_edits(two, one)
