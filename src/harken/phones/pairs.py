"""Pronunciations by an n-gram over pairs of a letter and its phones (Bisani and Ney 2008), by beam search in numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harken.phones.dictionary import Phones

BITS = 9
"""Bits of a pair's id in a packed n-gram; seven of them fit into 63."""
START, END = 0, 1
_STEP = 0.06
"""Step in which log-probabilities are stored, as bytes."""
_MOST_BACKOFF = np.float32(2.0)
"""Weights are rarely above 1; their logs are stored as the distance to this."""

Ints = NDArray[np.int64]


class PairOrder(NamedTuple):
    """The listed n-grams of one length."""

    keys: Ints
    """[N] packed ids, ascending."""
    log_prob: NDArray[np.float32]
    """[N] natural log of p(last | those before)."""
    backoff: NDArray[np.float32]
    """[N] natural log of the weight of shorter histories."""


@dataclass(frozen=True)
class PairModel:
    """Pairs and the n-gram over them.

    Attributes:
        letters: [pairs] letter id of each pair, 0 for START and END.
        phones: phones of each pair.
        orders: tables of orders 1, 2, ...
    """

    letters: NDArray[np.int16]
    phones: tuple[Phones, ...]
    orders: tuple[PairOrder, ...]

    @staticmethod
    def score(orders: Sequence[PairOrder], keys: Ints, n: int) -> NDArray[np.float32]:
        """Natural log-probabilities [M] of n-grams [M] packed in `keys`, backed off where they are not listed."""
        total = np.zeros(len(keys), np.float32)
        unscored = np.arange(len(keys))
        for order in range(n, 0, -1):
            here = keys[unscored] & ((1 << BITS * order) - 1)
            place, listed = _find(orders[order - 1].keys, here)
            total[unscored[listed]] += orders[order - 1].log_prob[place[listed]]
            unscored, here = unscored[~listed], here[~listed]
            if not len(unscored):
                break
            place, listed = _find(orders[order - 2].keys, here >> BITS)
            total[unscored[listed]] += orders[order - 2].backoff[place[listed]]
        return total

    @cached_property
    def choices(self) -> dict[int, Ints]:
        """Ids of the pairs of each letter."""
        return {int(letter): np.flatnonzero(self.letters == letter) for letter in np.unique(self.letters)}

    def pronounce(self, letters: Sequence[int], *, nbest: int = 1, beam: int = 24) -> list[tuple[Phones, float]]:
        """Best pronunciations, each with the natural log of its probability among those that the beam held.

        Args:
            letters: ids; with one that no pair has there is no answer.
            nbest: how many, at most.
            beam: histories kept at each letter.
        """
        order = len(self.orders)
        mask = (1 << BITS * (order - 1)) - 1
        histories, scores = np.array([START], np.int64), np.zeros(1)
        paths: list[tuple[int, ...]] = [()]
        for place, letter in enumerate((*letters, 0)):
            ids = self.choices.get(letter, np.zeros(0, np.int64)) if letter else np.array([END])
            if not len(ids):
                return []
            keys = ((histories[:, None] << BITS) | ids).ravel()
            totals = scores.repeat(len(ids)) + self.score(self.orders, keys, min(order, place + 2))
            best = np.argsort(-totals)[:beam]
            paths = [(*paths[i // len(ids)], int(ids[i % len(ids)])) for i in best]
            histories, scores = keys[best] & mask, totals[best]
        answers = self._different(paths, scores)
        total = np.logaddexp.reduce([score for _, score in answers]) if answers else 0.0
        return [(phones, float(score - total)) for phones, score in answers[:nbest]]

    def _different(self, paths: Sequence[tuple[int, ...]], scores: NDArray[Any]) -> list[tuple[Phones, float]]:
        """Pronunciations, best first, the alignments of each added up."""
        sums: dict[Phones, float] = {}
        for path, score in zip(paths, scores, strict=True):
            phones = tuple(phone for pair in path for phone in self.phones[pair])
            if phones:
                sums[phones] = float(np.logaddexp(sums.get(phones, -np.inf), score))
        return sorted(sums.items(), key=lambda item: -item[1])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Small arrays for an .npz file: of each n-gram the last pair, of each history how many follow."""
        stored: dict[str, NDArray[Any]] = {
            "letters": self.letters,
            "phones": np.array([" ".join(phones) for phones in self.phones]),
        }
        histories = np.zeros(1, np.int64)
        for n, order in enumerate(self.orders, 1):
            follow = np.bincount(np.searchsorted(histories, order.keys >> BITS), minlength=len(histories))
            stored |= {
                f"follow.{n}": follow.astype(np.uint16),
                f"last.{n}": (order.keys & ((1 << BITS) - 1)).astype(np.uint16),
                f"log_prob.{n}": _as_bytes(-order.log_prob),
                f"backoff.{n}": _as_bytes(_MOST_BACKOFF - order.backoff),
            }
            histories = order.keys
        return stored

    @classmethod
    def of(cls, stored: Mapping[str, NDArray[Any]]) -> PairModel:
        """The model from what `arrays` returned."""
        orders: list[PairOrder] = []
        histories = np.zeros(1, np.int64)
        for n in range(1, sum(name.startswith("last.") for name in stored) + 1):
            histories = (histories.repeat(stored[f"follow.{n}"]) << BITS) | stored[f"last.{n}"].astype(np.int64)
            logs, weights = _from_bytes(stored[f"log_prob.{n}"]), _from_bytes(stored[f"backoff.{n}"])
            orders.append(PairOrder(histories, -logs, _MOST_BACKOFF - weights))
        phones = tuple(tuple(str(text).split()) for text in stored["phones"])
        return cls(stored["letters"], phones, tuple(orders))


def _find(keys: Ints, wanted: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted


def _as_bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values / _STEP), 0, 255), np.uint8)


def _from_bytes(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    return values.astype(np.float32) * np.float32(_STEP)
