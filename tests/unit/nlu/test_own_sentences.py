"""Which everyday sentences the benchmark of wrong requests counts as said to an assistant."""

import pytest
from benchmarks.quality.actions import is_own_sentence

from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    skills = {skill.name: skill for skill in read_shipped_skills(load_locale())}
    return Interpreter(skills, {}, None, locale=load_locale())


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ("how old are you", True), ("could you repeat that please", True), ("what time is it in berlin", True),
        ("turn on the light in the kitchen", True), ("remind me to water the plants", False),  # free text
        ("how old was your brother", False), ("turn on the light in the attic", False),
    ],
)  # fmt: skip
def test_only_what_a_skill_says_itself_without_free_text_is_its_own(
    interpreter: Interpreter, said: str, own: bool
) -> None:
    assert is_own_sentence(interpreter, interpreter.understand(said)) is own
