"""The comparison of the sound events' networks and their thresholds, on made-up outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harken.activation.front_end import BINS, BLOCK
from harken.activation.packing import PLAIN, write_weights
from harken.activation.sound_events import SoundEventDetector, calibrated
from harken.activation.sound_network import FILE, KIND, NOTHING
from harken.audio.features import log_mel
from harken.bundle import Bundle, load_bundle, write_bundle
from harken.metrics.result import Result
from harken.recipes.activation.sound_events.compare import SET, Outputs, results_of
from harken.recipes.activation.sound_events.threshold import Listening, choose_operation, found_results
from harken.train.activation.sound_events.arms import ALONE, DISTILLED, TEACHER, after_training, while_training
from harken.train.activation.sound_events.material import DOUBTFUL, EXAMPLES, LABELS, NOISE, SOUNDS, event_of, is_clear

SHIPPED = while_training(DISTILLED, 4)
NETWORKS = (TEACHER, ALONE, DISTILLED, *(name(arm, 4) for arm in (ALONE, DISTILLED)
                                         for name in (after_training, while_training)))  # fmt: skip
SIZES = {TEACHER: (8000, 7000, 2000), ALONE: (2000, 1500, 500), DISTILLED: (2000, 1500, 500)}


def outputs(seed: int, fold: int, wrong: dict[str, int]) -> Outputs:
    """Twenty clips of ten field recordings, of which each network gets the first few wrong."""
    truth = np.arange(20) % 10
    said = {}
    for name in NETWORKS:
        logits = np.zeros((20, 11), np.float32)
        logits[np.arange(20), truth] = 1
        logits[: wrong.get(name, 0)] = np.roll(logits[: wrong.get(name, 0)], 1, axis=1)
        logits[:, -1] = 5  # "something else" does not count among the ten
        said[name] = logits
    return Outputs(
        seed=seed, fold=fold, sources=tuple(f"{fold}-{n // 2}" for n in range(20)), truth=truth, logits=said,
        sizes={name: SIZES.get(name, (300, 200, 500)) for name in NETWORKS},
    )  # fmt: skip


def bundle(folder: Path, **features: object) -> Bundle:
    file = write_weights({"w": np.zeros((8, 8), np.float32)}, bits=4)
    return write_bundle(folder / "b", name="sound-events", kind=KIND, files={FILE: file}, card="", features=features)


@pytest.fixture
def results(tmp_path: Path) -> dict[tuple[str, str], Result]:
    wrong = {ALONE: 8, DISTILLED: 4, SHIPPED: 5, after_training(DISTILLED, 4): 7}
    measured = [outputs(seed, fold, wrong) for seed in (0, 1) for fold in (1, 2)]
    made = results_of(measured, recipe="activation/sound_events", shipped=SHIPPED, bundle=bundle(tmp_path), rounds=50)
    return {(one.metric, one.condition): one for one in made}


def test_accuracy_counts_the_ten_sounds_over_all_folds(results: dict[tuple[str, str], Result]) -> None:
    accuracy = results["accuracy", ALONE]
    assert accuracy.value == pytest.approx(60)
    assert accuracy.n == 40
    assert accuracy.set == SET
    assert accuracy.seeds == (0, 1)
    assert accuracy.low is not None
    assert accuracy.low < 60
    assert results["accuracy", TEACHER].value == 100
    assert results["accuracy", TEACHER].seeds == (0,)


def test_the_papers_claims_are_answered_by_paired_changes(results: dict[tuple[str, str], Result]) -> None:
    metric = "relative change of the error rate"
    assert results[metric, "distilled against trained alone"].value == pytest.approx(-50)
    assert results[metric, "quantised student against full-precision student"].value == pytest.approx(25)
    assert results[metric, f"{SHIPPED} against {ALONE}"].value == pytest.approx(-37.5)


def test_few_bits_are_compared_with_none_and_with_rounding_afterwards(results: dict[tuple[str, str], Result]) -> None:
    metric, after = "difference of accuracy", after_training(DISTILLED, 4)
    assert results[metric, f"{SHIPPED} against {DISTILLED}"].value == pytest.approx(-5)
    assert results[metric, f"{after} against {DISTILLED}"].value == pytest.approx(-15)
    assert results[metric, f"{SHIPPED} against {after}"].value == pytest.approx(10)


def test_sizes_are_those_of_files(results: dict[tuple[str, str], Result], tmp_path: Path) -> None:
    assert results["size of the weights' file", TEACHER].value == 8000
    assert results["weights relative to the float student", SHIPPED].value == pytest.approx(100 * 200 / 1500)
    shipped = results["size relative to the teacher", "quantised student against teacher"]
    assert shipped.value == pytest.approx(100 * (tmp_path / "b" / FILE).stat().st_size / 8000)
    assert set(shipped.bundles) == {"sound-events"}


def test_outputs_are_kept_as_they_are(tmp_path: Path) -> None:
    assert not Outputs.is_written(tmp_path)
    made = outputs(1, 2, {ALONE: 3})
    made.write(tmp_path)
    read = Outputs.read(tmp_path)
    assert Outputs.is_written(tmp_path)
    assert (read.seed, read.fold, read.sources, read.sizes) == (1, 2, made.sources, made.sizes)
    assert read.accuracy(ALONE) == made.accuracy(ALONE) == 17 / 20
    assert set(read.logits) == set(NETWORKS)


def test_a_file_is_measured_by_its_tensors_and_its_codes() -> None:
    from harken.recipes.activation.sound_events.compare import _sizes

    tensors = {"w": np.ones((16, 16), np.float32), "b": np.ones(16, np.float32)}
    packed, plain = write_weights(tensors, bits=4), write_weights(tensors, bits=PLAIN)
    assert _sizes(packed) == (len(packed), 128 + 8, 272)
    assert _sizes(plain) == (len(plain), 1024, 272)


def test_thresholds_are_chosen_on_the_scores_that_the_detector_compares_with_them() -> None:
    pytest.importorskip("torch")
    shipped = load_bundle("sound-events")
    facts, rng = shipped.features, np.random.default_rng(0)
    samples = np.concatenate([0.2 * rng.standard_normal(20 * BLOCK), np.zeros(10 * BLOCK)]).astype(np.float32)
    heard = Listening.of(shipped.path(FILE).read_bytes(), facts, [], [log_mel(samples, bins=BINS)])
    chosen_on = calibrated(heard.quiet[0], facts["slope"], facts["offset"])
    compared = SoundEventDetector(shipped).scores(samples)
    assert len(chosen_on) >= 29
    assert chosen_on.std(axis=0).min() > 0
    assert np.allclose(compared[: len(chosen_on)], chosen_on, atol=1e-4)


def listening(*highs: float) -> Listening:
    """Each label's clip reaches log odds of 6; one quiet recording of 90 s reaches `highs` for the first label."""
    clips = []
    for place in range(10):
        odds = np.full((60, 10), -6.0)
        odds[20:30, place] = 6
        clips.append(odds)
    quiet = np.full((1125, 10), -6.0)
    for n, high in enumerate(highs):
        quiet[60 * n + 30, 0] = high
    return Listening(sources=LABELS, truth=LABELS, odds=tuple(clips), quiet=(quiet,))


def test_a_threshold_is_above_what_speech_and_noise_reach(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    heard = [listening(3.0)]
    operation = choose_operation(heard, rate=1.0)
    assert operation.hours == pytest.approx(90 / 3600)
    assert operation.slope > 0
    first, *others = (operation.thresholds[label] for label in LABELS)
    assert first > 0.5
    assert first > calibrated(np.asarray(3.0), operation.slope, operation.offset)
    assert set(others) == {0.5}
    found, another = found_results(heard, bundle(tmp_path, **operation.facts()), recipe="activation/sound_events")
    assert (found.value, another.value) == (100, 0)
    assert choose_operation([listening(-6.0)], rate=1.0).thresholds[LABELS[0]] == 0.5


def test_each_label_may_give_its_share_of_the_false_events() -> None:
    pytest.importorskip("torch")
    operation = choose_operation([listening(9.0, 8.0, 7.0)], rate=10 * 40 * 1.5)  # one and a half in these 90 s
    low, high = (float(calibrated(np.asarray(odds), operation.slope, operation.offset)) for odds in (8.0, 9.0))
    assert 0.5 < low < operation.thresholds[LABELS[0]] < high


def test_sound_without_events_counts_in_the_calibration() -> None:
    pytest.importorskip("torch")
    operation = choose_operation([listening(*[6.0] * 10)], rate=1.0)
    assert calibrated(np.asarray(6.0), operation.slope, operation.offset) == pytest.approx(0.5, abs=0.06)


def test_a_sound_that_speech_reaches_too_is_not_found(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    heard = [listening(7.0)]
    operation = choose_operation(heard, rate=1.0)
    found, _ = found_results(heard, bundle(tmp_path, **operation.facts()), recipe="activation/sound_events")
    assert found.value == 90


def test_noises_are_examples_counterexamples_or_doubtful() -> None:
    assert event_of(SOUNDS, "rooster") == "rooster"
    assert event_of(NOISE, "campfire") == "fire crackling"
    assert event_of(NOISE, "keyboard") == NOTHING
    assert event_of("speech-commands", "rain") == NOTHING
    assert not is_clear(NOISE, "thunder")
    assert is_clear("librispeech", "thunder")
    assert set(EXAMPLES.values()) <= set(LABELS)
    assert DOUBTFUL.isdisjoint(EXAMPLES)
