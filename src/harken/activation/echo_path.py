"""The way of a sound from the loudspeaker to the microphone, learned while it plays.

A partitioned frequency-domain adaptive filter: a Kalman filter for each frequency and each 20 ms of the response, with
diagonal covariances. It learns fast while nobody else speaks, and hardly at all from what it cannot explain, so that a
person who speaks meanwhile stays whole. Enzner and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo
control in hands-free telephones", Signal Processing 86, 2006; in partitions: Kuech, Mabande and Enzner, "State-space
architecture of the partitioned-block-based acoustic echo controller", ICASSP 2014.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.events import Samples

BLOCK = 320
"""Samples (20 ms) that are worked on at once."""
_PARTS = 28
"""Blocks of the response: 0.56 s, the delay of the devices and most of a room's reverberation."""
REACH = (_PARTS + 1) * BLOCK
"""Samples after which nothing more is expected of a sound."""
_KEPT = 0.996
"""Share of the response that is taken to stay as it is from one block to the next: people move."""
_UNKNOWN = 0.3
"""Variance of each part of the response before anything was heard."""
_TIMES = 4
"""Steps of learning from each block."""
_SMOOTH = 0.5
"""Share of the past in the estimate of what is heard besides the echo."""
_LOST = 1.6
"""Louder than this many times what was heard, what is left shows that the response does not hold."""
_FAINT = 0.03
"""Share of the loudest that was heard below which what is left shows nothing: before the echo arrives, the least that
the filter gets wrong is louder than the silence of the room."""
_LOUDEST = 0.999
"""Share of the loudest that is kept from one block to the next: it halves in 14 s of sound."""
_MEMORY = 0.8
"""Share of the past in the powers that are compared for it."""
_TINY = 1e-10

Spectra = NDArray[np.complex128]
Numbers = NDArray[np.float64]


class EchoPath:
    """Predicts the echo of one loudspeaker, and learns from what it predicted wrongly."""

    def __init__(self) -> None:
        self._spectra: Spectra = np.zeros((_PARTS, BLOCK + 1), np.complex128)
        """Of what was played, the latest block first, each with the block before it."""
        self._last: Samples = np.zeros(BLOCK, np.float32)
        self._besides = np.zeros(BLOCK + 1)
        """Power of what is heard besides the echo, by frequency."""
        self._response: Spectra
        self._variance: Numbers
        self._powers: Numbers
        """Mean squares of what was heard and of what was left of it."""
        self._loudest = 0.0
        self._forget()

    def remove(self, heard: Samples, played: Samples) -> Samples:
        """What was heard [BLOCK] less the echo of what was played [BLOCK] meanwhile and before."""
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(np.concatenate([self._last, played]))
        self._last = played
        left = self._learn(heard.astype(np.float64))
        self._check(heard, left)
        return left.astype(np.float32)

    def _learn(self, heard: Numbers) -> Numbers:
        """What is left after the last step of learning from a block."""
        spectra, power = self._spectra, np.abs(self._spectra) ** 2
        self._variance = _KEPT**2 * self._variance + (1 - _KEPT**2) * np.abs(self._response) ** 2
        left, besides = heard, self._besides
        for _ in range(_TIMES):
            left = heard - np.fft.irfft((spectra * self._response).sum(axis=0))[BLOCK:]
            error = np.fft.rfft(np.concatenate([np.zeros(BLOCK), left]))
            besides = _SMOOTH * self._besides + (1 - _SMOOTH) * np.abs(error) ** 2
            expected = (self._variance * power).sum(axis=0) + besides + _TINY
            change = np.fft.irfft(self._variance * spectra.conj() / expected * error, axis=1)
            change[:, BLOCK:] = 0  # a part of the response is one block long
            self._response += np.fft.rfft(change, axis=1)
            self._variance *= 1 - 0.5 * self._variance * power / expected
        self._besides = besides
        return left

    def _check(self, heard: Samples, left: Numbers) -> None:
        """Begin afresh where the filter adds an echo instead of taking one away."""
        now = np.array([np.mean(np.square(heard)), np.mean(np.square(left))])
        self._powers = _MEMORY * self._powers + (1 - _MEMORY) * now
        self._loudest = max(self._loudest * _LOUDEST, float(now[0]))
        if self._powers[1] > max(_LOST * self._powers[0], _FAINT * self._loudest):
            self._forget()

    def _forget(self) -> None:
        self._response = np.zeros((_PARTS, BLOCK + 1), np.complex128)
        self._variance = np.full((_PARTS, BLOCK + 1), _UNKNOWN)
        self._powers = np.zeros(2)
