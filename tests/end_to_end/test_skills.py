"""A skill's whole life: new, check, build, use, add, remove; and what is said when something is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harken.assistant.assistant import Assistant
from harken.bundle import list_bundles
from harken.dialogue.store import Store
from harken.events import Interpretation

Harken = Callable[..., Any]


@pytest.fixture(scope="module")
def skill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A skill of two sentences, with a word that no shipped skill knows."""
    folder = tmp_path_factory.mktemp("skills") / "zeppelin"
    folder.mkdir()
    (folder / "skill.yaml").write_text(
        "skill: zeppelin\nabout: Flies the zeppelin.\nlanguage: en\n"
        "lists:\n  town:\n    values: [friedrichshafen, lakehurst]\n"
        "intents:\n  fly:\n    sentences:\n      - 'fly the zeppelin to {town}'\n      - 'zeppelin to {town}'\n"
        "    responses: ['Flying to {town}.']\n"
        "examples:\n  - {text: 'fly the zeppelin to lakehurst', intent: fly, slots: {town: lakehurst}}\n",
        encoding="utf-8",
    )
    return folder


def hashes() -> dict[str, str]:
    """Every file of every shipped bundle."""
    files = (path for bundle in list_bundles() for path in sorted(bundle.folder.iterdir()))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_new_skill_passes_its_own_check(harken: Harken, tmp_path: Path) -> None:
    assert harken("skill", "new", "feeding", "--to", tmp_path).status == 0
    ran = harken("skill", "check", tmp_path / "feeding", "--json")
    assert ran.status == 0
    assert all(line["ok"] for line in ran.lines())
    assert harken("skill", "new", "feeding", "--to", tmp_path).status == 2, "it exists already"


@pytest.mark.usefixtures("cold")
def test_building_reports_accuracy_and_leaves_other_bundles_alone(harken: Harken, skill: Path) -> None:
    before = hashes()
    (report,) = harken("skill", "build", skill, "--json").lines()
    assert report["skill"] == "zeppelin"
    assert report["intent_accuracy"] >= 0.5  # by the trained parts alone, which would rather ask
    assert report["false_alarms"] <= 0.01
    assert report["seconds"] < 60
    assert hashes() == before
    assert harken("skill", "build", skill, "--json").lines()[0]["cached"]


def test_a_skill_is_used_without_being_added(harken: Harken, skill: Path) -> None:
    (answer,) = harken("ask", "--json", "--skill", skill, "--text", "fly the zeppelin to lakehurst").lines()
    assert (answer["skill"], answer["slots"], answer["reply"]) == (
        "zeppelin",
        {"town": "lakehurst"},
        "Flying to lakehurst.",
    )
    (found,) = harken("understand", "--json", "--skill", skill, "zeppelin to friedrichshafen").lines()
    assert found["intent"] == "fly"


def test_a_running_assistant_picks_up_a_skill_that_is_added_and_one_that_is_removed(
    harken: Harken, skill: Path
) -> None:
    assistant = Assistant.load("en", wake=False, voice=False, store=Store(":memory:"))

    def meant() -> list[str]:
        events = assistant.ask_text("fly the zeppelin to lakehurst")
        return [event.skill for event in events if isinstance(event, Interpretation)]

    assert meant() != ["zeppelin"]
    assert harken("skill", "add", skill).status == 0
    assert meant() == ["zeppelin"]
    assert "zeppelin" in [row["name"] for row in harken("skill", "list", "--json").lines()]
    assert harken("skill", "remove", "zeppelin").status == 0
    assert meant() != ["zeppelin"]


def test_a_wrong_line_is_named_with_its_place(harken: Harken, tmp_path: Path) -> None:
    (tmp_path / "skill.yaml").write_text(
        "skill: x\nabout: y\nlanguage: en\nintents:\n  a:\n    sentences:\n      - 'to {nowhere'\n"
    )
    for command in (("skill", "check"), ("skill", "build"), ("skill", "add")):
        ran = harken(*command, tmp_path)
        assert ran.status == 2
        assert "skill.yaml:7:" in ran.err
        assert len(ran.err.strip().splitlines()) == 1


def test_a_folder_that_is_no_skill_is_wrong_usage(harken: Harken, tmp_path: Path) -> None:
    assert harken("understand", "--skill", tmp_path / "nowhere", "hello").status == 2
    assert harken("skill", "remove", "never_added").status == 2


def test_a_registered_skill_that_broke_does_not_take_the_assistant_down(harken: Harken, skill: Path) -> None:
    from harken.paths import home

    harken("skill", "add", skill)
    (home() / "skills" / "zeppelin" / "skill.yaml").write_text("skill: [", encoding="utf-8")
    try:
        ran = harken("ask", "--json", "--text", "what is two plus two")
        assert ran.status == 0
        assert "4" in ran.lines()[0]["reply"]
        assert "zeppelin" in ran.err
    finally:
        assert harken("skill", "remove", "zeppelin").status == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('no')", "Sorry"),
        ("return 42", "Sorry"),
        ("import time; time.sleep(30)", "Sorry"),
    ],
)
def test_a_skill_that_raises_hangs_or_returns_nonsense_is_apologised_for(
    harken: Harken, skill: Path, tmp_path: Path, body: str, said: str
) -> None:
    folder = tmp_path / "zeppelin"
    folder.mkdir()
    (folder / "skill.yaml").write_text((skill / "skill.yaml").read_text())
    (folder / "skill.py").write_text(f"def answer(request, context):\n    {body}\n")
    (answer,) = harken("ask", "--json", "--skill", folder, "--text", "zeppelin to lakehurst").lines()
    assert said in answer["reply"]
    assert answer["act"] == "sorry"
