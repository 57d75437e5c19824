"""The stage between understanding and speaking: keeps the state, follows the policy, lets skills act."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from harken.dialogue.clock import Clock, SystemClock
from harken.dialogue.policy import REPLIES, Act, Ask, Decision, ReadAnswer, Say, decide
from harken.dialogue.runner import Runner, SkillFailed
from harken.dialogue.skill import Answer, Context, SkillSpec
from harken.dialogue.state import DialogueState, Exchange, Pending
from harken.dialogue.store import Store
from harken.dialogue.timers import Timer, TimerBook
from harken.events import Event, Interpretation, Reply, StateChanged
from harken.languages.locale import Locale

log = logging.getLogger(__name__)


class DialogueManager:
    """A stage: interpretations in, the new state and a reply out.

    Args:
        skills: the skills, by name.
        read_answer: how a bare answer is read (`Interpreter.answer`).
        locale: the language of the conversation.
        store: what outlives the conversation; forgotten at the end when none is given.
        clock: the time.
        runner: runs the skills' code.
    """

    name = "dialogue"
    consumes = (Interpretation,)
    emits = (StateChanged, Reply)
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
    ):
        self.skills, self._read_answer, self.locale = dict(skills), read_answer, locale
        self.clock = clock or SystemClock()
        self.store = store or Store(":memory:")
        self.timers = TimerBook(self.store, self.clock)
        self.state = DialogueState()
        self._runner = runner or Runner()

    def process(self, event: Event) -> list[Event]:
        """Answer one interpreted sentence."""
        if not isinstance(event, Interpretation):
            return []
        decision = decide(self.state, event, self.skills, self._read_answer, self.clock.now(), self.locale)
        reply, self.state = self._carried_out(decision, event)
        exchange = Exchange(text=event.text, skill=event.skill, intent=event.intent, reply=reply.text)
        self.state = replace(self.state.after(exchange), turn=event.turn)
        return [StateChanged(turn=event.turn, state=self.state.to_json()), reply]

    def flush(self) -> list[Event]:
        """Nothing is ever held back."""
        return []

    def reset(self) -> None:
        """Begin a new conversation; lists and timers stay."""
        self.state = DialogueState()

    def ring(self) -> list[Reply]:
        """Replies for timers that have become due; the assistant asks about once a second."""
        return [
            Reply(turn=self.state.turn, text=ringing(timer, self.locale), act="inform",
                  data={"timer": timer.id, "kind": timer.kind, "label": timer.label})
            for timer in self.timers.ring()
        ]  # fmt: skip

    def _carried_out(self, decision: Decision, event: Interpretation) -> tuple[Reply, DialogueState]:
        if isinstance(decision, Ask):
            return self._asked(decision.pending, event)
        if isinstance(decision, Say):
            open_question = decision.pending is not None
            reply = Reply(turn=event.turn, text=decision.text, act=decision.act, expects_answer=open_question)
            return reply, replace(self.state, pending=decision.pending)
        return self._acted(decision, event)

    def _asked(self, pending: Pending, event: Interpretation) -> tuple[Reply, DialogueState]:
        reply = Reply(
            turn=event.turn, text=pending.question, act="request" if pending.ask else "confirm",
            data={"slot": pending.ask, "slots": dict(pending.slots)}, expects_answer=True,
        )  # fmt: skip
        return reply, replace(self.state, skill=pending.skill, intent=pending.intent, pending=pending)

    def _acted(self, decision: Act, event: Interpretation) -> tuple[Reply, DialogueState]:
        skill, request = self.skills[decision.skill], decision.request
        context = Context(
            clock=self.clock, store=self.store, timers=self.timers, memory=self.state.memory.get(skill.name, {}),
            skills={name: other.about for name, other in self.skills.items()}, locale=self.locale, skill=skill.name,
        )  # fmt: skip
        try:
            answer = self._runner.run(skill, request, context)
        except SkillFailed as error:
            log.error("%s", error, exc_info=error.__cause__)
            apology = self.locale.reply(REPLIES, "failed")
            return Reply(turn=event.turn, text=apology, act="sorry"), replace(self.state, pending=None)
        state = replace(
            self.state, skill=skill.name, intent=request.intent, slots=dict(request.slots),
            pending=_question(decision, answer, self.clock),
            memory={**self.state.memory, **({skill.name: dict(answer.remember)} if answer.remember else {})},
        )  # fmt: skip
        reply = Reply(
            turn=event.turn, text=answer.text, act=answer.act, data=dict(answer.data), style=answer.style,
            expects_answer=bool(answer.ask),
        )  # fmt: skip
        return reply, state


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
