"""The pass that makes confidences probabilities: with a model, without one, and with a model of another network."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.asr.scripted import AB, CD, Scripted, sound
from tests.unit.asr.toy import planted_scores, random_scores, toy_graph, toy_model, toy_search

from harken import paths
from harken.asr.acoustic.model import AcousticModel, Outputs
from harken.asr.passes.confidence import (
    ANSWER,
    CLASSIFIERS,
    CONTEXT,
    EDGE,
    FREE,
    GRAMMAR,
    KIND,
    SENTENCE_POSTERIOR,
    WORD_POSTERIOR,
    Classifier,
    Confidence,
    ConfidenceModel,
    calibrated,
)
from harken.asr.passes.embedding import REACH, ContextNetwork
from harken.asr.passes.evidence import SENTENCE_FEATURES, WORD_FEATURES
from harken.asr.passes.hearing import hear
from harken.asr.passes.record import HeardStretch
from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.bundle import Bundle, load_bundle, write_bundle
from harken.dialogue.questions import A_YES, UNMISTAKABLE
from harken.dialogue.wishes import BADLY_HEARD
from harken.errors import BundleError
from harken.nlu.interpreter import NOT_SAID

HIDDEN = 6
AXES = 3


def classifier(inputs: int, seed: int) -> Classifier:
    rng = np.random.default_rng(seed)
    layers = ((rng.normal(0, 0.3, (inputs, 4)), rng.normal(0, 1, 4)), (rng.normal(0, 1, (4, 1)), rng.normal(0, 1, 1)))
    return Classifier(
        rng.normal(0, 1, inputs), np.ones(inputs), layers, {FREE: (1.0, 0.0), GRAMMAR: (1.0, -0.5), ANSWER: (1.0, 0.7)}
    )


def model(acoustic: str = "") -> ConfidenceModel:
    rng = np.random.default_rng(3)

    def drawn(*shape: int) -> np.ndarray:
        return rng.normal(0, 1, shape).astype(np.float32)

    context = ContextNetwork(("ab", "cd"), drawn(12, 4), drawn(2 * REACH * 4, 5), drawn(5), drawn(5, 4), drawn(3))
    return ConfidenceModel(
        words=classifier(len(WORD_FEATURES) + 2 * AXES + context.size, 1),
        sentences={kind: classifier(len(SENTENCE_FEATURES), 2) for kind in (FREE, GRAMMAR, ANSWER)},
        word_axes=(drawn(2 * HIDDEN), drawn(2 * HIDDEN, AXES)), stretch_axes=(drawn(HIDDEN), drawn(HIDDEN, AXES)),
        context=context, acoustic=acoustic,
    )  # fmt: skip


def heard(scores: np.ndarray, *, hidden: bool = True, free: bool = True) -> HeardStretch:
    search = toy_search(options=SearchOptions(consensus=free))
    search.accept(scores)
    layer = np.random.default_rng(0).normal(size=(len(scores), HIDDEN)).astype(np.float32)
    return hear(search, Outputs(scores, layer if hidden else None), nbest=5, passes=())


def bundle(folder: Path, *, acoustic: str, words: list[str] | None = None) -> Bundle:
    made = model()
    features = {
        "acoustic": acoustic, "words": words or [feature.name for feature in WORD_FEATURES],
        "sentences": [feature.name for feature in SENTENCE_FEATURES],
    }  # fmt: skip
    folder.parent.mkdir(parents=True, exist_ok=True)
    for name, arrays in ((CLASSIFIERS, made.to_arrays()), (CONTEXT, made.context.to_arrays())):
        np.savez(folder.parent / name, **arrays)
    files = {name: folder.parent / name for name in (CLASSIFIERS, CONTEXT)}
    return write_bundle(folder, name="confidence-en", kind=KIND, files=files, card="x", features=features)


@pytest.mark.parametrize(("trained", "free"), [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("seed", range(4))
def test_only_confidences_change_and_they_are_probabilities(trained: bool, free: bool, seed: int) -> None:
    before = heard(random_scores(25, seed), free=free)
    after = (Confidence(model(), toy_model()) if trained else Confidence())(before, ())
    known = [word.confidence for sentence in after.sentences for word in sentence.words]
    assert all(EDGE <= p <= 1 - EDGE for p in known)
    assert all(0 < sentence.confidence < 1 for sentence in after.sentences)

    def without(stretch: HeardStretch) -> HeardStretch:
        sentences = tuple(
            replace(one, confidence=0.0, words=tuple(replace(word, confidence=0.0) for word in one.words))
            for one in stretch.sentences
        )
        return replace(stretch, sentences=sentences)

    assert without(after).sentences == without(before).sentences
    assert after.bins == before.bins


def test_of_free_speech_at_most_one_sentence_was_said() -> None:
    before = heard(random_scores(25, 1))
    certain = replace(
        classifier(len(SENTENCE_FEATURES), 2), calibrations=dict.fromkeys((FREE, GRAMMAR, ANSWER), (0.0, 9.0))
    )
    sure = replace(model(), sentences=dict.fromkeys((FREE, GRAMMAR, ANSWER), certain))
    after = Confidence(sure, toy_model())(before, ())
    assert len(after.sentences) > 1
    assert sum(one.confidence for one in after.sentences) == pytest.approx(1)
    meant = Confidence(sure, toy_model())(heard(random_scores(25, 1), free=False), ())
    assert max(one.confidence for one in meant.sentences) > 0.5  # several may mean the same


def test_an_answer_to_an_open_question_is_judged_as_one_and_everything_else_as_without_a_question() -> None:
    plain = heard(random_scores(25, 1), free=False)
    asked = replace(plain, sentences=tuple(replace(one, answer=not n) for n, one in enumerate(plain.sentences)))
    before, after = (Confidence(model(), toy_model())(stretch, ()).sentences for stretch in (plain, asked))
    odds = [np.log(one[0].confidence / (1 - one[0].confidence)) for one in (before, after)]
    assert odds[1] - odds[0] == pytest.approx(0.7 + 0.5, abs=0.01), "the calibrations of answers and of a grammar"
    assert [one.confidence for one in after[1:]] == [one.confidence for one in before[1:]]
    assert after[0].words == before[0].words


def test_without_a_hidden_layer_or_a_model_posteriors_are_calibrated() -> None:
    before = heard(random_scores(25, 1), hidden=False)
    found = [Confidence(*made)(before, ()) for made in ((model(), toy_model()), (None, None))]
    assert found[0].sentences == found[1].sentences
    wanted = calibrated(np.array([before.sentences[0].confidence]), *SENTENCE_POSTERIOR)
    assert found[0].sentences[0].confidence == pytest.approx(float(wanted[0]))


def test_without_a_model_speech_with_a_grammar_stays_as_its_own_pass_has_judged_it() -> None:
    before = heard(random_scores(25, 1), free=False)
    assert Confidence()(before, ()) is before


@pytest.mark.parametrize("calibration", [WORD_POSTERIOR, SENTENCE_POSTERIOR])
def test_calibration_keeps_the_order_of_posteriors(calibration: tuple[float, float]) -> None:
    found = calibrated(np.array([0.0, 0.01, 0.3, 0.5, 0.9, 0.999, 1.0]), *calibration).tolist()
    assert all(low < high for low, high in itertools.pairwise(found))
    assert 0 < found[0] < found[-1] < 1


def test_where_nothing_was_heard_nothing_changes() -> None:
    nothing = heard(np.zeros((0, 10), np.float32))
    assert Confidence(model(), toy_model())(nothing, ()) is nothing
    silent = replace(nothing, sentences=heard(planted_scores(["A", "B"])).sentences)
    assert Confidence()(silent, ()) is silent  # no lattice


def test_a_bundle_gives_the_model_that_was_written(tmp_path: Path) -> None:
    before, after = model("x"), ConfidenceModel.from_bundle(bundle(tmp_path / "b", acoustic="x"))
    assert after.acoustic == "x"
    stretch = heard(random_scores(25, 1))
    found, wanted = (Confidence(one, toy_model())(stretch, ()).sentences for one in (after, before))
    for one, other in zip(found, wanted, strict=True):
        assert [w.confidence for w in one.words] == pytest.approx([w.confidence for w in other.words], abs=0.05)


def test_a_bundle_with_other_features_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="other features of words"):
        ConfidenceModel.from_bundle(bundle(tmp_path / "b", acoustic="", words=["length"]))


@pytest.mark.parametrize(("acoustic", "trained"), [("this one", True), ("another", False)])
def test_a_model_serves_only_the_network_that_it_learned_from(
    acoustic: str, trained: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "home", lambda: tmp_path)
    bundle(tmp_path / "bundles" / "confidence-en", acoustic=acoustic)
    network = replace(AcousticModel.load("acoustic-en"), fingerprint="this one")
    assert Confidence.load(network).is_trained == trained


def test_the_recogniser_shows_what_the_pass_says_after_all_others() -> None:
    space = SearchSpace.of(toy_graph(), 0, SearchOptions(acoustic_scale=1.0, consensus=True))
    script = [("SIL", 3), *AB, *CD, ("SIL", 8)]
    shares, judged = (
        Recognizer(Scripted(script), space, confidence=confidence).transcribe(sound(21))  # type: ignore[arg-type]
        for confidence in (None, Confidence())
    )
    assert judged.text == shares.text == "ab cd"
    for before, after in zip(shares.hypotheses[0].words, judged.hypotheses[0].words, strict=True):
        assert after.confidence == pytest.approx(float(calibrated(np.array([before.confidence]), *WORD_POSTERIOR)[0]))


def test_the_shipped_bundle_tells_what_the_thresholds_in_use_cost() -> None:
    points = load_bundle("confidence-en").features["operating_points"]
    requests = {"heard at all": NOT_SAID, "done without asking": BADLY_HEARD}
    answers = {"heard at all": NOT_SAID, "a yes": A_YES, "a yes to what is never done unasked": UNMISTAKABLE}
    kinds = {FREE: requests, GRAMMAR: requests, ANSWER: answers}
    assert {name: point["threshold"] for name, point in points.items()} == {
        f"{kind}: {name}": value for kind, thresholds in kinds.items() for name, value in thresholds.items()
    }
