"""What a sentence means: a skill, its intent and slots, or that it is for none of the skills.

Two readers work together. One matches the skills' sentences exactly (`automaton`). What no template covers (a
paraphrase, a recognition error) goes to trained heads and taggers (`heads`, `tagger`), which also say when nothing
fits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harken.bundle import Bundle, load_bundle
from harken.errors import SkillError
from harken.events import Event, Interpretation, Slot, Transcript
from harken.languages.loading import load_locale
from harken.languages.locale import Locale, Today, Understanding
from harken.nlu.automaton import Automaton, Match
from harken.nlu.features import Encoder
from harken.nlu.lists import ListIndex, Span, SpanFinder
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.skill_file import Skill
from harken.nlu.skill_model import KIND, SkillModel, read_encoder, read_model
from harken.text.words import normalize_words

MAX_WORDS = 80
"""A spoken request is shorter; longer texts are rejected unread."""
EXACT_SCORE = 0.97
"""Minimum probability for a sentence that a template covers word for word."""
ALTERNATIVES = 4


class Interpreter:
    """Reads sentences. A stage (final transcripts in, interpretations out) that also works alone.

    Args:
        skills: the skills, by name.
        models: their trained parts; a skill without one is only matched exactly.
        encoder: the frozen embedding; needed when there are models.
        locale: the language.
        today: for relative dates.
    """

    name = "interpreter"
    consumes = (Transcript,)
    emits = (Interpretation,)
    replaces = ()
    latency = 0

    def __init__(
        self,
        skills: Mapping[str, Skill],
        models: Mapping[str, SkillModel],
        encoder: Encoder | None,
        *,
        locale: Locale,
        today: Today = dt.date.today,
    ):
        self.skills, self._models, self._encoder = dict(skills), dict(models), encoder
        self.locale, self._today = locale, today
        self._automata = {name: Automaton(skill) for name, skill in self.skills.items()}
        self._index = ListIndex(self.skills)

    @classmethod
    def load(
        cls,
        skills: Iterable[Skill] | None = None,
        *,
        bundle: str | Path = "",
        bundles: Sequence[Bundle] = (),
        locale: Locale | None = None,
        today: Today = dt.date.today,
    ) -> Interpreter:
        """An interpreter with a trained bundle and with those of the user's skills.

        In a language without a bundle only the sentences of the skills are matched.

        Args:
            skills: the skills, from `read_skill`; the shipped ones when None.
            bundle: name or folder of the trained bundle; the language's own when empty.
            bundles: of single skills (`harken.workshop.skills.build_skill`); they take precedence over the trained one.
            locale: the language; English when None.
            today: for relative dates.

        Raises:
            BundleError: the bundle is missing or damaged.
            SkillError: two skills have the same name, or one is in another language.
        """
        locale = locale or load_locale()
        wanted: dict[str, Skill] = {}
        for skill in read_shipped_skills(locale) if skills is None else skills:
            if skill.name in wanted:
                other = wanted[skill.name].folder
                raise SkillError(f"'{skill.name}' is already the name of the skill in {other}", file=skill.folder)
            if skill.locale is not locale:
                raise SkillError(
                    f"'{skill.name}' is in {skill.locale.name} and cannot be heard in {locale.name}; "
                    "translate it or leave it out",
                    file=skill.file,
                )
            wanted[skill.name] = skill
        if not (bundle or locale.bundles.interpreter):
            return cls(wanted, {}, None, locale=locale, today=today)
        trained = load_bundle(bundle or locale.bundles.interpreter).expect(KIND)
        models = {name: model for name in wanted if (model := read_model(trained, name)) is not None}
        for single in bundles:
            for name in single.labels:
                model = read_model(single, name)
                if model is not None:
                    models[name] = model
        return cls(wanted, models, read_encoder(trained), locale=locale, today=today)

    def understand(self, text: str, *, turn: int = 0) -> Interpretation:
        """The meaning of a sentence; `rejected` when no skill should act on it."""
        words = tuple(normalize_words(text, self.locale))
        said = " ".join(words)
        if not words or len(words) > MAX_WORDS:
            return _rejection(turn, said if len(words) <= MAX_WORDS else " ".join(words[:MAX_WORDS]), ())
        return self._read(words, turn)

    def answer(self, skill: str, slot: str, text: str) -> Slot | None:
        """The value that a short answer gives to the slot a skill asked for; None if it gives none."""
        words = tuple(normalize_words(text, self.locale))
        intents = self.skills[skill].intents.values() if skill in self.skills else ()
        name = next((intent.slots[slot] for intent in intents if intent.slots.get(slot)), None)
        if name is None or not words or len(words) > MAX_WORDS:
            return None
        finder = SpanFinder(words, self._index, self.locale, self._today)
        span = finder.nearest(skill, name, 0, len(words))
        return None if span is None else _slot(slot, span, words)

    def process(self, event: Event) -> list[Event]:
        """Read a final transcript: the first of its hypotheses that some template covers, else the best one."""
        if not isinstance(event, Transcript) or not event.final:
            return []
        readings = [self.understand(hypothesis.text, turn=event.turn) for hypothesis in event.hypotheses[:5]]
        if not readings:
            return [_rejection(event.turn, "", ())]
        best = readings[0]
        if best.rejected or best.score < EXACT_SCORE:
            best = next((r for r in readings if not r.rejected and r.score >= EXACT_SCORE), best)
        return [best]

    def flush(self) -> list[Event]:
        """Holds nothing back."""
        return []

    def reset(self) -> None:
        """Remembers nothing between sentences."""

    def _read(self, words: tuple[str, ...], turn: int) -> Interpretation:
        judged = self.judge(words)
        exact = self._exact(words)
        if exact is not None:
            skill, match, shift = exact
            slots = self._exact_slots(match, words, shift)
            score = max(EXACT_SCORE, judged.get((skill, match.intent), 0.0))
            chosen = skill, match.intent
        else:
            if not judged:
                return _rejection(turn, " ".join(words), ())
            passed = self.accepted(judged)
            if not passed:
                return _rejection(turn, " ".join(words), _ranked(judged, None))
            chosen, _ = best_reading(passed)
            score = judged[chosen]
            slots = self.tagged(chosen[0], chosen[1], words)
        return Interpretation(
            turn=turn, text=" ".join(words), skill=chosen[0], intent=chosen[1], score=float(score), slots=slots,
            alternatives=_ranked(judged, chosen),
        )  # fmt: skip

    def judge(self, words: tuple[str, ...]) -> dict[tuple[str, str], float]:
        """Probability of each (skill, intent) by the trained heads alone; empty without any."""
        if self._encoder is None:
            return {}
        features = self._encoder.features(words)
        judged = {}
        for name, model in self._models.items():
            for intent, chance in model.judge(features).intents.items():
                judged[name, intent] = chance
        return judged

    def accepted(self, judged: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
        """Only the readings whose probability reaches the threshold of their intent."""
        return {key: score for key, score in judged.items() if score >= self._models[key[0]].act[key[1]]}

    def _exact(self, words: tuple[str, ...]) -> tuple[str, Match, int] | None:
        """The best full reading of the sentence, with or without polite words around it."""
        for core, shift in _trimmed(words, self.locale.understanding):
            finder = SpanFinder(core, self._index, self.locale, self._today)
            readings = [
                (automaton.name, matches[0]) for automaton in self._automata.values()
                if (matches := automaton.match(core, finder))
            ]  # fmt: skip
            if readings:
                skill, match = max(readings, key=lambda reading: reading[1].gain)
                return skill, match, shift
        return None

    def _exact_slots(self, match: Match, words: tuple[str, ...], shift: int) -> tuple[Slot, ...]:
        named: dict[str, Slot] = {}
        for slot, span in match.slots:
            moved = replace(span, first=span.first + shift, last=span.last + shift)
            named[slot] = _slot(slot, moved, words)
        return tuple(named.values()) + _constants(match.constants, named)

    def tagged(self, skill: str, intent: str, words: tuple[str, ...]) -> tuple[Slot, ...]:
        """Slots by the tagger; exact list entries that it did not use fill the slots that are still open."""
        declared = self.skills[skill].intents[intent].slots
        finder = SpanFinder(words, self._index, self.locale, self._today)
        slots: dict[str, Slot] = {}
        tagger = self._models[skill].tagger
        for slot, first, last, score in tagger.spans(words, word_hints(self.skills[skill], finder)) if tagger else ():
            if declared.get(slot) and slot not in slots:
                span = finder.nearest(skill, declared[slot], first, last)
                if span is not None:
                    slots[slot] = replace(_slot(slot, span, words), score=span.score * score)
        for slot, name in declared.items():
            if name and slot not in slots:
                free = [span for span in finder.all_of(skill, name) if not _overlaps(span, slots.values())]
                if free:
                    slots[slot] = _slot(slot, max(free, key=lambda span: span.last - span.first), words)
        return tuple(sorted(slots.values(), key=lambda slot: slot.first))


def word_hints(skill: Skill, finder: SpanFinder) -> list[list[str]]:
    """For each word, the lists of the skill that have an exact entry beginning (B) or continuing (I) there."""
    hints: list[set[str]] = [set() for _ in finder.words]
    for name in skill.lists:
        for span in finder.all_of(skill.name, name):
            hints[span.first].add(f"B:{name}")
            for place in range(span.first + 1, span.last):
                hints[place].add(f"I:{name}")
    return [sorted(names) for names in hints]


def best_reading(judged: Mapping[tuple[str, str], float]) -> tuple[tuple[str, str], float]:
    """The likeliest reading and its probability."""
    best = max(judged, key=lambda key: judged[key])
    return best, judged[best]


def _slot(name: str, span: Span, words: Sequence[str]) -> Slot:
    text = " ".join(words[span.first : span.last])
    return Slot(name=name, text=text, value=span.value, first=span.first, last=span.last, score=span.score)


def _constants(constants: Mapping[str, Any], named: Mapping[str, Slot]) -> tuple[Slot, ...]:
    """Slots that a template fixes and that have no word in the sentence."""
    return tuple(
        Slot(name=name, text="", value=value, first=0, last=0, score=1.0)
        for name, value in constants.items()
        if name not in named
    )


def _ranked(
    judged: Mapping[tuple[str, str], float], chosen: tuple[str, str] | None
) -> tuple[tuple[str, str, float], ...]:
    best = sorted(judged.items(), key=lambda item: -item[1])
    listed = [(skill, intent, float(score)) for (skill, intent), score in best if (skill, intent) != chosen]
    return tuple(listed[:ALTERNATIVES])


def _rejection(turn: int, text: str, alternatives: tuple[tuple[str, str, float], ...]) -> Interpretation:
    score = 1.0 - (alternatives[0][2] if alternatives else 0.0)
    return Interpretation(
        turn=turn, text=text, skill="", intent="", score=score, alternatives=alternatives, rejected=True
    )


def _trimmed(words: tuple[str, ...], language: Understanding) -> Iterable[tuple[tuple[str, ...], int]]:
    """The sentence, then without polite words before and after it; with the number of words cut at the front."""
    yield words, 0
    shift, core = 0, words
    again = True
    while again:
        again = False
        for phrase in language.leading:
            if core[: len(phrase)] == phrase and len(core) > len(phrase):
                core, shift, again = core[len(phrase) :], shift + len(phrase), True
                yield core, shift
        for phrase in language.trailing:
            if core[-len(phrase) :] == phrase and len(core) > len(phrase):
                core, again = core[: -len(phrase)], True
                yield core, shift


def _overlaps(span: Span, slots: Iterable[Slot]) -> bool:
    return any(span.first < slot.last and slot.first < span.last for slot in slots)
