import datetime as dt

import numpy as np
import pytest

from harken.languages.en.values import LONGEST_VALUES, read_date, read_duration, read_number, read_time, read_value
from harken.languages.loading import load_locale
from harken.nlu.spoken import spoken_type
from harken.text.grammar import Choice, ListRef, Node, Sequence

FRIDAY = dt.date(2026, 5, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [("twelve", 12), ("minus three", -3), ("three point one four", 3.14), ("two and a half", 2.5), ("half", 0.5),
     ("a hundred", 100), ("nothing", None), ("", None), ("a second", None)],
)  # fmt: skip
def test_numbers(text: str, value: float | None) -> None:
    assert read_number(text.split()) == value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("ten minutes", 600), ("an hour and a half", 5400), ("two hours and ten minutes", 7800), ("half an hour", 1800),
     ("a quarter of an hour", 900), ("one minute thirty seconds", 90), ("two and a half minutes", 150),
     ("a second", 1), ("a couple of hours", 7200), ("minutes", None), ("ten", None), ("minus two minutes", None),
     ("ten minutes ten minutes", None), ("zero minutes", None)],
)  # fmt: skip
def test_durations_in_seconds(text: str, seconds: float | None) -> None:
    assert read_duration(text.split()) == seconds


@pytest.mark.parametrize(
    ("text", "time"),
    [("seven", "07:00"), ("half past seven", "07:30"), ("quarter to eight", "07:45"), ("seven thirty p m", "19:30"),
     ("twelve a m", "00:00"), ("noon", "12:00"), ("midnight", "00:00"), ("seven oh five", "07:05"),
     ("nineteen forty", "19:40"), ("six o'clock in the evening", "18:00"), ("ten minutes past one", "01:10"),
     ("ten to one", "12:50"), ("twenty five", None), ("thirteen p m", None), ("seven sixty", None), ("past", None)],
)  # fmt: skip
def test_times(text: str, time: str | None) -> None:
    assert read_time(text.split()) == time


@pytest.mark.parametrize(
    ("text", "date"),
    [("today", "2026-05-01"), ("tomorrow", "2026-05-02"), ("the day after tomorrow", "2026-05-03"),
     ("friday", "2026-05-08"), ("on monday", "2026-05-04"), ("the third of may", "2026-05-03"),
     ("april third", "2027-04-03"), ("may third twenty thirty", "2030-05-03"), ("in two weeks", "2026-05-15"),
     ("february twenty ninth", "2028-02-29"), ("february thirtieth", None), ("the", None), ("in ten minutes", None)],
)  # fmt: skip
def test_dates(text: str, date: str | None) -> None:
    assert read_date(text.split(), lambda: FRIDAY) == date


@pytest.mark.parametrize("kind", ["number", "duration", "time", "date"])
def test_whatever_the_recogniser_may_hear_can_be_read(kind: str) -> None:
    rng = np.random.default_rng(5)
    grammar = spoken_type(kind, load_locale())
    for _ in range(300):
        words = _drawn(grammar.root, grammar.lists, rng)
        assert read_value(kind, words, lambda: FRIDAY) is not None, words
        assert len(words) <= LONGEST_VALUES[kind], words


def _drawn(node: Node, lists: object, rng: np.random.Generator) -> list[str]:
    if isinstance(node, ListRef):
        entries = lists[node.list]  # type: ignore[index]
        return list(entries[int(rng.integers(len(entries)))])
    if isinstance(node, Choice):
        return _drawn(node.options[int(rng.integers(len(node.options)))], lists, rng)
    if isinstance(node, Sequence):
        return [word for part in node.parts for word in _drawn(part, lists, rng)]
    return list(node.words)
