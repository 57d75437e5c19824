"""The recorded figures of the dialects agree among each other: changes are those of the recorded rates."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from harken.metrics.comparison import SystemRun, of_group, ratio, relative_change
from harken.metrics.result import latest, read_result_lines, results_file

MEAN = "mean of the dialects' tests"


@pytest.mark.parametrize("family", ["real", "real-arpabet", "synthetic"])
def test_recorded_changes_are_those_of_the_recorded_rates(family: str) -> None:
    """The speakers behind a rate were not kept, so one rate stands for two of them here: values, not intervals."""
    runs, changes = [], defaultdict(dict)
    for result in latest(read_result_lines(results_file("asr/dialects"))):
        kind, _, arms = result.condition.partition(" dialects, ")
        if kind != family:
            continue
        if result.metric == "word error rate":
            units = dict.fromkeys(("one", "two"), (result.value, 100.0))
            runs.append(SystemRun(system=arms, group=result.set, seed=0, units=units))
        else:
            method, _, baseline = arms.partition(" against ")
            changes[method, baseline][result.set] = result.value
    assert len(changes) >= 2
    for (method, baseline), recorded in changes.items():
        for where, value in recorded.items():
            chosen = runs if where == MEAN else of_group(runs, where)
            found = relative_change(chosen, method, baseline, statistic=ratio, rng=np.random.default_rng(0), rounds=2)
            # Rates are recorded to 0.01 %; 3 % of a rate of 15 % is what that can move at most.
            assert 100 * found.value == pytest.approx(value, abs=0.15), (method, baseline, where)
