"""How well a sentence fits the sound: whether the network heard its phones, or the grammar alone wanted them.

A grammar turns any speech into one of its sentences, and the posterior of that sentence among the others that the
search kept says nothing about it. The fit compares the sentence's acoustic score with the best that any phones at all
could have had: the mean over the frames of log p(frame's phone in the sentence) - log p(likeliest phone).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardSentence

MIDDLE, WIDTH = -0.97, 0.04
"""Natural log units a frame at which a fit halves the confidence, and the width of the step. On dev: orders have -0.12
to -0.65, in kitchen noise of 12 dB -0.47 to -0.85, of 6 dB down to -0.91; read speech that is taken for a sentence of
the grammar has -0.93 to -2.48."""


@dataclass(frozen=True)
class AcousticFit:
    """Lowers the confidence of sentences that fit the sound badly.

    It counts where no confidence was trained for the acoustic model, and is fitted to an earlier one.
    """

    name: str = "acoustic fit"

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        """The same sentences, each with its share times the probability that it was said at all."""
        scores = heard.outputs.scores
        if heard.lattice is None or not len(scores):
            return heard
        best = float(scores.max(axis=1).sum())

        def judged(sentence: HeardSentence) -> HeardSentence:
            if sentence.acoustic is None or not sentence.words:
                return sentence
            fit = (sentence.acoustic / heard.options.acoustic_scale - best) / len(scores)
            return replace(sentence, confidence=sentence.confidence * said_at_all(fit))

        return replace(heard, sentences=tuple(map(judged, heard.sentences)))


def said_at_all(fit: float) -> float:
    """Probability 0..1 that a sentence with this fit (natural log units a frame) was said."""
    return 1.0 / (1.0 + math.exp(min(50.0, (MIDDLE - fit) / WIDTH)))
