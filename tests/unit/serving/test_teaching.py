"""How a new wake word would be heard, and what is said about a recording of it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from harken.assistant.models import Models
from harken.audio.files import resample
from harken.bundle import load_bundle
from harken.dialogue.store import Store
from harken.errors import ConfigError
from harken.events import SAMPLE_RATE, Samples
from harken.serving.teaching import Comparison, Teaching, keep_if_better, taught_words
from harken.workshop.wake_words import TaughtWords

WORD = "hey robin"


@pytest.fixture(scope="module")
def models() -> Models:
    return Models.load(store=Store(":memory:"))


@pytest.fixture(scope="module")
def teaching(models: Models) -> Teaching:
    return Teaching(models)


@pytest.fixture(scope="module")
def spoken(models: Models) -> Samples:
    quiet = np.zeros(SAMPLE_RATE // 2, np.float32)
    word = resample(models.voice.say(WORD), models.voice.rate, SAMPLE_RATE)
    return np.concatenate([quiet, 0.5 * word, quiet])


def test_a_word_sounds_as_the_lexicon_has_it(teaching: Teaching) -> None:
    sounding = teaching.sounding(" Hey  Robin ")
    assert sounding.word == WORD
    assert ["".join(phones) for phones in sounding.phones] == ["heɪ", "ɹɑbən"]
    assert sounding.threshold == 0.5
    with pytest.raises(ConfigError, match="at least 4"):
        teaching.sounding("eye ow")


def test_a_good_recording_needs_no_advice_and_sounds_like_the_word(teaching: Teaching, spoken: Samples) -> None:
    examined = teaching.examine(WORD, spoken)
    assert examined.advice == ""
    assert examined.score > 0.3
    assert 0.3 < examined.seconds < 1.2
    assert teaching.examine("jupiter station", spoken).score < 0.02


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        (lambda sound: np.zeros_like(sound), "Nobody was heard"),
        (lambda sound: sound[:0], "Nobody was heard"),
        (lambda sound: np.clip(8 * sound, -1, 1), "too loud"),
        (lambda sound: 0.004 * sound, "(too quiet|Nobody)"),
        (lambda sound: np.concatenate([sound[7000:-7000]] * 6), "too long"),
    ],
    ids=["silent", "empty", "clipped", "quiet", "long"],
)  # fmt: skip
def test_a_bad_recording_is_told_what_is_wrong(
    teaching: Teaching, spoken: Samples, change: object, advice: str
) -> None:

    assert re.search(advice, teaching.examine(WORD, change(spoken)).advice)  # type: ignore[operator]


def test_another_word_in_the_recording_is_noticed(teaching: Teaching, spoken: Samples) -> None:
    assert "did not sound like “jupiter station”" in teaching.examine("jupiter station", spoken).advice


@pytest.mark.parametrize(("heard", "kept"), [(2, False), (3, True), (4, True)])
def test_a_network_is_kept_unless_it_hears_less(
    models: Models, monkeypatch: pytest.MonkeyPatch, heard: int, kept: bool
) -> None:
    found = Comparison(recordings=5, with_network=heard, without=3)
    monkeypatch.setattr(Teaching, "compare", lambda *_: found)
    monkeypatch.setattr(shutil, "rmtree", lambda folder: None)
    assert keep_if_better(models, WORD)[0] is kept


def test_taught_words_are_listed_beside_those_of_the_profile(models: Models) -> None:
    taught = TaughtWords()
    taught.add(WORD)
    try:
        taught.keep(WORD, np.zeros(100, np.float32))
        listed = {one["word"]: one for one in taught_words(models)}
    finally:
        taught.forget(WORD)
    assert listed["computer"] == {"word": "computer", "taught": False, "network": True, "recordings": 0, "scores": {}}
    assert listed[WORD] == {"word": WORD, "taught": True, "network": False, "recordings": 1, "scores": {}}


def test_a_network_that_hears_less_than_the_sound_alone_is_deleted(
    models: Models, teaching: Teaching, spoken: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network of "computer" under another name never suspects the word."""
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    word = "hello banana"
    said = np.concatenate([spoken[:8000], 0.5 * models.voice.say(word), spoken[:8000]])
    folder = tmp_path / "bundles" / "wakeword-hello-banana"
    shutil.copytree(load_bundle("wakeword-computer").folder, folder)
    facts = json.loads((folder / "bundle.json").read_text())
    facts["name"], facts["features"]["word"] = folder.name, word
    (folder / "bundle.json").write_text(json.dumps(facts))
    taught = TaughtWords()
    taught.add(word)
    assert keep_if_better(models, word) == (True, "There are no recordings to try it on.")
    taught.keep(word, said)
    assert teaching.compare(word, [said]) == Comparison(recordings=1, with_network=0, without=1)
    kept, why = keep_if_better(models, word)
    assert not kept
    assert "it heard 0, and 1 without" in why
    assert not folder.exists()
    assert taught.words() == [word]
