"""What a server offers and to whom. The defaults are reachable from this machine alone."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TypeAlias

from harken.errors import ConfigError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

SHORTEST_TOKEN = 16
"""Characters of a token, at least: a shorter one can be guessed."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one client, and all of them together, may take. Sizes are bytes, times are seconds.

    Raises:
        ConfigError: a limit is not positive.
    """

    sessions: int = 32
    """Conversations and Wyoming connections that are open at the same time."""
    requests: int = 8
    """HTTP transcriptions and syntheses that run or wait at the same time."""
    body: int = 64 * 2**20
    """Of an HTTP request."""
    message: int = 2**16
    """Of a WebSocket message or of the payload of a Wyoming event: 2 s of sound at 16 kHz."""
    text: int = 4096
    """Characters of a typed turn or of a text to be spoken."""
    backlog: float = 5.0
    """Sound of a session that waits to be heard; when there is more, the client must wait."""
    unsent: int = 256
    """Messages of a session that wait to be sent; a client that reads more slowly waits for itself."""
    stalled: float = 20.0
    """After which a client that reads nothing is disconnected."""
    idle: float = 3600.0
    """After which a client that sends nothing is disconnected."""
    request: float = 900.0
    """Of an HTTP transcription or synthesis, at most."""
    drain: float = 10.0
    """For turns in progress to end when the server is told to stop."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ConfigError(f"the limit '{name}' is {value}; give a positive number")


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Where a server listens, and who may use it.

    Raises:
        ConfigError: an address that others can reach without a token or a list of clients, a token that is too short,
            or a value that is not understood.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    """Of the web page, the WebSocket and HTTP."""
    token: str = ""
    """What HTTP and WebSocket clients must show; needed beyond loopback."""
    origins: tuple[str, ...] = ()
    """Further web origins whose pages may use the server, e.g. 'https://home.example'."""
    wyoming_host: str = "127.0.0.1"
    wyoming_port: int = 10300
    """0: no Wyoming."""
    wyoming_clients: tuple[str, ...] = ()
    """Addresses or networks that may use Wyoming, e.g. '192.168.1.20'; needed beyond loopback, as the protocol has no
    token."""
    announce: bool = False
    """Whether the Wyoming port is announced on the local network (zeroconf)."""
    threads: int = 2
    """For all conversations together."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        for name, least in (("port", 0), ("wyoming_port", 0), ("threads", 1)):
            _check_number(name, getattr(self, name), least)
        if self.token and len(self.token) < SHORTEST_TOKEN:
            raise ConfigError(
                f"the token has {len(self.token)} characters; give at least {SHORTEST_TOKEN}, for example those of "
                "`openssl rand -hex 16`"
            )
        if not is_loopback(self.host) and not self.token:
            raise ConfigError(
                f"{self.host} can be reached from other machines; give a token with --token or HARKEN_TOKEN, "
                "or listen on 127.0.0.1"
            )
        allowed = self.allowed_networks
        if self.wyoming_port and not is_loopback(self.wyoming_host) and not allowed:
            raise ConfigError(
                f"{self.wyoming_host} can be reached from other machines, and Wyoming has no token; name the clients "
                "that may connect with --wyoming-client, or listen on 127.0.0.1"
            )
        if self.announce and (not self.wyoming_port or is_loopback(self.wyoming_host)):
            raise ConfigError("nobody else can reach Wyoming here, so it cannot be announced; give --wyoming-host")

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """`wyoming_clients` as networks.

        Raises:
            ConfigError: one is not an address.
        """
        try:
            return tuple(ipaddress.ip_network(client, strict=False) for client in self.wyoming_clients)
        except ValueError as error:
            raise ConfigError(
                f"{error}; give an address such as 192.168.1.20 or a network such as 192.168.1.0/24"
            ) from error


def is_loopback(host: str) -> bool:
    """Whether an address or name can be reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check_number(name: str, value: int, least: int) -> None:
    most = 65535 if name.endswith("port") else 256
    if not least <= value <= most:
        raise ConfigError(f"{name} is {value}; expected {least} to {most}")
