"""Other words for the same request: 'would you mind closing the door' is 'close the door'.

They are tried when the sentence as it stands is not covered by templates. No word with a meaning is added or lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from harken.languages.locale import Locale
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import trimmed

PLACING = "placing"
"""Word list under `[understanding.words]` of a language: how a part begins that may also stand behind the request."""
LONGEST_PLACE = 5
"""Most words of it."""
COURTESIES, DATIVES = "courtesies", "datives"
"""Words that may stand anywhere ('the lamp please off'); a verb and for whom it is done, which changes nothing ('open
me the garage'; not 'get me', which is 'give')."""
WHETHER, DENIED = "asking_whether", "denied_questions"
"""Beginnings of indirect questions ('tell me if'); pairs of a denied verb and the verb ("isn't is")."""


def rephrased(sentence: Sentence, locale: Locale) -> Iterator[Sentence]:
    """The sentence in other words that may ask for something to be done."""
    language, spans = locale.understanding, list(trimmed(sentence, 0, len(sentence), locale))
    for first, last in spans:
        for frame in language.ing_frames:
            verb = first + len(frame)
            if verb < last and sentence.words[first:verb] == frame:
                for form in language.infinitives(sentence.words[verb]):
                    yield sentence.with_word(verb, form).part(verb, last)
    if not spans:
        return
    core = sentence.part(*spans[-1])
    courtesies, datives = (language.words.get(name, frozenset()) for name in (COURTESIES, DATIVES))
    if courtesies.intersection(core.words[1:-1]):
        yield core.without(courtesies)
    if len(core) > 2 and " ".join(core.words[:2]) in datives:
        yield core.pick(place for place in range(len(core)) if place != 1)


def asked_directly(sentence: Sentence, locale: Locale) -> Iterator[Sentence]:
    """An indirect question or one with 'not' as a plain one: 'tell me if the tv is on', "isn't the tv on"."""
    language = locale.understanding
    denied = dict(pair.split() for pair in language.words.get(DENIED, ()))
    for first, last in trimmed(sentence, 0, len(sentence), locale):
        plain = denied.get(sentence.words[first])
        if plain:
            yield sentence.with_word(first, plain).part(first, last)
        for frame in language.words.get(WHETHER, ()):
            begin = first + len(frame.split())
            if sentence.words[first:begin] == tuple(frame.split()):
                for verb in range(begin + 1, last):
                    if sentence.words[verb] in language.remarks.copulas:
                        yield sentence.pick([verb, *range(begin, verb), *range(verb + 1, last)])


def turned(sentence: Sentence, locale: Locale) -> Iterator[Sentence]:
    """'In the kitchen turn on the light' as 'turn on the light in the kitchen'."""
    language = locale.understanding
    opening = language.words.get(PLACING, frozenset())
    for first, last in trimmed(sentence, 0, len(sentence), locale):
        if sentence.words[first] in opening:
            # 'On the radio' is not 'the radio on'.
            shortest = 2 if sentence.words[first] in language.small else 1
            for place in range(first + shortest, min(first + LONGEST_PLACE, last - 1) + 1):
                yield sentence.part(place, last).join(sentence.part(first, place))
