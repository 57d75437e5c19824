"""The echo filter: what it takes out, that people stay whole, and that it finds its way again."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.activation.test_echo import echo_of, heard, noise

from harken.activation.echo_filter import EchoFilter
from harken.activation.echo_path import BLOCK, EchoPath
from harken.activation.over_echo import BESIDES
from harken.data.mixing import level, match_level
from harken.errors import PipelineError
from harken.events import AudioChunk, PlaybackEnded, PlayedAudio, Samples
from harken.tts.voice import Voice

RATE = 16_000


@pytest.fixture(scope="module")
def speech() -> Samples:
    return Voice.load("voice-kokoro").say("The capital of France is Paris, and your timer for ten minutes is set.")


def shares(microphone: Samples, played: Samples) -> list[tuple[int, float]]:
    """Position of each chunk, and the share that is left there."""
    return heard_shares(EchoFilter(), microphone, played)


def heard_shares(stage: EchoFilter, microphone: Samples, played: Samples) -> list[tuple[int, float]]:
    found = []
    for start in range(0, len(microphone), BLOCK):
        span = slice(start, start + BLOCK)
        list(stage.filtered(PlayedAudio(start=start, samples=played[span])))
        found += [
            (chunk.start, share) for chunk, share in stage.filtered(AudioChunk(start=start, samples=microphone[span]))
        ]
    return found


def test_without_a_loudspeaker_the_sound_passes_bit_by_bit(speech: Samples) -> None:
    assert np.array_equal(heard(EchoFilter(), speech), speech)
    assert np.array_equal(heard(EchoFilter(), speech, np.zeros_like(speech)), speech)


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("decibel", [-45.0, -20.0])
def test_the_echo_goes_whatever_its_delay_and_level(speech: Samples, delay: float, decibel: float) -> None:
    played = np.concatenate([speech, speech])
    microphone = echo_of(played, delay=delay, decibel=decibel) + noise(len(played), -80.0)
    left = heard(EchoFilter(), microphone, played)
    half = slice(len(speech), None)
    assert level(microphone[half]) - level(left[half]) > 12


def test_what_arrives_after_the_last_sound_was_played_goes_too(speech: Samples) -> None:
    played = np.concatenate([speech, speech, np.zeros(RATE, np.float32)])
    played[2 * len(speech) - 1600 : 2 * len(speech)] = speech[RATE : RATE + 1600]
    microphone = echo_of(played, delay=0.3, decibel=-20.0) + noise(len(played), -80.0)
    left = heard(EchoFilter(), microphone, played)
    late = slice(2 * len(speech) + 320, 2 * len(speech) + 4800)
    assert level(microphone[late]) - level(left[late]) > 6


def test_a_person_who_speaks_meanwhile_stays_whole(speech: Samples) -> None:
    played = np.concatenate([speech, speech])
    person = np.zeros_like(played)
    person[len(speech) :] = speech[::-1]
    left = heard(EchoFilter(), echo_of(played, delay=0.05, decibel=-20.0) + person, played)[len(speech) :]
    spoken = person[len(speech) :]
    share = float(np.dot(left, spoken) / np.dot(spoken, spoken))
    assert 0.75 < share < 1.1, "at most 2.5 dB quieter"
    assert level(left - spoken) < level(spoken) - 6


def test_when_the_echo_comes_later_than_before_it_is_learned_anew(speech: Samples) -> None:
    played = np.concatenate([speech] * 4)
    early, late = (echo_of(played, delay=delay, decibel=-25.0) for delay in (0.02, 0.15))
    microphone = np.where(np.arange(len(played)) < 2 * len(speech), early, late).astype(np.float32)
    left = heard(EchoFilter(), microphone, played)
    last = slice(3 * len(speech), None)
    assert level(microphone[last]) - level(left[last]) > 10


def test_what_was_learned_of_the_room_is_kept_for_the_next_reply(speech: Samples) -> None:
    pause = np.zeros(3 * RATE, np.float32)
    played = np.concatenate([speech, pause, speech])
    microphone = echo_of(played, delay=0.1, decibel=-25.0)
    left = heard(EchoFilter(), microphone, played)
    first, second = slice(0, RATE), slice(len(speech) + len(pause), len(speech) + len(pause) + RATE)
    assert level(left[second]) < level(left[first]) - 5


def test_what_is_played_before_its_echo_arrives_is_no_reason_to_begin_afresh(speech: Samples) -> None:
    pause = np.zeros(3 * RATE, np.float32)
    played = np.concatenate([speech, pause, speech])
    microphone = echo_of(played, delay=0.2, decibel=-15.0) + noise(len(played), -60.0)
    left = heard(EchoFilter(), microphone, played)
    arrived = slice(len(speech) + len(pause) + 3200, len(speech) + len(pause) + 3200 + RATE // 2)
    assert level(left[arrived]) < level(microphone[arrived]) - 10


def test_the_share_that_is_left_stays_small_while_the_echo_dies_away_and_grows_with_a_person(speech: Samples) -> None:
    played = np.concatenate([speech, speech, np.zeros(RATE, np.float32)])
    rng, time = np.random.default_rng(0), np.arange(RATE) / RATE
    room = rng.standard_normal(RATE) * 10 ** (-3 * time / 0.7)  # 0.7 s of reverberation, longer than the filter
    room[:1600], room[1600] = 0, 20.0
    echo = np.convolve(played, room / np.sqrt(np.sum(room**2)) * 0.3)[: len(played)].astype(np.float32)
    person = np.zeros_like(echo)
    person[2 * len(speech) + 3200 :] = match_level(speech[: len(echo) - 2 * len(speech) - 3200], level(echo))
    end = 2 * len(speech) + 1600
    alone, besides = (
        max(share for start, share in shares(sound + noise(len(echo), -80.0), played) if end < start < end + 6400)
        for sound in (echo, echo + person)
    )
    assert alone < BESIDES < besides


def test_soon_after_the_echo_a_person_far_below_it_counts(speech: Samples) -> None:
    played = np.concatenate([speech, speech, np.zeros(RATE, np.float32)])
    echo = echo_of(played, delay=0.05, decibel=-20.0)
    late = slice(2 * len(speech) + 4800, 2 * len(speech) + 9600)
    person = np.zeros_like(played)
    person[late] = match_level(noise(4800, -30.0), level(echo[: 2 * len(speech)]) - 14)
    found = shares(echo + person + noise(len(played), -90.0), played)
    assert max(share for start, share in found if late.start + 1600 < start < late.stop) >= BESIDES


def test_after_a_reset_no_echo_is_dying_away(speech: Samples) -> None:
    stage = EchoFilter()
    list(heard_shares(stage, echo_of(speech, delay=0.0, decibel=-10.0), speech))
    stage.reset()
    assert heard_shares(stage, noise(BLOCK, -60.0), np.zeros(BLOCK, np.float32)) == [(0, 1.0)]


def test_a_filter_that_makes_it_louder_begins_afresh() -> None:
    path, rng = EchoPath(), np.random.default_rng(0)
    blocks = rng.standard_normal((100, BLOCK)).astype(np.float32) * 0.1
    for block in blocks:
        path.remove(block, block)
    assert level(path.remove(blocks[0], blocks[0])) < level(blocks[0]) - 20
    left = [path.remove(-block, block) for block in blocks]  # the loudspeaker was plugged in the wrong way round
    assert level(np.concatenate(left[5:20])) < level(np.concatenate(list(blocks[5:20]))) - 10, "within 100 ms"
    assert level(np.concatenate(left[20:])) < level(np.concatenate(list(blocks[20:]))) - 10


def test_any_chunking_gives_the_same_sound(speech: Samples) -> None:
    microphone = echo_of(speech, delay=0.05, decibel=-30.0)
    stage = EchoFilter()
    first = heard(stage, microphone, speech)
    stage.reset()
    assert np.array_equal(heard(stage, microphone, speech, step=1111), first)


def test_a_stream_may_begin_anywhere_and_be_one_sample_long() -> None:
    stage = EchoFilter()
    assert stage.process(AudioChunk(start=7, samples=np.ones(1, np.float32))) == []
    (rest,) = stage.flush()
    assert isinstance(rest, AudioChunk)
    assert (rest.start, rest.samples.tolist()) == (7, [1.0])
    assert EchoFilter().flush() == []


def test_other_events_are_refused() -> None:
    with pytest.raises(PipelineError, match="PlaybackEnded"):
        EchoFilter().process(PlaybackEnded(turn=0, end=0))
