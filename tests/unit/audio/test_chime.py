"""Sounds that are not speech."""

from __future__ import annotations

import numpy as np

from harken.activation.echo_path import BLOCK, EchoPath
from harken.audio.chime import RATE, make_chime, make_greeting
from harken.events import Samples


def test_a_greeting_is_short_and_no_louder_than_speech() -> None:
    greeting = make_greeting()
    assert greeting.dtype == np.float32
    assert 0.6 <= len(greeting) / RATE <= 1.0
    assert -24 < 10 * np.log10(np.mean(np.square(greeting))) < -16
    assert np.abs(greeting).max() < 0.9
    assert max(np.abs(greeting[:40]).max(), np.abs(greeting[-40:]).max()) < 0.03, "it does not click"
    assert np.array_equal(greeting, make_greeting())


def test_a_greeting_teaches_the_room_and_the_tone_does_not() -> None:
    rng = np.random.default_rng(3)
    room = np.concatenate([np.zeros(2_000), rng.standard_normal(3_000) * np.exp(-np.arange(3_000) / 600)])
    reply = rng.standard_normal(4_800).astype(np.float32) * 0.1
    assert _left(make_greeting(), reply, room) < 0.03 < _left(make_chime(), reply, room)


def _left(first: Samples, reply: Samples, room: np.ndarray) -> float:
    """Share of a reply's echo that is left after another sound."""
    played = np.concatenate([first, np.zeros(RATE // 2, np.float32), reply, np.zeros(3_200, np.float32)])
    begun = len(played) - len(reply) - 3_200 + 2_000
    heard = np.convolve(played, room / 10)[: len(played)].astype(np.float32)
    heard += _noise(len(heard))
    path = EchoPath()
    whole = len(played) // BLOCK * BLOCK
    left = np.concatenate(
        [path.remove(heard[at : at + BLOCK], played[at : at + BLOCK]) for at in range(0, whole, BLOCK)]
    )
    early = slice(begun, begun + 3_200)
    return float(np.sum(np.square(left[early])) / np.sum(np.square(heard[early])))


def _noise(count: int) -> Samples:
    return np.random.default_rng(4).standard_normal(count).astype(np.float32) * 0.001
