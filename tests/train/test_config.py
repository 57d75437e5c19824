"""Settings: defaults < file < command line; mistakes are named with the nearest right name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harken.errors import ConfigError

pytest.importorskip("torch")

from harken.train.config import load_config
from harken.train.loop import LoopConfig


@dataclass(frozen=True, kw_only=True)
class Settings:
    name: str = "tiny"
    bands: tuple[int, ...] = (1, 2)
    folder: Path | None = None
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(warmup=0.3))


def test_file_beats_defaults_and_command_line_beats_file(tmp_path: Path):
    file = tmp_path / "tiny.toml"
    file.write_text('name = "file"\n[loop]\nsteps = 5\nlr = 1\n')
    config = load_config(Settings, file, ["loop.steps=7", "bands=[3]", "folder=somewhere"])
    assert (config.name, config.loop.steps, config.loop.lr, config.bands) == ("file", 7, 1.0, (3,))
    assert config.folder == Path("somewhere")
    assert config.loop.clip == LoopConfig().clip


def test_a_section_named_in_part_keeps_its_own_defaults():
    assert load_config(Settings, None, ["loop.steps=7"]).loop == LoopConfig(steps=7, warmup=0.3)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("loop.stepz=3", "unknown setting 'loop.stepz'; did you mean 'loop.steps'"),
        ("loop.steps=many", "'loop.steps' is 'many' .str.; expected int"),
        ("loop.steps=true", "expected int"),
        ("loop=3", "'loop' is a section"),
        ("name.of=3", "'name' is 'tiny'|section|expected str"),
        ("loop.steps", "write section.key=value"),
        ("bands=3", "expected a list"),
    ],
)
def test_mistakes_are_named(override: str, message: str):
    with pytest.raises(ConfigError, match=message):
        load_config(Settings, None, [override])


def test_a_missing_file_lists_what_there_is(tmp_path: Path):
    (tmp_path / "method.toml").write_text("")
    with pytest.raises(ConfigError, match=r"no configuration metod.toml \(there are: method\)"):
        load_config(Settings, tmp_path / "metod.toml")


def test_broken_toml_is_named(tmp_path: Path):
    (tmp_path / "x.toml").write_text("steps = = 3")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_config(Settings, tmp_path / "x.toml")
