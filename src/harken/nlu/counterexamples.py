"""Counter-examples made from a skill's own sentences: negated, asked about, told, delayed, doubled, altered, and chat.

What is negated, delayed or doubled is understood before the heads are asked (as a request with something more), so for
the heads it is not the request. A language has the patterns in `counterexamples.yaml`; one without has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import yaml

from harken.languages.locale import Locale
from harken.nlu.expressions import choice, parse_template
from harken.nlu.skill_file import Skill
from harken.nlu.templates import Sample
from harken.text import grammar
from harken.text.grammar import Choice, ListRef, Node, Words

PATTERNS = "counterexamples.yaml"
EXCHANGED = "exchanged"
_TIMED = frozenset({"time", "duration", "date"})

_T = TypeVar("_T")


class Counterexamples:
    """Makes counter-examples of one skill.

    Args:
        skill: the skill.
        samples: sentences of it.
        strangers: words of other sentences, to exchange words for.
    """

    def __init__(self, skill: Skill, samples: Sequence[Sample], strangers: Sequence[str]):
        self._skill, self._locale, self._strangers = skill, skill.locale, list(strangers)
        self._patterns, self._articles = _patterns(skill.locale)
        asking = set(skill.locale.speech.asking)
        self._requests = [sample for sample in samples if sample.words[0] not in asking] or list(samples)
        self._untimed = [sample for sample in self._requests if not self._is_timed(sample)]
        self._things, self._doings = key_words(skill, samples, self._articles)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be made."""
        return (*self._patterns, EXCHANGED) if self._patterns and self._requests else ()

    def draw(self, kind: str, rng: np.random.Generator) -> tuple[str, ...]:
        """A sentence of a kind; empty when the skill has no words for it."""
        if kind == EXCHANGED:
            return self._exchanged(_pick(self._requests, rng), rng)
        requests = self._untimed if kind == "delayed" else self._requests
        if not requests:
            return ()
        fill: Mapping[str, Callable[[], Sequence[str]]] = {
            "request": lambda: _pick(requests, rng).words, "other": lambda: _pick(self._requests, rng).words,
            "thing": lambda: _word(self._things, rng), "doing": lambda: _word(self._doings, rng),
            "word": lambda: _word(self._things if rng.random() < 0.5 else self._doings, rng),
        }  # fmt: skip
        return tuple(_walk(self._patterns[kind], fill, rng))

    def _exchanged(self, sample: Sample, rng: np.random.Generator) -> tuple[str, ...]:
        """A sentence with a word outside of its values exchanged for one of somebody else's."""
        inside = {place for _, first, last in sample.spans for place in range(first, last)}
        short = self._locale.understanding.disturbances.droppable
        free = [place for place, word in enumerate(sample.words) if place not in inside and word not in short]
        if not free or not self._strangers:
            return ()
        words = list(sample.words)
        words[_pick(free, rng)] = _pick(self._strangers, rng)
        return tuple(words)

    def _is_timed(self, sample: Sample) -> bool:
        slots = self._skill.intents[sample.intent].slots
        return any(self._skill.lists[name].kind in _TIMED for name in slots.values() if name)


def key_words(skill: Skill, samples: Sequence[Sample], articles: frozenset[str]) -> tuple[list[str], list[str]]:
    """(names of things, names of actions) in a skill's sentences.

    A thing is an entry of a list, of one or two words, or a word after an article ('the', 'my'); an action is the first
    word of a request.
    """
    short, asking = skill.locale.understanding.disturbances.droppable, set(skill.locale.speech.asking)
    things: dict[str, None] = {}
    doings: dict[str, None] = {}
    for sample in samples:
        slots = skill.intents[sample.intent].slots
        inside = {place for _, first, last in sample.spans for place in range(first, last)}
        for slot, first, last in sample.spans:
            if last - first <= 2 and slots[slot] and skill.lists[slots[slot]].kind == "values":
                things.setdefault(" ".join(sample.words[first:last]))
        for place, (left, word) in enumerate(zip(("", *sample.words), sample.words, strict=False)):
            if place in inside or word in short or word in asking:
                continue
            if left in articles:
                things.setdefault(word)
            elif not left:
                doings.setdefault(word)
    return list(things), list(doings)


@lru_cache(maxsize=8)
def _patterns(locale: Locale) -> tuple[dict[str, Node], frozenset[str]]:
    """The patterns of each kind, and the words that stand before the name of a thing."""
    path = locale.folder / PATTERNS
    if not path.is_file():
        return {}, frozenset()
    kinds = yaml.safe_load(path.read_text(encoding="utf-8"))
    articles = frozenset(kinds.pop("articles"))
    return {kind: choice([parse_template(text, locale) for text in texts]) for kind, texts in kinds.items()}, articles


def _walk(node: Node, fill: Mapping[str, Callable[[], Sequence[str]]], rng: np.random.Generator) -> list[str]:
    if isinstance(node, Words):
        return list(node.words)
    if isinstance(node, grammar.Sequence):
        return [word for part in node.parts for word in _walk(part, fill, rng)]
    if isinstance(node, Choice):
        return _walk(node.options[int(rng.integers(len(node.options)))], fill, rng)
    assert isinstance(node, ListRef)
    return list(fill[node.list]())


def _pick(items: Sequence[_T], rng: np.random.Generator) -> _T:
    return items[int(rng.integers(len(items)))]


def _word(words: Sequence[str], rng: np.random.Generator) -> Sequence[str]:
    return _pick(words, rng).split() if words else ()
