"""The gate decides which stretches of sound are turns, and passes on only those.

A turn begins after the wake word, or where speech begins while no wake word is needed. It ends when the speaker falls
silent: soon after words that make a whole request, later where more words must follow. Whether they do is asked of
whoever knows, usually the recogniser. All decisions use sample positions and the spans of the speech detector, so that
the same sound gives the same turns however it is cut into chunks.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from harken.activation.front_end import clean
from harken.errors import ConfigError, PipelineError
from harken.events import (
    NOBODY_SPOKE,
    SAMPLE_RATE,
    AudioChunk,
    EchoAlone,
    Event,
    FollowUpOpened,
    PlaybackEnded,
    PlaybackStarted,
    Samples,
    SpeechActivity,
    TurnAudio,
    TurnEnded,
    TurnStarted,
    WakeDetected,
)

_KEEP = 4 * SAMPLE_RATE  # how far back a turn can begin: pre-roll, and the wake word's own delay
_NEVER = 1 << 62
PATIENCE = ((0.75, 0.5), (0.3, 0.8), (0.05, 1.0), (0.0, 2.0))
"""(probability 0..1 that what was said so far is all, from which this counts; factor on the silence that ends a turn).
Set on coffee orders of `dev` and `train`, clean and in noise."""


@dataclass(frozen=True, kw_only=True)
class GateConfig:
    """When turns begin and end; seconds."""

    open: bool = False
    """A wake word is never needed: speech begins a turn."""
    end_silence: float = 0.5
    """Silence after speech that ends a turn; by `PATIENCE`, less after a whole request and more within one."""
    fading: float = 0.9
    """Sound that stays `fading_db` quieter than the preceding speech for this long also ends a turn, even if it is
    speech: it comes from somebody further away."""
    fading_db: float = 15.0
    no_speech: float = 4.0
    """A turn in which nobody speaks ends after this long."""
    limit: float = 15.0
    """Longest turn."""
    pre_roll: float = 0.3
    """Sound before the first speech that is included in a turn without a wake word."""
    onset: float = 0.15
    """Speech must last this long to begin a turn without a wake word, or to count after a pause that follows the wake
    word."""
    settle: float = 0.3
    """Speech that continues without a pause after the wake word counts after this long: before that, it may be the end
    of the word itself."""

    def __post_init__(self) -> None:
        for name in ("end_silence", "fading", "no_speech", "limit", "pre_roll", "onset", "settle"):
            if not 0 <= getattr(self, name) <= 60:
                raise ConfigError(f"gate.{name} is {getattr(self, name)} s; expected 0..60")


@dataclass
class _Turn:
    number: int
    start: int
    sent: int
    """Position up to which sound has been passed on."""
    last_speech: int
    """End of the last span with speech; the turn's start before that."""
    last_near: int
    """End of the last span that was about as loud as the speaker."""
    heard: bool
    run: int = 0
    """Samples of speech so far without a pause."""
    paused: bool = False
    """Whether there has been a pause since the start."""
    loudest: float = 0.0
    """Mean square of the loudest spans of speech, falling slowly."""


class Gate:
    """Stage: sound, wake words and speech activity in; turns out.

    Later stages hear only turns.

    Args:
        config: when turns begin and end.
        number: returns the number of the next turn; by default turns are counted from 0 since the last reset.
        complete: returns the probability 0..1 that what has been passed on of a turn is a whole request, or None if
            that is not known; by default it never is.
    """

    name = "gate"
    consumes: tuple[type[Event], ...] = (
        AudioChunk, EchoAlone, WakeDetected, SpeechActivity, PlaybackStarted, PlaybackEnded, FollowUpOpened,
    )  # fmt: skip
    emits: tuple[type[Event], ...] = (TurnStarted, TurnAudio, TurnEnded)
    replaces: tuple[type[Event], ...] = (AudioChunk,)
    latency = 0

    def __init__(
        self, config: GateConfig | None = None, *, number: Callable[[], int] | None = None,
        complete: Callable[[], float | None] = lambda: None,
    ):  # fmt: skip
        self.config = config or GateConfig()
        self._given_number, self._complete = number, complete
        self.reset()

    def reset(self) -> None:
        """Forget the stream; turns that the gate counts itself start at 0 again."""
        self._number = self._given_number or itertools.count().__next__
        self._sound = _Memory()
        self._spans: deque[SpeechActivity] = deque()
        self._turn: _Turn | None = None
        self._free_from = 0
        self._playing = (_NEVER, _NEVER)
        self._echo: deque[EchoAlone] = deque()
        """The latest news of the echo, the oldest of which holds at the oldest span."""
        self._follow_up = (_NEVER, _NEVER)

    def process(self, event: Event) -> Iterable[Event]:
        """The events that follow from one event. What follows from sound is given piece by piece: whether a request is
        complete is known only when the later stages have heard it."""
        match event:
            case AudioChunk():
                self._remember(event)
            case EchoAlone():
                self._echo.append(event)
            case SpeechActivity():
                self._spans.append(event)
                return self._advance(event)
            case WakeDetected():
                return self._wake(event)
            case PlaybackStarted():
                self._playing = (event.start, _NEVER)
            case PlaybackEnded():
                self._playing = (self._playing[0], event.end)
            case FollowUpOpened():
                self._follow_up = (event.start, event.end)
            case _:
                raise PipelineError(f"{self.name} does not take {type(event).__name__}")
        return []

    def flush(self) -> list[Event]:
        """End the stream, and with it a turn in progress."""
        if self._turn is None:
            return []
        end = max(self._turn.sent, self._sound.end)
        return [
            *self._let_through(self._turn, end),
            self._end(self._turn, end, "flush" if self._turn.heard else NOBODY_SPOKE),
        ]

    def _wake(self, event: WakeDetected) -> Iterator[Event]:
        # Depending on the chunking, spans after the word may have arrived before it: they are processed again.
        playing = self._during(self._playing, event.end)
        if self._turn is not None or event.end < self._free_from or (self.config.open and not playing):
            return
        later = [span for span in self._spans if span.end > event.end]
        yield self._begin(event.end, "bargein" if playing else "wake")
        for span in later:
            yield from self._advance(span)

    def _remember(self, chunk: AudioChunk) -> None:
        # By now the other stages have reported everything about earlier chunks: what is old can be forgotten.
        self._sound.add(chunk)
        self._sound.forget(chunk.start - _KEEP)
        while self._spans and self._spans[0].end < chunk.start - _KEEP:
            self._spans.popleft()
        while len(self._echo) > 1 and self._echo[1].start < chunk.start - _KEEP:
            self._echo.popleft()

    def _advance(self, span: SpeechActivity) -> Iterator[Event]:
        """Advance to the end of a span."""
        if self._turn is None:
            start = self._onset(span)
            if start is None:
                return
            follow_up = self._during(self._follow_up, span.start)
            self._follow_up = (_NEVER, _NEVER)
            earlier = [other for other in self._spans if start < other.end <= span.end]
            yield self._begin(start, "followup" if follow_up else "open")
        else:
            earlier = [span]
        for part in earlier:
            if self._turn is not None:
                yield from self._continue(self._turn, part)

    def _onset(self, span: SpeechActivity) -> int | None:
        """Where a turn without a wake word begins, if this span decides that one does."""
        needed = self.config.open or self._during(self._follow_up, span.start)
        if not needed or not self._somebody(span) or self._during(self._playing, span.start):
            return None
        # What was heard while the assistant spoke may have been itself: it does not count, though it is passed on.
        earliest = max(self._free_from, self._playing[1] if self._playing[1] < _NEVER else 0)
        first = span.start
        for other in reversed(self._spans):
            if not self._somebody(other) or other.end < first or other.start < earliest:
                break
            first = other.start
        if span.end - first < self.config.onset * SAMPLE_RATE:
            return None
        return max(self._free_from, first - round(self.config.pre_roll * SAMPLE_RATE), self._sound.start)

    def _somebody(self, span: SpeechActivity) -> bool:
        """Whether there is speech, and not that of the reply that has just ended and still sounds in the room."""
        return span.speech and not next((news.alone for news in reversed(self._echo) if news.start < span.end), False)

    def _begin(self, start: int, reason: str) -> TurnStarted:
        start = max(start, self._sound.start)
        heard = reason in ("open", "followup")  # there, speech began the turn
        self._turn = _Turn(self._number(), start, start, last_speech=start, last_near=start, heard=heard)
        return TurnStarted(turn=self._turn.number, start=start, reason=reason)

    def _continue(self, turn: _Turn, span: SpeechActivity) -> Iterator[Event]:
        yield from self._let_through(turn, span.end)
        if self._turn is not turn:
            return  # somebody who heard it has dropped the turn
        if not span.speech:
            turn.run, turn.paused = 0, True
        else:
            turn.run += span.end - max(span.start, turn.start)
            needed = self.config.onset if turn.paused else self.config.settle
            turn.heard = turn.heard or turn.run >= needed * SAMPLE_RATE
            turn.last_speech = span.end
            power = self._sound.power(max(span.start, turn.start), span.end)
            turn.loudest = max(turn.loudest * 0.99, power)
            if power >= turn.loudest * 10 ** (-self.config.fading_db / 10):
                turn.last_near = span.end
        reason = self._reason_to_end(turn, span.end)
        if reason:
            yield self._end(turn, span.end, reason)

    def _reason_to_end(self, turn: _Turn, now: int) -> str | None:
        config = self.config
        if not turn.heard:
            return NOBODY_SPOKE if now - turn.start >= config.no_speech * SAMPLE_RATE else None
        if self._has_ended((now - turn.last_speech) / SAMPLE_RATE):
            return "silence"
        if turn.last_speech > turn.last_near and now - turn.last_near >= config.fading * SAMPLE_RATE:
            return "silence"
        return "limit" if now - turn.start >= config.limit * SAMPLE_RATE else None

    def _has_ended(self, silence: float) -> bool:
        """Whether this many seconds of silence end a turn."""
        usual = self.config.end_silence
        if silence < usual * min(factor for _, factor in PATIENCE):
            return False
        complete = self._complete()
        factor = 1.0 if complete is None else next(factor for least, factor in PATIENCE if complete >= least)
        return silence >= usual * factor

    def _let_through(self, turn: _Turn, end: int) -> list[Event]:
        if end <= turn.sent:
            return []
        samples = self._sound.cut(turn.sent, end)
        start, turn.sent = turn.sent, end
        return [TurnAudio(turn=turn.number, start=start, samples=samples)]

    def _end(self, turn: _Turn, end: int, reason: str) -> TurnEnded:
        self._turn, self._free_from = None, end
        return TurnEnded(turn=turn.number, end=end, reason=reason)

    @staticmethod
    def _during(span: tuple[int, int], position: int) -> bool:
        return span[0] <= position < span[1]


class _Memory:
    """The last seconds of sound, by position."""

    def __init__(self) -> None:
        self._parts: deque[tuple[int, Samples]] = deque()
        self.end = 0

    @property
    def start(self) -> int:
        return self._parts[0][0] if self._parts else self.end

    def add(self, chunk: AudioChunk) -> None:
        self._parts.append((chunk.start, clean(chunk.samples)))
        self.end = chunk.start + len(chunk.samples)

    def forget(self, before: int) -> None:
        while self._parts and self._parts[0][0] + len(self._parts[0][1]) <= before:
            self._parts.popleft()

    def cut(self, start: int, end: int) -> Samples:
        inside = [
            part[max(0, start - at) : end - at] for at, part in self._parts if at < end and at + len(part) > start
        ]
        return np.concatenate(inside) if inside else np.zeros(0, np.float32)

    def power(self, start: int, end: int) -> float:
        samples = self.cut(start, end)
        return float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
