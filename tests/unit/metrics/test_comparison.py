"""A method against its baseline on planted data: what was planted comes out, with the certainty that it deserves."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import DataError
from harken.metrics.comparison import (
    Sums,
    SystemRun,
    by_unit,
    difference,
    mean_figure,
    of_group,
    ratio,
    relative_change,
)


def run(system: str, group: str, seed: int, parts: list[Sums]) -> SystemRun[Sums]:
    return SystemRun(system=system, group=group, seed=seed, units={f"s{n}": part for n, part in enumerate(parts)})


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def planted(seed: int, speakers: int = 40, effect: float = 0.8) -> list[SystemRun[Sums]]:
    """Speakers of very different difficulty; the method makes `effect` times the errors of the baseline."""
    chance = np.random.default_rng(seed)
    rates = chance.uniform(0.05, 0.6, speakers)
    ours, theirs = ([(float(chance.binomial(300, part * r)), 300.0) for r in rates] for part in (effect, 1.0))
    return [run("new", "a", 0, ours), run("old", "a", 0, theirs)]


def test_rows_are_summed_by_unit() -> None:
    assert by_unit([("x", 1, 10), ("y", 0, 5), ("x", 2, 20)]) == {"x": (3, 30), "y": (0, 5)}
    assert ratio([(3, 30), (1, 10)]) == 0.1


def test_relative_change_is_the_mean_over_groups_of_the_seeds_mean_figures() -> None:
    found = [
        run("old", "a", 0, [(2, 10)] * 2), run("old", "a", 1, [(6, 10)] * 2), run("old", "b", 0, [(4, 10)] * 2),
        run("old", "b", 1, [(4, 10)] * 2), run("new", "a", 0, [(1, 10)] * 2), run("new", "a", 1, [(1, 10)] * 2),
        run("new", "b", 0, [(5, 10)] * 2), run("new", "b", 1, [(5, 10)] * 2),
    ]  # fmt: skip
    assert relative_change(found, "new", "old", statistic=ratio, rng=rng()) == pytest.approx((-0.25, -0.25, -0.25))
    assert relative_change(of_group(found, "a"), "new", "old", statistic=ratio, rng=rng()).value == -0.75
    assert difference(found, "new", "old", statistic=ratio, rng=rng()) == pytest.approx((-0.1, -0.1, -0.1))
    assert mean_figure(found, "old", statistic=ratio, rng=rng()).value == pytest.approx(0.4)


def test_the_interval_covers_the_planted_change_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        found = relative_change(planted(seed), "new", "old", statistic=ratio, rng=rng(), rounds=200)
        covered += found.low <= -0.2 <= found.high
    assert 51 <= covered <= 60


def test_pairing_makes_the_interval_narrower_than_two_intervals_say() -> None:
    found = planted(1)
    paired = difference(found, "new", "old", statistic=ratio, rng=rng())
    new, old = (mean_figure(found, system, statistic=ratio, rng=rng()) for system in ("new", "old"))
    alone = np.hypot(new.high - new.low, old.high - old.low)
    assert paired.high - paired.low < 0.5 * alone


def test_units_are_drawn_for_both_systems_together() -> None:
    rates = [1.0, 3.0, 5.0, 7.0]
    found = [run("old", "a", 0, [(r, 10) for r in rates]), run("new", "a", 0, [(2 * r, 20) for r in rates])]
    assert relative_change(found, "new", "old", statistic=ratio, rng=rng(), rounds=50) == pytest.approx((0, 0, 0))
    uneven = [found[0], run("new", "a", 0, [(1, 10)] * 4)]
    change = relative_change(uneven, "new", "old", statistic=ratio, rng=rng(), rounds=200)
    assert change.value == pytest.approx(-0.75)
    assert -1 <= change.low < change.value < change.high < 0


def test_units_are_paired_by_name_whatever_their_order() -> None:
    found = planted(2)
    shuffled = SystemRun(system="new", group="a", seed=0, units=dict(reversed(found[0].units.items())))
    same = [relative_change([one, found[1]], "new", "old", statistic=ratio, rng=rng()) for one in (found[0], shuffled)]
    assert same[0] == same[1]


def test_more_groups_make_the_mean_more_certain() -> None:
    one = planted(3, speakers=12)
    two = one + [SystemRun(system=r.system, group="b", seed=0, units=r.units) for r in planted(4, speakers=12)]
    widths = [
        found.high - found.low
        for found in (relative_change(runs, "new", "old", statistic=ratio, rng=rng()) for runs in (one, two))
    ]
    assert widths[1] < widths[0]


def test_any_figure_of_the_drawn_units_can_be_compared() -> None:
    runs = [
        SystemRun(system=system, group="a", seed=0, units={"x": [a], "y": [a, a], "z": [a]})
        for system, a in (("new", 3.0), ("old", 4.0))
    ]

    def median(units: list[list[float]]) -> float:
        return float(np.median(np.concatenate(units)))

    found = relative_change(runs, "new", "old", statistic=median, rng=rng())
    assert found == (-0.25, -0.25, -0.25)


def test_draws_without_any_error_of_the_baseline_are_drawn_again() -> None:
    found = [run("old", "a", 0, [(4, 10), (0, 10), (0, 10)]), run("new", "a", 0, [(2, 10), (0, 10), (0, 10)])]
    assert relative_change(found, "new", "old", statistic=ratio, rng=rng()) == (-0.5, -0.5, -0.5)


def test_a_comparison_measured_before_comes_out_the_same_to_the_last_digit() -> None:
    """Figures of the dialects' own comparison, from which this one was made."""
    chance, found = np.random.default_rng(5), []
    for dialect, speakers in (("a", 7), ("b", 4)):
        words = chance.integers(8, 30, size=3 * speakers)
        for arm, rate in (("ds", 0.4), ("pm", 0.3)):
            for seed in (0, 1):
                rows = [
                    (f"{dialect}{n % speakers}", float(chance.binomial(int(words[n]), rate)), float(words[n]))
                    for n in range(3 * speakers)
                ]
                found.append(SystemRun(system=arm, group=dialect, seed=seed, units=by_unit(rows)))
    assert relative_change(found, "pm", "ds", statistic=ratio, rng=rng()) == pytest.approx(
        (-0.2214031823278228, -0.27776896563543707, -0.1426449806362868), abs=1e-12
    )
    assert relative_change(of_group(found, "b"), "pm", "ds", statistic=ratio, rng=rng()) == pytest.approx(
        (-0.29299363057324845, -0.3764705882352941, -0.18627450980392146), abs=1e-12
    )
    assert mean_figure(of_group(found, "a"), "pm", statistic=ratio, rng=rng()) == pytest.approx(
        (0.3309037900874635, 0.31143088503649635, 0.3549416264090177), abs=1e-12
    )


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        (run("old", "b", 0, [(1, 2)] * 3), "different groups: a, b"),
        (run("old", "a", 0, [(1, 2)] * 2), "different units in 'a': s2; measure both on the same"),
        (run("older", "a", 0, [(1, 2)] * 3), "no run of 'old' to compare; there are runs of: new, older"),
        (run("old", "a", 0, [(0, 2)] * 3), "old has the figure 0 in 'a'"),
    ],
)
def test_what_cannot_be_compared_is_named(other: SystemRun[Sums], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        relative_change([run("new", "a", 0, [(1, 2)] * 3), other], "new", "old", statistic=ratio, rng=rng())


def test_one_unit_has_no_interval_and_seeds_must_share_their_units() -> None:
    with pytest.raises(DataError, match="two"):
        mean_figure([run("new", "a", 0, [(1, 2)])], "new", statistic=ratio, rng=rng())
    with pytest.raises(DataError, match="the runs of new in 'a' have different units: s1"):
        mean_figure([run("new", "a", 0, [(1, 2)] * 2), run("new", "a", 1, [(1, 2)])], "new", statistic=ratio, rng=rng())
