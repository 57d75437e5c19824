"""What takes the place of what was just done: 'set a timer for twenty minutes instead', 'at eight'.

What was done is taken back first, so that not both remain.
"""

from __future__ import annotations

from dataclasses import replace

from harken.dialogue.fragments import follow_up
from harken.dialogue.later import due_of, worded
from harken.dialogue.past import last_deeds
from harken.dialogue.questions import is_recent
from harken.dialogue.skill import TALK
from harken.dialogue.state import Deed, DialogueState, Wish
from harken.dialogue.wishes import Ask, Setting, asking
from harken.events import Interpretation

REPLACING, MISTAKEN = "replacing", "mistaken"
"""Word lists under `[understanding.words]` of a language: 'instead'; how something is corrected ('no', 'meant')."""
RESTRICTING = "restricting"
"""Word list: 'only', 'just'."""
TIME = "time"
TIMES = frozenset((TIME, "date", "duration"))
"""Lists of times, days and lengths."""


def replaces(state: DialogueState, wish: Wish, setting: Setting) -> bool:
    """Whether a request is to take the place of the last one, which was of the same kind: it says 'instead'."""
    deed, intent = _just_done(state, setting), setting.intent(wish)
    if deed is None or intent is None or not intent.acts or wish.after or not _says(REPLACING, wish.text, setting):
        return False
    plain = not (wish.negated or wish.unread or wish.doubtful)
    return plain and (wish.skill, wish.intent) == (deed.skill, deed.root) and dict(wish.slots) != dict(deed.known)


def nearer(state: DialogueState, heard: Interpretation, setting: Setting) -> Wish | None:
    """What a sentence that is a request by itself means rather after the last one; None if it means itself.

    It corrects that ('sorry, shopping list I meant', 'add butter instead'), or another skill would do it, of which
    nobody spoke: 'add milk', of a coffee.
    """
    own = setting.intent(Wish.of(heard))
    if own is None or heard.skill == TALK or heard.negated or heard.then or heard.when:
        return None
    corrects = _says(REPLACING, heard.text, setting) or (not own.acts and _says(MISTAKEN, heard.text, setting))
    if not (corrects or (heard.skill != state.skill and state.acted == state.turn)):
        return None
    found = follow_up(state, heard, setting, closed=not corrects)
    intent = None if found is None else setting.intent(found)
    if found is None or intent is None or not found.after or found.negated or found.unread or found.when:
        return None
    keeps = _times_in(Wish.of(heard), setting) <= _times_in(found, setting)  # 'remind me to call dad at six instead'
    bare = heard.text in found.heard.values()  # 'a large coffee', of a shopping list
    return found if intent.acts and keeps and (corrects or not bare) else None


def alone(state: DialogueState, heard: Interpretation, setting: Setting) -> Wish | None:
    """'Just the tv then', of several things that were done at once: the one that is to remain; None otherwise."""
    language, deeds = setting.locale.understanding, last_deeds(state)
    if len(deeds) < 2 or deeds[0].turn != state.acted or not is_recent(state.acted_at, setting.now):
        return None
    restricting = language.words.get(RESTRICTING, frozenset())
    idle = {word for phrase in (*language.leading, *language.trailing) if len(phrase) == 1 for word in phrase}
    said = [word for word in heard.text.split() if word not in language.small - restricting]
    begin = next((place for place, word in enumerate(said) if word not in idle - restricting), 0)
    named = [word for word in said[begin + 1 :] if word not in idle]
    if begin >= len(said) or said[begin] not in restricting or not named:
        return None
    kept = [deed for deed in deeds if set(named) <= set(deed.action.split())]
    if len(kept) != 1 or not all(deed.undo or deed.timer for deed in deeds) or kept[0].timer:
        return None
    return Wish(skill=kept[0].skill, intent=kept[0].root, slots=kept[0].known, text=heard.text, action=kept[0].action)


def at_a_time(state: DialogueState, heard: Interpretation, setting: Setting) -> Ask | None:
    """'At eight', of something that was done at once: whether that is to be done then; None for other sentences."""
    deed = _just_done(state, setting)
    if deed is None or deed.timer or state.acted != state.turn or state.when:
        return None
    end, done = len(deed.action.split()), Wish(skill=deed.skill, intent=deed.root, slots=deed.known)
    found = setting.reader.instead(deed.action, end, end, heard)
    if found is None or found.when is None or (found.skill, found.values) != (done.skill, done.slots):
        return None
    if _has_times(done, setting) or not (found.when.time or found.when.seconds is not None):
        return None
    due = due_of(found.when, setting.now, setting.locale)
    if due is None:
        return None
    text = setting.say("shall_i_later", action=deed.action, when=worded(due, setting.now, setting.locale))
    wish = replace(done, text=heard.text, action=deed.action, when=found.when)
    return Ask(pending=asking(wish, "", text, setting))


def _times_in(wish: Wish, setting: Setting) -> int:
    """Number of times, days and lengths that were named for a request."""
    intent = setting.intent(wish)
    return 0 if intent is None else sum(intent.slots.get(slot) in TIMES for slot in wish.heard)


def _has_times(wish: Wish, setting: Setting) -> bool:
    """Whether a kind of request has a time of its own, as an alarm has; a light may be on for a while."""
    intent = setting.intent(wish)
    asked = () if intent is None else (intent.slots[slot] for slot in intent.required)
    return intent is None or TIME in intent.slots.values() or not TIMES.isdisjoint(asked)


def _just_done(state: DialogueState, setting: Setting) -> Deed | None:
    """The one thing that was done in the last request; None if there are several, or it is long ago."""
    deeds = last_deeds(state)
    recent = len(deeds) == 1 and deeds[0].turn == state.acted and is_recent(state.acted_at, setting.now)
    return deeds[0] if recent and (deeds[0].undo or deeds[0].timer) else None


def _says(name: str, text: str, setting: Setting) -> bool:
    return not setting.locale.understanding.words.get(name, frozenset()).isdisjoint(text.split())
