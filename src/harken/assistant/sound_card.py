"""A microphone with a loudspeaker beside it, as the assistant sees them; and a loudspeaker that plays on one.

`harken.assistant.portaudio` has the one of this machine. A test's or a simulation's card only needs these methods.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from harken.events import Event, PlaybackEnded, PlaybackStarted, PlayedAudio, Samples, SpeechChunk


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A piece of what the microphone heard, and what the loudspeaker was given meanwhile."""

    samples: Samples
    """[n] float32 mono -1..1 at 16 kHz."""
    played: Samples
    """[n] float32 mono at 16 kHz."""
    playing: bool
    """Whether sound is playing or waits to be played."""


class SoundCard(Protocol):
    """One microphone and one loudspeaker. All methods are called from one thread."""

    @property
    def names(self) -> tuple[str, str]:
        """Names of the microphone and the loudspeaker, for people; '' before `open`."""

    @property
    def delay(self) -> int:
        """Samples at 16 kHz from handing over a sound until the microphone hears it, as far as the system knows."""

    @property
    def lost(self) -> int:
        """Samples at 16 kHz that were lost since `open` because nobody took them in time."""

    def open(self) -> None:
        """Begin to hear and to play.

        Raises:
            SoundDeviceError: a device is missing, busy, or refuses.
        """

    def close(self) -> None:
        """Fall silent and let go of the devices; does nothing when they are not open."""

    def read(self, timeout: float) -> Heard | None:
        """The next piece of sound; None when none came within `timeout` seconds.

        Raises:
            SoundDeviceError: the device is gone.
        """

    def play(self, samples: Samples, rate: int) -> None:
        """Play samples [n] at `rate` Hz after all that waits to be played."""

    def silence(self) -> None:
        """Fall silent at once and drop what waits to be played."""


class CardLoudspeaker:
    """Plays replies on a sound card and reports what was really played.

    Args:
        card: plays; open or not.
        echo: whether to report what was given to it, for a chain that takes out the echo.
    """

    def __init__(self, card: SoundCard, *, echo: bool = True):
        self._card, self._echo = card, echo
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._card.silence()
        self._turn: int | None = None
        """Whose reply plays; None in silence."""
        self._heard = 0
        """Samples that the microphone has heard."""
        self._end = 0
        """Position at which the microphone has heard the last of what was played."""
        self._waiting = False
        """Whether something that was handed over may not have been played yet."""
        self._played: deque[PlayedAudio] = deque()

    def hear(self, heard: Heard) -> None:
        """What the card heard next; the assistant must get the same samples right after it, and no others."""
        if self._echo and heard.playing:
            self._played.append(PlayedAudio(start=self._heard, samples=heard.played))
        self._heard += len(heard.samples)
        if heard.playing:
            self._end = self._heard + self._card.delay
        self._waiting = heard.playing

    @property
    def playing(self) -> bool:
        """Whether a reply is playing."""
        return self._turn is not None

    def play(self, chunk: SpeechChunk, now: int) -> list[Event]:
        """Hand a piece to the card."""
        begins = not self.playing
        self._turn, self._waiting = chunk.turn, True
        self._card.play(chunk.samples, chunk.rate)
        return [PlaybackStarted(turn=chunk.turn, start=now)] if begins else []

    def stop(self, now: int) -> list[Event]:
        """Fall silent."""
        self._card.silence()
        return self._silent(now, interrupted=True)

    def advance(self, now: int) -> list[Event]:
        """What was given to the card, and the end of the reply when the microphone has heard it."""
        reports: list[Event] = list(self._played)
        self._played.clear()
        if self.playing and not self._waiting and now >= self._end:
            reports += self._silent(self._end, interrupted=False)
        return reports

    def finish(self) -> list[Event]:
        """No more sound comes in, so nothing shows when the reply ends: it ends now."""
        return self._silent(self._heard, interrupted=False)

    def _silent(self, now: int, *, interrupted: bool) -> list[Event]:
        turn, self._turn, self._waiting = self._turn, None, False
        return [] if turn is None else [PlaybackEnded(turn=turn, end=now, interrupted=interrupted)]
