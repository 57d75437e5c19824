"""Word-level acceptors define which word sequences are allowed, and at what cost; these come from a language model.

Costs are negative natural logs. A state may back off to another one at a cost without consuming a word; grammars have
no back-off, but gaps: places where any entry of a list may stand (`harken.asr.graph.grammar`).
`harken.asr.graph.compiler` spells the words of an acceptor in phones, `harken.asr.graph.joining` fills the gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats, Ints
from harken.asr.ngram.model import END, START, UNKNOWN, NgramModel, histories_of, pack, unpack


@dataclass(frozen=True)
class Gaps:
    """Where the entries of lists go: N arcs that carry a list instead of a word.

    Attributes:
        lists: names of the list ids.
        source: [N] state before; list, cost and target alike. The cost is that of the list, not of its entries.
    """

    lists: tuple[str, ...]
    source: Ints
    list: Ints
    cost: NDArray[np.float32]
    target: Ints


_NONE = np.zeros(0, np.int64)
NO_GAPS = Gaps((), _NONE, _NONE, np.zeros(0, np.float32), _NONE)


@dataclass(frozen=True)
class Acceptor:
    """A weighted acceptor over words.

    Attributes:
        words: names of the word ids; id 0 is no word.
        source, word, cost, target: [N] arcs.
        final: [S] cost of ending in a state; inf where a sentence cannot end.
        backoff: [S] state to back off to, -1 for none.
        backoff_cost: [S].
        start: the first state.
        gaps: arcs that carry a list.
    """

    words: tuple[str, ...]
    source: Ints
    word: Ints
    cost: NDArray[np.float32]
    target: Ints
    final: NDArray[np.float32]
    backoff: Ints
    backoff_cost: NDArray[np.float32]
    start: int
    gaps: Gaps = NO_GAPS

    @property
    def states(self) -> int:
        """How many states."""
        return len(self.final)


def ngram_acceptor(model: NgramModel) -> Acceptor:
    """The acceptor of a back-off model: one state per history that is extended, back-off arcs in between.

    '<unk>' is left out: a recogniser cannot say it.
    """
    histories = [np.zeros(1, np.int64)] + [_histories(model, n) for n in range(1, len(model.orders))]
    offsets = np.cumsum([0] + [len(keys) for keys in histories])
    parts = [_arcs(model, n, histories, offsets) for n in range(1, len(model.orders) + 1)]
    source, word, cost, target = (np.concatenate(column) for column in zip(*parts, strict=True))
    ends, speakable = word == END, (word != END) & (word != START) & (word != UNKNOWN)
    final = np.full(offsets[-1], np.inf, np.float32)
    final[source[ends]] = cost[ends]
    backoff, backoff_cost = _backoffs(model, histories, offsets)
    return Acceptor(
        ("", *model.words[1:]), source[speakable], word[speakable], cost[speakable].astype(np.float32),
        target[speakable], final, backoff, backoff_cost.astype(np.float32),
        int(_state(np.array([[START]]), histories, offsets)[0]),
    )  # fmt: skip


def _histories(model: NgramModel, n: int) -> Ints:
    """Packed histories of n words that some listed n+1-gram extends; the sentence start is always one."""
    extended = np.unique(histories_of(model.orders[n].keys))
    return np.union1d(extended, [START]) if n == 1 else extended


def _state(grams: NDArray[np.int32] | Ints, histories: list[Ints], offsets: Ints) -> Ints:
    """State [M] of the longest suffix of each history [M, n] that is a state."""
    n = grams.shape[1]
    if n == 0:
        return np.zeros(len(grams), np.int64)
    if n >= len(histories):
        return _state(grams[:, 1:], histories, offsets)
    keys, listed = pack(grams), histories[n]
    if not len(listed):
        return _state(grams[:, 1:], histories, offsets)
    place = np.minimum(np.searchsorted(listed, keys), len(listed) - 1)
    return np.where(listed[place] == keys, offsets[n] + place, _state(grams[:, 1:], histories, offsets))


def _arcs(model: NgramModel, n: int, histories: list[Ints], offsets: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    table = model.orders[n - 1]
    grams = unpack(table.keys, n)
    source = _state(grams[:, :-1], histories, offsets)
    return source, grams[:, -1].astype(np.int64), -table.log_prob.astype(np.float64), _state(grams, histories, offsets)


def _backoffs(model: NgramModel, histories: list[Ints], offsets: Ints) -> tuple[Ints, Floats]:
    targets, costs = [np.array([-1])], [np.zeros(1)]
    for n in range(1, len(histories)):
        grams = unpack(histories[n], n)
        targets.append(_state(grams[:, 1:], histories, offsets))
        costs.append(-model.backoffs(grams))
    return np.concatenate(targets), np.concatenate(costs)
