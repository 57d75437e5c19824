"""The loudspeaker on a sound card, and the simulated card: what was really played, and when it was over."""

from __future__ import annotations

import numpy as np
import pytest

from harken.assistant.simulated_card import SimulatedCard
from harken.assistant.sound_card import CardLoudspeaker
from harken.errors import SoundDeviceError
from harken.events import Event, PlaybackEnded, PlaybackStarted, PlayedAudio, SpeechChunk
from harken.stage import NO_TURN

BLOCK = 320


def piece(length: int, *, turn: int = 0, rate: int = 16_000) -> SpeechChunk:
    return SpeechChunk(turn=turn, samples=np.full(length, 0.5, np.float32), rate=rate, text_start=0, text_end=1)


@pytest.fixture
def card() -> SimulatedCard:
    card = SimulatedCard()
    card.open()
    return card


def run(speaker: CardLoudspeaker, card: SimulatedCard, blocks: int, *, first: int = 0) -> list[Event]:
    """What the loudspeaker reports while so many blocks are heard."""
    reports: list[Event] = []
    for number in range(first, first + blocks):
        heard = card.read(0)
        assert heard is not None
        speaker.hear(heard)
        reports += speaker.advance(number * BLOCK)
    return reports


def test_a_reply_is_reported_from_its_first_piece_to_its_last_sample(card: SimulatedCard) -> None:
    speaker = CardLoudspeaker(card)
    assert speaker.play(piece(400), 0) == [PlaybackStarted(turn=0, start=0)]
    assert speaker.play(piece(400), 0) == [], "a second piece follows the first"
    assert speaker.playing
    reports = run(speaker, card, 6)
    played = [one for one in reports if isinstance(one, PlayedAudio)]
    assert [one.start for one in played] == [0, 320, 640]
    assert np.concatenate([one.samples for one in played]).tolist() == [0.5] * 800 + [0.0] * 160
    assert reports[-1] == PlaybackEnded(turn=0, end=960, interrupted=False)
    assert not speaker.playing


def test_the_end_waits_until_the_microphone_has_heard_it(card: SimulatedCard) -> None:
    card.delay = 640
    speaker = CardLoudspeaker(card)
    speaker.play(piece(320), 0)
    ended = [one for one in run(speaker, card, 8) if isinstance(one, PlaybackEnded)]
    assert ended == [PlaybackEnded(turn=0, end=320 + 640)]


def test_a_pause_between_two_pieces_shorter_than_the_delay_is_not_an_end(card: SimulatedCard) -> None:
    card.delay = 640
    speaker = CardLoudspeaker(card)
    speaker.play(piece(320), 0)
    assert not any(isinstance(one, PlaybackEnded) for one in run(speaker, card, 2))
    assert speaker.play(piece(320), 640) == []


def test_to_stop_is_to_be_silent_at_once(card: SimulatedCard) -> None:
    speaker = CardLoudspeaker(card)
    speaker.play(piece(16_000), 0)
    run(speaker, card, 2)
    assert speaker.stop(640) == [PlaybackEnded(turn=0, end=640, interrupted=True)]
    assert speaker.stop(640) == []
    run(speaker, card, 2, first=2)
    assert not card.output[640:].any()


def test_a_timer_that_rings_before_any_turn_is_a_reply_like_others(card: SimulatedCard) -> None:
    speaker = CardLoudspeaker(card)
    ring = piece(16_000, turn=NO_TURN)
    assert speaker.play(ring, 0) == [PlaybackStarted(turn=NO_TURN, start=0)]
    assert speaker.play(ring, 0) == []
    assert speaker.stop(320) == [PlaybackEnded(turn=NO_TURN, end=320, interrupted=True)]


def test_without_echo_nothing_is_said_about_what_was_played(card: SimulatedCard) -> None:
    speaker = CardLoudspeaker(card, echo=False)
    speaker.play(piece(320), 0)
    assert [type(one) for one in run(speaker, card, 4)] == [PlaybackEnded]


def test_sound_that_is_no_reply_is_taken_out_of_the_echo_and_does_not_count_as_speaking(card: SimulatedCard) -> None:
    speaker = CardLoudspeaker(card)
    card.play(np.ones(320, np.float32), 16_000)
    assert [type(one) for one in run(speaker, card, 4)] == [PlayedAudio]


def test_when_no_more_sound_comes_the_reply_ends(card: SimulatedCard) -> None:
    speaker = CardLoudspeaker(card)
    assert speaker.finish() == []
    speaker.play(piece(9_000), 0)
    run(speaker, card, 2)
    assert speaker.finish() == [PlaybackEnded(turn=0, end=640)]


def test_the_simulated_microphone_hears_people_the_echo_and_the_noise() -> None:
    card = SimulatedCard(echo=np.array([0.0, 0.25], np.float32), noise=np.full(100, 0.01, np.float32))
    card.open()
    card.say(np.full(2, 0.5, np.float32))
    card.play(np.array([1.0, 1.0], np.float32), 16_000)
    heard = card.read(0)
    assert heard is not None
    assert heard.samples[:4].tolist() == pytest.approx([0.51, 0.76, 0.26, 0.01])
    assert heard.playing


def test_an_unplugged_card_says_so() -> None:
    card = SimulatedCard()
    with pytest.raises(SoundDeviceError):
        card.read(0)
    card.present = False
    with pytest.raises(SoundDeviceError, match="unplugged"):
        card.open()
