"""Teaching a wake word over HTTP: typed, tried, recorded, trained in a process of its own, forgotten."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from harken.audio.files import resample
from harken.errors import BundleError
from harken.events import SAMPLE_RATE, Samples
from harken.serving import trainer
from harken.serving.teaching import ENOUGH
from harken.serving.trainer import Trainer
from harken.workshop.wake_words import TaughtWords

WORD, PATH = "hey robin", "/v1/wake-words/Hey%20Robin"
LEARNS = """
import json, sys
print(json.dumps({"step": "speak", "share": 1.0}), flush=True)
print("x" * 100_000, flush=True)
print(json.dumps({"step": "learn", "share": 0.5}), flush=True)
open(sys.argv[-1] + "/asked", "w").write(" ".join(sys.argv[1:]))
"""
FAILS = "import sys; print('harken: the disk is full', file=sys.stderr); sys.exit(2)"
HANGS = 'import time; print(\'{"step": "learn", "share": 0.1}\', flush=True); time.sleep(600)'


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    taught = TaughtWords()
    for word in taught.words():
        taught.forget(word)


def trained_by(program: str, check: Callable[[str], tuple[bool, str]] = lambda word: (True, "better")) -> Trainer:
    return Trainer(check, command=(sys.executable, "-c", program))


def wav(samples: Samples, rate: int = SAMPLE_RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV")
    return file.getvalue()


def until(client: TestClient, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    for _ in range(200):
        state = client.get("/v1/wake-words").json()["training"]
        if wanted(state):
            return dict(state)
        time.sleep(0.05)
    raise AssertionError(state)


def test_a_typed_word_is_active_at_once_and_forgotten_on_request(client: TestClient) -> None:
    about = client.get(PATH).json()
    assert about["word"] == WORD
    assert ["".join(phones) for phones in about["phones"]] == ["heɪ", "ɹɑbən"]
    assert [one["word"] for one in client.get("/v1/wake-words").json()["words"]] == ["computer"]  # only looked at
    assert client.put(PATH).status_code == 200
    assert client.get("/v1/wake-words").json()["words"][1]["taught"] is True
    assert client.delete(PATH).status_code == 204
    assert client.delete(PATH).status_code == 400
    assert [one["word"] for one in client.get("/v1/wake-words").json()["words"]] == ["computer"]


@pytest.mark.parametrize("word", ["hal", "..%2F..%2Fetc", "robin%00x", "a%20b%20c%20d%20e"])
def test_what_cannot_be_a_wake_word_is_refused_with_a_reason(client: TestClient, word: str) -> None:
    answer = client.put(f"/v1/wake-words/{word}")
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]
    assert TaughtWords().words() == []


def test_good_recordings_are_kept_and_bad_ones_are_answered_with_advice(client: TestClient, say: Any) -> None:
    voice = client.app.state.house.models.voice  # type: ignore[attr-defined]
    quiet = np.zeros(SAMPLE_RATE // 2, np.float32)
    spoken = np.concatenate([quiet, 0.5 * resample(voice.say(WORD), voice.rate, SAMPLE_RATE), quiet])
    assert client.post(f"{PATH}/recordings", content=wav(spoken)).status_code == 400  # not taught
    client.put(PATH)
    kept = client.post(f"{PATH}/recordings", content=wav(resample(spoken, SAMPLE_RATE, 48_000), 48_000)).json()
    assert (kept["kept"], kept["recordings"], kept["advice"]) == (True, 1, "")
    silent = client.post(f"{PATH}/recordings", content=wav(np.zeros(SAMPLE_RATE, np.float32))).json()
    assert (silent["kept"], silent["recordings"]) == (False, 1)
    assert "Nobody was heard" in silent["advice"]
    assert client.post(f"{PATH}/recordings", content=b"RIFF nonsense").status_code == 400
    assert client.post(f"{PATH}/recordings", content=wav(np.zeros(8 * SAMPLE_RATE, np.float32))).status_code == 400
    assert client.post(f"{PATH}/recordings", content=b"\0" * 1_100_000).status_code == 413
    assert len(TaughtWords().recordings(WORD)) == 1


def test_a_training_runs_beside_the_server_and_tells_how_far_it_is(client: TestClient) -> None:
    client.app.state.house.trainer = trained_by(LEARNS)  # type: ignore[attr-defined]
    client.put(PATH)
    taught = TaughtWords()
    for _ in range(5):
        taught.keep(WORD, np.zeros(10, np.float32))
    assert client.get("/v1/wake-words").json()["training"] is None
    assert client.post(f"{PATH}/training").status_code == 202
    done = until(client, lambda state: not state["running"])
    assert (done["step"], done["word"], done["why"]) == ("done", WORD, "better")
    asked = (taught.recordings_folder(WORD) / "asked").read_text()
    assert asked == f"train wakeword --json --word hey robin --positives {taught.recordings_folder(WORD)}"


def test_a_network_that_hears_less_than_the_word_alone_is_not_kept(client: TestClient) -> None:
    def check(word: str) -> tuple[bool, str]:
        raise BundleError(f"no network for {word}")

    client.put(PATH)
    for _ in range(5):
        TaughtWords().keep(WORD, np.zeros(10, np.float32))
    for checked, why in ((lambda word: (False, "worse"), "worse"), (check, "no network for hey robin")):
        client.app.state.house.trainer = trained_by(LEARNS, checked)  # type: ignore[attr-defined]
        client.post(f"{PATH}/training")
        failed = until(client, lambda state: not state["running"])
        assert (failed["step"], failed["why"]) == ("failed", why)


def test_why_a_training_failed_is_told(client: TestClient) -> None:
    client.app.state.house.trainer = trained_by(FAILS)  # type: ignore[attr-defined]
    client.put(PATH)
    assert client.post(f"{PATH}/training").status_code == 202
    failed = until(client, lambda state: not state["running"])
    assert (failed["step"], failed["why"]) == ("failed", "the disk is full")


def test_one_training_at_a_time_which_can_be_stopped(client: TestClient) -> None:
    client.app.state.house.trainer = trained_by(HANGS)  # type: ignore[attr-defined]
    client.put(PATH)
    client.put("/v1/wake-words/jupiter")
    client.post(f"{PATH}/training")
    until(client, lambda state: state["step"] == "learn")
    second = client.post("/v1/wake-words/jupiter/training")
    assert second.status_code == 400
    assert "'hey robin' is being trained" in second.json()["error"]["message"]
    assert client.delete("/v1/wake-words/jupiter/training").status_code == 204
    assert client.get("/v1/wake-words").json()["training"]["running"], "it was not jupiter's to stop"
    assert client.delete(f"{PATH}/training").status_code == 204
    assert until(client, lambda state: not state["running"])["why"] == "it was stopped"
    assert client.post("/v1/wake-words/athena/training").status_code == 404


def test_forgetting_a_word_ends_its_training(client: TestClient) -> None:
    client.app.state.house.trainer = trained_by(HANGS)  # type: ignore[attr-defined]
    client.put(PATH)
    client.put("/v1/wake-words/jupiter")
    client.post(f"{PATH}/training")
    until(client, lambda state: state["step"] == "learn")
    assert client.delete("/v1/wake-words/jupiter").status_code == 204
    assert client.get("/v1/wake-words").json()["training"]["running"]
    assert client.delete(PATH).status_code == 204
    assert not client.get("/v1/wake-words").json()["training"]["running"]


def test_what_is_missing_for_training_is_told_before_anything_is_tried(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.put(PATH)
    monkeypatch.setattr(trainer.shutil, "which", lambda name: None)
    assert "espeak-ng" in client.post(f"{PATH}/training").json()["error"]["message"]
    assert "espeak-ng" in client.get(PATH).json()["training_needs"]
    assert trainer.missing(ENOUGH) == "", "so many recordings are enough without a synthesiser"
    monkeypatch.setattr(trainer.importlib.util, "find_spec", lambda name: None)
    assert "pip install 'harken[train]'" in client.post(f"{PATH}/training").json()["error"]["message"]
    assert "pip install 'harken[train]'" in client.get(PATH).json()["training_needs"]
