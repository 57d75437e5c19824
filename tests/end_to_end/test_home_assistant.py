"""The home skill with a Home Assistant behind it: names become list values, requests services, and faults are said."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.dialogue.fake_home_assistant import TOKEN, FakeHomeAssistant, home_assistant

from harken.assistant.assistant import Assistant
from harken.assistant.models import Models
from harken.dialogue.home_assistant import house_file
from harken.dialogue.store import Store
from harken.events import Reply
from harken.workshop.house_sync import with_house

Ask = Callable[[str], str]


@pytest.fixture(scope="module")
def house() -> Iterator[FakeHomeAssistant]:
    with home_assistant() as running:
        yield running


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def ask(house: FakeHomeAssistant, token_file: Path, harken: Any) -> Iterator[Ask]:
    """A conversation that was already there when the house was connected."""
    with Assistant.over(Models.load(store=Store(":memory:")), voice=False) as assistant:
        assistant.ask_text("hello")
        assert harken("home", "connect", house.url, "--token-file", token_file).status == 0
        assistant.chain.models.refresh()
        house.called.clear()

        def asked(text: str) -> str:
            return " ".join(event.text for event in assistant.ask_text(text) if isinstance(event, Reply))

        yield asked
    harken("home", "disconnect")


def test_connecting_names_rooms_and_devices_and_never_writes_the_token(
    house: FakeHomeAssistant, token_file: Path, harken: Any
) -> None:
    ran = harken("home", "connect", house.url, "--token-file", token_file)
    assert "4 rooms and 14 devices" in ran.err
    (row,) = harken("home", "show", "--json").lines()
    assert row["areas"] == ["attic", "bedroom", "kitchen", "living room"]
    assert row["floors"] == {"downstairs": ["kitchen", "living room"], "attic floor": ["attic", "bedroom"]}
    called = {entity["id"]: entity["what"] for entity in row["entities"]}
    assert called["light.kitchen"] == called["light.bed"] == "light"
    assert called["light.desk"] == "desk lamp"
    assert called["media_player.tv"] == "television"
    assert called["fan.kitchen"] == "fan"
    assert called["lock.front"] == "front door"
    assert called["scene.movie"] == "movie"
    assert "sensor.humidity" not in called
    names = {name: dict(pairs) for name, pairs in row["names"].items()}
    lamps = dict.fromkeys(("desk lamp", "desk lamps", "desk light", "desk lights"), "desk lamp")
    assert names["switch"] == {**lamps, "koi pond pump": "koi pond pump"}
    assert set(names["area"]) >= {"attic"}
    assert names["lock"] == {"garden shed": "garden shed"}
    assert TOKEN not in house_file().read_text()
    harken("home", "disconnect")
    assert not house_file().exists()


@pytest.mark.parametrize(
    ("text", "service", "entities", "data", "reply"),
    [
        ("turn on the lights in the kitchen", "light.turn_on", ["light.kitchen"], {"brightness_pct": 100}, "kitchen"),
        ("set the bedroom lights to 40 percent", "light.turn_on", ["light.bed"], {"brightness_pct": 40}, "40"),
        ("make the kitchen lights blue", "light.turn_on", ["light.kitchen"], {"color_name": "blue"}, "blue"),
        ("turn off the tv", "homeassistant.turn_off", ["media_player.tv"], {}, "television"),
        ("turn on the fan in the kitchen", "homeassistant.turn_on", ["fan.kitchen"], {}, "fan"),
        ("turn on the desk lamp", "homeassistant.turn_on", ["light.desk"], {}, "desk lamp"),
        ("turn on the koi pond pump", "homeassistant.turn_on", ["switch.pump"], {}, "koi pond pump"),
        ("set the temperature in the living room to 22 degrees", "climate.set_temperature", ["climate.lounge"],
         {"temperature": 22.0}, "22"),
        ("close the blinds in the living room", "cover.close_cover", ["cover.blinds"], {}, "blinds"),
        ("lock the front door", "lock.lock", ["lock.front"], {}, "front door"),
        ("turn off the lights downstairs", "homeassistant.turn_off", ["light.kitchen"], {}, "downstairs"),
        ("turn on the lights in the attic", "light.turn_on", ["light.desk"], {"brightness_pct": 100}, "attic"),
    ],
)  # fmt: skip
def test_a_request_becomes_a_service(
    ask: Ask, house: FakeHomeAssistant, text: str, service: str, entities: list[str], data: dict[str, Any], reply: str
) -> None:
    said = ask(text)
    assert (service, entities, data) in house.called, (said, house.called)
    assert {call[0] for call in house.called} == {service}
    assert reply in said


def test_questions_are_answered_from_the_states_of_the_house(ask: Ask, house: FakeHomeAssistant) -> None:
    house.states["light.bed"]["state"] = "on"
    house.states["light.kitchen"]["state"] = house.states["light.desk"]["state"] = "off"
    house.states["lock.front"]["state"] = "unlocked"
    assert "bedroom" in ask("which lights are on")
    assert "unlocked" in ask("is the front door locked") or "not" in ask("is the front door locked")
    house.states["lock.front"]["state"] = "locked"
    assert "is locked" in ask("is the front door locked")
    assert "window" in ask("is anything open")
    assert house.called == []


def test_what_was_done_can_be_undone_and_what_is_not_there_is_said(ask: Ask, house: FakeHomeAssistant) -> None:
    house.states["light.kitchen"]["state"] = "off"
    ask("turn on the lights in the kitchen")
    ask("undo that")
    assert house.states["light.kitchen"]["state"] == "off"
    house.called.clear()
    assert "nothing of that kind" in ask("turn on the lights in the living room")
    assert "garage" in ask("turn on the lights in the garage").lower()  # no room of this house
    assert house.called == []


def test_unlocking_is_still_confirmed(ask: Ask, house: FakeHomeAssistant) -> None:
    house.states["lock.front"]["state"] = "locked"
    assert ask("unlock the front door").endswith("?")
    assert house.called == []
    ask("yes")
    assert house.called == [("lock.unlock", ["lock.front"], {})]


def test_a_house_that_cannot_be_reached_is_said_and_works_again_later(
    ask: Ask, house: FakeHomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for status, why in ((500, "status 500"), (401, "does not take the token"), (302, "sends elsewhere")):
            house.refuse = status
            assert ask("turn on the lights in the kitchen") == "I cannot reach Home Assistant at present."
            assert why in caplog.text
    house.refuse = 0
    assert "kitchen" in ask("turn on the lights in the kitchen")
    assert TOKEN not in caplog.text
    house_file().write_text("{")
    assert ask("turn on the lights in the kitchen") != ""
    assert "home connect" in caplog.text


def test_what_is_wrong_with_a_connection_is_explained(house: FakeHomeAssistant, token_file: Path, harken: Any) -> None:
    def refused(*arguments: object) -> str:
        ran = harken("home", "connect", *arguments)
        assert ran.status == 2
        assert TOKEN not in ran.err
        return str(ran.err)

    assert "http://HOST:8123" in refused("homeassistant.local")
    assert "HARKEN_HOME_ASSISTANT_TOKEN" in refused(house.url)
    assert "cannot be read" in refused(house.url, "--token-file", token_file.with_name("none"))
    token_file.chmod(token_file.stat().st_mode | stat.S_IRGRP)
    assert "chmod 600" in refused(house.url, "--token-file", token_file)
    token_file.chmod(0o600)
    token_file.write_text("another")
    assert "does not take the token" in refused(house.url, "--token-file", token_file)
    assert "cannot be reached" in refused("http://127.0.0.1:9", "--token-file", token_file)
    assert not house_file().exists()


def test_a_skill_without_a_house_stays_as_it_is() -> None:
    models = Models.load(store=Store(":memory:"))
    skill = models.skill_set.skills["home"]
    assert with_house(skill) is skill
    assert json.dumps(sorted(skill.lists))
