"""Which of the user's timers a request means: by name, length, time or place in the list, all, or the last one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers.wordings import data_of, listed, name_of
from harken.dialogue.timers import Timer
from harken.text.words import normalize_words

DESCRIBING = ("label", "length", "at", "day", "whose", "day_part", "days", "nth", "extreme", "which", "doing", "also")
"""Slots that say which ones are meant."""
_OTHER = "other"
"""Value of `extreme`: not the one that was spoken of."""
_FILLERS = "timer_fillers"
_EVERYTHING = "everything"
_HALVES = "half_of_day"


def in_order(kind: str, context: Context) -> list[Timer]:
    """Those of a kind as they are listed and counted: timers as they were set, others as they ring."""
    running = context.timers.running(kind)
    return sorted(running, key=lambda timer: timer.id) if kind == "timer" else running


def choose(request: Request, context: Context, kind: str, *, several: bool = False) -> list[Timer] | Answer:
    """The ones that are meant, at least one; or what to reply when there is none or it is not clear.

    Args:
        request: its slots `DESCRIBING` narrow down, `keep` leaves out.
        context: of the request.
        kind: one of `KINDS`.
        several: whether a request that does not say which means all of them.
    """
    running = in_order(kind, context)
    if not running:
        return Answer(text=context.say(f"no_{kind}"), data={f"{kind}s": []})
    described = _described(running, request, context)
    found = _without_kept(described, request, context)
    if found is not None and described and not found:
        return Answer(text=context.say("no_other", timers=listed(described, context)), act="sorry")
    if not found:
        return _no_such(running, request, context, kind)
    everything = several or request.slots.get("which") == "all" or "also" in request.slots
    if len(found) == 1 or everything or _all_named(request, context) or _alike(found):
        return found if everything or _all_named(request, context) else found[:1]
    return which_one(found, context)


def which_one(timers: Sequence[Timer], context: Context) -> Answer:
    """The question which of several is meant."""
    names = [name_of(timer, context) for timer in timers]
    if len(set(names)) < len(names):
        names = [listed([timer], context) for timer in timers]
    return Answer(text=context.say("which_one", names=context.wording.either(names)), act="request", ask="label")


def choose_last(request: Request, context: Context) -> list[Timer] | Answer:
    """Those of the last request in this conversation ('cancel it')."""
    last = set(context.memory.get("last", ()))
    found = [timer for timer in context.timers.running() if timer.id in last]
    if found:
        return found
    timers = context.timers.running("timer")
    return timers if len(timers) == 1 else Answer(text=context.say("no_last"), act="sorry")


def words_of(text: object, context: Context) -> list[str]:
    """The words that carry a name, without 'the', 'my', 'timer'."""
    fillers = context.heard_words(_FILLERS)
    words = normalize_words(str(text), context.locale)
    return [word for word in words if word not in fillers] or words


def core_words(text: object, context: Context) -> list[str]:
    """All words of a description but 'the', 'my', 'one' at its beginning and end."""
    fillers, words = context.heard_words(_FILLERS), normalize_words(str(text), context.locale)
    while len(words) > 1 and words[0] in fillers:
        words = words[1:]
    while len(words) > 1 and words[-1] in fillers:
        words = words[:-1]
    return words


def own_slots(request: Request) -> Request:
    """A request without the values that it has from the one before."""
    return replace(request, slots={slot: value for slot, value in request.slots.items() if slot in request.heard})


def half_said(request: Request, slot: str, context: Context) -> bool:
    """Whether a time of day leaves no doubt about which half of the day it is in."""
    heard = normalize_words(request.heard.get(slot, ""), context.locale)
    return not 1 <= int(str(request.slots[slot])[:2]) <= 12 or bool(set(heard) & context.heard_words(_HALVES))


def _described(timers: list[Timer], request: Request, context: Context) -> list[Timer]:
    slots = request.slots
    nth = _ordinal(request, context)
    if nth and not any(_day(timer, request, context) for timer in timers):
        return _counted(timers, nth)
    found = timers
    for slot, fits in _TESTS.items():
        if slot in slots and not _is_filler(request, slot, context):
            found = [timer for timer in found if fits(timer, request, context)]
    if "also" in slots and (_is_filler(request, "label", context) or _is_filler(request, "also", context)):
        return []  # 'cancel my alarm and my timer'
    if "label" in slots and not _is_filler(request, "label", context):
        named = _named(found, _label(request, context), context)
        found = named + (_named(found, slots["also"], context) if "also" in slots else [])
    if slots.get("extreme") == _OTHER:
        return [timer for timer in found if timer.id not in context.memory.get("last", ())]
    if slots.get("extreme") and found:
        by_left = sorted(found, key=lambda timer: timer.left)
        found = [by_left[0 if slots["extreme"] == "next" else -1]]
    return _counted(found, int(slots["nth"])) if "nth" in slots else found


def _ordinal(request: Request, context: Context) -> int:
    """What was read as a day of the month may count them: 'the second one'; 0 for none."""
    words = core_words(request.heard.get("day", ""), context)
    return int(context.locale.understanding.read_value("ordinal", words, context.now().date) or 0) if words else 0


def _is_filler(request: Request, slot: str, context: Context) -> bool:
    """Whether a value was made of a word without meaning: 'one' in 'the saturday one'."""
    heard = normalize_words(request.heard.get(slot, ""), context.locale)
    return bool(heard) and set(heard) <= context.heard_words(_FILLERS)


def _label(request: Request, context: Context) -> str:
    doing = request.slots.get("doing", "")
    return f"{doing} {request.slots['label']}".strip()


def _counted(timers: list[Timer], nth: int) -> list[Timer]:
    """The nth of them, from 1, or from the end for -1."""
    place = nth - 1 if nth > 0 else len(timers) + nth
    return timers[place : place + 1] if 0 <= place < len(timers) else []


def _named(timers: Sequence[Timer], text: object, context: Context) -> list[Timer]:
    """Those with this name, else those whose name contains it, else those that the words describe otherwise."""
    words = words_of(text, context)
    labels = {timer.id: words_of(timer.label, context) for timer in timers if timer.label}
    exact = [timer for timer in timers if labels.get(timer.id) == words]
    if exact:
        return exact
    within = [timer for timer in timers if timer.id in labels and _within(words, labels[timer.id], context)]
    return within or _otherwise(timers, core_words(text, context), context)


def _within(words: Sequence[str], label: Sequence[str], context: Context) -> bool:
    return all(any(_same(word, other, context) for other in label) for word in words)


def _same(one: str, other: str, context: Context) -> bool:
    """Whether two words are the same, or one is the plural of the other."""
    short, long = sorted((one, other), key=len)
    return one == other or (context.wording.is_several(long) and long.startswith(short) and len(long) <= len(short) + 2)


def _otherwise(timers: Sequence[Timer], words: list[str], context: Context) -> list[Timer]:
    """By place in the list, length or time, or all: the answer to 'Which one?'."""
    if set(words) <= context.heard_words(_EVERYTHING):
        return list(timers)
    read = context.locale.understanding.read_value
    today = context.now().date
    nth = read("ordinal", words, today)
    if nth is not None:
        return _counted(list(timers), int(nth))
    if timers and timers[0].kind == "timer":
        length = read("duration", words, today)
        return [timer for timer in timers if timer.seconds == length]
    day = read("date", words, today)
    if day is not None:
        return [timer for timer in timers if timer.due.date().isoformat() == day]
    time = read("time", words, today)
    request = Request(intent="", slots={"at": time}, heard={"at": " ".join(words)})
    return [timer for timer in timers if time is not None and _at(timer, request, context)]


def _all_named(request: Request, context: Context) -> bool:
    label = words_of(request.slots.get("label", ""), context)
    return bool(label) and set(label) <= context.heard_words(_EVERYTHING)


def _alike(timers: Sequence[Timer]) -> bool:
    """Whether nobody could say which one is meant."""
    return len({(timer.label, timer.seconds or timer.due) for timer in timers}) == 1


def _length(timer: Timer, request: Request, context: Context) -> bool:
    words = core_words(request.heard.get("length", ""), context)  # 'the ten minute one'
    other = context.locale.understanding.read_value("duration", words, context.now().date) if words else None
    return timer.seconds in (float(request.slots["length"]), other)


def _at(timer: Timer, request: Request, context: Context) -> bool:
    wanted = str(request.slots["at"])
    if timer.kind == "timer":
        return False
    return f"{timer.due:%H:%M}" == wanted or (not half_said(request, "at", context) and f"{timer.due:%I:%M}" == wanted)


def _day(timer: Timer, request: Request, context: Context) -> bool:
    return rings_on(timer, dt.date.fromisoformat(str(request.slots["day"])))


def rings_on(timer: Timer, day: dt.date) -> bool:
    """Whether a timer rings on a day; one that comes again on any of its days from the next one on."""
    return timer.due.date() == day or (day.weekday() in timer.every and timer.due.date() < day)


def _whose(timer: Timer, request: Request, context: Context) -> bool:
    read = context.locale.understanding.read_value
    day = read("date", [str(request.slots["whose"])], context.now().date)
    return timer.due.date().isoformat() == str(day)


def _part(timer: Timer, request: Request, context: Context) -> bool:
    first, last = PARTS[str(request.slots["day_part"])]
    return first <= timer.due.hour < last or first <= timer.due.hour + 24 < last


def _days(timer: Timer, request: Request, context: Context) -> bool:
    wanted = [int(day) for day in str(request.slots["days"]) if day.isdigit()]
    return list(timer.every) == wanted or (not timer.every and len(wanted) == 1 and timer.due.weekday() == wanted[0])


PARTS = {"morning": (4, 12), "afternoon": (12, 18), "evening": (17, 23), "night": (19, 28)}
"""Part of the day -> its first hour, and the one past its last (above 24 on the next day)."""
_TESTS: dict[str, Callable[[Timer, Request, Context], bool]] = {
    "length": _length, "at": _at, "day": _day, "whose": _whose, "day_part": _part, "days": _days,
}  # fmt: skip


def _without_kept(timers: list[Timer], request: Request, context: Context) -> list[Timer] | None:
    """All but those that were excepted; None when the exception is unknown."""
    if "keep" not in request.slots:
        return timers
    kept = _named(timers, request.slots["keep"], context)
    return [timer for timer in timers if timer not in kept] if kept else None


def _no_such(running: Sequence[Timer], request: Request, context: Context, kind: str) -> Answer:
    """There is nothing like that, and what there is instead."""
    label = request.slots.get("keep", request.slots.get("label"))
    key = f"no_such_{kind}_named" if label and not (_all_named(request, context)) else f"no_such_{kind}"
    text = context.say(key, label=" ".join(words_of(label, context)) if label else "")
    there = context.say(f"there_{'is' if len(running) == 1 else 'are'}", timers=listed(running, context))
    return Answer(text=" ".join((text, there)), act="sorry", data={f"{kind}s": [data_of(timer) for timer in running]})
