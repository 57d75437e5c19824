"""A program that uses harken pays for nothing that it does not use; torch never comes along."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import harken

HEAVY = ("torch", "onnxruntime", "matplotlib", "sklearn", "scipy", "onnx", "harken.train", "harken.recipes")
ROOT = Path(harken.__file__).parents[2]


def loaded_after(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has after running `code`."""
    program = f"{code}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_import_harken_loads_nothing_heavy() -> None:
    assert loaded_after("import harken").isdisjoint({*HEAVY, "numpy"})


def test_the_help_of_the_program_loads_nothing_heavy() -> None:
    assert loaded_after("import harken.cli.app").isdisjoint(HEAVY)


@pytest.mark.parametrize("name", sorted(set(harken.__all__) - {"__version__"}))
def test_no_public_name_brings_torch(name: str) -> None:
    assert loaded_after(f"from harken import {name}").isdisjoint({"torch", "harken.train", "matplotlib", "sklearn"})


def test_the_runtime_does_not_depend_on_what_only_training_needs() -> None:
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("harken was installed without its source tree")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {line.split(">")[0].split("=")[0] for line in project["dependencies"]}
    assert needed.isdisjoint({"torch", "onnx", "onnxscript", "scikit-learn", "scipy", "matplotlib", "safetensors"})
