"""Remarks beside a request: "it's stuffy in here, put the fan on", "turn off the tv, the kids are asleep".

A remark says why, and changes nothing of what is asked. It is a statement with a subject and a verb, without any word
that denies, conditions or delays. It must be divided from the request by a mark, or end in a word that no request
could follow on from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from harken.languages.locale import Remarks, Understanding
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import Part

Exact: TypeAlias = Callable[[Sentence], Part | None]
"""Words -> the one request that they are."""
LONGEST = 12
"""Most words of a remark."""
BIDDING, PRONOUNS = "bidding", "pronouns"
"""Word lists under `[understanding.words]` of a language: verbs of requests, and what stands for a thing; 'turn it off'
behind a reason is a request, and no part of the reason."""
WITHIN, EVERYTHING = "within_place", "everything"
"""Word lists: 'in'; 'all'."""
LONGEST_NAME = 3
"""Most words of a place that a remark names."""
_NEAR = 4
"""Among so many words must be the verb of a remark."""


def without_remark(
    sentence: Sentence, first: int, last: int, language: Understanding
) -> Iterator[tuple[int, int, bool]]:
    """Stretches of [first, last) that remain when a remark before or behind them is taken off, the longest first.

    Yields:
        (first, last, whether a mark divides the remark from what follows it, or it stands behind)
    """
    words, kinds = sentence.words, language.remarks
    for size in range(2, min(LONGEST, last - first - 2) + 1):
        behind = words[last - size : last]
        if is_remark(behind, language):
            yield first, last - size, True
        before = words[first : first + size]
        divided = sentence.pauses_after(first + size - 1)
        ends = before[-1] not in kinds.leading_on and words[first + size] not in kinds.going_on
        if (divided or ends) and is_remark(before, language):
            yield first + size, last, divided


def is_remark(words: Sequence[str], language: Understanding) -> bool:
    """Whether words make a statement that gives a reason and nothing else."""
    rest, kinds = list(words), language.remarks
    if bids_again(words, language):
        return False
    while rest and rest[0] in kinds.reasons:
        rest = rest[1:]
    if not rest or any(word in kinds.changing for word in rest):
        return False
    if rest[0] in kinds.statements:
        return len(rest) > 1
    contracted = _contracted(rest[: 1 + _NEAR], kinds)
    return contracted == 0 or (
        rest[0] in kinds.subjects and (contracted > 0 or any(word in kinds.verbs for word in rest[1 : 1 + _NEAR]))
    )


def bids_again(words: Sequence[str], language: Understanding) -> bool:
    """Whether words ask for something to be done with what was named before: 'turn it off'."""
    bidding, pronouns = (language.words.get(name, frozenset()) for name in (BIDDING, PRONOUNS))
    return any(verb in bidding and thing in pronouns for verb, thing in pairwise(words))


def in_its_place(part: Part, remark: Sentence, exact: Exact, language: Understanding) -> Part:
    """A request in the place that a remark beside it names: 'nobody is in the office, so turn the light off'.

    What is to be done with all of them stays as it is.
    """
    within, all_of_it = (language.words.get(name, frozenset()) for name in (WITHIN, EVERYTHING))
    if not within or all_of_it.intersection(part.sentence.words):
        return part
    own = {slot for slot, _ in part.match.slots}
    for size in range(min(LONGEST_NAME, len(remark)), 0, -1):
        for first in range(len(remark) - size + 1):
            place = remark.pick([first, *range(first, first + size)]).with_word(0, min(within))
            found = exact(part.sentence.join(place))
            if found is None or found.match.intent != part.match.intent:
                continue
            if own < {slot for slot, _ in found.match.slots}:
                return replace(found, when=part.when)
    return part


def _contracted(words: Sequence[str], kinds: Remarks) -> int:
    """The place of a noun that holds its verb ("the baby's asleep"); -1 when there is none."""
    forms = [form.split() for form in kinds.contracted]
    pairs = enumerate(pairwise(words))
    return next((i for i, (noun, then) in pairs for end, what in forms if then == what and noun.endswith(end)), -1)
