"""Setting timers, alarms and reminders."""

from __future__ import annotations

from dataclasses import replace

from harken.dialogue.clock import later
from harken.dialogue.skill import Answer, Context, Request
from harken.dialogue.skills.timers.choosing import half_said, words_of
from harken.dialogue.skills.timers.times import (
    LONGEST,
    WAKING,
    days_of,
    in_last_unit,
    is_waking,
    moment_of,
    out_of_range,
)
from harken.dialogue.skills.timers.undoing import undo
from harken.dialogue.skills.timers.wordings import capitalized, data_of, days_said, listed, mirrored, said
from harken.dialogue.timers import Timer
from harken.text.words import normalize_words

EARLIEST = 6
"""Hour before which a reminder for another day is meant for the afternoon."""
_LONGEST_NAME = 5
"""Words."""
_BARE = ("bare", "bare2", "further")
"""Slots of lengths without a unit."""
_LINKS = ("to", "about", "that")


def set_timer(request: Request, context: Context) -> Answer:
    """Start a timer; of another one, a number without a unit has that of the one before ('and another for ten')."""
    seconds = float(request.slots.get("duration", 0))
    if not seconds and "bare" in request.slots:
        seconds = in_last_unit(request.heard["bare"], context)
    if not seconds:
        return Answer(text=context.say("for_how_long"), act="request", ask="duration")
    refused = swallowed(request, context)
    if refused is not None or not 1 <= seconds <= LONGEST:
        return refused or out_of_range(context)
    timer = context.timers.start(seconds, label=label_of(request, context))
    return timer_set(timer, context)


def set_same(request: Request, context: Context) -> Answer:
    """Start another timer that runs as long as the last one: 'another one'."""
    last = [timer for timer in context.timers.running("timer") if timer.id in context.memory.get("last", ())]
    if not last:
        return Answer(text=context.say("no_last"), act="sorry")
    return timer_set(context.timers.start(last[-1].seconds), context)


def timer_set(timer: Timer, context: Context) -> Answer:
    """What is said when a timer was started."""
    key = "timer_set_named" if timer.label else "timer_set"
    text = context.say(key, label=capitalized(timer.label), time=context.wording.duration(timer.seconds, whole=True))
    return Answer(text=text, data=data_of(timer), remember={"last": [timer.id]}, undo=undo(("cancel", timer.id)))


def set_timers(request: Request, context: Context) -> Answer:
    """Start several timers that were named in one breath."""
    if "duration" not in request.slots:
        return Answer(text=context.say("for_how_long"), act="request", ask="duration")
    lengths, refused = _lengths(request, context), swallowed(request, context)
    if refused is not None or not all(1 <= seconds <= LONGEST for seconds in lengths):
        return refused or out_of_range(context)
    names = [label_of(request, context, slot) for slot in ("label3", "label2", "label") if slot in request.slots]
    labels = names if len(lengths) == len(names) else [""] * len(lengths)
    timers = [context.timers.start(seconds, label=label) for seconds, label in zip(lengths, labels, strict=True)]
    text = context.say(
        "timers_set", count=len(timers), times=context.wording.joined([_length(t, context) for t in timers])
    )
    return Answer(
        text=text, data={"timers": [data_of(timer) for timer in timers]},
        remember={"last": [timer.id for timer in timers]},
        undo=undo(*(("cancel", timer.id) for timer in timers)),
    )  # fmt: skip


def _length(timer: Timer, context: Context) -> str:
    time = context.wording.duration(timer.seconds, whole=True)
    return context.say("length_named", label=timer.label, time=time) if timer.label else time


def _lengths(request: Request, context: Context) -> list[float]:
    """Seconds of each timer; numbers without a unit have that of the last one ('five and ten minutes')."""
    slots = request.slots
    unit = normalize_words(request.heard.get("duration", ""), context.locale)[-1:]
    read = context.locale.understanding.read_value
    bare = {slot: normalize_words(request.heard[slot], context.locale) for slot in _BARE if slot in slots}
    read_bare = {slot: read("duration", words + unit, context.now().date) for slot, words in bare.items()}
    lengths = [read_bare[slot] for slot in ("bare", "bare2") if slot in bare]
    lengths += [slots[slot] for slot in ("second", "third") if slot in slots]
    lengths += [slots["duration"], *(read_bare[slot] for slot in ("further",) if slot in bare)]
    return [float(seconds or 0) for seconds in lengths] * int(slots.get("count", 1))


def timer_until(request: Request, context: Context) -> Answer:
    """Start a timer that ends at a time of day."""
    due = moment_of(request, context, question="which_time")
    if isinstance(due, Answer):
        return due
    seconds = due.timestamp() - context.now().timestamp()
    timer = context.timers.start(seconds, label=label_of(request, context))
    text = context.say("timer_until", **said(due, context))
    return Answer(text=text, data=data_of(timer), remember={"last": [timer.id]}, undo=undo(("cancel", timer.id)))


def label_of(request: Request, context: Context, slot: str = "label") -> str:
    """The name that was given; '' for words that are not a name, such as a length that could not be read."""
    named = str(request.slots.get(slot, "")).casefold()
    if not named or named in context.heard_words("pronouns") or _is_no_name(request, context, slot):
        return ""
    return _as_written(str(request.slots[slot]), context)


def swallowed(request: Request, context: Context) -> Answer | None:
    """A refusal when the name in the sentence is no name but perhaps another request."""
    for slot in ("label", "label2", "label3"):
        label = str(request.slots.get(slot, ""))
        if label and _is_no_name(request, context, slot) and request.heard.get(slot, label).lower() in request.text:
            return Answer(text=context.say("not_a_name", label=label), act="sorry")
    return None


def _is_no_name(request: Request, context: Context, slot: str) -> bool:
    words = words_of(request.slots[slot], context)
    number = context.locale.understanding.read_value("number", words, context.now().date)
    inner = normalize_words(str(request.slots[slot]), context.locale)[:-1]  # 'pasta timer' may be a name
    unfit = {*words, *inner} & context.heard_words("no_names")
    return number is not None or bool(unfit) or len(words) > _LONGEST_NAME or _names_time(inner, context)


def _names_time(words: list[str], context: Context) -> bool:
    """Whether a name ends in a time of day: 'the kids at eight'."""
    before, read = context.heard_words("before_times"), context.locale.understanding.read_value
    return any(
        words[place - 1] in before and read("time", words[place:], context.now().date) is not None
        for place in range(1, len(words))
    )


def _as_written(label: str, context: Context) -> str:
    """Without the article in front."""
    articles = context.heard_words("timer_fillers")
    words = label.split()
    while len(words) > 1 and words[0].lower() in articles:
        words = words[1:]
    return " ".join(words)


def set_alarm(request: Request, context: Context) -> Answer:
    """Set an alarm, once or on some days."""
    if _without_unit(request, context):  # '24:30'
        request = replace(request, slots={slot: v for slot, v in request.slots.items() if slot != "duration"})
    refused = swallowed(request, context)
    if refused is not None:
        return refused
    due = moment_of(request, context, question="which_time")
    if isinstance(due, Answer):
        return replace(due, remember={**context.memory, WAKING: is_waking(request, context)}) if due.ask else due
    alarm = context.timers.set_for(due, kind="alarm", label=label_of(request, context), every=days_of(request))
    return alarm_set(alarm, context)


def _without_unit(request: Request, context: Context) -> bool:
    """Whether the length that was named is only numbers, as a time of day is."""
    words = normalize_words(request.heard.get("duration", ""), context.locale)
    read = context.locale.understanding.read_value
    return bool(words) and all(read("number", [word], context.now().date) is not None for word in words)


def set_alarm_too(request: Request, context: Context) -> Answer:
    """Set another alarm, on the day and in the half of the day of the last one if none is named."""
    last = [alarm for alarm in context.timers.running("alarm") if alarm.id in context.memory.get("last", ())]
    slots = request.slots
    if "after" in slots and last:
        due = later(last[-1].due, float(slots["after"]))
        return alarm_set(context.timers.set_for(due, kind="alarm", every=last[-1].every), context)
    if "day" in request.before and not {"date", "duration", "part"} & slots.keys() and not days_of(request):
        slots = {**slots, "date": str(request.before["day"])}  # 'is there one for tomorrow?', 'then set one for seven'
        return set_alarm(replace(request, slots=slots), context)
    if not last or "time" not in slots or {"date", "part"} & slots.keys() or days_of(request) or last[-1].every:
        return set_alarm(request, context)
    if half_said(request, "time", context):
        return set_alarm(request, context)
    due, time = last[-1].due, str(slots["time"])
    time = f"{int(time[:2]) % 12 + 12 * (due.hour >= 12):02d}{time[2:]}"
    return set_alarm(replace(request, slots={**slots, "time": time, "date": due.date().isoformat()}), context)


def set_alarms(request: Request, context: Context) -> Answer:
    """Set several alarms that were named in one breath; a half of the day that was said once counts for all."""
    times = [slot for slot in ("first_time", "second_time", "time") if slot in request.slots]
    alarms = []
    for slot in times:
        heard = request.heard.get(slot, "")
        clear = half_said(request, slot, context) or not half_said(request, "time", context)
        time = str(request.slots[slot]) if clear else _in_half_of(request, slot)
        slots = {**request.slots, "time": time}
        one = replace(request, slots=slots, heard={**request.heard, "time": heard if clear else request.heard["time"]})
        due = moment_of(one, context, question="which_time")
        if isinstance(due, Answer):
            return due
        alarms.append((due, days_of(request)))
    timers = [context.timers.set_for(due, kind="alarm", every=every) for due, every in alarms]
    text = context.say("alarms_set", count=len(timers), alarms=listed(timers, context))
    return Answer(
        text=text, data={"alarms": [data_of(timer) for timer in timers]},
        remember={"last": [timer.id for timer in timers]},
        undo=undo(*(("cancel", timer.id) for timer in timers)),
    )  # fmt: skip


def _in_half_of(request: Request, slot: str) -> str:
    """A time in the half of the day of the last one: 'six and seven p m'."""
    time, last = str(request.slots[slot]), str(request.slots["time"])
    return f"{int(time[:2]) % 12 + 12 * (int(last[:2]) >= 12):02d}{time[2:]}"


def alarm_set(alarm: Timer, context: Context) -> Answer:
    """What is said when an alarm was set."""
    words = said(alarm.due, context)
    if alarm.every:
        words["day"] = days_said(alarm.every, context)
    key = "alarm_set_named" if alarm.label else "alarm_set"
    text = context.say(key, label=capitalized(alarm.label), **words)
    return Answer(text=text, data=data_of(alarm), remember={"last": [alarm.id]}, undo=undo(("cancel", alarm.id)))


def remind(request: Request, context: Context) -> Answer:
    """Set a reminder, once or on some days."""
    if "situation" in request.slots and not {"time", "date", "duration", "every", "part"} & request.slots.keys():
        return Answer(text=context.say("no_situation"), act="request", ask="time")
    due = moment_of(request, context, question="remind_when", earliest=EARLIEST, default=True)
    if isinstance(due, Answer):
        return due
    if _is_of_two(request, context):
        return Answer(text=context.say("one_reminder"), act="sorry")
    link, task = _task(request, context)
    every, data = days_of(request), {"link": link}
    if "duration" in request.slots and not every:
        seconds = float(request.slots["duration"])
        reminder = context.timers.start(seconds, kind="reminder", label=task, data=data)
    else:
        reminder = context.timers.set_for(due, kind="reminder", label=task, data=data, every=every)
    told = reminder_set(reminder, context)
    untimed = not {"time", "duration"} & request.slots.keys()
    return replace(told, remember={**told.remember, "untimed": untimed})


def _is_of_two(request: Request, context: Context) -> bool:
    """Whether one reminder would swallow another one: 'call mum at five and dad at six'."""
    words = normalize_words(str(request.slots["task"]), context.locale)
    joints, before = context.heard_words("between_items"), context.heard_words("before_times")
    read, today = context.locale.understanding.read_value, context.now().date
    return "time" in request.slots and any(
        words[begin - 1] in before and words[end] in joints and read("time", words[begin:end], today) is not None
        for begin in range(1, len(words)) for end in range(begin + 1, len(words))
    )  # fmt: skip


def remind_too(request: Request, context: Context) -> Answer:
    """Set another reminder, on the day, and if no time is named at the time, of the last one."""
    last = [timer for timer in context.timers.running("reminder") if timer.id in context.memory.get("last", ())]
    slots, timed = request.slots, {"time", "duration", "part"} & request.slots.keys() or days_of(request)
    if not last or "date" in slots or (timed and "time" not in slots):
        return remind(request, context)
    due = last[-1].due
    slots = {**slots, "date": due.date().isoformat()}
    if not timed:
        slots["time"] = f"{due:%H:%M}"
        heard = {**request.heard, "time": f"{due:%H} hours"}
        return remind(replace(request, slots=slots, heard=heard), context)
    return remind(replace(request, slots=slots), context)


def reminder_set(reminder: Timer, context: Context) -> Answer:
    """What is said when a reminder was set."""
    words = said(reminder.due, context)
    if reminder.every:
        words["day"] = days_said(reminder.every, context)
    key = "remind_in" if reminder.seconds else "remind_at"
    if reminder.seconds:
        words["time"] = context.wording.duration(reminder.left, whole=True)
    what = context.say(f"what_{reminder.data.get('link', 'to')}", task=reminder.label)
    text = context.say(key, what=what, **words)
    undone = undo(("cancel", reminder.id))
    return Answer(text=text, data=data_of(reminder), remember={"last": [reminder.id]}, undo=undone)


def _task(request: Request, context: Context) -> tuple[str, str]:
    """How the task is linked ('to', 'about', 'that'), and the task as it is said back."""
    words = str(request.slots["task"]).split()
    link = str(request.slots.get("link", ""))
    first = words[0].lower()
    if not link:
        link = next((key for key in _LINKS if first in context.heard_words(f"link_{key}")), "")
        words = words[1:] if link and len(words) > 1 else words
    if not link:
        link = "about" if first in context.heard_words("noun_beginnings") else "to"
    return link, mirrored(" ".join(words), context)
