"""What harken depends on: each package is needed, has a lower bound, and brings nothing heavy to the run time."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

import harken

SOURCE = Path(harken.__file__).parent
ROOT = SOURCE.parents[1]
FORBIDDEN = {"torch", "tensorflow", "onnx", "onnxscript", "scikit-learn", "matplotlib", "safetensors", "transformers"}
"""What only training needs, or nobody."""
RUNTIME_EXTRAS = ("mic", "serve", "redis")
PINNED = {"torch"}
"""Its exporter and its operators differ from version to version."""
BY_OTHERS = {"python-multipart": "starlette", "websockets": "uvicorn"}
"""Packages that no line of harken imports -> what imports them on its behalf."""

if not (ROOT / "pyproject.toml").is_file():
    pytest.skip("harken was installed without its source tree", allow_module_level=True)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
ALL = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def imported(*, training: bool) -> set[str]:
    """Top-level modules that harken's code imports, at the top of files or inside functions."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if training or path.relative_to(SOURCE).parts[0] not in ("train", "recipes"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found - {"harken", *sys.stdlib_module_names}


def distributions(modules: set[str]) -> set[str]:
    known = packages_distributions()
    return {name.lower().replace("_", "-") for module in modules for name in known.get(module, [])}


def brought_by(requirements: list[str]) -> Iterator[str]:
    """Names of packages and, as far as they are installed, of all that they need without extras."""
    seen, waiting = set[str](), [name_of(one) for one in requirements]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            try:
                waiting += [name_of(one) for one in requires(name) or [] if "extra ==" not in one]
            except PackageNotFoundError:
                continue


@pytest.mark.parametrize("requirement", ALL)
def test_each_package_has_a_lower_bound_and_no_upper_one(requirement: str) -> None:
    name = name_of(requirement)
    if name in PINNED:
        assert "==" in requirement
    elif name != "harken":
        assert not re.search(r"[<~]|==", requirement), "an upper bound keeps security fixes out"
        assert ">=" in requirement or name == "types-pyyaml"


def test_each_package_of_the_run_time_is_used_by_it() -> None:
    used = distributions(imported(training=False))
    assert {name_of(one) for one in PROJECT["dependencies"]} - used == set()


@pytest.mark.parametrize("extra", RUNTIME_EXTRAS)
def test_each_package_of_an_extra_is_used(extra: str) -> None:
    modules = {module.lower().replace("_", "-") for module in imported(training=False)}
    names = {name_of(one) for one in EXTRAS[extra]} - {"harken"}
    assert names - distributions(imported(training=False)) - modules - set(BY_OTHERS) == set()


def test_what_the_run_time_imports_is_declared() -> None:
    declared = {name_of(one) for one in PROJECT["dependencies"]}
    declared |= {name_of(one) for name in (*RUNTIME_EXTRAS, "onnx-asr", "ray") for one in EXTRAS[name]}
    training = {name_of(one) for one in EXTRAS["train"]}
    undeclared = distributions(imported(training=False)) - declared - training
    assert undeclared == set()


def test_the_run_time_and_its_extras_bring_nothing_of_training_along() -> None:
    wanted = [*PROJECT["dependencies"], *(one for extra in RUNTIME_EXTRAS for one in EXTRAS[extra])]
    assert set(brought_by(wanted)) & FORBIDDEN == set()
