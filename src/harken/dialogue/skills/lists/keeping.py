"""Lists are made, named, emptied and deleted."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.lists.asked import (
    joined,
    no_list,
    plain_name,
    wanted,
)
from harken.dialogue.skills.lists.changing import added
from harken.dialogue.skills.lists.shelf import NOTES, SHOPPING, TASKS, Shelf


def clear(request: Request, context: Context) -> Answer:
    """Empty a list."""
    shelf, name = Shelf(context), str(request.slots["list"])
    undo, count = shelf.snapshot([name]), len(shelf.items(name))
    shelf.set(name, [])
    text = context.say("emptied", list=context.locale.named(name))
    return Answer(text=text, act="ack", data={"list": name, "removed": count}, undo=undo, remember={"list": name})


def needless_clearing(request: Request, context: Context) -> Answer | None:
    """That the list is empty already."""
    name = str(request.slots["list"])
    if Shelf(context).items(name):
        return None
    said = context.say("empty", list=context.locale.named(name))
    return Answer(text=said, data={"list": name}, remember={"list": name})


def clear_that(request: Request, context: Context) -> Answer:
    """Ask whether the list that was spoken of shall be emptied."""
    name = str(context.memory.get("list", SHOPPING))
    count, said = len(Shelf(context).items(name)), context.locale.named(name)
    if not count:
        return Answer(text=context.say("empty", list=said), data={"list": name})
    offer = Request(intent="clearList", slots={"list": name})
    return Answer(text=context.say("shall_i_clear", count=count, list=said), act="confirm", offer=offer)


def delete(request: Request, context: Context) -> Answer:
    """Delete a list of the user's own, after a question that says what is on it."""
    shelf = Shelf(context)
    name = shelf.named(str(request.slots["name"]))
    if name is None:
        return no_list(request, context)
    if not request.slots.get("sure"):
        offer = Request(intent="deleteList", slots={"name": name, "sure": True})
        text = context.say("shall_i_delete", count=len(shelf.items(name)), list=name)
        return Answer(text=text, act="confirm", offer=offer)
    undo = shelf.snapshot([name])
    shelf.drop(name)
    return Answer(text=context.say("deleted", list=name), act="ack", data={"list": name}, undo=undo)


def make(request: Request, context: Context) -> Answer:
    """Make a list, perhaps with things on it."""
    shelf, name = Shelf(context), plain_name(str(request.slots["name"]))
    known, items = shelf.named(name), wanted(request, context)
    undo = shelf.snapshot([known or name])
    if known is None:
        shelf.make(name)
    fresh = shelf.add(known or name, items)
    if known is not None:
        if items:
            return added(known, items, fresh, undo, context)
        text = context.say("there_is_already", list=context.locale.named(known))
        return Answer(text=text, data={"list": known}, remember={"list": known, "made": True})
    key = "made_with" if items else "made"
    text = context.say(key, list=name, items=joined(items, context))
    return Answer(
        text=text, act="ack", data={"list": name, "added": items}, undo=undo,
        remember={"list": name, "added": items, "made": True},
    )  # fmt: skip


def rename(request: Request, context: Context) -> Answer:
    """Give a list of the user's own another name."""
    shelf = Shelf(context)
    name, new = shelf.named(str(request.slots["name"])), plain_name(str(request.slots["new"]))
    if name is None:
        return no_list(request, context)
    if name in (SHOPPING, TASKS) or shelf.named(new) not in (None, name):
        key = "fixed_name" if name in (SHOPPING, TASKS) else "there_is_already"
        return Answer(text=context.say(key, list=context.locale.named(name if key == "fixed_name" else new)))
    undo = shelf.snapshot([name, new])
    shelf.rename(name, new)
    return Answer(
        text=context.say("renamed", list=new), act="ack", data={"list": new}, undo=undo, remember={"list": new}
    )


def restore(request: Request, context: Context) -> Answer:
    """Take back what was done: the lists are as they were."""
    Shelf(context).restore(request.slots)
    names = list(request.slots["lists"])
    if names == [NOTES]:
        return Answer(text=context.say("notes_as_before"), act="ack")
    said = joined([context.locale.named(name) for name in names], context)
    return Answer(text=context.say("as_before", count=len(names), lists=said), act="ack")
