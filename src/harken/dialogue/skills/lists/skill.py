"""Shopping list, to-do list, the user's own lists, and notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.lists.changing import (
    add,
    change,
    check_off,
    move,
    remove,
    remove_others,
    remove_place,
    take_back,
    take_bought,
)
from harken.dialogue.skills.lists.keeping import (
    clear,
    clear_that,
    delete,
    make,
    needless_clearing,
    rename,
    restore,
)
from harken.dialogue.skills.lists.notes import answer_note
from harken.dialogue.skills.lists.reading import is_on, read, read_lists
from harken.dialogue.skills.lists.shelf import NOTES

_HANDLERS: Mapping[Callable[[Request, Context], Answer], tuple[str, ...]] = {
    add: ("addItem", "addElsewhere", "addTask", "addMore", "addInstead", "addThere", "fillList"),
    remove: ("removeItem", "removeElsewhere", "removeThing", "removeTask", "doneTask"),
    remove_others: ("removeOthers",),
    remove_place: ("removePlace", "removeOne", "removeAlso"),
    check_off: ("didTask",),
    take_bought: ("gotThing",),
    take_back: ("takeBack",),
    change: ("changeItem", "changeLast"),
    move: ("moveItem", "moveThat"),
    read: (
        "readList", "readThat", "countItems", "countMore", "whichItem", "whichFollows", "nextItem", "whatToBuy",
        "whatToDo",
    ),
    is_on: ("isOnList", "isItOn"),
    read_lists: ("whichLists",),
    clear: ("clearList",),
    clear_that: ("clearThat", "clearTheList"),
    delete: ("deleteList",),
    make: ("makeList", "makeOne"),
    rename: ("renameList",),
    restore: ("restore",),
    answer_note: (
        "addNote", "addNoteToo", "readNotes", "countNotes", "readNote", "readThatNote", "findNote", "deleteNote",
        "deleteThatNote", "clearNotes",
    ),
}  # fmt: skip
_BY_INTENT = {intent: handler for handler, intents in _HANDLERS.items() for intent in intents}


def needless(request: Request, context: Context) -> Answer | None:
    """That a list to be emptied is empty."""
    if request.intent == "clearNotes":
        return None if context.store.items(NOTES) else Answer(text=context.say("no_notes"), data={"notes": []})
    return needless_clearing(request, context) if request.intent == "clearList" else None


def answer(request: Request, context: Context) -> Answer:
    """Change or read a list or a note."""
    return _BY_INTENT[request.intent](request, context)
