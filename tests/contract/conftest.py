"""The sound of the contract tests: a request spoken by our own voice in a room, so that no recording is needed."""

from __future__ import annotations

import pytest

from harken.demo.requests import DemoSentence, own_requests
from harken.events import Samples
from harken.tts.voice import Voice

TEXT = "good morning"


@pytest.fixture(scope="session")
def request_sound() -> Samples:
    """The wake word and a greeting, about four seconds at 16 kHz."""
    voice = Voice.load()
    sentence = DemoSentence(text=TEXT, skill="conversation", intent="greet", slots={})
    return next(own_requests([sentence], lambda text: (voice.say(text), voice.rate))).samples
