"""Takes out of what is heard what can be predicted of the loudspeaker's sound, and nothing else.

The canceller (`harken.activation.echo`) also turns down what cannot be predicted and, with it, people who speak
meanwhile. What must hear a person over a reply listens behind this filter instead.
"""

from __future__ import annotations

import numpy as np

from harken.activation.echo_path import BLOCK, REACH, EchoPath
from harken.activation.front_end import clean
from harken.activation.played import Played
from harken.audio.blocks import Blocks
from harken.errors import PipelineError
from harken.events import AudioChunk, Event, PlayedAudio, Samples


class EchoFilter:
    """Stage: sound in, the same sound with less of the loudspeaker's echo out; people stay as loud as they were.

    While nothing was played for a while, the sound passes unchanged and costs nothing. What was learned of the room is
    kept from one reply to the next.
    """

    name = "echofilter"
    consumes: tuple[type[Event], ...] = (AudioChunk, PlayedAudio)
    emits: tuple[type[Event], ...] = (AudioChunk,)
    replaces: tuple[type[Event], ...] = (AudioChunk,)
    latency = BLOCK

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the stream and the room."""
        self._path, self._blocks, self._played = EchoPath(), Blocks(BLOCK), Played()
        self._position: int | None = None
        """Of the next block."""

    def process(self, event: Event) -> list[Event]:
        """The sound that this event completes, in chunks of 20 ms."""
        if isinstance(event, PlayedAudio):
            self._played.add(event.start, clean(event.samples))
            return []
        if not isinstance(event, AudioChunk):
            raise PipelineError(f"{self.name} takes AudioChunk and PlayedAudio, got {type(event).__name__}")
        if self._position is None:
            self._position = event.start
        return [self._chunk(block) for block in self._blocks.push(clean(event.samples))]

    def flush(self) -> list[Event]:
        """The rest of the sound."""
        rest = self._blocks.rest()
        if not len(rest):
            return []
        whole = self._chunk(np.concatenate([rest, np.zeros(BLOCK - len(rest), np.float32)]))
        return [AudioChunk(start=whole.start, samples=whole.samples[: len(rest)])]

    def _chunk(self, block: Samples) -> AudioChunk:
        assert self._position is not None
        start, self._position = self._position, self._position + BLOCK
        if start < self._played.end + REACH:
            block = self._path.remove(block, self._played.cut(start, start + BLOCK))
        return AudioChunk(start=start, samples=block)
