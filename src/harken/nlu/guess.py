"""Readings by the trained heads and taggers of what no template covers; they count only if every word is explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harken.events import Slot, Unread
from harken.languages.locale import Locale, Today
from harken.nlu.features import Encoder
from harken.nlu.heads import Judged
from harken.nlu.lists import ListIndex, Span, SpanFinder
from harken.nlu.phrasing import ARTICLES
from harken.nlu.rephrasing import CONDITIONS
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Skill
from harken.nlu.skill_model import SkillModel
from harken.nlu.stretch import trimmed
from harken.nlu.tree_words import literals, openings

LIKELY_SLOT, SURE_SLOT = 0.6, 0.9
"""Probability at which a value that no word names is taken; below the second it is asked about first."""
LEAST = 0.5
"""Nothing is even asked about at a lower probability."""
LEAST_WITH_VALUE = 0.05
"""The same for a skill that learnt from its own sentences alone, if the sentence has a value of one of its lists."""
MOST_UNKNOWN = 1
"""Most unexplained words with which such a weak reading is asked about."""
SURE = 0.9
"""Nothing is done without asking at a lower probability."""
SURE_TALK = 0.75
"""Probability at which a statement counts as small talk; it never counts as a question or an order."""
SURE_FORM = 0.97
"""Probability at which what only answers may have the form of a statement ("i will decide it with a coin flip"), and
small talk many unknown words, for a skill that learnt from real requests."""
SURE_ANSWER = ((0.97, 0.97, 0.97), (0.85, 0.9, 0.95), (0.75, 0.8, 0.85))
"""Probability at which small talk counts, by how many words of the sentence are the intent's own beside small words
(none, one, more), and by how many stand in none of its sentences (none, one, more): it has no value that could be
unknown, and to ask "Did you mean ...?" would be odd. Small words alone ("can you do that") could be said to anybody."""
LAMPS = "lamps"
"""Word list under `[understanding.words]` of a language: what lights are called."""
TALKING = 0.7
"""Share of intents without slots that only answer, in a skill that is for small talk."""
TELLING = 0.1
"""Share of statements among the sentences of an intent that is small talk."""
SURE_QUESTION = 0.6
"""Probability at which a question with unknown words counts, for a skill that learnt from real requests."""
MOST_NAMING = 5
"""Within so many words of its beginning a statement has its verb ("my old alarm clock is red")."""
LARGEST_REST, SMALL_REST = 0.34, 0.12
"""Largest share of unexplained words with which a sentence is still about the skill: one that serves, and one that only
says that it cannot."""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A reading by the heads."""

    skill: str
    intent: str
    score: float
    slots: tuple[Slot, ...]
    unread: tuple[Unread, ...]
    """Stretches of words that nothing explains."""
    doubtful: bool
    """Likely, but not likely enough to act."""


class Guesser:
    """What trained parts make of a sentence.

    Args:
        skills: the skills, by name.
        models: their trained parts.
        encoder: the frozen embedding; without it there are no guesses.
        index: the skills' lists.
        locale: the language.
        today: for dates.
    """

    def __init__(
        self,
        skills: Mapping[str, Skill],
        models: Mapping[str, SkillModel],
        encoder: Encoder | None,
        index: ListIndex,
        *,
        locale: Locale,
        today: Today = dt.date.today,
    ):
        self._skills, self._models, self._encoder, self._index = skills, models, encoder, index
        self._locale, self._today = locale, today
        self._carriers: dict[tuple[str, str], frozenset[str]] = {}
        self._judged: tuple[tuple[str, ...], dict[str, Judged]] = ((), {})

    def judge(self, words: tuple[str, ...]) -> dict[tuple[str, str], float]:
        """Probability of each (skill, intent) by the heads alone; empty without any."""
        return {
            (name, intent): chance
            for name, judged in self._judge(words).items()
            for intent, chance in judged.intents.items()
            if intent in self._skills[name].intents
        }

    def likely(self, sentence: Sentence, skill: str) -> float:
        """How likely a sentence is for a skill; 1 for a skill without trained parts."""
        judged = self._judge(sentence.words)
        return judged[skill].skill if skill in judged else 1.0

    def limits(self, skill: str, intent: str) -> tuple[float, float]:
        """Probabilities at which an intent is acted upon, and at which it is asked about."""
        return self._models[skill].act[intent], self._models[skill].ask[intent]

    def talks(self, skill: str) -> bool:
        """Whether a skill is for small talk: hardly any of its intents acts or has slots."""
        intents = self._skills[skill].intents.values()
        bare = sum(not intent.acts and not intent.slots for intent in intents)
        return bare >= TALKING * len(intents)

    def guess(self, sentence: Sentence) -> Guess | None:
        """The likeliest reading; None when none is likely enough or too little of the sentence is explained.

        A skill that only says that it cannot gives way to the next likely one.
        """
        likely = {
            key: chance for key, chance in self.judge(sentence.words).items()
            if chance >= self._least(*key) and self._skills[key[0]].intents[key[1]].learnt
        }  # fmt: skip
        for (skill, intent), score in sorted(likely.items(), key=lambda item: -item[1]):
            found = self._reading(sentence, skill, intent, score)
            if found is not None or self._skills[skill].serves:
                return found
        return None

    def _reading(self, sentence: Sentence, skill: str, intent: str, score: float) -> Guess | None:
        """A sentence as one of an intent; None when too little of it is explained."""
        slots = self.slots(skill, intent, sentence)
        nouns = (
            self._locale.understanding.words.get(LAMPS, frozenset()) if self._skills[skill].intents[intent].acts else ()
        )
        if slots and self._is_bare(sentence, slots, nouns):
            return None  # nothing but values and names: no word says what to do with them
        if score < LEAST and not any(slot.text and not self._is_free(skill, intent, slot.name) for slot in slots):
            return None
        declared = self._skills[skill].intents[intent]
        told = self._is_told(sentence, asked=declared.acts)
        told = told and not (score >= SURE_TALK and self._is_talk(skill, intent))
        plain = score >= SURE_FORM and bool(self._models[skill].carriers)
        if told and (declared.acts or not plain or self._exclaims(sentence)):
            return None
        if not declared.acts and self._is_conditional(sentence):
            return None
        unread = self._unread(skill, intent, sentence, slots)
        unknown = sum(rest.last - rest.first for rest in unread)
        left_over = unknown / len(sentence)
        if score < LEAST and unknown > MOST_UNKNOWN:
            return None
        if left_over > LARGEST_REST and not (plain and self.talks(skill)):
            return None
        found = Guess(skill=skill, intent=intent, score=score, slots=slots, unread=unread, doubtful=False)
        if declared.acts:
            found = self._order(found)
            return replace(found, doubtful=found.doubtful or self._breaks_off(sentence))
        return None if self._is_unlikely_answer(found, sentence) else self._question(found, left_over)

    def _least(self, skill: str, intent: str) -> float:
        """Probability from which an intent is worth a look."""
        model = self._models[skill]
        return max(model.ask[intent], LEAST) if model.carriers else LEAST_WITH_VALUE

    def _order(self, found: Guess) -> Guess:
        """A guess that changes something: words that turn its meaning are told, unknown ones asked about."""
        turning = tuple(rest for rest in found.unread if self._turns(rest))
        unknown = len(turning) < len(found.unread)
        return replace(found, unread=turning, doubtful=unknown or self._is_unsure(found, SURE))

    def _question(self, found: Guess, left_over: float) -> Guess | None:
        """A guess that only answers. The words of questions turn many ways, so all unexplained ones count alike."""
        skill, declared = self._skills[found.skill], self._skills[found.skill].intents[found.intent]
        strange = any(not self._turns(rest) for rest in found.unread)
        if strange and found.score < SURE_QUESTION and self._models[found.skill].carriers:
            return None  # a question about an unknown thing is asked of somebody else
        if not skill.serves:  # it would only say that it cannot, so it need not know every word
            known = not self._is_unsure(found, SURE) and left_over <= SMALL_REST
            return replace(found, unread=()) if known else None
        doubtful = bool(found.unread) or self._is_unsure(found, 0.0)
        if doubtful and declared.required.keys() - {slot.name for slot in found.slots}:
            return None  # "did you mean", and then a question about nothing
        return replace(found, unread=(), doubtful=doubtful)

    def _is_unlikely_answer(self, found: Guess, sentence: Sentence) -> bool:
        """Whether small talk is too unlikely for the words that its own sentences lack; of every answer without values,
        a number among them makes another question ("the date in four days")."""
        skill, language = self._skills[found.skill], self._locale.understanding
        declared = skill.intents[found.intent]
        if declared.slots or not skill.serves or not self._models[found.skill].carriers:
            return False
        own = {word for template in declared.templates for word in literals(template.node)}
        known = own | (language.small - language.turning)
        strange = [word for word in sentence.words if word not in known]
        telling = sum(word in own and word not in language.small for word in sentence.words)
        if any(language.read_value("number", [word], self._today) is not None for word in strange):
            return True
        return self.talks(found.skill) and found.score < SURE_ANSWER[min(telling, 2)][min(len(strange), 2)]

    def _is_unsure(self, found: Guess, least: float) -> bool:
        """Whether the reading or one of its values is too unlikely to count without being asked about."""
        doubted = (slot for slot in found.slots if slot.score < SURE_SLOT)
        below = found.score < max(self._models[found.skill].act[found.intent], least)
        return below or any(not self._is_free(found.skill, found.intent, slot.name) for slot in doubted)

    def _is_told(self, sentence: Sentence, *, asked: bool) -> bool:
        """Whether a sentence has the form of a statement (or, with `asked`, of a question) and not of a wish."""
        language = self._locale.understanding
        *_, (first, _) = trimmed(sentence, 0, len(sentence), self._locale)
        words = sentence.words[first:]
        remarks = language.remarks
        verbal = any(word in remarks.verbs for word in words[1:MOST_NAMING])
        if any(words[: len(wish)] == wish and not (len(wish) == 1 and verbal) for wish in language.wishes):
            return False
        if self._exclaims(sentence):
            return True
        tells = words[0] in remarks.subjects or words[0] in remarks.statements
        if words[0] not in language.questions and not sentence.asks:
            tells = tells or any(word in remarks.copulas for word in words[1:2])
        if not asked:
            return tells and not any(word in remarks.asking for word in words)
        return tells or words[0] in language.questions

    def _exclaims(self, sentence: Sentence) -> bool:
        """Whether a sentence begins like an exclamation: 'what a day'."""
        *_, (first, _) = trimmed(sentence, 0, len(sentence), self._locale)
        return " ".join(sentence.words[first : first + 2]) in self._locale.understanding.remarks.exclamations

    def _is_conditional(self, sentence: Sentence) -> bool:
        """Whether a sentence says under which condition something is to be done: no question, whatever else it is."""
        *_, (first, _) = trimmed(sentence, 0, len(sentence), self._locale)
        return sentence.words[first] in self._locale.understanding.words.get(CONDITIONS, ())

    def _breaks_off(self, sentence: Sentence) -> bool:
        """Whether what the last word announces is not there: 'dim the'."""
        return sentence.words[-1] in self._locale.understanding.words.get(ARTICLES, ())

    def _is_bare(self, sentence: Sentence, slots: Sequence[Slot], nouns: Collection[str]) -> bool:
        """Whether a sentence consists of values and these nouns, or of numbers and small words."""
        inside = {place for slot in slots for place in range(slot.first, slot.last)}
        outside = [word for word, place in zip(sentence.words, sentence.places, strict=True) if place not in inside]
        outside = [word for word in outside if word not in nouns]
        numbers = all(type(slot.value) in (int, float) for slot in slots)
        return not outside or (numbers and all(word in self._locale.understanding.small for word in outside))

    def _is_talk(self, skill: str, intent: str) -> bool:
        """Whether an intent is about nothing: it has no slots, and statements among its sentences ("that's right")."""
        statements, asked = self._locale.understanding.remarks.statements, self._skills[skill].intents[intent]
        telling = sum(bool(openings(template.node) & statements) for template in asked.templates)
        return not asked.acts and not asked.slots and telling >= TELLING * len(asked.templates)

    def _turns(self, rest: Unread) -> bool:
        """Whether unexplained words change what the sentence means; others are asked about."""
        language = self._locale.understanding
        return any(word in language.turning or word in language.reservations for word in rest.text.lower().split())

    def _judge(self, words: tuple[str, ...]) -> dict[str, Judged]:
        if self._encoder is None or not words:
            return {}
        if self._judged[0] != words:
            features = self._encoder.features(words)
            self._judged = words, {name: model.judge(features) for name, model in self._models.items()}
        return self._judged[1]

    def slots(self, skill: str, intent: str, sentence: Sentence) -> tuple[Slot, ...]:
        """Slots by the tagger, each read whole; exact list entries that it did not use fill the slots still open."""
        declared = self._skills[skill].intents[intent].slots
        finder = SpanFinder(sentence, self._index, self._locale, self._today)
        slots: dict[str, Slot] = {}
        tagger = self._models[skill].tagger
        hints = word_hints(self._skills[skill], finder)
        tagged = tagger.spans(sentence.words, hints, slots=frozenset(declared)) if tagger else []
        for slot, first, last, score in tagged:
            if declared.get(slot) and slot not in slots:
                span = self._whole(finder, skill, declared[slot], first, last)
                if span is not None:
                    slots[slot] = slot_of(
                        slot, replace(span, score=span.score * (score if span.free else 1.0)), sentence
                    )
        for slot, name in declared.items():
            if name and slot not in slots and not self._index.lookup(skill, name)[0].is_free:
                free = [span for span in finder.all_of(skill, name) if not _overlaps(span, slots.values(), sentence)]
                if free:
                    slots[slot] = slot_of(slot, max(free, key=lambda span: span.last - span.first), sentence)
        fixed = self._fixed(skill, intent, sentence, declared, slots)
        return (*sorted(slots.values(), key=lambda slot: slot.first), *fixed)

    def _fixed(
        self, skill: str, intent: str, sentence: Sentence, declared: Mapping[str, str], named: Mapping[str, Slot]
    ) -> tuple[Slot, ...]:
        """What templates fix without a word of its own ("put the blinds down": position 0), as the heads predict it."""
        judged = self._judge(sentence.words)
        predicted = judged[skill].fixed if skill in judged else {}
        return tuple(
            Slot(name=slot, text="", value=value, first=0, last=0, score=chance)
            for (of, slot), (value, chance) in predicted.items()
            if of == intent and slot in declared and slot not in named and value is not None and chance >= LIKELY_SLOT
        )  # fmt: skip

    def _whole(self, finder: SpanFinder, skill: str, name: str, first: int, last: int) -> Span | None:
        """The words as an entry of the list, all of them but small ones at the ends; or as one that it resembles.

        A value that goes on beside the words is taken whole.
        """
        small = self._locale.understanding.small
        exact = finder.whole(skill, name, first, last)
        while exact is None and first < last - 1 and finder.words[first] in small:
            first += 1
            exact = finder.whole(skill, name, first, last)
        if exact is None:
            return finder.alike(skill, name, first, last)
        wider = [span for span in finder.all_of(skill, name) if span.first <= first and last <= span.last]
        return max([exact, *wider], key=lambda span: span.last - span.first)

    def _is_free(self, skill: str, intent: str, slot: str) -> bool:
        name = self._skills[skill].intents[intent].slots[slot]
        return bool(name) and self._index.lookup(skill, name)[0].is_free

    def _unread(self, skill: str, intent: str, sentence: Sentence, slots: Sequence[Slot]) -> tuple[Unread, ...]:
        language, words = self._locale.understanding, sentence.words
        *_, (first, last) = trimmed(sentence, 0, len(sentence), self._locale)
        carriers = self._carriers_of(skill, intent)
        inside = {place for slot in slots for place in range(slot.first, slot.last)}

        def explained(place: int) -> bool:
            word = words[place]
            if not first <= place < last or sentence.places[place] in inside or word in carriers:
                return True
            return word in language.small and word not in language.turning

        stretches: list[list[int]] = []
        for place in range(len(words)):
            if explained(place):
                continue
            if stretches and stretches[-1][-1] == place - 1:
                stretches[-1].append(place)
            else:
                stretches.append([place])
        return tuple(
            Unread(text=sentence.typed(run[0], run[-1] + 1), first=sentence.places[run[0]],
                   last=sentence.places[run[-1]] + 1)
            for run in stretches
        )  # fmt: skip

    def _carriers_of(self, skill: str, intent: str) -> frozenset[str]:
        """The words of an intent's own sentences, and those that real requests to the skill are made of."""
        key = skill, intent
        if key not in self._carriers:
            declared, language = self._skills[skill].intents[intent], self._locale.understanding
            nodes = [template.node for template in declared.templates]
            own = frozenset(word for node in nodes for word in literals(node))
            if declared.acts:  # what may follow an order ("but leave the bedroom alone") turns the meaning elsewhere
                needed = {word for node in nodes for word in literals(node, needed=True)}
                own -= (language.turning | language.reservations) - needed
            self._carriers[key] = own | self._models[skill].carriers
        return self._carriers[key]


def word_hints(skill: Skill, finder: SpanFinder) -> list[list[str]]:
    """For each word, the lists of the skill that have an exact entry beginning (B) or continuing (I) there."""
    hints: list[set[str]] = [set() for _ in finder.words]
    for name in skill.lists:
        for span in finder.all_of(skill.name, name):
            hints[span.first].add(f"B:{name}")
            for place in range(span.first + 1, span.last):
                hints[place].add(f"I:{name}")
    return [sorted(names) for names in hints]


def slot_of(name: str, span: Span, sentence: Sentence) -> Slot:
    """A slot; its place is that in the whole sentence."""
    text = " ".join(sentence.words[span.first : span.last])
    first, last = sentence.places[span.first], sentence.places[span.last - 1] + 1
    return Slot(name=name, text=text, value=span.value, first=first, last=last, score=span.score)


def _overlaps(span: Span, slots: Iterable[Slot], sentence: Sentence) -> bool:
    first, last = sentence.places[span.first], sentence.places[span.last - 1] + 1
    return any(first < slot.last and slot.first < last for slot in slots)


def best_reading(judged: Mapping[tuple[str, str], float]) -> tuple[tuple[str, str], float]:
    """The likeliest reading and its probability."""
    best = max(judged, key=lambda key: judged[key])
    return best, judged[best]
