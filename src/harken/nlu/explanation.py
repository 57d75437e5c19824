"""Why a sentence was understood as it was: what each word was taken for, the readings, scores and thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harken.events import Interpretation
from harken.nlu.interpreter import Interpreter
from harken.nlu.sentence import Sentence
from harken.nlu.stretch import Part

MOST_SCORES = 6


@dataclass(frozen=True, kw_only=True)
class Score:
    """What the heads make of a sentence for one intent."""

    skill: str
    intent: str
    score: float
    """Calibrated probability."""
    act: float
    """From this probability on it would be acted upon."""
    ask: float
    """From this probability on it would be asked about."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """How a sentence was read."""

    meaning: Interpretation
    verdict: str
    """'acts', 'answers', 'leaves it', 'asks first', 'says what it did not understand', 'rejects'."""
    reader: str
    """'templates', 'heads' or 'nobody'."""
    words: tuple[tuple[str, str], ...]
    """(word, what it was taken for), in order."""
    scores: tuple[Score, ...]
    """The likeliest intents by the trained heads, best first."""

    def to_json(self) -> dict[str, Any]:
        """{"verdict", "reader", "words": [[word, taken for]], "scores": [{"skill", "intent", "score", "act", ..}]}"""
        return {
            "verdict": self.verdict, "reader": self.reader, "words": [list(pair) for pair in self.words],
            "scores": [{**vars(score), "score": round(score.score, 4)} for score in self.scores],
        }  # fmt: skip


def explain(interpreter: Interpreter, text: str) -> Explanation:
    """How a typed sentence is read, and why."""
    sentence = Sentence.read(text, interpreter.locale)
    meaning = interpreter.understand(text)
    parts = interpreter.requests.read(sentence) if meaning.text else ()
    taken = _by_templates(parts, interpreter) if parts else _by_heads(meaning)
    reader = "templates" if parts else "heads" if meaning.skill else "nobody"
    rest = "outside the request" if meaning.skill else "not explained"
    return Explanation(
        meaning=meaning, verdict=_verdict(meaning, interpreter), reader=reader,
        scores=tuple(_scores(meaning, interpreter)),
        words=tuple((word, taken.get(place, rest)) for place, word in enumerate(sentence.words)),
    )  # fmt: skip


def _by_templates(parts: tuple[Part, ...], interpreter: Interpreter) -> dict[int, str]:
    taken: dict[int, str] = {}
    for part in parts:
        match, places = part.match, part.sentence.places
        taken |= dict.fromkeys(places, f"sentence of {match.skill}.{match.intent}")
        for slot, span in match.slots:
            taken |= {places[i]: f"{slot} = {span.value}" for i in range(span.first, span.last)}
        if match.gap is not None:
            taken |= {places[i]: f"unknown {match.gap.slot}" for i in range(match.gap.first, match.gap.last)}
        if part.rest is not None:
            taken |= dict.fromkeys(part.rest.places, "not explained")
    return taken


def _by_heads(meaning: Interpretation) -> dict[int, str]:
    taken: dict[int, str] = {}
    for slot in meaning.slots:
        taken |= dict.fromkeys(range(slot.first, slot.last), f"{slot.name} = {slot.value}")
    for rest in meaning.unread:
        taken |= dict.fromkeys(range(rest.first, rest.last), "not explained")
    return taken


def _scores(meaning: Interpretation, interpreter: Interpreter) -> Iterator[Score]:
    judged: Mapping[tuple[str, str], float] = interpreter.guesser.judge(tuple(meaning.text.split()))
    best = sorted(judged.items(), key=lambda item: -item[1])[:MOST_SCORES]
    for (skill, intent), score in best:
        act, ask = interpreter.guesser.limits(skill, intent)
        yield Score(skill=skill, intent=intent, score=score, act=act, ask=ask)


def _verdict(meaning: Interpretation, interpreter: Interpreter) -> str:
    if meaning.unread:
        return "says what it did not understand"
    if meaning.refused:
        return "says that it cannot"
    if meaning.rejected:
        return "rejects"
    if meaning.negated:
        return "leaves it"
    if meaning.doubtful:
        return "asks first"
    return "acts" if interpreter.skills[meaning.skill].intents[meaning.intent].acts else "answers"
