from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from harken.asr.recognizer import RecognizerOptions
from harken.assistant.transcriber import Transcriber
from harken.audio.files import write_wav
from harken.errors import AudioError
from harken.events import Hypothesis, Samples, Transcript, Word


class Counting:
    """A recogniser that says how many samples each piece had."""

    options = RecognizerOptions(nbest=1)

    def transcribe_stream(self, blocks: Iterable[Samples]) -> Iterator[Transcript]:
        for turn, block in enumerate(blocks):
            word = Word(text=str(len(block)), start=0, end=1, confidence=1.0)
            yield Transcript(turn=turn, hypotheses=(Hypothesis(words=(word,), log_prob=-1.0, confidence=0.5),))


@pytest.fixture
def transcriber() -> Transcriber:
    return Transcriber(Counting())  # type: ignore[arg-type]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    write_wav(tmp_path / "x.wav", np.zeros(40_000, np.float32))
    return tmp_path / "x.wav"


def test_a_recording_is_heard_second_by_second(transcriber: Transcriber, recording: Path) -> None:
    told: list[tuple[int, int]] = []
    parts = list(transcriber.parts(recording, progress=lambda *place: told.append(place)))
    assert [part.text for part in parts] == ["16000", "16000", "8000"]
    assert told == [(16_000, 40_000), (32_000, 40_000), (40_000, 40_000)]


def test_the_whole_is_its_parts_joined(transcriber: Transcriber, recording: Path) -> None:
    whole = transcriber.whole(recording)
    assert (whole.text, whole.hypotheses[0].confidence) == ("16000 16000 8000", 0.125)


def test_a_recording_that_cannot_be_read_is_named(transcriber: Transcriber, tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"missing\.wav"):
        transcriber.whole(tmp_path / "missing.wav")


def test_the_bytes_of_a_recording_are_heard_as_its_file_is(transcriber: Transcriber, recording: Path) -> None:
    with recording.open("rb") as file:
        assert transcriber.whole(file).text == transcriber.whole(recording).text
    with pytest.raises(AudioError, match="send WAV, FLAC, Ogg, Opus or MP3"):
        transcriber.whole(io.BytesIO(b"no recording"))
    with pytest.raises(AudioError, match="empty"):
        transcriber.whole(io.BytesIO())
