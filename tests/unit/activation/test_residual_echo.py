"""What is turned down of an echo, and what is not: powers in steps of 20 ms, a loudspeaker and a person."""

from __future__ import annotations

import numpy as np
import pytest

from harken.activation.residual_echo import ResidualEcho

NOISE = 1e-6
TAIL = np.concatenate([[1.0], 10 ** (-0.3 - 0.2 * np.arange(15))])
"""Response of a room: after the direct sound, 2 dB less each step."""


def powers(length: int, *, seed: int = 0) -> np.ndarray:
    """Speech-like: loud and soft steps, with pauses."""
    rng = np.random.default_rng(seed)
    return 10 ** rng.uniform(-4, -2, length) * (rng.random(length) > 0.2)


def heard_of(played: np.ndarray, *, delay: int = 5) -> np.ndarray:
    return np.convolve(played, np.concatenate([np.zeros(delay), TAIL]))[: len(played)] + NOISE


def trained(*, delay: int = 5) -> ResidualEcho:
    """One that has heard a long reply, of which the canceller left a hundredth."""
    residual = ResidualEcho()
    for _ in range(50):
        residual.listen(NOISE)
    played = np.concatenate([powers(300), np.zeros(45)])
    for step, heard in zip(played, heard_of(played, delay=delay), strict=True):
        residual.gain(played=step, heard=heard, left=max(heard / 100, NOISE))
    return residual


@pytest.mark.parametrize("delay", [0, 5, 15])
def test_what_the_canceller_leaves_is_turned_down_to_the_noise_of_the_room(delay: int) -> None:
    residual = trained(delay=delay)
    played = powers(100, seed=1)
    loud = []
    for step, heard in zip(played, heard_of(played, delay=delay), strict=True):
        left = max(heard / 100, NOISE)
        loud.append(left * residual.gain(played=step, heard=heard, left=left) ** 2 > 20 * NOISE)
    assert np.mean(loud[delay + 15 :]) < 0.1


def test_reverberation_that_is_not_cancelled_at_all_is_turned_down_too() -> None:
    residual = trained()
    played = np.concatenate([powers(50, seed=2), np.zeros(30)])
    heard = heard_of(played)
    out = []
    for step, power in zip(played, heard, strict=True):
        out.append(power * residual.gain(played=step, heard=power, left=power) ** 2)
    tail = slice(50 + 5 + 3, 50 + 5 + 15)
    assert (heard[tail] > 5 * NOISE).sum() >= 5, "there is something to turn down"
    assert np.mean(np.asarray(out)[tail] > 5 * NOISE) < 0.3


def test_a_person_as_loud_as_the_echo_passes_untouched() -> None:
    residual = trained()
    played = powers(100, seed=3)
    person = 10 ** np.random.default_rng(4).uniform(-3, -2, 100)
    gains = [
        residual.gain(played=step, heard=heard + voice, left=heard / 100 + voice)
        for step, heard, voice in zip(played, heard_of(played), person, strict=True)
    ]
    assert np.mean(np.asarray(gains) == 1.0) > 0.8


def test_a_person_who_answers_right_after_the_reply_passes_untouched_every_time() -> None:
    residual = trained()
    fading = 10 ** np.concatenate([np.full(10, -2.0), np.linspace(-2, -9, 12)])
    for _ in range(5):
        played = np.concatenate([powers(60, seed=6), fading, np.zeros(60)])
        person = np.concatenate([np.zeros(60 + 22 + 18), np.full(42, 10**-2.6)])
        heard = heard_of(played) + person
        left = np.maximum(heard_of(played) / 100, NOISE) + person
        gains = [
            residual.gain(played=step, heard=power, left=rest)
            for step, power, rest in zip(played, heard, left, strict=True)
        ]
        assert gains[-42:] == [1.0] * 42


def test_what_a_person_said_is_not_taken_for_the_room() -> None:
    residual = trained()
    before = residual._response.copy()
    played = powers(50, seed=5)
    for step, heard in zip(played, heard_of(played), strict=True):
        residual.gain(played=step, heard=heard + 1.0, left=1.0)
    assert residual._response.sum() < 30 * before.sum()


def test_an_untrained_one_and_one_without_a_loudspeaker_change_nothing() -> None:
    residual = ResidualEcho()
    assert residual.gain(played=0.0, heard=0.01, left=0.01) == 1.0
    residual = trained()
    for _ in range(50):
        residual.listen(NOISE)
    assert residual.gain(played=0.0, heard=0.01, left=0.01) == 1.0
