"""The conversation behind a connection: what a client sends becomes messages to it. Runs in threads, one call at a
time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias

from harken.assistant.remembering import RememberingRecognizer
from harken.audio.pcm import to_pcm
from harken.errors import DataError, HarkenError
from harken.events import (
    Event,
    PlaybackEnded,
    Samples,
    SpeechActivity,
    SpeechChunk,
    StageFailed,
    TurnEnded,
    TurnStarted,
    seconds,
)
from harken.nlu.explanation import explain
from harken.serving.house import House
from harken.serving.latency import TurnClock
from harken.serving.loudspeakers import ReportedLoudspeaker
from harken.serving.messages import (
    Correct,
    Done,
    Explain,
    Incoming,
    Listen,
    Played,
    Reset,
    Start,
    Stop,
    Text,
    error_message,
    event_message,
)

Outgoing: TypeAlias = tuple[dict[str, Any], bytes]
"""A JSON message, and the sound that follows it; b'' for none."""


class Talk:
    """A conversation over the models of a house.

    Args:
        house: what is shared.
        start: how the client wants it.
        notify: called from any thread when there is an answer to collect.
    """

    def __init__(self, house: House, start: Start, *, notify: Callable[[], None]):
        self._house, self._start = house, start
        self._speaker = ReportedLoudspeaker() if start.reports else None
        self._held = ExitStack()
        place = self._held.enter_context(house.place(start.place))
        self._assistant = house.conversation(
            wake=start.wake, voice=start.voice, loudspeaker=self._speaker, notify=notify, place=place
        )
        if place:
            self._assistant.chain.dialogue.warm_up()  # timers that were set there may be due
        self._notify = notify
        self._lost = threading.Event()
        """Set from any thread when another client heard the wake word better."""
        self._deaf = False
        """Whether the sound that comes is what another client answers."""
        self._clock = TurnClock(lambda: self._assistant.seconds)
        self._turn_open = False
        self._speaking: int | None = None
        """Turn whose reply is being spoken."""

    @property
    def at_rest(self) -> bool:
        """Whether no turn is in progress."""
        return not self._turn_open and not self._assistant.busy

    def ready(self) -> Outgoing:
        """The first message to the client."""
        models, start = self._assistant.chain.models, self._start
        told = {
            "type": "ready", "rate": start.rate, "language": self._assistant.chain.profile.language,
            "wake": list(models.state.words) if start.wake else [], "skills": sorted(models.skill_set.skills),
        }  # fmt: skip
        return told, b""

    def hear(self, samples: Samples) -> list[Outgoing]:
        """What follows from sound [n] at 16 kHz."""
        if self._lost.is_set():
            return self.look(timers=False)
        if self._deaf:
            return []
        self._house.counters.heard.inc(seconds(len(samples)))
        return list(self._told(self._assistant.stream(samples)))  # each event is timed when it happens

    def do(self, message: Incoming) -> list[Outgoing]:
        """What follows from a message; a fault becomes one."""
        try:
            return list(self._done(message))
        except HarkenError as error:
            return [(error_message(error), b"")]

    def look(self, *, timers: bool) -> list[Outgoing]:
        """What has come without anything from the client."""
        if self._lost.is_set():
            self._lost.clear()
            return [self._yield()]
        return list(self._told(self._assistant.poll() if timers else self._assistant.collect()))

    def close(self) -> None:
        """The conversation is over."""
        self._assistant.close()
        self._held.close()

    def _done(self, message: Incoming) -> Iterator[Outgoing]:
        assistant = self._assistant
        match message:
            case Text():
                yield from self._told(assistant.ask_text(message.text))
            case Listen():
                yield from self._listen(message)
            case Done():
                yield from self._told(assistant.end_turn())
                yield {"type": "done"}, b""
            case Stop():
                yield from self._told(assistant.stop_speaking())
            case Played():
                yield from self._played(message)
            case Explain():
                reader = assistant.chain.models.skill_set.interpreter
                yield {"type": "explanation", **explain(reader, message.text).to_json()}, b""
            case Correct():
                yield self._correct(message)
            case Reset():
                assistant.reset()
                self._turn_open, self._speaking = False, None
                yield {"type": "reset"}, b""
            case Start():
                raise DataError("'start' came late; it must be the first message of a connection")

    def _correct(self, message: Correct) -> Outgoing:
        recognizer = self._assistant.chain.recognizer
        if not recognizer.made or not isinstance(recognizer.stage, RememberingRecognizer):
            raise DataError("nothing that can be corrected has been heard by harken's own recogniser yet")
        entry = recognizer.stage.correct(message.turn, message.said)
        return {"type": "corrected", "turn": message.turn, "said": entry.said}, b""

    def _listen(self, message: Listen) -> Iterator[Outgoing]:
        self._deaf = False
        if message.level is not None and not self._house.claims.claim(message.level, lose=self._lose):
            yield self._yield()
            return
        yield from self._told(self._assistant.open_turn(message.seconds))

    def _lose(self) -> None:
        self._lost.set()
        self._notify()

    def _yield(self) -> Outgoing:
        """Another client answers: what was and will be heard until the next 'listen' is not for this one."""
        self._deaf, self._turn_open = True, False
        self._assistant.drop_turn()
        return {"type": "yielded"}, b""

    def _played(self, message: Played) -> Iterator[Outgoing]:
        if self._speaker is None:
            raise DataError("'played' came, but 'start' did not say \"reports\": true")
        if message.turn == self._speaker.turn:  # otherwise another reply plays by now
            for report in self._speaker.ended(self._assistant.position, interrupted=message.interrupted):
                self._assistant.report(report)
        yield from self._told(self._assistant.collect())

    def _told(self, events: Iterable[Event]) -> Iterator[Outgoing]:
        yield from self._each(events)
        if self._speaking is not None and not self._assistant.busy:
            yield {"type": "spoken", "turn": self._speaking}, b""
            self._speaking = None

    def _each(self, events: Iterable[Event]) -> Iterator[Outgoing]:
        for event in events:
            if isinstance(event, SpeechActivity):
                if self._start.scores:
                    yield self._scores(event)
                continue
            new_steps = self._clock.see(event)
            self._note(event, new_steps)
            message = event_message(event)
            if message is not None:
                yield message, to_pcm(event.samples) if isinstance(event, SpeechChunk) else b""
            if ("speech" if self._start.voice else "reply") in new_steps:
                yield self._clock.message(), b""

    def _scores(self, event: SpeechActivity) -> Outgoing:
        wake = {word: round(score, 4) for word, score in self._assistant.chain.wake_scores.items()}
        return {"type": "scores", "end": event.end, "speech": round(event.score, 4), "wake": wake}, b""

    def _note(self, event: Event, new_steps: dict[str, float]) -> None:
        counters = self._house.counters
        if isinstance(event, TurnStarted):
            self._turn_open = True
            counters.turns.labels(event.reason).inc()
        elif isinstance(event, TurnEnded):
            self._turn_open = False
        elif isinstance(event, SpeechChunk):
            self._speaking = event.turn
        elif isinstance(event, PlaybackEnded) and event.interrupted:
            self._speaking = None
        elif isinstance(event, StageFailed):
            counters.failures.labels(event.stage).inc()
        for step, took in new_steps.items():
            counters.latency.labels(step).observe(took)
