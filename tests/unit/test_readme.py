"""The README's front door: its figures are those that count, few, and its pictures are there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

import harken
from harken.metrics.result import Result
from harken.recipes.results import read_results

ROOT = Path(harken.__file__).parents[2]
if not (ROOT / "mkdocs.yml").is_file():
    pytest.skip("harken was installed without its source tree", allow_module_level=True)

README = (ROOT / "README.md").read_text(encoding="utf-8")


def module_of(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.replace("/", "_").removesuffix(".py"), ROOT / path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def readme() -> ModuleType:
    return module_of("benchmarks/readme.py")


@pytest.fixture(scope="module")
def first_screen() -> ModuleType:
    return module_of("docs/first_screen.py")


def figure(value: float, **given: Any) -> Result:
    ours = {} if given.get("system", "harken") != "harken" else {"bundles": {"acoustic-en": "a" * 64}}
    return Result(
        **{
            "recipe": "asr/acoustic", "metric": "word error rate", "value": value, "unit": "%", "n": 10,
            "low": value - 1, "high": value + 1, "set": "librispeech test", "command": "measure", **ours, **given,
        }
    )  # fmt: skip


def cells(table: str) -> list[list[str]]:
    lines = table.replace("&nbsp;", " ").splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_figures_in_the_readme_are_those_of_the_results(readme: ModuleType) -> None:
    shown = README.partition("<!-- measured: begin -->")[2].partition("<!-- measured: end -->")[0].strip()
    assert shown == readme.table(read_results()), "run: python -m benchmarks.readme"
    assert 8 <= len(cells(shown)) <= 10


def test_each_figure_stands_next_to_the_best_of_the_other_systems(readme: ModuleType) -> None:
    errors = [figure(20), figure(30, system="worse"), figure(6, system="best"), figure(7, system="good")]
    assert cells(readme.table(errors))[0][1:3] == ["20 [19, 21] %", "best: 6 [5, 7] %"]
    about = {"metric": "orders exactly understood", "set": "coffee-commands test", "condition": "clean"}
    orders = [figure(90, **about), figure(70, system="best", **about), figure(50, system="worse", **about)]
    assert cells(readme.table(orders))[0][2] == "best: 70 [69, 71] %"


def test_a_row_without_a_measured_figure_is_left_out_and_comes_once_it_is_measured(readme: ModuleType) -> None:
    common = figure(58, set="common-voice test")
    assert [row[0] for row in cells(readme.table([figure(20)]))] == ["words wrong, read English"]
    assert [row[0] for row in cells(readme.table([figure(20), common]))][1] == "words wrong, ordinary people"


def test_a_row_of_two_figures_needs_both(readme: ModuleType) -> None:
    about = {"recipe": "assistant", "low": None, "high": None, "set": "a new environment", "unit": "MB"}
    models, program = figure(17, metric="size: models", **about), figure(
        219, metric="size: program with dependencies", **about
    )  # fmt: skip
    assert readme.table([models]).count("\n") == 1
    assert cells(readme.table([models, program]))[0][1] == "17 MB + 219 MB"


def test_another_number_of_recordings_is_told_beside_the_other_system(readme: ModuleType) -> None:
    rows = cells(readme.table([figure(20), figure(6, system="best", n=7)]))
    assert rows[0][2].endswith("(n = 7)")
    assert rows[0][3] == "librispeech test, n = 10"


def test_ten_lines_of_the_demo_are_shown(readme: ModuleType) -> None:
    pairs = [f"yes “{n}”\n      heard “{n}” -> “{n}”" for n in range(9)]
    printed = "\n".join(
        ["9 spoken requests:", *pairs, "What each stage did", "45 s of sound heard and answered in 6 s."]
    )
    lines = readme.shortened(printed).splitlines()
    assert lines[:2] == ["$ make demo", "9 spoken requests:"]
    assert lines[-2:] == ["...", "45 s of sound heard and answered in 6 s."]
    assert len(lines) == 12


def test_the_pictures_are_small_enough_for_a_first_look() -> None:
    assert [name for name in re.findall(r'src="([^"]+)"', README) if not (ROOT / name).is_file()] == []
    for picture in (ROOT / "docs/images").glob("*.png"):
        assert picture.stat().st_size < 150_000, picture.name
        with Image.open(picture) as image:
            assert image.width >= 1280


def test_the_first_screen_is_a_page_that_needs_no_other_file(first_screen: ModuleType) -> None:
    page = first_screen.page()
    assert "<h1" in page
    assert "<table>" in page
    assert 'src="data:image/png;base64,' in page
    assert 'src="docs/' not in page


def test_a_build_without_a_browser_keeps_the_image_of_the_repository(
    first_screen: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    first_screen.on_post_build({"site_dir": str(tmp_path / "site")})
    assert not (tmp_path / "site").exists()
    assert not first_screen.take_picture("<p>x</p>", tmp_path / "screen.png", program=str(tmp_path / "missing"))


def test_a_browser_that_draws_nothing_does_not_stop_the_build(first_screen: ModuleType, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    assert not first_screen.take_picture("<p>x</p>", tmp_path / "screen.png", program=str(program))
    assert not (tmp_path / "screen.png").exists()
