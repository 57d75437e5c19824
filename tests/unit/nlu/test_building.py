from pathlib import Path

import numpy as np
import pytest

from harken.languages.loading import load_locale
from harken.nlu.augment import disturbed
from harken.nlu.building import Amounts, Rates, read_background, train_skill
from harken.nlu.features import Encoder
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.skill_model import SkillModel, model_bytes
from harken.nlu.templates import sample_sentences

LENIENT = Rates(act=0.02, act_counter=0.1)
SMALL = Amounts(per_intent=40, disturbed=1, counter=20, background=100, others=10, tagged=60, checked=5)


@pytest.fixture
def bell(tmp_path: Path) -> Skill:
    (tmp_path / "skill.yaml").write_text(
        "skill: bell\nintents:\n  ring: {sentences: ['ring (the|a) [loud] bell [please]', 'sound the bell']}\n"
    )
    return read_skill(tmp_path)


def test_a_trained_skill_reads_paraphrases_and_leaves_the_rest(lamp: Skill, bell: Skill, encoder: Encoder) -> None:
    trained = train_skill(lamp, [bell], encoder, amounts=SMALL, rates=LENIENT)
    assert trained.report["intent_accuracy"] >= 0.7
    assert trained.report["slot_accuracy"] >= 0.8
    assert trained.report["examples_right"] == 1
    assert SkillModel.from_arrays(trained.model.arrays()).carriers == frozenset()
    reader = Interpreter({"lamp": lamp}, {"lamp": trained.model}, encoder, locale=lamp.locale)
    meaning = reader.understand("make my the lamp in the the kitchen green")
    assert (meaning.intent, meaning.values) == ("paint", {"room": "kitchen", "color": "green"})
    assert meaning.score < 0.97
    assert reader.understand("where can i buy a cheap sofa").rejected


def test_training_one_skill_again_changes_no_other(lamp: Skill, bell: Skill, encoder: Encoder) -> None:
    before = model_bytes(train_skill(bell, [lamp], encoder, amounts=SMALL).model)
    train_skill(lamp, [bell], encoder, amounts=SMALL, seed=7)
    assert model_bytes(train_skill(bell, [lamp], encoder, amounts=SMALL).model) == before


def test_disturbed_sentences_keep_their_slots(lamp: Skill) -> None:
    rng = np.random.default_rng(2)
    for sample in sample_sentences(lamp, 20, rng):
        other = disturbed(sample, rng, lamp.locale)
        for (slot, first, last), (same, begin, end) in zip(sample.spans, other.spans, strict=True):
            assert slot == same
            assert other.words[begin:end] == sample.words[first:last]


def test_the_background_has_many_sentences() -> None:
    samples = sample_sentences(read_background(load_locale()), 500, np.random.default_rng(0))
    assert len(samples) == 500
