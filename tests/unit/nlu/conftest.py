"""A small skill and an untrained encoder that the tests of understanding share."""

from pathlib import Path

import numpy as np
import pytest

from harken.nlu.features import BUCKETS, Encoder
from harken.nlu.skill_file import Skill, read_skill

LAMP = """\
skill: lamp
lists:
  color:
    values: [red, green, {in: "(blue|azure)", out: blue}, dark orange]
  room:
    values: [kitchen, living room, bathroom]
  title: {wildcard: true, examples: [evening mood, night]}
intents:
  paint:
    sentences: ["(make|paint) [the|my] lamp [in the {room}] {color}", "{color} lamp please"]
    required: {color: "Which color?"}
  dim:
    data:
      - sentences: ["dim the lamp to {0..100:level} percent"]
      - sentences: ["lamp (down|darker)"]
        slots: {level: 10}
  later:
    sentences: ["lamp off in {duration}", "switch the lamp off at {time} [{date}]"]
  name:
    sentences: ["call this {title}"]
examples:
  - {text: "make the lamp in the kitchen azure", intent: paint, slots: {room: kitchen, color: blue}}
"""


@pytest.fixture
def lamp(tmp_path: Path) -> Skill:
    folder = tmp_path / "lamp"
    folder.mkdir()
    (folder / "skill.yaml").write_text(LAMP, encoding="utf-8")
    return read_skill(folder)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """A random projection: enough to tell words apart."""
    table = np.random.default_rng(0).integers(-127, 128, size=(BUCKETS, 32)).astype(np.int8)
    return Encoder(table, 0.01)
