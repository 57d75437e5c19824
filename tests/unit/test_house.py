"""What no linter checks: files and functions that stay readable, names that say something, nothing of one machine."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import harken

SOURCE = Path(harken.__file__).parent
ROOT = SOURCE.parents[1]
MODULES = sorted(SOURCE.rglob("*.py"))


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def within(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def test_no_file_is_too_long_to_read() -> None:
    lengths = {within(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_no_function_is_too_long_to_read() -> None:
    long = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno > 60:
                long.append(f"{within(path)}: {node.name}")
    assert long == []


def test_every_module_has_found_its_name() -> None:
    vague = re.compile(r"(^|_)(utils?|common|helpers?|misc|manager)$")
    names = {path.stem if path.stem != "__init__" else path.parent.name for path in MODULES}
    assert {name for name in names if vague.search(name)} == set()


def test_every_module_says_what_it_is_for() -> None:
    assert [within(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_torch_stays_on_the_training_side() -> None:
    asks = re.compile(r"^\s*(import torch|from torch)\b", re.MULTILINE)
    outside = [path for path in MODULES if within(path).split("/")[0] not in ("train", "recipes")]
    assert [within(path) for path in outside if asks.search(path.read_text(encoding="utf-8"))] == []


def test_weights_do_not_travel_by_pickle() -> None:
    risky = re.compile(r"^\s*(import pickle|from pickle)|allow_pickle=True|torch\.load\((?!.*weights_only=True)", re.M)
    assert [within(path) for path in MODULES if risky.search(path.read_text(encoding="utf-8"))] == []


def test_nothing_speaks_of_one_machine() -> None:
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("harken was installed without its source tree")
    place = re.compile(r"(?<![\w.])/(work|root|farm)/")
    ours = [
        path
        for folder in ("src", "tests", "benchmarks", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".jsonl", ".sh"} and path.is_file()
    ]
    this = Path(__file__).resolve()
    naming = [path for path in ours if path.resolve() != this and place.search(path.read_text(errors="replace"))]
    assert [path.relative_to(ROOT).as_posix() for path in naming] == []
