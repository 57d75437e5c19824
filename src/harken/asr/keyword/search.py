"""How much worse than any other phones those of a phrase explain what was just heard.

At each step, the best path that ends with the phrase is compared with the best path through a free loop of all phones.
Both pay the same price for each phone that they enter, and before the phrase its path is free as well. So the margin is
0 where the phrase is the best explanation, and below 0 elsewhere. Keyword against filler: Rohlicek et al. 1989, Rose
and Paul 1990.
"""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats
from harken.asr.keyword.phrases import Phrases
from harken.audio.features import Frames

PRICE = 2.0
"""Natural log units for entering a phone, in the phrase as in the loop."""
_NEVER = -1e9


class Margins(NamedTuple):
    """For T steps and W phrases."""

    values: Floats
    """[T, W] natural log, at most 0."""
    begun: NDArray[np.int64]
    """[T, W] the step in which the phrase begins that would end here, counted from the start of the search."""


class PhraseSearch:
    """The search of one stream. A step costs the same however many have gone before.

    Args:
        phrases: what is looked for.
        count: phones of the acoustic model.
        price: for entering a phone.
    """

    def __init__(self, phrases: Phrases, *, count: int, price: float = PRICE):
        self.phrases, self._count, self._price = phrases, count, price
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        states = len(self.phrases.phones)
        # The last two places stand for whatever came before, which the loop explains, and for nothing.
        self._came = np.full(states + 2, _NEVER)
        self._came[states] = 0.0
        self._begun = np.zeros(states + 2, np.int64)
        self._loop = np.full(self._count, _NEVER)
        self._steps = 0

    def fork(self) -> PhraseSearch:
        """A copy at the same place."""
        return copy(self)

    def accept(self, scores: Frames) -> Margins:
        """Margins after each step of scores [T, 2P] from the acoustic model."""
        phrases = self.phrases
        values = np.empty((len(scores), len(phrases.texts)))
        begun = np.empty(values.shape, np.int64)
        ends = np.append(phrases.first_last[1:], len(phrases.last))
        enter, stay = scores[:, : self._count].astype(np.float64) - self._price, scores[:, self._count :]
        for step in range(len(scores)):
            self._advance(enter[step], stay[step])
            margins = self._came[phrases.last]
            values[step] = np.maximum.reduceat(margins, phrases.first_last)
            for number, (first, end) in enumerate(zip(phrases.first_last, ends, strict=True)):
                begun[step, number] = self._begun[phrases.last[first + margins[first:end].argmax()]]
        return Margins(values, begun)

    def _advance(self, enter: Floats, stay: Frames) -> None:
        phrases, states = self.phrases, len(self.phrases.phones)
        self._loop = np.maximum(enter, self._loop + stay)  # whatever came before has the score 0
        best = self._loop.max()
        self._loop -= best
        before = self._came[phrases.before]
        chosen = np.take_along_axis(phrases.before, before.argmax(axis=1)[:, None], axis=1)[:, 0]
        entered = self._came[chosen] + enter[phrases.phones]
        stayed = self._came[:states] + stay[phrases.phones]
        self._steps += 1
        begun = np.where(entered > stayed, self._begun[chosen], self._begun[:states])
        self._begun = np.append(begun, [self._steps, 0])
        self._came = np.append(np.maximum(entered, stayed) - best, [0.0, _NEVER])
