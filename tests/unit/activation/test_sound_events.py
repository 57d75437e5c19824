"""When a sound event begins and when it is over, with a network that says what a script says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.activation.front_end import BLOCK
from harken.activation.sound_events import HOLD, SMOOTH, SoundEventDetector, _Watch, calibrated, log_odds
from harken.activation.sound_network import KIND, SoundNetwork
from harken.bundle import Bundle, write_bundle
from harken.errors import BundleError, ConfigError, PipelineError
from harken.events import AudioChunk, PlaybackEnded, Samples

LABELS = ("baby cry", "dog bark")
YES, NO = 4.0, -4.0


class Scripted:
    """Logits of the first label as scripted, one for each step, then `NO`; the other label and the rest are even."""

    def __init__(self, script: Sequence[float]):
        self.script = script
        self.reset()

    def reset(self) -> None:
        self.place = 0

    def run(self, frames: np.ndarray) -> np.ndarray:
        rows = []
        for _ in range(len(frames) // 8):
            said = self.script[self.place] if self.place < len(self.script) else NO
            # Log odds of the first label against the others are what the script says.
            rows.append([said + math.log(1 + math.exp(-20)), -20.0, 0.0])
            self.place += 1
        return np.asarray(rows, np.float32)


@pytest.fixture
def detector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(script: Sequence[float], **options: Any) -> SoundEventDetector:
        monkeypatch.setattr(SoundNetwork, "load", lambda bundle: Scripted(script))
        return SoundEventDetector(bundle(tmp_path), **options)

    return make


def bundle(folder: Path) -> Bundle:
    features = {"slope": 1.0, "offset": 0.0, "thresholds": {"baby cry": 0.6, "dog bark": 0.9}, "off": 0.5}
    return write_bundle(
        folder / "sound-events", name="sound-events", kind=KIND, files={}, card="made up", labels=LABELS,
        features=features,
    )  # fmt: skip


def noise(steps: int) -> Samples:
    return (0.1 * np.random.default_rng(0).standard_normal(steps * BLOCK)).astype(np.float32)


def script(*runs: tuple[float, int]) -> list[float]:
    return [logit for logit, count in runs for _ in range(count)]


def test_an_event_is_reported_when_it_begins_and_when_it_is_over(detector: Any) -> None:
    stage = detector(script((NO, 10), (YES, 20)))
    said = [*stage.process(AudioChunk(start=0, samples=noise(60))), *stage.flush()]
    assert [(event.label, event.final) for event in said] == [("baby cry", False), ("baby cry", True)]
    begun, over = said
    # Five rows are averaged: the third of the high ones brings the mean above the threshold.
    assert begun.start == over.start == 12 * BLOCK
    assert begun.end == begun.start + BLOCK
    assert over.end == 33 * BLOCK  # the mean of five falls below half the threshold with the fourth low one
    assert over.score == pytest.approx(1 / (1 + math.exp(-YES)), abs=1e-4)
    assert begun.score < over.score


def test_a_pause_shorter_than_the_hold_does_not_cut_an_event(detector: Any) -> None:
    short = detector(script((YES, 15), (NO, HOLD), (YES, 15)))
    assert len(short.detect(noise(70))) == 1
    long = detector(script((YES, 15), (NO, HOLD + SMOOTH + 2), (YES, 15)))
    assert len(long.detect(noise(70))) == 2


def test_an_event_is_over_after_exactly_the_hold() -> None:
    watch = _Watch("dog bark", 0.6, 0.5)
    watch.step(0, 0.9)
    for n in range(1, HOLD):
        assert watch.step(n * BLOCK, 0.1) == []
    (over,) = watch.step(HOLD * BLOCK, 0.1)
    assert over.final
    assert over.end == BLOCK


def test_pauses_do_not_add_up(detector: Any) -> None:
    pauses = detector(script((YES, 15), (NO, HOLD), (YES, 5), (NO, HOLD), (YES, 15)))
    assert len(pauses.detect(noise(70))) == 1


def test_a_reset_amid_an_event_forgets_it(detector: Any) -> None:
    stage, sound = detector(script((NO, 5), (YES, 12))), AudioChunk(start=0, samples=noise(17))
    first = stage.process(sound)
    assert [event.final for event in first] == [False]
    stage.reset()
    assert stage.process(AudioChunk(start=0, samples=sound.samples)) == first


def test_an_event_that_begins_in_the_last_moment_ends_with_the_stream(detector: Any) -> None:
    stage = detector(script((NO, 27), (YES, 20)))
    said = [*stage.process(AudioChunk(start=0, samples=noise(30)[:-100])), *stage.flush()]
    assert [(event.start, event.end) for event in said] == [(29 * BLOCK, 30 * BLOCK - 100)] * 2


def test_between_the_two_thresholds_an_event_continues_and_none_begins(detector: Any) -> None:
    between = math.log(0.45 / 0.55)  # above 0.5 * 0.6, below 0.6
    assert detector(script((between, 60))).detect(noise(60)) == []
    (event,) = detector(script((YES, 10), (between, 30))).detect(noise(60))
    assert event.end >= 40 * BLOCK


def test_an_event_that_lasts_until_the_end_ends_there(detector: Any) -> None:
    (event,) = detector(script((YES, 100))).detect(noise(30)[:-100])
    assert event.end == 30 * BLOCK - 100


def test_any_chunks_give_the_same_events(detector: Any) -> None:
    stage, sound = detector(script((NO, 5), (YES, 12), (NO, 20), (YES, 9))), noise(60)
    whole = [*stage.process(AudioChunk(start=0, samples=sound)), *stage.flush()]
    stage.reset()
    parts = [
        e for at in range(0, len(sound), 333)
        for e in stage.process(AudioChunk(start=at, samples=sound[at : at + 333]))
    ]  # fmt: skip
    assert [*parts, *stage.flush()] == whole
    assert len(whole) == 4


def test_silence_is_no_event_whatever_the_network_says(detector: Any) -> None:
    stage = detector(script((YES, 100)))
    assert stage.detect(np.zeros(50 * BLOCK, np.float32)) == []
    assert stage.classify(np.zeros(50 * BLOCK, np.float32))["something else"] == 1
    assert stage.classify(np.zeros(10, np.float32))["something else"] == 1


def test_a_recording_is_judged_as_a_whole_too(detector: Any) -> None:
    scores = detector(script((2.0, 100))).classify(noise(40))
    assert list(scores) == ["baby cry", "dog bark", "something else"]
    assert sum(scores.values()) == pytest.approx(1)
    assert scores["baby cry"] == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-4)


def test_judging_a_recording_neither_depends_on_a_stream_nor_leaves_one(detector: Any) -> None:
    stage, sound = detector(script((NO, 5), (YES, 12))), noise(20)
    alone = stage.classify(sound)
    first = stage.process(AudioChunk(start=0, samples=sound))
    assert stage.classify(sound) == alone
    assert stage.process(AudioChunk(start=0, samples=sound)) == first


def test_a_threshold_of_ones_own_counts(detector: Any) -> None:
    half = script((0.8, 60))  # a score of 0.69
    assert len(detector(half).detect(noise(60))) == 1
    assert detector(half, thresholds={"baby cry": 0.7}).detect(noise(60)) == []


def test_wrong_thresholds_are_refused(detector: Any) -> None:
    with pytest.raises(ConfigError, match="no sound 'baby cries'; did you mean 'baby cry'"):
        detector([], thresholds={"baby cries": 0.5})
    with pytest.raises(ConfigError, match="expected a score above 0"):
        detector([], thresholds={"baby cry": 0.0})


def test_another_bundle_is_refused(tmp_path: Path) -> None:
    other = write_bundle(tmp_path / "other", name="other", kind="vad", files={}, card="")
    with pytest.raises(BundleError, match="expected kind 'sound-events'"):
        SoundEventDetector(other)


def test_other_events_are_refused(detector: Any) -> None:
    with pytest.raises(PipelineError, match="takes AudioChunk"):
        detector([]).process(PlaybackEnded(turn=0, end=0))


def test_log_odds_are_those_of_the_softmax() -> None:
    logits = np.asarray([1.0, 2.0, -1.0], np.float32)
    shares = np.exp(logits) / np.exp(logits).sum()
    assert np.allclose(log_odds(logits), np.log(shares / (1 - shares))[:2], atol=1e-6)
    assert calibrated(np.asarray([0.0]), 2.0, 0.0) == 0.5
    assert calibrated(np.asarray([1.0]), 2.0, 0.5) == pytest.approx(1 / (1 + math.exp(-2.5)))
