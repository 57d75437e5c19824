"""Who is speaking, learned while they speak: the acoustic model's scores give the phones, and the phones describe the
voice.

Arsikere et al. 2019, online: the speech so far gives an i-vector, and the i-vector helps with what follows. Scores lag
`look_ahead` steps behind their sound, and so does the estimate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.ivector import Extractor, SpeakerStatistics
from harken.asr.acoustic.ivector_input import PhoneFilter, StepFeatures, prune_posteriors
from harken.asr.arrays import Floats
from harken.audio.features import Frames

IVECTOR_STEPS = 4
"""Steps (30 ms) that share an i-vector: 120 ms."""


class SpeakerTracker:
    """The i-vector of one stream. For each block: `hear` its features, run the acoustic model with `w`, `learn` the
    scores.

    Args:
        extractor: of i-vectors.
        phones: turns scores into posteriors.
    """

    def __init__(self, extractor: Extractor, phones: PhoneFilter):
        self._extractor, self._phones, self._features = extractor, phones, StepFeatures()
        self._waiting: NDArray[Any] = np.zeros((0, extractor.means.shape[1]))
        """Features of steps whose scores have not come yet."""
        self._last: Floats | None = None
        """Posteriors of the last step learned."""
        self.reset()

    @property
    def w(self) -> Frames:
        """The estimate from everything learned so far, [R]; zeros for a voice not heard yet."""
        return self._extractor.mean(self._statistics).astype(np.float32)

    def reset(self) -> None:
        """Another speaker."""
        self._start(self._extractor.nothing())

    def end_utterance(self) -> None:
        """The stream is over; the next one is of the same speaker, unless `reset` says otherwise."""
        self._start(self._extractor.handed_on(self._statistics))

    def hear(self, normalised: Frames) -> None:
        """Normalised log-mel energies [t, bins] that go into the acoustic model now."""
        self._waiting = np.concatenate([self._waiting, self._features.process(normalised)])

    def hear_end(self) -> None:
        """No more sound: the last step is completed with what there is."""
        self._waiting = np.concatenate([self._waiting, self._features.flush()])

    def learn(self, scores: Frames) -> None:
        """Scores [t, 2P] of the oldest steps not learned yet."""
        posteriors, self._last = self._phones.run(scores, self._last)
        count = min(len(scores), len(self._waiting))
        features, self._waiting = self._waiting[:count], self._waiting[count:]
        self._statistics += self._extractor.statistics(features, prune_posteriors(posteriors[:count]))

    def _start(self, statistics: SpeakerStatistics) -> None:
        self._statistics = statistics
        self._features.reset()
        self._last, self._waiting = None, self._waiting[:0]
