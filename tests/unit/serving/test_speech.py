"""`/v1/audio/speech`: every format is a file that can be read, and what cannot be spoken is refused with words."""

from __future__ import annotations

import base64
import io
import json
from contextlib import suppress

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.unit.serving.doors import Enter

from harken.errors import ConfigError
from harken.events import Samples
from harken.serving.encoding import MEDIA_TYPES, encode
from harken.serving.options import Limits
from harken.serving.speech import read_speech_request

SPEECH = "/v1/audio/speech"


def tone(seconds: float) -> Samples:
    return (0.4 * np.sin(2 * np.pi * 300 * np.arange(round(16_000 * seconds)) / 16_000)).astype(np.float32)


@pytest.mark.parametrize("form", ["mp3", "opus", "flac", "wav"])
def test_each_format_holds_all_of_the_sound(form: str) -> None:
    sound = tone(1.5)
    data = b"".join(encode(np.split(sound, 4), rate=16_000, form=form))
    read, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert len(read) / rate == pytest.approx(1.5, abs=0.1)
    assert np.abs(read).max() == pytest.approx(0.4, abs=0.2)


def test_pcm_is_raw_at_24_khz() -> None:
    data = b"".join(encode(np.split(tone(1.5), 4), rate=16_000, form="pcm"))
    samples = np.frombuffer(data, "<i2")
    assert len(samples) == pytest.approx(36_000, abs=50)
    spectrum = np.abs(np.fft.rfft(samples[6000:30_000]))
    assert np.argmax(spectrum) == pytest.approx(300, abs=2)


def test_opus_and_pcm_come_while_the_text_is_spoken() -> None:
    for form in ("opus", "pcm"):
        taken = []

        def pieces(taken: list[int] = taken) -> object:
            for number in range(20):
                taken.append(number)
                yield tone(0.4)

        next(encode(pieces(), rate=16_000, form=form))  # type: ignore[arg-type]
        assert len(taken) < 5


def test_a_text_is_spoken_in_the_format_asked_for(client: TestClient) -> None:
    answer = client.post(
        SPEECH, json={"model": "tts-1", "voice": "alloy", "input": "Hello there.", "response_format": "wav"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPES["wav"])
    samples, rate = soundfile.read(io.BytesIO(answer.content))
    assert rate == 16_000
    assert 0.4 < len(samples) / rate < 3
    assert client.post(SPEECH, json={"input": "Hello there."}).headers["content-type"] == MEDIA_TYPES["mp3"]


def test_the_speed_changes_the_length(client: TestClient) -> None:
    slow, fast = (
        len(client.post(SPEECH, json={"input": "Good morning.", "response_format": "wav", "speed": speed}).content)
        for speed in (0.5, 2.0)
    )
    assert slow > 3 * fast


def test_server_sent_events_hold_the_same_bytes(client: TestClient) -> None:
    asked = {"input": "One. Two.", "response_format": "pcm"}
    plain = client.post(SPEECH, json=asked).content
    lines = client.post(SPEECH, json={**asked, "stream_format": "sse"}).text.split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line]
    assert events[-1]["type"] == "speech.audio.done"
    assert len(events) > 2
    assert b"".join(base64.b64decode(event["audio"]) for event in events[:-1]) == plain


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"input": "hi", "response_format": "aac"}, "aac"),
        ({"input": ""}, "input"),
        ({"input": "   "}, "nothing to say"),
        ({}, "input"),
        ({"input": "hi", "speed": 5}, "speed"),
        ({"input": "hi", "stream_format": "x"}, "stream_format"),
        ({"input": "x" * 101}, "101 characters; send at most 100"),
    ],
)
def test_what_cannot_be_spoken_is_refused_and_explained(enter: Enter, asked: dict[str, object], why: str) -> None:
    answer = enter(limits=Limits(text=100)).post(SPEECH, json=asked)
    assert answer.status_code == 400
    assert why in answer.json()["error"]["message"]


def test_the_place_of_a_request_is_free_again_after_success_and_failure(enter: Enter) -> None:
    client = enter(limits=Limits(requests=1))
    for asked in ({"input": "hi"}, {"input": ""}, {"input": " "}, {"input": "hi", "response_format": "pcm"}):
        client.post(SPEECH, json=asked)
    house = client.app.state.house  # type: ignore[attr-defined]
    assert house.empty
    with house.request():
        refused = client.post(SPEECH, json={"input": "hi"})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=80)
    | st.dictionaries(st.sampled_from(["input", "speed", "voice"]), st.text() | st.floats() | st.none()).map(
        lambda body: json.dumps(body).encode()
    )
)
def test_no_body_makes_the_reader_fail(body: bytes) -> None:
    with suppress(ConfigError):
        assert read_speech_request(body, longest=50).input
