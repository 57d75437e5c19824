"""Rooms: decay time, direct sound, and places in time as physics has them."""

from __future__ import annotations

import numpy as np
import pytest

from harken.data.rooms import SOUND_SPEED, Room, convolve, draw_room, simulate_room
from harken.errors import ConfigError

ROOM = Room(size=(5.0, 4.0, 2.6), source=(1.0, 1.2, 1.5), microphone=(3.4, 2.7, 1.1), rt60=0.4)


def _decay_time(response: np.ndarray) -> float:
    """RT60 from the fall between -5 and -20 dB of the backward integral (Schroeder)."""
    energy = np.cumsum(response.astype(np.float64)[::-1] ** 2)[::-1]
    fall = 10 * np.log10(energy / energy[0] + 1e-12)
    return 4 * float(np.argmax(fall < -20) - np.argmax(fall < -5)) / 16000


def test_the_direct_sound_comes_after_the_distance() -> None:
    response = simulate_room(ROOM)
    wanted = ROOM.distance / SOUND_SPEED * 16000
    assert np.argmax(np.abs(response) > 0.2 * np.abs(response).max()) == pytest.approx(wanted, abs=2)


@pytest.mark.parametrize("rt60", [0.25, 0.4, 0.6])
def test_the_sound_decays_in_about_the_time_asked_for(rt60: float) -> None:
    room = Room(size=(5.0, 4.0, 2.6), source=(1.0, 1.2, 1.5), microphone=(3.4, 2.7, 1.1), rt60=rt60)
    assert _decay_time(simulate_room(room, seconds=0.5)) == pytest.approx(rt60, rel=0.4)


def test_a_longer_rt60_rings_longer() -> None:
    rooms = [Room(size=ROOM.size, source=ROOM.source, microphone=ROOM.microphone, rt60=t) for t in (0.2, 0.4, 0.8)]
    times = [_decay_time(simulate_room(room, seconds=0.5)) for room in rooms]
    assert times == sorted(times)


def test_a_distant_source_is_weaker() -> None:
    near = Room(size=ROOM.size, source=(3.0, 2.5, 1.2), microphone=ROOM.microphone, rt60=0.3)
    assert np.abs(simulate_room(near)).max() > 2 * np.abs(simulate_room(ROOM)).max()


def test_there_is_no_drift_at_zero_hertz() -> None:
    response = simulate_room(ROOM)
    assert abs(response.sum()) < 0.05 * np.abs(response).sum()


def test_convolve_keeps_length_and_place() -> None:
    click = np.zeros(8000, np.float32)
    click[3000] = 0.5
    heard = convolve(click, simulate_room(ROOM))
    assert len(heard) == len(click)
    assert abs(int(np.argmax(np.abs(heard))) - 3000) <= 1
    assert np.abs(heard[:2900]).max() < 1e-3


def test_convolve_with_a_single_pulse_changes_nothing() -> None:
    sound = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    assert np.allclose(convolve(sound, np.asarray([0, 0, 2.0, 0], np.float32)), sound, atol=1e-5)


def test_drawn_rooms_are_valid_and_repeatable() -> None:
    one, two = (draw_room(np.random.default_rng(5)) for _ in range(2))
    assert one == two
    assert 0 < one.reflection < 1
    assert one.distance >= 0.3


def test_a_source_outside_the_room_is_refused() -> None:
    with pytest.raises(ConfigError, match="source"):
        Room(size=(3.0, 3.0, 2.5), source=(3.5, 1.0, 1.0), microphone=(1.0, 1.0, 1.0), rt60=0.3)
    with pytest.raises(ConfigError, match="rt60"):
        Room(size=(3.0, 3.0, 2.5), source=(2.5, 1.0, 1.0), microphone=(1.0, 1.0, 1.0), rt60=0.0)
    with pytest.raises(ConfigError, match="zero"):
        convolve(np.ones(5, np.float32), np.zeros(5, np.float32))
