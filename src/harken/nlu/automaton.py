"""Exact matching: the sentences of skills as one finite automaton over words and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from harken.nlu.lists import Span, SpanFinder
from harken.nlu.skill_file import Intent, Skill
from harken.text.grammar import ListRef, Node, Sequence, Words

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
    remark: bool = False
    """Whether it is a request only when it stands alone."""

    def moved(self, by: int) -> Match:
        """The same, with the words that fill slots so many places further on."""
        slots = tuple((slot, replace(span, first=span.first + by, last=span.last + by)) for slot, span in self.slots)
        return replace(self, slots=slots)


class _Step(NamedTuple):
    """What a template asks for next: a word or an entry of a list; what may follow, as numbers of steps. A tuple, since
    there are tens of thousands of them."""

    word: str
    skill: str
    list: str
    slot: str
    after: frozenset[int]


@dataclass(frozen=True)
class _End:
    """The end of a template."""

    skill: str
    intent: str
    constants: Mapping[str, Any] = field(compare=False)
    key: str
    remark: bool


class _State:
    """Steps that are possible at one point, ready for look-up; made when it is first reached."""

    __slots__ = ("ends", "lists", "words")

    def __init__(self) -> None:
        self.words: dict[str, list[frozenset[int]]] = {}
        self.lists: dict[tuple[str, str], list[tuple[str, frozenset[int]]]] = {}
        """(skill, list) -> (slot, what may follow)"""
        self.ends: list[_End] = []


Ends = dict[int, list[Match]]
"""One past the last word -> the readings that end there, best first."""


class Automaton:
    """The sentences of skills. Building takes milliseconds, matching less.

    Args:
        skills: the skills.
        chosen: which of their intents; all by default.
    """

    def __init__(self, skills: Iterable[Skill], chosen: Callable[[Intent], bool] = lambda intent: True):
        self._steps: list[_Step | _End] = []
        self._numbers: dict[_Step | _End, int] = {}
        self._states: dict[frozenset[int], _State] = {}
        self._known: dict[tuple[int, frozenset[int]], frozenset[int]] = {}
        """(tree, what follows it) -> its first steps; trees that templates share are built once."""
        first: set[int] = set()
        for skill in skills:
            for intent in skill.intents.values():
                for template in intent.templates if chosen(intent) else ():
                    key = repr(sorted(template.constants.items()))
                    end = _End(skill.name, intent.name, template.constants, key, template.remark)
                    first |= self._build(skill.name, template.node, frozenset([self._number(end)]))
        self._known.clear()
        self._start = frozenset(first)

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def vocabulary(self) -> set[str]:
        """The words of the sentences themselves."""
        return {step.word for step in self._steps if isinstance(step, _Step) and step.word}

    def match(self, finder: SpanFinder) -> list[Match]:
        """Readings of all the words, best first."""
        return self.ends(finder, 0).get(len(finder.words), [])

    def ends(self, finder: SpanFinder, start: int) -> Ends:
        """Readings of every stretch of words that begins at `start`."""
        return self.explore(finder, start)[0]

    def explore(self, finder: SpanFinder, start: int) -> tuple[Ends, int]:
        """Readings of every stretch of words that begins at `start`, and how far beginnings of sentences reach."""
        paths = self._paths(finder, start)
        ends = {start + size: readings for size, at in enumerate(paths) if size and (readings := self._readings(at))}
        return ends, start + max(size for size, at in enumerate(paths) if at)

    def with_gap(self, finder: SpanFinder, allowed: Callable[[int, int], bool]) -> list[Match]:
        """Readings of all the words in which one entry of a list is an unknown name, best first.

        Args:
            finder: the sentence.
            allowed: whether the words [first, last) can be a name.
        """
        paths, count = self._paths(finder, 0), len(finder.words)
        gapped: list[_Paths] = [{} for _ in range(count + 1)]
        ends = [
            [end for end in range(place + 1, min(count, place + LONGEST_GAP) + 1) if allowed(place, end)]
            for place in range(count)
        ]
        for place, at in enumerate(paths[:count]):
            for state, path in at.items():
                for (skill, name), uses in state.lists.items():
                    for end in ends[place] if finder.index.lookup(skill, name)[0].takes_names else ():
                        for slot, target in uses:
                            gap = Gap(slot=slot, first=place, last=end)
                            gain = path.gain - GAP_COST * (end - place)
                            _keep(gapped[end], self._state(target), _Path(gain, path, literal=path.literal, gap=gap))
        for place in range(count):
            self._step(finder, place, gapped)
        return self._readings(gapped[-1])

    def _paths(self, finder: SpanFinder, start: int) -> list[_Paths]:
        paths: list[_Paths] = [{} for _ in range(len(finder.words) + 1)]
        paths[start] = {self._state(self._start): _Path(0.0, None)}
        for place in range(start, len(finder.words)):
            self._step(finder, place, paths)
        return paths[start:]

    def _step(self, finder: SpanFinder, place: int, paths: list[_Paths]) -> None:
        """Extend what reaches a word by that word, or by the list entries that begin there."""
        word = finder.words[place]
        for state, path in paths[place].items():
            for target in state.words.get(word, ()):
                extended = _Path(path.gain + WORD_GAIN, path, literal=path.literal + 1)
                _keep(paths[place + 1], self._state(target), extended)
            for (skill, name), uses in state.lists.items():
                for span in finder.at(skill, name, place):
                    size = span.last - span.first
                    gain = path.gain + (-TEXT_COST * size if span.free else LIST_GAIN * size * span.score)
                    for slot, target in uses:
                        extended = _Path(gain, path, slot, span, literal=path.literal)
                        _keep(paths[span.last], self._state(target), extended)

    def _readings(self, paths: _Paths) -> list[Match]:
        matches = [
            Match(skill=end.skill, intent=end.intent, slots=path.slots(), constants=end.constants, gain=path.gain,
                  literal=path.literal, gap=path.any_gap(), remark=end.remark)
            for state, path in paths.items() for end in state.ends
        ]  # fmt: skip
        return sorted(matches, key=lambda match: -match.gain)

    def _state(self, steps: frozenset[int]) -> _State:
        state = self._states.get(steps)
        if state is None:
            state = self._states[steps] = _State()
            for number in sorted(steps):
                step = self._steps[number]
                if isinstance(step, _End):
                    state.ends.append(step)
                elif step.word:
                    state.words.setdefault(step.word, []).append(step.after)
                else:
                    state.lists.setdefault((step.skill, step.list), []).append((step.slot, step.after))
        return state

    def _number(self, step: _Step | _End) -> int:
        number = self._numbers.setdefault(step, len(self._steps))
        if number == len(self._steps):
            self._steps.append(step)
        return number

    def _build(self, skill: str, node: Node, after: frozenset[int]) -> frozenset[int]:
        """The first steps of a tree, given what may follow it."""
        if isinstance(node, Words):
            for word in reversed(node.words):
                after = frozenset([self._number(_Step(word, "", "", "", after))])
            return after
        if isinstance(node, ListRef):
            return frozenset([self._number(_Step("", skill, node.list, node.slot, after))])
        key = id(node), after
        if key not in self._known:
            first = after
            if isinstance(node, Sequence):
                for part in reversed(node.parts):
                    first = self._build(skill, part, first)
            else:
                first = frozenset[int]().union(*(self._build(skill, option, after) for option in node.options))
            self._known[key] = first
        return self._known[key]


_Paths = dict[_State, "_Path"]


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


def _keep(paths: _Paths, state: _State, path: _Path) -> None:
    known = paths.get(state)
    if known is None or path.gain > known.gain:
        paths[state] = path
