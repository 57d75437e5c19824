"""Debian's synthesisers: the commands that are run, what is refused, and (where installed) real speech."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from harken.data.voices import (
    DebianVoice,
    MissingProgram,
    list_voices,
    parse_voice,
    refuse_reserved,
    speak,
    training_voices,
)
from harken.errors import ConfigError, DataError

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
ESPEAK = DebianVoice(program="espeak-ng", name="en-us+f3")


def test_a_voice_is_named_by_program_and_name() -> None:
    assert parse_voice("espeak-ng:en-us+f3") == ESPEAK
    assert ESPEAK.id == "espeak-ng:en-us+f3"


@pytest.mark.parametrize("text", ["slt", "say:alex", "flite:", ":slt"])
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="program:name"):
        parse_voice(text)


@pytest.mark.parametrize("text", ["flite:slt", "flite:rms", "flite:awb", "flite:kal", "festival:kal_diphone"])
def test_voices_of_demo_and_tests_are_refused_for_training(text: str) -> None:
    assert parse_voice(text).reserved
    with pytest.raises(DataError, match=text):
        refuse_reserved([ESPEAK, parse_voice(text)])


def test_espeak_voices_may_train() -> None:
    refuse_reserved([ESPEAK])


def test_a_missing_program_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingProgram, match="apt install festival"):
        speak("hello", parse_voice("festival:other"))


@needs_espeak
def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="speed"):
        speak("hello", ESPEAK, speed=3.0)
    with pytest.raises(ConfigError, match="only 1"):
        speak("hello", parse_voice("flite:slt"), pitch=1.2)
    with pytest.raises(ConfigError, match="nothing to speak"):
        speak(" -!", ESPEAK)


@needs_espeak
def test_an_unknown_voice_is_refused_instead_of_replaced() -> None:
    with pytest.raises(ConfigError, match="no voice"):
        speak("hello", parse_voice("espeak-ng:en-us+nobody"))


@needs_espeak
def test_espeak_speaks_faster_when_asked() -> None:
    slow, fast = speak("turn on the light", ESPEAK), speak("turn on the light", ESPEAK, speed=1.6)
    assert slow.dtype == np.float32
    assert 0.05 < np.abs(slow).max() <= 1
    assert len(fast) < 0.8 * len(slow)


@needs_espeak
def test_pitch_changes_the_sound_but_not_the_words() -> None:
    low, high = speak("hello", ESPEAK, pitch=0.5), speak("hello", ESPEAK, pitch=1.8)
    assert abs(len(low) - len(high)) < 0.2 * len(low)
    assert len(low) != len(high) or not np.allclose(low, high)


@needs_espeak
def test_training_has_many_dialects_and_no_reserved_voice() -> None:
    voices = training_voices()
    assert len(voices) > 100
    assert not any(voice.reserved for voice in voices)
    assert {"en-us", "en-gb"} <= {voice.name.partition("+")[0] for voice in voices}


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_flite_lists_and_speaks() -> None:
    assert "slt" in {voice.name for voice in list_voices("flite")}
    assert len(speak("hello", parse_voice("flite:slt"))) > 4000
