"""What `harken listen` shows: the conversation line by line and, on a terminal, meters below it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from harken.cli.output import console, message, print_json
from harken.events import (
    NOBODY_SPOKE,
    Event,
    PlaybackEnded,
    PlaybackStarted,
    Reply,
    SpeechActivity,
    StageFailed,
    StopDetected,
    Transcript,
    TurnEnded,
    TurnStarted,
    WakeDetected,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from harken.assistant.turn_watch import TurnTimes

_EVERY = 0.08
"""Seconds between two drawings of the meters."""
_QUIETEST = -70.0
"""dB at the left end of the level meter."""
_WIDTH = 20
_HELP = "space: talk now · type and Enter: ask · Esc: be quiet · Ctrl-C: end"


@dataclass
class Meters:
    """What is shown besides the conversation."""

    level: float = -100.0
    """dB below full scale."""
    speech: float = 0.0
    """Probability 0..1 that somebody speaks."""
    wake: dict[str, float] = field(default_factory=dict)
    """Wake word -> score 0..1."""
    partial: str = ""
    """What was heard of the turn so far."""
    state: str = "waiting"
    line: str = ""
    """What is being typed."""

    def see(self, event: Event) -> None:
        """Take the next event."""
        match event:
            case SpeechActivity():
                self.speech = event.score
            case TurnStarted():
                self.state, self.partial = "listening", ""
            case Transcript(final=False):
                self.partial = event.text
            case TurnEnded():
                self.state, self.partial = "waiting" if event.reason == NOBODY_SPOKE else "thinking", ""
            case PlaybackStarted():
                self.state = "speaking"
            case Transcript(final=True) if not event.text:
                self.state = "waiting"
            case PlaybackEnded() if self.state == "speaking":
                self.state = "waiting"
            case _:
                pass


class Screen(Protocol):
    """Shows a live conversation."""

    def see(self, event: Event) -> None:
        """Show an event, if it is worth a line."""

    def times(self, times: TurnTimes) -> None:
        """Show how long a turn took."""

    def tell(self, text: str) -> None:
        """Show a message."""

    def draw(self, meters: Meters) -> None:
        """Show the meters, if there are any."""


class JsonScreen:
    """Every event as an object on one line, without samples; messages on standard error."""

    def see(self, event: Event) -> None:
        """Print the event."""
        from harken.trace import to_json

        print_json(to_json(event))

    def times(self, times: TurnTimes) -> None:
        """Print the times."""
        print_json({"event": "TurnTimes", **vars(times), "after_decision": times.after_decision, "total": times.total})

    def tell(self, text: str) -> None:
        """A message."""
        message(f"harken: {text}")

    def draw(self, meters: Meters) -> None:
        """No meters."""


class LineScreen:
    """The conversation line by line, for pipes, logs and screen readers."""

    def see(self, event: Event) -> None:
        """Print the event's line."""
        for who, text in said(event):
            print(f"{who}: {text}", flush=True)

    def times(self, times: TurnTimes) -> None:
        """Print the times."""
        print(f"   {in_words(times)}", flush=True)

    def tell(self, text: str) -> None:
        """A message."""
        message(f"harken: {text}")

    def draw(self, meters: Meters) -> None:
        """No meters."""


class TerminalScreen:
    """The conversation with meters below it.

    Args:
        live: rich's live display.
        clock: seconds on a clock that only runs forward.
    """

    def __init__(self, live: Any, *, clock: Callable[[], float] = time.monotonic):
        self._live, self._clock, self._drawn = live, clock, -_EVERY

    def see(self, event: Event) -> None:
        """Print the event's line above the meters."""
        from rich.text import Text

        for who, text in said(event):
            style = {"you": "bold cyan", "harken": "bold green", "error": "bold red"}.get(who, "dim")
            self._live.console.print(Text.assemble((f"{who:>8}  ", style), text))

    def times(self, times: TurnTimes) -> None:
        """Print the times."""
        from rich.text import Text

        self._live.console.print(Text(f"          {in_words(times)}", style="dim"))

    def tell(self, text: str) -> None:
        """A message."""
        from rich.text import Text

        self._live.console.print(Text(text, style="yellow"))

    def draw(self, meters: Meters) -> None:
        """Draw the meters, but not more often than they can be read."""
        if self._clock() - self._drawn < _EVERY:
            return
        self._drawn = self._clock()
        self._live.update(panel(meters), refresh=True)


@contextmanager
def open_screen(*, as_json: bool, plain: bool) -> Iterator[Screen]:
    """The screen that fits: JSON lines if asked for, meters on a terminal, else plain lines."""
    if as_json:
        yield JsonScreen()
    elif plain or not console().is_terminal:
        yield LineScreen()
    else:
        from rich.live import Live

        with Live(console=console(), auto_refresh=False, transient=True) as live:
            yield TerminalScreen(live)


def said(event: Event) -> Iterator[tuple[str, str]]:
    """(who, what) for the events that make up a conversation as people follow it."""
    match event:
        case WakeDetected():
            yield "wake", f"{event.word} ({event.score:.2f})"
        case TurnEnded(reason=reason) if reason == NOBODY_SPOKE:
            yield "wake", "nobody spoke"
        case Transcript(final=True):
            yield "you", event.written or event.text or "(no words recognised)"
        case Reply():
            yield "harken", event.text
        case StopDetected():
            yield "wake", f"{event.word} ({event.score:.2f})"
        case StageFailed():
            yield "error", f"{event.stage}: {event.message}"
        case _:
            pass


def in_words(times: TurnTimes) -> str:
    """The times of a turn on one line, in milliseconds."""
    parts = {
        "end-point": times.endpoint, "words": times.words, "meaning": times.meaning, "reply": times.reply,
        "voice": times.voice,
    }  # fmt: skip
    return f"{1000 * times.total:.0f} ms: " + ", ".join(f"{name} {1000 * each:.0f}" for name, each in parts.items())


def panel(meters: Meters) -> RenderableType:
    """The meters as rich draws them."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    loud = (meters.level - _QUIETEST) / -_QUIETEST
    rows = [
        ("level", loud, f"{max(meters.level, _QUIETEST):.0f} dB"),
        ("speech", meters.speech, f"{meters.speech:.2f}"),
    ]
    rows += [(word, score, f"{score:.2f}") for word, score in meters.wake.items()]
    for name, share, figure in rows:
        grid.add_row(Text(name), bar(share), Text(figure, justify="right"))
    grid.add_row(Text("hears"), Text(meters.partial or "…", style="cyan", overflow="ellipsis", no_wrap=True))
    grid.add_row(Text("type"), Text(f"{meters.line}▏", no_wrap=True))
    return Panel(grid, title=f"harken: {meters.state}", title_align="left", subtitle=_HELP, subtitle_align="left")


def bar(share: float) -> Any:
    """A bar of fixed width, filled to a share 0..1."""
    from rich.text import Text

    full = round(_WIDTH * min(1.0, max(0.0, share)))
    return Text("█" * full + "·" * (_WIDTH - full), style="green" if share < 0.8 else "bold green")
