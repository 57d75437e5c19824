"""Fitting decoder settings: downhill one setting at a time, inside the bounds."""

from __future__ import annotations

import pytest

from harken.asr.search.space import SearchOptions
from harken.recipes.asr.ngram.fit import LOG_WEIGHT, SETTING_RANGES, descend, with_settings


def test_it_finds_the_best_setting_on_its_grid_from_either_side() -> None:
    def cost(settings):
        return abs(settings["silence_cost"] - 2.0) + abs(settings["acoustic_scale"] - 0.7)

    for start in ({"silence_cost": 0.0, "acoustic_scale": 1.0}, {"silence_cost": 3.5, "acoustic_scale": 0.4}):
        assert descend(cost, start) == pytest.approx({"silence_cost": 2.0, "acoustic_scale": 0.7})


def test_it_stays_inside_the_bounds() -> None:
    tried = []

    def cost(settings):
        tried.append(settings["phone_bonus"])
        return -settings["phone_bonus"]

    _, low, high = SETTING_RANGES["phone_bonus"]
    assert descend(cost, {"phone_bonus": 1.0})["phone_bonus"] == pytest.approx(
        high, abs=SETTING_RANGES["phone_bonus"][0]
    )
    assert all(low <= value <= high for value in tried)


def test_settings_keep_the_beam_and_leave_the_grammars_weight_to_the_graph() -> None:
    found = with_settings(SearchOptions(beam=13.0), {"silence_cost": 1.5, LOG_WEIGHT: 4.0})
    assert found == SearchOptions(beam=13.0, silence_cost=1.5)
