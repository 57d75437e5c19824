"""Commands that connect the home skill with a Home Assistant: home connect, show, disconnect."""

from __future__ import annotations

from typing import Annotated

import typer

from harken.cli.options import Json, ProfileName, examples
from harken.cli.output import message, print_json, print_table

app = typer.Typer(name="home", help="Connect the home skill with Home Assistant.", no_args_is_help=True)


@app.command(
    epilog=examples(
        "harken home connect http://homeassistant.local:8123 --token-file ~/.config/harken-token",
    )
)
def connect(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of Home Assistant.")],
    token_file: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="File with a long-lived access token, readable by you alone; HARKEN_HOME_ASSISTANT_TOKEN otherwise.",
        ),
    ] = "",
    profile: ProfileName = "en",
) -> None:
    """Read rooms and devices from Home Assistant; the home skill acts on them from now on. Run it again after changes.

    A running assistant notices it within a second.
    """
    from harken.assistant.profile import load_profile
    from harken.languages.loading import load_locale
    from harken.workshop.house_sync import connect as read

    house = read(url, token_file, locale=load_locale(load_profile(profile).language))
    message(f"harken: {len(house.areas)} rooms and {len(house.entities)} devices of {house.url}")
    show()


@app.command(epilog=examples("harken home show", "harken home show --json"))
def show(as_json: Json = False) -> None:
    """Show the rooms and devices of the connected house, as the home skill calls them."""
    from dataclasses import asdict

    from harken.dialogue.home_assistant import read_house
    from harken.workshop.house_sync import summary

    house = read_house()
    if house is None:
        message("harken: no Home Assistant is connected: the home is a virtual one; see `harken home connect --help`")
    elif as_json:
        print_json(asdict(house))
    else:
        print_table(["room", "devices"], summary(house))


@app.command(epilog=examples("harken home disconnect"))
def disconnect() -> None:
    """Forget the house: the home is a virtual one again."""
    from harken.dialogue.home_assistant import house_file

    known = house_file().is_file()
    house_file().unlink(missing_ok=True)
    message("harken: disconnected" if known else "harken: no Home Assistant was connected")
