"""What to do with a sentence: act, ask, or say that it is not understood.

First come the sentences that steer the conversation (never mind, say that again, undo that), then the answer to an open
question, then requests that templates cover, then fragments in the light of the last request, then all other requests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from harken.dialogue.fragments import (
    Meant,
    added,
    chained,
    continues,
    each_of_them,
    follow_up,
    one_of_several,
    returned,
    root_of,
)
from harken.dialogue.later import due_of, named_time
from harken.dialogue.past import last_deeds, what_done, why_done
from harken.dialogue.questions import PRONOUNS, answered, is_fragment, is_recent, is_talk, live_question
from harken.dialogue.replacing import alone, at_a_time, nearer, replaces
from harken.dialogue.skill import TALK, UNDO
from harken.dialogue.state import DialogueState, Wish
from harken.dialogue.waiting import put_off_too
from harken.dialogue.wishes import Ask, Decision, PutOff, Say, Setting, Undo, asking, sorry, weigh
from harken.events import Interpretation, When

REGRETS = "regrets"
"""Word list under `[understanding.words]` of a language: what makes a denial one of what was just done."""

CLOSINGS = "closings"
"""Word list: how somebody says that there is nothing more to do."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A decision, and what becomes of further requests."""

    decision: Decision
    rest: tuple[Wish, ...] = ()
    """Requests of the sentence to which a question is now answered; they are next."""
    dropped: tuple[Wish, ...] = ()
    """Those that are given up because the user wants something else."""
    state: DialogueState | None = None
    """The conversation to go on from, if the sentence returns to an earlier request."""


def decide(state: DialogueState, heard: Interpretation, setting: Setting) -> Step:
    """The decision on one interpreted sentence (on its first request, if it has several)."""
    pending = live_question(state, setting.now)
    if pending is not None and setting.intent(pending.wish) is None:
        pending = None  # the skill is gone
    if (
        (is_talk(heard, "repeat") or _asks_again(heard))
        and state.history
        and (heard.exact or not continues(state, heard, setting))
    ):
        return Step(decision=Say(text=state.history[-1].reply, act="inform", pending=pending))
    if is_talk(heard, "cancel"):
        never_mind = Say(text=setting.say("never_mind"), act="ack")
        return Step(decision=never_mind if pending else _cancelled(state, heard, setting))
    if pending is None and is_talk(heard, "deny") and _regrets(heard, setting):
        return Step(decision=_undoing(state, heard, setting))
    if pending is not None:
        found = answered(pending, heard, state, setting)
        if found is not None:
            return Step(decision=found[0], rest=found[1])
    dropped = pending.rest if pending else ()
    each = each_of_them(state, heard, setting)
    if each:
        return Step(decision=weigh(each[0], state, setting), rest=each[1:], dropped=dropped)
    return replace(_anew(state, heard, setting), dropped=dropped)


def decide_next(state: DialogueState, wish: Wish, setting: Setting) -> Decision:
    """The decision on a further request of a sentence."""
    intent = setting.intent(wish)
    if intent is None:
        return Say(text=setting.say("not_understood", text=wish.text), act="sorry")
    if intent.follows:
        if state.skill != wish.skill or state.intent not in intent.follows:
            return Say(text=setting.say("not_understood", text=wish.text), act="sorry")
        wish = replace(wish, after=state.intent, before=state.slots, root=root_of(state, wish, setting))
    return _steered(state, wish, setting) or weigh(wish, state, setting)


def requests_of(heard: Interpretation, setting: Setting, state: DialogueState) -> list[Interpretation]:
    """The requests of a sentence that are to be done, in order: those before a 'never mind' are not.

    Nor is a yes in front of the kind of request that was asked about, which may name another thing: 'sure, unlock the
    back door'.
    """
    parts = [replace(heard, then=()), *heard.then]
    pending = live_question(state, setting.now)
    if pending is not None and len(parts) > 1 and is_talk(parts[0], "affirm"):
        same = (parts[1].skill, parts[1].intent) == (pending.wish.skill, pending.wish.intent)
        parts = parts[1:] if same else parts
    parts = [*parts[:-1], *_with_its_fragment(parts[-1], setting)]
    last = max((place for place, part in enumerate(parts) if place and _takes_back(part)), default=-1)
    return parts[last + 1 :] or [parts[last]]


def _asks_again(heard: Interpretation) -> bool:
    """Whether 'sorry?' was typed, which is no apology."""
    return is_talk(heard, "apology") and heard.written.rstrip().endswith("?")


def _cancelled(state: DialogueState, heard: Interpretation, setting: Setting) -> Decision:
    """'Cancel that' while nothing is asked: about what was just done, if anything was; not so 'that's all'."""
    if any(f"{heard.text} ".endswith(f"{said} ") for said in setting.locale.understanding.words.get(CLOSINGS, ())):
        return Say(text=setting.say("okay"), act="ack")
    found = follow_up(state, _part_of(heard), setting) or follow_up(state, heard, setting)
    if found is not None and found.after:
        return weigh(found, state, setting)
    return _undoing(state, heard, setting)


def _part_of(heard: Interpretation) -> Interpretation:
    """One request of a sentence as if it were all of it: of 'thanks, cancel it' the second."""
    return replace(heard, text=heard.action, written="") if heard.exact and heard.action != heard.text else heard


def _undoing(state: DialogueState, heard: Interpretation, setting: Setting) -> Decision:
    """Whether to take back what was done in the last turn; a mere okay if nothing was."""
    deeds = last_deeds(state)
    if not deeds or deeds[-1].turn not in (state.turn, state.acted) or not is_recent(state.acted_at, setting.now):
        return Say(text=setting.say("okay"), act="ack")
    if all(deed.timer for deed in deeds):
        return Undo()
    undo = Wish(skill=TALK, intent=UNDO, text=heard.text)
    if setting.intent(undo) is None or not any(deed.undo or deed.timer for deed in deeds):
        return Say(text=setting.say("okay"), act="ack")
    actions = setting.locale.wording.joined([deed.action for deed in deeds])
    return Ask(pending=asking(undo, "", setting.say("shall_i_undo", action=actions), setting))


def _regrets(heard: Interpretation, setting: Setting) -> bool:
    """Whether a denial is about what was just done: 'no, actually don't'."""
    said = f" {heard.text} "
    return any(f" {words} " in said for words in setting.locale.understanding.words.get(REGRETS, ()))


def _takes_back(heard: Interpretation) -> bool:
    return is_talk(heard, "cancel") or is_talk(heard, "deny")


def _with_its_fragment(heard: Interpretation, setting: Setting) -> list[Interpretation]:
    """A request with which a further one was not understood by itself ('... then turn it off'): both, if it follows.

    Words before it are no further request, but change this one ('in the attic, turn on the light').
    """
    if len(heard.unread) != 1 or heard.unread[0].slot or not heard.unread[0].first or heard.negated:
        return [heard]
    if heard.action and f" {heard.action} " not in f" {heard.text} ":
        return [heard]  # not said in these words, so that the rest may well change it
    left_over = heard.unread[0].text
    fragment = Interpretation(
        turn=heard.turn, text=left_over, written=left_over if heard.written else "", skill="", intent="", score=0.0,
        rejected=True,
    )  # fmt: skip
    found = setting.reader.follow_up(heard.skill, heard.intent, fragment)
    if found is None or not is_fragment(found, setting):
        return [heard]
    whole = replace(heard, unread=(), rejected=False, exact=True)
    if found.negated and all(heard.values.get(slot) == value for slot, value in found.values.items()):
        return [replace(whole, negated=True)]
    return [whole, replace(found, text=heard.text)]


def _anew(state: DialogueState, heard: Interpretation, setting: Setting) -> Step:
    """A sentence that answers nothing."""
    wish, fragment = Wish.of(heard), is_fragment(heard, setting)
    if heard.exact and heard.negated:
        kept = follow_up(state, heard, setting)  # 'leave the bedroom on' after everything was switched off
        if kept is not None and kept.after and not kept.negated:
            return Step(decision=weigh(kept, state, setting))
    if is_talk(heard, "affirm") and continues(state, heard, setting):  # 'ok go on', of a paused timer
        return Step(decision=weigh(follow_up(state, heard, setting) or wish, state, setting))
    waiting = put_off_too(state, heard, setting)
    if waiting is not None:
        return Step(decision=waiting)
    rather = nearer(state, heard, setting) if heard.exact and not fragment else None
    if rather is not None:
        return Step(decision=weigh(rather, state, setting))
    if not heard.exact or fragment or heard.refused or (heard.skill == TALK and heard.when):
        one = one_of_several(state, heard, setting)
        if one is not None:
            return _step(one, state, setting)
        first = _fragment_first(state, heard, setting)
        if first is not None:
            return first
        kept = alone(state, heard, setting)
        if kept is not None:
            return Step(decision=Undo(), rest=(kept,))
        chain = chained(state, heard, setting)
        if chain:
            return _step(Meant(wishes=chain), state, setting)
        moved = _moved(state, heard, setting)
        if moved is not None:
            return Step(decision=moved)
        found = follow_up(state, heard, setting, closed=True)
        more = None if found or heard.exact else added(state, heard, setting)
        elsewhere = None if found else more or returned(state, heard, setting)
        if elsewhere is not None:
            return _step(elsewhere, state, setting)
        found = found or follow_up(state, heard, setting)
        if found is not None:
            return _in_its_place(found, state, setting)
    if fragment or (heard.rejected and not heard.skill):
        what = at_a_time(state, heard, setting) or _unclear(heard, setting)
        return Step(decision=what or sorry(state, setting))
    steered = _steered(state, wish, setting)
    return Step(decision=steered) if steered else _in_its_place(wish, state, setting)


def _in_its_place(wish: Wish, state: DialogueState, setting: Setting) -> Step:
    """A request, after what was just done is taken back if it says 'instead'."""
    if replaces(state, wish, setting):
        return Step(decision=Undo(), rest=(wish,))
    return Step(decision=weigh(wish, state, setting))


def _unclear(heard: Interpretation, setting: Setting) -> Say | None:
    """'Unlock it' when nothing was spoken of: that it is not clear what is meant; None for other sentences."""
    pronouns = setting.locale.understanding.words.get(PRONOUNS, frozenset())
    said = next((word for word in heard.text.split()[1:] if word in pronouns), "")
    if not said:
        return None
    tried = {
        (name, one.follows[0])
        for name, skill in setting.skills.items()
        for one in skill.intents.values()
        if one.follows
    }
    for skill, after in sorted(tried):
        found = setting.reader.follow_up(skill, after, heard, closed=True)
        intent = None if found is None else setting.skills[skill].intents.get(found.intent)
        if intent is not None and intent.follows and intent.acts:
            return Say(text=setting.say("what_it", pronoun=said), act="sorry")
    return None


def _fragment_first(state: DialogueState, heard: Interpretation, setting: Setting) -> Step | None:
    """'Turn that off and cancel the timer': a fragment that stands before a request."""
    words, left = heard.text.split(), heard.unread
    if len(left) != 1 or left[0].slot or left[0].first or heard.negated or heard.then:
        return None
    joints = setting.locale.understanding.joints
    behind = (left[0].last - len(joint) for joint in joints if tuple(words[: left[0].last][-len(joint) :]) == joint)
    end = next(behind, 0)
    if any(tuple(words[left[0].last :][: len(joint)]) == joint for joint in joints):
        end = left[0].last
    text = " ".join(words[:end])
    if not text:
        return None
    fragment = Interpretation(
        turn=heard.turn, text=text, skill="", intent="", score=0.0, rejected=True, heard=heard.heard
    )
    found = follow_up(state, fragment, setting, closed=True)
    meant = Meant(wishes=(found,)) if found is not None and found.after else returned(state, fragment, setting)
    if meant is None:
        return None
    then = Wish.of(replace(heard, unread=(), rejected=False, exact=True))
    return _step(replace(meant, wishes=(*meant.wishes, then)), state, setting)


def _step(meant: Meant, state: DialogueState, setting: Setting) -> Step:
    first, *others = meant.wishes
    return Step(decision=weigh(first, meant.state or state, setting), rest=tuple(others), state=meant.state)


def _steered(state: DialogueState, wish: Wish, setting: Setting) -> Decision | None:
    """'Undo that', and questions about what was done."""
    if wish.skill != TALK or wish.negated or wish.doubtful or wish.unread:
        return None
    if wish.intent == UNDO:
        return Undo()
    if wish.intent == "undoLast":
        return Undo(one=True)
    if wish.intent == "whatDone":
        return what_done(state, setting)
    return why_done(state, wish, setting) if wish.intent == "whyDone" else None


def _moved(state: DialogueState, heard: Interpretation, setting: Setting) -> Decision | None:
    """'Make it five' after 'turn off the fan in ten minutes': another time for what was put off.

    Begun with 'and', it is for a second time.
    """
    deed = state.deeds[-1] if state.deeds else None
    if state.when is None or deed is None or not deed.timer or not is_recent(state.acted_at, setting.now):
        return None
    language, words = setting.locale.understanding, tuple(heard.text.split())
    for opening in (*sorted(language.follow_ups, key=len, reverse=True), ()):
        if words[: len(opening)] != opening:
            continue
        said = words[len(opening) :]
        when = named_time(said, state.when, setting.now, setting.locale) or _on_days(deed.action, said, state, setting)
        if when is not None:
            wish = Wish(
                skill=state.skill, intent=state.intent, slots=deed.slots, text=heard.text, action=deed.action,
                when=when, sure=heard.heard, confirmed=True,
            )  # fmt: skip
            if state.intent != state.root:  # 'turn it off' is only understood after the request before it
                wish = replace(wish, after=state.root, before=state.slots, root=state.root)
            decision = weigh(wish, state, setting)
            again = opening[:1] in language.joints
            return replace(decision, replaces=0 if again else deed.timer) if isinstance(decision, PutOff) else decision
    return None


def _on_days(action: str, said: tuple[str, ...], state: DialogueState, setting: Setting) -> When | None:
    """'Only on weekdays' after something was put off until seven: at the same time on those days."""
    heard = Interpretation(turn=state.turn, text=" ".join(said), skill="", intent="", score=0.0, rejected=True)
    end, base = len(action.split()), state.when
    found = setting.reader.instead(action, end, end, heard) if said and base and base.time else None
    days = found.when if found is not None else None
    due = due_of(base, setting.now, setting.locale) if base and days and days.every and not days.time else None
    if due is None or due.moment is None or days is None or days.seconds is not None:
        return None
    return When(text=days.text, time=f"{due.moment:%H:%M}", every=days.every)
