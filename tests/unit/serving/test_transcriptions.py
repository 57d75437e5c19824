"""`/v1/audio/transcriptions`: every format, and what cannot be heard is refused with words."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from harken.events import Samples

TRANSCRIPTIONS = "/v1/audio/transcriptions"
SAID = "what time is it in london"


@pytest.fixture(scope="module")
def recording(say: Callable[[str], Samples]) -> bytes:
    return written(say(SAID))


def written(samples: Samples, form: str = "WAV") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, format=form)
    return file.getvalue()


def post(client: TestClient, recording: bytes, **fields: Any) -> Any:
    data = {
        "model": "whisper-1",
        **{name.replace("granularities", "granularities[]"): value for name, value in fields.items()},
    }
    return client.post(TRANSCRIPTIONS, files={"file": ("a.wav", recording)}, data=data)


def test_json_and_text(client: TestClient, recording: bytes) -> None:
    answer = post(client, recording)
    assert answer.json()["text"] == SAID
    assert answer.json()["usage"] == {"type": "duration", "seconds": pytest.approx(len(recording) / 32_000, abs=0.1)}
    assert post(client, recording, response_format="text").text == SAID + "\n"


def test_subtitles(client: TestClient, recording: bytes) -> None:
    srt, vtt = (post(client, recording, response_format=form).text for form in ("srt", "vtt"))
    assert re.match(r"1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nwhat time is it in london\n", srt)
    assert vtt.startswith("WEBVTT\n\n00:00:0")


def test_words_and_segments_with_their_times(client: TestClient, recording: bytes) -> None:
    answer = post(client, recording, response_format="verbose_json", timestamp_granularities=["word", "segment"]).json()
    assert answer["language"] == "english"
    assert [word["word"] for word in answer["words"]] == SAID.split()
    times = [time for word in answer["words"] for time in (word["start"], word["end"])]
    assert times == sorted(times)
    assert answer["segments"][0]["text"] == SAID
    assert 0 <= answer["segments"][0]["start"] < answer["segments"][0]["end"] <= answer["duration"]
    only = post(client, recording, response_format="verbose_json").json()
    assert "segments" in only
    assert "words" not in only


def test_a_stream_says_the_text_in_pieces(client: TestClient, recording: bytes) -> None:
    answer = post(client, recording, stream="true")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n\n") if line]
    assert "".join(event["delta"] for event in events[:-1]) == SAID
    assert events[-1] == {"type": "transcript.text.done", "text": SAID}


@pytest.mark.parametrize("form", ["FLAC", "OGG", "MP3"])
def test_compressed_recordings_are_read(client: TestClient, say: Callable[[str], Samples], form: str) -> None:
    assert post(client, written(say(SAID), form)).json()["text"] == SAID


def test_silence_has_no_words(client: TestClient) -> None:
    silence = written(np.zeros(16_000, np.float32))
    assert post(client, silence).json()["text"] == ""
    assert post(client, silence, response_format="srt").text == ""
    assert post(client, silence, response_format="verbose_json").json()["segments"] == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"response_format": "yaml"}, "yaml"),
        ({"language": "fr"}, "hears en-US"),
        ({"timestamp_granularities": "word"}, "verbose_json"),
        ({"timestamp_granularities": "phone", "response_format": "verbose_json"}, "phone"),
        ({"stream": "true", "response_format": "srt"}, "stream"),
    ],
)
def test_what_cannot_be_had_is_refused(client: TestClient, recording: bytes, fields: dict[str, str], why: str) -> None:
    answer = post(client, recording, **fields)
    assert answer.status_code == 400
    assert why in answer.json()["error"]["message"]


def test_a_form_without_a_recording_is_refused(client: TestClient) -> None:
    for answer in (
        client.post(TRANSCRIPTIONS, data={"model": "x"}),
        client.post(TRANSCRIPTIONS, data={"file": "/etc/passwd"}),  # a name, not a file
        client.post(TRANSCRIPTIONS, json={"file": "/etc/passwd"}),
        client.post(TRANSCRIPTIONS, content=b"--x", headers={"Content-Type": "multipart/form-data"}),
    ):
        assert answer.status_code == 400
        assert "passwd" not in answer.text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    junk=st.binary(max_size=200),
    head=st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"ID3", b"\xff\xfb"]),
    cut=st.integers(0, 400),
)
def test_no_file_makes_the_server_fail(
    client: TestClient, recording: bytes, junk: bytes, head: bytes, cut: int
) -> None:
    for file in (head + junk, recording[:cut] + junk):
        answer = post(client, file)
        assert answer.status_code in (200, 400)
        assert answer.status_code == 200 or answer.json()["error"]["message"]
