"""One-vs-all models of many intents: files of their own, equivalences, and the study of divergence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from harken.nlu.logistic import Floats, fit_logistic
from harken.recipes.nlu.one_vs_all.compare import OUTSIDE, auroc, calibration_error, compare, macro_f1
from harken.recipes.nlu.one_vs_all.models import Examples, OvaIntentModel, fit_classes, fit_softmax
from harken.recipes.nlu.one_vs_all.recipe import Config, _toy, score, train
from harken.recipes.nlu.one_vs_all.stream import make_stream, simulate
from harken.recipes.nlu.one_vs_all.study import KINDS, effects, parts, study


@pytest.fixture(scope="module")
def taught() -> Examples:
    return _toy("train")


@pytest.fixture(scope="module")
def dev() -> Examples:
    return _toy("dev")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_class_is_refreshed_added_or_removed_without_touching_the_others(
    taught: Examples, dev: Examples, tmp_path: Path
) -> None:
    model = OvaIntentModel(tmp_path)
    for name in ("class 00", "class 01", "class 02"):
        model.refresh(name, taught, dev, snapshot=1)
    before = files(tmp_path)
    model.refresh("class 01", taught.part(np.arange(len(taught)) % 3 > 0), dev, snapshot=2, at=7.0)
    model.refresh("class 03", taught, dev)
    model.remove("class 02")
    after = files(tmp_path)
    assert after["class 00.class.npz"] == before["class 00.class.npz"]
    assert after["class 01.class.npz"] != before["class 01.class.npz"]
    assert set(OvaIntentModel(tmp_path).classes) == {"class 00", "class 01", "class 03"}
    again = OvaIntentModel(tmp_path).classes["class 01"]
    assert (again.snapshot, again.at) == (2, 7.0)
    assert len(again.manifest) == (np.arange(len(taught)) % 3 > 0).sum()


def test_models_reject_what_is_of_no_class(taught: Examples, dev: Examples, tmp_path: Path) -> None:
    model = OvaIntentModel(tmp_path)
    for name in sorted(set(taught.labels) - {OUTSIDE}):
        model.refresh(name, taught, dev)
    inside = dev.labels != OUTSIDE
    answers = np.array(model.predict(dev.x, reject_below=0.5))
    assert (answers[inside] == dev.labels[inside]).mean() > 0.7
    assert (answers[~inside] == "").mean() > 0.7
    assert "" not in model.predict(dev.x)


def test_both_systems_tell_easy_classes(taught: Examples, dev: Examples) -> None:
    for scored in compare(taught, dev, _toy("test"), (1e-4, 1e-4)):
        assert scored.right.mean() > 0.85
        assert scored.f1 == pytest.approx(scored.right.mean(), abs=0.05)
        assert scored.kept.mean() == pytest.approx(0.95, abs=0.05)
        assert scored.most_wins < 3


def test_a_rare_class_is_trained_long_enough() -> None:
    """With one example in 150 and vectors of length 1, the default number of steps leaves a binary model halfway."""
    rng = np.random.default_rng(0)
    number = np.repeat(np.arange(150), 20)
    x = rng.normal(size=(150, 64))[number] + 0.7 * rng.normal(size=(3000, 64))
    many = Examples(
        x=(x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32), labels=np.char.mod("class %03d", number)
    )
    own = number == 7
    held_out = Examples(x=many.x[::2], labels=many.labels[::2])
    model = fit_classes(many, ("class 007",), held_out, decay=1e-6)["class 007"]

    def loss(z: Floats) -> float:
        return float(np.logaddexp(0, np.where(own, -z, z)).mean())

    short, bias = fit_logistic(many.x, own[:, None], np.ones((len(own), 1), np.float32), decay=1e-6)
    assert loss(model.scores(many.x)) < 0.6 * loss(many.x @ short[:, 0] + bias[0])


def test_finished_comparisons_are_kept(tmp_path: Path) -> None:
    tiny = Config(
        data="toy", peer=False, seeds=(0,), few=0, classes=(6,), examples=(10,), levels=(0.0, 0.5), stream_classes=6,
        stream_examples=20, days=14, every=(1, 6),
    )  # fmt: skip
    train(tiny, tmp_path)
    (file,) = tmp_path.glob("compared-*.json")
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert {row["system"] for row in rows} == {"one-vs-all", "multiclass"}
    scored = score(tiny, tmp_path)
    (tmp_path / "stream.json").unlink()
    finished = [result for result in scored if "all taught" in result.condition]
    assert 0 < len(finished) < len(scored)
    assert [result.value for result in score(tiny, tmp_path) if "all taught" in result.condition] == [
        result.value for result in finished
    ]
    changes = [result for result in score(tiny, tmp_path) if result.metric == "relative change of accuracy"]
    assert {result.condition.partition(", ")[2] for result in changes} == {"", "all taught"}
    file.write_text(json.dumps(rows[:1]), encoding="utf-8")
    train(tiny, tmp_path)
    assert json.loads(file.read_text(encoding="utf-8")) == rows[:1]


def test_the_multiclass_baseline_is_that_of_scikit_learn(taught: Examples, dev: Examples) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    inside, names = taught.part(taught.labels != OUTSIDE), sorted(set(taught.labels) - {OUTSIDE})
    weights, bias = fit_softmax(inside, names, decay=1e-3, steps=400)
    reference = linear.LogisticRegression(C=1 / (1e-3 * len(inside)), max_iter=2000, tol=1e-8).fit(
        inside.x, inside.labels
    )
    same = np.array(names)[(dev.x @ weights + bias).argmax(axis=1)] == reference.predict(dev.x)
    assert same.mean() >= 0.99


def test_figures_of_known_answers() -> None:
    assert calibration_error(np.array([0.8] * 10), np.arange(10) < 8) == pytest.approx(0.0, abs=1e-9)
    assert calibration_error(np.array([1.0] * 10), np.arange(10) < 5) == pytest.approx(0.5)
    assert auroc(np.array([3.0, 2.0]), np.array([1.0, 2.0])) == pytest.approx(0.875)
    assert np.isnan(auroc(np.array([1.0]), np.array([])))
    assert macro_f1(np.array(["a", "a", "b"]), np.array(["a", "b", "b"])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", KINDS)
def test_higher_levels_leave_models_less_in_common(kind: str, taught: Examples) -> None:
    chosen = np.array(sorted(set(taught.labels) - {OUTSIDE}))
    part = taught.part(np.isin(taught.labels, chosen))
    shares = []
    for level in (0.0, 0.3, 0.8):
        seen = parts(kind, part, chosen, level, np.random.default_rng(0))
        assert seen.any(axis=0).all()
        shares.append(seen.all(axis=1).mean())
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1]


def test_a_model_never_misses_its_own_class_when_others_were_added_later(taught: Examples) -> None:
    chosen = np.array(sorted(set(taught.labels) - {OUTSIDE}))
    part = taught.part(np.isin(taught.labels, chosen))
    seen = parts("added", part, chosen, 0.9, np.random.default_rng(1))
    for column, name in enumerate(chosen):
        assert seen[part.labels == name, column].all()


def test_staleness_costs_accuracy_in_the_study(taught: Examples) -> None:
    inside = taught.part(taught.labels != OUTSIDE)
    cells = list(study(inside, _toy("test"), classes=(8,), examples=(8,), levels=(0.0, 0.9), seeds=(0, 1, 2)))
    found = effects(cells)
    assert found.correlations["stale staleness"] < 0
    assert found.curve.predict(0.5, 0.5) > 0
    assert set(found.partial) == {"classes", "examples", "staleness", "distance"}


def test_a_stream_begins_small_and_its_wrong_labels_are_corrected(taught: Examples) -> None:
    stream = make_stream(taught, np.random.default_rng(0), days=30)
    early, late = (stream.snapshot(day) for day in (0, 29))
    assert early[0].sum() < late[0].sum()
    wrong = [(labels[there] != taught.labels[there]).mean() for there, labels in (early, late)]
    assert 0 < wrong[1] < wrong[0] + 0.05


def test_refreshing_rarely_makes_models_stale_and_costs_less(taught: Examples) -> None:
    inside = taught.part(taught.labels != OUTSIDE)
    stream = make_stream(inside, np.random.default_rng(0), days=30)
    often, rarely = (
        simulate(stream, _toy("test"), "round robin", every=every, measured=(13, 27), seed=0) for every in (2, 15)
    )
    for a, b in zip(often, rarely, strict=True):
        assert a.staleness < b.staleness
        assert a.refreshes > b.refreshes
