"""A sound card that may be lost at any time and is found again."""

from __future__ import annotations

import time
from collections.abc import Callable

from harken.assistant.sound_card import Heard, SoundCard
from harken.audio import chime
from harken.data.mixing import level
from harken.errors import SoundDeviceError
from harken.events import seconds

AGAIN = 2.0
"""Seconds between two attempts to open a card that was lost."""
_PATIENCE = 0.1
"""Seconds that one read waits for sound."""
_TELL = 10.0
"""Seconds between two messages about lost sound."""
_SILENT = -100.0


class KeptCard:
    """Reads from a card, and opens it again when it is gone.

    Args:
        card: hears and plays.
        tell: takes messages for people: a device that is gone or back, sound that was lost.
        greet: whether to play the greeting whenever the card opens; the devices may stand elsewhere than before.
        clock: seconds on a clock that only runs forward.
    """

    def __init__(
        self, card: SoundCard, *, tell: Callable[[str], None], greet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        self._card, self._tell, self._clock = card, tell, clock
        self._greeting = chime.make_greeting() if greet else None
        self._gone_since: float | None = None
        self._tried = 0.0
        self._lost, self._told_at = 0, -_TELL
        self.level = _SILENT
        """Of the sound heard last, dB below full scale."""

    @property
    def connected(self) -> bool:
        """Whether the card can be heard at present."""
        return self._gone_since is None

    def open(self) -> None:
        """Begin to hear.

        Raises:
            SoundDeviceError: the card cannot be opened.
        """
        self._card.open()
        if self._greeting is not None:
            self._card.play(self._greeting, chime.RATE)

    def read(self) -> Heard | None:
        """The next piece of sound, if one comes soon."""
        if self._gone_since is not None:
            self._try_again()
            return None
        try:
            heard = self._card.read(_PATIENCE)
        except SoundDeviceError as error:
            self._lose(error)
            return None
        self._watch_losses()
        if heard is not None:
            self.level = level(heard.samples)
        return heard

    def _lose(self, error: SoundDeviceError) -> None:
        self._card.close()
        self._gone_since = self._tried = self._clock()
        self.level = _SILENT
        self._tell(f"{error}; trying again every {AGAIN:.0f} s")

    def _try_again(self) -> None:
        if self._clock() - self._tried < AGAIN:
            time.sleep(_PATIENCE)
            return
        self._tried = self._clock()
        try:
            self.open()
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
