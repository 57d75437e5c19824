"""The two stages of a profile's wake words: which word has which, and what is said about those without a network."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from harken.activation.front_end import FrontEnd
from harken.activation.over_echo import WordsOverEcho
from harken.activation.wakeword import WakeWordScout
from harken.asr.keyword.judge import BLOCK, PhraseJudge
from harken.assistant.alone import wake_finder
from harken.assistant.installed import Installed
from harken.assistant.models import Models
from harken.assistant.profile import Profile, WakeSettings, load_profile
from harken.assistant.waking import (
    NoWakeWord,
    has_network,
    make_judge,
    make_scout,
    make_stop_spotter,
    make_words_over_echo,
)
from harken.audio.files import write_wav
from harken.demo.requests import DemoSentence, own_requests
from harken.dialogue.store import Store
from harken.errors import ConfigError, VocabularyError
from harken.tts.voice import Voice


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    return tmp_path


def models(*words: str, stop: tuple[str, ...] = ("stop",)) -> Models:
    profile = Profile(interpreter=load_profile().interpreter, wake=WakeSettings(words=words, stop=stop))
    return Models(profile, Installed(profile), store=Store(":memory:"))


def test_words_with_a_network_have_both_stages_and_others_the_judge_alone(caplog: pytest.LogCaptureFixture) -> None:
    shared = models("computer", "view glass")
    with caplog.at_level(logging.WARNING):
        scout, judge = make_scout(shared, front_end=FrontEnd()), make_judge(shared)
    assert isinstance(scout, WakeWordScout)
    assert isinstance(judge, PhraseJudge)
    assert scout.words == ("computer",)
    assert [(word.text, word.level) for word in judge._words] == [("computer", 0.967), ("view glass", None)]
    (record,) = caplog.records
    assert "'view glass' has no network of its own" in record.getMessage()
    assert "`harken train wakeword --word 'view glass'`" in record.getMessage()


def test_without_any_network_there_is_no_first_stage() -> None:
    assert isinstance(make_scout(models("view glass"), front_end=FrontEnd()), NoWakeWord)
    assert has_network("Computer")
    assert not has_network("view glass")


def test_a_word_is_known_by_the_name_that_its_network_gives_it() -> None:
    judge = make_judge(models("Computer"), threshold=0.3)
    assert judge.phrases.texts == ("computer",)
    assert [word.threshold for word in judge._words] == [0.3]


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ((), ConfigError, "no wake word; name at least one in wake.words"),
        (("go",), ConfigError, "'go' has 2 phones; at least 4"),
        (("?!",), VocabularyError, "cannot be pronounced"),
    ],
)
def test_what_cannot_be_a_wake_word_is_refused(words: tuple[str, ...], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        make_judge(models(*words))


def test_what_silences_it_is_any_phrase_that_is_long_enough() -> None:
    spotter = make_stop_spotter(models("computer", stop=("stop", "that will do")))
    assert spotter.latency == BLOCK, "it cannot wait"
    assert spotter._spotter.phrases.texts == ("stop", "that will do")
    with pytest.raises(ConfigError, match="'hush' has 3 phones; at least 4"):
        make_stop_spotter(models("computer", stop=("hush",)))


def test_over_its_own_sound_it_hears_what_silences_it_and_what_wakes_it() -> None:
    over = make_words_over_echo(models("computer", "view glass", "hush", stop=("stop", "view glass")), wake=True)
    assert isinstance(over, WordsOverEcho)
    assert over.latency > BLOCK, "the echo filter works on blocks"
    assert over._spotter.phrases.texts == ("stop", "view glass", "computer"), "'hush' is too short"
    assert over._stops == {"stop", "view glass"}
    asleep = make_words_over_echo(models("computer", stop=("stop",)), wake=False)
    assert asleep._spotter.phrases.texts == ("stop",)
    assert isinstance(make_words_over_echo(models("hush", stop=()), wake=True), NoWakeWord)


def test_the_shipped_word_and_a_typed_phrase_are_heard_where_our_own_voice_says_them(tmp_path: Path) -> None:
    voice = Voice.load()
    sentence = DemoSentence(text="good morning", skill="conversation", intent="greet", slots={})
    request = next(own_requests([sentence], lambda text: (voice.say(text), voice.rate)))
    write_wav(tmp_path / "wake.wav", request.samples)
    (shipped,) = wake_finder(load_profile())(tmp_path / "wake.wav")
    # The threshold is set for people; what our own voice says is less clear than that.
    words = ["computer", "good morning", "smart mirror"]
    both = wake_finder(load_profile(), words=words, threshold=0.01)(tmp_path / "wake.wav")
    assert (shipped["word"], [one["word"] for one in both]) == ("computer", ["computer", "good morning"])
    assert 0.4 <= shipped["start"] < shipped["end"] <= both[1]["start"] + 0.1 < both[1]["end"]
    (typed,) = wake_finder(load_profile(), words=["good morning"], threshold=0.01)(tmp_path / "wake.wav")
    assert typed["word"] == "good morning", "the profile's own word is not asked for"
