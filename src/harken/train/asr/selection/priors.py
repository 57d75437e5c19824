"""What is known about two words before any sound: how usual each is in text, and in which sound they differ."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harken.asr.ngram.model import NgramModel
from harken.phones.dictionary import Phones


def text_prior(model: NgramModel) -> Callable[[str, str], float | None]:
    """Share of the first of two words by their probability in a language model; None if it lacks one of them."""
    log_probs = model.orders[0].log_prob

    def share(word: str, rival: str) -> float | None:
        one, other = model.ids.get(word), model.ids.get(rival)
        if one is None or other is None:
            return None
        return float(1 / (1 + np.exp(np.float64(log_probs[other]) - np.float64(log_probs[one]))))

    return share


def one_edit(first: Phones, second: Phones) -> str:
    """The phones in which two pronunciations differ if it is one substitution, insertion or deletion: 'L R', '- T'."""
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    one, other = first[start : len(first) - end], second[start : len(second) - end]
    if len(one) > 1 or len(other) > 1 or one == other:
        return ""
    return " ".join(sorted(((*one, "-")[0], (*other, "-")[0])))
