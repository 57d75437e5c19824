"""What is registered in the user's folder, and what is left out of it because it broke."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from harken.assistant.installed import Installed
from harken.assistant.profile import load_profile
from harken.bundle import write_bundle


@pytest.fixture(autouse=True)
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    return tmp_path / "bundles"


def add_word(bundles: Path, word: str) -> Path:
    features = {"word": word}
    return write_bundle(
        bundles / f"wakeword-{word}", name=f"wakeword-{word}", kind="wakeword", files={}, card="", features=features
    ).folder


def test_trained_wake_words_join_those_of_the_profile(bundles: Path) -> None:
    add_word(bundles, "robin")
    assert Installed(load_profile()).wake_words() == ("computer", "robin")


def test_a_wake_word_that_broke_is_left_out_and_named_once(bundles: Path, caplog: pytest.LogCaptureFixture) -> None:
    add_word(bundles, "robin")
    (add_word(bundles, "athena") / "bundle.json").write_text("{")
    installed = Installed(load_profile())
    with caplog.at_level(logging.WARNING):
        assert installed.wake_words() == installed.wake_words() == ("computer", "robin")
    assert [record.getMessage().count("wakeword-athena") for record in caplog.records] == [1]


def test_a_wake_word_whose_replacement_was_interrupted_is_still_there(bundles: Path) -> None:
    add_word(bundles, "robin").rename(bundles / ".wakeword-robin-old")
    assert Installed(load_profile()).wake_words() == ("computer", "robin")
