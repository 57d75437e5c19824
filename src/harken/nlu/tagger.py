"""Slots by an averaged perceptron that tags the words of a sentence from left to right.

M. Collins 2002, "Discriminative Training Methods for Hidden Markov Models", algorithm of figure 1 with averaged
parameters (section 2.4), decoded greedily with the previous tag as a feature. Tags: 'O', 'B-slot', 'I-slot'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Hints = Sequence[Sequence[str]]
"""For each word, the lists that have an entry beginning ('B:name') or continuing ('I:name') there."""
_EPOCHS = 5


class Tagger:
    """Trained tagger of one skill.

    Args:
        tags: tag names; 'O' is the first.
        features: feature -> row.
        weights: float32 [features, tags].
    """

    def __init__(self, tags: Sequence[str], features: dict[str, int], weights: NDArray[np.float32]):
        self.tags, self.features, self.weights = tuple(tags), features, weights

    def spans(self, words: Sequence[str], hints: Hints) -> list[tuple[str, int, int, float]]:
        """(slot, first word, one past the last, score 0..1) of each slot, in order."""
        tagged: list[tuple[str, float]] = []
        before = "O"
        for place in range(len(words)):
            scores = self._scores(words, hints, place, before)
            best = int(np.argmax(scores + self._allowed(before)))
            before = self.tags[best]
            tagged.append((before, _share(scores, best)))
        return list(_joined(tagged))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an .npz file."""
        rows = sorted(self.features, key=self.features.__getitem__)
        scale = np.float32(np.abs(self.weights).max(initial=1e-6) / 127)
        return {
            "tags": np.array(self.tags), "rows": np.frombuffer("\n".join(rows).encode(), dtype=np.uint8),
            "weights": np.round(self.weights / scale).astype(np.int8), "scale": np.array([scale]),
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.generic]]) -> Tagger:
        """The inverse of `arrays`."""
        rows = arrays["rows"].tobytes().decode().split("\n")
        weights = arrays["weights"].astype(np.float32) * float(arrays["scale"][0].item())
        return cls([str(tag) for tag in arrays["tags"]], {row: i for i, row in enumerate(rows)}, weights)

    def _scores(self, words: Sequence[str], hints: Hints, place: int, before: str) -> NDArray[np.float32]:
        rows = [row for f in word_features(words, hints, place, before) if (row := self.features.get(f)) is not None]
        return np.asarray(self.weights[rows].sum(axis=0), dtype=np.float32)

    def _allowed(self, before: str) -> NDArray[np.float32]:
        """A slot continues only when it has begun."""
        slot = before[2:]
        return np.array(
            [-np.inf if tag.startswith("I-") and tag[2:] != slot else 0.0 for tag in self.tags], dtype=np.float32
        )


def word_features(words: Sequence[str], hints: Hints, place: int, before: str) -> Iterator[str]:
    """What the tagger looks at: the word, its ending, two neighbours either side, list membership, previous tag."""

    def word(at: int) -> str:
        return words[at] if 0 <= at < len(words) else "<edge>"

    here = words[place]
    yield "bias"
    yield f"w={here}"
    yield f"end={here[-3:]}"
    yield f"t-1={before}"
    yield f"t-1,w={before},{here}"
    for step in (-2, -1, 1, 2):
        yield f"w{step:+d}={word(place + step)}"
    yield f"w-1,w={word(place - 1)},{here}"
    yield f"w,w+1={here},{word(place + 1)}"
    for hint in hints[place]:
        yield f"h={hint}"
        yield f"h,w-1={hint},{word(place - 1)}"
        yield f"h,t-1={hint},{before}"


def fit_tagger(
    sentences: Sequence[tuple[Sequence[str], Hints, Sequence[tuple[str, int, int]]]], rng: np.random.Generator
) -> Tagger:
    """Fit on (words, hints, spans) triples; spans are (slot, first word, one past the last)."""
    gold = [tags_of(len(words), spans) for words, _, spans in sentences]
    tags = ["O", *sorted({tag for line in gold for tag in line} - {"O"})]
    number = {tag: i for i, tag in enumerate(tags)}
    rows: dict[str, int] = {}
    for (words, hints, _), line in zip(sentences, gold, strict=True):
        for place in range(len(words)):
            before = line[place - 1] if place else "O"
            for feature in word_features(words, hints, place, before):
                rows.setdefault(feature, len(rows))
    tagger = Tagger(tags, rows, np.zeros((len(rows), len(tags)), dtype=np.float32))
    total = np.zeros_like(tagger.weights)
    step = 0
    for _ in range(_EPOCHS):
        for pick in rng.permutation(len(sentences)):
            words, hints, _spans = sentences[pick]
            step = _learn(tagger, total, step, words, hints, [number[tag] for tag in gold[pick]])
    tagger.weights = (tagger.weights - total / max(step, 1)).astype(np.float32)
    return _pruned(tagger)


def tags_of(length: int, spans: Sequence[tuple[str, int, int]]) -> list[str]:
    """BIO tags of spans."""
    tags = ["O"] * length
    for slot, first, last in spans:
        tags[first:last] = [f"B-{slot}"] + [f"I-{slot}"] * (last - first - 1)
    return tags


def _learn(
    tagger: Tagger, total: NDArray[np.float32], step: int, words: Sequence[str], hints: Hints, gold: Sequence[int]
) -> int:
    """Learn one sentence; `total` accumulates step-weighted updates, so that weights - total / steps is the average."""
    before = "O"
    for place, right in enumerate(gold):
        step += 1
        known = tagger.features
        rows = [known[f] for f in word_features(words, hints, place, before) if f in known]
        guess = int(np.argmax(tagger.weights[rows].sum(axis=0) + tagger._allowed(before)))
        if guess != right:
            for table, amount in ((tagger.weights, 1.0), (total, float(step))):
                table[rows, right] += amount
                table[rows, guess] -= amount
        before = tagger.tags[right]
    return step


def _pruned(tagger: Tagger) -> Tagger:
    """Without the rows that hardly matter: a quarter of the size, with the same tags."""
    weight = np.abs(tagger.weights).max(axis=1, initial=0.0)
    keep = weight > 0.02 * weight.max(initial=0.0)
    names = [name for name, row in tagger.features.items() if keep[row]]
    weights = tagger.weights[[tagger.features[name] for name in names]] if names else tagger.weights[:0]
    return Tagger(tagger.tags, {name: i for i, name in enumerate(names)}, weights)


def _share(scores: NDArray[np.float32], best: int) -> float:
    shifted = np.exp((scores - scores.max()) / 4.0)
    return float(shifted[best] / shifted.sum())


def _joined(tagged: Sequence[tuple[str, float]]) -> Iterator[tuple[str, int, int, float]]:
    place = 0
    while place < len(tagged):
        tag, score = tagged[place]
        first, place = place, place + 1
        if not tag.startswith("B-"):
            continue
        while place < len(tagged) and tagged[place][0] == f"I-{tag[2:]}":
            score = min(score, tagged[place][1])
            place += 1
        yield tag[2:], first, place, score
