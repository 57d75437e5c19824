"""What a fragment means in the light of the requests before it: 'turn it off', 'and the hallway', 'the second one'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from harken.dialogue.past import last_deeds
from harken.dialogue.questions import is_fragment, is_recent
from harken.dialogue.state import Deed, DialogueState, Topic, Wish
from harken.dialogue.wishes import Setting
from harken.events import Interpretation

TOGETHER, PAIR = "together", "pair"
"""Word lists under `[understanding.words]` of a language: words for all that was just done ('them'); those of them for
two things ('both')."""
MOST_BARE = 2
"""Words of 'and it', which says nothing of what is to be done."""
WHICH_ONES, PRONOUN = "which_ones", "pronoun"
"""Word lists: places and what they are called ('2 the second one'); the one word that means what was spoken of."""
DESTROYING = "destroying"
"""Word list: how requests begin that a mere question does not repeat: 'and the pasta?' after 'cancel the tea timer'."""


@dataclass(frozen=True, kw_only=True)
class Meant:
    """What a fragment asks for."""

    wishes: tuple[Wish, ...]
    state: DialogueState | None = None
    """The conversation to go on from, if the fragment returns to an earlier request."""


def follow_up(state: DialogueState, heard: Interpretation, setting: Setting, *, closed: bool = False) -> Wish | None:
    """'What about Tokyo?' repeats the last request with another value; 'plus five' continues it.

    With another value, it is put off as the last request was. With `closed`, only known values count.
    """
    skill = setting.skills.get(state.skill)
    if skill is None or state.intent not in skill.intents or not is_recent(state.acted_at, setting.now):
        return None
    tried = (intent for intent in dict.fromkeys((state.intent, state.root)) if intent in skill.intents)
    read = partial(setting.reader.follow_up, state.skill, heard=heard, closed=closed)
    found = next((f for intent in tried if (f := read(intent=intent))), None)
    if found is None or found.intent not in skill.intents:
        return None
    wish = replace(
        Wish.of(replace(found, skill=state.skill, rejected=False)), action="", text=heard.text, sure=heard.heard
    )
    declared = skill.intents[found.intent]
    if declared.follows:
        wish = replace(wish, after=state.intent, before=state.slots, root=root_of(state, wish, setting))
    else:
        kept = {name: value for name, value in state.slots.items() if name in declared.slots}
        wish = replace(wish, slots={**kept, **wish.slots}, when=wish.when or state.when)
    return _asked_back(wish, heard, setting)


def _asked_back(wish: Wish, heard: Interpretation, setting: Setting) -> Wish:
    """A doubtful request if it would destroy or open something, which only a question was typed for ('and the pasta?');
    what is confirmed anyway stays as it is."""
    destroying, intent = setting.locale.understanding.words.get(DESTROYING, frozenset()), setting.intent(wish)
    if intent is None or not intent.acts or intent.confirm(wish.slots):
        return wish
    asks = heard.written.rstrip().endswith("?") and destroying.isdisjoint(heard.text.split())
    return (
        replace(wish, doubtful=True) if asks and not destroying.isdisjoint(setting.action(wish).split()[:1]) else wish
    )


def continues(state: DialogueState, heard: Interpretation, setting: Setting) -> bool:
    """Whether a sentence says in so many words what is only understood after the last request ('one more')."""
    found = follow_up(state, heard, setting)
    return found is not None and bool(found.after)


def chained(state: DialogueState, heard: Interpretation, setting: Setting) -> tuple[Wish, ...]:
    """'Cancel it and set one for five': two fragments, the second of which follows the first; none otherwise."""
    words = heard.text.split()
    if follow_up(state, heard, setting, closed=True) is not None:
        return ()  # 'and butter and eggs', 'down by one and a half degrees'
    joints = sorted(setting.locale.understanding.joints, key=len, reverse=True)
    for place in range(1, len(words) - 1):
        joint = next((joint for joint in joints if tuple(words[place : place + len(joint)]) == joint), ())
        first = follow_up(state, _piece(heard, words[:place]), setting, closed=True) if joint else None
        if first is None or not first.after or not words[place + len(joint) :]:
            continue
        rest = _piece(heard, words[place + len(joint) :])
        before = (state.intent, first.intent)
        read = (setting.reader.follow_up(first.skill, after, rest, closed=True) for after in before)
        for found in filter(None, read):
            wishes = (first, replace(Wish.of(found), text=rest.text, sure=heard.heard))
            plain = [wish for wish in wishes if not (wish.negated or wish.unread or wish.when)]
            kinds = [kind for wish in plain if (kind := setting.intent(wish)) is not None]
            if len(kinds) == 2 and kinds[0].acts and first.intent in kinds[1].follows:
                return wishes
    return ()


def _piece(heard: Interpretation, words: Sequence[str]) -> Interpretation:
    """Some words of a sentence as a fragment."""
    text = " ".join(words)
    return Interpretation(turn=heard.turn, text=text, skill="", intent="", score=0.0, rejected=True, heard=heard.heard)


def each_of_them(state: DialogueState, heard: Interpretation, setting: Setting) -> tuple[Wish, ...]:
    """'Both off again' after several requests: each of them once more with the value that is named; none otherwise."""
    words = setting.locale.understanding.words.get(TOGETHER, frozenset())
    if (heard.exact and not is_fragment(heard, setting)) or words.isdisjoint(heard.text.split()):
        return ()
    deeds = _meant_together(state, heard, setting)
    found = follow_up(state, heard, setting) if len(deeds) > 1 else None
    own = setting.intent(found) if found is not None else None
    if found is None or own is None or not own.each or found.negated or found.unread:
        return ()
    wishes = tuple(
        Wish(skill=deed.skill, intent=deed.root, slots={**deed.known, **found.slots}, text=heard.text,
             heard=found.heard, when=found.when, sure=heard.heard)
        for deed in deeds
    )  # fmt: skip
    declared = [setting.intent(wish) for wish in wishes]
    fits = all(intent is not None and not intent.follows and wish.slots.keys() <= intent.slots.keys()
               and found.slots.keys() <= deed.known.keys()
               for intent, wish, deed in zip(declared, wishes, deeds, strict=True))  # fmt: skip
    return wishes if fits else ()


def one_of_several(state: DialogueState, heard: Interpretation, setting: Setting) -> Meant | None:
    """'Switch the second one off' after a sentence with several requests: what 'it off' is for that one."""
    group = _spoken_of_together(state)
    found = _which_one(heard.text, setting) if group else None
    if found is None or not is_recent(state.acted_at, setting.now):
        return None
    place, said = found
    last, topic = state.topics[-1], None
    if place == 0:
        topic = _other_one(group, last)
    elif abs(place) <= len(group):
        topic = group[place - 1 if place > 0 else place]
    if topic is None:
        return None
    before = _which_one(state.history[-1].text, setting) if state.history else None
    for text in (said, before[1] if before else ""):  # 'and the other one': the same as with the one before
        past = state.back_to(topic)
        said_of_it = follow_up(past, replace(heard, text=text, written=""), setting) if text else None
        if said_of_it is not None and said_of_it.after and topic.memory:
            return Meant(wishes=(replace(said_of_it, text=heard.text),), state=past)
        alone = said_of_it and _by_itself(said_of_it, topic, setting)
        if alone is not None:
            return Meant(wishes=(replace(alone, text=heard.text),))
    if place or last.acted == topic.acted or last.root != topic.root or len(said.split()) > MOST_BARE:
        return None
    differing = {
        slot for one in group for slot in one.slots if any(one.slots[slot] != o.slots.get(slot) for o in group)
    }
    slots = {**last.slots, **{slot: topic.slots[slot] for slot in differing & topic.slots.keys()}}
    wish = Wish(skill=last.skill, intent=last.root, slots=slots, text=heard.text, sure=heard.heard)
    return Meant(wishes=(wish,))


def added(state: DialogueState, heard: Interpretation, setting: Setting) -> Meant | None:
    """'And the light in the kitchen' after 'turn on the fan': what that does with something else."""
    if not state.skill or not is_recent(state.acted_at, setting.now):
        return None
    said = state.history[-1].text if state.history and state.acted == state.turn else ""
    recent = [topic for topic in reversed(state.topics) if is_recent(topic.acted_at, setting.now)]
    worded = (setting.reader.phrase(topic.skill, topic.root, topic.slots) for topic in recent)
    for before in (said, *worded):
        found = setting.reader.continued(before, heard)
        if found:
            wishes = (replace(Wish.of(one), text=heard.text, sure=heard.heard) for one in found)
            return Meant(wishes=tuple(_asked_back(wish, heard, setting) for wish in wishes))
    return None


def returned(state: DialogueState, heard: Interpretation, setting: Setting) -> Meant | None:
    """A fragment that says what to do with something spoken of before the last request ('now turn it off'), or names
    another value for what was asked of another skill: 'and in Helsinki'.

    It must name nothing that could be any words.
    """
    for topic in reversed(state.topics[:-1] if state.skill else state.topics):
        past = state.back_to(topic)
        each = each_of_them(past, heard, setting)
        if each:
            return Meant(wishes=each, state=past)
        found = follow_up(past, heard, setting, closed=True)
        named = found is not None and topic.skill != state.skill and any(found.heard.values())
        if found is not None and (found.after or named):
            return Meant(wishes=(found,), state=past)
    return None


def _meant_together(state: DialogueState, heard: Interpretation, setting: Setting) -> tuple[Deed, ...]:
    """What 'them' means: all that was done in the last turn; of 'both', if that was one thing, the last two."""
    if not state.deeds or state.deeds[-1].turn != state.acted:
        return ()
    deeds = last_deeds(state)
    pair = setting.locale.understanding.words.get(PAIR, frozenset())
    if len(deeds) == 1 and not pair.isdisjoint(heard.text.split()):
        deeds = state.deeds[-2:]
    return deeds if all(deed.skill == state.skill and not deed.timer for deed in deeds) else ()


def _spoken_of_together(state: DialogueState) -> list[Topic]:
    """The last requests that were made in one sentence, if there were several; or the parts of one, if it names several
    things for one slot: 'the kitchen and bathroom lights'."""
    for topic in reversed(state.topics):
        same = [other for other in state.topics if other.acted == topic.acted]
        base = next((slot for slot in topic.slots if f"{slot}2" in topic.slots), "")
        if len(same) > 1:
            return same
        if base:
            further = {slot: value for slot, value in topic.slots.items() if re.fullmatch(rf"{base}\d*", slot)}
            rest = {slot: value for slot, value in topic.slots.items() if slot not in further}
            return [replace(topic, slots={**rest, base: value}, memory={}) for _, value in sorted(further.items())]
    return []


def _which_one(text: str, setting: Setting) -> tuple[int, str] | None:
    """The place that a text names of several, and the text with a pronoun for it; None when it names none."""
    words = setting.locale.understanding.words
    pronoun = next(iter(words.get(PRONOUN, ())), "")
    for place, name in sorted(
        (entry.split(maxsplit=1) for entry in words.get(WHICH_ONES, ())), key=lambda e: -len(e[1])
    ):
        if f" {name} " in f" {text} ":
            return int(place), f" {text} ".replace(f" {name} ", f" {pronoun} ", 1).strip()
    return None


def _other_one(group: Sequence[Topic], last: Topic) -> Topic | None:
    """Of two, the one that is less like what was spoken of last."""
    likeness = [sum(last.slots.get(slot) == value for slot, value in topic.slots.items()) for topic in group]
    return group[likeness[0] > likeness[1]] if len(group) == 2 and likeness[0] != likeness[1] else None


def _by_itself(fragment: Wish, topic: Topic, setting: Setting) -> Wish | None:
    """A fragment as the request of a topic with the values that the fragment names, if that can say the same."""
    own, root = setting.intent(fragment), Wish(skill=topic.skill, intent=topic.root)
    declared = setting.intent(root)
    if own is None or not own.each or declared is None or declared.follows or fragment.negated:
        return None
    if not fragment.slots.keys() <= declared.slots.keys():
        return None
    return replace(root, slots={**topic.slots, **fragment.slots}, heard=fragment.heard, when=fragment.when,
                   sure=fragment.sure)  # fmt: skip


def root_of(state: DialogueState, wish: Wish, setting: Setting) -> str:
    """The intent with which a chain of requests began, if it could say the same ('turn it off'); '' otherwise."""
    root = setting.skills[state.skill].intents.get(state.root)
    return state.root if root is not None and wish.slots.keys() <= root.slots.keys() else ""
