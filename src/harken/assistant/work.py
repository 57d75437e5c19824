"""A thread that works out the answers of a live conversation.

Understanding, skills and synthesis may take seconds, but sound comes every 20 ms. A conversation's worker runs its jobs
one after the other, so answers keep their order and no stage works on two of them at once.
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
"""Returns events as they are worked out; it must not raise."""


class Worker:
    """Runs jobs in one thread of its own, which lasts until `close`.

    Args:
        name: of the thread.
        notify: called in that thread when there is something to collect, and after each job; it must return at once.
    """

    def __init__(self, name: str = "harken-answers", *, notify: Callable[[], None] | None = None):
        self._notify = notify
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._events: deque[Event] = deque()
        self._changed = threading.Condition()
        self._open = 0
        """Number of unfinished jobs."""
        self._muted = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue the job; `collect` returns its events."""
        with self._changed:
            self._open += 1
        self._jobs.put(job)

    def collect(self) -> Iterator[Event]:
        """Events that have arrived since the last call."""
        while True:
            with self._changed:
                if not self._events:
                    return
                event = self._events.popleft()
            yield event

    def wait(self) -> Iterator[Event]:
        """All events until the jobs submitted so far are done."""
        while True:
            yield from self.collect()
            with self._changed:
                if not self._open and not self._events:
                    return
                self._changed.wait_for(lambda: self._events or not self._open)

    @property
    def busy(self) -> bool:
        """Whether jobs are unfinished or events wait to be collected."""
        with self._changed:
            return bool(self._open or self._events)

    def interrupt(self) -> None:
        """Silence the running job: speech that nobody has collected yet is dropped, and no more follows."""
        with self._changed:
            self._events = deque(event for event in self._events if not isinstance(event, SpeechChunk))
            self._muted = self._open > 0

    def close(self) -> None:
        """Let the jobs submitted so far finish, then stop the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._work_off(job)
            except Exception:  # a job guards its stages itself, so this is a bug of ours
                log.exception("an answer could not be worked out")
            finally:
                with self._changed:
                    self._open -= 1
                    self._muted = False
                    self._changed.notify_all()
                if self._notify:
                    self._notify()

    def _work_off(self, job: Job) -> None:
        for event in job():
            with self._changed:
                if self._muted and isinstance(event, SpeechChunk):
                    return  # the rest of this answer would only be spoken
                self._events.append(event)
                self._changed.notify_all()
            if self._notify:
                self._notify()
