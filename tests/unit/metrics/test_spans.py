import pytest

from harken.errors import DataError
from harken.metrics.spans import SpanCounts, by_type, chunks, count_spans

CASES = [
    ("O B-x I-x O", [("x", 1, 3)]),
    ("B-x B-x I-x", [("x", 0, 1), ("x", 1, 3)]),
    ("I-x I-x O I-y", [("x", 0, 2), ("y", 3, 4)]),
    ("B-x I-y I-y", [("x", 0, 1), ("y", 1, 3)]),
    ("B-x O I-x", [("x", 0, 1), ("x", 2, 3)]),
    ("B-to.city_name I-to.city_name", [("to.city_name", 0, 2)]),
    ("O O", []),
    ("", []),
]
"""As conlleval.pl splits them."""


@pytest.mark.parametrize(("tags", "spans"), CASES)
def test_spans_are_those_of_conlleval(tags: str, spans: list[tuple[str, int, int]]) -> None:
    assert chunks(tags.split()) == spans


@pytest.mark.parametrize("tag", ["X-x", "B", "O-x", "b-x", ""])
def test_a_tag_of_another_form_is_named(tag: str) -> None:
    with pytest.raises(DataError, match=f"'{tag}' is not a tag"):
        chunks(["O", tag])


def test_a_span_counts_only_with_type_and_both_ends() -> None:
    wanted = [("x", 0, 2), ("y", 3, 4), ("x", 5, 6)]
    found = [("x", 0, 2), ("x", 3, 4), ("x", 5, 7), ("z", 8, 9)]
    counts = count_spans(wanted, found)
    assert counts == SpanCounts(right=1, wanted=3, found=4)
    assert (counts.precision, counts.recall) == (0.25, pytest.approx(1 / 3))
    assert counts.f1 == pytest.approx(2 / 7)


def test_nothing_wanted_and_nothing_found_has_no_share() -> None:
    counts = count_spans([], [])
    assert (counts.precision, counts.recall, counts.f1) == (0.0, 0.0, 0.0)


def test_types_are_counted_apart_and_sentences_together() -> None:
    pairs = [([("x", 0, 1)], [("x", 0, 1), ("y", 2, 3)]), ([("x", 0, 1), ("y", 1, 2)], [("x", 0, 2)])]
    assert by_type(pairs) == {
        "x": SpanCounts(right=1, wanted=2, found=2),
        "y": SpanCounts(right=0, wanted=1, found=1),
    }
