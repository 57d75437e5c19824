from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from harken.languages.loading import load_locale
from harken.nlu.augment import disturbed
from harken.nlu.building import Amounts, Rates, _limits, read_background, train_skill
from harken.nlu.features import Encoder
from harken.nlu.heads import Fitted
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


def test_thresholds_let_the_stated_shares_pass_and_intents_share_what_strangers_may_reach() -> None:
    strangers, counter, nobody = slice(0, 2000), slice(2000, 3000), slice(0, 0)
    chances = np.zeros((3000, 2))
    chances[:2000] = np.linspace(0, 1, 2000)[:, None]
    chances[2000:, 1] = np.linspace(0, 1, 1000)
    head = SimpleNamespace(chances=lambda held_out: (None, held_out), intents=("ring", "stop"))
    fitted = cast(Fitted, SimpleNamespace(head=head, held_out=chances))
    rates = Rates(act=0.1, act_counter=0.02, ask=0.4, least=0.42, asked=0.3)
    act, ask = _limits(fitted, counter, strangers, rates)
    assert act["ring"] == pytest.approx(0.95, abs=0.002)  # half of a tenth
    assert act["stop"] == pytest.approx(0.98, abs=0.002)  # its counter-examples ask for more
    assert ask["ring"] == ask["stop"] == pytest.approx(0.8, abs=0.002)
    assert _limits(fitted, nobody, nobody, rates) == ({"ring": 0.42, "stop": 0.42}, {"ring": 0.3, "stop": 0.3})


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
