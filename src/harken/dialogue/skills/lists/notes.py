"""Notes: written down as they are given, read, found and deleted."""

from __future__ import annotations

from collections.abc import Sequence

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.lists.shelf import NOTES, Shelf
from harken.text.words import normalize_words

READ_AT_ONCE = 8
"""Most notes that are read in one reply, the latest."""


def answer_note(request: Request, context: Context) -> Answer:
    """Write, read, find or delete notes."""
    notes = context.store.items(NOTES)
    if request.intent in ("addNote", "addNoteToo"):
        return _add(str(request.slots["note"]), context)
    if request.intent == "clearNotes":
        return _cleared(notes, context)
    if not notes:
        return Answer(text=context.say("no_notes"), data={"notes": []})
    if request.intent == "readNotes":
        return _read(notes, context)
    if request.intent == "countNotes":
        return Answer(text=context.say("count_notes", count=len(notes)), data={"count": len(notes)})
    if request.intent == "findNote":
        return _found(str(request.slots["about"]), notes, context)
    if request.intent in ("readNote", "readThatNote"):
        return _one(_at(_place(request), notes), context)
    return _delete(request, notes, context)


def _add(note: str, context: Context) -> Answer:
    undo = Shelf(context).snapshot([NOTES])
    context.store.add_item(NOTES, note)
    return Answer(
        text=context.say("noted", note=note), act="ack", data={"note": note}, undo=undo, remember={"note": note}
    )


def _read(notes: Sequence[str], context: Context) -> Answer:
    text = ". ".join(_started(note) for note in notes[-READ_AT_ONCE:])
    return Answer(text=context.say("notes", count=len(notes), notes=_ended(text)), data={"notes": list(notes)})


def _one(note: str | None, context: Context) -> Answer:
    if note is None:
        return Answer(text=context.say("no_such_note"), data={"notes": []})
    return Answer(
        text=context.say("note", note=_ended(_started(note))), data={"notes": [note]}, remember={"note": note}
    )


def _found(about: str, notes: Sequence[str], context: Context) -> Answer:
    found = _about(about, notes, context)
    if not found:
        return Answer(text=context.say("no_note_about", about=about), data={"notes": []})
    return _one(found[0], context) if len(found) == 1 else _read(found, context)


def _delete(request: Request, notes: Sequence[str], context: Context) -> Answer:
    if "about" in request.slots:
        about = str(request.slots["about"])
        found = _about(about, notes, context)
        if len(found) > 1:
            several = context.say("several_notes", count=len(found), notes=_ended(". ".join(map(_started, found))))
            return Answer(text=several, data={"notes": found})
        if not found:
            return Answer(text=context.say("no_note_about", about=about), data={"notes": []})
        note: str | None = found[0]
    elif "place" in request.slots or "number" in request.slots:
        note = _at(_place(request), notes)
    else:
        note = context.memory.get("note") or (notes[0] if len(notes) == 1 else None)
    if note is None or note not in notes:
        return Answer(text=context.say("which_note"), data={"notes": []})
    undo = Shelf(context).snapshot([NOTES])
    context.store.remove_item(NOTES, note)
    return Answer(text=context.say("note_deleted", note=_ended(note)), act="ack", data={"removed": note}, undo=undo)


def _cleared(notes: Sequence[str], context: Context) -> Answer:
    undo = Shelf(context).snapshot([NOTES])
    context.store.clear_items(NOTES)
    return Answer(text=context.say("emptied_notes"), act="ack", data={"removed": len(notes)}, undo=undo)


def _place(request: Request) -> int:
    """Which note is meant; the last one if none is named."""
    return int(request.slots.get("place", request.slots.get("number", -1)))


def _at(place: int, notes: Sequence[str]) -> str | None:
    """A note by its number from 1, or from the end below 0."""
    index = place - 1 if place > 0 else len(notes) + place
    return notes[index] if 0 <= index < len(notes) else None


def _about(words: str, notes: Sequence[str], context: Context) -> list[str]:
    """Notes that have all the words, small words left out."""
    small = context.heard_words("small")
    wanted = {word for word in normalize_words(words, context.locale) if word not in small}
    return [note for note in notes if wanted and wanted <= set(normalize_words(note, context.locale))]


def _started(note: str) -> str:
    return note[:1].upper() + note[1:]


def _ended(note: str) -> str:
    return note.rstrip(".")
