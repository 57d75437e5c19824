"""A conversation over the WebSocket: what is said comes back as events, and no client can hold up another."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from tests.unit.serving.doors import STREAM, Enter

from harken.audio.pcm import to_pcm
from harken.errors import BundleError
from harken.events import Samples
from harken.serving.house import House
from harken.serving.options import Limits
from harken.workshop.heard_log import HeardLog, LogSettings

Say = Callable[[str], Samples]


class Talk:
    """The client's end."""

    def __init__(self, socket: WebSocketTestSession):
        self.socket = socket
        self.sound: list[np.ndarray] = []

    def send(self, kind: str, **fields: Any) -> None:
        self.socket.send_text(json.dumps({"type": kind, **fields}))

    def speak(self, samples: Samples, rate: int = 16_000) -> None:
        data = to_pcm(samples)
        for place in range(0, len(data), rate // 5):
            self.socket.send_bytes(data[place : place + rate // 5])

    def read(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.receive_text())
        if message.get("event") == "SpeechChunk":
            self.sound.append(np.frombuffer(self.socket.receive_bytes(), "<i2"))
        return message

    def until(self, name: str, **wanted: Any) -> list[dict[str, Any]]:
        """All messages up to the first with this type or event, and these fields."""
        seen = []
        while True:
            seen.append(self.read())
            last = seen[-1]
            if name in (last["type"], last.get("event")) and all(last.get(key) == wanted[key] for key in wanted):
                return seen


@contextmanager
def talking(client: TestClient, **start: Any) -> Iterator[Talk]:
    with connected(client) as talk:
        talk.send("start", **start)
        talk.until("ready")
        yield talk


@contextmanager
def connected(client: TestClient) -> Iterator[Talk]:
    house: House = client.app.state.house  # type: ignore[attr-defined]
    others = house.sessions
    with client.websocket_connect(STREAM) as socket:
        try:
            yield Talk(socket)
        finally:
            socket.close()
            while house.sessions > others:  # the test client would cancel what has not ended by itself
                time.sleep(0.01)


def names(messages: list[dict[str, Any]]) -> list[str]:
    return [message.get("event", message["type"]) for message in messages]


def test_a_typed_turn_is_understood_answered_and_spoken(client: TestClient) -> None:
    with talking(client) as talk:
        talk.send("text", text="what is two plus three")
        messages = talk.until("latency")
        order = names(messages)
        wanted = ["Transcript", "Interpretation", "StateChanged", "Reply", "SpeechChunk", "latency"]
        assert [name for name in order if name in wanted] == wanted
        assert "5" in next(message for message in messages if message.get("event") == "Reply")["text"]
        chunk = next(message for message in messages if message.get("event") == "SpeechChunk")
        assert len(talk.sound[0]) == chunk["samples"]["count"] > 1000
        assert np.abs(talk.sound[0]).max() > 1000
        assert set(messages[-1]["after_end"]) == {"transcript", "interpretation", "reply", "speech"}


def test_a_spoken_request_is_heard_while_it_is_spoken(client: TestClient, say: Say) -> None:
    with talking(client, wake=False, voice=False) as talk:
        talk.speak(say("what is the capital of france"))
        messages = talk.until("latency")
        finals = [message["final"] for message in messages if message.get("event") == "Transcript"]
        assert finals[-1] is True
        assert finals.count(False) >= 2
        assert names(messages).index("TurnStarted") < names(messages).index("TurnEnded")
        assert "Paris" in next(message for message in messages if message.get("event") == "Reply")["text"]
        assert "SpeechChunk" not in names(messages)
        assert messages[-1]["processor"]["recognizer"] > 0


def test_the_rate_of_the_sound_is_the_clients_choice(client: TestClient, say: Say) -> None:
    from harken.audio.files import resample

    with talking(client, wake=False, voice=False, rate=48_000) as talk:
        talk.speak(resample(say("what is the capital of france"), 16_000, 48_000), rate=48_000)
        reply = talk.until("Reply")[-1]
        assert "Paris" in reply["text"]


def test_a_button_replaces_the_wake_word_and_the_end_of_speech(client: TestClient, say: Say) -> None:
    request = say("what is the capital of france")[:-16_000]
    with talking(client, voice=False) as talk:
        talk.speak(request)  # nobody pressed it
        talk.speak(np.zeros(24_000, np.float32))
        talk.send("done")
        assert "TurnStarted" not in names(talk.until("done"))
        talk.send("listen")
        talk.speak(request)
        talk.send("done")
        messages = talk.until("Reply")
        assert "Paris" in messages[-1]["text"]
        assert next(message for message in messages if message.get("event") == "TurnEnded")["reason"] == "flush"
        talk.speak(request)  # the button is released
        talk.send("done")
        assert "TurnStarted" not in names(talk.until("done"))


def test_scores_are_told_to_those_who_ask(client: TestClient, say: Say) -> None:
    with talking(client, scores=True) as talk:
        talk.speak(say("computer"))
        before = talk.until("WakeDetected")
        threshold = talk.until("scores")[-1]["wake"]["computer"]  # of the block in which it was found
        scores = [message for message in before if message["type"] == "scores"]
        assert max(message["speech"] for message in scores) > 0.5
        assert [message["end"] for message in scores] == sorted({message["end"] for message in scores})
        assert scores[0]["wake"]["computer"] < 0.3 < threshold


def test_stop_makes_the_reply_fall_silent(client: TestClient) -> None:
    with talking(client, reports=True) as talk:
        talk.send("text", text="what can you do")
        talk.until("SpeechChunk")
        talk.send("stop")
        assert talk.until("PlaybackEnded")[-1]["interrupted"] is True


def test_a_client_that_reports_opens_the_follow_up_when_it_has_fallen_silent(client: TestClient, say: Say) -> None:
    with talking(client, reports=True) as talk:
        talk.send("text", text="set a timer")
        assert talk.until("Reply")[-1]["expects_answer"] is True
        talk.until("spoken")
        talk.send("played", turn=9)  # of another conversation
        talk.send("explain", text="hello")
        assert "PlaybackEnded" not in names(talk.until("explanation"))
        talk.send("played", turn=0)
        assert talk.until("FollowUpOpened")
        talk.speak(say("ten minutes"))
        messages = talk.until("Reply")
        assert next(message for message in messages if message.get("event") == "TurnStarted")["reason"] == "followup"
        assert "10 minutes" in messages[-1]["text"]


def test_explaining_a_sentence_does_nothing(client: TestClient) -> None:
    with talking(client) as talk:
        talk.send("explain", text="turn off the light in the kitchen")
        told = talk.until("explanation")
        assert names(told) == ["explanation"]
        assert ["kitchen" in str(word) for word in told[0]["words"]].count(True) >= 1


def test_reset_forgets_the_conversation(client: TestClient) -> None:
    with talking(client, voice=False) as talk:
        talk.send("text", text="set a timer")
        assert talk.until("Reply")[-1]["expects_answer"]
        talk.send("reset")
        talk.until("reset")
        talk.send("text", text="ten minutes")
        assert talk.until("Interpretation")[-1]["turn"] == 0


def test_a_message_that_is_not_understood_is_explained_and_the_talk_continues(client: TestClient) -> None:
    with talking(client, voice=False) as talk:
        talk.socket.send_text("{nonsense")
        assert "not a message" in talk.until("error")[-1]["message"]
        talk.send("start")
        assert "first message" in talk.until("error")[-1]["message"]
        talk.send("played", turn=0)
        assert "reports" in talk.until("error")[-1]["message"]
        talk.send("text", text="hello")
        assert talk.until("Reply")


def test_nonsense_without_end_is_not_listened_to(client: TestClient) -> None:
    with talking(client) as talk:
        for _ in range(20):
            talk.socket.send_text("nonsense")
        with pytest.raises(WebSocketDisconnect) as closed:
            talk.until("never")
        assert closed.value.code == 1008


def test_start_may_be_left_out(client: TestClient) -> None:
    with connected(client) as talk:
        talk.send("text", text="hello")
        assert names(talk.until("Reply"))[0] == "ready"


def test_noise_instead_of_sound_harms_nobody(client: TestClient) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 60_001, dtype=np.uint8).tobytes()
    with talking(client, voice=False) as talk, talking(client, voice=False) as other:
        talk.socket.send_bytes(noise)
        talk.socket.send_bytes(b"")
        other.send("text", text="what is two plus three")
        assert "5" in other.until("Reply")[-1]["text"]
        talk.send("text", text="what is two plus four")
        assert "6" in talk.until("Reply")[-1]["text"]


def test_two_clients_have_two_conversations(client: TestClient) -> None:
    with talking(client, voice=False) as one, talking(client, voice=False) as two:
        one.send("text", text="set a timer")
        one.until("Reply", expects_answer=True)
        two.send("text", text="what is two plus three")
        assert two.until("Reply")[-1]["expects_answer"] is False
        one.send("text", text="ten minutes")
        assert "10 minutes" in one.until("Reply")[-1]["text"]


def test_when_all_places_are_taken_the_next_client_is_sent_away(enter: Enter) -> None:
    client = enter(limits=Limits(sessions=1))
    with talking(client):
        with client.websocket_connect(STREAM) as socket:
            assert "all 1 sessions" in json.loads(socket.receive_text())["message"]
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_text()
        assert closed.value.code == 1013
    with talking(client) as talk:  # the place is free again
        talk.send("text", text="hello")
        talk.until("Reply")


def test_a_client_that_says_nothing_is_disconnected(enter: Enter) -> None:
    with talking(enter(limits=Limits(idle=0.2))) as talk, pytest.raises(WebSocketDisconnect) as closed:
        talk.until("never")
    assert closed.value.code == 1008


def test_a_conversation_that_cannot_begin_is_explained(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    client = enter()

    def missing(*_: object, **__: object) -> None:
        raise BundleError("there is no bundle 'voice'; install it")

    monkeypatch.setattr(client.app.state.house, "conversation", missing)  # type: ignore[attr-defined]
    with connected(client) as talk:
        talk.send("start")
        assert "no bundle 'voice'" in talk.until("error")[-1]["message"]
        with pytest.raises(WebSocketDisconnect) as closed:
            talk.read()
    assert closed.value.code == 1011


def test_a_first_message_that_is_not_understood_ends_the_connection(client: TestClient) -> None:
    with connected(client) as talk:
        talk.send("start", colour="blue")
        assert "colour" in talk.until("error")[-1]["message"]
        with pytest.raises(WebSocketDisconnect) as closed:
            talk.read()
    assert closed.value.code == 1008


def test_no_sound_is_kept_unless_the_log_is_on(client: TestClient, say: Say) -> None:
    heard = HeardLog()
    try:
        for on, kept in ((False, 0), (True, 1)):
            heard.configure(LogSettings(on=on))
            with talking(client, wake=False, voice=False) as talk:
                talk.speak(say("what time is it in london"))
                talk.until("Reply")
            assert len(heard.entries()) == kept
    finally:
        heard.wipe()
        heard.configure(LogSettings())


def test_a_misheard_turn_is_corrected_in_the_log_if_it_is_on(client: TestClient, say: Say) -> None:
    heard = HeardLog()
    try:
        with talking(client, wake=False, voice=False) as talk:
            talk.send("correct", turn=0, said="x")
            assert "nothing that can be corrected" in talk.until("error")[-1]["message"]
            talk.speak(say("what time is it in london"))
            first = talk.until("Reply")[-1]["turn"]
            talk.send("correct", turn=first, said="what time is it in lyon")
            assert "harken log on" in talk.until("error")[-1]["message"]
            heard.configure(LogSettings(on=True))
            talk.speak(say("what time is it in london"))
            turn = talk.until("Reply")[-1]["turn"]
            talk.send("correct", turn=turn, said=" what time is it in lyon ")
            assert talk.until("corrected")[-1]["said"] == "what time is it in lyon"
            talk.send("correct", turn=first, said="x")
            assert "was not kept" in talk.until("error")[-1]["message"]
        (entry,) = heard.entries()
        assert (entry.text, entry.said) == ("what time is it in london", "what time is it in lyon")
    finally:
        heard.wipe()
        heard.configure(LogSettings())
