"""What the loudspeaker was given, by position in the microphone's stream, and what was heard beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harken.activation.front_end import clean
from harken.audio.blocks import Blocks
from harken.errors import PipelineError
from harken.events import AudioChunk, Event, PlayedAudio, Samples


class Played:
    """Collects what is reported; silence where nothing was."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, Samples]] = []
        self.end: float = float("-inf")
        """Position after the last sound that is not silence."""

    def add(self, start: int, samples: Samples) -> None:
        """Samples [n] that were played from this position on."""
        loud = np.flatnonzero(samples)
        if len(loud):
            self._parts.append((start, samples))
            self.end = start + int(loud[-1]) + 1

    def forget(self, before: int) -> None:
        """Keep no sound that ended before a position."""
        self._parts = [(at, part) for at, part in self._parts if at + len(part) > before]

    def cut(self, start: int, end: int) -> Samples:
        """Samples [end - start]; what is older is forgotten."""
        self.forget(start)
        out = np.zeros(end - start, np.float32)
        for at, part in self._parts:
            if at < end:
                piece = part[max(0, start - at) : end - at]
                place = max(0, at - start)
                out[place : place + len(piece)] = piece
        return out


class BothSounds:
    """What was heard, in blocks of one size with their positions, and what was played meanwhile.

    Args:
        block: samples of a block.
        stage: whose sounds they are, for its errors.
    """

    def __init__(self, block: int, stage: str):
        self.played = Played()
        self._blocks, self._stage = Blocks(block), stage
        self._position: int | None = None
        """Of the next block."""

    def take(self, event: Event) -> Iterator[tuple[int, Samples]]:
        """Position and samples of each block that this event completes.

        Raises:
            PipelineError: it is neither `AudioChunk` nor `PlayedAudio`.
        """
        if isinstance(event, PlayedAudio):
            self.played.add(event.start, clean(event.samples))
            return
        if not isinstance(event, AudioChunk):
            raise PipelineError(f"{self._stage} takes AudioChunk and PlayedAudio, got {type(event).__name__}")
        if self._position is None:
            self._position = event.start
        for block in self._blocks.push(clean(event.samples)):
            yield self._position, block
            self._position += len(block)

    def rest(self) -> tuple[int, Samples] | None:
        """Position and samples of what does not fill a block, perhaps none; None if nothing was heard at all."""
        return None if self._position is None else (self._position, self._blocks.rest())
