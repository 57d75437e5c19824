"""A thread in which the answers of a live conversation are worked out.

Understanding, skills and synthesis may take seconds; sound comes every 20 ms. The jobs of a conversation run one after
the other in its worker: its answers keep their order, and no two of them meet in one stage.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from harken.events import Event, SpeechChunk

log = logging.getLogger(__name__)

Job = Callable[[], Iterable[Event]]
"""Gives events as they are worked out; it must not raise."""


class Worker:
    """Runs jobs in one thread of its own, which lasts until `close`.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str = "harken-answers"):
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._found: deque[Event] = deque()
        self._changed = threading.Condition()
        self._open = 0
        """Jobs that are not done."""
        self._muted = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue the job; its events come by `collect`."""
        with self._changed:
            self._open += 1
        self._jobs.put(job)

    def collect(self) -> Iterator[Event]:
        """Events that have come since the last call."""
        while True:
            with self._changed:
                if not self._found:
                    return
                event = self._found.popleft()
            yield event

    def wait(self) -> Iterator[Event]:
        """Everything up to the end of the jobs so far."""
        while True:
            yield from self.collect()
            with self._changed:
                if not self._open and not self._found:
                    return
                self._changed.wait_for(lambda: self._found or not self._open)

    def interrupt(self) -> None:
        """The running job says nothing more, and what it has said but nobody has collected is dropped."""
        with self._changed:
            self._found = deque(event for event in self._found if not isinstance(event, SpeechChunk))
            self._muted = self._open > 0

    def close(self) -> None:
        """Let the jobs so far end, then stop the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._work_off(job)
            except Exception:  # a job guards its stages itself: what comes here is our own mistake
                log.exception("an answer could not be worked out")
            finally:
                with self._changed:
                    self._open -= 1
                    self._muted = False
                    self._changed.notify_all()

    def _work_off(self, job: Job) -> None:
        for event in job():
            with self._changed:
                if self._muted and isinstance(event, SpeechChunk):
                    return  # what is left of this answer would only be spoken
                self._found.append(event)
                self._changed.notify_all()
