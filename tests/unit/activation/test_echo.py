"""The echo stage: what it takes out, what it leaves alone, and that positions stay true."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

from harken.activation.echo import EchoStage
from harken.data.mixing import level
from harken.data.rooms import Room, simulate_room
from harken.errors import MissingExtra, PipelineError
from harken.events import AudioChunk, Event, PlaybackEnded, PlayedAudio, Samples
from harken.stage import Stage
from harken.tts.voice import Voice

RATE = 16_000
ROOM = Room(size=(4.0, 3.0, 2.5), source=(1.0, 1.0, 1.0), microphone=(2.5, 1.5, 1.0), rt60=0.3)


@pytest.fixture(scope="module")
def speech() -> Samples:
    return Voice.load().say("The capital of France is Paris, and your timer for ten minutes is set.")


def heard(stage: Stage, samples: Samples, played: Samples | None = None, *, step: int = 320) -> Samples:
    """What the stage makes of a stream, all of it."""
    out: list[Event] = []
    for start in range(0, len(samples), step):
        if played is not None:
            stage.process(PlayedAudio(start=start, samples=played[start : start + step]))
        out += stage.process(AudioChunk(start=start, samples=samples[start : start + step]))
    out += stage.flush()
    position = 0
    for chunk in out:
        assert isinstance(chunk, AudioChunk)
        assert chunk.start == position, "chunks follow each other without gaps"
        position += len(chunk.samples)
    assert position == len(samples)
    return np.concatenate([chunk.samples for chunk in out if isinstance(chunk, AudioChunk)])


def echo_of(played: Samples, *, delay: float, decibel: float) -> Samples:
    echo = np.convolve(played, simulate_room(ROOM))[: len(played)]
    late = np.concatenate([np.zeros(round(delay * RATE)), echo])[: len(played)]
    return (late * 10 ** ((decibel - level(late)) / 20)).astype(np.float32)


def noise(length: int, decibel: float = -65.0) -> Samples:
    return (np.random.default_rng(0).standard_normal(length) * 10 ** (decibel / 20)).astype(np.float32)


def test_without_a_loudspeaker_the_sound_passes_bit_by_bit(speech: Samples) -> None:
    assert np.array_equal(heard(EchoStage(), speech), speech)
    assert np.array_equal(heard(EchoStage(), speech, np.zeros_like(speech)), speech), "silence makes no echo"


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.35])
@pytest.mark.parametrize("decibel", [-40.0, -20.0])
def test_the_echo_goes_whatever_its_delay_and_level(speech: Samples, delay: float, decibel: float) -> None:
    played = np.concatenate([speech, speech])
    microphone = echo_of(played, delay=delay, decibel=decibel) + noise(len(played))
    left = heard(EchoStage(), microphone, played)
    half = slice(len(speech), None)
    assert level(microphone[half]) - level(left[half]) > 15


def test_a_person_who_speaks_meanwhile_is_still_heard(speech: Samples) -> None:
    played = np.concatenate([speech, speech])
    person = np.zeros_like(played)
    person[len(speech) :] = speech[::-1]
    microphone = echo_of(played, delay=0.05, decibel=-35.0) + person
    left = heard(EchoStage(), microphone, played)[len(speech) :]
    assert level(left) > level(speech) - 6


def test_the_sound_is_as_it_was_again_when_the_echo_is_over(speech: Samples) -> None:
    played = np.concatenate([speech, np.zeros(5 * RATE, np.float32)])
    microphone = echo_of(played, delay=0.05, decibel=-30.0) + noise(len(played))
    out = heard(EchoStage(), microphone, played)
    assert np.array_equal(out[-2 * RATE :], microphone[-2 * RATE :])
    jumps = np.abs(np.diff(out[len(speech) : len(speech) + 4 * RATE]))
    assert jumps.max() < 0.05, "no click where the canceller rests"


def test_any_chunking_gives_the_same_sound(speech: Samples) -> None:
    played = speech
    microphone = echo_of(played, delay=0.05, decibel=-30.0)
    stage = EchoStage()
    first = heard(stage, microphone, played)
    stage.reset()
    assert np.array_equal(heard(stage, microphone, played, step=1111), first)


def test_what_is_reported_early_is_used_at_its_position(speech: Samples) -> None:
    microphone = echo_of(speech, delay=0.05, decibel=-30.0)
    stage = EchoStage()
    stage.process(PlayedAudio(start=0, samples=speech))
    early = heard(stage, microphone)
    stage.reset()
    assert np.array_equal(early, heard(stage, microphone, speech))


def test_a_stream_may_begin_anywhere_and_be_one_sample_long() -> None:
    stage = EchoStage()
    assert stage.process(AudioChunk(start=7, samples=np.ones(1, np.float32))) == []
    (rest,) = stage.flush()
    assert isinstance(rest, AudioChunk)
    assert (rest.start, rest.samples.tolist()) == (7, [1.0])
    assert EchoStage().flush() == []


def test_other_events_are_refused() -> None:
    with pytest.raises(PipelineError, match="PlaybackEnded"):
        EchoStage().process(PlaybackEnded(turn=0, end=0))


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pywebrtc_audio":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"harken\[mic\]"):
        EchoStage()
