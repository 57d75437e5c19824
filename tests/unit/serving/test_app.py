"""Page, overview, health and counters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.unit.serving.doors import Enter

import harken
from harken.serving.pages import PAGES


def test_health_says_whether_new_clients_are_taken(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "version": harken.__version__}
    client.app.state.house.draining.set()  # type: ignore[attr-defined]
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "draining")


def test_there_is_one_model(client: TestClient) -> None:
    assert [model["id"] for model in client.get("/v1/models").json()["data"]] == ["harken"]
    assert client.get("/v1/models/harken").json()["id"] == "harken"
    assert client.get("/v1/models/other").status_code == 404


def test_requests_are_counted_without_what_was_said(client: TestClient) -> None:
    client.post("/v1/audio/speech", json={"input": "a secret of mine"})
    client.post("/v1/audio/speech", json={"input": ""})
    page = client.get("/metrics").text
    assert 'harken_requests_total{route="/v1/audio/speech",status="200"} 1.0' in page
    assert 'harken_requests_total{route="/v1/audio/speech",status="400"} 1.0' in page
    assert "secret" not in page


def test_the_overview_shows_skills_with_sentences_timers_and_lists(enter: Enter) -> None:
    client = enter()
    store = client.app.state.house.models.store  # type: ignore[attr-defined]
    timer = store.add_timer("timer", "pasta", due=9e9, seconds=0.0)
    store.add_item("shopping", "milk")
    try:
        about = client.get("/v1/assistant").json()
    finally:
        store.claim_timers([timer])
        store.clear_items("shopping")
    assert about["wake"] == ["computer"]
    skills = {skill["name"]: skill for skill in about["skills"]}
    assert "what time is it" in skills["clock"]["examples"]
    assert "elsewhere" not in skills  # it does nothing
    assert "pasta" in [timer["label"] for timer in about["timers"]]
    assert about["lists"]["shopping"] == ["milk"]


@pytest.mark.parametrize("path", sorted(PAGES))
def test_every_file_of_the_page_is_served(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == PAGES[path][1]
    assert answer.content == PAGES[path][0]


def test_the_page_loads_nothing_from_elsewhere_and_only_what_there_is() -> None:
    texts = {path: content.decode() for path, (content, _) in PAGES.items()}
    for path, text in texts.items():
        assert re.findall(r"https?://(?!www\.w3\.org/)", text) == [], path
        assert re.findall(r"\b(innerHTML|outerHTML|insertAdjacentHTML|eval)\b|\bon\w+=\"", text) == [], path
        named = re.findall(r"(?:from|import|href=|src=|addModule\() ?\"(?:\./)?([\w.]+\.\w+)\"", text)
        assert [name for name in named if f"/{name}" not in PAGES] == [], path
    assert "style=" not in texts["/"]


def test_the_page_ships_with_the_package() -> None:
    folder = Path(harken.__file__).parent / "serving" / "page"
    assert {path.name for path in folder.iterdir()} == {path[1:] or "index.html" for path in PAGES}
