"""Training of the confidence: types of words, regressions, calibration, neighbours, tables, the recipe as it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.asr.passes.test_confidence import heard, model
from tests.unit.asr.toy import random_scores, toy_model

pytest.importorskip("torch")

from harken.asr.passes.confidence import ANSWER, FREE, GRAMMAR, Classifier, Confidence, ConfidenceModel, probability
from harken.asr.search.heard import HeardSentence, HeardWord
from harken.data.utterances import Utterance
from harken.metrics.confidence import area_under_roc, calibration_error
from harken.metrics.wer import word_errors
from harken.recipes.asr.confidence import arms as arms_module
from harken.recipes.asr.confidence import recipe
from harken.recipes.asr.confidence.arms import BOTH, ArmConfig, Arms, Extractors
from harken.recipes.asr.confidence.material import (
    CALIBRATION,
    DEV,
    Listener,
    NoiseConfig,
    Source,
    degraded,
    role,
)
from harken.recipes.asr.confidence.tables import IGNORED, UNKNOWN, Table, TableWriter, reference_parts
from harken.recipes.asr.confidence.toy import toy_sentences, toy_tables
from harken.settings import load_settings
from harken.train.asr.confidence import (
    NetworkConfig,
    fit_calibration,
    fit_logistic,
    fit_network,
    principal_axes,
    word_types,
)
from harken.train.asr.context import ContextConfig, train_context
from harken.train.asr.kept import is_kept

SMALL = ContextConfig(words=10, buckets=20, width=8, hidden=16, steps=20, batch=128, negatives=16, rate=1e-2)


def problem(items: int, inputs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(2, 3, (items, inputs))
    chance = probability(x @ rng.normal(0, 0.3, inputs) - 1)
    return x, rng.random(items) < chance


def words(seed: int, count: int) -> list[str]:
    return np.random.default_rng(seed).choice(["a", "ab", "cd", "sea"], count).tolist()


@pytest.mark.parametrize("seed", range(10))
def test_types_of_words_agree_with_the_word_error_rate(seed: int) -> None:
    wanted, found = words(seed, 7), words(seed + 100, 5 + seed % 4)
    types, errors = word_types(wanted, found), word_errors(wanted, found)
    assert len(types) == len(found)
    assert (types.count("S"), types.count("I")) == (errors.substitutions, errors.insertions)
    swapped = word_types(found, wanted)
    assert swapped.count("I") == errors.deletions
    assert types.count("C") == swapped.count("C")


def test_a_logistic_regression_is_that_of_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.linear_model")
    x, right = problem(600, 5, 1)
    found = fit_logistic(x, right, decay=1e-3)
    scaled = (x - found.mean) / found.deviation
    other = sklearn.LogisticRegression(C=1 / (len(x) * 1e-3), tol=1e-9, max_iter=1000).fit(scaled, right)
    assert found.layers[0][0][:, 0] == pytest.approx(other.coef_[0], abs=1e-4)
    assert found.layers[0][1][0] == pytest.approx(other.intercept_[0], abs=1e-4)


def test_an_embedding_of_zeros_changes_nothing() -> None:
    x, right = problem(600, 5, 1)
    plain, more = fit_logistic(x, right), fit_logistic(np.concatenate([x, np.zeros((600, 3))], axis=1), right)
    assert more.layers[0][0][:5, 0] == pytest.approx(plain.layers[0][0][:, 0], abs=1e-5)
    assert not more.layers[0][0][5:].any()


def test_a_network_learns_what_no_regression_can() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 2))
    right = x[:, 0] * x[:, 1] > 0
    parts = [(x[:2000], right[:2000]), (x[2000:], right[2000:])]
    config = NetworkConfig(hidden=(16,), dropout=0.0, rate=1e-2, batch=64)
    network = fit_network(*parts[0], parts[1], config, seed=0)
    assert area_under_roc(right[2000:], probability(network.logits(x[2000:]))) > 0.95
    assert area_under_roc(right[2000:], probability(fit_logistic(*parts[0]).logits(x[2000:]))) < 0.6


@pytest.mark.parametrize("seed", range(4))
def test_calibration_makes_probabilities_and_keeps_their_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 1.5, 5000)
    right = rng.random(5000) < probability(true)
    boasting = 3 * true + 1
    slope, offset = fit_calibration(boasting, right)
    before, after = probability(boasting), probability(slope * boasting + offset)
    assert slope == pytest.approx(1 / 3, rel=0.1)
    assert calibration_error(right, after) < 0.5 * calibration_error(right, before)
    assert area_under_roc(right, after) == pytest.approx(area_under_roc(right, before), abs=1e-3)


def test_axes_are_uncorrelated_and_of_unit_size() -> None:
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6)) + 3).astype(np.float32)
    mean, axes = principal_axes(rows, 3)
    assert np.cov(((rows - mean) @ axes).T, bias=True) == pytest.approx(np.eye(3), abs=1e-2)


def test_neighbours_tell_a_word_from_another_in_its_place() -> None:
    sentences = toy_sentences(800, np.random.default_rng(0))
    config = ContextConfig(words=10, buckets=20, width=8, hidden=16, steps=200, batch=128, negatives=16, rate=1e-2)
    network = train_context(sentences, config, seed=0)
    agreement = network.table.shape[1] * 2
    right, wrong = (
        network(text.split())[2, agreement] for text in ("turn on the light please", "turn on sea light on")
    )
    assert right > wrong + 1
    assert network.words == train_context(sentences, replace(config, steps=1), seed=0).words


def test_kept_speakers_are_one_in_ten_of_three_corpora() -> None:
    names = [f"cv{number:03d}" for number in range(2000)]
    assert 150 < sum(is_kept("common-voice", name) for name in names) < 250
    assert not any(is_kept("an4", name) for name in names)
    assert [name for name in names[:40] if is_kept("librispeech", name)] == [
        name for name in names[:40] if is_kept("common-voice", name)
    ]


def test_what_was_heard_first_counts_more_and_alone_calibrates(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {key: list(found) for key, found in toy_tables(30, np.random.default_rng(0)).items()}
    for key, (made,) in tables.items():
        if key[1] != FREE:
            ranks = np.resize([0, 1, 1, IGNORED], len(made.rank))  # 8 first, 15 alternatives
            tables[key] = [replace(made, rank=ranks, types=np.full(len(made.types), UNKNOWN))]
    sizes: dict[str, list[int]] = {"network": [], "calibration": []}

    def network(inputs: np.ndarray, right: np.ndarray, *rest: object, seed: int) -> Classifier:
        sizes["network"].append(len(right))
        return fit_logistic(inputs, right)

    def calibration(logits: np.ndarray, right: np.ndarray) -> tuple[float, float]:
        sizes["calibration"].append(len(right))
        return fit_calibration(logits, right)

    monkeypatch.setattr(arms_module, "fit_network", network)
    context = train_context(toy_sentences(40, np.random.default_rng(0)), SMALL, seed=0)
    arms = Arms(tables, context, ArmConfig(word_axes=4, stretch_axes=2, decays=(1e-2,), first=4))
    words = arms.fit(BOTH, "logistic", seed=0)
    monkeypatch.setattr(arms_module, "fit_calibration", calibration)
    judge = arms._sentences(words, GRAMMAR, ANSWER)
    assert sizes["network"] == [2 * 2 * (8 * 4 + 15)], "of each space, those of dev and of train without text"
    assert sizes["calibration"] == [8, 8]
    assert set(judge.calibrations) == {GRAMMAR, ANSWER}


def test_half_the_speakers_of_dev_are_for_the_calibration() -> None:
    roles = [role("dev", f"speaker{number}") for number in range(200)]
    assert set(roles) == {DEV, CALIBRATION}
    assert 70 < roles.count(DEV) < 130
    assert role("train", "speaker1") == "train"


def test_degraded_speech_keeps_its_length_and_range() -> None:
    rng = np.random.default_rng(0)
    speech = rng.uniform(-0.5, 0.5, 8000).astype(np.float32)
    noise = rng.normal(0, 0.1, 4000).astype(np.float32)
    found = degraded(speech, [noise], NoiseConfig(noise=1.0, room=1.0), np.random.default_rng(1))
    assert found.shape == speech.shape
    assert np.abs(found).max() <= 1
    assert not np.allclose(found, speech)


def test_a_reference_is_shared_out_among_stretches() -> None:
    parts = reference_parts("a b c d e f".split(), [["a", "x"], [], ["d", "e", "g"]])
    assert parts == [["a", "b", "c"], [], ["d", "e", "f"]]
    assert reference_parts(["a"], [[]]) == [["a"]]


def table(*speakers: str, text: str | None = "ab cd") -> Table:
    writer = TableWriter(toy_model())
    for seed, speaker in enumerate(speakers):
        stretch = heard(random_scores(25, seed))
        understood = () if text is not None else [[False] * len(stretch.sentences)]
        writer.add(f"r{seed}", speaker, [(stretch, ())], None if text is None else text.split(), understood)
    return writer.table()


def test_tables_are_kept_joined_and_divided_by_speaker(tmp_path: Path) -> None:
    whole = table("one", "two", "one")
    whole.save(tmp_path / "t.npz")
    again = Table.load(tmp_path / "t.npz")
    mine, rest = (again.of_stretches(np.isin(again.speakers, names)) for names in (["one"], ["two"]))
    assert set(mine.speaker_of_words) == {"one"}
    back = Table.joined([mine, rest])
    assert len(back.types) == len(whole.types)
    assert sorted(back.texts[back.sentence[back.best]]) == sorted(whole.texts[whole.sentence[whole.best]])
    assert back.speaker_of_words.tolist().count("two") == whole.speaker_of_words.tolist().count("two")


def test_words_of_recordings_without_text_have_no_truth() -> None:
    unknown = table("one", text=None)
    assert set(unknown.types) == {UNKNOWN}
    assert not unknown.best.any()


def test_a_table_gives_the_classifier_what_the_recogniser_gives_it() -> None:
    stretch, known = heard(random_scores(25, 1)), model()
    writer = TableWriter(toy_model())
    writer.add("r", "s", [(stretch, ())], ["ab"], ())
    rows = writer.table()
    extractors = Extractors(word_axes=known.word_axes, stretch_axes=known.stretch_axes, context=known.context)
    found = known.words(extractors.inputs(rows, BOTH), FREE)
    judged = Confidence(known, toy_model())(stretch, ())
    assert found == pytest.approx([w.confidence for one in judged.sentences for w in one.words], abs=2e-2)


def test_of_sentences_that_do_not_count_nothing_is_learned() -> None:
    stretch = heard(random_scores(25, 1))
    count = len(stretch.sentences)
    writer = TableWriter(toy_model())
    writer.add("r", "s", [(stretch, ())], None, [[None, True, *[None] * (count - 2)]])
    rows = writer.table()
    assert rows.rank.tolist() == [IGNORED, 1, *[IGNORED] * (count - 2)]
    assert rows.right.tolist() == [False, True, *[False] * (count - 2)]
    assert not rows.best.any()


def test_the_words_of_what_was_heard_first_count_even_if_the_sentence_does_not() -> None:
    first, second = heard(random_scores(25, 1)), heard(random_scores(25, 2))
    writer = TableWriter(toy_model())
    for stretch in (first, second):
        writer.add("r", "s", [(stretch, ())], ["ab"], [[None] * len(stretch.sentences)])
    rows = writer.table()
    assert rows.best.sum() == sum(len(stretch.sentences[0].words) for stretch in (first, second))
    assert set(rows.sentence[rows.best].tolist()) == {0, len(first.sentences)}


@pytest.mark.parametrize(
    ("space", "meant", "heard_as", "right"),
    [
        (FREE, {"text": "yes"}, ["yes"], None),
        (ANSWER, {"label": "yes"}, ["yes", "yeah", "no", "=turn on the light"], [True, True, False, None]),
        (ANSWER, {"label": "cat"}, ["correct"], [False]),
        (ANSWER, {"text": "he came home"}, ["yes", "she went out"], [False, False]),
        (ANSWER, {"text": "turn on the light"}, ["yes"], [False]),
        (GRAMMAR, {"text": "what's the time"}, ["=what time is it", "=stop", "=he came home"], [True, False, None]),
        (GRAMMAR, {"text": "don't turn on the light"}, ["=turn on the light"], [False]),
        (GRAMMAR, {"text": "he came home"}, ["=what time is it"], [False]),
        (GRAMMAR, {"intent": "time"}, ["=what time is it", "=stop"], [True, False]),
        (FREE, {"intent": "time"}, ["=what time is it", "=he came home"], [True, None]),
    ],
)
def test_with_a_grammar_a_sentence_is_right_that_means_what_was_said(
    tmp_path: Path, space: str, meant: dict[str, str], heard_as: list[str], right: list[bool | None] | None
) -> None:
    utterance = Utterance(audio=tmp_path, duration=1, corpus="toy", split="dev", **meant)  # type: ignore[arg-type]
    sentences = [
        HeardSentence(words=tuple(HeardWord(text=w, first=0, last=1) for w in text.removeprefix("=").split()),
                      log_prob=0.0, language=0.0, answer=not text.startswith("="))
        for text in heard_as
    ]  # fmt: skip
    source = Source(corpus="toy", split="dev", space=space)
    said = utterance.text or utterance.label
    assert Listener(tmp_path, NoiseConfig())._judged(source, utterance, said, sentences) == right


def test_a_pause_in_the_noise_degrades_nothing() -> None:
    speech, config = np.sin(np.arange(8000) / 9).astype(np.float32), NoiseConfig(noise=1, room=0, gain=0)
    silent = degraded(speech, [np.zeros(99, np.float32)], config, np.random.default_rng(0))
    assert np.array_equal(silent, speech)


def test_the_tiny_recipe_prefers_embeddings_and_writes_a_bundle_that_loads(tmp_path: Path) -> None:
    config = load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml"))
    recipe.prepare(config, tmp_path)
    figures = recipe.train(config, tmp_path)
    assert figures == recipe.train(config, tmp_path)  # what exists is kept
    (bundle,) = recipe.export(config, tmp_path)
    made = ConfidenceModel.from_bundle(bundle)
    assert set(made.sentences) == {FREE, GRAMMAR}
    assert bundle.features["operating_points"]["grammar: done without asking"]["sentences"] > 0
    results = recipe.score(config, tmp_path)
    claims = [
        r for r in results if r.condition == "embeddings against decoder features" and r.set == "mean of the tests"
    ]
    changes = {result.metric: result for result in claims}
    assert changes["relative change of the equal error rate"].high < 0
    assert changes["relative change of the normalised cross entropy"].low > 0
