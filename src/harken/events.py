"""The events that stages exchange.

Positions (`start`, `end`) are sample counts at 16 kHz since the session began, half open: [start, end).
Samples are float32 in -1..1, mono. `score` is a probability 0..1, `log_prob` a natural logarithm.
`turn` counts the turns of a session from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hz; every position inside the assistant counts samples at this rate."""

NOBODY_SPOKE = "timeout"
"""Reason of a `TurnEnded`: the turn holds no speech, and nobody answers it."""

Samples = NDArray[np.float32]


def seconds(position: int) -> float:
    """A position or length in samples at 16 kHz as seconds, for people."""
    return position / SAMPLE_RATE


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, kw_only=True)
class AudioChunk(Event):
    """Sound as it arrives from a microphone, file or socket."""

    start: int
    """Sample position of samples[0]."""
    samples: Samples
    """[n] float32 mono -1..1, any n >= 1."""


@dataclass(frozen=True, kw_only=True)
class PlayedAudio(Event):
    """Sound that the loudspeaker was given while the microphone heard the span; it comes before that span's sound."""

    start: int
    """Sample position of samples[0] in the microphone's stream."""
    samples: Samples
    """[n] float32 mono -1..1, any n >= 1; silence may be left out."""


@dataclass(frozen=True, kw_only=True)
class EchoAlone(Event):
    """From a position on, what is heard is the loudspeaker's echo and nothing besides, or no longer."""

    start: int
    alone: bool


@dataclass(frozen=True, kw_only=True)
class SpeechActivity(Event):
    """Speech or its absence over a span; spans follow each other without gaps."""

    start: int
    end: int
    speech: bool
    score: float
    """Mean probability of speech over the span, 0..1."""


@dataclass(frozen=True, kw_only=True)
class SoundDetected(Event):
    """A sound event (dog bark, baby cry, ...) in [start, end): reported when it begins, and again when it is over."""

    label: str
    start: int
    end: int
    """When it begins, the end of what was heard of it so far."""
    score: float
    """Calibrated probability 0..1, the highest so far."""
    final: bool = True
    """Whether it is over."""


@dataclass(frozen=True, kw_only=True)
class WakeSuspected(Event):
    """A small network thinks that a wake word may have ended in [start, end); a judge decides."""

    word: str
    start: int
    end: int
    score: float
    """Highest score of the network in the span, 0..1."""


@dataclass(frozen=True, kw_only=True)
class WakeDetected(Event):
    """A wake word was heard in [start, end)."""

    word: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, kw_only=True)
class StopDetected(Event):
    """A word that silences the assistant was heard in [start, end) while it spoke. It opens no turn."""

    word: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, kw_only=True)
class NotDetected(Event):
    """The stream ended without a detection: the negative answer."""

    word: str
    end: int
    score: float
    """Highest probability seen."""


@dataclass(frozen=True, kw_only=True)
class TurnStarted(Event):
    """Somebody begins to speak to the assistant."""

    turn: int
    start: int
    reason: str
    """'wake', 'followup', 'bargein', 'open' (no wake word needed)."""


@dataclass(frozen=True, kw_only=True)
class TurnAudio(Event):
    """Sound of the running turn, pre-roll included; chunks follow each other without gaps."""

    turn: int
    start: int
    samples: Samples


@dataclass(frozen=True, kw_only=True)
class TurnEnded(Event):
    """The end-point decision."""

    turn: int
    end: int
    reason: str
    """'silence', 'timeout' (nobody spoke: the turn is not decoded), 'limit' (too long), 'flush' (stream ended)."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """One recognised word with its place in the stream."""

    text: str
    start: int
    end: int
    confidence: float
    """Posterior probability 0..1."""


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """One possible transcript of a turn."""

    words: tuple[Word, ...]
    log_prob: float
    """Combined acoustic and language score, natural log; for a consensus that is not a sentence in the lattice, the
    confusion network's estimate."""
    confidence: float
    """Posterior probability 0..1 of the whole sentence among the alternatives."""

    @property
    def text(self) -> str:
        """The words joined by spaces; empty when nothing was said."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, kw_only=True)
class Bin:
    """One slot of a confusion network: competing words over the same span; '' means no word."""

    start: int
    end: int
    words: tuple[tuple[str, float], ...]
    """(word, posterior), best first; posteriors sum to 1."""


@dataclass(frozen=True, kw_only=True)
class Transcript(Event):
    """What was said so far (final=False) or in the whole turn (final=True)."""

    turn: int
    hypotheses: tuple[Hypothesis, ...]
    """Best first; at least one when final. If nothing was said, the first has no words, and the turn gets no answer.
    For free speech, the first is the consensus: the words with the fewest expected errors, whose score may be lower
    than the next one's."""
    confusion: tuple[Bin, ...] = ()
    final: bool = True
    written: str = ""
    """The text as it was typed; '' for speech."""

    @property
    def text(self) -> str:
        """Text of the best hypothesis."""
        return self.hypotheses[0].text if self.hypotheses else ""


@dataclass(frozen=True, kw_only=True)
class Addressed(Event):
    """Whether the turn was meant for the assistant."""

    turn: int
    to_device: bool
    score: float


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A value inside a request."""

    name: str
    text: str
    """The words as heard."""
    value: Any
    """Canonical value (number, ISO time, list item)."""
    first: int
    """Index of the first word."""
    last: int
    """Index one past the last word."""
    score: float


@dataclass(frozen=True, kw_only=True)
class When:
    """A time named for an action: 'in ten minutes', 'tomorrow at seven', 'every weekday at six'."""

    text: str
    """The words as heard."""
    seconds: float | None = None
    """A delay; None when a time of day or a day was named."""
    time: str = ""
    """Time of day, HH:MM; without 'am' or 'pm' among the words, the hour as it was said."""
    date: str = ""
    """ISO date."""
    every: tuple[int, ...] = ()
    """Weekdays on which it recurs, Monday = 0; all seven: every day."""


@dataclass(frozen=True, kw_only=True)
class Unread:
    """Words of a request that nothing explains, so that it must not be carried out as if they were not there."""

    text: str
    first: int
    """Index of the first word."""
    last: int
    """Index one past the last word."""
    slot: str = ""
    """The slot whose value stands there and is unknown ('attic'); '' for words that fit nowhere ('if it rains')."""


@dataclass(frozen=True, kw_only=True)
class Interpretation(Event):
    """What was meant. `rejected` when no skill should act on it."""

    turn: int
    text: str
    skill: str
    intent: str
    score: float
    """Calibrated probability that this skill and intent are meant."""
    slots: tuple[Slot, ...] = ()
    alternatives: tuple[tuple[str, str, float], ...] = ()
    """(skill, intent, score), best first, the chosen one left out."""
    rejected: bool = False
    refused: bool = False
    """Whether it is rejected by a skill that names what it cannot do ("play some jazz") and says so."""
    exact: bool = False
    """Whether templates cover the request word for word."""
    doubtful: bool = False
    """Whether to ask before acting: likely, but not likely enough."""
    action: str = ""
    """The request as a plain command: 'turn off the light in the kitchen'."""
    negated: bool = False
    """Whether the request is not to do it."""
    when: When | None = None
    """When to do it; None: now."""
    unread: tuple[Unread, ...] = ()
    """Words that nothing explains; with any, nothing is done."""
    then: tuple[Interpretation, ...] = ()
    """Further requests of the same sentence, in order."""
    heard: float = 1.0
    """Confidence of the recogniser in the words, 0..1; 1 for typed text."""
    written: str = ""
    """The whole sentence as it was typed; '' for speech."""

    @property
    def values(self) -> dict[str, Any]:
        """Slot name -> canonical value."""
        return {slot.name: slot.value for slot in self.slots}


@dataclass(frozen=True, kw_only=True)
class StateChanged(Event):
    """The dialogue state after the turn; plain JSON values."""

    turn: int
    state: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reply(Event):
    """The answer before it is spoken."""

    turn: int
    text: str
    act: str
    """Universal dialogue act: 'inform', 'request', 'confirm', 'sorry', 'ack', ..."""
    data: Mapping[str, Any] = field(default_factory=dict)
    style: str = "neutral"
    expects_answer: bool = False
    yes_or_no: bool = False
    """Whether it asks for a yes or no."""


@dataclass(frozen=True, kw_only=True)
class SpeechChunk(Event):
    """A piece of the spoken reply; pieces follow each other without gaps."""

    turn: int
    samples: Samples
    rate: int
    """Hz of `samples`."""
    text_start: int
    text_end: int
    """Character span of the reply text that this piece belongs to."""


@dataclass(frozen=True, kw_only=True)
class PlaybackStarted(Event):
    """The loudspeaker begins to play a reply."""

    turn: int
    start: int


@dataclass(frozen=True, kw_only=True)
class PlaybackEnded(Event):
    """The loudspeaker has fallen silent."""

    turn: int
    end: int
    interrupted: bool = False
    """Whether the reply was cut off before its end."""


@dataclass(frozen=True, kw_only=True)
class FollowUpOpened(Event):
    """No wake word is needed until `end`."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class StageFailed(Event):
    """A stage raised; the turn continues without its answer."""

    turn: int
    """-1 outside a turn."""
    stage: str
    message: str
