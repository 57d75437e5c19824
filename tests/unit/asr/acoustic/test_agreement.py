"""How well sounds agree with a recording: against every other sequence of phones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from harken.asr.acoustic.agreement import margins

LABELS = ("SIL", "A", "B")
PRICE = 1.5


def path_score(scores: np.ndarray, path: tuple[int, ...], entered: tuple[bool, ...]) -> float:
    """Of one phone a step; a phone may also be entered again."""
    rows = enumerate(zip(path, entered, strict=True))
    return float(sum(scores[t, p] - PRICE if new else scores[t, 3 + p] for t, (p, new) in rows))


def best(scores: np.ndarray) -> float:
    """Of all paths, one by one."""
    found = -np.inf
    for path in itertools.product(range(3), repeat=len(scores)):
        must = [True, *(a != b for a, b in itertools.pairwise(path))]
        for again in itertools.product((False, True), repeat=len(scores)):
            entered = tuple(a or b for a, b in zip(must, again, strict=True))
            found = max(found, path_score(scores, path, entered))
    return found


def test_a_margin_is_what_the_best_path_has_more() -> None:
    scores = np.random.default_rng(0).normal(size=(6, 6)).astype(np.float32)
    steps = np.array([2, 1, 0, 3])
    phones = ["A", "B", "SIL", "A"]
    own = path_score(scores, (1, 1, 2, 1, 1, 1), (True, False, True, True, False, False))
    first = path_score(scores[:3], (1, 1, 2), (True, False, True))
    whole, begin, none = margins(LABELS, scores, phones, steps, [(0, 4), (0, 2), (2, 3)], price=PRICE)
    assert whole == pytest.approx(own - best(scores), abs=1e-5)
    assert begin == pytest.approx(first - best(scores[:3]), abs=1e-5)
    assert none == 0
    assert whole <= 0


def test_the_best_sounds_have_no_margin() -> None:
    scores = np.full((4, 6), -5, np.float32)
    scores[0, 1] = scores[1, 4] = scores[2, 2] = scores[3, 5] = 0
    right = margins(LABELS, scores, ["A", "B"], np.array([2, 2]), [(0, 2)], price=PRICE)
    wrong = margins(LABELS, scores, ["B", "A"], np.array([2, 2]), [(0, 2)], price=PRICE)
    np.testing.assert_allclose([right[0], wrong[0]], [0, -20], atol=1e-5)
