"""What all wordings share: durations in their two largest units, and lists."""

from __future__ import annotations

import pytest

from harken.languages.wording import join_list, split_duration


@pytest.mark.parametrize(
    ("seconds", "parts"),
    [
        (0, [(0, "second")]), (-3, [(0, "second")]), (0.6, [(1, "second")]), (59.6, [(1, "minute")]),
        (3_661, [(1, "hour"), (1, "minute")]), (86_405, [(1, "day"), (5, "second")]), (172_800, [(2, "day")]),
    ],
)  # fmt: skip
def test_a_duration_has_its_two_largest_units(seconds: float, parts: list[tuple[int, str]]) -> None:
    assert split_duration(seconds) == parts


def test_a_whole_duration_has_all_its_units() -> None:
    assert split_duration(93_784, whole=True) == [(1, "day"), (2, "hour"), (3, "minute"), (4, "second")]
    assert split_duration(0, whole=True) == [(0, "second")]


@pytest.mark.parametrize(("count", "text"), [(0, ""), (1, "a"), (2, "a and b"), (4, "a, b, c and d")])
def test_only_the_last_part_of_a_list_follows_the_joint(count: int, text: str) -> None:
    assert join_list(list("abcd")[:count], " and ") == text
