"""A small skill and an untrained encoder that the tests of understanding share."""

from pathlib import Path

import numpy as np
import pytest

from harken.nlu.features import LONGEST, PIECE_ROWS, Encoder, WordPieces
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
    """Random weights: enough to tell words apart."""
    rng = np.random.default_rng(0)
    width, inner, size = 32, 16, 48
    shapes = {
        "words.weight": (5, width), "grams.weight": (PIECE_ROWS, width), "places": (LONGEST, width),
        "layers.0.before.weight": (width,), "layers.0.before.bias": (width,),
        "layers.0.asks.weight": (3 * width, width), "layers.0.asks.bias": (3 * width,),
        "layers.0.mix.weight": (width, width), "layers.0.mix.bias": (width,),
        "layers.0.between.weight": (width,), "layers.0.between.bias": (width,),
        "layers.0.up.weight": (inner, width), "layers.0.up.bias": (inner,),
        "layers.0.down.weight": (width, inner), "layers.0.down.bias": (width,),
        "norm.weight": (width,), "norm.bias": (width,), "out.weight": (size, 2 * width), "out.bias": (size,),
    }  # fmt: skip
    weights = {name: (0.1 * rng.normal(size=shape)).astype(np.float32) for name, shape in shapes.items()}
    weights |= {
        name: np.ones_like(weights[name]) for name in weights if name.endswith(("before.weight", "norm.weight"))
    }
    weights["grams.weight"] *= 10
    return Encoder.of_weights(WordPieces(["turn", "the", "lamp", "on"]), weights)
