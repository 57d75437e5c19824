"""Time as the dialogue sees it; handed in, so that tests and simulations can turn it."""

from __future__ import annotations

import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks: the one on the wall, which can be set, and one that only ever runs forward."""

    def now(self) -> dt.datetime:
        """The wall clock, with time zone."""

    def monotonic(self) -> float:
        """Seconds since some moment; unaffected by setting the wall clock."""


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> dt.datetime:
        """The wall clock in the local zone."""
        return dt.datetime.now().astimezone()

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()
