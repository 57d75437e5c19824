"""Fragments: what an answer or a follow-up ("tomorrow at seven", "and of germany") gives to a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harken.languages.locale import Locale, Understanding
from harken.nlu.lists import Span, SpanFinder
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import trimmed

QUESTIONS = "question_openings"
"""Word list under `[understanding.words]` of a language: how questions begin that are no values ('is it closed')."""
LEFT_OUT = "except"
"""How slots begin for what a request leaves out; a name by itself does not mean that."""
ONES, BEFORE_TIMES = "ones", "before_times"
"""Word lists: 'one' as it stands for a thing; 'at'."""
ENOUGH = "enough"
"""Word list: what says of a value that it will do ('should do it')."""
VAGUE = "vague_openings"
"""Word list under `[understanding.words]` of a language: beginnings after which free text is no part of the request."""


@dataclass(frozen=True, kw_only=True)
class _Cover:
    """A way to explain the words up to some place."""

    gain: float = 0.0
    values: tuple[tuple[str, Span], ...] = ()


def cover(
    finder: SpanFinder, skill: str, slots: Mapping[str, str], locale: Locale, *, first: str = ""
) -> dict[str, Span]:
    """The values in a fragment when every word of it is explained; empty otherwise.

    Args:
        finder: the fragment.
        skill: whose lists fill the slots.
        slots: slot -> list; free text is not tried.
        locale: the language.
        first: the slot that is filled first if words could fill several.
    """
    words, language = finder.words, locale.understanding
    if is_question(finder.sentence, locale):
        return {}
    best: list[_Cover | None] = [_Cover()] + [None] * len(words)
    for place in range(len(words)):
        so_far = best[place]
        if so_far is None:
            continue
        for size in _nothings(words, place, language):
            _keep(best, place + size, so_far)
        used = {slot for slot, _ in so_far.values}
        for slot, name in slots.items():
            left_out = slot.startswith(LEFT_OUT) and slot != first
            if not name or slot in used or left_out or finder.index.lookup(skill, name)[0].is_free:
                continue
            for span in finder.at(skill, name, place):
                if used and slot != first and " ".join(words[place : span.last]) in language.words.get(ONES, ()):
                    continue  # 'the bedroom one' names no number
                bonus = 0.1 if slot == first else 0.0
                gain = so_far.gain + (span.last - span.first) * span.score + bonus
                _keep(best, span.last, _Cover(gain=gain, values=(*so_far.values, (slot, span))))
    whole = best[-1]
    return dict(whole.values) if whole else {}


def is_question(sentence: Sentence, locale: Locale) -> bool:
    """Whether words begin as a question does: 'is there one already' names no time."""
    asking = locale.understanding.words.get(QUESTIONS, frozenset())
    return any(sentence.words[first] in asking for first, _ in trimmed(sentence, 0, len(sentence), locale))


def free_text(finder: SpanFinder, skill: str, name: str, locale: Locale) -> Span | None:
    """The whole fragment, polite words aside, as an entry of a list that takes any words, or one of named values that
    it resembles."""
    sentence = finder.sentence
    for first, last in list(trimmed(sentence, 0, len(sentence), locale))[::-1]:
        span = finder.whole(skill, name, first, last) or finder.alike(skill, name, first, last)
        if span is not None:
            return span
    return None


def openings(sentence: Sentence, locale: Locale) -> Iterator[tuple[Sentence, bool]]:
    """A fragment without the words that begin it ("and what about", "no, I want"), most of them first; then as it is.

    Yields:
        (the rest, whether beginnings were taken off after which free text may stand: 'and')
    """
    words, language = sentence.words, locale.understanding
    vague = language.words.get(VAGUE, frozenset())
    opened = {0: True}
    """Where a rest begins -> whether nothing vague stands before it."""
    begins = [0]
    for begin in begins:  # grows while it is gone through
        for phrase in language.follow_ups:
            place = begin + len(phrase)
            if words[begin:place] == phrase and place < len(words):
                clear = opened[begin] and " ".join(phrase) not in vague
                begins += [] if place in opened else [place]
                opened[place] = opened.get(place, True) and clear
    for begin in sorted(begins, reverse=True):
        yield sentence.part(begin, len(words)), begin > 0 and opened[begin]


def _nothings(words: tuple[str, ...], place: int, language: Understanding) -> Iterator[int]:
    """Numbers of words from here on that mean nothing by themselves."""
    if words[place] in language.small:
        yield 1
    enough = (tuple(phrase.split()) for phrase in language.words.get(ENOUGH, ()))
    for phrase in (*language.leading, *language.trailing, *enough):
        if words[place : place + len(phrase)] == phrase:
            yield len(phrase)


def _keep(best: list[_Cover | None], place: int, cover: _Cover) -> None:
    known = best[place]
    if known is None or cover.gain > known.gain:
        best[place] = cover
