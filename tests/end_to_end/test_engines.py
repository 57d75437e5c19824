"""Other people's engines in the assistant: harken's own server at the other end, and a model loaded by onnx-asr."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.assistant.assistant import Assistant
from harken.assistant.installed import Installed
from harken.assistant.models import Models
from harken.assistant.profile import RecognizerSettings, load_profile
from harken.audio.files import resample
from harken.dialogue.store import Store
from harken.events import SAMPLE_RATE, Reply, Samples, SpeechChunk, Transcript
from harken.serving.house import House
from harken.serving.options import ServeOptions
from harken.serving.server import listen
from harken.serving.wyoming import WyomingDoor
from harken.tts.voice import Voice


@pytest.fixture(scope="module")
def service() -> Iterator[int]:
    """The port of a harken that others use as a Wyoming service."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    port: list[int] = []

    async def serve() -> None:
        house = House(Models.load(store=Store(":memory:")))
        house.warm_up()
        async with WyomingDoor(house, ServeOptions(), listen("127.0.0.1", 0, option="--wyoming-port")) as door:
            port.append(door.port)
            ready.set()
            await stop.wait()
        house.close()

    def run() -> None:
        loop.run_until_complete(serving)

    stop = asyncio.Event()
    serving = loop.create_task(serve())
    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(60)
    yield port[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    loop.close()


@pytest.fixture(scope="module")
def request_sound(voice: Voice) -> Samples:
    spoken = resample(voice.say("what is the capital of france"), voice.rate, SAMPLE_RATE)
    return np.concatenate([np.zeros(4000, np.float32), spoken, np.zeros(8000, np.float32)])


def assistant(*, recognizer: str = "", voice: str = "") -> Assistant:
    """One whose profile names these engines."""
    shipped = load_profile()
    profile = replace(
        shipped, recognizer=replace(shipped.recognizer, engine=recognizer), voice=replace(shipped.voice, engine=voice)
    )
    return Assistant.over(Models(profile, Installed(profile), store=Store(":memory:")), wake=False)


def test_a_wyoming_service_hears_and_speaks_by_one_line_each(service: int, request_sound: Samples) -> None:
    engine = f"wyoming://127.0.0.1:{service}"
    with assistant(recognizer=engine, voice=engine) as remote:
        events = remote.ask_audio(request_sound)
    (transcript,) = [event for event in events if isinstance(event, Transcript)]
    assert transcript.text == "what is the capital of france"
    assert transcript.hypotheses[0].confidence == RecognizerSettings.engine_confidence == 0.7
    assert any("Paris" in event.text for event in events if isinstance(event, Reply))
    sound = np.concatenate([event.samples for event in events if isinstance(event, SpeechChunk)])
    own = Voice.load().say("The capital of France is Paris.")
    assert abs(len(sound) - len(own)) < SAMPLE_RATE / 10
    assert np.abs(sound).max() > 0.1
    chunks = [event for event in events if isinstance(event, SpeechChunk)]
    assert chunks[-1].text_end == len("The capital of France is Paris.")


def test_without_the_service_harken_hears_and_speaks_itself(
    request_sound: Samples, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        engine = f"wyoming://127.0.0.1:{taken.getsockname()[1]}"
        with caplog.at_level(logging.WARNING), assistant(recognizer=engine, voice=engine) as alone:  # fmt: skip
            events = alone.ask_audio(request_sound)
    assert any("Paris" in event.text for event in events if isinstance(event, Reply))
    assert any(isinstance(event, SpeechChunk) for event in events)
    assert "harken's own recogniser hears this turn" in caplog.text
    assert "harken's own voice continues" in caplog.text


def test_a_service_that_speaks_something_else_is_named(
    request_sound: Samples, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers every connection with HTTP."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as wrong:
        wrong.settimeout(0.1)

        def answer() -> None:
            while not stop.is_set():
                try:
                    guest, _ = wrong.accept()
                except TimeoutError:
                    continue
                with guest:
                    guest.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        engine = f"wyoming://127.0.0.1:{wrong.getsockname()[1]}"
        with caplog.at_level(logging.WARNING), assistant(recognizer=engine) as other:
            events = other.ask_audio(request_sound)
        stop.set()
        thread.join()
    assert any("Paris" in event.text for event in events if isinstance(event, Reply))
    assert "harken's own recogniser hears this turn" in caplog.text


def test_a_model_that_onnx_asr_loads_hears_for_the_assistant(request_sound: Samples, tmp_path: Path) -> None:
    pytest.importorskip("onnx_asr")
    model = made_model(tmp_path / "model", "what is seven times six")
    with assistant(recognizer=f"onnx-asr:nemo-conformer-ctc:{model}") as made:
        events = made.ask_audio(request_sound)
    (transcript,) = [event for event in events if isinstance(event, Transcript)]
    assert transcript.text == "what is seven times six"
    assert any("42" in event.text for event in events if isinstance(event, Reply))


def made_model(folder: Path, text: str) -> Path:
    """A model with the files and graph of NeMo's CTC models that hears the same text in everything: nobody's own model
    can be had without a network."""
    onnx: Any = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    folder.mkdir()
    letters = ["<unk>", "\u2581", *sorted(set(text) - {" "}), "<blk>"]
    (folder / "vocab.txt").write_text("".join(f"{letter} {place}\n" for place, letter in enumerate(letters)))
    blank, tokens = len(letters) - 1, [letters.index(letter if letter != " " else "\u2581") for letter in text]
    scores = np.full((1, 400, len(letters)), -20.0, np.float32)
    scores[0, :, blank] = -1.0
    scores[0, np.arange(len(tokens)), tokens] = 0.0
    graph = helper.make_graph(
        [
            helper.make_node("Shape", ["length"], ["used"]),
            helper.make_node("Shape", ["audio_signal"], ["used_too"]),
            helper.make_node("Identity", ["scores"], ["logprobs"]),
        ],
        "made",
        [
            helper.make_tensor_value_info("audio_signal", TensorProto.FLOAT, ["b", 80, "t"]),
            helper.make_tensor_value_info("length", TensorProto.INT64, ["b"]),
        ],
        [helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, [1, 400, len(letters)])],
        [numpy_helper.from_array(scores, "scores")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(made, folder / "model.onnx")
    return folder
