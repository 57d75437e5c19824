"""Records the golden traces: `python -m tests.golden.record [NAME ...]` from the root of the repository.

Each is a conversation with the shipped assistant, spoken by harken's own voice at a fixed moment, with lists and timers
of its own. Record anew when bundles or rules were changed on purpose, and read the difference: `git diff` shows each
event. A conversation whose replies are not those written here is refused, so that no fault becomes the measure.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harken.assistant.assistant import Assistant
from harken.audio.files import resample
from harken.audio.pcm import FULL_SCALE
from harken.dialogue.store import Store
from harken.events import SAMPLE_RATE, AudioChunk, Event, PlaybackEnded, Reply, Samples
from harken.trace import TraceWriter

FOLDER = Path(__file__).parent
_BLOCK = 1280
"""Samples (80 ms) that are heard, and written, at once."""
_PATIENCE = 20 * SAMPLE_RATE
_FLOOR = 10 ** (-70 / 20)


class StoppedClock:
    """Friday noon, always."""

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 5, 1, 12, 0, tzinfo=dt.UTC)

    def monotonic(self) -> float:
        return 1_000.0


@dataclass(frozen=True)
class Line:
    """What the person says, and what the reply must contain."""

    said: str
    reply: str


@dataclass(frozen=True)
class Conversation:
    """Lines in turn; each spoken one waits until the reply to the one before has sounded."""

    lines: tuple[Line, ...]
    typed: bool = False


CONVERSATIONS = {
    "time-in-tokyo": Conversation((Line("computer, what time is it in tokyo?", "9 PM"),)),
    "timer-follow-up": Conversation((
        Line("computer, set a timer.", "For how long?"), Line("ten minutes.", "Timer set for 10 minutes."),
    )),
    "front-door": Conversation(typed=True, lines=(
        Line("unlock the front door", "Shall I"), Line("colorless green ideas", "Sorry, I did not get that."),
        Line("yes please", "unlocked"), Line("purple elephants sing", "did not understand"),
        Line("is the front door locked", "not locked"),
    )),
}  # fmt: skip


def make_assistant(*, typed: bool) -> Assistant:
    """The shipped assistant at the fixed moment; typed conversations are not spoken."""
    return Assistant.load("en", store=Store(":memory:"), clock=StoppedClock(), voice=not typed)


def record(name: str, folder: Path) -> None:
    """Hold a conversation and write its trace.

    Raises:
        AssertionError: a reply is not the one that was expected.
    """
    conversation = CONVERSATIONS[name]
    assistant = make_assistant(typed=conversation.typed)
    events = list(_typed(assistant, conversation) if conversation.typed else _spoken(assistant, conversation))
    replies = [event.text for event in events if isinstance(event, Reply)]
    wanted = [line.reply for line in conversation.lines]
    fits = len(replies) == len(wanted) and all(part in reply for part, reply in zip(wanted, replies, strict=True))
    assert fits, f"{name}: the replies are {replies}, expected {wanted}"
    with TraceWriter(folder, compact=True) as trace:
        for event in events:
            trace.write(event)


def _typed(assistant: Assistant, conversation: Conversation) -> Iterator[Event]:
    for line in conversation.lines:
        yield from assistant.ask_text(line.said)


def _spoken(assistant: Assistant, conversation: Conversation) -> Iterator[Event]:
    position = 0
    for line in conversation.lines:
        waiting = True
        for block in _blocks(assistant, line.said):
            yield AudioChunk(start=position, samples=block)
            position += len(block)
            for event in assistant.process(block):
                waiting = waiting and not isinstance(event, PlaybackEnded)
                yield event
            if not waiting:
                break
        assert not waiting, f"no reply to {line.said!r} within {_PATIENCE // SAMPLE_RATE} s"
    yield from assistant.flush()


def _blocks(assistant: Assistant, text: str) -> Iterator[Samples]:
    """Half a second of quiet, the text in the assistant's voice, and quiet until nobody wants any more."""
    samples, rate = assistant.say(text)
    speech = resample(samples, rate, SAMPLE_RATE)
    rng = np.random.default_rng(0)
    quiet = (_FLOOR * rng.standard_normal(_PATIENCE)).astype(np.float32)
    sound = np.concatenate([quiet[: SAMPLE_RATE // 2], 0.5 * speech, quiet])
    steps = (
        np.rint(sound[: len(sound) // _BLOCK * _BLOCK] * FULL_SCALE) / FULL_SCALE
    )  # as the trace keeps them: exactly
    yield from steps.astype(np.float32).reshape(-1, _BLOCK)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or CONVERSATIONS:
        record(wanted, FOLDER / wanted)
        print(f"{wanted}: {sum(file.stat().st_size for file in (FOLDER / wanted).iterdir()) / 1000:.0f} kB")
