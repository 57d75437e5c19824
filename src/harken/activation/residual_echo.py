"""What the canceller leaves of an echo: late reverberation, and all that it has not learned yet.

It works on powers, in steps of 20 ms. How much of what was played in the last 0.8 s is heard now follows a non-negative
impulse response, learned while nobody else speaks (a normalised LMS in the power domain). From it follows how much echo
must be in the present step, and how much of that may be left over. A step that is no louder than this is turned down to
the noise of the room; a louder one holds a person and passes untouched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 40
"""Length of the response: 0.8 s, the delay of slow loudspeakers and the room's reverberation."""
_RATE = 0.4
"""Step size of the LMS."""
_EARLY = 3
"""Steps (60 ms) behind the strongest one that count as early echo; the canceller takes it out."""
_LEFT = 10**-1.2
"""Share of the echo that the canceller may leave: -12 dB."""
_BELOW = 0.25
"""Share of the late echo below which there is no early one: the loudspeaker is silent, and the canceller leaves what
still reverberates."""
_MARGIN = 2.0
"""Factor by which the late echo may then exceed its prediction: 3 dB."""
_SURPRISE = 4.0
"""Louder than this many times its prediction, a step holds somebody else, or the loudspeaker was turned up."""
_SLOW = 0.02
"""Share of what is learned from such a step."""
_RISE = 1.02
"""Factor per step by which the noise of the room may rise: 4 dB a second."""
_FAINT = 0.1
"""Share of the loudest step below which what was played teaches nothing: anything louder in the room would look like
its echo."""
_FORGET = 0.999
_TINY = 1e-12


class ResidualEcho:
    """Says by how much a step of cancelled sound should be turned down."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the room."""
        self._response: NDArray[np.float64] = np.zeros(_STEPS)
        self._played: NDArray[np.float64] = np.zeros(_STEPS)
        """Powers of what was played, the latest first."""
        self._floor, self._loudest = 1.0, 0.0

    def listen(self, heard: float) -> None:
        """A step in which nothing can be heard of the loudspeaker: its power tells the noise of the room."""
        self._floor = max(min(heard, self._floor * _RISE), _TINY)
        self._played[:] = 0

    def gain(self, *, played: float, heard: float, left: float) -> float:
        """Factor 0..1 for the samples of a step, from mean squares.

        Args:
            played: what the loudspeaker was given.
            heard: what the microphone heard.
            left: what the canceller left of it.
        """
        self._played = np.concatenate([[played], self._played[:-1]])
        echo = self._response * self._played
        strongest = int(np.argmax(self._response))
        early = float(echo[: strongest + _EARLY].sum())
        late = float(echo[strongest + _EARLY :].sum())
        self._learn(heard, early + late)
        alone = early < _BELOW * late
        allowed = _MARGIN * late if alone else _LEFT * (early + late)
        self._floor = max(min(left, self._floor * _RISE), _TINY)
        if left <= self._floor or left > allowed:
            return 1.0
        return float(np.sqrt(self._floor / left))

    def _learn(self, heard: float, predicted: float) -> None:
        self._loudest = max(self._loudest * _FORGET, float(self._played.max()))
        energy = float(np.dot(self._played, self._played)) + (_FAINT * self._loudest) ** 2 + _TINY**2
        error = max(heard - self._floor, 0.0) - predicted
        known = bool(self._response.any())
        if known and heard > _SURPRISE * (predicted + self._floor):
            error = _SLOW * min(error, _SURPRISE * (predicted + self._floor))
        change = _RATE * error * self._played / energy
        self._response = np.maximum(self._response + change, 0.0)
