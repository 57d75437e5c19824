"""Names that come from other languages: how they are said there, in the phones of American English.

A spelling tells where a word may come from (`MultilingualModel.origins`). We assume that half of the speakers say a
foreign name as its own language does and the others as if it were English; so the readings of a language share half of
its probability, or less: none comes before the best English one, which is what the voice says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from harken.errors import VocabularyError
from harken.languages.locale import Phones
from harken.phones.ipa import to_common
from harken.phones.multilingual import MultilingualModel
from harken.phones.sets import VOWELS
from harken.phones.transducer import Answer

SPOKEN_IN = "en-US"
"""The only language whose phones are the common set's, with stress."""
_LIKELY = 0.3
"""Probability that a language needs to be heard."""
_SAID_SO = 0.5
"""Share of speakers who say a foreign name in the foreign way."""
_STRESSED_LAST = frozenset({"fr"})
_STRESSED_FIRST = frozenset({"cs", "da", "de", "hu", "is", "nb", "nl", "sv"})


def with_foreign(
    model: MultilingualModel, words: Sequence[str], guesses: Sequence[Sequence[Answer]], *, nbest: int
) -> list[list[Answer]]:  # fmt: skip
    """For each word its English guesses, and its readings in languages that it probably comes from; best first.

    Args:
        model: knows where words come from.
        words: any spellings.
        guesses: the English pronunciations of each.
        nbest: how many to return for a word, at most.
    """
    foreign: list[dict[Phones, float]] = [{} for _ in words]
    for language, shares in _likely(model, words).items():
        found = model.pronounce([words[place] for place in shares], language)
        for (place, share), answers in zip(shares.items(), found, strict=True):
            for phones, log_prob in in_common(answers, language):
                foreign[place][phones] = foreign[place].get(phones, 0.0) + _SAID_SO * share * math.exp(log_prob)
    return [_mixed(own, others, nbest) for own, others in zip(guesses, foreign, strict=True)]


def stressed(phones: Phones, language: str) -> Phones:
    """Phones of the common set with a primary stress where the language usually has it, the other vowels without."""
    vowels = [place for place, phone in enumerate(phones) if phone in VOWELS]
    if not vowels:
        return phones
    if language in _STRESSED_FIRST:
        strong = vowels[0]
    elif language in _STRESSED_LAST or len(vowels) == 1:
        strong = vowels[-1]
    else:
        strong = vowels[-2]
    return tuple(f"{phone}{int(place == strong)}" if phone in VOWELS else phone for place, phone in enumerate(phones))


def _likely(model: MultilingualModel, words: Sequence[str]) -> dict[str, dict[int, float]]:
    """Foreign language -> places of the words that probably come from it, with the probability."""
    likely: dict[str, dict[int, float]] = {}
    for place, origins in enumerate(model.origins_of(words)):
        for language, share in origins.items():
            if share >= _LIKELY and not language.startswith("en"):
                likely.setdefault(language, {})[place] = share
    return likely


def in_common(answers: Sequence[Answer], language: str) -> list[Answer]:
    """Answers in IPA as ARPAbet with stress; those that have become the same are one, with the sum of their shares."""
    shares: dict[Phones, float] = {}
    for phones, log_prob in answers:
        try:
            common = to_common(phones)
        except VocabularyError:
            continue  # a symbol of a word list that is no phone; the English guesses remain
        if common:
            phones = stressed(common, language)
            shares[phones] = shares.get(phones, 0.0) + math.exp(log_prob)
    return [Answer(phones, math.log(share)) for phones, share in shares.items()]


def _mixed(guesses: Sequence[Answer], foreign: Mapping[Phones, float], nbest: int) -> list[Answer]:
    weight = _weight(max((math.exp(guess.log_prob) for guess in guesses), default=1.0), foreign)
    rest = 1 - weight * sum(foreign.values())
    known = {guess.phones: rest * math.exp(guess.log_prob) for guess in guesses}
    for phones, probability in foreign.items():
        known[phones] = known.get(phones, 0.0) + weight * probability
    best = sorted(known.items(), key=lambda pair: -pair[1])[:nbest]
    return [Answer(phones, math.log(probability)) for phones, probability in best]


def _weight(english: float, foreign: Mapping[Phones, float]) -> float:
    """What foreign readings are multiplied by, at most 1, so that none is likelier than the best English one."""
    if not foreign:
        return 1.0
    return min(1.0, 0.999 * english / (max(foreign.values()) + english * sum(foreign.values())))
