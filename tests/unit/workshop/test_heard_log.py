"""The log of what was heard: off by default, bounded, private, corrected by its user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harken.errors import ConfigError, DataError
from harken.events import Hypothesis, Transcript, Word
from harken.workshop.heard_log import HeardLog, LogSettings

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def transcript(*words: str) -> Transcript:
    heard = tuple(Word(text=word, start=0, end=10, confidence=0.75) for word in words)
    return Transcript(turn=0, hypotheses=(Hypothesis(words=heard, log_prob=-1.0, confidence=0.5),))


def noise(seconds: float = 1.0) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, round(16000 * seconds)).astype(np.float32)


@pytest.fixture
def log(tmp_path: Path) -> HeardLog:
    return HeardLog(tmp_path / "heard")


@pytest.fixture
def on(log: HeardLog) -> HeardLog:
    log.configure(LogSettings(on=True))
    return log


def test_nothing_is_kept_until_it_is_turned_on(log: HeardLog) -> None:
    assert log.add(noise(), transcript("hello")) is None
    assert not log.folder.exists()
    assert log.entries() == []


def test_a_turn_is_kept_with_its_sound_words_and_confidences(on: HeardLog) -> None:
    samples = noise()
    on.add(samples, transcript("turn", "left"), now=NOON)
    (entry,) = on.entries()
    assert (entry.text, entry.confidence, entry.seconds) == ("turn left", 0.5, 1.0)
    assert entry.words == (("turn", 0.75), ("left", 0.75))
    assert entry.when == "2026-03-14T12:00:00+00:00"
    kept, rate = soundfile.read(entry.audio, dtype="float32")
    assert rate == 16000
    assert kept == pytest.approx(samples, abs=1e-4)


def test_only_the_user_can_read_it(on: HeardLog) -> None:
    entry = on.add(noise(), transcript("hello"))
    assert entry is not None
    assert [path.stat().st_mode & 0o077 for path in (on.folder, *on.folder.iterdir())] == [0] * 4


def test_after_turning_off_nothing_more_is_kept(on: HeardLog) -> None:
    on.add(noise(), transcript("hello"))
    on.configure(LogSettings(on=False))
    assert on.add(noise(), transcript("again")) is None
    assert [entry.text for entry in on.entries()] == ["hello"]


def test_old_turns_are_deleted(on: HeardLog) -> None:
    on.configure(LogSettings(on=True, days=7))
    on.add(noise(), transcript("old"), now=NOON)
    on.add(noise(), transcript("recent"), now=NOON + timedelta(days=2))
    on.add(noise(), transcript("new"), now=NOON + timedelta(days=8))
    assert [entry.text for entry in on.entries()] == ["recent", "new"]
    assert len(list(on.folder.glob("*.flac"))) == 2


def test_the_oldest_are_deleted_when_the_log_grows_too_large(on: HeardLog) -> None:
    size = on.add(noise(), transcript("0"), now=NOON).audio.stat().st_size  # type: ignore[union-attr]
    on.configure(LogSettings(on=True, days=99999, megabytes=2.5 * size / 1e6))
    for number in range(1, 5):
        on.add(noise(), transcript(str(number)), now=NOON + timedelta(seconds=number))
    assert [entry.text for entry in on.entries()] == ["3", "4"]


def test_smaller_limits_take_effect_at_once(on: HeardLog) -> None:
    on.add(noise(), transcript("old"), now=NOON)
    on.configure(LogSettings(on=True, days=1))
    assert on.entries() == []


@pytest.mark.parametrize("limits", [{"days": 0}, {"megabytes": -1}])
def test_limits_must_be_positive(limits: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="positive limits"):
        LogSettings(on=True, **limits)


def test_settings_that_cannot_be_read_keep_nothing(on: HeardLog, caplog: pytest.LogCaptureFixture) -> None:
    (on.folder / "settings.json").write_text('{"on": true, "days": 0}', encoding="utf-8")
    assert on.add(noise(), transcript("hello")) is None
    assert "nothing is kept" in caplog.text


def test_wiping_leaves_no_sound_and_no_text(on: HeardLog) -> None:
    on.add(noise(), transcript("one"), now=NOON)
    on.add(noise(), transcript("two"), now=NOON + timedelta(seconds=1))
    (on.folder / ".half-written").write_bytes(b"sound")
    assert on.wipe() >= 2
    assert [path.name for path in on.folder.iterdir()] == ["settings.json"]
    assert on.settings.on


def test_what_was_really_said_is_noted(on: HeardLog) -> None:
    first = on.add(noise(), transcript("turn", "write"), now=NOON)
    second = on.add(noise(), transcript("stop"), now=NOON + timedelta(seconds=1))
    assert first is not None
    assert second is not None
    on.correct(first.name, "turn right")
    on.correct(second.name, " ")  # it was understood
    assert [entry.said for entry in on.entries()] == ["turn right", "stop"]


def test_a_name_must_mean_one_turn(on: HeardLog) -> None:
    on.add(noise(), transcript("one"), now=NOON)
    on.add(noise(), transcript("two"), now=NOON + timedelta(seconds=1))
    with pytest.raises(DataError, match="2 entries of the log begin with '2026'"):
        on.correct("2026", "x")
    with pytest.raises(DataError, match="no entry of the log begin"):
        on.correct("1999", "x")


def test_a_damaged_entry_is_named_and_left_out(on: HeardLog, caplog: pytest.LogCaptureFixture) -> None:
    on.add(noise(), transcript("good"), now=NOON)
    (on.folder / "20260101T000000000000-abcd.json").write_text("{}", encoding="utf-8")
    assert [entry.text for entry in on.entries()] == ["good"]
    assert "20260101T000000000000-abcd.json is not an entry" in caplog.text


def test_an_entry_cannot_point_outside_the_log(on: HeardLog) -> None:
    entry = on.add(noise(), transcript("good"), now=NOON)
    assert entry is not None
    file = entry.audio.with_suffix(".json")
    file.write_text(file.read_text().replace(entry.audio.name, "../../etc/passwd"), encoding="utf-8")
    assert on.entries()[0].audio.parent == on.folder
