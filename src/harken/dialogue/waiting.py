"""What is said of a request that is put off: how much it is to be, at the same time as the request itself.

'Turn on the heating at six', 'and set it to 22': that is no level for now.
"""

from __future__ import annotations

from dataclasses import replace

from harken.dialogue.fragments import follow_up
from harken.dialogue.later import named_time
from harken.dialogue.questions import PRONOUNS, is_fragment, is_recent
from harken.dialogue.state import DialogueState, Wish
from harken.dialogue.wishes import Decision, PutOff, Setting, weigh
from harken.events import Interpretation, When

HOURS = 12
"""What is more is hardly an hour without more words."""


def put_off_too(state: DialogueState, heard: Interpretation, setting: Setting) -> Decision | None:
    """How much what was put off is to be; None for any other sentence."""
    deed = state.deeds[-1] if state.deeds else None
    if state.when is None or deed is None or not deed.timer or not is_recent(state.acted_at, setting.now):
        return None
    if heard.negated or heard.unread or heard.then or heard.doubtful or state.intent != state.root:
        return None
    if heard.exact and not is_fragment(heard, setting):
        wish = _by_itself(state, heard, setting)
        if wish is None:
            return None
        decision = weigh(wish, state, setting)
        again = isinstance(decision, PutOff) and wish.intent == state.intent
        return replace(decision, replaces=deed.timer) if again and isinstance(decision, PutOff) else decision
    found = follow_up(state, heard, setting)
    if found is None or not found.after or found.negated or found.unread:
        return None
    numbers = [found.slots[slot] for slot in found.heard if _is_number(found.slots.get(slot))]
    own = [slot for slot, value in state.slots.items() if _is_number(value)]
    if len(numbers) != 1 or _may_be_time(heard.text, float(numbers[0]), state.when, setting):
        return None
    if len(own) == 1:  # 'set the heating to 21 at six', 'set it to 22'
        slots = {**state.slots, own[0]: numbers[0]}
        wish = Wish(skill=state.skill, intent=state.intent, slots=slots, heard=found.heard, text=heard.text,
                    when=found.when or state.when, sure=heard.heard)  # fmt: skip
        decision = weigh(wish, state, setting)
        return replace(decision, replaces=deed.timer) if isinstance(decision, PutOff) else decision
    joint = " ".join(setting.locale.understanding.joints[0])
    said = heard.text.removesuffix(found.when.text if found.when else "").strip()
    text = said if said.startswith(f"{joint} ") else f"{joint} {said}"
    before = f"{deed.action} {state.when.text}"
    more = setting.reader.continued(before, replace(heard, text=text, written=""))
    if len(more) != 1 or more[0].skill != state.skill:
        return None
    wish = replace(Wish.of(more[0]), text=heard.text, when=found.when or state.when, sure=heard.heard)
    return weigh(wish, state, setting)


def _by_itself(state: DialogueState, heard: Interpretation, setting: Setting) -> Wish | None:
    """'Dim it to thirty': a request of the same skill that has a pronoun for what is put off, and names a number."""
    pronouns = setting.locale.understanding.words.get(PRONOUNS, frozenset())
    intent = setting.intent(Wish.of(heard))
    named = any(slot.text and _is_number(slot.value) for slot in heard.slots)
    if heard.skill != state.skill or heard.when or intent is None or not intent.acts or not named:
        return None
    if pronouns.isdisjoint(heard.text.split()):
        return None
    kept = {slot: value for slot, value in state.slots.items() if slot in intent.slots and not _is_number(value)}
    return replace(Wish.of(heard), slots={**kept, **heard.values}, action="", when=state.when)


def _may_be_time(text: str, number: float, when: When, setting: Setting) -> bool:
    """Whether a number is rather another time: 'make it seven', or 'make it twenty' after 'in ten minutes'."""
    if number > HOURS and when.seconds is None:
        return False
    words = tuple(text.split())
    openings = [opening for opening in setting.locale.understanding.follow_ups if words[: len(opening)] == opening]
    return any(named_time(words[len(opening) :], when, setting.now, setting.locale) for opening in (*openings, ()))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
