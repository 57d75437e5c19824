"""The shipped voice says things in the manner that is asked for: measured in its sound."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from harken.bundle import load_bundle
from harken.errors import ConfigError
from harken.events import Samples
from harken.tts.acoustic import VoiceModel
from harken.tts.manner import LIMITS, PLAIN, Manner
from harken.tts.pitch import track_pitch
from harken.tts.voice import Voice, with_breaks

TEXT = "The kitchen light is on, and the door is open."


@cache
def voice() -> Voice:
    return Voice.load()


@cache
def said(**values: float) -> Samples:
    return voice().say(TEXT, manner=Manner(**values))


def marked(inner: str) -> Samples:
    return voice().say(voice().parse(f"<speak>{inner}</speak>"))


def semitones(samples: Samples) -> np.ndarray:
    hertz, voiced = track_pitch(samples)
    return 12 * np.log2(hertz[voiced])


def level(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(samples**2)))


def test_a_plain_manner_changes_nothing() -> None:
    np.testing.assert_array_equal(said(), voice().say(TEXT))
    np.testing.assert_array_equal(marked(TEXT), voice().say(TEXT))


@pytest.mark.parametrize("shift", [-4.0, 3.0])
def test_the_pitch_moves_by_the_semitones_asked_for(shift: float) -> None:
    moved = np.median(semitones(said(pitch=shift))) - np.median(semitones(said()))
    assert moved == pytest.approx(shift, abs=0.8)
    assert len(said(pitch=shift)) == len(said())


def test_the_range_makes_the_tune_flat_or_lively_around_the_same_pitch() -> None:
    flat, usual, lively = (semitones(said(pitch_range=size)) for size in (0.0, 1.0, 1.8))
    spreads = [float(np.percentile(tune, 90) - np.percentile(tune, 10)) for tune in (flat, usual, lively)]
    assert spreads[0] < 0.6 * spreads[1]
    assert spreads[2] > 1.25 * spreads[1]
    assert np.median(flat) == pytest.approx(np.median(usual), abs=1.5)


def test_the_rate_of_a_manner_is_the_rate_of_the_voice() -> None:
    np.testing.assert_array_equal(said(rate=1.5), voice().say(TEXT, rate=1.5))


@pytest.mark.parametrize("decibels", [-12.0, 3.0])
def test_the_volume_is_changed_by_the_decibels_asked_for(decibels: float) -> None:
    assert level(said(volume=decibels)) - level(said()) == pytest.approx(decibels, abs=0.7)


def test_a_stressed_word_is_longer_higher_and_louder() -> None:
    plain, strong = marked("door."), marked('<emphasis level="strong">door</emphasis>.')
    assert len(strong) > 1.1 * len(plain)
    assert np.median(semitones(strong)) > np.median(semitones(plain)) + 1
    reduced = marked('<emphasis level="reduced">door</emphasis>.')
    assert len(reduced) < len(plain)


@pytest.mark.parametrize("seconds", [0.6, 2.5])
def test_a_break_lasts_as_long_as_it_says(seconds: float) -> None:
    sound = marked(f'The light is on <break time="{seconds}s"/> and the door is open.')
    loud = np.convolve(np.abs(sound) > 0.02, np.ones(160), "same") > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[1], loud.astype(int), [1]])))
    pauses = np.diff(edges)[::2] / 16_000
    assert max(pauses[1:-1]) == pytest.approx(seconds, abs=0.15)


def test_a_break_behind_the_last_word_is_silence_at_the_end() -> None:
    longer = marked('The door is open.<break time="1s"/>')
    assert len(longer) - len(marked("The door is open.")) == 16_000
    assert not longer[-16_000:].any()


def test_only_the_words_within_the_marks_are_slow() -> None:
    plain = len(marked("The light is on, and the door is open."))
    part = len(marked('The light is on, <prosody rate="50%">and the door is open.</prosody>'))
    assert 1.3 * plain < part < 1.8 * plain


def test_silent_words_take_their_time_without_a_sound() -> None:
    quiet = marked('<prosody volume="silent">The door</prosody> is open.')
    whole = marked("The door is open.")
    assert len(quiet) == len(whole)
    assert np.abs(quiet[: len(quiet) // 4]).max() < 1e-3 < np.abs(whole[: len(whole) // 4]).max()
    assert np.abs(quiet).max() > 0.05


def test_pieces_join_to_the_whole_also_with_marks() -> None:
    text = voice().parse('<speak>One <break time="1s"/> two. <prosody pitch="+2st">Three.</prosody></speak>')
    pieces = list(voice().stream(text))
    np.testing.assert_array_equal(np.concatenate([piece.samples for piece in pieces]), voice().say(text))
    assert max(len(piece.samples) for piece in pieces) <= 8000
    assert pieces[-1].end == len(text.text)


@pytest.mark.parametrize("name", LIMITS)
def test_values_beyond_their_limits_are_refused(name: str) -> None:
    for value in (LIMITS[name][0] - 0.1, LIMITS[name][1] + 0.1, float("nan")):
        with pytest.raises(ConfigError, match=r"out of range; give one between"):
            Manner(**{name: value})


def test_manners_inside_each_other_stay_within_the_limits() -> None:
    outer = Manner(rate=3.0, pitch=-9.0, volume=-60.0)
    assert Manner(rate=3.0, pitch=-9.0, volume=-60.0).within(outer) == Manner(rate=4.0, pitch=-12.0, volume=-100.0)
    assert PLAIN.within(outer) == outer.within(PLAIN) == outer


def test_the_emphasis_of_a_word_counts_before_that_of_the_whole() -> None:
    strong = Manner(emphasis=2)
    assert Manner(pitch=1).within(strong).emphasis == 2
    assert Manner(emphasis=-1).within(strong).emphasis == -1


def test_what_is_stressed_is_planned_louder() -> None:
    bundle = load_bundle("voice-kathleen")
    symbols = voice().read(TEXT)[0].symbols
    model = VoiceModel(bundle)
    usual, stressed = (
        model.plan(symbols, manners=[Manner(emphasis=size)] * len(symbols)).energy for size in (0.0, 1.0)
    )
    assert (stressed > usual + 0.1).all()


@pytest.mark.parametrize("seconds", [0.005, 0.01, 0.015, 0.02])
def test_with_breaks_a_sentence_still_has_an_even_number_of_frames(seconds: float) -> None:
    line = voice().read("Timer set, and the door is open.")[0]
    plan = VoiceModel(load_bundle("voice-kathleen")).plan(line.symbols)
    comma = line.symbols.index(",")
    assert with_breaks(plan, replace(line, breaks=((comma, seconds),)))[0].frames % 2 == 0
