"""What the commands report about a turn, as plain values from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harken.dialogue.skill import TALK
from harken.events import (
    Event,
    Interpretation,
    Reply,
    SoundDetected,
    StageFailed,
    StateChanged,
    Transcript,
    TurnStarted,
    WakeDetected,
    seconds,
)

_ACTED = ("inform", "ack", "offer")
"""Acts of replies given by a skill."""


def turn_answer(events: Iterable[Event], *, file: str | None) -> dict[str, Any]:
    """What is reported about the turn that these events belong to.

    Returns:
        {"file", "text", "skill", "intent", "slots": {name: value}, "score", "act", "state", "reply", "rejected"}, where
        `act` is that of the reply. If nobody spoke, `text` and `reply` are empty and `rejected` is true. Further keys
        are present only if there is something to report: "errors" (stages that failed), "wake" (wake words that were
        heard), "rings" (what timers said before the turn), and those of `meaning`.
    """
    answer: dict[str, Any] = {
        "file": file, "text": "", "skill": None, "intent": None, "slots": {}, "score": 0.0, "act": None, "state": {},
        "reply": "", "rejected": True,
    }  # fmt: skip
    replies, failures, wakes, rings = [], [], [], []
    begun, turn = False, -1
    for event in events:
        begun = begun or isinstance(event, TurnStarted | Transcript | Interpretation)
        if isinstance(event, Transcript) and event.final:
            answer["text"] = event.text
        elif isinstance(event, Interpretation):
            answer |= meaning(event)
            turn = event.turn
        elif isinstance(event, StateChanged):
            answer["state"] = dict(event.state)
        elif isinstance(event, Reply) and not begun:
            rings.append(event.text)
        elif isinstance(event, Reply):
            replies.append(event.text)
            answer["act"] = event.act
        elif isinstance(event, StageFailed):
            failures.append(f"{event.stage}: {event.message}")
        elif isinstance(event, WakeDetected):
            wakes.append(wake_answer(event))
    answer["reply"] = " ".join(replies)
    state = answer["state"]
    acted = answer["act"] in _ACTED and state.get("intent") and state.get("acted") == turn
    settled = "then" in answer or "refused" in answer
    if acted and not settled and (answer["rejected"] or answer["skill"] != TALK):
        # A bare answer ("ten minutes") means nothing or something else by itself, but the dialogue knows which question
        # it answers. Talk ("yes") keeps its meaning.
        answer |= {"skill": state["skill"], "intent": state["intent"], "slots": dict(state["slots"]), "rejected": False}
    more = {"errors": failures, "wake": wakes, "rings": rings}
    return answer | {name: values for name, values in more.items() if values}


def meaning(event: Interpretation) -> dict[str, Any]:
    """The meaning of an interpretation.

    Returns:
        {"skill", "intent", "slots", "score", "rejected"}, and if there is something to report: "refused", "negated" and
        "doubtful" (true), "when" ({"text", "seconds", "time", "date", "every"}), "unread" (words that nothing explains)
        and "then" (the meanings of the sentence's further requests).
    """
    more = {
        "refused": event.refused, "negated": event.negated, "doubtful": event.doubtful,
        "when": dict(vars(event.when)) if event.when else None,
        "unread": [words.text for words in event.unread], "then": [meaning(further) for further in event.then],
    }  # fmt: skip
    return {
        "skill": event.skill or None, "intent": event.intent or None, "slots": event.values,
        "score": round(float(event.score), 4), "rejected": event.rejected,
    } | {name: value for name, value in more.items() if value}  # fmt: skip


def wake_answer(event: WakeDetected) -> dict[str, Any]:
    """{"word", "start", "end", "score"}; times in seconds."""
    return {
        "word": event.word, "start": round(seconds(event.start), 3), "end": round(seconds(event.end), 3),
        "score": round(float(event.score), 4),
    }  # fmt: skip


def sounds_answer(scores: Mapping[str, float], events: Iterable[SoundDetected], *, file: str) -> dict[str, Any]:
    """{"file", "label", "score", "scores", "events"}: the likeliest label of the whole recording, the probabilities of
    all, and each event's {"label", "start", "end", "score"}; times in seconds."""
    label = max(scores, key=lambda name: scores[name])
    return {
        "file": file, "label": label, "score": round(scores[label], 4),
        "scores": {name: round(score, 4) for name, score in scores.items()},
        "events": [
            {
                "label": event.label, "start": round(seconds(event.start), 3), "end": round(seconds(event.end), 3),
                "score": round(event.score, 4),
            }
            for event in events
        ],
    }  # fmt: skip


def transcript_answer(event: Transcript, *, file: str, nbest: int = 1, network: bool = False) -> dict[str, Any]:
    """{"file", "text", "confidence", "words", "nbest"} and, if requested, "confusion_network"; times in seconds."""
    best = event.hypotheses[0] if event.hypotheses else None
    answer: dict[str, Any] = {
        "file": file, "text": event.text, "confidence": round(best.confidence, 4) if best else 0.0,
        "words": [
            {
                "text": word.text, "start": round(seconds(word.start), 3), "end": round(seconds(word.end), 3),
                "confidence": round(word.confidence, 4),
            }
            for word in (best.words if best else ())
        ],
        "nbest": [
            {"text": other.text, "confidence": round(other.confidence, 4), "log_prob": round(other.log_prob, 3)}
            for other in event.hypotheses[:nbest]
        ],
    }  # fmt: skip
    if network:
        answer["confusion_network"] = [
            {
                "start": round(seconds(slot.start), 3), "end": round(seconds(slot.end), 3),
                "words": [[word, round(posterior, 4)] for word, posterior in slot.words],
            }
            for slot in event.confusion
        ]  # fmt: skip
    return answer
