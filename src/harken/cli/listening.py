"""The command that talks: listen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from harken.cli.keys import ESCAPE, SPACE, Typing, typing
from harken.cli.live_screen import Meters, Screen, open_screen
from harken.cli.loading import loading
from harken.cli.options import Json, ProfileName, SkillFolders, examples
from harken.cli.output import message, print_json, print_table
from harken.events import Event

if TYPE_CHECKING:
    from harken.assistant.turn_watch import TurnWatch


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(
        epilog=examples("harken listen", "harken listen --devices", "harken listen --microphone usb --loudspeaker 3")
    )(listen)
    app.command(
        epilog=examples(
            "harken satellite --server kitchen.local",
            "harken satellite --server https://harken.home.example --token TOKEN --place bedroom",
        )
    )(satellite)


def listen(
    devices: Annotated[
        bool, typer.Option("--devices", help="Instead: list the microphones and loudspeakers of this machine.")
    ] = False,
    microphone: Annotated[
        str, typer.Option(help="Part of the name or the number of the microphone; the profile's by default.")
    ] = "",
    loudspeaker: Annotated[
        str, typer.Option(help="Part of the name or the number of the loudspeaker; the profile's by default.")
    ] = "",
    wake: Annotated[bool, typer.Option(help="Whether the wake word is needed.")] = True,
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines instead of meters, as for a pipe.")] = False,
    skill: SkillFolders = None,
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Talk to the assistant: say the wake word and a request, and hear the answer. Ctrl-C ends.

    Without the wake word: press the space bar and speak, or type a request and press Enter. While it speaks, "stop" or
    the wake word silences it. With --json, every event is printed.
    """
    if devices:
        _show_devices(as_json)
        return
    from harken.assistant.listening import Listening
    from harken.assistant.models import Models
    from harken.assistant.portaudio import PortAudioCard

    with open_screen(as_json=as_json, plain=plain) as screen:
        models = Models.load(profile, skills=skill or [])
        sound = models.profile.sound
        card = PortAudioCard(microphone=microphone or sound.microphone, loudspeaker=loudspeaker or sound.loudspeaker)
        with Listening(models, card, wake=wake, tell=screen.tell) as listening:
            with loading():
                listening.open()
            words = " or ".join(f"“{word}”" for word in models.state.words)
            screen.tell(
                f"listening on {card.names[0]}, speaking on {card.names[1]}; " + (f"say {words}" if wake else "speak")
            )
            with typing(keys=not (plain or as_json) and sys.stdin is not None and sys.stdin.isatty()) as typed:
                try:
                    converse(listening, screen, typed)
                except KeyboardInterrupt:
                    message("")


def satellite(
    server: Annotated[str, typer.Option(help="The machine that runs `harken serve`: its name, NAME:PORT, or address.")],
    token: Annotated[str, typer.Option(envvar="HARKEN_TOKEN", help="The token of the server.")] = "",
    place: Annotated[
        str,
        typer.Option(help="Where this is, e.g. kitchen: timers set here ring here. Its name by default."),
    ] = "",
    microphone: Annotated[str, typer.Option(help="As for `harken listen`.")] = "",
    loudspeaker: Annotated[str, typer.Option(help="As for `harken listen`.")] = "",
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines instead of meters, as for a pipe.")] = False,
    profile: ProfileName = "en",
    as_json: Json = False,
) -> None:
    """Microphone and loudspeaker here, the assistant on another machine. Ctrl-C ends.

    The wake word is heard here; what follows it is sent to the server, which answers. Everything else stays here.
    """
    import socket

    from harken.assistant.models import Models
    from harken.assistant.portaudio import PortAudioCard
    from harken.assistant.satellite import START, Satellite
    from harken.assistant.server_link import ServerLink

    with open_screen(as_json=as_json, plain=plain) as screen:
        models = Models.load(profile)
        sound = models.profile.sound
        card = PortAudioCard(microphone=microphone or sound.microphone, loudspeaker=loudspeaker or sound.loudspeaker)
        start = {**START, "place": (place or socket.gethostname())[:40]}
        link = ServerLink(server, start=start, token=token, tell=screen.tell)
        with Satellite(models, card, link, tell=screen.tell) as here:
            with loading():
                here.open()
            words = " or ".join(f"“{word}”" for word in models.state.words)
            screen.tell(
                f"listening on {card.names[0]}, speaking on {card.names[1]}, server {link.address}; say {words}"
            )
            with typing(keys=not (plain or as_json) and sys.stdin is not None and sys.stdin.isatty()) as typed:
                try:
                    converse(here, screen, typed)
                except KeyboardInterrupt:
                    message("")


class Conversing(Protocol):
    """What a conversation in the terminal needs."""

    @property
    def level(self) -> float:
        """Of the sound heard last, dB below full scale."""

    @property
    def wake_scores(self) -> dict[str, float]:
        """Wake word -> score."""

    def step(self) -> Iterator[Event]:
        """What follows from the next piece of sound."""

    def ask(self, text: str) -> list[Event]:
        """A typed turn."""

    def press(self) -> list[Event]:
        """A button instead of the wake word."""

    def stop_speaking(self) -> list[Event]:
        """The reply falls silent."""


def converse(listening: Conversing, screen: Screen, typed: Typing) -> None:
    """Until somebody ends it."""
    from harken.assistant.turn_watch import TurnWatch

    meters, watch = Meters(), TurnWatch()
    while True:
        for entry in typed.entered():
            for event in _entered(listening, entry):
                _show(event, screen, meters, watch)
        for event in listening.step():
            _show(event, screen, meters, watch)
        meters.level, meters.wake, meters.line = listening.level, listening.wake_scores, typed.line
        screen.draw(meters)


def _entered(listening: Conversing, entry: str) -> list[Event]:
    if entry == SPACE:
        return listening.press()
    if entry == ESCAPE:
        return listening.stop_speaking()
    return listening.ask(entry)


def _show(event: Event, screen: Screen, meters: Meters, watch: TurnWatch) -> None:
    meters.see(event)
    screen.see(event)
    times = watch.see(event)
    if times is not None:
        screen.times(times)


def _show_devices(as_json: bool) -> None:
    from dataclasses import asdict

    from harken.assistant.portaudio import list_devices

    found = list_devices()
    if as_json:
        for one in found:
            print_json(asdict(one))
        return
    rows = [
        (one.number, one.name, one.inputs or "", one.outputs or "", one.rate, ", ".join(one.chosen)) for one in found
    ]
    if rows:
        print_table(["number", "name", "inputs", "outputs", "Hz", "the system's choice"], rows)
    else:
        message("harken: no sound device was found; `harken listen` says what to do")
