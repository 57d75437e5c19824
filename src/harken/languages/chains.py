"""Chains: phrases that follow each other in any number, such as the letters of a spelled name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

START = ""
"""The state in which every chain begins; no link leads back to it."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Phrases that lead from one state of a chain to another."""

    before: str
    after: str
    phrases: tuple[tuple[str, ...], ...]
    """At least one, each of at least one word; all are equally likely."""
    weight: float
    """> 0, relative to the other links that leave `before`, and to ending there."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A walk along links, from `START` to a state where it may end.

    Raises:
        ValueError: a link leads back to `START`, is never taken or says nothing; a state can neither end nor go on.
    """

    links: tuple[Link, ...]
    ends: Mapping[str, float] = field(default_factory=dict)
    """State -> weight of ending there, > 0, relative to the links that leave it; without one, it must go on."""

    def __post_init__(self) -> None:
        for link in self.links:
            said = link.phrases and all(link.phrases)
            if link.after == START or link.weight <= 0 or not said:
                raise ValueError(f"the link from '{link.before}' to '{link.after}' leads to no state or says nothing")
            if link.after not in self.ends and link.after not in self.leaving:
                raise ValueError(f"the state '{link.after}' can neither end nor go on")
        if START not in self.leaving or START in self.ends:
            raise ValueError("a chain needs a link from its start, and cannot end there")

    @cached_property
    def leaving(self) -> Mapping[str, tuple[Link, ...]]:
        """State -> the links that leave it."""
        leaving: dict[str, list[Link]] = {}
        for link in self.links:
            leaving.setdefault(link.before, []).append(link)
        return {state: tuple(links) for state, links in leaving.items()}

    def total(self, state: str) -> float:
        """The weights of all that can happen in a state."""
        return sum(link.weight for link in self.leaving.get(state, ())) + self.ends.get(state, 0.0)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word that can occur."""
        return frozenset(word for link in self.links for phrase in link.phrases for word in phrase)
