"""Small courtesies, small talk and help. The policy answers yes, no, cancel and repeat when they belong to a question,
and 'undo that' and 'what did you do' when something was done."""

from __future__ import annotations

from collections.abc import Mapping

from harken.dialogue.skill import Answer, Context, Request

_ACTS: Mapping[str, str] = {
    "bye": "bye", "thank": "ack", "affirm": "ack", "deny": "ack", "cancel": "ack", "undo": "sorry",
    "emergency": "sorry", "play": "sorry",
}  # fmt: skip
"""Acts of intents whose reply has the same name; 'inform' for all others."""
_IN_TURN: Mapping[str, str] = {
    "joke": "joke", "jokeAgain": "joke", "riddle": "riddle", "fact": "fact", "story": "story", "poem": "poem",
    "song": "song", "opinion": "opinion", "play": "play",
}  # fmt: skip
"""Intents with several replies, told one after the other, and the beginning of their names."""

_TOLD = frozenset(("joke", "riddle", "fact", "story", "poem", "song"))
"""Kinds of which a new conversation tells the next one."""


def answer(request: Request, context: Context) -> Answer:
    """A short reply."""
    if request.intent == "greet":
        hour = context.now().hour
        part = "morning" if 4 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
        return Answer(text=context.say(f"good_{part}"), act="greet")
    if request.intent == "help":
        known = sorted(name for name in context.skills if name not in (context.skill, "elsewhere"))
        said = context.wording.joined([context.locale.named(name) for name in known])
        return Answer(text=context.say("help", skills=said), data={"skills": known})
    if request.intent == "helpWith":
        topic = str(request.slots.get("topic", ""))
        key = f"help_{topic}" if topic in context.skills else "help_missing"
        return Answer(text=context.say(key), data={"skill": topic})
    if request.intent == "sayWords":
        words = str(request.slots.get("words") or request.text)
        return Answer(text=context.say("said", words=words[:1].upper() + words[1:]))
    if request.intent == "knockName":
        words = str(request.slots["words"])
        return Answer(text=context.say("knockName", words=words[:1].upper() + words[1:]))
    if request.intent == "riddleAnswer":
        return _solved(request, context)
    if request.intent == "jokeAgain":
        return _next(context.memory.get("kind", "joke"), context)
    if request.intent in _IN_TURN:
        return _next(_IN_TURN[request.intent], context)
    return Answer(text=context.say(request.intent), act=_ACTS.get(request.intent, "inform"))


def _next(kind: str, context: Context) -> Answer:
    """The next reply of a kind; after the last one it begins again."""
    count = sum(key.startswith(f"{kind}_") for key in context.locale.replies[context.skill])
    kept = kind in _TOLD
    before = context.store.get(context.skill, kind, 0) if kept else context.memory.get(kind, 0)
    number = int(before) % count + 1
    if kept:
        context.store.put(context.skill, kind, number)
    return Answer(
        text=context.say(f"{kind}_{number}"), data={kind: number}, act=_ACTS.get(kind, "inform"),
        remember={"kind": kind, "number": number, kind: number},
    )  # fmt: skip


def _solved(request: Request, context: Context) -> Answer:
    """The solution of the last riddle, and whether it was guessed."""
    number = context.memory.get("number", 1)
    solution = context.say(f"solution_{number}")
    guess = set(str(request.slots.get("words", "")).casefold().split())
    key = "guessed" if guess & set(solution.casefold().split()) - context.heard_words("small") else "solved"
    return Answer(text=context.say(key, solution=solution), remember={"kind": "riddle", "number": number})
