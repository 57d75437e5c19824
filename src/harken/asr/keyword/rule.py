"""From the evidence of both stages to the probability that a wake word was said."""

from __future__ import annotations

import math
from dataclasses import dataclass

CLOSE = 6.0
"""Logits by which the small network's score counts at most above or below its own threshold."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Logistic regression over what is known of a candidate."""

    bias: float
    margin: float
    """Weight of the margin per phone (`harken.asr.keyword.search`), natural log."""
    network: float
    """Weight of the small network's logit above its own threshold, within +-`CLOSE`; 0 without one."""
    threshold: float
    """Probability 0..1 from which a word counts as heard."""

    def probability(self, margin: float, network: float = 0.0) -> float:
        """The probability 0..1 that the word was said.

        Args:
            margin: per phone, natural log, at most 0.
            network: logit of the small network above its threshold.
        """
        z = self.bias + self.margin * margin + self.network * min(max(network, -CLOSE), CLOSE)
        return 1 / (1 + math.exp(-max(-500.0, z)))


def logit(probability: float) -> float:
    """The logit of a probability, which is kept 1e-6 away from 0 and 1."""
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


WITH_NETWORK = Rule(bias=8.0, margin=5.66, network=0.75, threshold=0.5)
"""For words that their own small network suspected. Set by hand on `dev`: 72 recordings of "computer" and "hey
computer", clean and with noise at 10 dB, and 2 h of speech without it (`dev` and recordings of Common Voice without
text), in which nothing reached the threshold; by the tail of the 20 highest scores, one in ten hours will."""
WITHOUT_NETWORK = Rule(bias=4.9, margin=5.66, network=0.0, threshold=0.5)
"""For phrases that the judge alone listens for. Fitted as `benchmarks.quality.wakeword --typed --fit` does, on `dev`,
clean and with noise at 10 dB: computer, alexa, jarvis, snowboy, smart mirror, happy and athena, 175 recordings, and 0.4
h of speech without them, in which the threshold makes no false accept of any."""
INTERRUPTING = Rule(bias=6.8, margin=5.66, network=0.0, threshold=0.5)
"""For what is said into a reply: what silences it and what wakes the assistant. Set on 0.13 h of its own speech, in
rooms that were new to the echo filter and 5 dB louder than a person; no margin came within 0.1 of the threshold. In
126 other sentences at three levels, "stop" reached it in three (`benchmarks.quality.live --parts speech`). What it said
itself is found by the same rule in what it played."""
