"""What to do with a sentence: act, ask, or say that it is not understood.

First come the sentences that steer the conversation (never mind, say that again, undo that), then the answer to an open
question, then requests that templates cover, then fragments in the light of the last request, then all other requests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from harken.dialogue.later import named_time
from harken.dialogue.past import last_deeds, what_done, why_done
from harken.dialogue.questions import answered, is_fragment, is_recent, is_talk, live_question
from harken.dialogue.skill import TALK, UNDO
from harken.dialogue.state import Deed, DialogueState, Wish
from harken.dialogue.wishes import Ask, Decision, PutOff, Say, Setting, Undo, asking, sorry, weigh
from harken.events import Interpretation

REGRETS, TOGETHER, PAIR = "regrets", "together", "pair"
"""Word lists under `[understanding.words]` of a language: what makes a denial one of what was just done ('don't', 'as
it was'); words for all that was just done ('them'); those of them for two things ('both')."""
DESTROYING = "destroying"
"""Word list: how requests begin that a mere question does not repeat: 'and the pasta?' after 'cancel the tea timer'."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A decision, and what becomes of further requests."""

    decision: Decision
    rest: tuple[Wish, ...] = ()
    """Requests of the sentence to which a question is now answered; they are next."""
    dropped: tuple[Wish, ...] = ()
    """Those that are given up because the user wants something else."""


def decide(state: DialogueState, heard: Interpretation, setting: Setting) -> Step:
    """The decision on one interpreted sentence (on its first request, if it has several)."""
    pending = live_question(state, setting.now)
    if pending is not None and setting.intent(pending.wish) is None:
        pending = None  # the skill is gone
    if (
        (is_talk(heard, "repeat") or _asks_again(heard))
        and state.history
        and (heard.exact or not _continues(state, heard, setting))
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
    each = _each_of_them(state, heard, setting)
    if each:
        return Step(decision=weigh(each[0], state, setting), rest=each[1:], dropped=dropped)
    return Step(decision=_anew(state, heard, setting), dropped=dropped)


def decide_next(state: DialogueState, wish: Wish, setting: Setting) -> Decision:
    """The decision on a further request of a sentence."""
    intent = setting.intent(wish)
    if intent is None:
        return Say(text=setting.say("not_understood", text=wish.text), act="sorry")
    if intent.follows:
        if state.skill != wish.skill or state.intent not in intent.follows:
            return Say(text=setting.say("not_understood", text=wish.text), act="sorry")
        wish = replace(wish, after=state.intent, before=state.slots, root=_root(state, wish, setting))
    return _steered(state, wish, setting) or weigh(wish, state, setting)


def requests_of(heard: Interpretation, setting: Setting) -> list[Interpretation]:
    """The requests of a sentence that are to be done, in order: those before a 'never mind' are not."""
    parts = [replace(heard, then=()), *heard.then]
    parts = [*parts[:-1], *_with_its_fragment(parts[-1], setting)]
    last = max((place for place, part in enumerate(parts) if place and _takes_back(part)), default=-1)
    return parts[last + 1 :] or [parts[last]]


def _asks_again(heard: Interpretation) -> bool:
    """Whether 'sorry?' was typed, which is no apology."""
    return is_talk(heard, "apology") and heard.written.rstrip().endswith("?")


def _cancelled(state: DialogueState, heard: Interpretation, setting: Setting) -> Decision:
    """'Cancel that' while nothing is asked: about what was just done, if anything was."""
    follow_up = _follow_up(state, heard, setting) or _follow_up(state, _part_of(heard), setting)
    if follow_up is not None and follow_up.after:
        return weigh(follow_up, state, setting)
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


def _anew(state: DialogueState, heard: Interpretation, setting: Setting) -> Decision:
    """A sentence that answers nothing."""
    wish, fragment = Wish.of(heard), is_fragment(heard, setting)
    if not heard.exact or fragment or heard.refused or (heard.skill == TALK and heard.when):
        moved = _moved(state, heard, setting)
        if moved is not None:
            return moved
        follow_up = _follow_up(state, heard, setting, closed=True)
        earlier = None if follow_up else _come_back(state, heard, setting)
        if earlier is not None:
            return earlier
        follow_up = follow_up or _follow_up(state, heard, setting)
        if follow_up is not None:
            return weigh(follow_up, state, setting)
    if fragment:
        return sorry(state, setting)
    return _steered(state, wish, setting) or weigh(wish, state, setting)


def _come_back(state: DialogueState, heard: Interpretation, setting: Setting) -> Decision | None:
    """'And in Helsinki', after the time in Oslo and then something else: a fragment about an earlier request.

    It must name a value, and nothing that could be any words.
    """
    for topic in reversed(state.topics):
        then = state.back_at(topic)
        wish = _follow_up(then, heard, setting, closed=True) if topic.skill != state.skill else None
        if wish is not None and (any(wish.heard.values()) or (wish.after and wish.slots)):
            return weigh(wish, then, setting)
    return None


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
        when = named_time(words[len(opening) :], state.when, setting.now, setting.locale)
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


def _follow_up(state: DialogueState, heard: Interpretation, setting: Setting, *, closed: bool = False) -> Wish | None:
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
        wish = replace(wish, after=state.intent, before=state.slots, root=_root(state, wish, setting))
    else:
        kept = {name: value for name, value in state.slots.items() if name in declared.slots}
        wish = replace(wish, slots={**kept, **wish.slots}, when=wish.when or state.when)
    doubtful = declared.acts and not declared.confirm(wish.slots) and _only_asks(wish, heard, setting)
    return replace(wish, doubtful=doubtful)


def _only_asks(wish: Wish, heard: Interpretation, setting: Setting) -> bool:
    """Whether a question was typed that does not itself say to destroy or open something, as the request would."""
    destroying = setting.locale.understanding.words.get(DESTROYING, frozenset())
    asks = heard.written.rstrip().endswith("?") and destroying.isdisjoint(heard.text.split())
    return asks and not destroying.isdisjoint(setting.action(wish).split()[:1])


def _each_of_them(state: DialogueState, heard: Interpretation, setting: Setting) -> tuple[Wish, ...]:
    """'Both off again' after several requests: each of them once more with the value that is named; none otherwise."""
    words = setting.locale.understanding.words.get(TOGETHER, frozenset())
    if (heard.exact and not is_fragment(heard, setting)) or words.isdisjoint(heard.text.split()):
        return ()
    deeds = _meant_together(state, heard, setting)
    follow_up = _follow_up(state, heard, setting) if len(deeds) > 1 else None
    own = setting.intent(follow_up) if follow_up is not None else None
    if follow_up is None or own is None or not own.each or follow_up.negated or follow_up.unread:
        return ()
    wishes = tuple(
        Wish(skill=deed.skill, intent=deed.root, slots={**deed.known, **follow_up.slots}, text=heard.text,
             heard=follow_up.heard, when=follow_up.when, sure=heard.heard)
        for deed in deeds
    )  # fmt: skip
    declared = [setting.intent(wish) for wish in wishes]
    fits = all(intent is not None and not intent.follows and wish.slots.keys() <= intent.slots.keys()
               and follow_up.slots.keys() <= deed.known.keys()
               for intent, wish, deed in zip(declared, wishes, deeds, strict=True))  # fmt: skip
    return wishes if fits else ()


def _meant_together(state: DialogueState, heard: Interpretation, setting: Setting) -> tuple[Deed, ...]:
    """What 'them' means: all that was done in the last turn; of 'both', if that was one thing, the last two."""
    if not state.deeds or state.deeds[-1].turn != state.acted:
        return ()
    deeds = last_deeds(state)
    pair = setting.locale.understanding.words.get(PAIR, frozenset())
    if len(deeds) == 1 and not pair.isdisjoint(heard.text.split()):
        deeds = state.deeds[-2:]
    return deeds if all(deed.skill == state.skill and not deed.timer for deed in deeds) else ()


def _continues(state: DialogueState, heard: Interpretation, setting: Setting) -> bool:
    """Whether a sentence says in so many words what is only understood after the last request ('one more')."""
    found = _follow_up(state, heard, setting)
    return found is not None and bool(found.after)


def _root(state: DialogueState, wish: Wish, setting: Setting) -> str:
    """The intent with which a chain of requests began, if it could say the same ('turn it off'); '' otherwise."""
    root = setting.skills[state.skill].intents.get(state.root)
    return state.root if root is not None and wish.slots.keys() <= root.slots.keys() else ""
