"""Sentences as numbers: the vector of a small frozen transformer, and hashed n-grams.

A word's vector is its row in a vocabulary plus the mean of its hashed letter n-grams (Bojanowski et al. 2017,
"Enriching Word Vectors with Subword Information"); transformer layers (Vaswani et al. 2017) read the words. It is
trained by `harken.train.nlu.encoder` and runs by numpy alone, well under a millisecond a request.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 14
"""Hash buckets of n-grams."""
_LETTERS = (3, 4, 5)
"""Sizes of letter n-grams; a word is taken with its boundaries, so 'on' gives '<on', 'on>' and '<on>'."""
MAX_IDS = 400
"""n-grams of a sentence beyond this are dropped; a spoken request has about 80."""
LONGEST = 32
"""Words of a sentence that the encoder reads; later ones are dropped."""
PIECE_ROWS = 1 << 13
"""Rows of the encoder's table of letter n-grams."""
HEADS = 4
"""Attention heads of a layer."""
_LAYER = ("before", "asks", "mix", "between", "up", "down")
_STACKED = 64
"""Sentences that are read at once."""

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]


def ngram_ids(words: Sequence[str]) -> Ids:
    """Hash buckets of the n-grams of a sentence, each once, in ascending order.

    Returns:
        int32 [k], 0 <= id < BUCKETS.
    """
    ids: set[int] = set()
    for word in words:
        ids.update(_word_ids(word))
    for left, right in zip(("<s>", *words), (*words, "</s>"), strict=True):
        ids.add(_bucket(f"{left} {right}"))
    for left, right in zip(words, words[2:], strict=False):
        ids.add(_bucket(f"{left} _ {right}"))
    return np.array(sorted(ids)[:MAX_IDS], dtype=np.int32)


@dataclass(frozen=True)
class Features:
    """A sentence as the heads read it."""

    ids: Ids
    """Buckets of its n-grams."""
    embedding: Floats
    """float32 [encoder size], of length 1."""


class WordPieces:
    """How a word is split: its place in a vocabulary, and its letter n-grams.

    Args:
        vocabulary: the words that have a row of their own.
    """

    def __init__(self, vocabulary: Sequence[str]):
        self.vocabulary = tuple(vocabulary)
        self._rows = {word: row for row, word in enumerate(self.vocabulary, 1)}

    def row(self, word: str) -> int:
        """1 .. size of the vocabulary; 0 for an unknown word."""
        return self._rows.get(word, 0)

    @staticmethod
    def grams(word: str) -> Ids:
        """int32 [k > 0], rows of the table of n-grams."""
        return _pieces(word)


class Encoder:
    """The frozen encoder of a bundle.

    Args:
        pieces: how a word is split.
        weights: name -> matrix or vector, as `of_weights` has them, in eight bits (`Quantized`) where they are large.
    """

    def __init__(self, pieces: WordPieces, weights: Mapping[str, NDArray[Any]]):
        self._pieces, self._stored = pieces, dict(weights)
        small = {name: _restored(self._stored, name) for name in _names(self._stored) if name not in _TABLES}
        self._layers: list[dict[str, Floats]] = []
        while f"layers.{len(self._layers)}.asks.weight" in small:
            number = len(self._layers)
            self._layers.append({
                f"{part}.{kind}": small[f"layers.{number}.{part}.{kind}"] for part in _LAYER for kind in _KINDS
            })  # fmt: skip
        self._rest = small
        self._word = lru_cache(maxsize=16_384)(self._word_vector)

    @classmethod
    def of_weights(cls, pieces: WordPieces, weights: Mapping[str, Floats]) -> Encoder:
        """An encoder in eight bits from float32 weights [out, in], named as in training."""
        stored: dict[str, NDArray[Any]] = {}
        for name, value in weights.items():
            if value.ndim == 2 and value.shape[0] > 1 and name != "places":
                scale = (np.abs(value).max(axis=1) / 127 + 1e-6).astype(np.float16).astype(np.float32)
                stored[name] = np.clip(np.round(value / scale[:, None]), -127, 127).astype(np.int8)
                stored[f"{name}.scale"] = scale.astype(np.float16)
            else:
                stored[name] = value.astype(np.float16)
        return cls(pieces, stored)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For an .npz file."""
        letters = np.frombuffer("\n".join(self._pieces.vocabulary).encode(), dtype=np.uint8)
        return {"vocabulary": letters, **self._stored}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Encoder:
        """The inverse of `arrays`."""
        vocabulary = arrays["vocabulary"].tobytes().decode().split("\n")
        return cls(WordPieces(vocabulary), {name: arrays[name] for name in arrays if name != "vocabulary"})

    @property
    def size(self) -> int:
        """Length of an embedding."""
        return len(self._rest["out.bias"])

    def features(self, words: Sequence[str]) -> Features:
        """A sentence as the heads read it."""
        return Features(ngram_ids(words), self.embed([words])[0])

    def all_features(self, sentences: Sequence[Sequence[str]]) -> list[Features]:
        """The features of many sentences, faster than one by one."""
        embeddings = self.embed(sentences)
        return [Features(ngram_ids(words), row) for words, row in zip(sentences, embeddings, strict=True)]

    def embed(self, sentences: Sequence[Sequence[str]]) -> Floats:
        """float32 [sentences, size], each of length 1; zero for a sentence without words."""
        vectors = np.zeros((len(sentences), self.size), dtype=np.float32)
        for rows in _alike(sentences):
            stacked = np.stack([[self._word(word) for word in sentences[row][:LONGEST]] for row in rows])
            raw = self._read(stacked)
            vectors[rows] = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-6)
        return vectors

    def _read(self, x: Floats) -> Floats:
        """[n, words, width] -> [n, size]"""
        x = x + self._rest["places"][: x.shape[1]]
        for layer in self._layers:
            x = x + _dense(_attended(_dense(_normed(x, layer, "before"), layer, "asks")), layer, "mix")
            x = x + _dense(np.maximum(_dense(_normed(x, layer, "between"), layer, "up"), 0.0), layer, "down")
        x = _normed(x, self._rest, "norm")
        return _dense(np.concatenate([x.mean(axis=1), x.max(axis=1)], axis=1), self._rest, "out")

    def _word_vector(self, word: str) -> Floats:
        grams = self._pieces.grams(word)
        vector = (
            self._stored["grams.weight"][grams] * self._stored["grams.weight.scale"][grams, None].astype(np.float32)
        ).mean(axis=0)
        row = self._pieces.row(word)
        if row:
            vector = vector + self._stored["words.weight"][row] * np.float32(self._stored["words.weight.scale"][row])
        return np.asarray(vector, dtype=np.float32)


_KINDS = ("weight", "bias")
_TABLES = ("words.weight", "grams.weight")


def _names(stored: Mapping[str, NDArray[Any]]) -> list[str]:
    return [name for name in stored if not name.endswith(".scale")]


def _restored(stored: Mapping[str, NDArray[Any]], name: str) -> Floats:
    """As float32; matrices [in, out]."""
    value = stored[name].astype(np.float32)
    if f"{name}.scale" in stored:
        value = value * stored[f"{name}.scale"].astype(np.float32)[:, None]
        return np.ascontiguousarray(value.T)
    return value


def _dense(x: Floats, weights: Mapping[str, Floats], name: str) -> Floats:
    return np.asarray(x @ weights[f"{name}.weight"] + weights[f"{name}.bias"], dtype=np.float32)


def _normed(x: Floats, weights: Mapping[str, Floats], name: str) -> Floats:
    """Layer normalisation."""
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-5)
    return np.asarray(centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"], dtype=np.float32)


def _attended(asked: Floats) -> Floats:
    """Queries, keys and values side by side, [n, words, 3 width] -> [n, words, width]."""
    n, length, triple = asked.shape
    width = triple // 3
    parts = asked.reshape(n, length, 3, HEADS, width // HEADS).transpose(2, 0, 3, 1, 4)
    scores = parts[0] @ parts[1].swapaxes(-1, -2) / np.float32(np.sqrt(width // HEADS))
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ parts[2]
    return np.asarray(mixed.transpose(0, 2, 1, 3).reshape(n, length, width), dtype=np.float32)


def _alike(sentences: Sequence[Sequence[str]]) -> Iterator[list[int]]:
    """Rows of sentences of equal length (which is not 0), a few at a time."""
    by_length: dict[int, list[int]] = {}
    for row, words in enumerate(sentences):
        if words:
            by_length.setdefault(min(len(words), LONGEST), []).append(row)
    for rows in by_length.values():
        for start in range(0, len(rows), _STACKED):
            yield rows[start : start + _STACKED]


def _framed_grams(word: str) -> set[str]:
    framed = f"<{word}>"
    return {framed[i : i + n] for n in _LETTERS for i in range(len(framed) - n + 1)}


@lru_cache(maxsize=16_384)
def _word_ids(word: str) -> tuple[int, ...]:
    return (_bucket(f"w:{word}"), *(_bucket(gram) for gram in _framed_grams(word)))


@lru_cache(maxsize=65_536)
def _pieces(word: str) -> Ids:
    grams = _framed_grams(word) or {f"<{word}>"}
    return np.array(sorted({zlib.crc32(gram.encode()) % PIECE_ROWS for gram in grams}), dtype=np.int32)


def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode()) % BUCKETS
