"""Shopping list, to-do list and notes."""

from __future__ import annotations

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.wording import say_list

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
        return Answer(text="I wrote it down.", act="ack", data={"note": request.slots["note"]})
    if request.intent == "readNotes":
        return _read_notes(context)
    if request.intent == "isOnList":
        return _is_on_list(request, context)
    if request.intent in ("clearList", "clearNotes"):
        name = str(request.slots.get("list", NOTES))
        count = context.store.clear_items(name)
        return Answer(text=f"Done. {_titled(name)} {'are' if name == NOTES else 'is'} empty.", act="ack",
                      data={"removed": count})  # fmt: skip
    return _read(_READ.get(request.intent) or str(request.slots["list"]), context)


def _titled(name: str) -> str:
    return "Your notes" if name == NOTES else f"Your {name} list"


def _add(name: str, items: list[str], context: Context) -> Answer:
    fresh = [item for item in items if context.store.add_item(name, item)]
    data = {"list": name, "added": fresh}
    if not fresh:
        verb = "is" if len(items) == 1 else "are"
        return Answer(text=f"{say_list(items).capitalize()} {verb} already on your {name} list.", data=data)
    return Answer(text=f"I added {say_list(fresh)} to your {name} list.", act="ack", data=data)


def _remove(name: str, item: str, context: Context) -> Answer:
    found = next((one for one in context.store.items(name) if one == item or item in one.split()), None)
    if found is None:
        return Answer(text=f"{item.capitalize()} is not on your {name} list.", data={"list": name, "removed": None})
    context.store.remove_item(name, found)
    return Answer(text=f"I removed {found} from your {name} list.", act="ack", data={"list": name, "removed": found})


def _read(name: str, context: Context) -> Answer:
    items = context.store.items(name)
    data = {"list": name, "items": items}
    if not items:
        return Answer(text=f"{_titled(name)} is empty.", data=data)
    count = f"{len(items)} thing{'s' if len(items) > 1 else ''}"
    return Answer(text=f"There {'are' if len(items) > 1 else 'is'} {count} on it: {say_list(items[:12])}.", data=data)


def _read_notes(context: Context) -> Answer:
    notes = context.store.items(NOTES)
    if not notes:
        return Answer(text="You have no notes.", data={"notes": []})
    text = ". ".join(note[0].upper() + note[1:] for note in notes[-8:])
    return Answer(text=f"Your notes. {text}.", data={"notes": notes})


def _is_on_list(request: Request, context: Context) -> Answer:
    item = str(request.slots.get("item", ""))
    there = item in context.store.items(SHOPPING)
    text = f"Yes, {item} is on your list." if there else f"No, {item} is not on your list."
    return Answer(text=text, data={"item": item, "there": there})
