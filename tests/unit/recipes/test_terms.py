"""The comparison of sub-band networks: which recordings count for what, which network is chosen, and the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harken.data.utterances import Utterance
from harken.recipes.activation.terms import exported, material
from harken.recipes.activation.terms.arms import ARMS, EQUAL_COST, FULL
from harken.recipes.activation.terms.exported import Cost, Measured
from harken.recipes.activation.terms.figures import AGAINST, choose, of_exported, results_of
from harken.recipes.activation.terms.material import CHOOSE, FRAMES, LEARN, MEASURE, TASKS
from harken.recipes.activation.terms.recipe import Config, _cells
from harken.recipes.activation.terms.study import Cell
from harken.train.activation.configs import MARGIN

TWO, FOUR, LATE = "2 bands, 32 kernels", "4 bands, 32 kernels", "2 bands late, 32 kernels"


def _cell(arm: str, chosen_by: float, multiplies: int, *, seed: int = 0, right: str = "1101") -> Cell:
    return Cell(
        task="commands", arm=arm, seed=seed, multiplies=multiplies, weights=10, chosen_by=chosen_by,
        units=["ann", "ann", "bob", "bob"], right=[int(one) for one in right],
    )  # fmt: skip


def _utterance(split: str, stem: str, speaker: str = "ann") -> Utterance:
    return Utterance(audio=Path(f"{stem}.opus"), duration=1.0, corpus="x", split=split, label="yes", speaker=speaker)


def test_dev_and_test_of_the_commands_are_measured_on_and_nobody_of_them_chooses() -> None:
    part = TASKS["commands"].part
    assert {part(_utterance(split, "a")) for split in ("dev", "test")} == {MEASURE}
    parts = [part(_utterance("train", "a", f"person {n}")) for n in range(300)]
    assert set(parts) == {LEARN, CHOOSE}
    assert 10 < parts.count(CHOOSE) < 60
    assert part(_utterance("train", "a", "person 7")) == part(_utterance("train", "b", "person 7"))


def test_the_official_test_takes_of_the_digits_are_measured_on_and_the_next_ones_choose() -> None:
    part = TASKS["digits"].part
    assert part(_utterance("test", "3_george_0")) == MEASURE
    assert part(_utterance("train", "3_george_9")) == CHOOSE
    assert part(_utterance("train", "3_george_10")) == LEARN


def test_each_split_of_the_wake_words_has_its_part_and_the_demo_none() -> None:
    part = TASKS["wake-words"].part
    assert [part(_utterance(split, "a")) for split in ("train", "dev", "test", "demo")] == [LEARN, CHOOSE, MEASURE, ""]


def test_names_of_networks_and_their_folders_differ() -> None:
    assert len({arm.name for arm in ARMS}) == len({arm.slug for arm in ARMS}) == len(ARMS)
    assert ARMS[0].net.bands == 1


def test_the_cheapest_network_that_is_as_good_on_the_choosing_recordings_is_chosen() -> None:
    cells = [_cell(FULL, 0.8, 100), _cell(TWO, 0.85, 50), _cell(FOUR, 0.8, 25), _cell(LATE, 0.7, 10)]
    assert choose(cells) == FOUR


def test_the_mean_of_the_seeds_chooses() -> None:
    cells = [_cell(FULL, 0.8, 100), _cell(TWO, 0.82, 50), _cell(FOUR, 0.9, 25), _cell(FOUR, 0.6, 25, seed=1)]
    assert choose(cells) == TWO


def test_if_none_is_as_good_the_most_accurate_one_is_chosen() -> None:
    assert choose([_cell(FULL, 0.9, 100), _cell(TWO, 0.85, 50), _cell(FOUR, 0.8, 25)]) == TWO


def test_nothing_is_chosen_without_the_full_band_network() -> None:
    assert choose([_cell(TWO, 0.85, 50)]) == ""
    assert choose([_cell(FULL, 0.85, 50), _cell("broadcast, 2 bands", 0.9, 5)]) == ""


def test_the_figures_that_answer_the_claims() -> None:
    cells = [
        cell
        for seed in (0, 1)
        for cell in (_cell(FULL, 0.8, 100, seed=seed), _cell(TWO, 0.8, 49, seed=seed, right="1111"))
    ]
    found = {(r.metric, r.condition): r for r in results_of(cells, recipe="activation/terms", command="score")}
    saved, change = found["relative change of multiplies", AGAINST], found["difference of accuracy", AGAINST]
    assert (saved.value, saved.low, saved.set) == (-51, None, "speech-commands dev and test")
    assert (change.value, change.low, change.high, change.n, change.seeds) == (25, 0, 50, 4, (0, 1))
    assert change.note == f"{TWO} against {FULL}"
    assert found["accuracy", FULL].value == 75
    assert found["accuracy", FULL].unit == "%"


def test_networks_of_the_same_cost_are_compared_once_each() -> None:
    method, baseline = EQUAL_COST[0]
    cells = [_cell(baseline, 0.8, 52), _cell(method, 0.8, 50, right="1111"), _cell(FULL, 0.8, 100)]
    changes = [r for r in results_of(cells, recipe="x", command="y") if r.metric == "difference of accuracy"]
    assert [r.condition for r in changes] == [AGAINST, f"{method} against {FULL}", f"{method} against {baseline}"]


def test_figures_of_an_exported_network_name_it_and_its_one_training() -> None:
    cost = Cost(milliseconds=0.5, factor=0.01, size=40_000)
    found = of_exported(
        "digits", {"sub-band": TWO}, {"sub-band": Measured(units=["a", "b", "c"], right=[1, 1, 0])}, {"sub-band": cost},
        recipe="activation/terms", command="score", seed=3, runs=50,
    )  # fmt: skip
    assert [(r.metric, r.value, r.n) for r in found if r.unit != "%"] == [
        ("wall time of a window on one core", 0.5, 50), ("processor time of a stream", 0.01, 100), ("size", 40, 1),
    ]  # fmt: skip
    (accuracy,) = [r for r in found if r.unit == "%"]
    assert accuracy.value == pytest.approx(66.667, abs=0.01)
    assert {(r.note, r.seeds, r.set) for r in found} == {(TWO, (3,), "digits test")}


def test_networks_of_which_a_seed_is_missing_do_not_count(tmp_path: Path) -> None:
    import dataclasses
    import json

    for arm, seed in ((FULL, 0), (FULL, 1), (TWO, 0)):
        folder = tmp_path / "cells" / "commands" / f"{arm}-{seed}"
        folder.mkdir(parents=True)
        (folder / "cell.json").write_text(json.dumps(dataclasses.asdict(_cell(arm, 0.8, 9, seed=seed))))
    assert [cell.arm for cell in _cells(Config(seeds=(0, 1)), tmp_path)] == [FULL, FULL]
    assert len(list(_cells(Config(seeds=(0,)), tmp_path))) == 2


class Tone(Utterance):
    """A second of a tone, a little of it loud in the middle."""

    def read(self) -> np.ndarray:
        t = np.arange(16_000) / 16_000
        loud = np.where((t > 0.4) & (t < 0.6), 0.5, 0.001)
        return (loud * np.sin(2 * np.pi * 1500 * t)).astype(np.float32)


def _tone(split: str, stem: str, label: str = "yes") -> Tone:
    return Tone(audio=Path(f"{stem}.opus"), duration=1.0, corpus="x", split=split, label=label, speaker="ann")


def test_windows_keep_a_margin_on_both_sides_and_digits_lie_below_4_khz(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material, "read_corpus", lambda name, *splits: [_tone("test", "3_ann_0")])
    found = {}
    for task in ("commands", "digits"):
        material.write_windows(task, tmp_path)
        found[task] = material.read_windows(task, tmp_path)
        levels = found[task].windows[0].mean(1)
        assert levels.shape == (FRAMES + 2 * MARGIN,)
        loudest = np.argsort(levels)[-15:]
        assert abs(loudest.mean() - (FRAMES / 2 + MARGIN)) < 4  # frames
    bands = {task: int(windows.windows[0, MARGIN + 49].argmax()) for task, windows in found.items()}
    assert bands["digits"] > bands["commands"] + 5
    assert [found[task].units.tolist() for task in ("commands", "digits")] == [["ann"], ["3_ann_0"]]
    assert not list(tmp_path.glob("*.part*"))


def test_an_exported_network_is_measured_on_the_recordings_that_measure_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class AlwaysYes:
        def __init__(self, bundle: object): ...

        def classify(self, samples: np.ndarray) -> tuple[str, float]:
            return "yes", 1.0

    heard = [_tone("test", "a"), _tone("dev", "b", "no"), _tone("train", "c"), _tone("train", "d")]
    monkeypatch.setattr(material, "read_corpus", lambda name: heard)
    monkeypatch.setattr(exported, "TermClassifier", AlwaysYes)
    assert exported.measure_bundle(None, "commands") == Measured(units=["ann", "ann"], right=[1, 0])
