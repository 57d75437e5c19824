"""harken as a deployment of Ray Serve, whose own engine starts, watches and balances the processes.

    HARKEN_TOKEN=... serve run harken.serving.ray_deployment:application replicas=2

Each replica is a house of its own: page, WebSocket and HTTP as by `harken serve`, without Wyoming.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette

from harken.assistant.models import Models
from harken.errors import ConfigError, MissingExtra
from harken.serving.app import make_app
from harken.serving.house import House
from harken.serving.options import Limits, ServeOptions
from harken.settings import load_settings

if TYPE_CHECKING:
    from ray.serve import Application


@dataclass(frozen=True, kw_only=True)
class RaySettings:
    """What can be set as NAME=VALUE."""

    profile: str = "en"
    replicas: int = 1
    """Processes, each with a core and models of its own."""
    sessions: int = 32
    """Conversations of a replica at the same time."""
    threads: int = 2
    """Of a replica, for all its conversations."""
    origin: str = ""
    """A further web origin whose pages may use the server."""


def application(settings: Mapping[str, Any]) -> Application:
    """What `serve run` deploys.

    Args:
        settings: names and values of `RaySettings`.

    Raises:
        ConfigError: a setting that does not exist, a value that is not understood, or no token in HARKEN_TOKEN. Ray
            decides who can reach the server, so a token is always needed.
        MissingExtra: Ray is not installed.
    """
    try:
        from ray import serve
    except ModuleNotFoundError as error:
        raise MissingExtra("harken on Ray Serve", "ray") from error
    chosen = load_settings(RaySettings, overrides=[f"{name}={value}" for name, value in settings.items()])
    options = serve_options(chosen, token=os.environ.get("HARKEN_TOKEN", ""))

    def make() -> Starlette:
        return make_replica(chosen, options)

    deployment = serve.deployment(
        name="harken", num_replicas=chosen.replicas, ray_actor_options={"num_cpus": 1},
        max_ongoing_requests=options.limits.sessions + options.limits.requests,
    )  # fmt: skip
    return deployment(serve.ingress(make)()).bind()


def serve_options(chosen: RaySettings, *, token: str) -> ServeOptions:
    """The options of each replica.

    Raises:
        ConfigError: no token, or one that is too short.
    """
    if not token:
        raise ConfigError("Ray decides who can reach the server; set a token in HARKEN_TOKEN before you deploy it")
    return ServeOptions(
        token=token, origins=(chosen.origin,) if chosen.origin else (), wyoming_port=0, threads=chosen.threads,
        limits=Limits(sessions=chosen.sessions),
    )  # fmt: skip


def make_replica(chosen: RaySettings, options: ServeOptions) -> Starlette:
    """The application of one replica, with models of its own, opened; its house is closed when it shuts down.

    Raises:
        HarkenError: a model is missing, or a setting cannot be used.
    """
    house = House(Models.load(chosen.profile), limits=options.limits, threads=chosen.threads)
    house.warm_up()

    @contextlib.asynccontextmanager
    async def open_house(_: Starlette) -> AsyncIterator[None]:
        yield
        await house.trainer.stop()
        house.close()

    return make_app(house, options, lifespan=open_house)
