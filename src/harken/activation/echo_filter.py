"""Takes out of what is heard what can be predicted of the loudspeaker's sound, and nothing else.

The canceller (`harken.activation.echo`) also turns down what cannot be predicted and, with it, people who speak
meanwhile. What must hear a person over a reply listens behind this filter instead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from harken.activation.echo_path import BLOCK, REACH, EchoPath
from harken.activation.played import BothSounds
from harken.events import AudioChunk, Event, PlayedAudio, Samples

_WINDOW = 16
"""Blocks (0.32 s) over which the share that is left is taken."""
_FALL = 10**-0.1
"""Factor per block on the power of the echo once nothing is played: 50 dB a second, a room with 1.2 s of reverberation,
most of which is longer than the filter."""


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
        self._path, self._sounds = EchoPath(), BothSounds(BLOCK, self.name)
        self._powers: deque[tuple[float, float]] = deque(maxlen=_WINDOW)
        """Of what was heard, and of what was left of it."""
        self._echo = 0.0
        """Power of the echo over the window, as it dies away."""

    def process(self, event: Event) -> list[Event]:
        """The sound that this event completes, in chunks of 20 ms."""
        return [chunk for chunk, _ in self.filtered(event)]

    def filtered(self, event: Event) -> Iterator[tuple[AudioChunk, float]]:
        """The same, each with the share 0..1 of the power of the last 0.32 s that was left, or of the power that the
        echo had, where that was more. It is small where the loudspeaker explains what is heard, also while its echo
        dies away, and near 1 where somebody speaks besides."""
        for start, block in self._sounds.take(event):
            yield self._chunk(start, block), self._share()

    def flush(self) -> list[Event]:
        """The rest of the sound."""
        start, rest = self._sounds.rest() or (0, ())
        if not len(rest):
            return []
        whole = self._chunk(start, np.concatenate([rest, np.zeros(BLOCK - len(rest), np.float32)]))
        return [AudioChunk(start=start, samples=whole.samples[: len(rest)])]

    def _chunk(self, start: int, block: Samples) -> AudioChunk:
        played, heard = self._sounds.played, block
        if start < played.end + REACH:
            block = self._path.remove(block, played.cut(start, start + BLOCK))
        self._powers.append((float(np.mean(np.square(heard))), float(np.mean(np.square(block)))))
        return AudioChunk(start=start, samples=block)

    def _share(self) -> float:
        heard, left = np.sum(self._powers, axis=0)
        self._echo = max(self._echo * _FALL, float(heard - left))
        whole = max(float(heard), self._echo)
        return min(float(left) / whole, 1.0) if whole > 0 else 0.0
