"""Requests that leave out what they share with the one before: 'turn off the light and the tv'.

What is left out is its beginning, or all but one value. A pronoun stands for what it named: 'close the blinds at nine
and open them at seven'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from harken.events import When
from harken.languages.locale import Locale
from harken.nlu.rephrasing import PLACING, PRONOUNS
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import Part, Parts, trimmed

SENTENCE_WORDS = "sentence_words"
"""Word list under `[understanding.words]` of a language: what stands in no name of a thing."""
DEEDS = ("link_to", "link_about", "link_that", "chores", "deed_verbs")
"""Word lists: how things begin that people do or are to remember."""
BEGINNINGS = "noun_beginnings"
"""Word list: how names of things begin ('the')."""
LONGEST_END = 8
"""Most words of the second of two requests that share their end."""
THING = 2
"""Most words of what shares only the verb: of 'feed the cat at five and the dog at six' 'the dog'."""

Exact: TypeAlias = Callable[[Sentence], Part | None]
"""Words -> the one request that they are."""
Items: TypeAlias = Callable[[Part], bool]
"""Whether a request names things for a list."""
Timed: TypeAlias = Callable[[Sentence], Iterator[tuple[Sentence, When]]]
"""Words -> ways to take them as a request and a time for it."""
Joints: TypeAlias = Callable[[Sentence, int, int], Iterator[tuple[int, int, bool]]]
"""A stretch of words -> (end of what comes before a joint, begin of what comes after, whether words join them)."""


class ShortenedReader:
    """Reads requests that are shortened.

    Args:
        exact: reads one request.
        lists_items: whether a request names several things.
        timed: takes times off.
        joints: finds where requests are joined.
        locale: the language.
    """

    def __init__(self, exact: Exact, lists_items: Items, timed: Timed, joints: Joints, locale: Locale):
        self._exact, self._lists_items, self._timed, self._joints = exact, lists_items, timed, joints
        self._locale, self._words = locale, locale.understanding.words

    def read(self, before: Part, rest: Sentence) -> Parts | None:
        """Further requests that leave out what they share with the first; None if the words are something else."""
        one = self._one(before, rest)
        if one is not None:
            return (one,)
        for end, begin, _ in self._joints(rest, 0, len(rest)):
            one = self._one(before, rest.part(0, end))
            more = one and self.read(one, rest.part(begin, len(rest)))
            if one and more:
                return (one, *more)
        return None

    def with_name(self, before: Part, part: Part, rest: Sentence) -> Part:
        """A request that says how much 'it' is to be, after one that is put off, with the name and the time of that."""
        named = before.when and not part.when and names_amount(part) and self._named_again(before, rest)
        return named or part

    def with_shared_end(self, before: Sentence, after: Sentence, second: Parts | None) -> Parts | None:
        """Requests that share their end: 'turn on the hallway and living room lights', 'switch the fan and the tv off'.

        Args:
            before: the words before the joint, which lack their end.
            after: those behind it.
            second: the requests that are read behind it; None when there are none.
        """
        for shared in range(1, len(after) if len(after) <= LONGEST_END else 0):
            one = self._exact(before.join(after.part(shared, len(after))))
            if one is None or not one.match.slots:
                continue
            candidates = [second] if second else []
            candidates += [
                (part,) for kept in range(len(before) - 1, 0, -1)
                if (part := self._exact(before.part(0, kept).join(after))) is not None
            ]  # fmt: skip
            for other in candidates:
                if all(part.said != one.said and _share(one, part) for part in other):
                    return one, *other
        return None

    def with_shared_place(self, parts: Parts, rest: Sentence) -> Parts:
        """Requests of one kind, each in the place that the last one names behind its thing: 'open the curtains and the
        window in the bedroom'.

        Args:
            parts: the requests, of which all but the first may be shortened.
            rest: the words after the first joint.
        """
        openings, last = self._words.get(PLACING, frozenset()), parts[-1]
        begin = next((i for i in range(len(rest) - 1, 0, -1) if rest.words[i] in openings), 0)
        if not begin or any(part.match.intent != last.match.intent or part.when for part in parts):
            return parts
        place, placed = rest.part(begin, len(rest)), []
        for part in parts[:-1]:
            found = self._exact(part.sentence.join(place))
            own, whole = dict(part.said), dict(found.said) if found else {}
            added = {slot: whole[slot] for slot in whole.keys() - own.keys()}
            if found is None or not added or found.match.intent != part.match.intent:
                return parts
            if not own.items() <= whole.items() or not added.items() <= dict(last.said).items():
                return parts
            placed.append(found)
        return (*placed, last)

    def begins_deed(self, word: str) -> bool:
        """Whether a word begins something to do rather than the name of a thing: '... and to call', '... and call'."""
        return any(word in self._words.get(name, ()) for name in DEEDS)

    def shares_verb(self, before: Part, part: Part) -> bool:
        """Whether of free text only the first word is shared: 'feed the cat at five', 'the dog at six'."""
        spans = [span for _, span in part.match.slots if span.free]
        own = [span for _, span in before.match.slots if span.free]
        if len(spans) != 1 or len(own) != 1 or own[0].last - own[0].first > THING + 1:
            return False
        places = part.sentence.places[spans[0].first : spans[0].last]
        verb, thing = before.sentence.places[own[0].first], places[1:]
        follows = thing == tuple(range(thing[0], thing[0] + len(thing))) if thing else False
        noun = part.sentence.words[spans[0].first + 1 : spans[0].first + 2]
        named = bool(noun) and noun[0] in self._words.get(BEGINNINGS, frozenset())
        return places[:1] == (verb,) and follows and named and len(thing) <= THING and thing[0] > verb

    def _one(self, before: Part, rest: Sentence) -> Part | None:
        for first, last in trimmed(rest, 0, len(rest), self._locale):
            core = rest.part(first, last)
            found = self._completed(before, core) or self._named_again(before, core) or self._put_off(before, core)
            if found is not None:
                return found
        return None

    def _completed(self, before: Part, core: Sentence) -> Part | None:
        """A shortened request with what it shares with the one before; if possible one of the same intent."""
        found: Part | None = None
        for head, tail in _shared(before, core):
            settled = found is not None and found.match.intent == before.match.intent
            part = (
                None
                if settled and not leads_with_value(before, before.sentence)
                else self._exact(head.join(core).join(tail))
            )
            if part is None or part.match.skill != before.match.skill or _straddles(part, head, core):
                continue
            if not (part.match.slots or part.match.constants):
                continue
            listed = self._lists_items(part)
            own = [span for _, span in part.match.slots if span.free or listed]
            shortened = all(part.sentence.part(span.first, span.last).whole for span in own)
            shortened = shortened or (not listed and self.shares_verb(before, part))
            if shortened and not (listed and self._is_sentence(core)):
                if listed or leads_with_value(part, core):
                    return part
                alike = part.match.intent == before.match.intent
                found = part if found is None or (alike and not settled) else found
        return found

    def _named_again(self, before: Part, core: Sentence) -> Part | None:
        """A request whose pronoun stands for what the one before named: 'and open them'."""
        pronouns, own = self._words.get(PRONOUNS, frozenset()), before.sentence
        place = next((place for place, word in enumerate(core.words) if place and word in pronouns), None)
        if place is None or any(span.free for _, span in before.match.slots):
            return None
        stretches = ((first, last) for size in range(len(own) - 1, 0, -1) for first in range(1, len(own) - size + 1)
                     for last in (first + size,))  # fmt: skip
        for first, last in stretches:
            part = self._exact(core.part(0, place).join(own.part(first, last)).join(core.part(place + 1, len(core))))
            if part is not None and part.match.skill == before.match.skill and _knows(before, part):
                return replace(part, when=before.when) if names_amount(part) else part
        return None

    def _put_off(self, before: Part, core: Sentence) -> Part | None:
        """A shortened request with a time of its own, if the one before has one, or is its opposite."""
        for words, when in self._timed(core):
            part = self._completed(before, words) or self._named_again(before, words)
            if part is not None and not part.when and (before.when or are_opposite(before, part)):
                return replace(part, when=when)
        return None

    def _is_sentence(self, words: Sentence) -> bool:
        """Whether words are rather a sentence than the name of a thing: 'tell me what's on it'."""
        return not self._words.get(SENTENCE_WORDS, frozenset()).isdisjoint(words.words)


def _share(one: Part, other: Part) -> bool:
    """Whether two requests may have one end: they are of the same kind, or say the same of two things of a skill."""
    kind = (one.match.skill, one.match.intent) == (other.match.skill, other.match.intent)
    return kind or (one.match.skill == other.match.skill and any(said in other.said for said in one.said))


def values_lead(parts: Parts | None) -> bool:
    """Whether each of several requests has a value before its free text: 'at two to ... and at four to ...'."""
    slots = [sorted(part.match.slots, key=lambda slot: slot[1].first) for part in parts or ()]
    alike = len({tuple(name for name, _ in named) for named in slots}) == 1
    return alike and all(len(named) > 1 and named[-1][1].free and not named[0][1].free for named in slots)


def leads_with_value(part: Part, core: Sentence) -> bool:
    """Whether a request with free text has a value before it in these words: 'at four to ...'."""
    free = [span.first for _, span in part.match.slots if span.free]
    values = [span.first for _, span in part.match.slots if not span.free]
    return (
        bool(free and values and core.places)
        and part.sentence.places[min(values)] >= core.places[0]
        and (min(values) < min(free))
    )


def _knows(before: Part, part: Part) -> bool:
    """Whether all names of a request are those of the one before."""
    named = {slot: span.value for slot, span in before.match.slots}
    names = {slot: span.value for slot, span in part.match.slots if isinstance(span.value, str)}
    return all(named.get(slot, name) == name for slot, name in names.items())


def names_amount(part: Part) -> bool:
    """Whether a request says how much: 'and set it to 22', which goes with what is done at six."""
    return any(isinstance(span.value, int | float) for _, span in part.match.slots if not isinstance(span.value, bool))


def are_opposite(before: Part, part: Part) -> bool:
    """Whether two requests do different things to the same one: 'off ... and back on'."""
    named, other = ({slot: span.value for slot, span in one.match.slots} for one in (before, part))
    names = {slot: value for slot, value in named.items() if isinstance(value, str)}
    if any(other.get(slot) != value for slot, value in names.items()):
        return False
    alike = bool(names) or before.match.intent == part.match.intent
    return alike and (before.match.constants != part.match.constants or named != other)


def _shared(before: Part, core: Sentence) -> list[tuple[Sentence, Sentence]]:
    """What may stand before and behind the words of a shortened request: a beginning of the one before, perhaps with
    what follows its last value, or all but one of its values."""
    said = before.sentence
    heads = [said.part(0, kept) for kept in range(len(said) - 1, 0, -1) if said.words[kept - 1] != core.words[0]]
    ends = max((span.last for _, span in before.match.slots), default=len(said))
    wholes = [(head, said.part(0, 0)) for head in heads]
    wholes += [(head, said.part(ends, len(said))) for head in heads if ends < len(said)]
    return wholes + [(said.part(0, span.first), said.part(span.last, len(said))) for _, span in before.match.slots]


def _straddles(part: Part, head: Sentence, core: Sentence) -> bool:
    """Whether a value was made of words from both sides: 'nineteen | twenty one'."""
    joint = {*head.places[-1:], core.places[0]}
    return len(joint) == 2 and any(
        joint <= set(part.sentence.places[span.first : span.last]) for _, span in part.match.slots if not span.free
    )
