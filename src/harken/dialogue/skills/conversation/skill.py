"""Small courtesies and help. Yes, no, cancel and repeat are answered by the policy when they belong to a question."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request

_ACTS = {
    "bye": "bye", "thank": "ack", "affirm": "ack", "deny": "ack", "cancel": "ack", "repeat": "inform",
    "identity": "inform", "privacy": "inform",
}  # fmt: skip
"""Intents whose reply has the same name, and its act."""


def answer(request: Request, context: Context) -> Answer:
    """A short reply."""
    if request.intent == "greet":
        hour = context.now().hour
        part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
        return Answer(text=context.say(f"good_{part}"), act="greet")
    if request.intent == "help":
        known = sorted(name for name in context.skills if name != context.skill)
        said = context.wording.joined([context.locale.named(name) for name in known])
        return Answer(text=context.say("help", skills=said), data={"skills": known})
    return Answer(text=context.say(request.intent), act=_ACTS[request.intent])
