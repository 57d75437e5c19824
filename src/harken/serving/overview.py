"""`/v1/assistant`: what can be asked, and what the assistant keeps for its user; for the page."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from harken.assistant.models import Models
from harken.dialogue.timers import TimerBook
from harken.serving.house import House
from harken.workshop.heard_log import HeardLog

EXAMPLES = 12
"""Sentences of each skill, at most."""


async def overview(request: Request) -> Response:
    """The overview as it is now."""
    house: House = request.app.state.house
    return JSONResponse(await house.live(lambda: describe_assistant(house.models)))


def describe_assistant(models: Models) -> dict[str, Any]:
    """Language, wake words, skills with examples, timers (seconds left), lists, and whether turns
    are kept in the log, as plain values."""
    store = models.store
    skills = [
        {"name": skill.name, "about": skill.about, "examples": [one.text for one in skill.examples[:EXAMPLES]]}
        for skill in models.skill_set.skills.values()
        if skill.serves
    ]
    timers = [
        {"kind": timer.kind, "label": timer.label, "left": round(timer.left, 1), "paused": timer.paused}
        for timer in TimerBook(store, models.clock).running()
    ]
    return {
        "language": models.profile.language, "wake": list(models.state.words), "skills": skills, "timers": timers,
        "lists": {name: store.items(name) for name in store.lists()}, "log": HeardLog().settings.on,
    }  # fmt: skip
