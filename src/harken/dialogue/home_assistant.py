"""Home Assistant as the home: its REST API, and what is known of the house behind it.

`harken home connect` writes what is known into a file of the user's folder: the address, where the token is kept,
rooms, and devices with the names by which the home skill calls them. The token itself is never written or logged.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harken import paths
from harken.cached_files import in_one_piece
from harken.errors import ConfigError, HarkenError

FILE = "home-assistant.json"
"""In the user's folder."""
TOKEN = "HARKEN_HOME_ASSISTANT_TOKEN"
"""Environment variable with the token, instead of a file."""
TIMEOUT = 1.5
"""Seconds that one request may take: a skill must answer within two."""
DOMAINS = (
    "light", "switch", "fan", "cover", "lock", "climate", "media_player", "humidifier", "vacuum", "input_boolean",
    "scene", "binary_sensor",
)  # fmt: skip
"""Kinds of entities that the home skill can use."""
_LONGEST = 2**24
"""Bytes of an answer, at most."""
_TEMPLATE = """
{%- set kinds = KINDS -%}
{%- set found = namespace(entities=[], floors=[]) -%}
{%- for state in states if state.domain in kinds -%}
{%- set found.entities = found.entities + [{"id": state.entity_id, "name": state.name,
  "area": area_name(state.entity_id) or "", "kind": state.attributes.device_class or ""}] -%}
{%- endfor -%}
{%- for floor in floors() -%}
{%- set rooms = floor_areas(floor) | map("area_name") | list -%}
{%- set found.floors = found.floors + [{"name": floor_name(floor), "areas": rooms}] -%}
{%- endfor -%}
{{ {"areas": areas() | map("area_name") | list, "floors": found.floors, "entities": found.entities} | to_json }}
""".strip()
"""Rooms, floors and devices; Home Assistant fills it in."""


class HomeAssistantError(HarkenError):
    """Home Assistant cannot be reached, or refuses."""


class NotTold(HomeAssistantError):
    """Home Assistant does not know the state of a device."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A device of the house."""

    id: str
    """'light.kitchen'."""
    area: str
    """The room as the home skill calls it; '' for none."""
    what: str
    """What it is to the home skill: 'light', 'fan', 'blinds', 'front door', ..., or its own name."""

    @property
    def domain(self) -> str:
        """'light'."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, kw_only=True)
class HouseRecord:
    """What is known of a house."""

    url: str
    token_file: str
    """'' when the environment has the token."""
    at: float = 0.0
    """When it was read, in seconds since the epoch."""
    areas: tuple[str, ...] = ()
    floors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entities: tuple[Entity, ...] = ()
    names: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """List of the home skill -> (words, value) that it lacks."""


def house_file() -> Path:
    """Where the record of the house is kept."""
    return paths.home() / FILE


def read_house() -> HouseRecord | None:
    """The house; None when Home Assistant is not connected.

    Raises:
        HomeAssistantError: the record cannot be read.
    """
    file = house_file()
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
        return HouseRecord(
            url=str(row["url"]), token_file=str(row["token_file"]), at=float(row["at"]), areas=tuple(row["areas"]),
            floors={name: tuple(areas) for name, areas in row["floors"].items()},
            entities=tuple(Entity(**entity) for entity in row["entities"]),
            names={name: tuple((str(a), str(b)) for a, b in pairs) for name, pairs in row["names"].items()},
        )  # fmt: skip
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise HomeAssistantError(f"{file} cannot be read ({error!r}); run `harken home connect` again") from error


def write_house(house: HouseRecord) -> None:
    """Keep what is known of the house.

    Raises:
        OSError: the folder cannot be written.
    """
    with in_one_piece(house_file()) as file:
        file.write(json.dumps(asdict(house), ensure_ascii=False, indent=1).encode() + b"\n")


class HomeAssistant:
    """The REST API of a Home Assistant.

    Args:
        url: its address, e.g. 'http://homeassistant.local:8123'.
        token_file: file with a long-lived access token; '' takes the environment's.
        timeout: seconds that a request may take.

    Raises:
        ConfigError: the address is not understood.
    """

    def __init__(self, url: str, token_file: str, *, timeout: float = TIMEOUT):
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ConfigError(f"'{url}' is not the address of a Home Assistant; write http://HOST:8123")
        self.url, self._token_file, self._timeout = url.rstrip("/"), token_file, timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())

    def check(self) -> None:
        """Whether it is there and lets us in.

        Raises:
            HomeAssistantError: it is not, or does not.
        """
        self._call("GET", "/api/")

    def states(self) -> dict[str, Mapping[str, Any]]:
        """Entity -> its state, with 'state' and 'attributes'.

        Raises:
            HomeAssistantError: as `check`.
        """
        return {str(row["entity_id"]): row for row in self._json("GET", "/api/states")}

    def in_fahrenheit(self) -> bool:
        """Whether its temperatures are in degrees Fahrenheit, not Celsius.

        Raises:
            HomeAssistantError: as `check`; or it does not tell.
        """
        told = self._json("GET", "/api/config")
        units = told.get("unit_system") if isinstance(told, dict) else None
        unit = units.get("temperature") if isinstance(units, dict) else None
        if unit not in ("°C", "°F"):
            raise HomeAssistantError(f"{self.url} gives its unit of temperature as {unit!r}; expected '°C' or '°F'")
        return bool(unit == "°F")

    def call(self, service: str, entities: list[str], **data: Any) -> None:
        """Call a service such as 'light.turn_on' for some entities.

        Raises:
            HomeAssistantError: as `check`.
        """
        self._call("POST", f"/api/services/{service.replace('.', '/')}", {"entity_id": entities, **data})

    def describe(self) -> dict[str, Any]:
        """Rooms, floors and devices by the names that people gave them: {'areas', 'floors', 'entities'}.

        Raises:
            HomeAssistantError: as `check`.
        """
        template = _TEMPLATE.replace("KINDS", json.dumps(list(DOMAINS)))
        found = self._json("POST", "/api/template", {"template": template})
        if not isinstance(found, dict) or not {"areas", "floors", "entities"} <= found.keys():
            raise HomeAssistantError(f"{self.url} did not name its rooms; is it Home Assistant 2024.4 or later?")
        return found

    def _json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            return json.loads(self._call(method, path, body))
        except ValueError as error:
            raise HomeAssistantError(f"{self.url} answered {path} with something else than JSON") from error

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        request = urllib.request.Request(
            self.url + path, None if body is None else json.dumps(body).encode(), method=method,
            headers={"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"},
        )  # fmt: skip
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return bytes(answer.read(_LONGEST))
        except urllib.error.HTTPError as error:
            with error:
                raise HomeAssistantError(_refused(self.url, path, error.code)) from None
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise HomeAssistantError(f"Home Assistant at {self.url} cannot be reached: {reason}") from None

    def _token(self) -> str:
        try:
            token = Path(self._token_file).read_text(encoding="utf-8") if self._token_file else os.environ[TOKEN]
        except KeyError:
            raise HomeAssistantError(f"there is no token: set {TOKEN}, or name a file with --token-file") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise HomeAssistantError(f"the token file {self._token_file} cannot be read: {why}") from None
        return token.strip()


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token must not follow to another server."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse."""


def _refused(url: str, path: str, status: int) -> str:
    if status in (401, 403):
        return (
            f"Home Assistant at {url} does not take the token (status {status}); make a long-lived access token on "
            "your profile page there"
        )
    if 300 <= status < 400:
        return f"{url} sends elsewhere (status {status}); give the address that it sends to"
    return f"Home Assistant at {url} answered {path} with status {status}"
