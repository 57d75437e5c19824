"""The recipe of the neural language model on made-up texts, from sentences to a bundle that is centred."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from harken.asr.neural.model import CLASSES, NAME, NeuralModel
from harken.recipes.asr.neural_lm import arms, material, recipe
from harken.recipes.asr.neural_lm.material import REQUESTS, Config, Material
from harken.train.asr.neural.measure import measure_eight_bit
from harken.train.asr.neural.network import NetworkConfig
from harken.train.asr.neural.task import TaskConfig
from harken.train.schedule import LoopConfig

PROSE = ["the cat sat on the mat", "the dog ran to the cat"] * 30
EVERYDAY = ["james saw mary", "mary ran to james"] * 20
ORDERS = ["turn on the light", "stop the light"] * 20
DEV = [tuple(sentence.split()) for sentence in ("turn on the light", "the cat ran")]
LOOP = LoopConfig(steps=15, lr=1e-2, validate_every=15)


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(material, "transcripts", lambda corpus, *splits: DEV)
    monkeypatch.setattr(material, "development_requests", lambda limit: DEV[:1])
    return Config(
        corpora={"prose": ["novels"], "everyday": ["tatoeba-en"], "requests": ["clinc150"]},
        outside=("prose", "everyday"), words=16, network=NetworkConfig(embedding=8, hidden=12), first=LOOP, second=LOOP,
        task=TaskConfig(noise=20, pass_tokens=500, batch_tokens=100), rescoring={"neural": 0.5},
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    texts = {"novels": PROSE, "tatoeba-en": EVERYDAY, "clinc150": ORDERS}
    (tmp_path / "sentences.txt").write_text("".join(f"{line}\n" for lines in texts.values() for line in lines))
    facts = {name: {"sentences": len(lines), "words": 1, "held out": 0} for name, lines in texts.items()}
    (tmp_path / "texts.json").write_text(json.dumps(facts))
    return tmp_path


def test_every_other_name_of_the_everyday_text_is_a_personal_word(config: Config, run: Path) -> None:
    made = Material(config, run)
    assert made.words[: len(CLASSES)] == CLASSES
    everyday, place = made.corpora["everyday"], made.words.index(NAME)
    assert np.mean(everyday.ids == place) == pytest.approx(2 / 7, abs=0.01)
    assert not np.any(made.corpora["prose"].ids == place)


def test_weights_and_vocabulary_are_written_down_and_read_again(config: Config, run: Path) -> None:
    made = Material(config, run)
    weights, words = made.weights(), made.words
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["requests"] > weights["everyday"] >= 0.9 * config.floor
    assert set(made.weights([REQUESTS])) == set(weights)
    (run / "sentences.txt").unlink()  # what is written down needs no text
    again = Material(config, run)
    assert (again.weights(), again.words) == (weights, words)
    assert made.unigram(weights).sum() == pytest.approx(1)
    assert made.unigram(weights).min() > 0


def test_the_bundle_is_centred_and_has_its_settings(config: Config, run: Path) -> None:
    figures = recipe.train(config, run)
    assert figures["step"] == 15
    (bundle,) = recipe.export(config, run)
    assert bundle.features["rescoring"] == {"neural": 0.5}
    model = NeuralModel.from_bundle(bundle)
    found = [measure_eight_bit(model, dev).log_z_mean for dev in Material(config, run).dev.values()]
    assert abs(np.mean(found)) < 0.03
    assert set(bundle.info["scores"]["dev"]) == {*material.SPOKEN_DEV, REQUESTS}


def test_all_arms_learn_for_the_same_number_of_steps(config: Config, run: Path) -> None:
    made = Material(config, run)
    for arm in arms.arms()[:5]:
        found = arms.run_trial(arm, config, made, run)
        assert found["perplexity requests"] > 1
        logs = sorted(run.glob(f"{arm.name}-0-*".replace(" ", "_")))
        lines = [json.loads(line) for log in logs for line in (log / "log.jsonl").read_text().splitlines()]
        assert sum("loss" in line for line in lines) == 30, arm.name
