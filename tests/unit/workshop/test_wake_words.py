"""Wake words that a user has taught: kept, listed, recorded, forgotten."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from harken.assistant.installed import Installed
from harken.assistant.profile import load_profile
from harken.audio.files import read_audio
from harken.errors import ConfigError, DataError
from harken.workshop.wake_words import MOST_RECORDINGS, MOST_WORDS, TaughtWords, checked_word


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    return tmp_path


def test_a_taught_word_is_listened_for_by_an_assistant_that_already_runs() -> None:
    installed = Installed(load_profile())
    before = installed.state()
    assert TaughtWords().add(" Hey  Robin ") == "hey robin"
    assert installed.touched()
    assert installed.state() != before
    assert installed.wake_words() == ("computer", "hey robin")
    TaughtWords().forget("hey robin")
    assert installed.wake_words() == ("computer",)


def test_recordings_are_numbered_and_come_back_as_they_were() -> None:
    taught, sound = TaughtWords(), np.linspace(-0.5, 0.5, 8000, dtype=np.float32)
    taught.add("hey robin")
    assert [taught.keep("hey robin", sound).name for _ in range(2)] == ["01.wav", "02.wav"]
    assert np.allclose(read_audio(taught.recordings("hey robin")[1]), sound, atol=1e-4)
    for _ in range(MOST_RECORDINGS - 2):
        taught.keep("hey robin", sound[:10])
    with pytest.raises(DataError, match="enough"):
        taught.keep("hey robin", sound)


def test_forgetting_deletes_recordings_and_network(home: Path) -> None:
    taught = TaughtWords()
    taught.add("hey robin")
    taught.keep("hey robin", np.zeros(100, np.float32))
    (home / "bundles" / "wakeword-hey-robin").mkdir(parents=True)
    taught.forget("Hey Robin")
    assert list((home / "bundles").iterdir()) == []
    assert list(taught.folder.iterdir()) == []
    with pytest.raises(DataError, match="has not been taught"):
        taught.forget("hey robin")
    with pytest.raises(DataError, match="has not been taught"):
        taught.keep("hey robin", np.zeros(100, np.float32))


@pytest.mark.parametrize("text", ["", "hal", "../../etc/passwd", "a b c d e", "robin 2", "x" * 60, "rob\x00in"])
def test_what_cannot_be_a_wake_word_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        checked_word(text)


def test_no_more_words_than_a_small_machine_can_listen_for() -> None:
    taught = TaughtWords()
    for number in range(MOST_WORDS):
        taught.add(f"robin {'abcdefghijk'[number]}")
    assert taught.add("Robin A") == "robin a"
    with pytest.raises(ConfigError, match="forget one"):
        taught.add("jupiter")


def test_a_word_that_cannot_be_read_is_left_out_and_named(caplog: pytest.LogCaptureFixture) -> None:
    taught = TaughtWords()
    taught.add("hey robin")
    for broken in ("{", '{"word": "x"}', '["robin"]'):
        (taught.recordings_folder("hey robin") / "word.json").write_text(broken)
        with caplog.at_level(logging.WARNING):
            assert taught.words() == []
        assert "wakeword-hey-robin" in caplog.text
        caplog.clear()
