"""Intervals against values from tables."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import DataError
from harken.metrics.intervals import bootstrap, bootstrap_ratio, counting_rate, wilson


def test_wilson_against_published_values() -> None:
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I


def test_wilson_covers_the_rate_at_both_ends() -> None:
    for n in (1, 7, 1000):
        assert wilson(0, n).low == 0
        assert wilson(n, n).high == 1


def test_wider_level_wider_interval() -> None:
    assert wilson(3, 20, level=0.99).high > wilson(3, 20, level=0.9).high


@pytest.mark.parametrize(("hits", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_wilson_refuses_impossible_counts(hits: int, n: int) -> None:
    with pytest.raises(DataError):
        wilson(hits, n)


def test_counting_rate_against_published_values() -> None:
    # Garwood 1936: exact limits of Poisson counts.
    assert counting_rate(0, 1.0) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert counting_rate(1, 1.0) == pytest.approx((0.0253, 5.572), abs=1e-3)
    assert counting_rate(10, 2.0) == pytest.approx((4.795 / 2, 18.390 / 2), abs=1e-3)
    assert counting_rate(400, 1.0) == pytest.approx((361.8, 441.2), abs=0.5)


def test_counting_needs_exposure() -> None:
    with pytest.raises(DataError, match="exposure"):
        counting_rate(1, 0.0)


def test_bootstrap_of_a_mean_is_near_the_normal_interval() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(10, 2, 400).tolist()
    low, high = bootstrap(lambda drawn: float(np.mean(drawn)), values, rng=rng)
    assert high - low == pytest.approx(2 * 1.96 * 2 / 20, rel=0.2)
    assert low < np.mean(values) < high


def test_bootstrap_ratio_agrees_with_the_plain_bootstrap() -> None:
    parts = [(float(e), 50.0 + e) for e in range(1, 31)]
    fast = bootstrap_ratio(parts, rng=np.random.default_rng(2), rounds=4000)
    slow = bootstrap(
        lambda drawn: sum(p[0] for p in drawn) / sum(p[1] for p in drawn), parts, rng=np.random.default_rng(3)
    )
    assert fast == pytest.approx(slow, abs=0.02)


def test_the_same_seed_gives_the_same_interval() -> None:
    parts = [(1.0, 10.0), (3.0, 10.0), (0.0, 5.0)]
    one, two = (bootstrap_ratio(parts, rng=np.random.default_rng(9)) for _ in range(2))
    assert one == two


def test_one_group_has_no_interval() -> None:
    with pytest.raises(DataError, match="two"):
        bootstrap_ratio([(1.0, 2.0)], rng=np.random.default_rng(0))
    with pytest.raises(DataError, match="two"):
        bootstrap(len, [1], rng=np.random.default_rng(0))


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_middle_of_the_resamples_lies_inside(level: float) -> None:
    seen: list[float] = []

    def mean(drawn: object) -> float:
        seen.append(float(np.mean(drawn)))  # type: ignore[arg-type]
        return seen[-1]

    found = bootstrap(mean, [1.0, 2.0, 4.0, 8.0], rng=np.random.default_rng(4), rounds=300, level=level)
    assert len(seen) == 300
    assert found == pytest.approx(tuple(np.quantile(seen, [(1 - level) / 2, (1 + level) / 2])))
    parts = [(value, 1.0) for value in (1.0, 2.0, 4.0, 8.0)]
    fast = bootstrap_ratio(parts, rng=np.random.default_rng(4), rounds=4000, level=level)
    slow = bootstrap(mean, [1.0, 2.0, 4.0, 8.0], rng=np.random.default_rng(5), rounds=4000, level=level)
    assert fast == pytest.approx(slow, abs=0.3)


def test_two_groups_are_enough() -> None:
    assert bootstrap(sum, [1.0, 3.0], rng=np.random.default_rng(0)) == (2.0, 6.0)
    assert bootstrap_ratio([(1.0, 2.0), (3.0, 2.0)], rng=np.random.default_rng(0)) == (0.5, 1.5)


def test_a_group_without_a_denominator_is_refused() -> None:
    with pytest.raises(DataError, match="denominator"):
        bootstrap_ratio([(1.0, 2.0), (0.0, 0.0)], rng=np.random.default_rng(0))


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95.0])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(DataError, match=rf"level is {level}; expected a share between 0 and 1"):
        wilson(3, 20, level=level)


def test_no_event_has_a_rate_from_nothing_on() -> None:
    assert counting_rate(0, 4.0, level=0.9) == pytest.approx((0.0, 2.9957 / 4), abs=1e-3)
    with pytest.raises(DataError, match="got -1 events"):
        counting_rate(-1, 1.0)
