"""Exact matching: the sentences of a skill as a finite automaton over words and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harken.nlu.lists import Span, SpanFinder
from harken.nlu.skill_file import Skill
from harken.text.grammar import Choice, ListRef, Node, Sequence, Words

WORD_GAIN, LIST_GAIN, TEXT_COST = 1.0, 0.9, 0.35
"""Of several readings, the one with more literal words wins, then the one with more list words. Free text is a last
resort: each of its words costs a little."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A sentence matched completely by one template."""

    intent: str
    slots: tuple[tuple[str, Span], ...]
    """(slot, what fills it), in the order of the words."""
    constants: Mapping[str, Any]
    gain: float
    """Higher means a closer reading."""


@dataclass
class _State:
    words: dict[str, list[int]] = field(default_factory=dict)
    lists: list[tuple[str, str, int]] = field(default_factory=list)
    """(list, slot, next state)"""
    empty: list[int] = field(default_factory=list)
    final: tuple[str, Mapping[str, Any]] | None = None


class Automaton:
    """All sentences of one skill. Building takes milliseconds, matching less."""

    def __init__(self, skill: Skill):
        self.name = skill.name
        self._states = [_State()]
        for intent in skill.intents.values():
            for template in intent.templates:
                end = self._add(template.node, 0)
                last = self._new()
                self._states[end].empty.append(last)
                self._states[last].final = intent.name, template.constants
        self._close()

    def __len__(self) -> int:
        return len(self._states)

    def match(self, words: tuple[str, ...], finder: SpanFinder) -> list[Match]:
        """Readings of all the words, best first, at most one per intent and set of slots."""
        paths: list[dict[int, _Path]] = [{} for _ in range(len(words) + 1)]
        paths[0][0] = _Path(0.0, None)
        for place in range(len(words)):
            for number, path in paths[place].items():
                state = self._states[number]
                for target in state.words.get(words[place], ()):
                    _keep(paths[place + 1], target, _Path(path.gain + WORD_GAIN, path))
                for name, slot, target in state.lists:
                    for span in finder.at(self.name, name, place):
                        size = span.last - span.first
                        gain = -TEXT_COST * size if span.free else LIST_GAIN * size
                        _keep(paths[span.last], target, _Path(path.gain + gain, path, slot, span))
        return _readings(paths[-1], self._states)

    def _new(self) -> int:
        self._states.append(_State())
        return len(self._states) - 1

    def _add(self, node: Node, start: int) -> int:
        """Add a tree after a state; returns the state after the tree."""
        if isinstance(node, Words):
            for word in node.words:
                target = self._new()
                self._states[start].words.setdefault(word, []).append(target)
                start = target
            return start
        if isinstance(node, Sequence):
            for part in node.parts:
                start = self._add(part, start)
            return start
        if isinstance(node, ListRef):
            target = self._new()
            self._states[start].lists.append((node.list, node.slot, target))
            return target
        return self._add_choice(node, start)

    def _add_choice(self, node: Choice, start: int) -> int:
        join = self._new()
        for option in node.options:
            end = self._add(option, start)
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

    __slots__ = ("before", "gain", "slot", "span")

    def __init__(self, gain: float, before: _Path | None, slot: str = "", span: Span | None = None):
        self.gain, self.before, self.slot, self.span = gain, before, slot, span

    def slots(self) -> tuple[tuple[str, Span], ...]:
        out: list[tuple[str, Span]] = []
        path: _Path | None = self
        while path is not None:
            if path.slot and path.span is not None:
                out.append((path.slot, path.span))
            path = path.before
        return tuple(reversed(out))


def _keep(paths: dict[int, _Path], state: int, path: _Path) -> None:
    known = paths.get(state)
    if known is None or path.gain > known.gain:
        paths[state] = path


def _readings(paths: dict[int, _Path], states: list[_State]) -> list[Match]:
    matches: list[Match] = []
    for number, path in sorted(paths.items(), key=lambda item: (-item[1].gain, item[0])):
        final = states[number].final
        if final is not None:
            matches.append(Match(intent=final[0], slots=path.slots(), constants=final[1], gain=path.gain))
    return matches
