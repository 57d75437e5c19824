"""The best path of a known sentence: every phone in order, silences where there are any."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harken.asr.acoustic.alignment import align_phones
from harken.errors import DataError

LABELS = ("SIL", "A", "B", "C")
MODEL: Any = SimpleNamespace(labels=LABELS)


def scores(*heard: str) -> np.ndarray:
    """Scores [T, 8] of a model that is sure of each step; holding a phone is right where it goes on."""
    out = np.full((len(heard), 8), -5.0, np.float32)
    for step, label in enumerate(heard):
        goes_on = step > 0 and heard[step - 1] == label
        out[step, LABELS.index(label) + 4 * goes_on] = 0
    return out


def steps(heard: str, phones: str) -> list[int]:
    names = ["SIL" if one == "-" else one for one in phones]
    given = ["SIL" if one == "-" else one for one in heard]
    return align_phones(MODEL, scores(*given), names, [one == "-" for one in phones]).tolist()


@pytest.mark.parametrize(
    ("heard", "phones", "wanted"),
    [
        ("--AAABCC---", "-ABC-", [2, 3, 1, 2, 3]),
        ("AAABCC", "-ABC-", [0, 3, 1, 2, 0]),
        ("-A--BC", "-A-BC-", [1, 1, 2, 1, 1, 0]),
        ("-ABC", "-A-BC-", [1, 1, 0, 1, 1, 0]),
        ("AB", "AB", [1, 1]),
    ],
)
def test_every_phone_has_the_steps_in_which_it_is_heard(heard: str, phones: str, wanted: list[int]) -> None:
    assert steps(heard, phones) == wanted


def test_two_phones_alike_are_told_apart_by_the_entry() -> None:
    sure = scores("A", "A", "A", "A")
    sure[2] = -5
    sure[2, 1] = 0
    assert align_phones(MODEL, sure, ("A", "A"), (False, False)).tolist() == [2, 2]


def test_a_long_sentence_is_aligned() -> None:
    assert steps("ABC" * 100, "ABC" * 100) == [1] * 300


def test_a_recording_with_fewer_steps_than_sounds_is_refused() -> None:
    with pytest.raises(DataError, match="2 steps of 30 ms, but its text has 3 sounds"):
        steps("AB", "-ABC-")


def test_an_empty_recording_is_refused() -> None:
    with pytest.raises(DataError, match="0 steps"):
        steps("", "-")
