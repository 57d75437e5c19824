"""Shopping list, to-do list and notes."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request

SHOPPING, TASKS, NOTES = "shopping", "to-do", "notes"
_ADD = {"addItem": (SHOPPING, "item"), "addTask": (TASKS, "task")}
_REMOVE = {"removeItem": (SHOPPING, "item"), "removeTask": (TASKS, "task")}
_READ = {"whatToBuy": SHOPPING, "whatToDo": TASKS}


def answer(request: Request, context: Context) -> Answer:
    """Change or read a list."""
    if request.intent in _ADD:
        name, slot = _ADD[request.intent]
        return _add(name, [str(request.slots[key]) for key in (slot, "second") if key in request.slots], context)
    if request.intent in _REMOVE:
        name, slot = _REMOVE[request.intent]
        return _remove(name, str(request.slots[slot]), context)
    if request.intent == "addNote":
        context.store.add_item(NOTES, str(request.slots["note"]))
        return Answer(text=context.say("noted"), act="ack", data={"note": request.slots["note"]})
    if request.intent == "readNotes":
        return _read_notes(context)
    if request.intent == "isOnList":
        return _is_on_list(request, context)
    if request.intent in ("clearList", "clearNotes"):
        name = str(request.slots.get("list", NOTES))
        count = context.store.clear_items(name)
        key = "emptied_notes" if name == NOTES else "emptied"
        return Answer(text=context.say(key, list=context.locale.named(name)), act="ack", data={"removed": count})
    return _read(_READ.get(request.intent) or str(request.slots["list"]), context)


def _add(name: str, items: list[str], context: Context) -> Answer:
    fresh = [item for item in items if context.store.add_item(name, item)]
    data = {"list": name, "added": fresh}
    joined, said = context.wording.joined, context.locale.named(name)
    if not fresh:
        text = context.say("already", count=len(items), items=joined(items).capitalize(), list=said)
        return Answer(text=text, data=data)
    return Answer(text=context.say("added", items=joined(fresh), list=said), act="ack", data=data)


def _remove(name: str, item: str, context: Context) -> Answer:
    said = context.locale.named(name)
    listed = next((other for other in context.store.items(name) if other == item or item in other.split()), None)
    if listed is None:
        text = context.say("not_there", item=item.capitalize(), list=said)
        return Answer(text=text, data={"list": name, "removed": None})
    context.store.remove_item(name, listed)
    text = context.say("removed", item=listed, list=said)
    return Answer(text=text, act="ack", data={"list": name, "removed": listed})


def _read(name: str, context: Context) -> Answer:
    items = context.store.items(name)
    data = {"list": name, "items": items}
    if not items:
        return Answer(text=context.say("empty", list=context.locale.named(name)), data=data)
    text = context.say("read", count=len(items), items=context.wording.joined(items[:12]))
    return Answer(text=text, data=data)


def _read_notes(context: Context) -> Answer:
    notes = context.store.items(NOTES)
    if not notes:
        return Answer(text=context.say("no_notes"), data={"notes": []})
    text = ". ".join(note[0].upper() + note[1:] for note in notes[-8:])
    return Answer(text=context.say("notes", notes=text), data={"notes": notes})


def _is_on_list(request: Request, context: Context) -> Answer:
    item = str(request.slots.get("item", ""))
    there = item in context.store.items(SHOPPING)
    text = context.say("on_list" if there else "not_on_list", item=item)
    return Answer(text=text, data={"item": item, "there": there})
