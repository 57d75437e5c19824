"""One house with the shipped models for all tests of serving, and doors into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import numpy as np
import pytest
from starlette.testclient import TestClient
from tests.unit.serving.doors import BASE, Enter

from harken.assistant.models import Models
from harken.dialogue.store import Store
from harken.events import SAMPLE_RATE, Samples
from harken.serving.app import make_app
from harken.serving.house import House
from harken.serving.options import Limits, ServeOptions


@pytest.fixture(scope="session")
def models() -> Models:
    """Opened to the last part, so that no test waits for another one's models."""
    loaded = Models.load(store=Store(":memory:"))
    house = House(loaded)
    house.warm_up()
    house.close()
    return loaded


@pytest.fixture
def enter(models: Models) -> Iterator[Enter]:
    """A client of a server with these limits and options; its `app.state.house` is the house."""
    with ExitStack() as open_doors:

        def entered(*, limits: Limits | None = None, base: str = BASE, **options: object) -> TestClient:
            house = House(models, limits=limits)
            open_doors.callback(house.close)
            settings = ServeOptions(limits=house.limits, **options)  # type: ignore[arg-type]
            client = TestClient(make_app(house, settings), base_url=base)
            return open_doors.enter_context(client)

        yield entered


@pytest.fixture
def client(enter: Enter) -> TestClient:
    return enter()


@pytest.fixture(scope="session")
def say(models: Models) -> Callable[[str], Samples]:
    """A text in the assistant's own voice, with a second of silence after it."""

    def said(text: str) -> Samples:
        return np.concatenate([models.voice.say(text), np.zeros(SAMPLE_RATE, np.float32)])

    return said
