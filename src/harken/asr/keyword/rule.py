"""From the evidence of both stages to the probability that a wake word was said."""

from __future__ import annotations

import math
from dataclasses import dataclass

LONGEST = 10
"""Phones up to which a longer phrase is surer."""
CLOSE = 6.0
"""Logits by which the small network's score counts at most above or below its own threshold."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Logistic regression over what is known of a candidate."""

    bias: float
    margin: float
    """Weight of the margin per phone (`harken.asr.keyword.search`), natural log."""
    size: float
    """Weight of the phrase's number of phones, up to `LONGEST`."""
    network: float
    """Weight of the small network's logit above its own threshold, within +-`CLOSE`."""
    threshold: float
    """Probability 0..1 from which a word counts as heard."""

    def probability(self, margin: float, size: float, network: float = 0.0) -> float:
        """The probability 0..1 that the word was said.

        Args:
            margin: natural log, at most 0.
            size: phones of the phrase.
            network: logit of the small network above its threshold.
        """
        close = min(max(network, -CLOSE), CLOSE)
        z = self.bias + self.margin * margin / size + self.size * min(size, LONGEST) + self.network * close
        return 1 / (1 + math.exp(-max(-500.0, z)))


def logit(probability: float) -> float:
    """The logit of a probability, which is kept 1e-6 away from 0 and 1."""
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


WITH_NETWORK = Rule(bias=4.0, margin=2.0, size=0.0, network=0.5, threshold=0.5)
"""Phrases whose own small network suspected them."""
WITHOUT_NETWORK = Rule(bias=0.0, margin=2.0, size=0.3, network=0.0, threshold=0.5)
"""Phrases that were typed, and that the judge alone listens for."""
