import numpy as np
import pytest

from harken.nlu.features import Encoder
from harken.nlu.heads import STRANGER, UNKNOWN_INTENT, Fitted, Head, Lesson, fit_head
from harken.nlu.logistic import fit_calibration, fit_logistic, sigmoid

THINGS = ("lamp", "light", "fan", "radio", "heater", "tv")
OTHER = [f"{verb} my {what}" for verb in ("sell", "find", "eat") for what in ("car", "shoes", "dinner", "money")]


def lessons_of(encoder: Encoder) -> list[Lesson]:
    lessons = []
    for number, thing in enumerate(THINGS):
        for intent, text, fixed in (
            ("power", f"turn on the {thing}", {"state": True}),
            ("power", f"turn off the {thing}", {"state": False}),
            ("ask", f"is the {thing} running", {}),
        ):
            lessons.append(
                Lesson(features=encoder.features(text.split()), intent=intent, fixed=fixed, group=number)
            )  # fmt: skip
    lessons.append(Lesson(features=encoder.features(["the", "lamp"]), intent=UNKNOWN_INTENT))
    return lessons + [Lesson(features=encoder.features(text.split()), group=i) for i, text in enumerate(OTHER)]


VALUES = [("power", "state", True), ("power", "state", False)]


@pytest.fixture(scope="module")
def fitted(encoder: Encoder) -> Fitted:
    return fit_head(("power", "ask"), VALUES, lessons_of(encoder))


def test_a_head_tells_its_skill_its_intents_and_what_templates_fix(fitted: Fitted, encoder: Encoder) -> None:
    for text, intent, state in (("turn on the oven", "power", True), ("please turn off the oven", "power", False)):
        judged = fitted.head.judge(encoder.features(text.split()))
        assert judged.skill > 0.5
        assert max(judged.intents, key=lambda name: judged.intents[name]) == intent
        value, chance = judged.fixed["power", "state"]
        assert value is state
        assert 0.5 < chance <= 1.0
    judged = fitted.head.judge(encoder.features("sell my house".split()))
    assert max(judged.skill, *judged.intents.values()) < 0.4


def test_intents_are_judged_apart_so_none_of_them_is_an_answer(fitted: Fitted, encoder: Encoder) -> None:
    judged = fitted.head.judge(encoder.features("eat my car".split()))
    assert sum(judged.intents.values()) < 0.8


def test_an_intent_is_fitted_the_same_without_the_others(encoder: Encoder) -> None:
    lessons = lessons_of(encoder)
    both = fit_head(("power", "ask"), (), lessons)
    turned = fit_head(("ask", "power"), (), lessons)
    features = encoder.features("is the oven running".split())
    assert both.head.raw(features)[1] == pytest.approx(turned.head.raw(features)[2], abs=1e-3)


def test_weights_survive_their_file_and_training_repeats(fitted: Fitted, encoder: Encoder) -> None:
    again = Head.from_arrays(fitted.head.arrays())
    features = encoder.features("turn the radio on".split())
    assert again.intents == fitted.head.intents
    assert again.values == fitted.head.values
    assert again.raw(features) == pytest.approx(fitted.head.raw(features), abs=0.05)
    assert (fit_head(("power", "ask"), VALUES, lessons_of(encoder)).head.weights == fitted.head.weights).all()


def test_stored_weights_are_rounded_to_the_nearest_of_fewer_numbers(fitted: Fitted) -> None:
    stored, weights = fitted.head.arrays()["weights"], fitted.head.weights
    assert not (stored.view(np.uint16) & 7).any()
    assert (np.abs(stored - weights) <= 0.005 * np.abs(weights) + 1e-6).all()
    assert abs(float((stored - weights).sum())) < 0.2 * float(np.abs(stored - weights).sum())


def test_two_classes_with_symmetric_data_give_opposite_probabilities() -> None:
    rng = np.random.default_rng(0)
    half = rng.normal(size=(60, 5)).astype(np.float32) + 0.5
    x = np.concatenate([half, -half])
    first = np.arange(120) < 60
    weights, bias = fit_logistic(x, np.stack([first, ~first], axis=1), np.ones((120, 2), np.float32), decay=1e-3)
    chances = sigmoid(x @ weights + bias)
    assert chances.sum(axis=1) == pytest.approx(np.ones(120), abs=1e-3)


def test_the_order_of_classes_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 8)).astype(np.float32)
    y = rng.integers(4, size=200)[:, None] == np.arange(4)
    c = np.ones((200, 4), np.float32)
    weights, bias = fit_logistic(x, y, c, decay=1e-3)
    turned, other = fit_logistic(x, y[:, ::-1], c, decay=1e-3)
    assert (np.argmax(x @ weights + bias, axis=1) == 3 - np.argmax(x @ turned + other, axis=1)).all()


def test_it_agrees_with_one_against_the_rest_of_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    multiclass = pytest.importorskip("sklearn.multiclass")
    rng = np.random.default_rng(2)
    centres = rng.normal(size=(10, 20))
    labels = rng.integers(10, size=1500)
    x = (centres[labels] + 0.8 * rng.normal(size=(1500, 20))).astype(np.float32)
    decay = 1e-3
    weights, bias = fit_logistic(
        x[:500], labels[:500, None] == np.arange(10), np.ones((500, 10), np.float32), decay=decay, steps=500
    )
    reference = multiclass.OneVsRestClassifier(
        linear.LogisticRegression(C=1 / (decay * 500), max_iter=2000, tol=1e-8)
    ).fit(x[:500], labels[:500])
    same = np.argmax(x[500:] @ weights + bias, axis=1) == reference.predict(x[500:])
    assert same.mean() >= 0.999


def test_weightless_lessons_are_not_there() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(80, 4)).astype(np.float32)
    y = rng.random((80, 1)) < 0.5
    c = np.ones((80, 1), np.float32)
    c[60:] = 0
    whole, bias = fit_logistic(x, y, c, decay=1e-2)
    part, other = fit_logistic(x[:60], y[:60], c[:60], decay=1e-2)
    assert whole == pytest.approx(part, abs=1e-4)
    assert bias == pytest.approx(other, abs=1e-3)


def test_calibrated_scores_are_as_often_right_as_they_say() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=4000).astype(np.float32) * 3
    y = rng.random(4000) < sigmoid(0.4 * z - 1.0)
    slope, offset = fit_calibration(z, y, np.ones(4000, np.float32))
    assert slope == pytest.approx(0.4, abs=0.05)
    assert offset == pytest.approx(-1.0, abs=0.15)


def test_strangers_are_marked_by_no_intent_name() -> None:
    assert STRANGER != UNKNOWN_INTENT
    assert not STRANGER.isidentifier()
