"""A Home Assistant with the documented REST API: states, services, templates (filled in by Jinja, as there), tokens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

TOKEN = "a-long-lived-access-token"
AREAS = {"k": "Kitchen", "lounge": "Lounge", "attic": "Attic", "b": "Bedroom", "empty": "Cellar"}
FLOORS = {"g": ("Ground floor", ["k", "lounge"]), "top": ("Attic floor", ["attic", "b"])}
ENTITIES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "light.kitchen": ("Kitchen Light", "k", "off", {}),
    "light.desk": ("Desk Lamp", "attic", "off", {}),
    "light.bed": ("Bedroom Lamp", "b", "on", {"brightness": 128}),
    "fan.kitchen": ("Kitchen Fan", "k", "off", {"percentage": 0}),
    "media_player.tv": ("TV", "lounge", "on", {"volume_level": 0.4}),
    "climate.lounge": ("Thermostat", "lounge", "heat", {"temperature": 20.5}),
    "cover.blinds": ("Blinds", "lounge", "open", {"device_class": "blind", "current_position": 100}),
    "cover.garage": ("Garage", "", "closed", {"device_class": "garage"}),
    "lock.front": ("Front Door", "", "unlocked", {}),
    "lock.shed": ("Garden Shed", "", "locked", {}),
    "binary_sensor.w": ("Bedroom Window", "b", "on", {"device_class": "window"}),
    "switch.pump": ("Koi Pond Pump", "", "off", {}),
    "scene.movie": ("Movie Night", "lounge", "unknown", {}),
    "scene.karaoke": ("Karaoke", "lounge", "unknown", {}),
    "sensor.humidity": ("Humidity", "k", "55", {}),
}
"""Entity -> name, area, state, attributes."""


class FakeHomeAssistant:
    """What it was asked to do is in `called`."""

    def __init__(self) -> None:
        self.called: list[tuple[str, list[str], dict[str, Any]]] = []
        self.states = {
            entity: {"entity_id": entity, "state": state, "attributes": {"friendly_name": name, **more}}
            for entity, (name, _, state, more) in ENTITIES.items()
        }
        self.refuse: int = 0
        """Status with which everything is answered instead."""
        self.unit: str | None = "°C"
        """Of temperatures."""
        self.url = ""

    def answer(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        if self.refuse:
            return self.refuse, {"message": "no"}
        if token != f"Bearer {TOKEN}":
            return 401, "401: Unauthorized"
        if (method, path) == ("GET", "/api/"):
            return 200, {"message": "API running."}
        if (method, path) == ("GET", "/api/config"):
            return 200, {"unit_system": {"length": "km", "temperature": self.unit}, "version": "2024.4.0"}
        if (method, path) == ("GET", "/api/states"):
            return 200, list(self.states.values())
        if (method, path) == ("POST", "/api/template"):
            return 200, self._filled(body["template"])
        if method == "POST" and path.startswith("/api/services/"):
            return 200, self._served(*path.removeprefix("/api/services/").split("/"), body)
        return 404, "404: Not Found"

    def _served(self, domain: str, service: str, body: dict[str, Any]) -> list[Any]:
        entities = body.pop("entity_id")
        self.called.append((f"{domain}.{service}", entities, body))
        for entity in entities:
            state = self.states[entity]
            if service in ("turn_on", "turn_off"):
                state["state"] = service.removeprefix("turn_")
            if "brightness_pct" in body:
                state["attributes"]["brightness"] = round(body["brightness_pct"] * 2.55)
            if service in ("lock", "unlock"):
                state["state"] = f"{service}ed"
            if "temperature" in body:
                state["attributes"]["temperature"] = body["temperature"]
            if service in ("open_cover", "close_cover"):
                state["state"] = "open" if service == "open_cover" else "closed"
                state["attributes"]["current_position"] = 100 if service == "open_cover" else 0
            if "position" in body:
                state["attributes"]["current_position"] = body["position"]
        return [self.states[entity] for entity in entities]

    def _filled(self, template: str) -> str:
        jinja2: Any = pytest.importorskip("jinja2")
        environment = jinja2.Environment()
        environment.filters["area_name"] = area_name = self._area_name
        environment.filters["to_json"] = json.dumps
        rows = [
            SimpleNamespace(
                entity_id=entity, domain=entity.split(".")[0], name=name,
                attributes=SimpleNamespace(device_class=more.get("device_class")),
            )
            for entity, (name, _, _, more) in ENTITIES.items()
        ]  # fmt: skip
        return str(
            environment.from_string(template).render(
                states=rows, area_name=area_name, areas=lambda: list(AREAS), floors=lambda: list(FLOORS),
                floor_name=lambda floor: FLOORS[floor][0], floor_areas=lambda floor: FLOORS[floor][1],
            )
        )  # fmt: skip

    @staticmethod
    def _area_name(about: str) -> str | None:
        area = ENTITIES[about][1] if about in ENTITIES else about
        return AREAS.get(area)


@contextmanager
def home_assistant() -> Iterator[FakeHomeAssistant]:
    """One on a port of its own."""
    fake = FakeHomeAssistant()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, content = fake.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            data = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:1/stolen")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
