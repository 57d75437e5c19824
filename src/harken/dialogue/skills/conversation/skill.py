"""Small courtesies and help. Yes, no, cancel and repeat are answered by the policy when they belong to a question."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.wording import say_list


def answer(request: Request, context: Context) -> Answer:
    """A short reply."""
    if request.intent == "greet":
        hour = context.now().hour
        part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
        return Answer(text=f"Good {part}. What can I do for you?", act="greet")
    if request.intent == "help":
        known = sorted(name for name in context.skills if name != "conversation")
        return Answer(text=f"I know about {say_list(known)}. Try: set a timer for ten minutes.", data={"skills": known})
    text, act = _REPLIES[request.intent]
    return Answer(text=text, act=act)


_REPLIES = {
    "bye": ("Goodbye.", "bye"),
    "thank": ("You are welcome.", "ack"),
    "affirm": ("Okay.", "ack"),
    "deny": ("Okay.", "ack"),
    "cancel": ("Okay.", "ack"),
    "repeat": ("I have not said anything yet.", "inform"),
    "identity": ("I am harken, a voice assistant that runs on your own machine.", "inform"),
    "privacy": ("I listen on this machine only. Nothing that you say leaves it.", "inform"),
}
