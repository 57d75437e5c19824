"""What a request to the lists names, and how it is worded in replies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.lists.shelf import SHOPPING, TASKS, Shelf


def wanted(request: Request, context: Context) -> list[str]:
    """The things or the task that a request names."""
    item = request.slots.get("item", request.slots.get("task", []))
    items = _tasks(item, context) if isinstance(item, str) else [str(thing) for thing in item]
    if items and all(thing.casefold() in context.heard_words("pronouns") for thing in items):
        return list(context.memory.get("added") or items)
    return items


def _tasks(task: str, context: Context) -> list[str]:
    """A task; several when they were typed with commas: 'laundry, dishes and vacuuming'."""
    *first, last = re.split(r"\s*[,;]\s*", task)
    if not first:
        return [task]
    joints = "|".join(map(re.escape, sorted(context.heard_words("between_items"))))
    rest = re.split(rf"(?:^|\s+)(?:{joints})\s+", last)
    return [part for part in (*first, *rest) if part]


def list_asked(request: Request, context: Context) -> str:
    """The list that a request names; '' for none."""
    return str(request.slots.get("list") or plain_name(str(request.slots.get("name", ""))))


def list_of(request: Request, items: Sequence[str], context: Context) -> str | None:
    """The list to look for things on; None when the one that is named does not exist."""
    shelf, asked = Shelf(context), list_asked(request, context)
    if request.intent in ("removeTask", "doneTask"):
        asked = asked or TASKS
        if shelf.find(TASKS, items[0]).entry or asked != TASKS:
            return shelf.named(asked)
    if asked and asked != TASKS:
        return shelf.named(asked)
    recent = context.memory.get("list", "")
    if recent and any(shelf.find(recent, item).entry for item in items):
        return str(recent)
    found = next((name for item in items if (name := shelf.holding(item))), None)
    return found or asked or recent or SHOPPING


def speaks_of_list(request: Request, context: Context) -> bool:
    """Whether the word 'list' was said."""
    return bool(context.heard_words("list_words") & set(request.text.casefold().split()))


def no_list(request: Request, context: Context) -> Answer:
    """There is no list of the name that was asked for."""
    return Answer(text=context.say("no_list", list=list_asked(request, context)), data={"list": None})


def too_short(name: str, context: Context) -> Answer:
    """A list has fewer things than were asked for."""
    count, said = len(Shelf(context).items(name)), context.locale.named(name)
    key = "too_short" if count else "empty"
    return Answer(text=context.say(key, count=count, list=said), data={"list": name}, remember={"list": name})


def entry_at(place: int, items: Sequence[str]) -> str | None:
    """A thing by its number from 1, or from the end below 0."""
    index = place - 1 if place > 0 else len(items) + place
    return items[index] if 0 <= index < len(items) else None


def plain_name(name: str) -> str:
    """The name of a list as it was typed, without what ends the sentence."""
    return name.strip().rstrip(".!?")


def verb_count(items: Sequence[str], context: Context) -> int:
    """1 if the verb is in the singular: 'milk is', 'eggs are'."""
    several = len(items) != 1 or context.wording.is_several(items[0])
    return 2 if several else 1


def joined(items: Sequence[str], context: Context) -> str:
    """Things in a row: 'milk, eggs and bread'."""
    return context.wording.joined(items)


def started(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]
