"""Carries out decisions: lets skills answer, puts requests off, takes back what was done."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harken.dialogue.clock import Clock
from harken.dialogue.later import worded
from harken.dialogue.past import last_deeds, undoing
from harken.dialogue.questions import is_recent
from harken.dialogue.runner import Runner, SkillFailed
from harken.dialogue.skill import ACTION, TALK, Answer, Context, Request
from harken.dialogue.state import Deed, DialogueState, Pending, Wish
from harken.dialogue.store import Store
from harken.dialogue.timers import Timer, TimerBook
from harken.dialogue.wishes import Act, Ask, Decision, Leave, PutOff, Say, Setting, asking

log = logging.getLogger(__name__)

_NOT_DONE = ("sorry", "request", "confirm")
"""Acts of answers after which nothing has changed."""


class Doing:
    """Does what was decided, in one turn or when a timer rings.

    Args:
        setting: the skills, and how requests are worded.
        runner: runs the skills' code.
        store: what outlives the conversation.
        clock: the time.
        timers: the user's timers.
    """

    def __init__(self, setting: Setting, *, runner: Runner, store: Store, clock: Clock, timers: TimerBook):
        self._setting, self._runner = setting, runner
        self._store, self._clock, self._timers = store, clock, timers

    def carry_out(
        self, decision: Decision, state: DialogueState, *, turn: int, several: bool = False
    ) -> tuple[Answer, DialogueState]:
        """Do what was decided.

        Args:
            decision: what to do.
            state: the conversation before it.
            turn: the present turn.
            several: whether it is one of several requests, so that a failure must say of which.

        Returns:
            What is said, and the conversation after it.
        """
        match decision:
            case Ask(pending=pending):
                return self._spared(pending, state, turn=turn) or self._asked(pending, state)
            case Say(text=text, act=act, pending=pending, ends=ends, refused=refused):
                state = replace(state.without_last(), topics=()) if ends else state
                state = state if refused is None else self._last(refused, state, turn)
                return Answer(text=text, act=act), replace(state, pending=pending)
            case Act(wish=wish, again=again):
                return self._acted(wish, again, state, turn=turn, several=several)
            case PutOff():
                return self._put_off(decision, state, turn=turn)
            case Leave(wish=wish):
                return self._left(wish, state)
            case _:
                return self._undone(state, one=decision.one)

    def when_due(self, timer: Timer, state: DialogueState) -> tuple[Answer, Deed | None]:
        """Carry out a request that was put off until now; what is said, and what was done."""
        name, request = Request.of(timer)
        skill = self._setting.skills.get(name)
        try:
            if skill is None or request.intent not in skill.intents:
                raise SkillFailed(f"there is no skill '{name}' with an intent '{request.intent}' any more")
            answer = self._run(name, request, timer.data.get("memory") or state.memory.get(name, {}))
        except SkillFailed as error:
            log.error("%s", error, exc_info=error.__cause__)
            return Answer(text=self._setting.say("not_done_then", action=timer.label), act="sorry"), None
        wish = Wish(skill=name, intent=request.intent, slots=request.slots, text=request.text, action=timer.label)
        return answer, None if answer.act in _NOT_DONE else _deed(wish, timer.label, answer, -1)

    def _run(self, name: str, request: Request, memory: Mapping[str, Any]) -> Answer:
        return self._runner.run(self._setting.skills[name], request, self._context(name, memory))

    def _context(self, name: str, memory: Mapping[str, Any]) -> Context:
        setting = self._setting
        return Context(
            clock=self._clock, store=self._store, timers=self._timers, memory=memory,
            skills={other: skill.about for other, skill in setting.skills.items()}, locale=setting.locale, skill=name,
            replies=setting.skills[name].replies,
        )  # fmt: skip

    def _spared(self, pending: Pending, state: DialogueState, *, turn: int) -> tuple[Answer, DialogueState] | None:
        """What is said instead of a confirmation of something that need not be done."""
        wish, intent = pending.wish, self._setting.intent(pending.wish)
        if pending.ask or wish.doubtful or wish.when or intent is None or not intent.confirm(wish.slots):
            return None
        skill, context = self._setting.skills[wish.skill], self._context(wish.skill, state.memory.get(wish.skill, {}))
        try:
            answer = self._runner.needless(skill, self._request(wish), context)
        except SkillFailed as error:
            log.error("%s", error, exc_info=error.__cause__)
            return None
        if answer is None:
            return None
        if answer.remember:
            state = replace(state, memory={**state.memory, wish.skill: dict(answer.remember)})
        return answer, replace(self._last(wish, state, turn), pending=None)

    def _request(self, wish: Wish) -> Request:
        return Request(
            intent=wish.intent, slots=dict(wish.slots), heard=dict(wish.heard), text=wish.text,
            action=self._setting.action(wish), after=wish.after, before=dict(wish.before),
        )  # fmt: skip

    def _asked(self, pending: Pending, state: DialogueState) -> tuple[Answer, DialogueState]:
        answer = Answer(
            text=pending.question, act="request" if pending.ask else "confirm",
            data={"slot": pending.ask, "slots": dict(pending.wish.slots)},
        )  # fmt: skip
        return answer, replace(state.without_last(pending.wish.skill), pending=pending)

    def _acted(
        self, wish: Wish, again: Pending | None, state: DialogueState, *, turn: int, several: bool
    ) -> tuple[Answer, DialogueState]:
        try:
            answer = self._run(wish.skill, self._request(wish), state.memory.get(wish.skill, {}))
        except SkillFailed as error:
            log.error("%s", error, exc_info=error.__cause__)
            apology = self._setting.say("failed_part" if several else "failed", action=self._setting.promise(wish))
            return Answer(text=apology, act="sorry"), replace(state.without_last(wish.skill), pending=again)
        pending = again
        if answer.ask:
            pending = asking(wish, answer.ask, answer.text, self._setting)
        elif answer.offer is not None:
            pending = asking(_offered(answer.offer, wish), "", answer.text, self._setting)
        if answer.remember:
            state = replace(state, memory={**state.memory, wish.skill: dict(answer.remember)})
        state = replace(self._recalled(wish, answer, state, turn), pending=pending)
        if again is not None and pending is again:
            answer = replace(answer, text=f"{answer.text} {again.question}", act="confirm")
        return answer, state

    def _recalled(self, wish: Wish, answer: Answer, state: DialogueState, turn: int) -> DialogueState:
        """The conversation after a request was carried out."""
        if wish.skill == TALK and not self._is_followed(wish):
            return state
        if answer.ask or answer.offer is not None:
            return state.without_last(wish.skill)
        intent = self._setting.intent(wish)
        if intent is not None and intent.acts and answer.act not in _NOT_DONE:
            state = state.having(_deed(wish, self._setting.promise(wish), answer, turn))
        return self._last(wish, state, turn)

    def _is_followed(self, wish: Wish) -> bool:
        """Whether an intent of the skill is only understood after this one."""
        return any(wish.intent in intent.follows for intent in self._setting.skills[wish.skill].intents.values())

    def _last(self, wish: Wish, state: DialogueState, turn: int) -> DialogueState:
        """The conversation with this as its last request."""
        return state.about(wish, turn=turn, now=self._setting.now.isoformat())

    def _put_off(self, decision: PutOff, state: DialogueState, *, turn: int) -> tuple[Answer, DialogueState]:
        wish, due, setting = decision.wish, decision.due, self._setting
        action = setting.promise(wish)
        request = Request(
            intent=wish.intent, slots=dict(wish.slots), text=wish.text, action=action, after=wish.after,
            before=dict(wish.before),
        )  # fmt: skip
        timer = request.put_off(
            self._timers,
            skill=wish.skill,
            seconds=due.seconds,
            moment=due.moment,
            every=due.every,
            memory=state.memory.get(wish.skill, {}),
        )
        text = setting.say("later", action=action, when=worded(due, setting.now, setting.locale))
        answer = Answer(text=text, act="ack", data={"id": timer.id, "due": timer.due.isoformat(timespec="seconds")})
        if decision.replaces:
            self._timers.cancel(decision.replaces)
            state = replace(state, deeds=tuple(deed for deed in state.deeds if deed.timer != decision.replaces))
        state = state.having(_deed(wish, action, answer, turn, timer.id))
        return answer, replace(self._last(wish, state, turn), pending=None)

    def _left(self, wish: Wish, state: DialogueState) -> tuple[Answer, DialogueState]:
        """Not to do it: cancels it when it was put off; says so when it has just been done."""
        setting, same = self._setting, (wish.skill, wish.intent, dict(wish.slots))
        alike = (same, (wish.skill, wish.root, wish.known))
        cancelled = {
            timer.id for timer in self._timers.running(ACTION)
            if (timer.data.get("skill"), timer.data.get("intent"), timer.data.get("slots")) in alike
            and self._timers.cancel(timer.id)
        }  # fmt: skip
        just_done = is_recent(state.acted_at, setting.now) and any(
            deed.undo
            and ((deed.skill, deed.intent, deed.slots) in alike or (deed.skill, deed.root, deed.known) in alike)
            for deed in last_deeds(state)
        )
        key = "not_later" if cancelled else "already_done" if just_done else "leave"
        kept = tuple(deed for deed in state.deeds if not deed.timer or deed.timer not in cancelled)
        text = setting.say(key, action=setting.promise(wish))
        state = state if wish.after and not cancelled else state.without_last(wish.skill)  # 'it' is still the same
        return Answer(text=text, act="ack"), replace(state, deeds=kept, pending=None)

    def _undone(self, state: DialogueState, *, one: bool) -> tuple[Answer, DialogueState]:
        """Take back what was done in the last turn in which something was, or the last one of it."""
        deeds = last_deeds(state)[-1:] if one else last_deeds(state)
        if not deeds:
            return Answer(text=self._setting.say("nothing_to_undo"), act="sorry"), replace(state, pending=None)
        answers = [self._taken_back(deed, state) for deed in reversed(deeds)]
        left = replace(state.without_last(), deeds=state.deeds[: -len(deeds)], pending=None)
        return Answer(text=said_once(answers), act=answers[-1].act), left

    def _taken_back(self, deed: Deed, state: DialogueState) -> Answer:
        request = undoing(deed)
        if deed.timer and self._timers.cancel(deed.timer):
            return Answer(text=self._setting.say("not_later", action=deed.action), act="ack")
        if request is None or deed.skill not in self._setting.skills:
            return Answer(text=self._setting.say("cannot_undo", action=deed.action), act="sorry")
        try:
            return self._run(deed.skill, request, state.memory.get(deed.skill, {}))
        except SkillFailed as error:
            log.error("%s", error, exc_info=error.__cause__)
            return Answer(text=self._setting.say("cannot_undo", action=deed.action), act="sorry")


def said_once(answers: Sequence[Answer]) -> str:
    """The texts of several answers, without repetitions."""
    return " ".join(dict.fromkeys(answer.text for answer in answers))


def _offered(offer: Request, wish: Wish) -> Wish:
    """What a skill offers in its answer to a request."""
    heard = {name: str(value) for name, value in offer.slots.items()}
    return Wish(
        skill=wish.skill, intent=offer.intent, slots=dict(offer.slots), heard=heard, text=wish.text, action=offer.action
    )


def _deed(wish: Wish, action: str, answer: Answer, turn: int, timer: int = 0) -> Deed:
    undo = None if answer.undo is None else {"intent": answer.undo.intent, "slots": dict(answer.undo.slots)}
    return Deed(
        turn=turn, text=wish.text, skill=wish.skill, intent=wish.intent, slots=dict(wish.slots), action=action,
        undo=undo, timer=timer, root=wish.root if wish.after else wish.intent, known=wish.known,
    )  # fmt: skip
