"""A voice follows a recording of the same words: its melody and timing, whoever speaks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from harken.asr.acoustic.model import AcousticModel
from harken.assistant.alone import reading_like
from harken.assistant.profile import load_profile
from harken.audio.files import read_audio, write_wav
from harken.errors import ConfigError, DataError, VocabularyError
from harken.events import Samples
from harken.tts.manner import PLAIN, Manner
from harken.tts.prosody import DURATION, ENERGY, PITCH
from harken.tts.symbols import MARKS
from harken.tts.text import Line
from harken.tts.transfer import Normaliser
from harken.tts.voice import Voice
from harken.workshop.following import align, follow, measure

TEXT = "The kitchen light is on. Please bring me seven cups of coffee."


@cache
def voice() -> Voice:
    return Voice.load("voice-kathleen")


@cache
def model() -> AcousticModel:
    return AcousticModel.load()


@cache
def usual() -> Normaliser:
    """What is usual for the voice, from what it says."""
    numbers, symbols = [], []
    for line in voice().read(TEXT):
        numbers.append(measure(said(line), align(line.symbols, said(line), model()).durations))
        symbols += line.symbols
    return Normaliser.fit(np.concatenate(numbers), symbols)


def said(line: Line, manner: Manner = PLAIN) -> Samples:
    return np.concatenate([piece.samples for piece in voice().speak([line], manner=manner)])


def phones(line: Line) -> np.ndarray:
    return np.array([symbol not in MARKS for symbol in line.symbols])


def test_the_borders_are_those_of_the_speech() -> None:
    for line in voice().read(TEXT):
        samples = said(line)
        found = align(line.symbols, samples, model()).durations
        truth = voice()._acoustic.plan(line.symbols).durations
        assert found.sum() == truth.sum() == len(samples) // 160
        apart = np.abs(np.cumsum(found) - np.cumsum(truth))[phones(line)]
        assert np.median(apart) <= 1
        assert apart.max() <= 8


def test_silence_belongs_to_the_first_of_neighbouring_marks() -> None:
    one, two = voice().read(TEXT)
    samples = np.concatenate([said(one), np.zeros(8000, np.float32), said(two)])
    durations = align((*one.symbols, *two.symbols), samples, model()).durations
    assert durations[len(one.symbols) - 1] >= 50
    assert durations[len(one.symbols)] == 0
    assert durations.sum() == len(samples) // 160


def test_a_line_follows_tempo_and_melody() -> None:
    line = voice().read(TEXT)[1]
    plain = follow([line], said(line), usual(), model()).lines[0].prosody
    assert plain is not None
    word = slice(1, 5)
    manners = [
        Manner(pitch=-4, rate=0.6) if word.start <= n < word.stop else Manner() for n in range(len(line.symbols))
    ]
    other = follow([line], said(replace(line, manners=tuple(manners))), usual(), model()).lines[0].prosody
    assert other is not None
    rest = phones(line)
    rest[word] = False
    longer, higher = other[:, DURATION] / np.maximum(plain[:, DURATION], 1), (other[:, PITCH] - plain[:, PITCH]).mean(1)
    assert longer[word].mean() > 1.25 * longer[rest].mean()
    assert higher[word].mean() < higher[rest].mean() - 0.1


def test_a_deep_slow_speaker_is_followed_in_the_voices_own_height_and_tempo() -> None:
    line = voice().read(TEXT)[1]
    plain, deep = (
        follow([line], said(line, manner), usual(), model()).lines[0].prosody for manner in (Manner(), Manner(pitch=-4))
    )
    assert plain is not None
    assert deep is not None
    assert deep[phones(line)][:, PITCH].mean() == pytest.approx(plain[phones(line)][:, PITCH].mean(), abs=0.05)


def test_ends_and_the_loudness_of_pauses_are_left_to_the_voice() -> None:
    lines = voice().read(TEXT)
    recording = np.concatenate([said(line) for line in lines])
    first, second = (line.prosody for line in follow(lines, recording, usual(), model()).lines)
    assert first is not None
    assert second is not None
    assert np.isnan(first[0, DURATION])
    assert np.isnan(second[-1, DURATION])
    assert not np.isnan(first[-1, DURATION])
    assert np.isnan(first[~phones(lines[0])][:, ENERGY]).all()
    assert not np.isnan(first[:, PITCH]).any()
    assert [len(first), len(second)] == [len(line.symbols) for line in lines]


def test_the_voice_says_what_it_is_given() -> None:
    line = voice().read(TEXT)[1]
    prosody = np.full((len(line.symbols), 7), np.nan)
    own = said(line)
    np.testing.assert_array_equal(said(replace(line, prosody=prosody)), own)
    prosody[5, DURATION] = 40
    assert len(said(replace(line, prosody=prosody))) > len(own) + 20 * 160


def test_a_recording_that_is_too_short_is_refused() -> None:
    with pytest.raises(DataError, match="steps of 30 ms"):
        follow(voice().read(TEXT), said(voice().read("No.")[0])[:4000], usual(), model())


def test_silence_is_refused() -> None:
    with pytest.raises(DataError, match="nothing is voiced"):
        follow(voice().read(TEXT), np.zeros(48000, np.float32), usual(), model())


def test_a_profile_reads_texts_as_a_recording_says_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = voice().read(TEXT)[1]
    write_wav(tmp_path / "x.wav", said(line, Manner(rate=0.8)))
    with pytest.raises(ConfigError, match="voice-kathleen cannot follow"):
        reading_like(load_profile("en"), voice(), tmp_path / "x.wav")
    monkeypatch.setattr(voice()._acoustic, "usual", usual())
    read = reading_like(load_profile("en"), voice(), tmp_path / "x.wav")
    (followed,) = read(TEXT[line.start :].strip()).lines
    (wanted,) = follow([line], read_audio(tmp_path / "x.wav"), usual(), model()).lines
    assert followed.prosody is not None
    assert wanted.prosody is not None
    np.testing.assert_allclose(followed.prosody, wanted.prosody)
    with pytest.raises(VocabularyError, match="nothing to say"):
        read("?!")
    with pytest.raises(DataError, match=r"x\.wav says something else than the text: heard .*expected 'He never went"):
        read("He never went to school before eleven.")
