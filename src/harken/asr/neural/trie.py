"""Scores of many sentences at once: what they begin with in common is computed once.

The sentences form a trie. All prefixes of one length are one batch, so a list of sentences costs as many calls of the
network as the longest one has words, and as many recurrent steps as there are different prefixes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harken.asr.arrays import Floats, Ints
from harken.asr.neural.model import NeuralModel, States
from harken.asr.ngram.model import END


@dataclass(frozen=True)
class TrieScores:
    """Attributes:
    totals: [N] sum of s over the words and the end of each sentence.
    steps: recurrent steps that it took.
    """

    totals: Floats
    steps: int


def score_sentences(
    model: NeuralModel, sentences: Sequence[Sequence[str]], *, expected: Mapping[str, float] | None = None,
    late: Callable[[], bool] = lambda: False,
) -> TrieScores | None:  # fmt: skip
    """The scores of sentences; None when it got late before all were known.

    Args:
        model: to score with.
        sentences: words of each.
        expected: personal words, as for `NeuralModel.reading`.
        late: asked before each word.
    """
    readings = [[model.reading(word, expected or {}) for word in sentence] for sentence in sentences]
    totals = np.array([sum(extra for _, extra in reading) for reading in readings], np.float64)
    words = [[number for number, _ in reading] + [END] for reading in readings]
    active: Ints = np.arange(len(words))
    node: Ints = np.zeros(len(words), np.int64)
    if late():
        return None
    states, steps, depth = model.begin(), 1, 0
    while len(active):
        target = np.array([words[n][depth] for n in active])
        totals[active] += model.scores(states.z[node], target)
        going = target != END
        active, parents, target = active[going], node[going], target[going]
        if not len(active):
            break
        if late():
            return None
        states, node = _branch(model, states, parents, target)
        steps += len(states)
        depth += 1
    return TrieScores(totals, steps)


def _branch(model: NeuralModel, states: States, parents: Ints, words: Ints) -> tuple[States, Ints]:
    """The states of all different (parent, word) pairs [N], and the place of each pair among them."""
    pairs, node = np.unique(np.stack([parents, words], 1), axis=0, return_inverse=True)
    return model.after(states.at(pairs[:, 0]), pairs[:, 1]), node.reshape(-1)
