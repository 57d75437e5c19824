"""Shopping list, to-do list, the user's own lists, and notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.lists.changing import add, change, move, remove, remove_place, take_back
from harken.dialogue.skills.lists.keeping import clear, clear_that, delete, make, rename, restore
from harken.dialogue.skills.lists.notes import answer_note
from harken.dialogue.skills.lists.reading import is_on, read, read_lists

_NOTES = frozenset(
    ("addNote", "readNotes", "countNotes", "readNote", "findNote", "deleteNote", "deleteThatNote", "clearNotes")
)


def answer(request: Request, context: Context) -> Answer:
    """Change or read a list or a note."""
    if request.intent in _NOTES:
        return answer_note(request, context)
    return _HANDLERS[request.intent](request, context)


_HANDLERS: Mapping[str, Callable[[Request, Context], Answer]] = {
    "addItem": add, "addElsewhere": add, "addTask": add, "addMore": add, "fillList": add, "removeItem": remove,
    "removeElsewhere": remove, "removeTask": remove, "doneTask": remove, "removePlace": remove_place,
    "takeBack": take_back, "changeItem": change, "changeLast": change, "moveItem": move, "readList": read,
    "countItems": read, "whichItem": read, "whichFollows": read, "nextItem": read, "countMore": read, "readThat": read, "whatToBuy": read, "whatToDo": read,
    "isOnList": is_on, "isItOn": is_on, "clearList": clear, "clearThat": clear_that, "deleteList": delete, "makeList": make,
    "renameList": rename, "whichLists": read_lists, "restore": restore,
}  # fmt: skip
