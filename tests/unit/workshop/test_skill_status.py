from pathlib import Path

import pytest

from harken.nlu.building import Amounts
from harken.nlu.divergence import LARGEST_LOSS
from harken.workshop import skills
from harken.workshop.skill_status import SkillStatus, skill_status
from harken.workshop.skills import add_skill, interpreter_of, new_skill, registered_folders

SMALL = Amounts(per_intent=12, disturbed=1, counter=10, background=60, others=5, tagged=30, checked=2)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(skills, "Amounts", lambda: SMALL)


def of(name: str) -> SkillStatus:
    return next(status for status in skill_status() if status.name == name)


def test_what_ships_is_trained_and_nearly_up_to_date() -> None:
    for status in skill_status():
        assert (status.origin, status.trained) == ("shipped", True)
        assert status.staleness < 0.25
        assert status.loss < 1.05 * LARGEST_LOSS


def test_an_added_skill_makes_the_others_a_little_stale_and_is_itself_up_to_date(tmp_path: Path) -> None:
    add_skill(new_skill("pets", tmp_path))
    assert of("pets").changes == ()
    assert not of("pets").refresh
    assert "other skills" in of("clock").changes
    assert 0 < of("clock").staleness < 0.25


def test_changed_sentences_are_a_reason_to_train_again(tmp_path: Path) -> None:
    add_skill(new_skill("pets", tmp_path))
    file = registered_folders()[0] / "skill.yaml"
    text = file.read_text()
    file.write_text(text.replace("[fed|last]", "[fed|last|today]"))
    assert file.read_text() != text
    changed = of("pets")
    assert changed.changes == ("sentences",)
    assert changed.staleness > 0
    assert changed.refresh
    interpreter_of([skills.read_skill(file.parent)])
    assert of("pets").changes == ()


def test_a_skill_that_was_never_trained_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_skill(new_skill("pets", tmp_path))
    monkeypatch.setattr(skills, "BUILD", 0)
    assert not of("pets").trained
    assert of("pets").refresh
