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
from harken.assistant.kept_card import KeptCard
from harken.assistant.models import Models
from harken.assistant.sound_card import CardLoudspeaker, Heard, SoundCard
from harken.audio import chime
from harken.dialogue.conversation import rings
from harken.events import SAMPLE_RATE, Event, Reply, Samples, TurnStarted

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
        self._card = card
        self._kept = KeptCard(card, tell=tell, greet=sound.greeting and sound.echo, clock=clock)
        self._speaker = CardLoudspeaker(card, echo=sound.echo)
        self.assistant = Assistant.over(models, wake=wake, loudspeaker=self._speaker, live=live, echo=sound.echo)
        self._chime: Samples | None = chime.make_chime() if sound.tone else None
        self._bell = chime.make_bell()

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def connected(self) -> bool:
        """Whether the card can be heard at present."""
        return self._kept.connected

    @property
    def level(self) -> float:
        """Of the sound heard last, dB below full scale."""
        return self._kept.level

    @property
    def wake_scores(self) -> dict[str, float]:
        """Wake word -> its highest score in the last 80 ms."""
        return self.assistant.chain.wake_scores

    def open(self) -> None:
        """Load the models, then begin to hear; a greeting says so.

        Raises:
            BundleError: a model is missing or damaged.
            MissingExtra: a package for sound is not installed.
            SoundDeviceError: the card cannot be opened.
        """
        for stage in self.assistant.chain.stages:
            stage.warm_up()
        self._kept.open()

    def close(self) -> None:
        """End the conversation."""
        self._card.close()
        self.assistant.close()

    def step(self) -> Iterator[Event]:
        """Hear the next piece of sound, if one comes soon: what follows from it, each event as soon as it exists."""
        connected = self.connected
        heard = self._kept.read()
        if heard is not None:
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

    def press(self) -> list[Event]:
        """A button: no wake word is needed for the next request."""
        return self.assistant.open_turn()

    def stop_speaking(self) -> list[Event]:
        """The reply that is being spoken falls silent."""
        return self.assistant.stop_speaking()

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
