"""Further requests that leave out what they share with another: 'turn off the light and the tv'."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harken.languages.locale import Locale
from harken.nlu.automaton import Match
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import Part, Parts, Stretch, trimmed

LONGEST_END = 8
"""Most words of the second of two requests that share their end."""
SENTENCE_WORDS = "sentence_words"
"""Word list under `[understanding.words]` of a language: what stands in no name of a thing."""


class SharedReader:
    """Reads requests that share words with another one.

    Args:
        exact: the request that a template finds in exactly these words.
        lists_items: whether a match names several things.
        locale: the language.
    """

    def __init__(self, exact: Callable[[Sentence], Part | None], lists_items: Callable[[Match], bool], locale: Locale):
        self._exact, self._lists_items = exact, lists_items
        self._locale, self._language = locale, locale.understanding
        self._joints = sorted(self._language.joints, key=len, reverse=True)

    def shortened(self, before: Part, rest: Sentence) -> Parts | None:
        """Further requests that leave out what they share with the first: its beginning, or all but one slot."""
        one = self._completed(before, rest)
        if one is not None:
            return (one,)
        for end, begin, _ in self.joints_in(rest, 0, len(rest)):
            one = self._completed(before, rest.part(0, end))
            more = one and self.shortened(one, rest.part(begin, len(rest)))
            if one and more:
                return (one, *more)
        return None

    def shared_end(
        self, stretch: Stretch, left: tuple[int, int], right: tuple[int, int], second: Parts | None
    ) -> Parts | None:
        """Two requests that share their end: 'turn on the hallway and living room lights'."""
        before, after = stretch.sentence.part(*left), stretch.sentence.part(*right)
        for shared in range(1, len(after) if len(after) <= LONGEST_END else 0):
            one = self._exact(before.join(after.part(shared, len(after))))
            if one is None or not one.match.slots:
                continue
            candidates = [second[0]] if second and len(second) == 1 else []
            candidates += [
                part for kept in range(len(before) - 1, 0, -1)
                if (part := self._exact(before.part(0, kept).join(after))) is not None
            ]  # fmt: skip
            for other in candidates:
                same = (other.match.skill, other.match.intent) == (one.match.skill, one.match.intent)
                if same and other.said != one.said:
                    return one, other
        return None

    def joints_in(self, sentence: Sentence, first: int, last: int) -> Iterator[tuple[int, int, bool]]:
        """(end of what comes before, begin of what comes after, whether words join them), from left to right."""
        words = sentence.words
        for place in range(first + 1, last):
            for joint in self._joints:
                if words[place : place + len(joint)] == joint and place + len(joint) < last:
                    yield place, place + len(joint), True
            if sentence.pauses_after(place - 1):
                yield place, place, False

    def has_joint(self, sentence: Sentence, first: int, last: int) -> bool:
        """Whether a word joins requests in [first, last)."""
        return any(spoken for _, _, spoken in self.joints_in(sentence, first, last))

    def _completed(self, before: Part, rest: Sentence) -> Part | None:
        """A shortened request with what it shares with the one before; if possible one of the same intent."""
        for first, last in trimmed(rest, 0, len(rest), self._locale):
            found = self._with_shared(before, rest.part(first, last))
            alike = (part for part in found if part.match.intent == before.match.intent)
            best = next(alike, found[0] if found else None)
            if best is not None:
                return best
        return None

    def _with_shared(self, before: Part, core: Sentence) -> list[Part]:
        """The requests that words make behind a beginning of the one before, or in the place of one of its values."""
        said, found = before.sentence, []
        wholes = [(said.part(0, kept), said.part(0, 0)) for kept in range(len(said) - 1, 0, -1)]
        wholes = [(head, tail) for head, tail in wholes if head.words[-1] != core.words[0]]
        ends = max((span.last for _, span in before.match.slots), default=len(said))
        wholes += [(head, said.part(ends, len(said))) for head, _ in wholes if ends < len(said)]
        wholes += [(said.part(0, span.first), said.part(span.last, len(said))) for _, span in before.match.slots]
        for head, tail in wholes:
            part = self._exact(head.join(core).join(tail))
            if part is None or part.match.skill != before.match.skill:
                continue
            if not (part.match.slots or part.match.constants) or _straddles(part, (*head.places[-1:], core.places[0])):
                continue
            listed = self._lists_items(part.match)
            own = [span for _, span in part.match.slots if span.free or listed]
            shortened = all(part.sentence.part(span.first, span.last).whole for span in own)
            if shortened and not (listed and self._is_sentence(core)):
                found.append(part)
        return found

    def _is_sentence(self, words: Sentence) -> bool:
        """Whether words are rather a sentence than the name of a thing: 'tell me what's on it'."""
        return not self._language.words.get(SENTENCE_WORDS, frozenset()).isdisjoint(words.words)


def _straddles(part: Part, joint: tuple[int, ...]) -> bool:
    """Whether a value was made of words from both sides of a joint: 'nineteen | twenty one'."""
    return len(joint) == 2 and any(
        set(joint) <= set(part.sentence.places[span.first : span.last]) for _, span in part.match.slots if not span.free
    )
