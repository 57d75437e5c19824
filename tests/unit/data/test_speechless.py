"""Sound without speech."""

from __future__ import annotations

import numpy as np
import pytest

from harken.data.speechless import KINDS, speechless


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seconds", [1e-6, 0.1, 1.5])
def test_every_kind_has_its_length_and_stays_within_full_scale(kind: str, seconds: float) -> None:
    samples = speechless(kind, seconds, np.random.default_rng(3))
    assert samples.shape == (max(1, round(16_000 * seconds)),)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_only_zeros_are_silent_and_a_seed_gives_the_same_again(kind: str) -> None:
    first, again, other = (speechless(kind, 0.5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert bool(first.any()) == (kind != "zeros")
    assert np.array_equal(first, other) == (kind == "zeros")
