"""Speakers of `train` parts that the acoustic model does not learn from: what it hears of them is as good, or as bad,
as what it hears of strangers, and a confidence can be learned from that."""

from __future__ import annotations

import hashlib

CORPORA = ("common-voice", "librispeech", "speechocean762")
"""Corpora with speakers that are kept."""
ONE_IN = 10


def is_kept(corpus: str, speaker: str) -> bool:
    """Whether a speaker is kept for the confidence: one in ten, by a hash of the name."""
    digest = hashlib.sha1(speaker.encode(), usedforsecurity=False).hexdigest()
    return corpus in CORPORA and int(digest, 16) % ONE_IN == 0
