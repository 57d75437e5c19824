"""Other words for the same request: 'would you mind closing the door' is 'close the door'.

They are tried when the sentence as it stands is not covered by templates. No word with a meaning is added or lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from harken.languages.locale import Locale
from harken.nlu.contrast import KEPT
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import trimmed

PLACING = "placing"
"""Word list under `[understanding.words]` of a language: how a part begins that may also stand behind the request."""
LONGEST_PLACE = 5
"""Most words of it."""
CURSES = "curses"
"""What is said in anger and changes nothing ('the bloody lights')."""
COURTESIES, DATIVES = "courtesies", "datives"
"""Words that may stand anywhere ('the lamp please off'); a verb and for whom it is done, which changes nothing ('open
me the garage'; not 'get me', which is 'give')."""
HOLD_ONS, SLIPS = "hold_ons", "slips"
"""How a sentence begins that interrupts ('hang on'); pairs of words that are typed wrongly, and the right second one
('turn of off')."""
PRONOUNS, CONDITIONS = "pronouns", "conditions"
"""'it'; 'if', 'whenever'."""
IF, UNLESS = "if", "unless"
"""Of the conditions, 'if', and its contrary."""
ENDS_STATE, IT_IS = "ends_state", "it_is"
IT_IS_NOT, STILL = "not_it", "still"
"""Pairs of a state and the word of a request that ends it ('on off'); "it's"; "it isn't"; 'still'."""
SCHEDULING = "scheduling"
"""'schedule start for at': 'schedule the fan for six' is 'start the fan at six'."""
CAUSING, COMINGS, TURNING_IT, LINK_TO = "causing", "comings", "turning_it", "link_to"
"""How something is had done ('set ... to'), what then means to turn it ('come on'), the verb for that, and 'to'."""
LONGEST_STUTTER = 3
"""Most words that are said twice in a row by mistake."""
SHORTEST_CONDITION = 6
"""A statement and what is to be done then have at least so many words."""
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
    for opening in language.words.get(HOLD_ONS, frozenset()):
        begin = len(opening.split())
        if core.words[:begin] == tuple(opening.split()) and len(core) > begin + 1:
            yield core.part(begin, len(core))
    yield from _conditioned(core, locale)
    yield from _needless(core, locale)
    for before, wrong, right in map(str.split, language.words.get(SLIPS, ())):
        for place in range(1, len(core)):
            if core.words[place - 1 : place + 1] == (before, wrong):
                yield core.with_word(place, right)
    curses = language.words.get(CURSES, frozenset())
    if curses.intersection(core.words):
        yield core.without(curses)
    for named, plain, link, at in map(str.split, language.words.get(SCHEDULING, ())):
        for place in range(2, len(core)) if core.words[0] == named else ():
            if core.words[place] == link:
                yield core.with_word(0, plain).with_word(place, at)
    yield from _caused(core, locale)
    courtesies, datives = (language.words.get(name, frozenset()) for name in (COURTESIES, DATIVES))
    if courtesies.intersection(core.words[1:-1]):
        yield core.without(courtesies)
    if len(core) > 2 and " ".join(core.words[:2]) in datives:
        yield core.pick(place for place in range(len(core)) if place != 1)
    yield from _said_once(core, locale)


def _said_once(core: Sentence, locale: Locale) -> Iterator[Sentence]:
    """'Turn on the the light' without what is said twice in a row; a number may be meant twice."""
    said, words = core, core.words
    for size in range(LONGEST_STUTTER, 0, -1):
        for place in range(len(words) - 2 * size, -1, -1):
            again = words[place : place + size]
            number = locale.understanding.read_value("number", again, dt.date.today)
            if number is None and again == words[place + size : place + 2 * size]:
                said = said.part(0, place).join(said.part(place + size, len(said)))
                words = said.words
    if said is not core:
        yield said


def _conditioned(core: Sentence, locale: Locale) -> Iterator[Sentence]:
    """'If the light is on, turn it off' as 'turn the light off', which does nothing else when it is off already; and so
    without 'if'."""
    language = locale.understanding
    core = core.without(language.words.get(STILL, frozenset()))
    pronouns, conditions = (language.words.get(name, frozenset()) for name in (PRONOUNS, IF))
    states = {state: opposite for state, _, opposite in map(str.split, language.words.get(KEPT, ()))}
    begin = 1 if core.words[:1] and core.words[0] in conditions else 0
    if core.words[begin : begin + 1] and core.words[begin] in language.words.get(CONDITIONS, frozenset()):
        return  # 'whenever the light is on' is for more than once, and 'unless' is the contrary
    if len(core) - begin >= SHORTEST_CONDITION:
        rest = core.words[-2:]
        thing = core.words[begin:-3]
        opposite = next((word for word in rest if word not in pronouns), "")
        joints = [phrase for phrase in language.joints if thing[-len(phrase) :] == phrase]
        thing = thing[: len(thing) - len(joints[0])] if joints else thing
        said = thing[-1:] and states.get(thing[-1]) == opposite and pronouns.intersection(rest)
        if said and len(thing) > 2 and thing[-2] in language.remarks.copulas:
            named = range(begin, begin + len(thing) - 2)
            yield core.pick([len(core) - 3, *named, core.words.index(opposite, len(core) - 2)])


def _needless(core: Sentence, locale: Locale) -> Iterator[Sentence]:
    """'Turn off the fan if it's on', or 'unless it's off', as 'turn off the fan', which changes nothing otherwise."""
    words = locale.understanding.words
    conditions, unless = words.get(IF, frozenset()), words.get(UNLESS, frozenset())
    ends = [pair.split() for pair in words.get(ENDS_STATE, ())]
    place = next((i for i in range(2, len(core) - 1) if core.words[i] in conditions | unless), 0)
    head, still = core.words[:place], words.get(STILL, frozenset())
    tail = " ".join(word for word in core.words[place + 1 :] if word not in still)
    ended = (verb in head and f"{subject} {state}" == tail for state, verb in ends for subject in words.get(IT_IS, ()))
    reached = (
        verb in head and tail in (subject, f"{subject} {verb}")
        for _, verb in ends for subject in words.get(IT_IS_NOT, ())
    )  # fmt: skip
    if place and core.words[place] in unless:
        if any(verb in head and tail == f"{subject} {verb}" for _, verb in ends for subject in words.get(IT_IS, ())):
            yield core.part(0, place)
    elif place and (any(ended) or any(reached)):
        yield core.part(0, place)


def _caused(core: Sentence, locale: Locale) -> Iterator[Sentence]:
    """'Set the dishwasher to run at two' as 'run the dishwasher at two', 'have it come on' as 'turn on it'."""
    words = locale.understanding.words
    causing, comings, turning = (words.get(name, frozenset()) for name in (CAUSING, COMINGS, TURNING_IT))
    if not core.words or core.words[0] not in causing or not turning:
        return
    for place in range(2, len(core) - 1):
        to = core.words[place] in words.get(LINK_TO, frozenset())
        verb = place + to
        if verb + 1 >= len(core) or not (to or core.words[verb] in comings):
            continue
        thing, rest = range(1, place), range(verb + 1, len(core))
        if core.words[verb] in comings:
            yield core.with_word(verb, min(turning)).pick([verb, verb + 1, *thing, *rest[1:]])
        else:
            yield core.pick([verb, *thing, *rest])


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
