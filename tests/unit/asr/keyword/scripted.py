"""An acoustic model that hears what a script says, at the right time, and what the stage before the judge would say."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from harken.asr.acoustic.model import Outputs
from harken.asr.keyword.judge import BLOCK
from harken.events import AudioChunk, Event, SpeechActivity, WakeSuspected
from harken.phones.sets import PHONES, SILENCE

LABELS = (SILENCE, *PHONES)
STEP = 480
"""Samples (30 ms) from score to score."""


class ScriptedModel:
    """Its streams score as the script says from where they are opened; the scores lag by `look_ahead` steps.

    Args:
        phones: (phone, steps), one after the other; silence after that.
        wrong: score of every other phone.
        guess: whether a stream that is cut short guesses the steps ahead rightly; if not, it hears silence there.
    """

    labels, block = LABELS, 1

    def __init__(
        self, phones: Sequence[tuple[str, int]], *, wrong: float = -5.0, look_ahead: int = 8, guess: bool = True
    ):
        self.look_ahead, self.guess = look_ahead, guess
        self.opened = 0
        """Streams so far."""
        self.heard = 0
        """Frames of all streams and forks."""
        rows = []
        for phone, steps in phones:
            for step in range(steps):
                row = np.full(2 * len(LABELS), wrong, np.float32)
                row[LABELS.index(phone) + (len(LABELS) if step else 0)] = 0.0
                rows.append(row)
        self.script = np.array(rows)

    def scores(self, first: int, end: int) -> np.ndarray:
        silence = np.full(2 * len(LABELS), -5.0, np.float32)
        silence[len(LABELS)] = 0.0
        rows = [self.script[n] if n < len(self.script) else silence for n in range(first, end)]
        return np.array(rows, np.float32).reshape(-1, 2 * len(LABELS))

    def stream(self) -> ScriptedStream:
        self.opened += 1
        return ScriptedStream(self)


class ScriptedStream:
    def __init__(self, model: ScriptedModel):
        self.model, self.frames, self.given = model, 0, 0

    def process(self, features: np.ndarray) -> Outputs:
        self.frames += len(features)
        self.model.heard += len(features)
        first, self.given = self.given, max(self.given, self.frames // 3 - self.model.look_ahead)
        return Outputs(self.model.scores(first, self.given))

    def flush(self) -> Outputs:
        first, self.given = self.given, -(-self.frames // 3)
        self.model.heard += 3 * (self.given - first)
        rows = self.model.scores(first, self.given)
        if not self.model.guess:
            rows[:] = self.model.scores(10_000, 10_000 + len(rows))
        return Outputs(rows)

    def fork(self) -> ScriptedStream:
        return copy(self)


def stream(
    blocks: int,
    *,
    suspected: Sequence[tuple[str, int, float]] = (),
    speech: Sequence[tuple[int, int]] = (),
    size: int = BLOCK,
) -> list[Event]:
    """Quiet sound in chunks, and before each chunk what the earlier stages say once it has come.

    Args:
        blocks: of 80 ms.
        suspected: (word, block, score).
        speech: (first, end) blocks in which somebody speaks.
        size: samples of a chunk.
    """
    said: list[Any] = []
    for block in range(blocks):
        start, end = block * BLOCK, (block + 1) * BLOCK
        said += [(end, WakeSuspected(word=word, start=start, end=end, score=score))
                 for word, place, score in suspected if place == block]  # fmt: skip
        spoken = any(first <= block < last for first, last in speech)
        said.append((end, SpeechActivity(start=start, end=end, speech=spoken, score=float(spoken))))
    events: list[Event] = []
    for start in range(0, blocks * BLOCK, size):
        end = min(start + size, blocks * BLOCK)
        events += [event for place, event in said if start < place <= end]
        events.append(AudioChunk(start=start, samples=np.zeros(end - start, np.float32)))
    return events
