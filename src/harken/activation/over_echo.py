"""What people say into a reply: the words that silence it, and the wake words.

The canceller lowers a person who speaks while the loudspeaker plays by up to 25 dB. So this stage stands before it,
behind a filter of its own that takes out less of the echo and nothing of the person. Another stage finds the words; it
listens only while the filter leaves so much of what is heard that somebody may be speaking besides the assistant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from harken.activation.echo_filter import EchoFilter
from harken.activation.echo_path import REACH
from harken.activation.played import Played
from harken.errors import PipelineError
from harken.events import (
    SAMPLE_RATE,
    AudioChunk,
    EchoAlone,
    Event,
    PlaybackEnded,
    PlaybackStarted,
    PlayedAudio,
    SpeechActivity,
    StopDetected,
    WakeDetected,
)
from harken.stage import Stage

BESIDES = 0.1
"""Share of the power of the last 0.32 s, left by the filter, from which somebody speaks besides the loudspeaker. From
the second second in a room on, the filter leaves about 0.01 of the echo alone, and 0.1 to 0.5 where a person speaks
5 dB below it."""
LISTENS = 0.04
"""Share from which it is worth listening for a word: a short word of a person 5 dB below the echo leaves no more than
that in 0.32 s."""
_BEFORE = 2 * SAMPLE_RATE
"""Samples of the loudspeaker's sound before the end of a word that was heard. In them it may have said that word: a
long word, and the delay of its echo."""


class WordsOverEcho:
    """Stage: sound and the loudspeaker's in, `WakeDetected` and `StopDetected` out, only while a reply plays.

    Words that the loudspeaker itself has just said do not count. `EchoAlone` tells when nobody speaks besides it, also
    while the last of a reply is still on its way.

    Args:
        spotter: stage that finds the words; of its own, for each reply begins afresh.
        own: another one like it, which finds the words in what is played.
        stops: those of the words that silence the assistant; all others are wake words.
    """

    name = "overecho"
    consumes: tuple[type[Event], ...] = (AudioChunk, PlayedAudio, PlaybackStarted, PlaybackEnded)
    emits: tuple[type[Event], ...] = (EchoAlone, WakeDetected, StopDetected)
    replaces: tuple[type[Event], ...] = ()

    def __init__(self, spotter: Stage, *, own: Stage, stops: Collection[str]):
        self._spotter, self._own, self._stops = spotter, own, frozenset(stops)
        self._filter = EchoFilter()
        self._listens, self._alone, self._played = False, False, Played()

    @property
    def latency(self) -> int:
        """Samples; that of the filter and the spotter."""
        return self._filter.latency + self._spotter.latency

    def process(self, event: Event) -> list[Event]:
        """The words that this event completes."""
        match event:
            case AudioChunk() | PlayedAudio():
                return list(self._hear(event))
            case PlaybackStarted():
                if not self._listens:
                    self._spotter.reset()
                self._listens = True
            case PlaybackEnded():
                self._listens = False
            case _:
                raise PipelineError(f"{self.name} does not take {type(event).__name__}")
        return []

    def flush(self) -> list[Event]:
        """A word at the very end of the stream."""
        if not self._listens:
            return []
        late = [found for chunk in self._filter.flush() for found in self._spotter.process(chunk)]
        return list(self._words([*late, *self._spotter.flush()]))

    def reset(self) -> None:
        """Forget the stream and the room; nothing plays."""
        self._spotter.reset()
        self._filter.reset()
        self._listens, self._alone, self._played = False, False, Played()

    def _hear(self, event: AudioChunk | PlayedAudio) -> Iterator[Event]:
        if isinstance(event, PlayedAudio):
            self._played.forget(event.start - _BEFORE)
            self._played.add(event.start, event.samples)
        for chunk, share in self._filter.filtered(event):
            yield from self._tell(chunk.start, share < BESIDES and chunk.start < self._played.end + REACH)
            if self._listens:
                span = (chunk.start, chunk.start + len(chunk.samples))
                self._spotter.process(SpeechActivity(start=span[0], end=span[1], speech=share >= LISTENS, score=share))
                yield from self._words(self._spotter.process(chunk))

    def _tell(self, start: int, alone: bool) -> Iterator[EchoAlone]:
        if alone is not self._alone:
            self._alone = alone
            yield EchoAlone(start=start, alone=alone)

    def _words(self, found: Iterable[Event]) -> Iterator[Event]:
        for one in found:
            if not isinstance(one, WakeDetected) or self._said_itself(one):
                continue
            if one.word in self._stops:
                yield StopDetected(word=one.word, start=one.start, end=one.end, score=one.score)
            else:
                yield one

    def _said_itself(self, found: WakeDetected) -> bool:
        """Whether the word is in what was played until then."""
        start = max(0, found.end - _BEFORE)
        self._own.reset()
        self._own.process(SpeechActivity(start=start, end=start, speech=True, score=1.0))
        heard = self._own.process(AudioChunk(start=start, samples=self._played.cut(start, found.end)))
        return any(isinstance(one, WakeDetected) and one.word == found.word for one in [*heard, *self._own.flush()])
