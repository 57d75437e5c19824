"""Which of several hypotheses of the recogniser was meant: not always the likeliest one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from harken.events import Interpretation, Transcript, Word

DOUBTED = 0.6
"""The last word may not have been said when it was heard with less confidence."""
RIVAL = 0.25
"""Another hypothesis counts only if its confidence is at least this share of the likeliest one's."""
MOST_RIVALS = 4
"""Hypotheses beside the likeliest one that are read."""
SHORT = 3
"""In sentences of so few words the hypotheses are often other words for the same answer: "no need", "no no", "nah"."""

Read = Callable[[Sequence[str]], Interpretation]


def likeliest_reading(
    event: Transcript, read: Read, is_value: Callable[[Sequence[str]], bool], turning: Collection[str]
) -> Interpretation:
    """The likeliest hypothesis, or if templates do not cover it and it is no bare value, a likely other one that they
    cover. A short one is as sure as the surest that means the same.

    Args:
        event: with at least one hypothesis.
        read: the words of a sentence -> its meaning.
        is_value: whether words are one value that some skill asks for.
        turning: words that change what a sentence means.
    """
    first = event.hypotheses[0]
    texts = [word.text for word in first.words]
    best = replace(read(texts), heard=first.confidence)
    if best.exact and len(texts) <= SHORT:
        return replace(best, heard=max(best.heard, *_confidences_of(best, event, read)))
    if best.exact or is_value(texts):
        return best
    fitting = (rival for rival in _rivals(event, read) if _fits(rival, first.words, is_value, turning))
    return next(fitting, best)


def _confidences_of(best: Interpretation, event: Transcript, read: Read) -> list[float]:
    """Of the other hypotheses with the same meaning; 0 first, so that there is one."""
    others = [hypothesis for hypothesis in event.hypotheses[1 : MOST_RIVALS + 1] if hypothesis.confidence > best.heard]
    return [0.0, *(other.confidence for other in others if _meaning(read(other.text.split())) == _meaning(best))]


def _meaning(found: Interpretation) -> Interpretation:
    """All that counts of a reading, without the words that it was said in."""
    slots = tuple(replace(slot, text="", first=0, last=0, score=0.0) for slot in found.slots)
    return replace(found, text="", score=0.0, alternatives=(), action="", heard=1.0, slots=slots)


def _rivals(event: Transcript, read: Read) -> Iterator[Interpretation]:
    """What else may have been said, with its confidence.

    The other likely hypotheses, and the likeliest one without its last word if that may have been a breath. Every
    hypothesis that adds at most one word to the rest speaks for the rest.
    """
    first, *others = event.hypotheses
    for other in others[:MOST_RIVALS]:
        if other.confidence >= RIVAL * first.confidence:
            yield replace(read(other.text.split()), heard=other.confidence)
    if len(first.words) < 2 or first.words[-1].confidence >= DOUBTED:
        return
    kept = [word.text for word in first.words[:-1]]
    alike = (other for other in event.hypotheses if len(other.words) <= len(first.words))
    heard = sum(other.confidence for other in alike if other.text.split()[: len(kept)] == kept)
    yield replace(read(kept), heard=min(1.0, heard))


def _fits(
    rival: Interpretation, words: Sequence[Word], is_value: Callable[[Sequence[str]], bool], turning: Collection[str]
) -> bool:
    """Whether templates cover a rival and it leaves nothing out of the likeliest hypothesis but a doubtful last word.

    A bare value, which may answer a question, counts as covered beside a hypothesis of as many words.
    """
    heard, instead = [word.text for word in words], rival.text.split()
    if not rival.exact and not (len(instead) == len(heard) and is_value(instead)):
        return False
    if instead == heard[:-1]:  # a breath at the end often becomes a short word
        return words[-1].confidence < DOUBTED and heard[-1] not in turning
    lost = [word for word in heard if word in turning and word not in instead]
    return not lost and not _leaves_out(heard, instead)


def _leaves_out(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the others are the same words with some missing."""
    rest = iter(words)
    return len(others) < len(words) and all(word in rest for word in others)
