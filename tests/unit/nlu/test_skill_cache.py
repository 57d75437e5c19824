from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest

from harken.languages.loading import load_locale
from harken.languages.locale import LANGUAGE_FILE
from harken.nlu import action_times, building, skill_cache
from harken.nlu.automaton import Automaton
from harken.nlu.shipped import shipped_skill_files
from harken.nlu.skill_cache import cached_skill
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.skill_record import skill_of, skill_record
from harken.text.grammar import Choice, Node, Sequence

from .conftest import LAMP

ENGLISH = load_locale()
SHIPPED = [
    *shipped_skill_files(ENGLISH).values(), ENGLISH.folder / action_times.TIMES, ENGLISH.folder / building.BACKGROUND,
]  # fmt: skip


@pytest.fixture
def lamp_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cold: None) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    file = tmp_path / "lamp" / "skill.yaml"
    file.parent.mkdir()
    file.write_text(LAMP, encoding="utf-8")
    return file


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was parsed since the beginning of the test."""
    files: list[Path] = []

    def read(folder: Path, *, code: Path | None = None) -> Skill:
        files.append(folder)
        return read_skill(folder, code=code)

    monkeypatch.setattr(skill_cache, "read_skill", read)
    return files


@lru_cache
def shipped(file: Path) -> tuple[Skill, Skill]:
    """As it is read, and as it comes back from its record."""
    skill = read_skill(file)
    return skill, by_way_of_json(skill)


def by_way_of_json(skill: Skill) -> Skill:
    return skill_of(json.loads(json.dumps(skill_record(skill))), file=skill.file, code=skill.code)


def trees(skill: Skill) -> Iterator[Node]:
    """Every node of every template, always in the same order."""
    waiting = [template.node for intent in skill.intents.values() for template in intent.templates]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.parts if isinstance(node, Sequence) else node.options if isinstance(node, Choice) else ()


def entries() -> list[Path]:
    return sorted((Path(os.environ["HARKEN_HOME"]) / "cache" / "parsed").glob("*"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_skill_comes_back_from_its_record_as_it_was(file: Path) -> None:
    skill, back = shipped(file)
    assert back == skill
    assert repr(back) == repr(skill)  # 1 is no True, a list is no tuple, and the order is the same
    assert len(Automaton([back])) == len(Automaton([skill]))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_trees_and_fixed_values_that_were_one_object_are_one_object_again(file: Path) -> None:
    skill, back = shipped(file)
    pairs = list(zip(trees(skill), trees(back), strict=True))
    assert len({(id(old), id(new)) for old, new in pairs}) == len({id(old) for old, _ in pairs})
    assert len({id(new) for _, new in pairs}) == len(set(trees(skill)))
    for intent, again in zip(skill.intents.values(), back.intents.values(), strict=True):
        for (one, next_one), (two, next_two) in zip(pairwise(intent.templates), pairwise(again.templates), strict=True):
            assert (one.constants is next_one.constants) == (two.constants is next_two.constants)


def test_a_skill_of_ones_own_comes_back_with_all_that_it_declares(lamp: Skill) -> None:
    assert by_way_of_json(lamp) == lamp
    assert repr(by_way_of_json(lamp)) == repr(lamp)


def test_a_skill_is_parsed_once_and_knows_where_its_files_are_now(lamp_file: Path, parsed: list[Path]) -> None:
    first, second = cached_skill(lamp_file.parent), cached_skill(lamp_file)
    assert first == second == read_skill(lamp_file)
    moved = lamp_file.parent.rename(lamp_file.parents[1] / "moved")
    (moved / "skill.py").touch()
    third = cached_skill(moved)
    assert (third.file, third.code) == (moved / "skill.yaml", moved / "skill.py")
    assert third.examples[0].place.file == moved / "skill.yaml"
    assert cached_skill(moved, code=moved / "skill.yaml").code == moved / "skill.yaml"
    assert len(parsed) == 1


def test_a_changed_file_is_parsed_anew(lamp_file: Path, parsed: list[Path]) -> None:
    before = lamp_file.stat()
    cached_skill(lamp_file)
    lamp_file.write_text(LAMP.replace("dark orange", "deep orange"), encoding="utf-8")
    os.utime(lamp_file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (("deep", "orange"), "deep orange") in cached_skill(lamp_file).lists["color"].entries
    assert len(parsed) == 2


@pytest.mark.parametrize("change", ["version", "language", "another language"])
def test_what_would_be_read_by_other_means_is_parsed_anew(
    lamp_file: Path, parsed: list[Path], change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Path(os.environ["HARKEN_HOME"]) / "languages" / "qx"
    own.mkdir(parents=True)
    (own / "words.tsv").write_text("one", encoding="utf-8")
    cached_skill(lamp_file)
    if change == "version":
        monkeypatch.setattr(skill_cache, "__version__", "0.0.0")
    elif change == "language":
        (own / "words.tsv").write_text("another", encoding="utf-8")
    else:
        (own.parent / "qy").mkdir()
        (own.parent / "qy" / LANGUAGE_FILE).touch()
    skill_cache._reader.cache_clear()  # as in another process
    cached_skill(lamp_file)
    assert len(parsed) == 2
    assert len(entries()) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "letter", "no skill"])
def test_a_damaged_entry_is_ignored_and_written_anew(
    lamp_file: Path, parsed: list[Path], damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    skill = cached_skill(lamp_file)
    (entry,) = entries()
    whole = entry.read_bytes()
    damaged = {
        "empty": b"", "cut": whole[:-9], "letter": whole.replace(b"azure", b"azuro"),
        "no skill": b"harken skill\n2745614147\n{}",
    }  # fmt: skip
    entry.write_bytes(damaged[damage])
    assert cached_skill(lamp_file) == skill
    assert "made anew" in caplog.text
    assert entry.read_bytes() == whole
    assert cached_skill(lamp_file) == skill
    assert len(parsed) == 2


def test_without_a_place_to_write_skills_are_read_all_the_same(
    lamp_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = Path(os.environ["HARKEN_HOME"])
    home.mkdir()
    (home / "cache").write_text("not a folder", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert cached_skill(lamp_file) == cached_skill(lamp_file) == read_skill(lamp_file)
    assert not caplog.records


def test_an_entry_that_cannot_be_marked_as_used_is_used(
    lamp_file: Path, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cached_skill(lamp_file)

    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(os, "utime", refuse)
    cached_skill(lamp_file)
    assert len(parsed) == 1


def test_skills_that_were_not_used_for_longest_are_dropped(lamp_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skill_cache, "KEPT", 2)
    cached_skill(lamp_file)
    (used,) = entries()
    os.utime(used, (2, 2))
    old = used.with_name("old.json")
    old.touch()
    os.utime(old, (3, 3))
    cached_skill(lamp_file)
    lamp_file.write_text(LAMP.replace("azure", "navy"), encoding="utf-8")
    cached_skill(lamp_file)
    assert len(entries()) == 2
    assert used in entries()
    assert old not in entries()


def test_two_processes_at_once_leave_one_whole_entry(lamp_file: Path, parsed: list[Path]) -> None:
    code = "import sys, pathlib, harken.nlu.skill_cache as cache; cache.cached_skill(pathlib.Path(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", code, str(lamp_file)]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert [path.suffix for path in entries()] == [".json"]
    assert cached_skill(lamp_file) == read_skill(lamp_file)
    assert not parsed


def test_parsed_skills_do_not_need_the_parser(lamp_file: Path) -> None:
    cached_skill(lamp_file)
    code = "import sys, pathlib, harken.nlu.skill_cache as cache; cache.cached_skill(pathlib.Path(sys.argv[1]))"
    code += "; sys.exit('hassil' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code, str(lamp_file)], check=False).returncode == 0
