"""What a sentence means: skills, intents and slots, or that it is for none of the skills.

Two readers work together. One takes the sentence apart by the skills' own sentences (`requests`). What they do not
cover (a paraphrase, a recognition error) goes to trained heads and taggers (`guess`), which also say when nothing fits.
In both, every word must be explained; otherwise nothing is done, and the dialogue says what was not understood.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harken.bundle import Bundle, load_bundle
from harken.errors import SkillError
from harken.events import Event, Interpretation, Slot, Transcript, Unread
from harken.languages.loading import load_locale
from harken.languages.locale import Locale, Today
from harken.nlu.action_times import times_of
from harken.nlu.contrast import KEPT
from harken.nlu.features import Encoder
from harken.nlu.following import MAX_WORDS, FragmentReader
from harken.nlu.guess import Guess, Guesser, slot_of
from harken.nlu.hypotheses import likeliest_reading
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.phrasing import ARTICLES, phrase
from harken.nlu.requests import RequestReader
from harken.nlu.sentence import Sentence
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.skill_file import Skill
from harken.nlu.skill_model import KIND, SkillModel, read_encoder, read_model, read_token_encoder
from harken.nlu.stretch import Part, trimmed
from harken.nlu.typos import Typos
from harken.phones.pronunciation import Pronunciation

NOT_SAID = 0.3
"""What was heard with less confidence is nothing that anybody said. On dev, one of 184 read sentences and none of 136
of ordinary people are taken for requests with it (`python -m benchmarks.quality.actions --split dev`); the bundle
`confidence-en` tells what it costs (`operating_points`)."""
DIGITS = "digits"
"""Word list under `[understanding.words]` of a language: a digit and a word that sounds like it ("2 to")."""
EXACT_SCORE = 0.97
"""Minimum probability for a sentence that templates cover word for word."""
PERMITTING = "permitting"
"""Word list under `[understanding.words]` of a language: how a question begins that asks for something to be done ('can
the fan go off')."""
ALTERNATIVES = 4


class Interpreter:
    """Reads sentences. A stage (final transcripts in, interpretations out) that also works alone, and the
    `harken.dialogue.reader.Reader` of the dialogue.

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
        self.skills, self.locale, self._today = dict(skills), locale, today
        self._index = ListIndex(self.skills)
        self.guesser = Guesser(self.skills, models, encoder, self._index, locale=locale, today=today)
        self.requests = RequestReader(
            self.skills, self._index, locale=locale, today=today, times=times_of(locale), likely=self.guesser.likely
        )
        self._fragments = FragmentReader(self.skills, self._index, self.requests, locale=locale, today=today)
        self._typos: Typos | None = None
        pairs = locale.understanding.words.get(DIGITS, ())
        self._digits = dict(pair.split() for pair in pairs)

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
        tokens = read_token_encoder(trained, locale)
        models = {name: model for name in wanted if (model := read_model(trained, name, tokens)) is not None}
        for single in bundles:
            for name in single.labels:
                model = read_model(single, name, tokens)
                if model is not None:
                    models[name] = model
        return cls(wanted, models, read_encoder(trained), locale=locale, today=today)

    def understand(self, text: str, *, turn: int = 0) -> Interpretation:
        """The meaning of a typed sentence; `rejected` when no skill should act on it."""
        return self._read(Sentence.read(text, self.locale), turn)

    def process(self, event: Event) -> list[Event]:
        """Read a final transcript: its best hypothesis, or a likely other one that templates cover.

        Where nothing was said there is nothing to read, and nobody answers.
        """
        if not isinstance(event, Transcript) or not event.final:
            return []
        if event.written:
            return [self.understand(event.written, turn=event.turn)]
        if not event.text:
            return []
        best = likeliest_reading(
            event, lambda words: self._read(Sentence.of(words), event.turn), self._is_value,
            self.locale.understanding.turning,
        )  # fmt: skip
        if best.heard < NOT_SAID:
            best = replace(_rejection(event.turn, Sentence.of(best.text.split()), ()), heard=best.heard)
        return [best]

    def flush(self) -> list[Event]:
        """Holds nothing back."""
        return []

    def reset(self) -> None:
        """Remembers nothing between sentences."""

    def answer(
        self, skill: str, intent: str, ask: str, heard: Interpretation, known: Mapping[str, Any] | None = None
    ) -> tuple[Slot, ...]:
        """The values that an answer gives to a request in progress (see `harken.dialogue.reader.Reader`)."""
        return self._fragments.answer(skill, intent, ask, self._sentence_of(heard), known)

    def follow_up(
        self, skill: str, intent: str, heard: Interpretation, *, closed: bool = False
    ) -> Interpretation | None:
        """A fragment in the light of the last request (see `harken.dialogue.reader.Reader`)."""
        found = self._fragments.follow_up(skill, intent, self._sentence_of(heard), closed=closed)
        if found is None:
            return None
        if isinstance(found, Part):
            return self._from_part(found, heard)
        return replace(
            heard, skill=skill, intent=intent, slots=found.slots, rejected=False, doubtful=False, unread=(), then=(),
            score=EXACT_SCORE, exact=False, negated=found.negated, when=found.when,
        )  # fmt: skip

    def continued(self, before: str, heard: Interpretation) -> tuple[Interpretation, ...]:
        """The requests that a fragment adds to an earlier sentence (see `harken.dialogue.reader.Reader`)."""
        parts = self._fragments.continued(before, self._sentence_of(heard))
        return tuple(self._from_part(part, heard) for part in parts)

    def instead(self, before: str, first: int, last: int, heard: Interpretation) -> Interpretation | None:
        """An earlier sentence with another name in it (see `harken.dialogue.reader.Reader`)."""
        part = self._fragments.instead(before, first, last, self._sentence_of(heard))
        return None if part is None else self._from_part(part, heard)

    def phrase(self, skill: str, intent: str, slots: Mapping[str, Any]) -> str:
        """A request as a plain command: 'turn off the light in the kitchen'; '' if no sentence says it."""
        if skill not in self.skills or intent not in self.skills[skill].intents:
            return ""
        return phrase(self.skills[skill], intent, slots)

    def _is_value(self, words: Sequence[str]) -> bool:
        """Whether all words are one value that some skill asks for ("ten minutes")."""
        asked = {
            (name, intent.slots[slot]) for name, skill in self.skills.items() for intent in skill.intents.values()
            for slot in intent.required if intent.slots[slot]
        }  # fmt: skip
        finder = self._finder(Sentence.of(words))
        whole = (finder.whole(*place, 0, len(finder.words)) for place in asked)
        return any(span is not None and not span.free for span in whole)

    def _sentence_of(self, heard: Interpretation) -> Sentence:
        return Sentence.read(heard.written, self.locale) if heard.written else Sentence.of(heard.text.split())

    def _finder(self, sentence: Sentence) -> SpanFinder:
        return SpanFinder(sentence, self._index, self.locale, self._today)

    def _read(self, sentence: Sentence, turn: int) -> Interpretation:
        if not 0 < len(sentence) <= MAX_WORDS:
            return _rejection(turn, sentence.part(0, min(len(sentence), MAX_WORDS)), ())
        if not len(sentence.without(self.locale.understanding.hesitations)):
            return _rejection(turn, sentence, ())
        parts = self.requests.read(sentence)
        judged = self.guesser.judge(sentence.words)
        blank = Interpretation(
            turn=turn, text=" ".join(sentence.words), written=sentence.written, skill="", intent="", score=0.0
        )
        if sentence.written and not _all_explained(parts):
            ways = [self.requests.read(way) for way in sentence.without_digit(self._digits)]
            explained = [way for way in ways if _all_explained(way)]
            parts = explained[0] if len(explained) == 1 else parts
        if sentence.written and not _all_explained(parts):
            mended = self._mended(sentence, blank)
            if mended is not None:
                return mended
        if parts:
            first, *others = (self._from_part(part, blank) for part in parts)
            score = max(EXACT_SCORE, judged.get((first.skill, first.intent), 0.0)) if first.exact else first.score
            return replace(first, score=float(score), then=tuple(others),
                           alternatives=_ranked(judged, (first.skill, first.intent)))  # fmt: skip
        guessed = self._guessed(sentence, blank)
        return guessed or _rejection(turn, sentence, _ranked(judged, None))

    def _mended(self, sentence: Sentence, blank: Interpretation) -> Interpretation | None:
        """The sentence without slips of the keyboard, if templates then cover it; doubtful if a word was typed."""
        if self._typos is None:
            self._typos = Typos(self.requests.vocabulary)
        ways = [(parts, were) for way, were in self._typos.mended(sentence)
                if _all_explained(parts := self.requests.read(way))]  # fmt: skip
        if not ways:
            return None
        parts, were = ways[0]
        first, *others = (self._from_part(part, blank) for part in parts)
        acts = self.skills[first.skill].intents[first.intent].acts
        unsure = acts and (len(ways) > 1 or any(map(Pronunciation.load(self.locale).is_known, were)))
        return replace(first, then=tuple(others), doubtful=unsure)

    def _from_part(self, part: Part, whole: Interpretation) -> Interpretation:
        """What was read, as an interpretation of the whole sentence."""
        match, sentence = part.match, part.sentence
        named = {slot: slot_of(slot, span, sentence) for slot, span in match.slots}
        unread = []
        if match.gap is not None:
            first, last = match.gap.first, match.gap.last
            places = sentence.places[first], sentence.places[last - 1] + 1
            unread.append(
                Unread(text=sentence.typed(first, last), first=places[0], last=places[1], slot=match.gap.slot)
            )
        if part.rest is not None and not self._breaks_off(part):
            places = part.rest.places[0], part.rest.places[-1] + 1
            unread.append(Unread(text=part.rest.typed(0, len(part.rest)), first=places[0], last=places[1]))
        fixed = tuple(
            Slot(name=name, text="", value=value, first=0, last=0, score=1.0)
            for name, value in match.constants.items() if name not in named
        )  # fmt: skip
        refused = not unread and not self.skills[match.skill].serves
        return replace(
            whole, skill=match.skill, intent=match.intent, slots=(*named.values(), *fixed), exact=not unread,
            rejected=bool(unread) or refused, refused=refused, action=self._command(part), negated=part.negated,
            when=part.when, unread=tuple(unread), score=EXACT_SCORE if not unread else 0.5, doubtful=False, then=(),
        )  # fmt: skip

    def _command(self, part: Part) -> str:
        """A request as a plain command: 'start the fan' for 'can you start the fan', and for 'can the fan start'."""
        sentence, match = part.sentence, part.match
        if sentence.words[0] in self.locale.understanding.words.get(PERMITTING, ()):
            plain = self.phrase(match.skill, match.intent, {**match.constants, **dict(part.said)})
            if plain:
                return plain
        plain = self._with_verb(part) if match.gap is None and part.rest is None else ""
        if plain:
            return plain
        spans = trimmed(sentence, 0, len(sentence), self.locale)
        begin = max((first for first, last in spans if last == len(sentence) and last - first > 1), default=0)
        return " ".join(sentence.words[begin:])

    def _with_verb(self, part: Part) -> str:
        """'Turn on the kitchen light' for 'kitchen light on', which begins with a name; '' for other requests."""
        match, first = part.match, part.sentence.words[0] in self.locale.understanding.words.get(ARTICLES, frozenset())
        named = any(span.first == first and isinstance(span.value, str) for _, span in match.slots)
        if not self.skills[match.skill].intents[match.intent].acts or not named:
            return ""
        values = {**match.constants, **dict(part.said)}
        plain = self.phrase(match.skill, match.intent, values)
        same = self.requests.exact(Sentence.of(plain.split())) if plain else None
        return plain if same is not None and {**same.match.constants, **dict(same.said)} == values else ""

    def _breaks_off(self, part: Part) -> bool:
        """Whether a request that lacks something ends in the middle ('set a timer for'): it is asked for anyway."""
        small, rest = self.locale.understanding.small, part.rest
        behind = rest is not None and bool(part.sentence.places) and rest.places[0] > part.sentence.places[-1]
        return self.requests.lacks(part.match) and behind and rest is not None and small.issuperset(rest.words)

    def _guessed(self, sentence: Sentence, blank: Interpretation) -> Interpretation | None:
        """What the trained parts make of the sentence, or of what is denied or put off in it."""
        denied = self.requests.denied(sentence)
        if denied is not None:
            if any(denied.pauses_after(place) for place in range(len(denied) - 1)):
                return None  # "don't turn off the fan, turn it up": what is behind the mark may be wanted
            guess = self.guesser.guess(denied)
            acts = guess is not None and self.skills[guess.skill].intents[guess.intent].acts
            if guess is not None and acts:
                return self._from_guess(guess, denied, replace(blank, negated=True))
            guess = self.guesser.guess(sentence)  # "don't go on with this" is small talk itself
            return self._from_guess(guess, sentence, blank) if guess and self.guesser.talks(guess.skill) else None
        for core, when in self.requests.timed(sentence):
            named = next((part for part in self.requests.read(core) if part.match.gap is not None), None)
            if named is not None:  # "in ten minutes turn the oven light off": no list knows it, now or later
                return self._from_part(replace(named, when=when), blank)
            guess = self.guesser.guess(core)
            if guess is not None and self.skills[guess.skill].intents[guess.intent].acts and not guess.unread:
                return self._from_guess(guess, core, replace(blank, when=when))
        bare = self._bare_name(sentence, blank)
        guess = None if bare else self.guesser.guess(sentence)
        return bare if guess is None else self._from_guess(guess, sentence, blank)

    def _bare_name(self, sentence: Sentence, blank: Interpretation) -> Interpretation | None:
        """'Kitchen lights', and nothing else: a request that lacks what is to be done; None for other words, also for
        the name of a thing alone ('lights')."""
        states = [entry.split()[0] for entry in self.locale.understanding.words.get(KEPT, ())]
        first, end = min(trimmed(sentence, 0, len(sentence), self.locale), key=lambda span: span[1] - span[0])
        for state in sorted(states) if sentence.written and not sentence.asks else ():
            part = self.requests.exact(Sentence.of((*sentence.words[first:end], state)))
            if part is None or not self.skills[part.match.skill].intents[part.match.intent].acts:
                continue
            intent, last = self.skills[part.match.skill].intents[part.match.intent], len(part.sentence)
            named = {slot: span for slot, span in part.match.slots if span.last < last}
            lacking = intent.required.keys() - named.keys() - part.match.constants.keys()
            thing = part.match.literal or named.keys() & intent.required.keys()
            if len(lacking) == 1 and thing and named.keys() - intent.required.keys():
                slots = tuple(slot_of(slot, span, part.sentence) for slot, span in named.items())
                return replace(blank, skill=part.match.skill, intent=part.match.intent, score=EXACT_SCORE, slots=slots)
        return None

    def _from_guess(self, guess: Guess, sentence: Sentence, whole: Interpretation) -> Interpretation | None:
        """A guess as an interpretation; None for one that should be asked about and cannot be worded."""
        action = self.phrase(guess.skill, guess.intent, {slot.name: slot.value for slot in guess.slots})
        if guess.doubtful and not action:
            return None
        judged = self.guesser.judge(sentence.words)
        refused = not guess.unread and not self.skills[guess.skill].serves
        return replace(
            whole, skill=guess.skill, intent=guess.intent, score=float(guess.score), slots=guess.slots,
            unread=guess.unread, rejected=bool(guess.unread) or refused, refused=refused,
            doubtful=guess.doubtful and not guess.unread, action=action,
            alternatives=_ranked(judged, (guess.skill, guess.intent)),
        )  # fmt: skip


def _all_explained(parts: Sequence[Part]) -> bool:
    return bool(parts) and all(part.match.gap is None and part.rest is None for part in parts)


def _ranked(
    judged: Mapping[tuple[str, str], float], chosen: tuple[str, str] | None
) -> tuple[tuple[str, str, float], ...]:
    best = sorted(judged.items(), key=lambda item: -item[1])
    listed = [(skill, intent, float(score)) for (skill, intent), score in best if (skill, intent) != chosen]
    return tuple(listed[:ALTERNATIVES])


def _rejection(turn: int, sentence: Sentence, alternatives: tuple[tuple[str, str, float], ...]) -> Interpretation:
    score = 1.0 - (alternatives[0][2] if alternatives else 0.0)
    return Interpretation(
        turn=turn, text=" ".join(sentence.words), written=sentence.written, skill="", intent="", score=score,
        alternatives=alternatives, rejected=True,
    )  # fmt: skip
