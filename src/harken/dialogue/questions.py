"""The open question: which sentences answer it, which replace it, and when it is asked again."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from harken.dialogue.later import named_time
from harken.dialogue.skill import TALK, UNDO, IntentSpec
from harken.dialogue.state import DialogueState, Pending, Wish
from harken.dialogue.wishes import BADLY_HEARD, MAX_TRIES, TIME, Act, Decision, Say, Setting, Undo, next_step, sorry
from harken.events import Interpretation, When

PATIENCE = dt.timedelta(seconds=60)
"""A question is dropped, and a request can no longer be followed up, when so much time has passed."""
A_YES, UNMISTAKABLE = 0.5, 0.8
"""A spoken yes counts from this confidence of the recogniser on; the second, for what is never done unasked. How often
a wrong one does on dev, `features.operating_points` of `confidence-en` tells."""
SURE = 0.9
"""Minimum score of a request that no template covers, to replace an open question."""
CHORES = "chores"
"""Word list under `[understanding.words]` of a language: how things begin that people do themselves ("call mom")."""
PRONOUNS = "pronouns"
"""Word list: 'it'."""
YESES, REFUSALS = "yeses", "refusals"
"""Word lists: how a yes begins ('yes, unlock it'), and a no ('no, that one stays locked')."""
GIVING_UP = "giving_up"
"""Word list: how a question is given up ('never mind')."""
CONTRASTS = "contrasts"
"""Word list: 'but'."""
_WORD = re.compile(r"[\w']+")
FRAGMENT = 3
"""Sentences of so few words that no template covers are parts of an answer rather than new requests."""


def live_question(state: DialogueState, now: dt.datetime) -> Pending | None:
    """The open question, unless it is too old (or lies in the future because the clock was set)."""
    if state.pending is None or not is_recent(state.pending.asked_at, now):
        return None
    return state.pending


def is_recent(at: str, now: dt.datetime) -> bool:
    """Whether a moment (ISO format, '' for none) is so near that what is said now may refer to it."""
    return bool(at) and abs(now - dt.datetime.fromisoformat(at)) <= PATIENCE


def is_talk(heard: Interpretation, intent: str) -> bool:
    """Whether a sentence is this one of the conversation, and nothing else."""
    odd = heard.rejected or heard.negated or heard.doubtful or heard.unread or heard.when
    return not odd and (heard.skill, heard.intent) == (TALK, intent)


def is_fragment(heard: Interpretation, setting: Setting) -> bool:
    """Whether a sentence is only understood after another one."""
    intent = _declared(heard, setting)
    return intent is not None and bool(intent.follows)


def answered(
    pending: Pending, heard: Interpretation, state: DialogueState, setting: Setting
) -> tuple[Decision, tuple[Wish, ...]] | None:
    """What a sentence leads to as an answer to the open question; None if it is a request of its own.

    Returns:
        The decision, and the requests of the earlier sentence that may now continue.
    """
    decision: Decision | None
    if _gives_up(heard, setting):
        decision = Say(text=setting.say("never_mind"), act="ack")
    elif not pending.ask:
        decision = _yes_or_no(pending, heard, state, setting)
    elif pending.ask == TIME:
        decision = _time(pending, heard, state, setting)
    else:
        decision = _value(pending, heard, state, setting)
    if decision is None:
        return None
    still_open = decision.again if isinstance(decision, Act) else isinstance(decision, Say) and decision.pending
    return decision, () if still_open else pending.rest


def _gives_up(heard: Interpretation, setting: Setting) -> bool:
    """Whether a question is given up with a reason: 'never mind, I'll do it now', 'I've done it, forget it'."""
    language, said = setting.locale.understanding, heard.text
    if heard.exact or not (phrases := language.words.get(GIVING_UP)):
        return False
    for phrase in phrases:
        rest = said.removesuffix(f" {phrase}") if said.endswith(f" {phrase}") else said.partition(f"{phrase} ")[2]
        before = "" if said.endswith(f" {phrase}") else said.partition(f"{phrase} ")[0]
        words = [word for word in rest.split() if (word,) not in language.leading]
        opened = all((word,) in language.leading for word in before.split())
        if rest != said and words and opened and words[0] in language.remarks.statements:
            return True
    return False


def _yes_or_no(pending: Pending, heard: Interpretation, state: DialogueState, setting: Setting) -> Decision | None:
    wish = pending.wish
    if is_talk(heard, "affirm") and heard.exact and heard.heard >= _enough(wish, setting):
        if (wish.skill, wish.intent) == (TALK, UNDO):
            return Undo()
        return next_step(replace(wish, doubtful=False, sure=1.0, confirmed=True), setting)
    if is_talk(heard, "affirm"):
        return _again(pending, state, setting)
    denied = is_talk(heard, "deny") and (heard.exact or " " in heard.text)  # a sigh alone is no answer
    if denied and not heard.exact and (other := _changed(wish, heard, setting)) is not None:
        return next_step(other, setting, tries=pending.tries)  # 'no wait, the back one'
    if denied or heard.negated or _denies(wish, heard, setting):
        unclear = wish.doubtful or wish.sure < BADLY_HEARD
        if unclear:
            return Say(text=setting.say("say_it_differently"), act="ack")
        return Say(text=setting.say("not_done"), act="ack", refused=None if wish.skill == TALK else wish)
    if _with_reserve(heard, setting):
        return _again(pending, state, setting)
    changed = None if _is_own(heard, setting) else _changed(wish, heard, setting)
    if _affirms(wish, changed, heard, setting):
        return next_step(replace(wish, doubtful=False, sure=1.0, confirmed=True), setting)
    if changed is not None:
        return next_step(changed, setting, tries=pending.tries)
    if not _is_request(heard, setting):
        first = heard.text.split()[:1]
        if heard.rejected and setting.locale.understanding.words.get(REFUSALS, frozenset()).intersection(first):
            return Say(text=setting.say("not_done"), act="ack", refused=None if wish.skill == TALK else wish)
        return _again(pending, state, setting)
    return None if _is_offer(pending, setting) else _interposed(pending, heard, setting)


def _affirms(wish: Wish, changed: Wish | None, heard: Interpretation, setting: Setting) -> bool:
    """Whether a sentence says yes and names nothing but what is asked about: 'yes, unlock it'."""
    first, *rest = heard.text.split()
    if (
        first not in setting.locale.understanding.words.get(YESES, ())
        or not rest
        or heard.heard < _enough(wish, setting)
    ):
        return False
    if heard.unread or heard.negated or heard.when or heard.then:
        return False
    same = (heard.skill, heard.intent) == (wish.skill, wish.intent) and heard.exact
    if same:
        return all(wish.slots.get(slot) == value for slot, value in heard.values.items())
    return changed is not None and changed.slots == wish.slots and changed.when == wish.when


def _with_reserve(heard: Interpretation, setting: Setting) -> bool:
    """Whether something is said against a yes: 'yes, but close it again in ten minutes'."""
    contrasts = setting.locale.understanding.words.get(CONTRASTS, frozenset())
    return not heard.exact and not contrasts.isdisjoint(heard.text.split()[1:3])


def _enough(wish: Wish, setting: Setting) -> float:
    """The least confidence of a yes. To undo may be to unlock."""
    intent = setting.intent(wish)
    harmless = wish.intent != UNDO and intent is not None and not intent.confirm(wish.slots)
    return A_YES if harmless else UNMISTAKABLE


def _denies(wish: Wish, heard: Interpretation, setting: Setting) -> bool:
    """Whether a sentence says not to do what is asked about, in words that refer to it: 'don't unlock it'."""
    found = None if _is_own(heard, setting) else setting.reader.follow_up(wish.skill, wish.intent, heard)
    return found is not None and found.negated


def _is_offer(pending: Pending, setting: Setting) -> bool:
    """Whether the question offers something that was not asked for; it is not asked again later."""
    intent = setting.intent(pending.wish)
    return not (intent is None or pending.wish.doubtful or intent.confirm(pending.wish.slots))


def _interposed(pending: Pending, heard: Interpretation, setting: Setting) -> Decision | None:
    """The answer to another question, after which this one is asked again; None for a request that acts or must ask
    something itself."""
    intent = _declared(heard, setting)
    if intent is None or intent.acts or heard.unread or heard.then or heard.when or pending.tries >= MAX_TRIES:
        return None
    if intent.required.keys() - heard.values.keys():
        return None
    return Act(wish=Wish.of(heard), again=replace(pending, asked_at=setting.now.isoformat()))


def _value(pending: Pending, heard: Interpretation, state: DialogueState, setting: Setting) -> Decision | None:
    wish = pending.wish
    same = not heard.rejected and (heard.skill, heard.intent) == (wish.skill, wish.intent)
    if is_talk(heard, "deny") or (heard.negated and same):
        return Say(text=setting.say("never_mind"), act="ack")
    if is_talk(heard, "affirm"):
        return _again(pending, state, setting)
    plain = same and not (heard.unread or heard.doubtful)
    if plain and heard.exact:
        return _with(wish, Wish.of(heard), pending, setting)
    if _is_value(pending, heard, setting):
        pass
    elif _is_own(heard, setting) and not _is_offered(pending, heard) and not _is_thing_to_do(pending, heard, setting):
        return _interposed(pending, heard, setting)
    slots = setting.reader.answer(wish.skill, wish.intent, pending.ask, heard, wish.slots)
    if slots and (pending.gap is None or pending.ask in {slot.name for slot in slots}):
        filled = wish.filled({slot.name: slot.value for slot in slots}, {slot.name: slot.text for slot in slots})
        return next_step(replace(filled, text=heard.text), setting, tries=pending.tries)
    if plain:
        return _with(wish, Wish.of(heard), pending, setting)
    if pending.gap is not None:
        return _other_name(pending, heard, state, setting)
    named = _for_pronoun(wish, heard, setting)
    if named is not None:
        return next_step(named, setting)
    changed = _changed(wish, heard, setting)
    if changed is not None:
        return next_step(changed, setting, tries=pending.tries)
    return _interposed(pending, heard, setting) if _is_request(heard, setting) else _again(pending, state, setting)


def _other_name(pending: Pending, heard: Interpretation, state: DialogueState, setting: Setting) -> Decision | None:
    """'The kettle then' after 'I know no toaster': the same sentence with this name."""
    first, last = pending.gap or (0, 0)
    found = setting.reader.instead(pending.wish.text, first, last, heard)
    if found is not None:
        return next_step(replace(Wish.of(found), text=heard.text, when=pending.wish.when, sure=heard.heard), setting)
    return _interposed(pending, heard, setting) if _is_request(heard, setting) else None


def _for_pronoun(wish: Wish, heard: Interpretation, setting: Setting) -> Wish | None:
    """'The light in the office' after 'turn it on' and 'Which device?': the same sentence with that, of any skill."""
    words, pronouns = wish.text.split(), setting.locale.understanding.words.get(PRONOUNS, frozenset())
    place = next((place for place, word in enumerate(words) if word in pronouns), None)
    found = None if place is None else setting.reader.instead(wish.text, place, place + 1, heard)
    return None if found is None else replace(Wish.of(found), text=heard.text, when=wish.when, sure=heard.heard)


def _is_value(pending: Pending, heard: Interpretation, setting: Setting) -> bool:
    """Whether a few words that another skill could answer are rather the value: 'half eight' is a time, and 4."""
    own = _declared(heard, setting)
    if own is None or own.acts or heard.skill in (pending.wish.skill, TALK) or len(heard.text.split()) > FRAGMENT:
        return False
    slots = setting.reader.answer(pending.wish.skill, pending.wish.intent, pending.ask, heard)
    return any(slot.name == pending.ask and slot.value != slot.text for slot in slots)


def _is_offered(pending: Pending, heard: Interpretation) -> bool:
    """Whether a sentence repeats words of the question, as the answer to "Which one: tea or coffee?" does."""
    return f" {heard.text} " in f" {' '.join(_WORD.findall(pending.question.lower()))} "


def _is_thing_to_do(pending: Pending, heard: Interpretation, setting: Setting) -> bool:
    """Whether what a request of another skill would do may be the value: "What shall I remind you of?", "buy milk"."""
    own, asked = _declared(heard, setting), setting.intent(pending.wish)
    others = heard.skill not in (pending.wish.skill, TALK)
    chore = heard.text.split(maxsplit=1)[0] in setting.locale.understanding.words.get(CHORES, ())
    doing = own is not None and (own.acts or chore)
    return others and doing and asked is not None and pending.ask in asked.required


def _time(pending: Pending, heard: Interpretation, state: DialogueState, setting: Setting) -> Decision | None:
    """'At what time?': a time of day, or the delay that was named instead."""
    wish = pending.wish
    if is_talk(heard, "deny"):
        return Say(text=setting.say("never_mind"), act="ack")
    if _is_own(heard, setting):
        return _interposed(pending, heard, setting)
    when = named_time(heard.text.split(), wish.when or When(text=""), setting.now, setting.locale)
    if when is None:
        said = setting.action(wish)
        found = setting.reader.instead(said, len(said.split()), len(said.split()), heard)
        when = found.when if found is not None and (found.skill, found.intent) == (wish.skill, wish.intent) else None
    if when is not None:
        return next_step(replace(wish, when=when, text=heard.text), setting, tries=pending.tries)
    if wish.when is None and _says_the_same(wish, heard, setting):
        return next_step(replace(wish, text=heard.text, sure=heard.heard), setting)  # 'just turn it on', at once
    return _interposed(pending, heard, setting) if _is_request(heard, setting) else _again(pending, state, setting)


def _says_the_same(wish: Wish, heard: Interpretation, setting: Setting) -> bool:
    """Whether a fragment asks for no more than a request does: 'turn it on' after 'turn on the fan when it is hot'."""
    found = setting.reader.follow_up(wish.skill, wish.intent, heard, closed=True)
    own = None if found is None else setting.intent(Wish.of(found))
    if found is None or own is None or not own.follows or found.unread or found.negated or found.when:
        return False
    return bool(found.values) and found.values.items() <= wish.slots.items()


def _with(wish: Wish, own: Wish, pending: Pending, setting: Setting) -> Decision:
    """The same request once more, which names further values."""
    merged = replace(wish.filled(own.slots, own.heard), text=own.text, when=own.when or wish.when)
    return next_step(merged, setting, tries=0 if set(own.slots) - set(wish.slots) else pending.tries)


def _changed(wish: Wish, heard: Interpretation, setting: Setting) -> Wish | None:
    """The request in progress with another value ('no, the back door'); None if the sentence is something else."""
    found = setting.reader.follow_up(wish.skill, wish.intent, heard)
    if found is None or not found.values or found.unread or found.negated:
        return None
    own, intent = Wish.of(found), setting.intent(wish)
    if intent is None or not own.slots.keys() <= intent.slots.keys():
        return None
    return replace(wish.filled(own.slots, own.heard), text=heard.text, when=own.when or wish.when)


def _declared(heard: Interpretation, setting: Setting) -> IntentSpec | None:
    return None if heard.rejected and not heard.refused else setting.intent(Wish.of(heard))


def _is_own(heard: Interpretation, setting: Setting) -> bool:
    """Whether templates cover the sentence as a request that needs no other."""
    return heard.exact and _declared(heard, setting) is not None and not is_fragment(heard, setting)


def _is_request(heard: Interpretation, setting: Setting) -> bool:
    """Whether a sentence is a request of its own that may replace an open question."""
    if _is_own(heard, setting):
        return True
    if heard.doubtful or is_fragment(heard, setting) or setting.intent(Wish.of(heard)) is None:
        return False
    return len(heard.text.split()) > FRAGMENT and (heard.score >= SURE or bool(heard.unread))


def _again(pending: Pending, state: DialogueState, setting: Setting) -> Decision:
    """Ask once more; then give up."""
    if pending.tries >= MAX_TRIES:
        return sorry(state, setting)
    question = replace(pending, asked_at=setting.now.isoformat(), tries=pending.tries + 1)
    return Say(text=setting.say("ask_again", question=pending.question), act="request", pending=question)
