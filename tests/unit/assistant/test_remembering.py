"""The assistant's recogniser hands turns to the log, and hears exactly as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harken.asr.acoustic.model import AcousticModel
from harken.asr.graph.acceptor import ngram_acceptor
from harken.asr.graph.compiler import compile_graph
from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.assistant.remembering import RememberingRecognizer
from harken.events import Transcript, TurnAudio, TurnEnded, TurnStarted
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney
from harken.workshop.heard_log import HeardLog, LogSettings

SENTENCES = [["yes"], ["no", "no"], ["yes", "no"]]


@pytest.fixture(scope="module")
def model() -> AcousticModel:
    return AcousticModel.load()


@pytest.fixture(scope="module")
def space(model: AcousticModel) -> SearchSpace:
    ngram = train_kneser_ney(count_ngrams(SENTENCES, choose_vocabulary(SENTENCES, 5)))
    ways = {"yes": [("Y", "EH", "S")], "no": [("N", "OW")]}
    graph = compile_graph(ngram_acceptor(ngram), lambda word: ways[word], model.labels)
    return SearchSpace.of(graph, 0, SearchOptions(beam=6.0, max_active=50))


def turn(samples: np.ndarray, *, number: int = 0, pieces: int = 3) -> list:
    parts = np.array_split(samples, pieces)
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])]).tolist()
    audio = [TurnAudio(turn=number, start=start, samples=part) for start, part in zip(starts, parts, strict=True)]
    return [TurnStarted(turn=number, start=0, reason="open"), *audio,
            TurnEnded(turn=number, end=len(samples), reason="flush")]  # fmt: skip


def answers(recognizer: Recognizer, events: list) -> list:
    return [answer for event in events for answer in recognizer.process(event)]


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.3, 0.3, 16000).astype(np.float32)


def test_the_whole_sound_of_a_turn_is_kept_with_its_transcript(model, space, noise, tmp_path: Path) -> None:
    log = HeardLog(tmp_path)
    log.configure(LogSettings(on=True))
    recognizer = RememberingRecognizer(model, space, log)
    heard = answers(recognizer, turn(noise))
    assert heard == answers(Recognizer(model, space), turn(noise))
    (entry,) = log.entries()
    assert entry.seconds == 1.0
    assert entry.text == next(one.text for one in heard if isinstance(one, Transcript) and one.final)


def test_when_the_log_is_off_nothing_is_held_or_kept(model, space, noise, tmp_path: Path) -> None:
    recognizer = RememberingRecognizer(model, space, HeardLog(tmp_path / "heard"))
    answers(recognizer, turn(noise)[:-1])
    assert recognizer._kept is None
    answers(recognizer, turn(noise)[-1:])
    assert not (tmp_path / "heard").exists()


def test_a_turn_that_began_before_the_log_was_on_is_not_kept(model, space, noise, tmp_path: Path) -> None:
    log = HeardLog(tmp_path)
    recognizer = RememberingRecognizer(model, space, log)
    begun, *rest = turn(noise)
    answers(recognizer, [begun])
    log.configure(LogSettings(on=True))
    answers(recognizer, rest)
    assert log.entries() == []


def test_sound_of_a_turn_that_was_reset_is_forgotten(model, space, noise, tmp_path: Path) -> None:
    log = HeardLog(tmp_path)
    log.configure(LogSettings(on=True))
    recognizer = RememberingRecognizer(model, space, log)
    answers(recognizer, turn(noise)[:-1])
    recognizer.reset()
    answers(recognizer, turn(noise[:8000], number=1))
    assert [entry.seconds for entry in log.entries()] == [0.5]


def test_a_full_disk_does_not_keep_the_assistant_from_answering(
    model, space, noise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = HeardLog(tmp_path)
    log.configure(LogSettings(on=True))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log, "add", full)
    heard = answers(RememberingRecognizer(model, space, log), turn(noise))
    assert any(isinstance(one, Transcript) and one.final for one in heard)
    assert "could not be kept" in caplog.text
