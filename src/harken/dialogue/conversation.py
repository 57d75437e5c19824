"""The stage between understanding and speaking: keeps the state, follows the policy, lets skills act."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace

from harken.dialogue.clock import Clock, SystemClock
from harken.dialogue.policy import REPLIES, Act, Ask, Decision, ReadAnswer, Say, decide
from harken.dialogue.runner import Runner, SkillFailed
from harken.dialogue.skill import Answer, Context, SkillSpec
from harken.dialogue.state import DialogueState, Exchange, Pending
from harken.dialogue.store import Store, StoreError
from harken.dialogue.timers import Timer, TimerBook
from harken.events import Event, Interpretation, Reply, StateChanged
from harken.languages.locale import Locale

log = logging.getLogger(__name__)


class DialogueManager:
    """A stage: interpretations in, the new state and a reply out.

    `process` may run in another thread, one call at a time, while `ring`, `reset` and `use` are called.

    Args:
        skills: the skills, by name.
        read_answer: how a short answer is interpreted (`Interpreter.answer`).
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
        read_answer: ReadAnswer,
        *,
        locale: Locale,
        store: Store | None = None,
        clock: Clock | None = None,
        runner: Runner | None = None,
        session: str = "",
    ):
        self.skills, self._read_answer, self.locale = dict(skills), read_answer, locale
        self.clock = clock or SystemClock()
        self.store = store or Store(":memory:")
        self.timers = TimerBook(self.store, self.clock, session=session or uuid.uuid4().hex)
        self.state = DialogueState()
        self._runner = runner or Runner()
        self._lock = threading.Lock()

    def process(self, event: Event) -> list[Event]:
        """Answer one interpreted sentence."""
        if not isinstance(event, Interpretation):
            return []
        begun, skills = self.state, self.skills
        decision = decide(begun, event, skills, self._read_answer, self.clock.now(), self.locale)
        reply, state = self._carried_out(decision, event, begun, skills)
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
            self.state = DialogueState()

    def use(self, skills: Mapping[str, SkillSpec]) -> None:
        """Continue with other skills, or with changed code; conversation, session and timers stay."""
        self.skills, self._runner = dict(skills), Runner(self._runner.limit)

    def ring(self) -> list[Reply]:
        """Replies for timers that have become due and ring here; the assistant calls this about once a second.

        If the store cannot be used, that is logged and the next call tries again.
        """
        try:
            timers = self.timers.ring()
        except StoreError as error:
            log.error("timers cannot be read: %s", error)
            return []
        return [
            Reply(turn=self.state.turn, text=ringing(timer, self.locale), act="inform",
                  data={"timer": timer.id, "kind": timer.kind, "label": timer.label})
            for timer in timers
        ]  # fmt: skip

    def close(self) -> None:
        """End the session: from now on its timers ring in any other."""
        self.timers.close()

    def _carried_out(
        self, decision: Decision, event: Interpretation, state: DialogueState, skills: Mapping[str, SkillSpec]
    ) -> tuple[Reply, DialogueState]:
        if isinstance(decision, Ask):
            return _asked(decision.pending, event, state)
        if isinstance(decision, Say):
            open_question = decision.pending is not None
            reply = Reply(turn=event.turn, text=decision.text, act=decision.act, expects_answer=open_question)
            return reply, replace(state, pending=decision.pending)
        return self._acted(decision, event, state, skills)

    def _acted(
        self, decision: Act, event: Interpretation, state: DialogueState, skills: Mapping[str, SkillSpec]
    ) -> tuple[Reply, DialogueState]:
        skill, request = skills[decision.skill], decision.request
        context = Context(
            clock=self.clock, store=self.store, timers=self.timers, memory=state.memory.get(skill.name, {}),
            skills={name: other.about for name, other in skills.items()}, locale=self.locale, skill=skill.name,
        )  # fmt: skip
        try:
            answer = self._runner.run(skill, request, context)
        except SkillFailed as error:
            log.error("%s", error, exc_info=error.__cause__)
            apology = self.locale.reply(REPLIES, "failed")
            return Reply(turn=event.turn, text=apology, act="sorry"), replace(state, pending=None)
        acted = replace(
            state, skill=skill.name, intent=request.intent, slots=dict(request.slots),
            pending=_question(decision, answer, self.clock),
            memory={**state.memory, **({skill.name: dict(answer.remember)} if answer.remember else {})},
        )  # fmt: skip
        reply = Reply(
            turn=event.turn, text=answer.text, act=answer.act, data=dict(answer.data), style=answer.style,
            expects_answer=bool(answer.ask),
        )  # fmt: skip
        return reply, acted


def _asked(pending: Pending, event: Interpretation, state: DialogueState) -> tuple[Reply, DialogueState]:
    reply = Reply(
        turn=event.turn, text=pending.question, act="request" if pending.ask else "confirm",
        data={"slot": pending.ask, "slots": dict(pending.slots)}, expects_answer=True,
    )  # fmt: skip
    return reply, replace(state, skill=pending.skill, intent=pending.intent, pending=pending)


def ringing(timer: Timer, locale: Locale) -> str:
    """What is said when a timer rings."""
    key = timer.kind if timer.kind == "reminder" or not timer.label else f"{timer.kind}_named"
    return locale.reply(REPLIES, key, {"label": timer.label})


def _question(decision: Act, answer: Answer, clock: Clock) -> Pending | None:
    if not answer.ask:
        return None
    return Pending(
        skill=decision.skill, intent=decision.request.intent, slots=dict(decision.request.slots),
        heard=dict(decision.request.heard), ask=answer.ask, question=answer.text, asked_at=clock.now().isoformat(),
    )  # fmt: skip
