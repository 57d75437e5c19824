"""`harken results` as people read it: 80 columns, nothing folded within a figure, details on demand."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from typer.testing import CliRunner

from harken.cli.app import app
from harken.recipes import results as recipe_results
from harken.recipes.results import read_results


def run(*arguments: str, columns: int = 80) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["results", *arguments], env={"COLUMNS": str(columns)})
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """All figures belong to what ships; whether they do is asked in `tests/unit/recipes/test_results.py`."""
    monkeypatch.setattr(recipe_results, "stale_results", lambda figures: iter(()))


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("columns", [60, 80, 200])
def test_no_line_is_wider_than_the_window_nor_than_can_be_read(columns: int) -> None:
    code, out, _ = run(columns=columns)
    assert code == 0
    assert max(map(len, out.splitlines())) <= min(columns, 100)


def test_every_paper_has_a_block_of_its_claims() -> None:
    _, out, _ = run()
    blocks = out.split("\n\n")
    assert len(blocks) == 17
    for block in blocks[:-1]:
        claims = re.findall(r"^ +\d+\.\d+  ", block, flags=re.MULTILINE)
        assert claims
        assert len(block.splitlines()) <= 2 + 4 * len(claims), "short enough to be read at a glance"
    (six,) = (block for block in blocks if block.startswith("6. "))
    assert "    not reproduced (asr/dialects)" in six
    assert "paper: -14 %; here: +4.84 [+1.47, +8.68] %, n = 720; not reproduced" in six
    verdicts = r"(\d+) (?:not yet|not reproduced|partly|reproduced|exceeded)\b"
    assert blocks[-1].startswith("16 papers: ")
    assert sum(map(int, re.findall(verdicts, blocks[-1].split(". ")[0]))) == 16


@pytest.mark.usefixtures("fresh")
def test_a_paper_tells_groups_and_commands() -> None:
    code, out, _ = run("6")
    assert code == 0
    assert "- mandarin-adults test: +1.79 [-3.58, +8.03] %, n = 240" in out
    assert "seeds 0, 1: harken score asr/dialects method" in out


@pytest.mark.usefixtures("fresh")
def test_a_recipe_tells_all_its_figures() -> None:
    code, out, _ = run("phones/pronouncer")
    assert code == 0
    assert "cmudict test, with stress" in out
    assert "$ harken score phones/pronouncer method" in out.splitlines()


def test_what_is_neither_is_refused_with_the_nearest() -> None:
    code, _, errors = run("asr/acustic")
    assert code == 2
    assert "did you mean 'asr/acoustic'?" in errors
    assert run("17")[0] == 2


@pytest.mark.usefixtures("fresh")
def test_json_has_the_whole() -> None:
    code, out, _ = run("--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["verdict"] for row in rows[:16]].count("not reproduced") == 1
    assert rows[5]["claims"][0]["result"]["low"] == 1.47
    assert len(rows) == 16 + len(read_results())


def test_json_of_a_paper_or_a_recipe_has_that_alone() -> None:
    (row,) = (json.loads(line) for line in run("6", "--json")[1].splitlines())
    assert (row["id"], row["verdict"]) == (6, "not reproduced")
    rows = [json.loads(line) for line in run("tts/voice", "--json")[1].splitlines()]
    assert {row["recipe"] for row in rows} == {"tts/voice"}
    assert all("value" in row for row in rows)


def test_a_figure_of_another_bundle_fails_whatever_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = read_results()
    index = next(n for n, one in enumerate(figures) if one.bundles)
    name = next(iter(figures[index].bundles))
    figures[index] = dataclasses.replace(figures[index], bundles={name: "0" * 64})
    monkeypatch.setattr(recipe_results, "read_results", lambda: figures)
    for arguments in ((), ("6",), ("--json",)):
        code, _, errors = run(*arguments)
        assert code == 1
        assert "measure again with" in errors
