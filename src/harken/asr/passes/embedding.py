"""What stands behind a word besides the decoder's own numbers: how it sounded, and whether it suits its neighbours.

The acoustic embedding pools the acoustic network's hidden layer over the word's frames. The hypothesis embedding is a
small network that was trained on text to tell a word of a sentence from another word in its place, by three words to
either side; unlike the language model of the search it sees both sides.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats
from harken.asr.passes.evidence import Spans
from harken.audio.features import Frames

REACH = 3
"""Words to either side that the context network sees."""
LETTERS = 3
"""Letters of the pieces by which rare words resemble others."""
EDGE = "|"
"""Stands before the first and after the last letter of a word, and for no word beyond the ends of a sentence."""


def acoustic_embedding(hidden: Frames, spans: Spans) -> Frames:
    """Mean and greatest value [words, 2H] of the hidden layer [T, H] over each span; zeros where it has no frame."""
    pooled = np.zeros((len(spans), 2, hidden.shape[1]), np.float32)
    for row, (first, last) in enumerate(spans.tolist()):
        frames = hidden[first:last]
        if len(frames):
            pooled[row] = frames.mean(axis=0), frames.max(axis=0)
    return pooled.reshape(len(spans), -1)


def stretch_embedding(hidden: Frames) -> Frames:
    """Mean [H] of the hidden layer [T, H]: how noisy and how far away it all was."""
    return hidden.mean(axis=0) if len(hidden) else np.zeros(hidden.shape[1], np.float32)


def letter_pieces(word: str, buckets: int) -> list[int]:
    """Numbers below `buckets` of a word's letter trigrams, its edges included."""
    framed = f"{EDGE}{word}{EDGE}"
    pieces = [framed[place : place + LETTERS] for place in range(max(1, len(framed) - LETTERS + 1))]
    return [zlib.crc32(piece.encode()) % buckets for piece in pieces]


@dataclass(frozen=True, eq=False)
class ContextNetwork:
    """The hypothesis embedding.

    Attributes:
        words: vocabulary of V words; others have only their letters.
        table: [V + buckets, d] vectors of words, then of letter pieces.
        weights, bias: [2 `REACH` d, h], [h]: the hidden layer over the neighbours.
        out: [h, d] from the hidden layer to a vector that resembles the missing word.
        prior: [V + 1] what each word scores anywhere; the last one for others.
    """

    words: tuple[str, ...]
    table: Frames
    weights: Frames
    bias: Frames
    out: Frames
    prior: Frames

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> ContextNetwork:
        """From the arrays of a bundle; the table is stored as integers and one scale a row."""
        table = arrays["table"].astype(np.float32) * arrays["table.scale"].astype(np.float32)[:, None]
        rest = (arrays[name].astype(np.float32) for name in ("weights", "bias", "out", "prior"))
        return cls(tuple(str(arrays["words"]).split("\n")), table, *rest)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for a bundle."""
        scale = np.maximum(np.abs(self.table).max(axis=1), 1e-8) / 127
        arrays: dict[str, NDArray[Any]] = {
            "words": np.array("\n".join(self.words)), "table": np.round(self.table / scale[:, None]).astype(np.int8),
            "table.scale": scale.astype(np.float16),
        }  # fmt: skip
        return arrays | {n: getattr(self, n).astype(np.float16) for n in ("weights", "bias", "out", "prior")}

    @property
    def size(self) -> int:
        """Numbers in an embedding."""
        return 2 * int(self.table.shape[1]) + 2

    def __call__(self, words: Sequence[str]) -> Frames:
        """Embeddings [n, `size`] of the words of a sentence.

        Per word: its own vector, the vector that its neighbours expect, how well both agree, and how frequent it is.
        """
        if not words:
            return np.zeros((0, self.size), np.float32)
        own = np.stack([self.vector(word) for word in words])
        edge = np.broadcast_to(self.vector(EDGE), (REACH, own.shape[1]))
        padded = np.concatenate([edge, own, edge])
        around = [padded[place : place + len(words)] for place in range(2 * REACH + 1) if place != REACH]
        expected = np.maximum(np.concatenate(around, axis=1) @ self.weights + self.bias, 0) @ self.out
        prior = np.array([self.prior[self._numbers.get(word, -1)] for word in words], np.float32)
        agreement = (own * expected).sum(axis=1) + prior
        return np.concatenate([own, expected, agreement[:, None], prior[:, None]], axis=1)

    def vector(self, word: str) -> Frames:
        """The vector [d] of a word: its own and the mean of its letter pieces."""
        known = len(self.words)
        pieces = [known + piece for piece in letter_pieces(word, len(self.table) - known)]
        letters: Frames = self.table[pieces].mean(axis=0)
        return letters + self.table[self._numbers[word]] if word in self._numbers else letters

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}


def compress(embedding: Frames, mean: Frames, axes: Frames) -> Floats:
    """Coordinates [n, k] of embeddings [n, m] along axes [m, k] around a mean [m]."""
    return np.asarray((embedding - mean) @ axes, np.float64)
