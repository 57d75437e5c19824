"""The neural language model at run time: words in, s(w, h), used as ln p(w | h), out.

Everything is in eight bits: a word's embedding is the integers of its row and one scale, and so is a row of each
matrix. The recurrent step is an ONNX graph over integers, in which every row of a batch has its own scale. So the
scores of a sentence do not depend on what else is in the batch.

Method 8, Raju et al. 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats, Ints
from harken.asr.ngram.model import END, SPECIAL, START, UNKNOWN
from harken.bundle import Bundle, load_bundle
from harken.errors import BundleError
from harken.onnx import Session

KIND = "neural-lm"
WORDS, TABLES, GRAPH = "words.txt", "tables.npz", "step.onnx"
"""Files of a bundle: a word a line; embedding, bias, first state; the recurrent step."""
NAME = "<name>"
"""Stands for any personal word: a contact, a device, an app."""
CLASSES = (*SPECIAL, NAME)
"""The first words of every vocabulary."""
FLOAT = np.float32


@dataclass(frozen=True)
class States:
    """The network after B beginnings of sentences.

    Attributes:
        h, c: [B, L, H].
        z: [B, E], what the next word is compared with.
    """

    h: NDArray[np.float32]
    c: NDArray[np.float32]
    z: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.z)

    def at(self, places: Ints) -> States:
        """Some of them, in this order, any number of times."""
        return States(self.h[places], self.c[places], self.z[places])


@dataclass(frozen=True, kw_only=True, eq=False)
class NeuralModel:
    """Immutable and thread-safe; any number of recognisers share it.

    Attributes:
        words: by id; they begin with `CLASSES`.
        rows, scale, bias: the embedding [V, E] in integers, the scale and bias of each word [V].
        first: (h, c) [L, H] before a sentence.
        step: the graph: integers `x` [B, E] with their `scale` [B, 1], `h`, `c` [B, L, H] -> `z`, `next_h`, `next_c`.
        rare: number of words that '<unk>' stands for, all equally likely.
    """

    words: tuple[str, ...]
    rows: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    first: tuple[NDArray[np.float32], NDArray[np.float32]]
    step: Session
    rare: int

    @classmethod
    def load(cls, bundle: str | Path = "neural-lm-en") -> NeuralModel:
        """Open a bundle by name or folder."""
        return cls.from_bundle(load_bundle(bundle))

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> NeuralModel:
        """The model of a bundle of kind 'neural-lm'.

        Raises:
            BundleError: another kind, or files that do not match each other.
        """
        bundle.expect(KIND)
        words, tables = tuple(bundle.text(WORDS).split("\n")), bundle.arrays(TABLES)
        if words[: len(CLASSES)] != CLASSES or len(words) != len(tables["rows"]):
            raise BundleError(f"{bundle.folder}: {WORDS} does not match {TABLES}; install the bundle again")
        return cls(
            words=words, rows=tables["rows"], scale=tables["scale"], bias=tables["bias"],
            first=(tables["h"], tables["c"]), step=bundle.session(GRAPH), rare=int(bundle.features["rare"]),
        )  # fmt: skip

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """Word -> id."""
        return {word: number for number, word in enumerate(self.words)}

    def reading(self, word: str, expected: Mapping[str, float]) -> tuple[int, float]:
        """(id, natural log units to add to its score) of a word as the model reads it.

        Args:
            word: any word.
            expected: personal words -> ln p(word | a personal word); the model reads them as one class.
        """
        if word in expected:
            return self.ids[NAME], expected[word]
        number = self.ids.get(word, UNKNOWN)
        return number, -log(self.rare) if number == UNKNOWN else 0.0

    def begin(self) -> States:
        """The state before the first word of a sentence, B = 1."""
        h, c = (state[None] for state in self.first)
        nothing = np.zeros((1, self.rows.shape[1]), FLOAT)
        return self.after(States(h, c, nothing), np.array([START]))

    def after(self, states: States, words: Ints) -> States:
        """The states after one more word each [B]."""
        result = self.step.run(x=self.rows[words], scale=self.scale[words, None], h=states.h, c=states.c)
        return States(result["next_h"], result["next_c"], result["z"])

    def scores(self, z: NDArray[np.float32], words: Ints) -> Floats:
        """s(w, h) [N] of one word [N] after each history, z [N, E]."""
        products = np.einsum("ne,ne->n", z, self.rows[words].astype(FLOAT)) * self.scale[words]
        return np.asarray(products + self.bias[words], np.float64)

    def score(self, sentence: Sequence[str]) -> list[float]:
        """s of each word and of the end, one word after the other."""
        states, scores = self.begin(), []
        for number, extra in (*(self.reading(word, {}) for word in sentence), (END, 0.0)):
            word = np.array([number])
            scores.append(float(self.scores(states.z, word)[0]) + extra)
            if number != END:
                states = self.after(states, word)
        return scores
