"""The program itself: help, version, wrong usage, quick start, doctor, results, data, recipes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from harken.bundle import list_bundles, load_bundle
from harken.cli import recipes
from harken.cli.app import app

Harken = Callable[..., Any]
COMMANDS = (
    "demo", "ask", "wake", "transcribe", "understand", "say", "pronounce", "skill", "data", "train", "export",
    "install", "score", "results", "doctor", "serve",
)  # fmt: skip
EVERY = [
    *((name,) for name in COMMANDS if name not in ("skill", "data")),
    *(("skill", name) for name in ("new", "build", "check", "list", "add", "remove")),
    *(("data", name) for name in ("list", "fetch", "prepare")),
]


def test_all_commands_are_there() -> None:
    assert set(COMMANDS) <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_each_command_explains_itself_with_an_example(harken: Harken, command: tuple[str, ...]) -> None:
    ran = harken(*command, "--help")
    assert ran.status == 0
    assert "Examples" in ran.out
    assert f"harken {' '.join(command)}" in ran.out


def test_the_version_is_printed(harken: Harken) -> None:
    assert re.fullmatch(r"harken \d+\.\d+\.\d+\S*", harken("--version").out.strip())


def test_an_unknown_command_suggests_the_nearest(harken: Harken) -> None:
    ran = harken("trancsribe", "a.wav")
    assert ran.status == 2
    assert "transcribe" in ran.err


def test_an_unknown_option_is_wrong_usage(harken: Harken) -> None:
    assert harken("understand", "--nosuch", "hi").status == 2


def test_help_starts_without_any_engine() -> None:
    program = (
        "import sys, harken; from typer.testing import CliRunner; from harken.cli.app import app; "
        "CliRunner().invoke(app, ['--help']); "
        "print([m for m in ('onnxruntime', 'torch', 'soundfile', 'PIL', 'hassil') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_wrong_setting_is_one_line_and_status_2(
    harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "profile.toml").write_text("[wake]\nwrods = ['x']\n")
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    ran = harken("understand", "hello")
    assert ran.status == 2
    assert "did you mean 'wake.words'" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_an_unknown_profile_is_wrong_usage(harken: Harken) -> None:
    assert harken("understand", "--profile", "de", "hello").status == 2


def test_doctor_checks_every_bundle(harken: Harken) -> None:
    ran = harken("doctor", "--json")
    found = {line["name"]: line for line in ran.lines()}
    assert ran.status == 0, ran.err
    for bundle in list_bundles():
        assert "hashes match" in found[f"bundle {bundle.name}"]["text"]
    assert found["all bundles"]["ok"]
    assert found["your folder"]["ok"]
    assert harken("doctor").status == 0


def test_doctor_finds_a_damaged_bundle(harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "bundles" / "broken"
    folder.mkdir(parents=True)
    (folder / "x.txt").write_text("changed")
    manifest = {"format": 1, "name": "broken", "kind": "x", "files": {"x.txt": {"sha256": "0" * 64, "bytes": 7}}}
    (folder / "bundle.json").write_text(json.dumps(manifest))
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    ran = harken("doctor", "--json")
    assert ran.status == 1
    assert [line["ok"] for line in ran.lines() if line["name"] == "bundle broken"] == [False]


def test_doctor_says_when_the_home_cannot_be_written(
    harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "file" / "home"))
    ran = harken("doctor", "--json")
    (home,) = [line for line in ran.lines() if line["name"] == "your folder"]
    assert ran.status == 1
    assert not home["ok"]
    assert "HARKEN_HOME" in home["text"]


def test_doctor_says_when_the_recordings_are_not_where_they_should_be(
    harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path / "nowhere"))
    ran = harken("doctor", "--json")
    assert ran.status == 1
    assert [line["ok"] for line in ran.lines() if line["name"] == "recordings"] == [False]
    assert harken("data", "list").status == 0, "what there is can be told anyway"
    ran = harken("demo", "--out", tmp_path / "demo")
    assert ran.status == 2
    assert "HARKEN_DATA" in ran.err


def test_doctor_names_a_bundle_that_cannot_be_read_and_goes_on(
    harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bundles" / "wakeword-torn").mkdir(parents=True)
    (tmp_path / "bundles" / "wakeword-torn" / "bundle.json").write_text("{")
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    ran = harken("doctor", "--json")
    found = {line["name"]: line for line in ran.lines()}
    assert ran.status == 1
    assert not found["bundle wakeword-torn"]["ok"]
    assert found["all bundles"]["ok"]


def test_a_damaged_bundle_is_named_before_it_is_used(
    harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    damaged = tmp_path / "bundles" / "interpreter-en"
    shutil.copytree(load_bundle("interpreter-en").folder, damaged)
    graph = bytearray((damaged / "encoder.npz").read_bytes())
    graph[len(graph) // 2] ^= 1
    (damaged / "encoder.npz").write_bytes(graph)
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    ran = harken("understand", "--json", "what time is it")
    assert (ran.status, ran.out) == (2, "")
    assert "encoder.npz has SHA-256" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_missing_bundle_is_named_with_those_there_are(
    harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("harken.bundle.bundle_folders", lambda: (tmp_path,))
    for command in (("ask", "--text", "hello"), ("say", "hello", "-o", tmp_path / "x.wav"), ("wake", "a.wav")):
        ran = harken(*command)
        assert ran.status in (1, 2)
        assert re.search(r"no bundle '\S+' is installed \(installed: none\); reinstall harken", ran.err)
        assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.parametrize("command", [("ask", "--text", "hello"), ("skill", "new", "x", "--to", "HOME")], ids=" ".join)
def test_a_folder_of_the_user_that_cannot_be_made_is_named_in_one_line(
    harken: Harken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("")
    home = str(tmp_path / "file" / "home")
    monkeypatch.setenv("HARKEN_HOME", home)
    ran = harken(*(home if part == "HOME" else part for part in command))
    assert ran.status == 2
    assert home in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_what_the_system_refuses_is_one_line(harken: Harken, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr("harken.workshop.skills.list_skills", full)
    ran = harken("skill", "list")
    assert ran.status == 2
    assert "No space left on device: '/somewhere'" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_what_the_terminal_cannot_show_is_escaped() -> None:
    command = [sys.executable, "-c", "from harken.cli import main; main()", "understand", "größe"]
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    table = subprocess.run(command, capture_output=True, env=ascii_only, check=True).stdout
    assert rb"gr\xf6\xdfe" in table
    line = subprocess.run([*command, "--json"], capture_output=True, env=ascii_only, check=True).stdout
    assert json.loads(line)["text"] == "größe"


def test_results_list_the_sixteen_papers(harken: Harken) -> None:
    ran = harken("results", "--json")
    papers = [line for line in ran.lines() if "claims" in line]
    assert [paper["id"] for paper in papers] == list(range(1, 17))
    assert harken("results").out


def test_data_list_names_licence_and_home(harken: Harken) -> None:
    rows = harken("data", "list", "--json").lines()
    assert all(row["licence"] and row["folder"] for row in rows)
    assert "librispeech" in harken("data", "list").out


def test_an_unknown_corpus_suggests_the_nearest(harken: Harken, tmp_path: Path) -> None:
    ran = harken("data", "prepare", "librispech", "--from", tmp_path)
    assert ran.status == 2
    assert "did you mean 'librispeech'" in ran.err


def test_train_lists_the_recipes(harken: Harken) -> None:
    ran = harken("train")
    assert ran.status == 0
    for name in recipes.list_recipes():
        assert name in ran.out


def test_an_unknown_recipe_or_configuration_is_wrong_usage(harken: Harken) -> None:
    assert harken("train", "asr/akustic", "tiny").status == 2
    ran = harken("train", "activation/wakeword", "huge")
    assert ran.status == 2
    assert "configuration 'huge'" in ran.err or "train" in ran.err


def test_training_a_wake_word_needs_the_word(harken: Harken) -> None:
    ran = harken("train", "wakeword")
    assert ran.status == 2
    assert "--word" in ran.err or "harken[train]" in ran.err
