"""Exact matching: the sentences of skills as one finite automaton over words and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harken.nlu.lists import Span, SpanFinder
from harken.nlu.skill_file import Intent, Skill
from harken.text.grammar import Choice, ListRef, Node, Sequence, Words

WORD_GAIN, LIST_GAIN, TEXT_COST = 1.0, 0.9, 0.35
"""Of several readings, the one with more literal words wins, then the one with more list words. Free text is a last
resort: each of its words costs a little."""
LONGEST_GAP = 4
"""Most words of an unknown name."""
GAP_COST = 0.5
"""Of each of its words."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Words that stand where a list has no such entry."""

    slot: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Match:
    """A stretch of words covered completely by one template."""

    skill: str
    intent: str
    slots: tuple[tuple[str, Span], ...]
    """(slot, what fills it), in the order of the words."""
    constants: Mapping[str, Any]
    gain: float
    """Higher means a closer reading."""
    literal: int
    """Number of words that the template itself contains."""
    gap: Gap | None = None
    """The unknown name in it, if one was allowed for."""


@dataclass
class _State:
    words: dict[str, list[int]] = field(default_factory=dict)
    lists: list[tuple[str, str, str, int]] = field(default_factory=list)
    """(skill, list, slot, next state)"""
    empty: list[int] = field(default_factory=list)
    final: tuple[str, str, Mapping[str, Any]] | None = None


Ends = dict[int, list[Match]]
"""One past the last word -> the readings that end there, best first."""


class Automaton:
    """The sentences of skills. Building takes milliseconds, matching less.

    Args:
        skills: the skills.
        chosen: which of their intents; all by default.
    """

    def __init__(self, skills: Iterable[Skill], chosen: Callable[[Intent], bool] = lambda intent: True):
        self._states = [_State()]
        for skill in skills:
            for intent in skill.intents.values():
                for template in intent.templates if chosen(intent) else ():
                    end = self._add(skill.name, template.node, 0)
                    last = self._new()
                    self._states[end].empty.append(last)
                    self._states[last].final = skill.name, intent.name, template.constants
        self._close()

    def __len__(self) -> int:
        return len(self._states)

    def match(self, finder: SpanFinder) -> list[Match]:
        """Readings of all the words, best first."""
        return self.ends(finder, 0).get(len(finder.words), [])

    def ends(self, finder: SpanFinder, start: int) -> Ends:
        """Readings of every stretch of words that begins at `start`."""
        paths = self._paths(finder, start, {0: _Path(0.0, None)})
        return {start + size: readings for size, at in enumerate(paths) if size and (readings := self._readings(at))}

    def with_gap(self, finder: SpanFinder, allowed: Callable[[int, int], bool]) -> list[Match]:
        """Readings of all the words in which one entry of a list is an unknown name, best first.

        Args:
            finder: the sentence.
            allowed: whether the words [first, last) can be a name.
        """
        paths, count = self._paths(finder, 0, {0: _Path(0.0, None)}), len(finder.words)
        gapped: list[dict[int, _Path]] = [{} for _ in range(count + 1)]
        for place, at in enumerate(paths[:count]):
            for number, path in at.items():
                for skill, name, slot, target in self._states[number].lists:
                    if finder.index.lookup(skill, name)[0].is_free or not slot:
                        continue
                    for end in range(place + 1, min(count, place + LONGEST_GAP) + 1):
                        if allowed(place, end):
                            gap = Gap(slot=slot, first=place, last=end)
                            gain = path.gain - GAP_COST * (end - place)
                            _keep(gapped[end], target, _Path(gain, path, literal=path.literal, gap=gap))
        for place in range(count):
            self._step(finder, place, gapped)
        return self._readings(gapped[-1])

    def _paths(self, finder: SpanFinder, start: int, first: dict[int, _Path]) -> list[dict[int, _Path]]:
        paths: list[dict[int, _Path]] = [{} for _ in range(len(finder.words) + 1)]
        paths[start] = first
        for place in range(start, len(finder.words)):
            self._step(finder, place, paths)
        return paths[start:]

    def _step(self, finder: SpanFinder, place: int, paths: list[dict[int, _Path]]) -> None:
        """Extend what reaches a word by that word, or by the list entries that begin there."""
        word = finder.words[place]
        for number, path in paths[place].items():
            state = self._states[number]
            for target in state.words.get(word, ()):
                _keep(paths[place + 1], target, _Path(path.gain + WORD_GAIN, path, literal=path.literal + 1))
            for skill, name, slot, target in state.lists:
                for span in finder.at(skill, name, place):
                    size = span.last - span.first
                    gain = -TEXT_COST * size if span.free else LIST_GAIN * size
                    _keep(paths[span.last], target, _Path(path.gain + gain, path, slot, span, literal=path.literal))

    def _readings(self, paths: dict[int, _Path]) -> list[Match]:
        matches = []
        for number, path in paths.items():
            final = self._states[number].final
            if final is not None:
                skill, intent, constants = final
                matches.append(
                    Match(skill=skill, intent=intent, slots=path.slots(), constants=constants, gain=path.gain,
                          literal=path.literal, gap=path.any_gap())
                )  # fmt: skip
        return sorted(matches, key=lambda match: -match.gain)

    def _new(self) -> int:
        self._states.append(_State())
        return len(self._states) - 1

    def _add(self, skill: str, node: Node, start: int) -> int:
        """Add a tree after a state; returns the state after the tree."""
        if isinstance(node, Words):
            for word in node.words:
                target = self._new()
                self._states[start].words.setdefault(word, []).append(target)
                start = target
            return start
        if isinstance(node, Sequence):
            for part in node.parts:
                start = self._add(skill, part, start)
            return start
        if isinstance(node, ListRef):
            target = self._new()
            self._states[start].lists.append((skill, node.list, node.slot, target))
            return target
        return self._add_choice(skill, node, start)

    def _add_choice(self, skill: str, node: Choice, start: int) -> int:
        join = self._new()
        for option in node.options:
            end = self._add(skill, option, start)
            self._states[end].empty.append(join)
        return join

    def _close(self) -> None:
        """Give each state what its empty steps lead to, so that matching need not follow them."""
        order = list(range(len(self._states)))[::-1]
        closed: dict[int, frozenset[int]] = {}
        for number in order:
            closed[number] = self._reached(number, closed)
        merged = []
        for number in range(len(self._states)):
            union = _State()
            for reached in sorted(closed[number]):
                state = self._states[reached]
                for word, targets in state.words.items():
                    union.words.setdefault(word, []).extend(targets)
                union.lists += state.lists
                union.final = union.final or state.final
            merged.append(union)
        self._states = merged

    def _reached(self, number: int, closed: dict[int, frozenset[int]]) -> frozenset[int]:
        reached, waiting = {number}, [number]
        while waiting:
            for target in self._states[waiting.pop()].empty:
                if target in reached:
                    continue
                if target in closed:
                    reached |= closed[target]
                else:
                    reached.add(target)
                    waiting.append(target)
        return frozenset(reached)


class _Path:
    """The best way to a state."""

    __slots__ = ("before", "gain", "gap", "literal", "slot", "span")

    def __init__(
        self, gain: float, before: _Path | None, slot: str = "", span: Span | None = None, *, literal: int = 0,
        gap: Gap | None = None,
    ):  # fmt: skip
        self.gain, self.before, self.slot, self.span, self.literal, self.gap = gain, before, slot, span, literal, gap

    def slots(self) -> tuple[tuple[str, Span], ...]:
        out: list[tuple[str, Span]] = []
        path: _Path | None = self
        while path is not None:
            if path.slot and path.span is not None:
                out.append((path.slot, path.span))
            path = path.before
        return tuple(reversed(out))

    def any_gap(self) -> Gap | None:
        path: _Path | None = self
        while path is not None and path.gap is None:
            path = path.before
        return path.gap if path else None


def _keep(paths: dict[int, _Path], state: int, path: _Path) -> None:
    known = paths.get(state)
    if known is None or path.gain > known.gain:
        paths[state] = path
