"""The command that talks: listen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from harken.cli.keys import ESCAPE, SPACE, Typing, typing
from harken.cli.live_screen import Meters, Screen, open_screen
from harken.cli.loading import loading
from harken.cli.options import Json, ProfileName, SkillFolders, examples
from harken.cli.output import message, print_json, print_table
from harken.events import Event

if TYPE_CHECKING:
    from harken.assistant.listening import Listening
    from harken.assistant.turn_watch import TurnWatch


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(
        epilog=examples("harken listen", "harken listen --devices", "harken listen --microphone usb --loudspeaker 3")
    )(listen)


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
                    _converse(listening, screen, typed)
                except KeyboardInterrupt:
                    message("")


def _converse(listening: Listening, screen: Screen, typed: Typing) -> None:
    """Until somebody ends it."""
    from harken.assistant.turn_watch import TurnWatch

    meters, watch = Meters(), TurnWatch()
    while True:
        for entry in typed.entered():
            for event in _entered(listening, entry):
                _show(event, screen, meters, watch)
        for event in listening.step():
            _show(event, screen, meters, watch)
        meters.level, meters.wake, meters.line = listening.level, listening.assistant.chain.wake_scores, typed.line
        screen.draw(meters)


def _entered(listening: Listening, entry: str) -> list[Event]:
    if entry == SPACE:
        return listening.assistant.open_turn()
    if entry == ESCAPE:
        return listening.assistant.stop_speaking()
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
