"""Who is speaking, learned while they speak: the acoustic model's scores give the phones, and the phones describe the
voice.

Arsikere et al. 2019, online: the speech so far gives an i-vector, and the i-vector helps with what follows. Scores lag
`look_ahead` steps behind their sound, and so does the estimate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.ivector import Extractor, OnlineIvector
from harken.asr.acoustic.ivector_input import PhoneFilter, StepFeatures, prune

BLOCK = 4
"""Steps (30 ms) that share an i-vector: 120 ms, what the recogniser hears at once."""


class SpeakerTracker:
    """The i-vector of one stream. Hear the features of a block, run the acoustic model with `w`, learn its scores.

    Args:
        extractor: of i-vectors.
        phones: turns scores into posteriors.
    """

    def __init__(self, extractor: Extractor, phones: PhoneFilter):
        self._phones = phones
        self._ivector = OnlineIvector(extractor)
        self._features = StepFeatures()
        self._last: NDArray[np.float64] | None = None
        self._waiting: NDArray[Any] = np.zeros((0, extractor.means.shape[1]))
        """Step features whose scores have not come yet."""

    @property
    def w(self) -> NDArray[np.float32]:
        """The estimate from everything learned so far, [R]; zeros for a voice not heard yet."""
        return self._ivector.w.astype(np.float32)

    def reset(self) -> None:
        """Another speaker."""
        self._ivector.reset()
        self._begin()

    def end_utterance(self) -> None:
        """The stream is over; the next one is of the same speaker, unless `reset` says otherwise."""
        self._ivector.end_utterance()
        self._begin()

    def hear(self, normalised: NDArray[np.float32]) -> None:
        """Normalised log-mel energies [t, bins] that go into the acoustic model now."""
        self._waiting = np.concatenate([self._waiting, self._features.process(normalised)])

    def hear_end(self) -> None:
        """No more sound: the last step is whole with what there is."""
        self._waiting = np.concatenate([self._waiting, self._features.flush()])

    def learn(self, scores: NDArray[np.float32]) -> None:
        """Scores [t, 2P] of the oldest steps not learned yet."""
        posteriors, self._last = self._phones.run(scores, self._last)
        count = min(len(scores), len(self._waiting))
        self._ivector.add(self._waiting[:count], prune(posteriors[:count]))
        self._waiting = self._waiting[count:]

    def _begin(self) -> None:
        self._features.reset()
        self._last, self._waiting = None, self._waiting[:0]
