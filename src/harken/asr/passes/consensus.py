"""The consensus of free speech: the likeliest word at each place.

If the bins of the confusion network are right, these are the words with the fewest expected errors
(Mangu, Brill and Stolcke, "Finding consensus in speech recognition", 2000).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardBin, HeardSentence, HeardWord


@dataclass(frozen=True)
class Consensus:
    """Puts the consensus before all other sentences."""

    name: str = "consensus"

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        """The consensus first; its `log_prob` is the network's estimate unless another sentence has the same words."""
        if heard.lattice is None:
            return heard
        words = agreed_words(heard.bins)
        texts = tuple(word.text for word in words)
        same = [sentence for sentence in heard.sentences if sentence.texts == texts]
        others = tuple(sentence for sentence in heard.sentences if sentence not in same)
        share = log_share(heard.bins)
        first = same[0] if same else HeardSentence(
            words=words, log_prob=heard.total + share, language=None, confidence=math.exp(share)
        )  # fmt: skip
        return replace(heard, sentences=(first, *others))


def agreed_words(bins: Sequence[HeardBin]) -> tuple[HeardWord, ...]:
    """The likeliest word of each bin with its posterior; bins in which a pause is likeliest are left out."""
    return tuple(
        HeardWord(text=text, first=bin_.first, last=bin_.last, confidence=share)
        for bin_ in bins for text, share in bin_.words[:1] if text
    )  # fmt: skip


def log_share(bins: Sequence[HeardBin]) -> float:
    """Natural log of the joint probability of the likeliest words if the bins were independent."""
    return sum(math.log(bin_.words[0][1]) for bin_ in bins)
