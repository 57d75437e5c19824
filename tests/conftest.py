"""What every test may rely on: a home of its own, and no recordings unless HARKEN_DATA names them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked 'pack' need recordings."""
    if not os.environ.get("HARKEN_DATA"):
        skip = pytest.mark.skip(reason="needs recordings: set HARKEN_DATA to the folder that holds 'audio' and 'text'")
        for item in items:
            if item.get_closest_marker("pack"):
                item.add_marker(skip)


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The person who runs the tests keeps their skills, timers and caches to themselves."""
    home = tmp_path_factory.mktemp("home")
    os.environ["HARKEN_HOME"] = str(home)
    os.environ["HARKEN_CACHE"] = str(_shared(tmp_path_factory) / "cache")
    os.environ.pop("HARKEN_RUNS", None)
    return home


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all processes of one run, so that a grammar is compiled once."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was compiled or trained before, by any other test."""
    monkeypatch.delenv("HARKEN_CACHE")
