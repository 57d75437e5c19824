"""What a request leaves alone: 'turn off the radio but leave the television on', 'lock the front door but not the back
door'.

Nothing is done with what is left alone. It must be something else than what the request changes: 'turn off everything
but leave the television on' is an exception, which only the skill's own sentences can say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from harken.languages.locale import Understanding
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import Part

CONTRASTS, KEEPING, EXCLUDING = "contrasts", "keeping", "excluding"
"""Word lists under `[understanding.words]` of a language: 'but'; 'leave'; 'not'."""
CEASING = "ceasing"
"""Word list: what ends something that is done again and again ('stop adding ...')."""
KEPT = "kept_states"
"""Word list: a state in which something is left, and the verb and the state that would change it ('on turn off')."""


def contrasts_in(sentence: Sentence, first: int, last: int, language: Understanding) -> Iterator[int]:
    """Where a 'but' stands inside the words [first, last)."""
    words = language.words.get(CONTRASTS, frozenset())
    return (place for place in range(first + 1, last - 1) if sentence.words[place] in words)


def keeps(sentence: Sentence, place: int, language: Understanding) -> bool:
    """Whether the words from a place on leave something as it is: 'leave the television on'."""
    return sentence.words[place] in language.words.get(KEEPING, frozenset())


def changed(sentence: Sentence, language: Understanding) -> Sentence | None:
    """'Turn the light off' for 'leave the light on': what would change what is left as it is; None for other words."""
    states = {state: change for state, *change in map(str.split, language.words.get(KEPT, ()))}
    if len(sentence) < 3 or not keeps(sentence, 0, language) or sentence.words[-1] not in states:
        return None
    verb, state = states[sentence.words[-1]]
    return sentence.with_word(0, verb).with_word(len(sentence) - 1, state)


def _ceased(sentence: Sentence, language: Understanding) -> Sentence | None:
    """'Add things to my list' for 'stop adding things to my list'; None for other words."""
    if len(sentence) < 3 or sentence.words[0] not in language.words.get(CEASING, frozenset()):
        return None
    verb = next(iter(language.infinitives(sentence.words[1])), "")
    return sentence.with_word(1, verb).part(1, len(sentence)) if verb else None


def left_alone(sentence: Sentence, language: Understanding) -> Sentence | None:
    """What is not wanted by words that leave something as it is, or end it; None for other words."""
    return changed(sentence, language) or _ceased(sentence, language)


def excludes(sentence: Sentence, place: int, language: Understanding) -> bool:
    """Whether the words from a place on name what is not meant: 'not the back door'."""
    return sentence.words[place] in language.words.get(EXCLUDING, frozenset())


def are_apart(one: Part, other: Part, required: Collection[str]) -> bool:
    """Whether two requests are about different things, so that neither changes what the other does.

    Different skills are. In one skill it must be the same intent, with another name for what it cannot do without: 'the
    fan in the bedroom' is one of 'the fans', and 'all doors' are not named at all.

    Args:
        one: a request.
        other: another one.
        required: the slots without which the first one asks back.
    """
    if one.match.skill != other.match.skill:
        return True
    mine, others = _names(one), _names(other)
    same = one.match.intent == other.match.intent and mine.keys() == others.keys()
    return same and any(mine[slot] != others[slot] for slot in required if slot in mine)


def all_differ(one: Part, other: Part) -> bool:
    """Whether two requests differ in all of several values: 'on in the bedroom, off in the kitchen'."""
    mine, others = _values(one), _values(other)
    return len(mine) > 1 and mine.keys() == others.keys() and all(mine[slot] != others[slot] for slot in mine)


def narrows(one: Part, other: Part) -> bool:
    """Whether a request says the same as another one and names more: 'let some light in, open the bedroom blinds'."""
    mine, others = _values(one), _values(other)
    return one.match.intent == other.match.intent and len(mine) > len(others) and others.items() <= mine.items()


def _values(part: Part) -> dict[str, object]:
    return {**part.match.constants, **{slot: span.value for slot, span in part.match.slots}}


def _names(part: Part) -> dict[str, str]:
    return {slot: span.value for slot, span in part.match.slots if isinstance(span.value, str)}
