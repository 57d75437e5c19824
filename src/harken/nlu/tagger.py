"""Slots of one skill: a CRF on the states of the frozen token encoder, the words themselves, and list membership.

emission[word, tag] = dense . state + sum of the weights of the word's features; see `crf` for the rest and
`tagger_training` for how a skill's tagger is fitted. Tags: 'O', 'B-slot', 'I-slot'.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import BundleError
from harken.nlu.crf import OUTSIDE, Crf, Floats, Labelled, allowed_steps, spans_of
from harken.nlu.token_encoder import TokenEncoder

Hints = Sequence[Sequence[str]]
"""For each word, the lists that have an entry beginning ('B:name') or continuing ('I:name') there."""
_RANKED = 8
"""Taggings that are looked through for one in which no slot stands twice."""
Scored = tuple[str, int, int, float]
"""(slot, first word, one past the last, probability 0..1)."""


@dataclass(frozen=True)
class Tagger:
    """Trained tagger of one skill."""

    crf: Crf
    dense: Floats
    """[size of a state, tags]; [0, tags] without a token encoder."""
    features: dict[str, int]
    """Feature -> row of `weights`."""
    weights: Floats
    """[features, tags]"""
    encoder: TokenEncoder | None = None

    def spans(self, words: Sequence[str], hints: Hints, *, slots: Collection[str] | None = None) -> list[Scored]:
        """The slots of the likeliest tagging, each once and in order, with the probability of just these words.

        Args:
            words: the sentence.
            hints: the lists that its words stand in.
            slots: only these are possible, for example those of the intent; all when None.
        """
        if not words:
            return []
        emissions = self.emissions(words, hints, slots)
        return [(*span, self.crf.span_probability(emissions, span)) for span in self._likeliest(emissions)]

    def nbest(
        self, words: Sequence[str], hints: Hints, n: int, *, slots: Collection[str] | None = None
    ) -> list[tuple[tuple[Labelled, ...], float]]:
        """The `n` likeliest taggings as spans, with their probabilities 0..1, best first; fewer if fewer exist.

        Args:
            words: the sentence.
            hints: the lists that its words stand in.
            n: how many.
            slots: only these are possible; all when None.
        """
        if not words:
            return [((), 1.0)]
        found = self.crf.n_best(self.emissions(words, hints, slots), n)
        return [(tuple(spans_of([self.crf.tags[tag] for tag in path])), share) for path, share in found]

    def emissions(self, words: Sequence[str], hints: Hints, slots: Collection[str] | None = None) -> Floats:
        """Scores of the tags of each word, float32 [words, tags]; -inf for tags of other slots than `slots`.

        Raises:
            BundleError: it was fitted on a token encoder and has none.
        """
        rows = np.tile(possible_tags(self.crf.tags, slots), (len(words), 1))
        for place in range(len(words)):
            known = [row for f in word_features(words, hints, place) if (row := self.features.get(f)) is not None]
            rows[place] += self.weights[known].sum(axis=0)
        if not len(self.dense):
            return rows
        if self.encoder is None:
            raise BundleError("a tagger needs the token encoder it was fitted on and got none; train the skill again")
        return rows + self.encoder.states(words) @ self.dense

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an .npz file."""
        rows = sorted(self.features, key=self.features.__getitem__)
        scale = np.float32(np.abs(self.weights).max(initial=1e-6) / 127)
        finite = np.where(np.isfinite(self.crf.transitions), self.crf.transitions, 0.0)
        start = np.where(np.isfinite(self.crf.start), self.crf.start, 0.0)
        return {
            "tags": np.array(self.crf.tags), "rows": np.frombuffer("\n".join(rows).encode(), dtype=np.uint8),
            "weights": np.round(self.weights / scale).astype(np.int8), "scale": np.array([scale]),
            "dense": self.dense.astype(np.float16), "steps": finite.astype(np.float32),
            "ends": np.stack([start, self.crf.stop]).astype(np.float32),
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.generic]], encoder: TokenEncoder | None = None) -> Tagger:
        """The inverse of `arrays`.

        Args:
            arrays: from the file.
            encoder: the token encoder that it was fitted on, if it was; needed only for tagging.
        """
        dense = arrays["dense"].astype(np.float32)
        text = arrays["rows"].tobytes().decode()
        rows = text.split("\n") if text else []
        tags = tuple(str(tag) for tag in arrays["tags"])
        allowed, first = allowed_steps(tags)
        start, stop = arrays["ends"].astype(np.float32)
        crf = Crf(tags, arrays["steps"].astype(np.float32) + allowed, start + first, stop)
        weights = arrays["weights"].astype(np.float32) * float(arrays["scale"][0].item())
        return cls(crf, dense, {row: i for i, row in enumerate(rows)}, weights, encoder if len(dense) else None)

    def _likeliest(self, emissions: Floats) -> list[Labelled]:
        """The spans of the best tagging; of the best few, the first in which no slot stands twice."""
        best = list(spans_of([self.crf.tags[tag] for tag in self.crf.best(emissions)]))
        if _stands_twice(best):
            for path, _ in self.crf.n_best(emissions, _RANKED)[1:]:
                spans = list(spans_of([self.crf.tags[tag] for tag in path]))
                if not _stands_twice(spans):
                    return spans
        return best


def possible_tags(tags: Sequence[str], slots: Collection[str] | None) -> Floats:
    """What is added to the emissions, float32 [tags]: -inf for tags of other slots than these; 0 for all if None."""
    shut = [slots is not None and tag != OUTSIDE and tag[2:] not in slots for tag in tags]
    return np.where(shut, -np.inf, 0.0).astype(np.float32)


def word_features(words: Sequence[str], hints: Hints, place: int) -> Iterator[str]:
    """What the tagger looks at besides the states: the word, its ending, two neighbours either side, lists."""

    def word(at: int) -> str:
        return words[at] if 0 <= at < len(words) else "<edge>"

    here = words[place]
    yield "bias"
    yield f"w={here}"
    yield f"end={here[-3:]}"
    for step in (-2, -1, 1, 2):
        yield f"w{step:+d}={word(place + step)}"
    yield f"w-1,w={word(place - 1)},{here}"
    yield f"w,w+1={here},{word(place + 1)}"
    if not hints[place]:
        yield "h="
    for hint in hints[place]:
        yield f"h={hint}"
        yield f"h,w-1={hint},{word(place - 1)}"
    for step, where in ((-1, place - 1), (1, place + 1)):
        for hint in hints[where] if 0 <= where < len(words) else ():
            yield f"h{step:+d}={hint}"


def _stands_twice(spans: Sequence[Labelled]) -> bool:
    return len({slot for slot, _, _ in spans}) < len(spans)
