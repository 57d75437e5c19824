"""The stage between understanding and speaking: keeps the state, follows the policy, lets skills act."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harken.dialogue.clock import Clock, SystemClock
from harken.dialogue.doing import Doing, said_once
from harken.dialogue.policy import decide, decide_next, requests_of
from harken.dialogue.reader import Reader
from harken.dialogue.runner import Runner
from harken.dialogue.skill import ACTION, REPLIES, Answer, SkillSpec
from harken.dialogue.state import Deed, DialogueState, Exchange, Wish
from harken.dialogue.store import Store, StoreError
from harken.dialogue.timers import Timer, TimerBook
from harken.dialogue.wishes import Decision, PutOff, Setting
from harken.events import Event, Interpretation, Reply, StateChanged
from harken.languages.locale import Locale

log = logging.getLogger(__name__)


class DialogueManager:
    """A stage: interpretations in, the new state and a reply out.

    `process` may run in another thread, one call at a time, while `ring`, `reset` and `use` are called.

    Args:
        skills: the skills, by name.
        reader: reads answers and follow-ups, and words requests (the interpreter).
        locale: the language of the conversation.
        store: what outlives the conversation; in memory only when None.
        clock: the time; the machine's by default.
        runner: runs the skills' code.
        session: name of this session among those that share the store (see `TimerBook`); a new one when ''.
    """

    name = "dialogue"
    consumes = (Interpretation,)
    emits = (StateChanged, Reply)
    replaces = ()
    latency = 0

    def __init__(
        self,
        skills: Mapping[str, SkillSpec],
        reader: Reader,
        *,
        locale: Locale,
        store: Store | None = None,
        clock: Clock | None = None,
        runner: Runner | None = None,
        session: str = "",
    ):
        self.skills, self._reader, self.locale = dict(skills), reader, locale
        self.clock = clock or SystemClock()
        self.store = store or Store(":memory:")
        self.timers = TimerBook(self.store, self.clock, session=session or uuid.uuid4().hex)
        self.state = DialogueState()
        self._rung: list[Deed] = []
        """What was done since the last turn because its time had come."""
        self._over: set[int] = set()
        """Numbers of the timers that rang since then and do not come again."""
        self._rang = False
        """Whether any rang since then: what is said next is not about the last request."""
        self._runner = runner or Runner()
        self._lock = threading.Lock()

    def process(self, event: Event) -> list[Event]:
        """Answer one interpreted sentence."""
        if not isinstance(event, Interpretation):
            return []
        with self._lock:
            begun = self.state
            deeds = tuple(deed for deed in begun.deeds if deed.timer not in self._over)
            state = replace(begun, deeds=deeds).having(*self._rung)
            state = replace(state.without_last(), topics=()) if self._rang else state
            self._rung, self._over, self._rang = [], set(), False
        answers, state = self._answered(event, state)
        reply = _reply(answers, state, event.turn)
        exchange = Exchange(text=event.text, skill=event.skill, intent=event.intent, reply=reply.text)
        state = replace(state.after(exchange), turn=event.turn)
        with self._lock:
            if self.state is begun:  # otherwise a new conversation has begun, which must not know of this
                self.state = state
        return [StateChanged(turn=event.turn, state=state.to_json()), reply]

    def flush(self) -> list[Event]:
        """Holds nothing back."""
        return []

    def reset(self) -> None:
        """Start a new conversation; lists and timers are kept."""
        with self._lock:
            self.state, self._rung, self._over, self._rang = DialogueState(), [], set(), False

    def resume(self, state: DialogueState) -> None:
        """Continue a conversation that was held elsewhere."""
        with self._lock:
            self.state = state

    def use(self, skills: Mapping[str, SkillSpec], reader: Reader) -> None:
        """Continue with other skills, or with changed code; conversation, session and timers stay."""
        self.skills, self._reader, self._runner = dict(skills), reader, Runner(self._runner.limit)

    def ring(self) -> list[Reply]:
        """Replies for timers that have become due and ring here, and for requests that were put off until now.

        The assistant calls this about once a second. If the store cannot be used, that is logged and the next call
        tries again.
        """
        try:
            timers = self.timers.ring()
        except StoreError as error:
            log.error("timers cannot be read: %s", error)
            return []
        if timers:
            with self._lock:
                self._rang = True
        return [self._rings(timer) for timer in timers]

    def close(self) -> None:
        """End the session: from now on its timers ring in any other."""
        self.timers.close()

    def _rings(self, timer: Timer) -> Reply:
        turn, about = self.state.turn, {"timer": timer.id, "kind": timer.kind, "label": timer.label}
        if timer.kind != ACTION:
            return Reply(turn=turn, text=ringing(timer, self.locale), act="inform", data=about)
        answer, deed = self._doing(self._setting()).when_due(timer, self.state)
        with self._lock:
            self._rung += [deed] if deed else []
            self._over |= set() if timer.every else {timer.id}
        return Reply(turn=turn, text=answer.text, act=answer.act, data={**answer.data, **about}, style=answer.style)

    def _setting(self) -> Setting:
        return Setting(skills=self.skills, reader=self._reader, locale=self.locale, now=self.clock.now())

    def _doing(self, setting: Setting) -> Doing:
        return Doing(setting, runner=self._runner, store=self.store, clock=self.clock, timers=self.timers)

    def _answered(self, event: Interpretation, state: DialogueState) -> tuple[list[Answer], DialogueState]:
        """Do all that a sentence asks for, until a question must be answered first."""
        setting = self._setting()
        doing = self._doing(setting)
        first, *others = requests_of(event, setting, state)
        step = decide(state, first, setting)
        state = step.state or state
        queue = [*step.rest, *(Wish.of(other) for other in others)]
        several = bool(queue)
        answers = [_dropped(step.dropped, setting)] if step.dropped else []
        decision: Decision | None = step.decision
        while decision is not None:
            answer, state = doing.carry_out(decision, state, turn=event.turn, several=several)
            answers.append(answer)
            goes_on = bool(queue) and state.pending is None
            if isinstance(decision, PutOff) and queue and queue[0].when != decision.wish.when:
                setting = replace(setting, since=None if decision.due.every else decision.due.moment)
            decision = decide_next(state, queue.pop(0), setting) if goes_on else None
        if queue and state.pending is not None:
            state = replace(state, pending=replace(state.pending, rest=tuple(queue)))
        return answers, state


def rings(reply: Reply) -> bool:
    """Whether a reply says that a timer, alarm or reminder is due, rather than answering somebody."""
    return reply.data.keys() >= {"timer", "kind", "label"} and reply.data["kind"] != ACTION


def ringing(timer: Timer, locale: Locale) -> str:
    """What is said when a timer rings."""
    key = timer.kind if timer.kind == "reminder" or not timer.label else f"{timer.kind}_named"
    return locale.reply(REPLIES, key, {"label": timer.label})


def _reply(answers: list[Answer], state: DialogueState, turn: int) -> Reply:
    """One reply for all that was done in a turn."""
    last = answers[-1]
    return Reply(
        turn=turn, text=said_once(answers), act=last.act, style=last.style,
        data=dict(last.data) if len(answers) == 1 else {"parts": [dict(answer.data) for answer in answers]},
        expects_answer=state.pending is not None, yes_or_no=state.pending is not None and not state.pending.ask,
    )  # fmt: skip


def _dropped(wishes: Sequence[Wish], setting: Setting) -> Answer:
    actions = setting.locale.wording.joined([setting.promise(wish) for wish in wishes])
    return Answer(text=setting.say("rest_not_done", actions=actions), act="ack")
