"""Things come onto lists, leave them, change and move."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.lists.asked import (
    entry_at,
    joined,
    list_asked,
    list_of,
    no_list,
    speaks_of_list,
    started,
    too_short,
    verb_count,
    wanted,
)
from harken.dialogue.skills.lists.shelf import SHOPPING, TASKS, Found, Shelf


def add(request: Request, context: Context) -> Answer:
    """Put things on a list."""
    shelf, items = Shelf(context), _to_add(_asked_before(request, context) or wanted(request, context), context)
    if not items or _are_pronouns(items, context):
        return context.ask("task" if request.intent == "addTask" else "item", "what_to_add")
    refused = request.after and context.heard_words("refusals") & set(request.text.split()[:1])
    if refused and all(shelf.find(str(context.memory.get("list", SHOPPING)), item).entry for item in items):
        return remove(Request(intent="removeItem", slots={"item": items}), context)  # 'no bleach', which is there
    if request.after and context.heard_words("corrections") & set(request.text.split()):
        return change(Request(intent="changeLast", slots={"item": [], "new": items}), context)
    asked = list_asked(request, context)
    to_do = request.after and (asked or context.memory.get("list", "")) == TASKS
    if not to_do and _is_talk(items, request, context):
        return Answer(text=context.say("not_items"), act="sorry")
    items = [*items[:-1], _without_list(items[-1], context)]
    if request.intent == "addTask":
        asked = TASKS
    elif request.intent in ("addMore", "addInstead", "fillList", "addThere") or speaks_of_list(request, context):
        asked = asked or context.memory.get("list", "")
    name = shelf.named(asked or SHOPPING)
    if name is None:
        offer = Request(intent="makeList", slots={"name": asked, "item": items})
        return Answer(text=context.say("shall_i_make", list=asked), act="confirm", offer=offer, data={"list": None})
    undo = shelf.snapshot([name])
    return added(name, items, shelf.add(name, items), undo, context)


def _asked_before(request: Request, context: Context) -> list[str]:
    """What was just asked about: 'do we need milk?', 'add it then'."""
    own = [str(item) for item in request.slots.get("item", ())] if "item" in request.heard else []
    asked = request.before.get("item", ()) if request.intent == "addThere" else ()
    return [str(item) for item in asked] if asked and (not own or _are_pronouns(own, context)) else []


def _to_add(items: Sequence[str], context: Context) -> list[str]:
    """Things without those that are denied: 'milk not cream' is milk."""
    denials = "|".join(map(re.escape, sorted(context.heard_words("item_denials"), key=len, reverse=True)))
    kept = (re.split(rf"(?:^|\s+)(?:{denials})\s", item, maxsplit=1, flags=re.IGNORECASE)[0] for item in items)
    return [item for item in kept if item.strip()]


def _are_pronouns(items: Sequence[str], context: Context) -> bool:
    return all(item.casefold() in context.heard_words("pronouns") for item in items)


def _without_list(item: str, context: Context) -> str:
    """A thing without the name of a list behind it: 'a tent to camping'."""
    words = item.split()
    for place in range(1, len(words) - 1):
        if words[place] in context.heard_words("onto") and Shelf(context).named(" ".join(words[place + 1 :])):
            return " ".join(words[:place])
    return item


def added(name: str, items: Sequence[str], fresh: Sequence[str], undo: Request, context: Context) -> Answer:
    """What is said after things were put on a list, and what was there already."""
    joined, said = context.wording.joined, context.locale.named(name)
    data = {"list": name, "added": list(fresh)}
    there = [item for item in items if item not in fresh]
    already = context.say("already", count=verb_count(there, context), items=started(joined(there)), list=said)
    if not fresh:
        return Answer(text=already, data=data, remember={"list": name, "added": list(items)})
    text = context.say("added", items=joined(fresh), list=said)
    return Answer(
        text=f"{text} {already}" if there else text, act="ack", data=data, undo=undo,
        remember={"list": name, "added": list(fresh)},
    )  # fmt: skip


def _is_talk(items: Sequence[str], request: Request, context: Context) -> bool:
    """Whether the 'things' are rather a sentence, in an answer or fragment that does not speak of a list."""
    if request.intent not in ("addItem", "addMore", "addInstead", "fillList", "addThere"):
        return False
    if speaks_of_list(request, context) and not request.after:
        return False
    talk = context.heard_words("sentence_words")
    return any(word in talk for item in items for word in item.casefold().split())


def remove(request: Request, context: Context) -> Answer:
    """Take things off a list; ask when the list only has something of that kind."""
    shelf, items = Shelf(context), wanted(request, context)
    place = _place(items, context) if request.intent in ("removeTask", "removeThing") else 0
    if place:
        return remove_place(replace(request, slots={"place": place}), context)
    name = list_of(request, items, context)
    if name is None:
        return no_list(request, context)
    found = {item: _found(shelf, name, item, context) for item in items}
    undo = shelf.snapshot([name])
    gone = [match.entry for match in found.values() if match.entry]
    shelf.set(name, [item for item in shelf.items(name) if item not in gone])
    said, data = context.locale.named(name), {"list": name, "removed": gone or None}
    missing = [item for item, match in found.items() if not match.entry]
    rest = context.say(
        "not_there", count=verb_count(missing, context), items=started(joined(missing, context)), list=said
    )
    remember = {"list": name, "removed": gone}
    if gone:
        key = "checked_off" if request.intent in ("removeTask", "doneTask") else "removed"
        text = context.say(key, items=joined(gone, context), list=said)
        text = f"{text} {rest}" if missing else text
        return Answer(text=text, act="ack", data=data, undo=undo, remember=remember)
    alike = list(dict.fromkeys(entry for match in found.values() for entry in match.alike))
    if len(alike) == 1:
        offer = Request(intent="removeElsewhere", slots={"item": alike, "name": name})
        text = context.say("shall_i_remove", count=verb_count(alike, context), items=alike[0], missing=rest)
        return Answer(text=text, act="confirm", data=data, offer=offer)
    if alike:
        return Answer(text=context.say("which_item", items=context.wording.either(alike)), data=data)
    return Answer(text=rest, data=data)


def _found(shelf: Shelf, name: str, item: str, context: Context) -> Found:
    """What a thing is called on a list; 'the prescription one' is the only thing with this word."""
    found, words = shelf.find(name, item), item.casefold().split()
    if found.entry or len(words) < 2 or words[-1] not in context.heard_words("timer_fillers"):
        return found
    kept = [word for word in words if word not in context.heard_words("timer_fillers")]
    core = shelf.find(name, " ".join(kept)) if kept else found
    return Found(core.alike[0]) if len(core.alike) == 1 else core


def _place(items: Sequence[str], context: Context) -> int:
    """The number of a thing that is named by it: 'tick off the first one'; 0 for a name."""
    words = [word for word in items[0].casefold().split() if word not in context.heard_words("timer_fillers")]
    if len(items) != 1 or not words or len(words) == len(items[0].split()):
        return 0
    return int(context.locale.understanding.read_value("ordinal", words, context.now().date) or 0)


def remove_others(request: Request, context: Context) -> Answer:
    """Take everything off a list but some things that are on it."""
    shelf, kept = Shelf(context), wanted(request, context)
    name = list_of(request, kept, context)
    if name is None:
        return no_list(request, context)
    found = {item: shelf.find(name, item).entry for item in kept}
    missing = [item for item, entry in found.items() if not entry]
    if missing:
        said, count = context.locale.named(name), verb_count(missing, context)
        text = context.say("not_there", count=count, items=started(joined(missing, context)), list=said)
        return Answer(text=text, act="sorry", data={"list": name, "removed": None})
    gone = [item for item in shelf.items(name) if item not in found.values()]
    if not gone:
        text = context.say("nothing_else", items=joined(kept, context), list=context.locale.named(name))
        return Answer(text=text, act="sorry", data={"list": name, "removed": None})
    return remove(Request(intent="removeItem", slots={"item": gone, "name": name}), context)


def check_off(request: Request, context: Context) -> Answer:
    """Take off a task that is told in the past: 'I've hoovered the stairs'."""
    done = Shelf(context).told(TASKS, str(request.slots["task"]))
    if not done:
        return Answer(text=context.say("not_items"), act="sorry")
    return remove(Request(intent="doneTask", slots={"task": done}), context)


def take_bought(request: Request, context: Context) -> Answer:
    """Take off what somebody says they have; nothing if it is on no list ('I've got a headache')."""
    items = wanted(request, context)
    name = list_of(request, items, context)
    if name is None or not all(Shelf(context).find(name, item).entry for item in items):
        return Answer(text=context.say("not_items"), act="sorry")
    return remove(Request(intent="removeItem", slots={"item": items, "name": name}), context)


def remove_place(request: Request, context: Context) -> Answer:
    """Take off 'the last item'."""
    name = Shelf(context).named(list_asked(request, context) or context.memory.get("list", SHOPPING))
    if name is None:
        return no_list(request, context)
    entry = entry_at(int(request.slots["place"]), Shelf(context).items(name))
    if entry is None:
        return too_short(name, context)
    return remove(Request(intent="removeItem", slots={"item": [entry], "name": name}), context)


def take_back(request: Request, context: Context) -> Answer:
    """Take off again what was just put on."""
    last = context.memory.get("added") or wanted(request, context)
    name = context.memory.get("list", SHOPPING)
    return remove(Request(intent="removeItem", slots={"item": last, "name": name}), context)


def change(request: Request, context: Context) -> Answer:
    """Replace things by others, in their place."""
    old = wanted(request, context)
    new = list(request.slots.get("new") or [request.heard.get("amount", "")])
    if request.intent == "changeLast":
        named = "item" in request.heard  # 'cheese instead of the milk'
        old = old if named else _meant(context.memory.get("added") or old, new, context)
        new = [_counted_anew(old[0], new[0], context)] if len(old) == len(new) == 1 else new
        if len(old) > 1:
            return Answer(text=context.say("which_item", items=context.wording.either(old)))
    name = list_of(request, old, context)
    if name is None:
        return no_list(request, context)
    shelf = Shelf(context)
    matches = [shelf.find(name, item).entry for item in old]
    said = context.locale.named(name)
    if not matches or not all(matches):
        text = context.say("not_there", count=verb_count(old, context), items=started(joined(old, context)), list=said)
        return Answer(text=text, data={"list": name})
    undo = shelf.snapshot([name])
    kept = [item for item in shelf.items(name) if item not in matches[1:]]
    place = kept.index(matches[0])
    shelf.set(name, [*kept[:place], *(item for item in new if item not in kept), *kept[place + 1 :]])
    text = context.say("changed", old=joined(matches, context), new=joined(new, context), list=said)
    return Answer(text=text, act="ack", data={"list": name, "added": new}, undo=undo,
                  remember={"list": name, "added": new})  # fmt: skip


def _counted_anew(old: str, new: str, context: Context) -> str:
    """'Three' in place of 'two liters of milk' is 'three liters of milk', and 'two kilos' in place of
    'apples' 'two kilos of apples'; any other thing is as it was said."""
    words, first = old.split(), new.split()
    read, amounts = context.locale.understanding.read_value, context.heard_words("amounts")
    counts = [read("number", [word], context.now().date) for word in (*first, *words[:1])]
    if len(first) == 1 and None not in counts and len(words) > 1:
        return " ".join([*first, *words[1:]])
    things = [word for word in words if word not in amounts]
    if not things or not set(first) <= amounts:
        return new
    link = [] if first[-1] in context.heard_words("counts") else [context.say("amount_of")]
    return " ".join([*first, *link, *things])


def _meant(added: Sequence[str], new: Sequence[str], context: Context) -> list[str]:
    """Which of the things that were just added are corrected: those of the same kind ('milk' by 'oat milk'), or all."""
    shelf = Shelf(context)
    alike = [item for item in added if any(shelf.are_alike(item, other) for other in new)]
    return alike or list(added)


def move(request: Request, context: Context) -> Answer:
    """Move things from one list to another."""
    shelf = Shelf(context)
    items = list(context.memory.get("added", ())) if request.intent == "moveThat" else wanted(request, context)
    target = shelf.named(list_asked(request, context))
    if target is None:
        return no_list(request, context)
    recent = context.memory.get("list", "") if request.intent == "moveThat" else ""
    asked = str(request.slots.get("from") or request.slots.get("from_name") or recent)
    source = shelf.named(asked) if asked else shelf.holding(items[0])
    if source is None:
        missing = context.say("no_list", list=asked) if asked else context.say("nowhere", items=started(items[0]))
        return Answer(text=missing)
    gone = [entry for item in items if (entry := shelf.find(source, item).entry)]
    if not gone or source == target:
        key = "not_there" if source != target else "already"
        said = context.locale.named(source)
        return Answer(
            text=context.say(key, count=verb_count(items, context), items=started(joined(items, context)), list=said)
        )
    undo = shelf.snapshot([source, target])
    shelf.set(source, [item for item in shelf.items(source) if item not in gone])
    shelf.add(target, gone)
    text = context.say("moved", items=joined(gone, context), list=context.locale.named(target))
    return Answer(text=text, act="ack", data={"list": target, "added": gone}, undo=undo, remember={"list": target})
