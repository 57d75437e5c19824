"""What people ask of assistants and harken has not: it says so, and how to add it."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request


def answer(request: Request, context: Context) -> Answer:
    """That it is not there; a refusal, so that programs can tell it from an answer."""
    return Answer(text=context.say(request.intent), act="sorry", data={"missing": request.intent})
