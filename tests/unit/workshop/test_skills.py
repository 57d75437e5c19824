import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harken.bundle import load_bundle
from harken.errors import BundleError, SkillError
from harken.nlu.building import Amounts
from harken.nlu.skill_file import read_skill
from harken.workshop import skills
from harken.workshop.skill_check import check_skill
from harken.workshop.skills import (
    add_skill,
    build_skill,
    interpreter_of,
    list_skills,
    new_skill,
    registered_folders,
    remove_skill,
)

SMALL = Amounts(per_intent=12, disturbed=1, counter=10, background=60, others=5, tagged=30, checked=2)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return new_skill("pets", tmp_path)


def test_a_new_skill_passes_its_own_check(pets: Path) -> None:
    findings = check_skill(pets)
    assert all(finding.ok for finding in findings), findings
    assert "3 of 3 examples" in " ".join(finding.text for finding in findings)


def test_a_new_skill_takes_no_place_that_is_taken(pets: Path) -> None:
    with pytest.raises(SkillError, match="already exists"):
        new_skill("pets", pets.parent)
    with pytest.raises(SkillError, match="not a valid skill name"):
        new_skill("My Pets", pets.parent)


def test_a_check_names_examples_that_are_read_otherwise_and_code_that_does_not_load(pets: Path) -> None:
    text = (pets / "skill.yaml").read_text()
    (pets / "skill.yaml").write_text(text.replace('text: "feed the cat"', 'text: "give the cat her food"'))
    (pets / "skill.py").write_text("import nothing_of_that_name\n")
    bad = [finding.text for finding in check_skill(pets) if not finding.ok]
    assert any("give the cat her food" in line and "no sentence covers it" in line for line in bad)
    assert any("nothing_of_that_name" in line for line in bad)


@pytest.mark.parametrize(
    ("code", "said"),
    [("raise SystemExit(0)", "SystemExit"), ("while True: pass", "no answer within"), ("x = 1", "no function answer")],
)
def test_code_that_ends_the_program_hangs_or_answers_nothing_is_found_by_the_check(
    pets: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    # The thread of code that hangs cannot be stopped; it ends when the name it waits for is there.
    monkeypatch.setattr("harken.dialogue.runner.TIME_LIMIT", 0.2)
    (pets / "skill.py").write_text(code.replace("True: pass", "not __import__('pathlib').Path('STOP').exists(): pass")
                                   .replace("STOP", str(pets / "stop")))  # fmt: skip
    bad = [finding.text for finding in check_skill(pets) if not finding.ok]
    (pets / "stop").write_text("")
    assert len(bad) == 1
    assert said in bad[0]


@pytest.mark.usefixtures("cold")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SkillError, match="cannot write here"):
        new_skill("cats", tmp_path / "file")
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "file"))
    with pytest.raises(BundleError, match="cannot be written"):
        add_skill(pets, amounts=SMALL)


def test_nothing_is_left_of_an_addition_that_failed(pets: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(skills.shutil, "copytree", full)
    with pytest.raises(SkillError, match="No space left"):
        add_skill(pets, amounts=SMALL)
    assert list((home / "skills").iterdir()) == []


@pytest.mark.usefixtures("cold")
def test_building_twice_finds_the_cache_and_changing_a_sentence_does_not(pets: Path) -> None:
    first = build_skill(pets, amounts=SMALL)
    assert not first.cached
    assert first.report["examples_right"] == first.report["examples"] == 3
    assert build_skill(pets, amounts=SMALL).cached
    (pets / "skill.yaml").write_text((pets / "skill.yaml").read_text() + "# changed\n")
    assert not build_skill(pets, amounts=SMALL).cached


@pytest.mark.usefixtures("cold")
def test_building_repeats_byte_for_byte_and_leaves_the_shipped_bundle_alone(pets: Path) -> None:
    shipped = load_bundle("interpreter-en").hash
    first = build_skill(pets, amounts=SMALL)
    sums = {name: entry["sha256"] for name, entry in first.bundle.info["files"].items()}
    again = build_skill(pets, amounts=SMALL, force=True)
    assert {name: entry["sha256"] for name, entry in again.bundle.info["files"].items()} == sums
    assert load_bundle("interpreter-en").hash == shipped
    load_bundle("interpreter-en").verify()


@pytest.mark.usefixtures("cold")
def test_a_damaged_result_in_the_cache_is_built_anew(pets: Path) -> None:
    first = build_skill(pets, amounts=SMALL)
    (first.bundle.folder / "skill-pets.npz").write_bytes(b"rubbish")
    assert not build_skill(pets, amounts=SMALL).cached


def test_added_skills_are_listed_understood_and_removed(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skills, "Amounts", lambda: SMALL)
    add_skill(pets, amounts=SMALL)
    (folder,) = registered_folders()
    assert [row["name"] for row in list_skills() if row["origin"] == "added"] == ["pets"]
    meant = interpreter_of([read_skill(folder)]).understand("i fed my puppy two portions")
    assert (meant.skill, meant.values) == ("pets", {"pet": "dog", "portions": 2})
    remove_skill("pets")
    assert registered_folders() == []
    with pytest.raises(SkillError, match="no skill 'pets' was added"):
        remove_skill("pets")


def test_a_registered_skill_that_broke_is_listed_with_its_fault(pets: Path) -> None:
    add_skill(pets, amounts=SMALL)
    (registered_folders()[0] / "skill.yaml").write_text("skill: [")
    (row,) = [row for row in list_skills() if row["origin"] == "added"]
    assert "skill.yaml:" in row["error"]


def test_names_of_shipped_skills_are_taken(tmp_path: Path) -> None:
    folder = new_skill("clock", tmp_path)
    with pytest.raises(SkillError, match="rename yours"):
        add_skill(folder, amounts=SMALL)


def test_a_replacement_that_was_interrupted_is_undone(pets: Path, home: Path) -> None:
    add_skill(pets, amounts=SMALL)
    (home / "skills" / "pets").rename(home / "skills" / ".pets-old")
    assert [folder.name for folder in registered_folders()] == ["pets"]


@pytest.mark.usefixtures("cold")
def test_killing_a_build_at_any_moment_leaves_something_whole(pets: Path, home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from harken.workshop.skills import add_skill\n"
        f"from harken.nlu.building import Amounts\nsmall = {SMALL}\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    add_skill(Path(sys.argv[1]), amounts=small)\n"
        "    [p.unlink() for p in Path(sys.argv[2]).rglob('*.npz')]\n"
    )
    for delay in (0.3, 0.9):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(pets), str(home / "cache")], stdout=subprocess.PIPE, env=os.environ.copy()
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        for folder in registered_folders():
            assert read_skill(folder).name == "pets"
    assert build_skill(pets, amounts=SMALL).report["examples_right"] == 3
