"""Settings: defaults < file < command line; mistakes are named with the nearest right name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harken.errors import ConfigError
from harken.settings import load_settings, save_settings


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    steps: int = 1000
    lr: float = 1e-3
    warmup: float = 0.1
    clip: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    name: str = "tiny"
    bands: tuple[int, ...] = (1, 2)
    folder: Path | None = None
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(warmup=0.3))


def test_file_beats_defaults_and_command_line_beats_file(tmp_path: Path):
    file = tmp_path / "tiny.toml"
    file.write_text('name = "file"\n[loop]\nsteps = 5\nlr = 1\n')
    config = load_settings(Settings, file, overrides=["loop.steps=7", "bands=[3]", "folder=somewhere"])
    assert (config.name, config.loop.steps, config.loop.lr, config.bands) == ("file", 7, 1.0, (3,))
    assert config.folder == Path("somewhere")
    assert config.loop.clip == LoopConfig().clip


def test_a_section_named_in_part_keeps_its_own_defaults():
    assert load_settings(Settings, overrides=["loop.steps=7"]).loop == LoopConfig(steps=7, warmup=0.3)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("loop.stepz=3", "unknown setting 'loop.stepz'; did you mean 'loop.steps'"),
        ("loop.steps=many", "'loop.steps' is 'many' .str.; expected a whole number"),
        ("loop.steps=true", "expected a whole number"),
        ("loop=3", "'loop' is a section"),
        ("name.of=3", "'name' is 'tiny'|section|text in quotes"),
        ("loop.steps", "write section.key=value"),
        ("bands=3", "expected a list"),
    ],
)
def test_mistakes_are_named(override: str, message: str):
    with pytest.raises(ConfigError, match=message):
        load_settings(Settings, overrides=[override])


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"metod.toml cannot be read as settings \(No such file"):
        load_settings(Settings, tmp_path / "metod.toml")
    (tmp_path / "x.toml").write_text("steps = = 3")
    with pytest.raises(ConfigError, match=r"x.toml cannot be read as settings \(Invalid"):
        load_settings(Settings, tmp_path / "x.toml")


def test_a_later_file_replaces_single_keys_and_a_mistake_names_its_file(tmp_path: Path):
    base, own = tmp_path / "base.toml", tmp_path / "own.toml"
    base.write_text("name = 'a'\n[loop]\nsteps = 5\nlr = 0.1\n")
    own.write_text("[loop]\nsteps = 6\n")
    config = load_settings(Settings, base, own)
    assert (config.name, config.loop.steps, config.loop.lr, config.loop.warmup) == ("a", 6, 0.1, 0.3)
    own.write_text("[loop]\nstep = 6\n")
    with pytest.raises(ConfigError, match=r"own.toml: unknown setting 'loop.step'; did you mean 'loop.steps'"):
        load_settings(Settings, base, own)


def test_resolved_settings_are_written_beside_their_run(tmp_path: Path):
    save_settings(Settings(folder=Path("here")), tmp_path / "run" / "config.json")
    written = json.loads((tmp_path / "run" / "config.json").read_text())
    assert written["loop"]["warmup"] == 0.3
    assert written["folder"] == "here"
