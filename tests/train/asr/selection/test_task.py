"""Learning from chosen speech: parts around flipped slots, the mixed loss, disagreement, weights from a bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.asr.acoustic.model import AcousticModel  # noqa: E402
from harken.bundle import load_bundle  # noqa: E402
from harken.errors import BundleError  # noqa: E402
from harken.metrics.result import Result  # noqa: E402
from harken.recipes.asr.selection import recipe  # noqa: E402
from harken.recipes.asr.selection.arms import Choosing  # noqa: E402
from harken.recipes.asr.selection.measure import recovery  # noqa: E402
from harken.recipes.asr.selection.training import Training  # noqa: E402
from harken.settings import load_settings  # noqa: E402
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney  # noqa: E402
from harken.train.asr.selection.decoding import Decoded  # noqa: E402
from harken.train.asr.selection.disagreement import disagreement  # noqa: E402
from harken.train.asr.selection.parts import parts_of, pieces_of  # noqa: E402
from harken.train.asr.selection.priors import one_edit, text_prior  # noqa: E402
from harken.train.asr.selection.restoring import network_config, restored_network  # noqa: E402
from harken.train.asr.selection.slots import Slot  # noqa: E402
from harken.train.asr.selection.task import SelectionTask, WeightConfig  # noqa: E402
from harken.train.asr.store import Entry  # noqa: E402


def decoded(words: str, *, each: int = 10) -> Decoded:
    """Slots of ten steps; '-' is no word."""
    slots = tuple(
        Slot(
            word="" if word == "-" else word,
            rival="x",
            share=0.6,
            rival_share=0.4,
            first=each * n,
            last=each * n + each,
        )
        for n, word in enumerate(words.split())
    )
    return Decoded(name="a.flac", speaker=None, first=20, steps=each * len(slots), sentences=(), slots=slots)


def spans(words: str, flipped: str) -> list[tuple[str, int, int]]:
    parts = parts_of(decoded(words), [mark == "x" for mark in flipped])
    return [(" ".join(part.words), part.first, part.last) for part in parts]


def test_without_flips_the_whole_stretch_is_learned() -> None:
    assert spans("turn - on the light", ".....") == [("turn on the light", 0, 50)]


def test_a_flipped_slot_never_reaches_the_targets() -> None:
    assert spans("turn on the light now please", "..x...") == [("turn on", 0, 20), ("light now please", 30, 60)]
    assert spans("turn on the light now please", "x....x") == [("on the light now", 10, 50)]


def test_single_words_between_flips_are_not_learned() -> None:
    assert spans("turn on the light", "x.x.") == []
    assert spans("turn on the light", "xxxx") == []


def test_parts_become_frames_of_the_recording() -> None:
    row = decoded("turn on the light now please")
    entry = Entry(name="a.flac", corpus="pool", split="train", start=0, frames=230, text=None, label=None, speaker=None)
    pieces = pieces_of(row, parts_of(row, [False, False, True, False, False, False]), entry, source=1, corpus="pool")
    assert [(piece.first, piece.frames, piece.words) for piece in pieces] == [
        (60, 60, ("turn", "on")), (150, 80, ("light", "now", "please")),  # the recording ends within the second
    ]  # fmt: skip


def test_the_weight_rises_and_stays() -> None:
    weight = WeightConfig(first=0.5, last=1.0, rise=10)
    assert [weight.at(step) for step in (0, 5, 10, 99)] == [0.5, 0.75, 1.0, 1.0]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (("L", "AY", "T"), ("R", "AY", "T"), "L R"),
        (("R", "AY", "T"), ("L", "AY", "T"), "L R"),
        (("S", "AY", "T"), ("S", "AY"), "- T"),
        (("S", "AY"), ("S", "AY"), ""),
        (("S", "AY", "T"), ("B", "AY"), ""),
    ],
)
def test_the_kind_of_a_pair_is_the_one_sound_that_differs(first, second, kind: str) -> None:
    assert one_edit(first, second) == kind


def test_the_prior_of_two_words_is_their_share_in_text() -> None:
    sentences = [["no"], ["no"], ["no"], ["yes"]]
    prior = text_prior(train_kneser_ney(count_ngrams(sentences, choose_vocabulary(sentences, 2), order=1)))
    assert prior("no", "yes") == pytest.approx(1 - prior("yes", "no"))  # type: ignore[operator]
    assert prior("no", "yes") > 0.6  # type: ignore[operator]
    assert prior("no", "perhaps") is None


def test_recovery_is_the_share_of_the_gap() -> None:
    assert recovery(0.5, 0.4, 0.3) == pytest.approx(0.5)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[recipe.Config, Path]:
    """The tiny configuration, prepared: a seed and a decoded pool of made-up speech."""
    run = tmp_path_factory.mktemp("selection")
    config = load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARKEN_RUNS", str(run / "runs"))
        patch.setenv("HARKEN_HOME", str(run / "home"))
        recipe.prepare(config, run)
    return config, run


@pytest.fixture(autouse=True)
def _folders(tiny: tuple[recipe.Config, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_RUNS", str(tiny[1] / "runs"))
    monkeypatch.setenv("HARKEN_HOME", str(tiny[1] / "home"))


def test_the_choice_needs_no_text_of_the_pool(tiny: tuple[recipe.Config, Path]) -> None:
    config, run = tiny
    ground = recipe._ground(config, run)
    assert all(utterance.text is None for utterance in ground.pool)

    def refuse() -> dict[str, str]:
        raise AssertionError("the references were read")

    object.__setattr__(ground, "references", refuse)
    choosing = Choosing(ground, config.choosing, run, 0)
    for arm in ("random", "confidence", "dropout", "local-global", "margin", "both", "all"):
        selection = choosing.select(arm)
        assert selection.recordings
        if arm != "all":
            assert selection.hours(choosing.decoded) <= choosing._hours + 1e-9
    with pytest.raises(AssertionError, match="references"):
        choosing.select("oracle")


def test_with_weight_zero_it_is_the_training_on_transcribed_speech(tiny: tuple[recipe.Config, Path]) -> None:
    config, run = tiny
    ground = recipe._ground(config, run)
    choosing, training = Choosing(ground, config.choosing, run, 0), Training(ground, config.training, run)
    network = restored_network(ground.seed)
    pieces = choosing.pieces(choosing.select("random"), source=len(ground.material.stores))
    task = training._task(network, pieces, choosing)
    alone = SelectionTask(task.labelled, task.chosen, WeightConfig(first=0.0, last=0.0))
    listed = alone.batches(0, np.random.default_rng(1))
    assert [batch.labelled for batch in listed] == task.labelled.batches(0, np.random.default_rng(1))
    torch.manual_seed(0)
    mixed, _ = alone.loss(listed[0], np.random.default_rng(2))
    torch.manual_seed(0)
    plain, _ = task.labelled.loss(listed[0].labelled, np.random.default_rng(2))
    assert mixed.item() == plain.item()
    both, numbers = task.loss(task.batches(0, np.random.default_rng(1))[0], np.random.default_rng(2))
    assert both.item() != plain.item()
    assert numbers["weight"] == 0.5


def test_a_restored_network_gives_the_scores_of_its_bundle(tiny: tuple[recipe.Config, Path]) -> None:
    config, run = tiny
    ground = recipe._ground(config, run)
    features = np.random.default_rng(0).normal(8, 3, (60, 80)).astype(np.float32)
    from harken.train.asr.export import whole_scores

    network = restored_network(ground.seed)
    expected = AcousticModel.from_bundle(ground.seed).scores(features)
    assert whole_scores(network, ground.model.normalizer, features) == pytest.approx(expected, abs=1e-3)


def test_a_network_agrees_with_itself_when_nothing_is_switched_off(tiny: tuple[recipe.Config, Path]) -> None:
    ground = recipe._ground(*tiny)
    network = restored_network(ground.seed)
    features = np.random.default_rng(0).normal(8, 3, (90, 80)).astype(np.float32)
    assert disagreement(network, ground.model.normalizer, features, seed=0, rate=0.0) == 0
    noisy = disagreement(network, ground.model.normalizer, features, seed=0, rate=0.9)
    assert noisy > 0
    assert noisy == disagreement(network, ground.model.normalizer, features, seed=0, rate=0.9)
    assert not network.training or network.blocks[0].dropout == 0.0


def test_a_bundle_that_hides_its_sizes_cannot_be_continued(tiny: tuple[recipe.Config, Path]) -> None:
    ground = recipe._ground(*tiny)
    bundle = load_bundle(ground.seed.folder)
    bundle.info["origin"] = {}
    with pytest.raises(BundleError, match="does not name the sizes"):
        network_config(bundle)


def test_arms_are_trained_and_measured_with_one_command(tiny: tuple[recipe.Config, Path]) -> None:
    config, run = tiny
    config = replace(config, arms=("seed", "labelled", "random", "both", "oracle"))
    trained = recipe.train(config, run)
    assert len(set(trained.values())) == len(config.arms)
    results = recipe.score(config, run)
    assert all(isinstance(result, Result) for result in results)
    errors = [r.condition for r in results if r.metric == "word error rate" and r.set.endswith("test")]
    arms = [f"{arm}, {config.regime}" for arm in config.arms if arm != "seed"]
    assert errors == [config.regime, *arms]
