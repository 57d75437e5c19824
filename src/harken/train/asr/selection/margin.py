"""Margin: how near a recording is to the acoustic model's decision boundary when the language model speaks softly.

A strong language model gives the answer; a weak one shows whether the acoustic model would have found it alone. Where
it nearly would not have, and the answer is likely right, there is something to learn.
"""

from __future__ import annotations

from collections.abc import Sequence

from harken.train.asr.selection.decoding import Decoded, Sentence

WEAK = 0.5
"""Scale of the language scores in the weak model."""
SURE = 0.5
"""Share of the pool in which the strong model's answer counts as likely right: the half of which it is surest. A fixed
confidence would let nearly all or nearly nothing of another pool through."""


def margin(sentences: Sequence[Sentence], frames: int, *, weak: float = WEAK) -> float:
    """Score of the strong model's best sentence minus that of the best other one under the weak model, per frame.

    Args:
        sentences: best first by the strong model, their scores as in its search.
        frames: of the stretch.
        weak: scale of the language scores, relative to the strong model's.

    Returns:
        natural log units a frame; infinity when there is no other sentence.
    """
    scores = [sentence.acoustic + weak * sentence.language for sentence in sentences]
    if len(scores) < 2:
        return float("inf")
    return (scores[0] - max(scores[1:])) / max(1, frames)


def by_margin(decoded: Sequence[Decoded], *, weak: float = WEAK, sure: float = SURE) -> list[int]:
    """Numbers of the stretches, smallest margin first among those that the strong model is surest of; then the others,
    surest first.

    Args:
        decoded: the pool.
        weak: scale of the language scores in the weak model.
        sure: share of the stretches that come first.
    """
    surest = sorted(range(len(decoded)), key=lambda n: (-decoded[n].confidence, n))
    count = round(sure * len(surest))
    near = sorted(surest[:count], key=lambda n: (abs(margin(decoded[n].sentences, decoded[n].steps, weak=weak)), n))
    return [*near, *surest[count:]]
