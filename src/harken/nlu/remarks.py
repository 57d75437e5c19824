"""Remarks beside a request: "it's stuffy in here, put the fan on", "turn off the tv, the kids are asleep".

A remark says why, and changes nothing of what is asked. It is a statement with a subject and a verb, without any word
that denies, conditions or delays. It must be divided from the request by a mark, or end in a word that no request
could follow on from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harken.languages.locale import Remarks
from harken.nlu.sentence import Sentence

LONGEST = 12
"""Most words of a remark."""
_NEAR = 4
"""Among so many words must be the verb of a remark."""


def without_remark(sentence: Sentence, first: int, last: int, kinds: Remarks) -> Iterator[tuple[int, int, bool]]:
    """Stretches of [first, last) that remain when a remark before or behind them is taken off, the longest first.

    Yields:
        (first, last, whether a mark divides the remark from what follows it, or it stands behind)
    """
    words = sentence.words
    for size in range(2, min(LONGEST, last - first - 2) + 1):
        behind = words[last - size : last]
        if is_remark(behind, kinds):
            yield first, last - size, True
        before = words[first : first + size]
        divided = sentence.pauses_after(first + size - 1)
        ends = before[-1] not in kinds.leading_on and words[first + size] not in kinds.going_on
        if (divided or ends) and is_remark(before, kinds):
            yield first + size, last, divided


def is_remark(words: Sequence[str], kinds: Remarks) -> bool:
    """Whether words make a statement that gives a reason and nothing else."""
    rest = list(words)
    while rest and rest[0] in kinds.reasons:
        rest = rest[1:]
    if not rest or any(word in kinds.changing for word in rest):
        return False
    if rest[0] in kinds.statements:
        return len(rest) > 1
    return rest[0] in kinds.subjects and any(word in kinds.verbs for word in rest[1 : 1 + _NEAR])
