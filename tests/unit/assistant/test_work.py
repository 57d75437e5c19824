"""The thread in which answers are worked out, in the order in which they were asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from harken.assistant.work import Job, Worker
from harken.events import Event, Reply, SpeechChunk


def reply(text: str) -> Reply:
    return Reply(turn=0, text=text, act="inform")


def chunk() -> SpeechChunk:
    return SpeechChunk(turn=0, samples=np.zeros(1, np.float32), rate=16_000, text_start=0, text_end=1)


def job(*events: Event) -> Job:
    return lambda: iter(events)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def test_a_worker_gives_everything_in_the_order_of_the_jobs(worker: Worker) -> None:
    worker.submit(job(reply("one"), reply("two")))
    worker.submit(job(reply("three")))
    assert list(worker.wait()) == [reply("one"), reply("two"), reply("three")]
    assert list(worker.wait()) == list(worker.collect()) == []


def test_a_worker_does_not_wait_for_a_slow_job(worker: Worker) -> None:
    go = threading.Event()

    def slow() -> Iterator[Event]:
        yield reply("begun")
        go.wait(10)
        yield reply("done")

    worker.submit(slow)
    for event in worker.wait():  # the first one, while the job still runs
        assert event == reply("begun")
        break
    assert list(worker.collect()) == []
    go.set()
    assert list(worker.wait()) == [reply("done")]


def test_an_interruption_drops_what_is_said_aloud_and_nothing_else(worker: Worker) -> None:
    reached, go = threading.Event(), threading.Event()

    def speaking() -> Iterator[Event]:
        yield reply("long story")
        yield chunk()
        reached.set()
        go.wait(10)
        yield chunk()
        raise AssertionError("nobody needs the rest")

    worker.submit(speaking)
    assert reached.wait(10)
    worker.interrupt()
    worker.submit(job(reply("next"), chunk()))
    go.set()
    assert list(worker.wait()) == [reply("long story"), reply("next"), AnyChunk()]


class AnyChunk:
    """Equal to any piece of speech."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SpeechChunk)


def test_an_interruption_while_nothing_runs_does_not_silence_what_comes_next(worker: Worker) -> None:
    worker.interrupt()
    worker.submit(job(chunk()))
    assert [type(event) for event in worker.wait()] == [SpeechChunk]


def test_a_job_that_raises_is_logged_and_the_next_one_runs(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Iterator[Event]:
        raise ValueError("oh")
        yield

    worker.submit(broken)
    worker.submit(job(reply("still here")))
    assert list(worker.wait()) == [reply("still here")]
    assert "could not be worked out" in caplog.text


def test_closing_ends_the_jobs_so_far() -> None:
    worker = Worker()
    worker.submit(job(reply("last")))
    worker.close()
    assert list(worker.collect()) == [reply("last")]


def test_a_worker_tells_of_every_event_and_of_the_end_of_a_job() -> None:
    told: list[bool] = []
    worker = Worker(notify=lambda: told.append(True))
    worker.submit(job(reply("one"), reply("two")))
    worker.submit(job())
    worker.close()
    assert len(told) == 4


def test_a_worker_is_busy_until_its_events_are_collected(worker: Worker) -> None:
    assert not worker.busy
    go = threading.Event()

    def slow() -> Iterator[Event]:
        go.wait(10)
        yield reply("done")

    worker.submit(slow)
    assert worker.busy
    go.set()
    assert list(worker.wait()) == [reply("done")]
    assert not worker.busy
