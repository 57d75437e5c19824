"""Word and phone errors of pronouncers as results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harken.metrics.intervals import bootstrap_ratio, wilson
from harken.metrics.result import OURS, Result
from harken.metrics.wer import nearest_errors
from harken.phones.dictionary import Phones, Words
from harken.phones.pronouncer import Pronouncer
from harken.phones.sets import strip_stress

RECIPE = "phones/pronouncer"


def english_figures(
    pronouncer: Pronouncer, words: Words, which: str, command: str, *, how: str = ""
) -> list[Result]:  # fmt: skip
    """Errors on English words with and without stress: of the one answer that is asked for, and of the best four.

    Args:
        pronouncer: of English.
        words: to pronounce.
        which: corpus and part.
        command: what measures it again.
        how: what answers, for the condition.
    """
    first, four = (pronouncer.pronounce_all(list(words), nbest=nbest) for nbest in (1, 4))
    answers = [
        [*one, *(guess for guess in more if guess.phones != one[0].phones)] if one else []
        for one, more in zip(first, four, strict=True)
    ]
    results = []
    for condition, form in (("with stress", tuple), ("without stress", strip_stress)):
        asked = [[form(way) for way in ways] for ways in words.values()]
        given = [[form(guess.phones) for guess in guesses] for guesses in answers]
        results += figures(
            asked, given, which, condition=f"{condition}{how}", command=command,
            bundles={pronouncer.bundle.name: pronouncer.bundle.hash}, best_of=4,
        )  # fmt: skip
    return results


def figures(
    asked: Sequence[Sequence[Phones]], given: Sequence[Sequence[Phones]], which: str, *, command: str,
    condition: str = "", bundles: Mapping[str, str] | None = None, best_of: int = 1, system: str = OURS,
) -> list[Result]:  # fmt: skip
    """Word error of the best answer and of the best few, and phone error against the nearest listed pronunciation.

    Args:
        asked: pronunciations that are listed for each word.
        given: answers for each word, best first.
        which: corpus and split.
        command: what measures it again.
        condition: what else is to be said about it.
        bundles: name -> hash of what was measured.
        best_of: also count words with one of so many answers right; 1 leaves that out.
        system: harken, or a peer.
    """
    pairs = list(zip(asked, given, strict=True))
    n = len(pairs)
    phones = [nearest_errors(listed, ways[0] if ways else ()) for listed, ways in pairs]
    total = sum(errors for errors, _ in phones) / sum(size for _, size in phones)
    rows = [("phone error rate", total, *bootstrap_ratio(phones, rng=np.random.default_rng(0)))]
    wrong = sum(not ways or ways[0] not in listed for listed, ways in pairs)
    rows.append(("word error rate", wrong / n, *wilson(wrong, n)))
    if best_of > 1:
        missed = sum(not set(ways[:best_of]) & set(listed) for listed, ways in pairs)
        rows.append((f"word error rate, best of {best_of}", missed / n, *wilson(missed, n)))
    return [
        Result(
            recipe=RECIPE, metric=metric, unit="%", value=100 * value, low=100 * least, high=100 * most, n=n,
            set=which, condition=condition, command=command, bundles=bundles or {}, system=system,
        )
        for metric, value, least, most in rows
    ]  # fmt: skip
