"""What was done in the conversation, for questions about it and for taking it back."""

from __future__ import annotations

from harken.dialogue.skill import Request
from harken.dialogue.state import Deed, DialogueState, Wish
from harken.dialogue.wishes import Say, Setting

ARTICLES = "articles"
"""Word list under `[understanding.words]` of a language: words that name nothing."""


def last_deeds(state: DialogueState) -> tuple[Deed, ...]:
    """What was done in the last turn in which something was, oldest first."""
    turn = state.deeds[-1].turn if state.deeds else -1
    return state.deeds[-1:] if turn < 0 else tuple(deed for deed in state.deeds if deed.turn == turn)


def undoing(deed: Deed) -> Request | None:
    """The request that takes it back; None when nothing can."""
    if deed.undo is None:
        return None
    return Request(intent=str(deed.undo["intent"]), slots=deed.undo["slots"], text=deed.text)


def what_done(state: DialogueState, setting: Setting) -> Say:
    """'What did you just do?'"""
    if not state.deeds:
        return Say(text=setting.say("nothing_done"), act="inform")
    deeds = last_deeds(state)
    actions = setting.locale.wording.joined([deed.action for deed in deeds])
    key = "done_later" if deeds[-1].timer else "done"
    return Say(text=setting.say(key, action=actions, text=deeds[-1].text), act="inform")


def why_done(state: DialogueState, wish: Wish, setting: Setting) -> Say:
    """'Why did you turn on the light?': because of the sentence that was heard, if it was done at all."""
    if not state.deeds:
        return Say(text=setting.say("nothing_done"), act="inform")
    named = " ".join(str(value) for value in wish.slots.values() if isinstance(value, str))
    articles = setting.locale.understanding.words.get(ARTICLES, frozenset())
    deed = _meant(state.deeds, set(named.lower().split()) - articles)
    if deed is None:
        last = state.deeds[-1]
        return Say(text=setting.say("not_done_that", action=last.action, text=last.text), act="inform")
    return Say(text=setting.say("because", text=deed.text), act="inform")


def _meant(deeds: tuple[Deed, ...], words: set[str]) -> Deed | None:
    """The last deed if no words name one; otherwise the latest whose words are most like them, at least by half."""
    if not words:
        return deeds[-1]
    shares = [len(words & set(f"{deed.action} {deed.text}".split())) / len(words) for deed in deeds]
    best = max(shares)
    place = max(number for number, share in enumerate(shares) if share == best)
    return deeds[place] if best > 0.5 else None
