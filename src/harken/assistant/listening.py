"""A conversation through a sound card: the assistant's loop with a microphone in front and a loudspeaker behind.

    with Listening(models, PortAudioCard()) as listening:
        listening.open()
        while True:
            for event in listening.step():
                ...

The card may be lost at any time; the conversation waits for it and continues. Timers ring meanwhile, unheard but shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from harken.assistant.assistant import Assistant
from harken.assistant.models import Models
from harken.assistant.sound_card import CardLoudspeaker, Heard, SoundCard
from harken.audio import chime
from harken.data.mixing import level
from harken.dialogue.conversation import rings
from harken.errors import SoundDeviceError
from harken.events import SAMPLE_RATE, Event, Reply, Samples, TurnStarted, seconds

AGAIN = 2.0
"""Seconds between two attempts to open a card that was lost."""
_PATIENCE = 0.1
"""Seconds that one step waits for sound."""
_TELL = 10.0
"""Seconds between two messages about lost sound."""
_QUIET = np.zeros(2 * SAMPLE_RATE, np.float32)
_SILENCE = Heard(samples=_QUIET, played=_QUIET, playing=False)
"""Ends the turn of a speaker who can no longer be heard."""


class Listening:
    """One conversation through a sound card; a context manager, like the assistant in it.

    Args:
        models: of the assistant; their profile's `sound` says whether there is a tone and whether echo is removed.
        card: hears and plays.
        wake: whether a wake word is needed.
        live: as for `Assistant`; False where the sound does not run on the clock of the world.
        tell: takes messages for people: a device that is gone or back, sound that was lost.
        clock: seconds on a clock that only runs forward.
    """

    def __init__(
        self, models: Models, card: SoundCard, *, wake: bool = True, live: bool = True,
        tell: Callable[[str], None] = lambda _: None, clock: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        sound = models.profile.sound
        self._card, self._tell, self._clock = card, tell, clock
        self._speaker = CardLoudspeaker(card, echo=sound.echo)
        self.assistant = Assistant.over(models, wake=wake, loudspeaker=self._speaker, live=live, echo=sound.echo)
        self._chime: Samples | None = chime.make_chime() if sound.tone else None
        self._bell = chime.make_bell()
        self._gone_since: float | None = None
        self._tried = 0.0
        self._lost, self._told_at = 0, -_TELL
        self.level = -100.0
        """Of the sound heard last, dB below full scale."""

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connected(self) -> bool:
        """Whether the card can be heard at present."""
        return self._gone_since is None

    def open(self) -> None:
        """Load the models, then begin to hear.

        Raises:
            BundleError: a model is missing or damaged.
            MissingExtra: a package for sound is not installed.
            SoundDeviceError: the card cannot be opened.
        """
        for stage in self.assistant.chain.stages:
            stage.warm_up()
        self._card.open()

    def close(self) -> None:
        """End the conversation."""
        self._card.close()
        self.assistant.close()

    def step(self) -> Iterator[Event]:
        """Hear the next piece of sound, if one comes soon: what follows from it, each event as soon as it exists."""
        connected = self.connected
        heard = self._read()
        if heard is not None:
            self.level = level(heard.samples)
            yield from self._hear(heard)
        elif self.connected:
            yield from self._passed_on(self.assistant.poll())
        else:
            if connected:  # just lost: the reply is cut off, and whoever spoke can no longer be heard
                yield from self.assistant.stop_speaking()
                yield from self._hear(_SILENCE)
            yield from self.assistant.poll()
            yield from self.assistant.stop_speaking()  # nobody hears it

    def ask(self, text: str) -> list[Event]:
        """A typed turn; what is being said stops."""
        return [*self.assistant.stop_speaking(), *self.assistant.ask_text(text)]

    def _hear(self, heard: Heard) -> Iterator[Event]:
        self._speaker.hear(heard)
        yield from self._passed_on(self.assistant.stream(heard.samples))

    def _passed_on(self, events: Iterator[Event] | list[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, TurnStarted) and event.reason in ("wake", "bargein") and self._chime is not None:
                self._card.play(self._chime, chime.RATE)
            elif isinstance(event, Reply) and rings(event):
                self._card.play(self._bell, chime.RATE)  # its speech follows
            yield event

    def _read(self) -> Heard | None:
        if self._gone_since is not None:
            self._try_again()
            return None
        try:
            heard = self._card.read(_PATIENCE)
        except SoundDeviceError as error:
            self._lose(error)
            return None
        self._watch_losses()
        return heard

    def _lose(self, error: SoundDeviceError) -> None:
        self._card.close()
        self._gone_since = self._tried = self._clock()
        self.level = -100.0
        self._tell(f"{error}; trying again every {AGAIN:.0f} s")

    def _try_again(self) -> None:
        if self._clock() - self._tried < AGAIN:
            time.sleep(_PATIENCE)
            return
        self._tried = self._clock()
        try:
            self._card.open()
        except SoundDeviceError:
            return  # told when it was lost
        gone = self._clock() - (self._gone_since or 0.0)
        self._gone_since, self._lost = None, 0
        self._tell(f"listening again after {gone:.0f} s: {' / '.join(self._card.names)}")

    def _watch_losses(self) -> None:
        if self._card.lost == self._lost or self._clock() - self._told_at < _TELL:
            return
        more, self._lost, self._told_at = self._card.lost - self._lost, self._card.lost, self._clock()
        self._tell(f"{seconds(more):.2f} s of sound were lost: this machine is too busy to keep up with the microphone")
