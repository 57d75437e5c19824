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
from harken.nlu.action_times import ActionTimes
from harken.nlu.automaton import Automaton, Match
from harken.nlu.beside import BesideReader, Likely
from harken.nlu.contrast import all_differ, are_apart, changed, contrasts_in, excludes, keeps, left_alone, narrows
from harken.nlu.lists import ListIndex, SpanFinder
from harken.nlu.remarks import BIDDING, bids_again, in_its_place, without_remark
from harken.nlu.repairs import RepairReader
from harken.nlu.rephrasing import asked_directly, rephrased, turned
from harken.nlu.restrictions import unrestricted
from harken.nlu.sentence import Sentence
from harken.nlu.shortened import ShortenedReader, are_opposite, leads_with_value, values_lead
from harken.nlu.skill_file import Skill
from harken.nlu.stretch import Part, Parts, Stretch, gain, name_alike, trimmed

OWN_TIME = "time"
"""The list of times of day."""
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
        self._times = ActionTimes(times, locale, today)
        self._joints = sorted(self._language.joints, key=len, reverse=True)
        self._negations = sorted(self._language.negations, key=len, reverse=True)
        self._repairs = RepairReader(self._covered, lambda part: self._lists_items(part.match), locale, today)
        self._short = ShortenedReader(
            self.exact, lambda part: self._lists_items(part.match), self.timed, self._joints_in, locale
        )
        self._beside = BesideReader(
            self._automaton, index, self._exact, self._acts, locale=locale, today=today, likely=likely
        )

    def read(self, sentence: Sentence) -> Parts:
        """The requests of a sentence, in order; none when it is not understood."""
        sentence = sentence.without(self._language.hesitations)
        mended = self._mended(sentence)
        if mended:
            return mended
        for said in (sentence, *unrestricted(sentence, self.timed, self._locale), *rephrased(sentence, self._locale)):
            parts = self._covered(said) or self._beside_remark(said)
            if parts:
                return self._without_remarks(parts)
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
        said |= self._times.vocabulary
        return said | language.small | language.turning | language.reservations | language.hesitations

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
            yield from self._times.around(sentence.part(first, last))

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
        if joined and len({part.match.intent for part in joined}) > 1 and not any(part.when for part in joined):
            joined = self._same_later(stretch, first, last, depth) or joined
        if joined and joined[0].when and not all(part.when for part in joined):
            joined = self._all_later(stretch, first, last, depth) or joined
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
        return within or self._lists_items(whole.match) or more or name_alike(joined) or values_lead(joined)

    def _lists_items(self, match: Match) -> bool:
        lists = self._skills[match.skill].lists
        slots = self._skills[match.skill].intents[match.intent].slots
        return any(slots[slot] and lists[slots[slot]].kind == "items" for slot, _ in match.slots)

    def _joined(self, stretch: Stretch, first: int, last: int, depth: int, *, complete: bool) -> Parts | None:
        """Two or more requests with 'and', 'then' or a comma between them; of several ways the one with the fewest.

        With `complete`, the first must be finished before the joint: 'add milk to my list and bread to my other list'.
        """
        best: Parts | None = None
        for end, begin, spoken in self._joints_in(stretch.sentence, first, last):
            left = self._single(stretch, first, end, depth)
            begun = left is None and spoken and not complete and self._begins(stretch, first, end)
            if (left is None and not begun) or (left and not self._may_end(stretch.sentence, left[-1], end, begin)):
                continue
            right = self._read(stretch, begin, last, depth + 1)
            ends = (stretch.sentence.part(first, end), stretch.sentence.part(begin, last))
            marked = self._is_marked(stretch.sentence, end, begin)
            lacking = marked and left and right and len(left) == 1 and self.lacks(left[0].match)
            shared = self._short.with_shared_end(*ends, right) if lacking else None
            asking = left and right and self._acts(right[0].match) and not self._acts(left[-1].match)
            asked = self._joined_short(stretch, left or (), (begin, last), spoken=spoken) if asking else None
            if shared or (asked and not any(self._acts(part.match) for part in asked)):
                return shared or asked  # 'are the doors locked and the lights off' asks twice
            sure = right is not None and not any(span.free for part in right for _, span in part.match.slots)
            if left and right and len(right) == 1 and not spoken and narrows(right[0], left[-1]):
                return (*left[:-1], *right)
            if left and right and sure and len(right) == 1:
                return (*left, self._short.with_name(left[-1], right[0], stretch.sentence.part(begin, last)))
            found = (*left, *right) if left and right else None
            if not (found and sure) and left:
                short = self._joined_short(stretch, left, (begin, last), spoken=spoken)
                finished = left[-1].is_finished or not complete
                short = short if finished or self._apart(short, stretch.sentence.part(begin, last)) else None
                short = short or self._short_between(stretch, left, (begin, last), depth)
                found = max(filter(None, (found, short)), key=gain, default=None)
            if begun:
                found = self._short.with_shared_end(*ends, right)
            if found and (best is None or len(found) < len(best)):
                best = found
        return best

    def _joined_short(self, stretch: Stretch, left: Parts, after: tuple[int, int], *, spoken: bool) -> Parts | None:
        """Requests, then others that leave out what they share with the last of these."""
        rest = stretch.sentence.part(*after)
        more = self._short.read(left[-1], rest)
        joined = spoken or self._has_joint(stretch.sentence, *after) or bids_again(rest.words[:2], self._language)
        if not more or not (joined or all(all_differ(left[-1], part) for part in more)):
            return None
        return self._short.with_shared_place((*left, *more), rest)

    def _short_between(self, stretch: Stretch, left: Parts, after: tuple[int, int], depth: int) -> Parts | None:
        """Requests, then a shortened one, then others: '... the light, and the radio, and lock the door'."""
        if self._holds_free_words(left[-1]):
            return None
        for end, begin, spoken in self._joints_in(stretch.sentence, *after):
            short = self._short.read(left[-1], stretch.sentence.part(after[0], end)) if spoken else None
            rest = self._read(stretch, begin, after[1], depth + 1) if short else None
            if short and rest:
                return (*left, *short, *rest)
        return None

    def _may_end(self, sentence: Sentence, part: Part, end: int, begin: int) -> bool:
        """Whether a request may end where another begins; with nothing between them, it must be plain."""
        plain = self._acts(part.match) and not (part.negated or part.when or self._holds_free_words(part))
        return self._is_marked(sentence, end, begin) or (plain and len(part.sentence) > 1)

    @staticmethod
    def _is_marked(sentence: Sentence, end: int, begin: int) -> bool:
        """Whether a word or a mark stands between two requests."""
        return begin > end or sentence.pauses_after(end - 1)

    def _apart(self, parts: Parts | None, after: Sentence) -> bool:
        """Whether free text is over before the joint: what follows names its own values and begins as something to
        do, as a thing to which the same is done, or with its value ('at two to call Anna and at four to ...')."""
        if not parts or len(parts) < 2:
            return False
        if name_alike(parts):
            return self._short.begins_deed(after.words[0]) or self._short.shares_verb(parts[-2], parts[-1])
        return values_lead(parts) and leads_with_value(parts[1], after)

    def _begins(self, stretch: Stretch, first: int, last: int) -> bool:
        """Whether some sentence begins with the words, polite ones aside."""
        spans = trimmed(stretch.sentence, first, last, self._locale)
        return any(stretch.reach(begin) >= end for begin, end in spans)

    def _single(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        part = self._exact(stretch, first, last)
        if part is not None:
            return (part,)
        return self._denied(stretch, first, last, depth + 1) or self._put_off(stretch, first, last, depth + 1)

    def _joints_in(self, sentence: Sentence, first: int, last: int) -> Iterator[tuple[int, int, bool]]:
        """(end of what comes before, begin of what comes after, whether words join them), from left to right."""
        words = sentence.words
        for place in range(first + 1, last):
            for joint in self._joints:
                if words[place : place + len(joint)] == joint and place + len(joint) < last:
                    yield place, place + len(joint), True
            if sentence.pauses_after(place - 1) or words[place] in self._language.words.get(BIDDING, ()):
                yield place, place, False

    def _has_joint(self, sentence: Sentence, first: int, last: int) -> bool:
        return any(spoken for _, _, spoken in self._joints_in(sentence, first, last))

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
                right = self._short.read(left[0], sentence.part(begin + 1, last)) if begin + 1 < last else None
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
            for core, when in self._times.around(stretch.sentence.part(begin, end)):
                parts = self._read(self._stretch(core), 0, len(core), depth + 1)
                if parts and all(part.when is None and self._can_wait(part.match) for part in parts):
                    put_off = tuple(replace(part, when=when) for part in parts)
                    if (
                        len(parts) > 1
                        and core.places[0] == stretch.sentence.places[begin]
                        and are_opposite(*parts[-2:])
                    ):
                        put_off = (*parts[:-1], put_off[-1])  # 'turn it on, and off at six'
                    if not any(self.lacks(part.match) for part in parts):
                        return put_off
                    lacking = lacking or put_off
        return lacking or self._put_off_within(stretch.sentence.part(first, last))

    def _put_off_within(self, core: Sentence) -> Parts | None:
        """One request with a time in the middle, if nothing in it is free text: 'the light on at six in the hall'."""
        for rest, when in self._times.within(core):
            part = self.exact(rest)
            if part and self._can_wait(part.match) and not self._holds_free_words(part):
                return (replace(part, when=when),)
        return None

    def _all_later(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        """'At seven turn on the light and close the blinds': a time in front of several requests is for all."""
        ways = list(self._times.around(stretch.sentence.part(first, last)))
        leads = any(core.places[-1] == stretch.sentence.places[last - 1] for core, _ in ways)
        return self._put_off(stretch, first, last, depth) if leads else None

    def _can_wait(self, match: Match) -> bool:
        """Whether a request can be put off: it does something, and names no time of its own."""
        slots = self._skills[match.skill].intents[match.intent].slots
        return self._acts(match) and not any(slots[slot] == OWN_TIME for slot, _ in match.slots)

    def _same_later(self, stretch: Stretch, first: int, last: int, depth: int) -> Parts | None:
        """'Turn off the fan and the radio at ten': rather the same for both, later, than the radio at volume ten."""
        put_off = self._put_off(stretch, first, last, depth)
        return put_off if put_off and len({(part.match.skill, part.match.intent) for part in put_off}) == 1 else None

    def _beside_remark(self, sentence: Sentence) -> Parts:
        """Requests with a statement before or behind them that changes nothing."""
        stretch = self._stretch(sentence)
        for first, last, divided in without_remark(sentence, 0, len(sentence), self._language):
            if self._counts(sentence, last):
                continue
            parts = self._read(stretch, first, last, 1)
            # "We had a good | time in Paris" is no question; but who says "... turn off the light" means it.
            meant = divided or all(self._acts(part.match) for part in parts or ())
            if parts and meant and not all(part.match.remark for part in parts):
                remark = sentence.part(last, len(sentence)) if first == 0 else sentence.part(0, first)
                return tuple(self._there(part, remark) for part in parts)
        return ()

    def _without_remarks(self, parts: Parts) -> Parts:
        """The requests without those that are only meant when they stand alone ("I'm cold, close the window")."""
        wanted = tuple(part for part in parts if not part.match.remark) or parts[:1]
        for remark in (part for part in parts if part not in wanted):
            wanted = tuple(self._there(part, remark.sentence) for part in wanted)
        return wanted

    def _there(self, part: Part, remark: Sentence) -> Part:
        acts = self._acts(part.match) and not part.negated
        return in_its_place(part, remark, self.exact, self._language) if acts else part

    def _counts(self, sentence: Sentence, last: int) -> bool:
        """Whether what stands behind a request ends in a number: 'that's wrong, I want 22' is no remark."""
        behind = sentence.words[last:][-1:]
        return bool(behind) and self._language.read_value("number", behind, self._today) not in (None, 1)

    def _are_apart(self, one: Part, other: Part) -> bool:
        return are_apart(one, other, self._skills[one.match.skill].intents[one.match.intent].required)

    def _acts(self, match: Match) -> bool:
        return self._skills[match.skill].intents[match.intent].acts
