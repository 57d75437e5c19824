"""Takes a sentence apart: which requests it makes, whether they are denied or put off, and what nothing explains.

Every word counts. A stretch of words is a request when a template covers it (with polite words around it). Two of them
may be joined, the second perhaps shortened ("turn off the light and the tv"). What stands before or after a request
changes it: a denial, a time, or words that nothing explains, with which it must not be carried out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace

from harken.events import When
from harken.languages.locale import Locale, Today
from harken.nlu.automaton import Automaton, Match
from harken.nlu.beside import BesideReader, Likely
from harken.nlu.contrast import all_differ, are_apart, changed, contrasts_in, excludes, keeps, left_alone
from harken.nlu.fragments import ONES
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.remarks import without_remark
from harken.nlu.repairs import RepairReader
from harken.nlu.rephrasing import asked_directly, rephrased, turned
from harken.nlu.sentence import Sentence
from harken.nlu.shared_words import SharedReader
from harken.nlu.skill_cache import cached_skill
from harken.nlu.skill_file import Skill
from harken.nlu.stretch import Part, Parts, Stretch, gain, name_alike, trimmed, when_of

TIMES = "when.yaml"
"""A language's file of sentences for times of actions."""
DEEDS = ("link_to", "link_about", "link_that", "chores")
"""Word lists: how things begin that people do or are to remember."""
BEFORE_TIMES = "before_times"
"""Word list: 'at'."""
DEEPEST = 4
"""Most requests, denials and times inside each other."""


class RequestReader:
    """Reads requests by the sentences of skills.

    Args:
        skills: the skills, by name.
        index: their lists.
        locale: the language.
        today: for dates.
        times: the language's sentences for times of actions; None when it has none.
        likely: judgement of the trained heads.
    """

    def __init__(
        self,
        skills: Mapping[str, Skill],
        index: ListIndex,
        *,
        locale: Locale,
        today: Today = dt.date.today,
        times: Skill | None = None,
        likely: Likely = lambda sentence, skill: 1.0,
    ):
        self._skills, self._index, self._today = skills, index, today
        self._locale, self._language = locale, locale.understanding
        self._automaton = Automaton(skills.values(), lambda intent: not intent.follows)
        self._times = None if times is None else (Automaton([times]), ListIndex({times.name: times}))
        self._shared = SharedReader(self.exact, self._lists_items, locale)
        self._negations = sorted(self._language.negations, key=len, reverse=True)
        self._repairs = RepairReader(self._covered, lambda part: self._lists_items(part.match), locale, today)
        self._beside = BesideReader(
            self._automaton, index, self._exact, self._acts, locale=locale, today=today, likely=likely
        )

    def read(self, sentence: Sentence) -> Parts:
        """The requests of a sentence, in order; none when it is not understood."""
        sentence = sentence.without(self._language.hesitations)
        mended = self._mended(sentence)
        if mended:
            return mended
        for said in (sentence, *rephrased(sentence, self._locale)):
            parts = self._covered(said) or self._beside_remark(said)
            if parts:
                return _without_remarks(parts)
        plain = next(filter(None, map(self.exact, asked_directly(sentence, self._locale))), None)
        if plain and not self._acts(plain.match):
            return (plain,)
        behind = next(filter(None, map(self.exact, turned(sentence, self._locale))), None)
        return (behind,) if behind and self._acts(behind.match) else self._beside.read(sentence)

    @property
    def vocabulary(self) -> set[str]:
        """Every word that can be said, values of lists included; not names of places, and no free text."""
        language = self._language
        polite = {word for phrase in (*language.leading, *language.trailing, *language.negations) for word in phrase}
        joining = {word for phrase in (*language.joints, *language.follow_ups) for word in phrase}
        said = self._automaton.vocabulary | self._index.vocabulary | polite | joining
        timed = self._times[0].vocabulary | self._times[1].vocabulary if self._times else set()
        return said | timed | language.small | language.turning | language.reservations | language.hesitations

    def exact(self, sentence: Sentence) -> Part | None:
        """The sentence as one request that a template covers, polite words aside."""
        return self._exact(self._stretch(sentence), 0, len(sentence))

    def denied(self, sentence: Sentence) -> Sentence | None:
        """What is denied: the words after 'do not', or the opposite of 'leave it on'; None if nothing is."""
        for first, last in trimmed(sentence, 0, len(sentence), self._locale):
            phrase = next((p for p in self._negations if sentence.words[first : first + len(p)] == p), None)
            if phrase is not None and first + len(phrase) < last:
                return sentence.part(first + len(phrase), last)
            opposite = changed(sentence.part(first, last), self._language)
            if opposite is not None:
                return opposite
        return None

    def lacks(self, match: Match) -> bool:
        """Whether a value is missing that the request needs."""
        required = self._skills[match.skill].intents[match.intent].required
        return bool(required.keys() - {slot for slot, _ in match.slots} - match.constants.keys())

    def timed(self, sentence: Sentence) -> Iterator[tuple[Sentence, When]]:
        """Ways to take a sentence as a request and a time for it, the longest time first."""
        for first, last in trimmed(sentence, 0, len(sentence), self._locale):
            yield from self._timed(sentence.part(first, last))

    def _covered(self, sentence: Sentence) -> Parts:
        """The requests that explain every word."""
        return self._read(self._stretch(sentence), 0, len(sentence), 0) or ()

    def _mended(self, sentence: Sentence) -> Parts:
        """What is meant by a sentence that mends itself; free text may well hold such words."""
        whole = self.exact(sentence)
        as_it_stands = whole is not None and not self._holds_free_words(whole)
        return () if as_it_stands else self._repairs.mended(sentence)

    def _stretch(self, sentence: Sentence) -> Stretch:
        return Stretch(sentence, self._automaton, SpanFinder(sentence, self._index, self._locale, self._today))

    def _read(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        """The requests in [first, last); None unless every word is explained."""
        whole = self._exact(stretch, first, last)
        if whole is not None and not self._holds_free_words(whole):
            return (whole,)
        if depth >= DEEPEST:
            return (whole,) if whole else None
        joined = self._joined(stretch, first, last, depth, complete=whole is not None)
        if whole is not None:
            better = joined is not None and gain(joined) > whole.match.gain
            return joined if joined and better and self._divides(joined, whole) else (whole,)
        return (
            joined
            or self._denied(stretch, first, last, depth)
            or self._put_off(stretch, first, last, depth)
            or self._contrasted(stretch, first, last, depth)
        )

    def _exact(self, stretch: Stretch, first: int, last: int) -> Part | None:
        """The closest reading, with polite words around it or without: free text would take them in."""
        found: Part | None = None
        for begin, end in trimmed(stretch.sentence, first, last, self._locale):
            matches = stretch.readings(begin, end)
            asking = (match for match in matches if stretch.sentence.asks and not self._acts(match))
            match = next(asking, matches[0] if matches else None)
            if match is not None and (found is None or match.gain > found.match.gain):
                found = Part(sentence=stretch.sentence.part(begin, end), match=match.moved(-begin))
        return found

    def _holds_free_words(self, part: Part) -> bool:
        """Whether what a template takes for a value could be the end of one request and the beginning of another."""
        return any(span.free for _, span in part.match.slots) or self._lists_items(part.match)

    def _divides(self, joined: Parts, whole: Part) -> bool:
        """Whether several requests are likelier than one with free words: it has words behind these, or names less."""
        within = any(span.free and span.last < len(whole.sentence) for _, span in whole.match.slots)
        more = len(joined[0].match.slots) > len(whole.match.slots)
        return within or self._lists_items(whole.match) or more or name_alike(joined)

    def _lists_items(self, match: Match) -> bool:
        lists = self._skills[match.skill].lists
        slots = self._skills[match.skill].intents[match.intent].slots
        return any(slots[slot] and lists[slots[slot]].kind == "items" for slot, _ in match.slots)

    def _joined(self, stretch: Stretch, first: int, last: int, depth: int, *, complete: bool) -> Parts | None:
        """Two or more requests with 'and', 'then' or a comma between them; of several ways the one with the fewest.

        With `complete`, the first must be finished before the joint: 'add milk to my list and bread to my other list'.
        """
        best: Parts | None = None
        for end, begin, spoken in self._shared.joints_in(stretch.sentence, first, last):
            left = self._single(stretch, first, end, depth)
            begun = left is None and spoken and not complete and self._begins(stretch, first, end)
            if left is None and not begun:
                continue
            right = self._read(stretch, begin, last, depth + 1)
            sure = right is not None and not any(span.free for part in right for _, span in part.match.slots)
            if left and right and sure and len(right) == 1:
                return (*left, *right)
            found = (*left, *right) if left and right else None
            if not (found and sure) and left and (left[-1].is_finished or not complete or left[-1].ends_in_value):
                short = self._joined_short(stretch, left, (begin, last), spoken=spoken)
                apart = name_alike(short) and self._begins_deed(stretch.sentence.words[begin])
                short = short if left[-1].is_finished or not complete or apart else None
                found = max(filter(None, (found, short)), key=gain, default=None)
            if begun:
                found = self._shared.shared_end(stretch, (first, end), (begin, last), right)
            if found and (best is None or len(found) < len(best)):
                best = found
        return best

    def _joined_short(self, stretch: Stretch, left: Parts, after: tuple[int, int], *, spoken: bool) -> Parts | None:
        """Requests, then others that leave out what they share with the last of these."""
        more = self._shared.shortened(left[-1], stretch.sentence.part(*after))
        joined = spoken or self._shared.has_joint(stretch.sentence, *after)
        if not more or not (joined or all(all_differ(left[-1], part) for part in more)):
            return None
        return (*left, *more)

    def _begins(self, stretch: Stretch, first: int, last: int) -> bool:
        """Whether some sentence begins with the words, polite ones aside."""
        spans = trimmed(stretch.sentence, first, last, self._locale)
        return any(stretch.reach(begin) >= end for begin, end in spans)

    def _single(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        part = self._exact(stretch, first, last)
        if part is not None:
            return (part,)
        return self._denied(stretch, first, last, depth + 1) or self._put_off(stretch, first, last, depth + 1)

    def _begins_deed(self, word: str) -> bool:
        """Whether a word begins something to do rather than the name of a thing: '... and to call', '... and call'."""
        return any(word in self._language.words.get(name, ()) for name in DEEDS)

    def _denied(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        words = stretch.sentence.words
        for begin, end in trimmed(stretch.sentence, first, last, self._locale):
            phrase = next((p for p in self._negations if words[begin : begin + len(p)] == p), None)
            if phrase is None or begin + len(phrase) >= end:
                continue
            parts = self._read(stretch, begin + len(phrase), end, depth + 1)
            if parts and all(self._acts(part.match) for part in parts):
                return tuple(replace(part, negated=not part.negated) for part in parts)
        return self._left_alone(stretch, first, last, depth)

    def _left_alone(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        """'Leave the light on' denies to turn it off."""
        for begin, end in trimmed(stretch.sentence, first, last, self._locale):
            opposite = left_alone(stretch.sentence.part(begin, end), self._language)
            parts = opposite and self._read(self._stretch(opposite), 0, len(opposite), depth + 1)
            if parts and all(self._acts(part.match) and not part.negated for part in parts):
                return tuple(replace(part, negated=True) for part in parts)
        return None

    def _contrasted(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        """A request, and behind 'but' what is left alone, as a denied request."""
        sentence = stretch.sentence
        for place in contrasts_in(sentence, first, last, self._language):
            left, begin = self._single(stretch, first, place, depth), place + 1
            if not left or left[0].negated or not self._acts(left[0].match):
                continue
            if excludes(sentence, begin, self._language):
                right = self._shared.shortened(left[0], sentence.part(begin + 1, last)) if begin + 1 < last else None
            else:
                right = self._read(stretch, begin, last, depth + 1)
                if right and not keeps(sentence, begin, self._language) and not all(part.negated for part in right):
                    continue
            if right and all(self._acts(part.match) and self._are_apart(left[0], part) for part in right):
                return (*left, *(replace(part, negated=True) for part in right))
        return None

    def _put_off(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        """Requests with a time before or after them, if possible without a value missing ("turn it on | every day")."""
        lacking: Parts | None = None
        for begin, end in trimmed(stretch.sentence, first, last, self._locale):
            for core, when in self._timed(stretch.sentence.part(begin, end)):
                parts = self._read(self._stretch(core), 0, len(core), depth + 1)
                if parts and all(part.when is None and self._acts(part.match) for part in parts):
                    put_off = tuple(replace(part, when=when) for part in parts)
                    if not any(self.lacks(part.match) for part in parts):
                        return put_off
                    lacking = lacking or put_off
        return lacking

    def _timed(self, core: Sentence) -> Iterator[tuple[Sentence, When]]:
        if self._times is None:
            return
        automaton, index = self._times
        finder, count = SpanFinder(core, index, self._locale, self._today), len(core)
        for begin in range(1, count):
            matches = automaton.ends(finder, begin).get(count)
            if matches and not self._is_pronoun(core.words[begin:count]):
                yield core.part(0, begin), when_of(matches[0], core.words[begin:count])
        for end, matches in sorted(automaton.ends(finder, 0).items(), reverse=True):
            if end < count:
                yield core.part(end, count), when_of(matches[0], core.words[:end])

    def _is_pronoun(self, words: tuple[str, ...]) -> bool:
        """Whether what could be a date and an hour is 'the second one'."""
        ones, at = (self._language.words.get(name, frozenset()) for name in (ONES, BEFORE_TIMES))
        return words[-1] in ones and len(words) > 1 and words[-2] not in at

    def _beside_remark(self, sentence: Sentence) -> Parts:
        """Requests with a statement before or behind them that changes nothing."""
        stretch = self._stretch(sentence)
        for first, last, divided in without_remark(sentence, 0, len(sentence), self._language.remarks):
            if self._counts(sentence, last):
                continue
            parts = self._read(stretch, first, last, 1)
            # "We had a good | time in Paris" is no question; but who says "... turn off the light" means it.
            meant = divided or all(self._acts(part.match) for part in parts or ())
            if parts and meant and not all(part.match.remark for part in parts):
                return parts
        return ()

    def _counts(self, sentence: Sentence, last: int) -> bool:
        """Whether what stands behind a request ends in a number: 'that's wrong, I want 22' is no remark."""
        behind = sentence.words[last:][-1:]
        return bool(behind) and self._language.read_value("number", behind, self._today) not in (None, 1)

    def _are_apart(self, one: Part, other: Part) -> bool:
        return are_apart(one, other, self._skills[one.match.skill].intents[one.match.intent].required)

    def _acts(self, match: Match) -> bool:
        return self._skills[match.skill].intents[match.intent].acts


def times_of(locale: Locale) -> Skill | None:
    """A language's sentences for times of actions, as if they were a skill; None when it has none."""
    file = locale.folder / TIMES
    return cached_skill(file) if file.is_file() else None


def _without_remarks(parts: Parts) -> Parts:
    """The requests without those that are only meant when they stand alone ("I'm cold, close the window")."""
    return tuple(part for part in parts if not part.match.remark) or parts[:1]
