"""What is on lists."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.lists.asked import (
    entry_at,
    joined,
    list_asked,
    no_list,
    started,
    too_short,
    verb_count,
    wanted,
)
from harken.dialogue.skills.lists.shelf import SHOPPING, TASKS, Shelf

READ_AT_ONCE = 15
"""Most things that are read in one reply."""


def read(request: Request, context: Context) -> Answer:
    """Read a list, count what is on it, or name one thing."""
    shelf = Shelf(context)
    asked = {"whatToBuy": SHOPPING, "whatToDo": TASKS}.get(request.intent) or list_asked(request, context)
    filled = [name for name in (SHOPPING, TASKS, *shelf.own()) if shelf.items(name)]
    if not asked and not context.memory.get("list") and len(filled) > 1:
        lists = context.wording.either([context.locale.named(name) for name in filled])
        return Answer(text=context.say("which_list", lists=lists), ask="list")
    name = shelf.named(asked or context.memory.get("list") or (filled[0] if filled else SHOPPING))
    if name is None:
        return no_list(request, context)
    items, said = shelf.items(name), context.locale.named(name)
    data, remember = {"list": name, "items": items}, {"list": name}
    if request.intent in ("whichItem", "whichFollows") and "place" in request.slots:
        return _item_at(int(request.slots["place"]), name, context)
    if not items:
        return Answer(text=context.say("empty", list=said), data=data, remember=remember)
    if request.intent in ("countItems", "countMore"):
        return Answer(text=context.say("counted", count=len(items), list=said), data=data, remember=remember)
    if request.intent in ("whichItem", "nextItem"):
        return _item_at(int(context.memory.get("place", 0)) + 1, name, context)
    shown = items[:READ_AT_ONCE]
    text = context.say("read", count=len(items), items=context.wording.joined(shown), list=said)
    return Answer(text=text, data=data, remember=remember)


def _item_at(place: int, name: str, context: Context) -> Answer:
    items = Shelf(context).items(name)
    entry = entry_at(place, items)
    if entry is None:
        return too_short(name, context)
    place = place if place > 0 else len(items)
    text, data = context.say("one_item", item=started(entry)), {"list": name, "item": entry}
    return Answer(text=text, data=data, remember={"list": name, "place": place})


def is_on(request: Request, context: Context) -> Answer:
    """Whether things are on a list."""
    shelf, items = Shelf(context), wanted(request, context)
    name = shelf.named(list_asked(request, context) or context.memory.get("list") or SHOPPING)
    if name is None:
        return no_list(request, context)
    said, found = context.locale.named(name), [shelf.find(name, item) for item in items]
    there = [match.entry for match in found if match.entry]
    missing = [item for item, match in zip(items, found, strict=True) if not match.entry]
    data = {"list": name, "item": items, "there": not missing}
    alike = [entry for match in found for entry in match.alike]
    parts = []
    if there:
        parts.append(context.say("on_list", count=verb_count(there, context), items=joined(there, context), list=said))
    if missing:
        key = "not_on_list_too" if there else "not_on_list"
        parts.append(context.say(key, count=verb_count(missing, context), items=joined(missing, context), list=said))
    if alike:
        parts.append(
            context.say("but_there_is", count=verb_count(alike, context), items=started(joined(alike, context)))
        )
    return Answer(text=" ".join(parts), data=data, remember={"list": name, "added": there})


def read_lists(request: Request, context: Context) -> Answer:
    """Which lists there are, and how much is on them."""
    shelf = Shelf(context)
    names = [SHOPPING, TASKS, *shelf.own()]
    said = [context.say("list_with", list=context.locale.named(name), count=len(shelf.items(name))) for name in names]
    return Answer(text=context.say("lists", lists=context.wording.joined(said)), data={"lists": names})
