"""The recipe on made-up words: trained, continued, exported, measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from harken.activation.terms import TermClassifier
from harken.bundle import Bundle
from harken.cli.recipes import ROOT
from harken.errors import ConfigError, DataError
from harken.recipes.activation.terms import recipe
from harken.recipes.activation.terms.arms import ARMS, FULL
from harken.recipes.activation.terms.figures import AGAINST
from harken.recipes.activation.terms.material import MEASURE, toy_windows
from harken.recipes.activation.terms.study import train_cell
from harken.settings import load_settings
from harken.train.activation.configs import MARGIN

CONFIG = load_settings(recipe.Config, ROOT / "activation" / "terms" / "tiny.toml", overrides=["seeds=[0]"])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    recipe.train(CONFIG, folder)
    recipe.export(CONFIG, folder)
    return folder


@pytest.mark.parametrize("name", ["terms-toy", "terms-toy-full-band"])
def test_an_exported_network_names_the_words(run: Path, name: str) -> None:
    classifier, data = TermClassifier(Bundle(run / name)), toy_windows()
    assert classifier.terms == data.words
    measured = data.parts == MEASURE
    named = [classifier.probabilities(window[MARGIN:-MARGIN]).argmax() for window in data.windows[measured]]
    assert np.mean(np.array(named) == data.labels[measured]) > 0.9


def test_what_is_exported_against_the_full_band_network_has_bands(run: Path) -> None:
    settings = {name: Bundle(run / name).info["origin"]["settings"] for name in ("terms-toy", "terms-toy-full-band")}
    assert [settings[name]["bands"] for name in settings] == [2, 1]
    costs = [Bundle(run / name).info["scores"]["multiplies"] for name in settings]
    assert costs[0] < 0.52 * costs[1]


def test_finished_networks_are_not_trained_again(run: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in run.rglob("*") if file.is_file()}
    assert set(recipe.train(CONFIG, run)) == {f"toy: {name}, seed 0" for name in CONFIG.arms}
    assert {file: file.stat().st_mtime_ns for file in run.rglob("*") if file.is_file()} == before


def test_scores_compare_the_two_and_time_what_was_exported(run: Path) -> None:
    found = {(result.metric, result.condition): result for result in recipe.score(CONFIG, run)}
    assert found["relative change of multiplies", AGAINST].value == pytest.approx(-48.9, abs=0.1)
    assert found["accuracy", FULL].value > 90
    kinds = [f"{kind}, exported with eight bits" for kind in ("sub-band", "full-band")]
    assert all(found["wall time of a window on one core", kind].value > 0 for kind in kinds)
    assert found["size", kinds[0]].value < found["size", kinds[1]].value


def test_figures_name_the_network_that_was_exported_even_if_the_choice_would_now_be_another(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "_pairs", lambda *settings: {"toy": (ARMS[0], ARMS[2])})
    notes = {result.condition: result.note for result in recipe.score(CONFIG, run) if "exported" in result.condition}
    assert notes["sub-band, exported with eight bits"] == "2 bands, 32 kernels"
    assert notes["full-band, exported with eight bits"] == FULL


def test_a_task_or_network_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no task 'letters'; expected commands, digits, wake-words"):
        recipe.prepare(recipe.Config(tasks=("letters",)), tmp_path)
    with pytest.raises(ConfigError, match="no network 'huge'"):
        recipe.train(recipe.Config(tasks=("toy",), arms=("huge",)), tmp_path)


def test_nothing_is_exported_before_training(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="train first"):
        recipe.export(CONFIG, tmp_path)


def test_what_measures_is_neither_learned_from_nor_chosen_by(tmp_path: Path) -> None:
    data = toy_windows()
    swapped = np.where(data.parts == MEASURE, (data.labels + 1) % len(data.words), data.labels)
    cell = train_cell(
        tmp_path, "toy", ARMS[0], 0, replace(data, labels=swapped), CONFIG.loop, batch=CONFIG.batch, epochs=1
    )
    assert cell.chosen_by > 0.9
    assert np.mean(cell.right) < 0.1


def test_the_best_checkpoint_counts_and_not_the_last_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harken.train import loop

    best = loop.best_weights
    monkeypatch.setattr(loop, "best_weights", lambda folder: {name: 0 * w for name, w in best(folder).items()})
    data = toy_windows()
    settings = replace(CONFIG.loop, steps=1)
    cell = train_cell(tmp_path, "toy", ARMS[0], 0, data, settings, batch=CONFIG.batch, epochs=0)
    assert np.array_equal(np.array(cell.right), data.labels[data.parts == MEASURE] == 0)
