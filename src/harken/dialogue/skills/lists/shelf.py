"""The user's lists: their names, what is on them, and finding a thing that is named a little differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harken.dialogue.skill import Context, Request

SHOPPING, TASKS, NOTES = "shopping", "to-do", "notes"
OWN = "names"
"""Key under which the store keeps the names of the user's own lists."""


@dataclass(frozen=True)
class Found:
    """What a name means on a list."""

    entry: str = ""
    """The entry that is meant; '' when none surely is."""
    alike: tuple[str, ...] = ()
    """Entries that contain the name ('almond milk' for 'milk'), when none is meant."""


class Shelf:
    """The lists of the user.

    Args:
        context: of the request.
    """

    def __init__(self, context: Context):
        self._store, self._skill = context.store, context.skill
        self._small, self._pasts = context.heard_words("small"), context.heard_words("pasts")
        self._amounts, self._endings = context.heard_words("amounts"), context.heard_words("plural_endings")

    def own(self) -> list[str]:
        """Names of the lists that the user has made, as they were given."""
        return list(self._store.get(self._skill, OWN, []))

    def named(self, name: str) -> str | None:
        """A list by its name, however it is written; None when there is none."""
        known = [SHOPPING, TASKS, *self.own()]
        return next((other for other in known if self._key(other) == self._key(name)), None)

    def make(self, name: str) -> None:
        """Make an empty list."""
        self._store.put(self._skill, OWN, [*self.own(), name])

    def drop(self, name: str) -> None:
        """Delete a list with all that is on it."""
        self._store.clear_items(name)
        self._store.put(self._skill, OWN, [other for other in self.own() if other != name])

    def rename(self, name: str, new: str) -> None:
        """Give a list another name."""
        items = self.items(name)
        self._store.clear_items(name)
        self._store.set_items(new, items)
        self._store.put(self._skill, OWN, [new if other == name else other for other in self.own()])

    def items(self, name: str) -> list[str]:
        """What is on a list, oldest first."""
        return self._store.items(name)

    def add(self, name: str, items: Sequence[str]) -> list[str]:
        """Add what is not there yet; returns that."""
        fresh = []
        for item in items:
            if not any(self._key(item) == self._key(other) for other in self.items(name)):
                self._store.add_item(name, item)
                fresh.append(item)
        return fresh

    def set(self, name: str, items: Sequence[str]) -> None:
        """Let a list hold exactly these."""
        self._store.set_items(name, items)

    def find(self, name: str, item: str) -> Found:
        """What a thing is called on a list: the same words, then the same apart from amounts and plural."""
        items = self.items(name)
        for key in (self._key, self._core):
            same = [other for other in items if self._same(key(other), key(item))]
            if len(same) == 1:
                return Found(same[0])
            if same:
                return Found(alike=tuple(same))
        wanted = set(self._core(item).split())
        return Found(alike=tuple(other for other in items if wanted and wanted <= set(self._core(other).split())))

    def told(self, name: str, deed: str) -> str:
        """The task on a list that a deed in the past is: 'hoover the stairs' for 'hoovered the stairs'; '' for none."""
        verb, *rest = self._key(deed).split()
        for item in self.items(name):
            todo, *others = self._key(item).split()
            same = [word for word in rest if word not in self._small] == [w for w in others if w not in self._small]
            if same and (f"{todo} {verb}" in self._pasts or _agree(todo, verb)):
                return item
        return ""

    def are_alike(self, one: str, other: str) -> bool:
        """Whether one thing names the other, perhaps more exactly: 'milk', 'oat milk'."""
        mine, others = set(self._core(one).split()), set(self._core(other).split())
        return mine <= others or others <= mine

    def holding(self, item: str) -> str | None:
        """The list that a thing is on; None for none."""
        return next((name for name in [SHOPPING, TASKS, *self.own()] if self.find(name, item).entry), None)

    def snapshot(self, names: Sequence[str]) -> Request:
        """The request that makes lists what they are now (to take something back)."""
        held: Mapping[str, Any] = {name: self.items(name) for name in names}
        return Request(intent="restore", slots={"lists": held, "own": self.own()})

    def restore(self, slots: Mapping[str, Any]) -> None:
        """Carry out what `snapshot` gave."""
        for name, items in slots["lists"].items():
            self._store.set_items(name, items)
        self._store.put(self._skill, OWN, slots["own"])

    def _key(self, item: str) -> str:
        """Letters in lower case, without signs between words."""
        return " ".join(item.casefold().replace("-", " ").split()).strip(" .!?")

    def _core(self, item: str) -> str:
        """The thing without amounts: 'two liters of milk' -> 'milk'."""
        words = self._key(item).split()
        while len(words) > 1 and (words[0] in self._amounts or words[0][:1].isdigit()):
            words = words[1:]
        return " ".join(words)

    def _same(self, one: str, other: str) -> bool:
        """Whether two names are equal, or one is the plural of the other."""
        if one == other:
            return True
        short, long = sorted((one, other), key=len)
        return any(long == short + ending for ending in self._endings)


def _agree(verb: str, past: str) -> bool:
    """Whether two forms of a verb share their beginning: 'tidy' and 'tidied'."""
    return len(past) > len(verb) > 2 and past.startswith(verb[:-1])
