"""The log-mel of all always-on stages: 40 bins at 10 ms, in blocks of 80 ms, so that nothing depends on the chunking.

Each stage may have its own front end; when stages share one, the features are computed only once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harken.audio.blocks import Blocks
from harken.audio.features import FRAME_SHIFT, Frames, StreamingLogMel
from harken.errors import PipelineError
from harken.events import AudioChunk, Samples

BINS = 40
BLOCK = 8 * FRAME_SHIFT
"""Samples processed at once: 80 ms. Larger blocks cost less, smaller ones respond sooner."""
LOOKAHEAD = 240
"""Samples by which a frame reaches beyond its 10 ms step: 25 ms windows."""


@dataclass(frozen=True, kw_only=True)
class FrameBlock:
    """Frames that were completed together."""

    start: int
    """Sample position where the first frame begins."""
    frames: Frames
    """[t, 40] float32; t is even."""


class FrontEnd:
    """Audio in, blocks of frames out."""

    def __init__(self) -> None:
        self._features = StreamingLogMel(BINS)
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self._blocks = Blocks(BLOCK)
        self._last: AudioChunk | None = None
        self._features.reset()
        self._answer: list[FrameBlock] = []
        self._position: int | None = None
        self._frame = 0
        self._ended: list[FrameBlock] | None = None

    @property
    def position(self) -> int:
        """Sample position up to which sound has arrived."""
        return self._position or 0

    def process(self, chunk: AudioChunk) -> list[FrameBlock]:
        """Blocks that this chunk completes; a second stage that asks with the same chunk gets the same blocks.

        Raises:
            PipelineError: the chunk does not begin where the previous one ended.
        """
        if chunk is self._last:
            return self._answer
        if self._position is None:
            self._position = self._frame = chunk.start
        if chunk.start != self._position:
            raise PipelineError(
                f"sound jumps from sample {self._position} to {chunk.start}; chunks must be contiguous, "
                "or the stages must be reset between them"
            )
        self._position += len(chunk.samples)
        self._answer = [self._frames(block) for block in self._blocks.push(clean(chunk.samples))]
        self._last = chunk
        return self._answer

    def flush(self, *, silence: int = 4) -> list[FrameBlock]:
        """Blocks of the rest of the stream, followed by `silence` blocks of digital silence, so that the networks can
        finish what they heard last. Calling it again gives the same blocks."""
        if self._ended is None:
            rest = self._blocks.rest()
            tail = np.zeros((-len(rest)) % BLOCK + silence * BLOCK, np.float32)
            begun = self._position is not None
            self._ended = [self._frames(block) for block in self._blocks.push(tail)] if begun else []
        return self._ended

    def _frames(self, block: Samples) -> FrameBlock:
        frames = self._features.process(block)
        start, self._frame = self._frame, self._frame + len(frames) * FRAME_SHIFT
        return FrameBlock(start=start, frames=frames)


def clean(samples: Samples) -> Samples:
    """Samples [n] as float32 in -1..1; values that are not numbers count as silence, louder ones are clipped."""
    finite = np.nan_to_num(np.asarray(samples, np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(finite, -1.0, 1.0)
