"""Dialect arms from one code path: what reaches which output layer, what is equal, what must not work."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.asr.acoustic.speaker import IVECTOR_STEPS  # noqa: E402
from harken.errors import ConfigError  # noqa: E402
from harken.phones.sets import SILENCE  # noqa: E402
from harken.recipes.asr.dialects import recipe  # noqa: E402
from harken.recipes.asr.dialects.arms import COMMON_HEAD, Arms  # noqa: E402
from harken.recipes.asr.dialects.family import (  # noqa: E402
    DialectLabels,
    load_targets,
    save_targets,
    silence_first,
    targets_of,
)
from harken.recipes.asr.dialects.measure import CHANGE, Measured, measure  # noqa: E402
from harken.recipes.asr.dialects.toy import NORTH, SOUTH, make_toy_family  # noqa: E402
from harken.settings import load_settings  # noqa: E402
from harken.train.asr.dialects import (  # noqa: E402
    Conditions,
    DialectExample,
    DialectNetwork,
    DialectTask,
    DialectTaskConfig,
    log_prior,
    posteriors_of,
    scores_of,
)
from harken.train.asr.encoders import EncoderConfig, make_encoder  # noqa: E402

SMALL = EncoderConfig(layers=1, width=16, ahead=2)
ENCODERS = [
    EncoderConfig(kind="lstm", layers=2, width=16, ahead=5),
    EncoderConfig(kind="lstm", layers=1, width=16, ahead=0),
    EncoderConfig(kind="delay", layers=4, width=16, ahead=3),
    EncoderConfig(kind="attention", layers=3, width=16, ahead=3),
    EncoderConfig(kind="attention", layers=2, width=16, ahead=5),
]


def network(heads: dict[str, int], *, beside: int = 0, seed: int = 0, encoder: EncoderConfig = SMALL) -> DialectNetwork:
    torch.manual_seed(seed)
    return DialectNetwork(encoder, heads, beside=beside)


def example(dialect: str, steps: int = 12, *, phones: int = 3, seed: int = 0) -> DialectExample:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(3 * steps, 80)).astype(np.float32)
    return DialectExample(dialect=dialect, features=features, targets=rng.integers(2 * phones, size=steps))


def task(net: DialectNetwork, heads: dict[str, str], train: list[DialectExample], **settings: float) -> DialectTask:
    return DialectTask(net, heads, train, train, Conditions(), DialectTaskConfig(**settings))


@pytest.fixture(scope="module")
def family():
    return make_toy_family()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory):
    """Settings, run folder, the trained arms, what was measured, and the results."""
    folder = tmp_path_factory.mktemp("dialects")
    config = load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml"))
    config = replace(config, arms=("ds", "pm", "pm-iv", "pm-scrambled"))
    recipe.prepare(config, folder)
    trained = recipe.train(config, folder)
    assert recipe.export(config, folder) == []
    results = recipe.score(config, folder)
    measured = measure(make_toy_family(), config.training, config.measuring, folder, config.arms, config.seeds)
    return config, folder, trained, measured, results


def dev_of(folder: Path, name: str) -> dict[str, float]:
    rows = [json.loads(line) for line in (folder / name / "log.jsonl").read_text().splitlines()]
    return [row["dev"] for row in rows if "dev" in row][-1]


# the recipe on made-up dialects


def test_tiny_recipe_trains_and_measures_every_arm(tiny) -> None:
    config, folder, trained, measured, results = tiny
    assert trained.keys() == {f"{arm} 0" for arm in config.arms}
    assert {(one.arm, one.dialect) for one in measured} == {(a, d) for a in config.arms for d in (NORTH, SOUTH)}
    assert (folder / "config.json").is_file()
    assert {r.metric for r in results} == {"word error rate", CHANGE}
    assert {r.set for r in results} >= {f"{NORTH} test", f"{SOUTH} test"}


def test_mapped_phones_help_the_small_dialect_and_a_scrambled_map_does_not(tiny) -> None:
    _, folder, _, measured, _ = tiny
    rate = {(one.arm, one.dialect): one.rate for one in measured}
    assert rate["pm", SOUTH] < 0.7 * rate["ds", SOUTH]
    assert rate["pm-scrambled", SOUTH] > 2 * rate["pm", SOUTH]
    mapped, scrambled = dev_of(folder, "pm-0"), dev_of(folder, "pm-scrambled-0")
    assert mapped[f"right.{SOUTH}"] > scrambled[f"right.{SOUTH}"] + 0.1
    assert mapped["loss"] < scrambled["loss"] - 0.2


def test_what_is_trained_already_is_read(tiny, family) -> None:
    config, folder, _, _, _ = tiny
    first, second = (Arms(family, config.training, folder, 0).listeners("pm")[SOUTH] for _ in range(2))
    heard = family.spoken[SOUTH, "test"][0].example
    assert np.array_equal(first.scores(heard, 1.0), second.scores(heard, 1.0))
    log = (folder / "pm-0" / "log.jsonl").read_text().splitlines()
    assert len([line for line in log if "seconds" in line]) == config.training.loop.steps


def test_what_is_measured_already_is_read_unless_the_network_or_the_search_is_another(tiny, family) -> None:
    config, folder, _, measured, _ = tiny
    arms = ("pm",)

    def again(**settings: Any) -> list[Measured]:
        chosen = replace(config.measuring, **settings)
        return measure(family, config.training, chosen, folder, arms, config.seeds)

    assert again() == [one for one in measured if one.arm == "pm"]
    file = folder / "measured" / f"pm-{SOUTH}-0.json"
    record = json.loads(file.read_text())
    record["errors"][0][1]["insertions"] += 5
    file.write_text(json.dumps(record))
    before = {one.dialect: one.rate for one in measured if one.arm == "pm"}
    assert {one.dialect: one.rate for one in again()}[SOUTH] > before[SOUTH]
    record["way"]["what"] = "another"
    file.write_text(json.dumps(record))
    assert {one.dialect: one.rate for one in again()} == before
    again(scales=(0.1,), prior_scales=(0.5,))
    assert json.loads(file.read_text())["way"]["acoustic_scale"] == 0.1


def test_test_utterances_start_with_an_unknown_speaker(tiny, family) -> None:
    config, folder, _, _, _ = tiny
    arms = Arms(family, config.training, folder, 0)
    rows = arms.heard("pm-iv", "test")[SOUTH]
    assert all(one.example.ivectors.shape[1] == config.training.rank for one in rows)
    assert all(not one.example.ivectors[0].any() for one in rows)
    assert any(one.example.ivectors[-1].any() for one in rows)
    assert arms.heard("pm", "test")[SOUTH][0].example.ivectors is None


def test_unknown_arms_are_refused(tiny, family) -> None:
    config, folder, _, _, _ = tiny
    with pytest.raises(ConfigError, match="expected one of ds, tl"):
        Arms(family, config.training, folder, 0).listeners("pn")


# equal by construction


def test_shared_layers_of_one_dialect_are_a_dialect_specific_network(family, tmp_path) -> None:
    alone = replace(
        family,
        labels={NORTH: family.labels[NORTH]},
        spoken={(NORTH, split): family.spoken[NORTH, split][:12] for split in ("train", "dev", "test")},
    )
    config = load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml")).training
    config = replace(config, own_share=1.0, loop=replace(config.loop, steps=6))
    arms = Arms(alone, config, tmp_path, 0)
    own, shared = (arms.listeners(arm)[NORTH] for arm in ("ds", "shl"))
    weights = own.network.state_dict()
    assert weights.keys() == shared.network.state_dict().keys()
    assert all(torch.equal(weights[name], value) for name, value in shared.network.state_dict().items())
    assert np.array_equal(own.prior, shared.prior)


def test_transfer_begins_with_the_pivots_layers(family, tmp_path) -> None:
    config = load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml")).training
    config = replace(config, tuning_share=0.0, loop=replace(config.loop, steps=6))
    arms = Arms(family, config, tmp_path, 0)
    transferred, pivot = arms.listeners("tl"), arms.listeners("ds")[NORTH].network.state_dict()
    for dialect in (NORTH, SOUTH):
        weights = transferred[dialect].network.state_dict()
        assert all(torch.equal(weights[name], pivot[name]) for name in pivot if name.startswith("encoder"))
        assert set(transferred[dialect].network.heads) == {dialect}


def test_an_utterance_teaches_its_own_output_layer_only() -> None:
    net = network({"a": 3, "b": 3})
    learning = task(net, {"a": "a", "b": "b"}, [example("a"), example("b")])
    learning.loss([1], np.random.default_rng(0))[0].backward()
    assert all(parameter.grad is None or not parameter.grad.any() for parameter in net.heads["a"].parameters())
    assert all(parameter.grad.any() for parameter in net.heads["b"].parameters())
    assert all(parameter.grad.any() for parameter in net.encoder.parameters())


def test_tied_output_layers_are_the_mapped_one(family) -> None:
    mapped = network({COMMON_HEAD: len(family.common)})
    tied = network({d: len(one.own) for d, one in family.labels.items()}, seed=1)
    tied.encoder.load_state_dict(mapped.encoder.state_dict())
    own = example(SOUTH, phones=len(family.labels[SOUTH].own))
    x = torch.from_numpy(np.pad(own.features, ((0, 6), (0, 0))))[None]
    for dialect, labels in family.labels.items():
        images = labels.to_common(np.arange(2 * len(labels.own)), len(family.common))
        with torch.no_grad():
            tied.heads[dialect].weight.copy_(mapped.heads[COMMON_HEAD].weight[images])
            tied.heads[dialect].bias.copy_(mapped.heads[COMMON_HEAD].bias[images])
            torch.testing.assert_close(tied(x, dialect), mapped(x, COMMON_HEAD)[..., images])
    common = replace(own, targets=family.labels[SOUTH].to_common(own.targets, len(family.common)))
    losses = [
        task(net, {SOUTH: head}, [one], bands=0).loss([0], np.random.default_rng(0))[0].item()
        for net, head, one in ((tied, SOUTH, own), (mapped, COMMON_HEAD, common))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


def test_without_ivector_a_fresh_branch_changes_nothing() -> None:
    plain, beside = network({"a": 3}), network({"a": 3}, beside=4, seed=1)
    inputs = plain.state_dict()["encoder.lstm.weight_ih_l0"].shape[1]
    with torch.no_grad():
        for name, value in plain.state_dict().items():
            beside.state_dict()[name][..., : value.shape[-1]].copy_(value)
    assert beside.state_dict()["encoder.lstm.weight_ih_l0"].shape[1] == inputs + 64
    x = torch.randn(2, 3 * 9, 80)
    nothing = torch.zeros(2, 9, 4)
    torch.testing.assert_close(beside(x, "a", nothing), plain(x, "a"), rtol=0, atol=1e-6)
    assert torch.equal(beside(x, "a", nothing), beside(x, "a", torch.randn(2, 9, 4)))


# encoders


@pytest.mark.parametrize("config", ENCODERS, ids=lambda c: f"{c.kind}-{c.ahead}")
def test_encoders_look_ahead_exactly_as_far_as_they_say(config: EncoderConfig) -> None:
    torch.manual_seed(0)
    encoder, x, changed = make_encoder(config, 7).eval(), torch.randn(20 + config.ahead, 2, 7), 12
    other = x.clone()
    other[changed] += 3
    with torch.no_grad():
        before, after = encoder(x), encoder(other)
    assert before.shape == (20, 2, config.width)
    reached = changed - config.ahead
    assert torch.equal(before[:reached], after[:reached])
    assert not torch.equal(before[reached], after[reached])


def test_unknown_encoders_are_refused() -> None:
    with pytest.raises(ConfigError, match="lstm, delay, attention"):
        make_encoder(EncoderConfig(kind="gru"), 7)


# batches, scores, targets


def test_batches_are_of_one_dialect_and_drawn_by_a_power_of_the_hours() -> None:
    train = [example("a", seed=n) for n in range(64)] + [example("b", seed=n) for n in range(16)]
    learning = task(network({"a": 3}), {"a": "a", "b": "a"}, train, batch_frames=4 * 36, power=0.5)
    rng, of_a, count = np.random.default_rng(0), 0, 0
    for epoch in range(40):
        batches = learning.batches(epoch, rng)
        dialects = [{train[n].dialect for n in batch} for batch in batches]
        assert all(len(found) == 1 for found in dialects)
        assert all(len(batch) <= 4 for batch in batches)
        of_a, count = of_a + dialects.count({"a"}), count + len(batches)
    assert of_a / count == pytest.approx(2 / 3, abs=0.05)


def test_scores_are_posteriors_over_priors() -> None:
    net, heard = network({"a": 3}), example("a", steps=10)
    prior = log_prior([heard, example("a", seed=1)], 3)
    found = scores_of(net, "a", heard, Conditions(), prior)
    with torch.no_grad():
        last = torch.from_numpy(np.concatenate([heard.features, np.repeat(heard.features[-1:], 6, 0)]))
        wanted = torch.log_softmax(net(last[None], "a")[0], 1).numpy() - prior
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    short = example("a", seed=2, steps=4)  # beside a longer one it must not change
    shares, brief = posteriors_of(net, "a", [heard, short])
    assert (shares.shape, brief.shape) == ((10, 3), (4, 3))
    np.testing.assert_allclose(brief, posteriors_of(net, "a", [short])[0], atol=1e-6)
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(np.exp(found + prior).reshape(10, 2, 3).sum(1), shares, atol=1e-6)


def test_priors_are_the_phones_shares_with_one_more_of_each_for_entered_and_held() -> None:
    heard = replace(example("a"), targets=np.array([0, 4, 2, 6, 6]))  # phones 0, 0, 2, 2, 2 of four
    np.testing.assert_allclose(np.exp(log_prior([heard], 4)), np.tile([3, 1, 4, 1], 2) / 9, rtol=1e-6)


def test_a_warped_vocal_tract_changes_what_is_learnt_from_and_not_what_is_judged() -> None:
    train = [example("a", seed=n) for n in range(4)]
    judged, first = [], []
    for warp in (0.0, 0.2):
        learning = task(network({"a": 3}), {"a": "a"}, train, bands=0, warp=warp)
        with torch.no_grad():
            judged.append(learning.validate()["loss"])
            first.append(float(learning.loss([0, 1], np.random.default_rng(0))[0]))
    assert judged[0] == judged[1]
    assert first[0] != first[1]


def test_conditions_stand_beside_every_step() -> None:
    ivectors = np.repeat(np.array([[0.0, 0.0], [1.0, 2.0]], np.float32), IVECTOR_STEPS, axis=0)
    heard = replace(example("b"), ivectors=ivectors)
    found = Conditions(ivector=2, dialects=("a", "b")).of(heard, 3 * IVECTOR_STEPS)
    assert found.shape == (3 * IVECTOR_STEPS, 4)
    assert (found[:, 2:] == [0, 1]).all()
    assert not found[:IVECTOR_STEPS, :2].any()
    assert (found[IVECTOR_STEPS:, :2] == [1, 2]).all()
    assert Conditions().of(heard, 5).shape == (5, 0)


def test_targets_say_where_a_phone_is_entered_and_held() -> None:
    assert targets_of([(0, 0, 2), (2, 2, 3), (1, 3, 6)], 6, 3).tolist() == [0, 3, 2, 1, 4, 4]


def test_targets_are_mapped_with_their_kind() -> None:
    labels = DialectLabels(own=(SILENCE, "x", "y"), common=np.array([0, 3, 1]))
    assert labels.to_common(np.array([0, 1, 2, 3, 4, 5]), 5).tolist() == [0, 3, 1, 5, 8, 6]


def test_targets_survive_being_kept(tmp_path) -> None:
    rows = {"a/ä.wav": np.array([0, 5, 300]), "b.wav": np.array([7])}
    save_targets(tmp_path / "new" / "one.npz", rows)
    found = load_targets(tmp_path / "new" / "one.npz")
    assert list(found) == list(rows)
    assert all(np.array_equal(found[name], row) for name, row in rows.items())
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["one.npz"]


def test_a_scrambled_family_keeps_silence_and_the_pivot(family) -> None:
    mixed = family.scrambled(np.random.default_rng(0))
    assert mixed.labels[NORTH] is family.labels[NORTH]
    before, after = family.labels[SOUTH].common, mixed.labels[SOUTH].common
    assert after[0] == before[0] == 0
    assert sorted(after) == sorted(before)
    assert (after != before).any()


def test_dialects_meet_in_the_common_labels(family) -> None:
    assert family.common == silence_first(set(family.common))
    own, mapped = (family.space_of(SOUTH, common=common).graph for common in (False, True))
    north = family.space_of(NORTH, common=True).graph
    assert own.words == mapped.words
    assert np.array_equal(mapped.phone, north.phone)
    assert not np.array_equal(own.phone, mapped.phone)
