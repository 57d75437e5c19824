"""Commands that other programs and machines talk to: serve."""

from __future__ import annotations

from typing import Annotated

import typer

from harken.cli.loading import loading
from harken.cli.options import ProfileName, SkillFolders, examples
from harken.cli.output import message
from harken.errors import MissingExtra


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(
        epilog=examples(
            "harken serve",
            "harken serve --host 0.0.0.0 --token $(openssl rand -hex 16)",
            "harken serve --wyoming-host 0.0.0.0 --wyoming-client 192.168.1.20",
        )
    )(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address for the web page and HTTP; beyond loopback, give a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for the web page and HTTP.")] = 8765,
    token: Annotated[
        str, typer.Option(envvar="HARKEN_TOKEN", help="What clients must show; at least 16 characters.")
    ] = "",
    origin: Annotated[
        list[str] | None, typer.Option(help="A web origin whose pages may use the server. Repeatable.")
    ] = None,
    wyoming_host: Annotated[str, typer.Option(help="Address for Wyoming; beyond loopback, name the clients.")] = (
        "127.0.0.1"
    ),
    wyoming_port: Annotated[int, typer.Option(min=0, max=65535, help="Port for Wyoming; 0 for none.")] = 10300,
    wyoming_client: Annotated[
        list[str] | None, typer.Option(help="Address or network that may use Wyoming. Repeatable.")
    ] = None,
    announce: Annotated[
        bool, typer.Option("--announce", help="Announce Wyoming on the local network, so that Home Assistant finds it.")
    ] = False,
    sessions: Annotated[int, typer.Option(min=1, help="Conversations at the same time, at most.")] = 32,
    threads: Annotated[int, typer.Option(min=1, max=256, help="Threads for all conversations together.")] = 2,
    redis: Annotated[
        str, typer.Option(envvar="HARKEN_REDIS", help="Share typed conversations with other servers by this Redis.")
    ] = "",
    skill: SkillFolders = None,
    profile: ProfileName = "en",
) -> None:
    """Serve a web page, a WebSocket, OpenAI-style HTTP and Wyoming, on this machine alone unless told otherwise."""
    with loading():
        try:
            import asyncio

            from harken.serving.dialogue_memory import RedisMemory
            from harken.serving.house import House
            from harken.serving.options import Limits, ServeOptions
            from harken.serving.server import serve as run
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "harken":
                raise
            raise MissingExtra("`harken serve`", "serve") from error
        from harken.assistant.models import Models

        options = ServeOptions(
            host=host, port=port, token=token, origins=tuple(origin or ()), wyoming_host=wyoming_host,
            wyoming_port=wyoming_port, wyoming_clients=tuple(wyoming_client or ()), announce=announce, threads=threads,
            limits=Limits(sessions=sessions),
        )  # fmt: skip
        memory = RedisMemory(redis) if redis else None
        house = House(Models.load(profile, skills=skill or []), limits=options.limits, threads=threads, memory=memory)
        house.warm_up()
    shown = f"[{host}]" if ":" in host else host
    message(f"web page, HTTP and WebSocket: http://{shown}:{port}/" + (" (with the token)" if token else ""))
    if wyoming_port:
        message(f"Wyoming: tcp://{wyoming_host}:{wyoming_port}")
    asyncio.run(run(house, options))
