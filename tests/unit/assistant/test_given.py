"""What a caller gives the assistant, made into what its stages take."""

from __future__ import annotations

import numpy as np
import pytest

from harken.assistant.given import recorded
from harken.events import NOBODY_SPOKE, TurnAudio, TurnEnded, TurnStarted

SAMPLES = np.ones(500, np.float32)


def test_a_recording_is_a_whole_turn_at_its_place_in_the_sound() -> None:
    started, audio, ended = recorded(SAMPLES, turn=2, position=100, spoken=True)
    assert started == TurnStarted(turn=2, start=100, reason="open")
    assert isinstance(audio, TurnAudio)
    assert (audio.turn, audio.start) == (2, 100)
    assert audio.samples is SAMPLES
    assert ended == TurnEnded(turn=2, end=600, reason="flush")


@pytest.mark.parametrize(("spoken", "reason"), [(True, "flush"), (False, NOBODY_SPOKE)])
def test_a_recording_tells_whether_somebody_may_speak_in_it(spoken: bool, reason: str) -> None:
    assert recorded(SAMPLES, turn=0, position=0, spoken=spoken)[-1].reason == reason
