"""Sound as clients send it and want it: 16-bit little-endian PCM of any rate."""

from __future__ import annotations

import numpy as np
import soxr

from harken.audio.pcm import WIDTH, from_pcm
from harken.errors import AudioError
from harken.events import SAMPLE_RATE, Samples

RATES = (8_000, 48_000)
"""Hz that clients may send."""


class PcmReader:
    """Reads a stream of PCM; pieces need not end between two samples.

    Args:
        rate: Hz of the stream.
        channels: interleaved; they are averaged.

    Raises:
        AudioError: a rate or number of channels that is not supported.
    """

    def __init__(self, rate: int = SAMPLE_RATE, *, channels: int = 1):
        if not RATES[0] <= rate <= RATES[1]:
            raise AudioError(
                f"the sound has {rate} samples per second; send {RATES[0]} to {RATES[1]}, best {SAMPLE_RATE}"
            )
        if not 1 <= channels <= 8:
            raise AudioError(f"the sound has {channels} channels; send 1 to 8, best 1")
        self.rate, self._frame = rate, channels
        self._left = b""
        self._resampler = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")

    def read(self, data: bytes) -> Samples:
        """The samples [n], 16 kHz mono in -1..1, that these bytes complete; n may be 0."""
        data = self._left + data
        whole = len(data) - len(data) % (WIDTH * self._frame)
        self._left = data[whole:]
        samples = from_pcm(data[:whole], channels=self._frame)
        return samples if self._resampler is None else np.asarray(self._resampler.resample_chunk(samples), np.float32)
