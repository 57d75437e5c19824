"""A tiny network: whole utterances, streams and the exported graph agree; the recipe runs on made-up speech."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.asr.acoustic.ivector import Extractor  # noqa: E402
from harken.asr.acoustic.model import AcousticModel, Outputs  # noqa: E402
from harken.asr.acoustic.speaker import PhoneFilter  # noqa: E402
from harken.audio.features import Normalizer  # noqa: E402
from harken.recipes.asr.acoustic import recipe  # noqa: E402
from harken.settings import load_settings  # noqa: E402
from harken.train.asr.acoustic import AcousticNetwork, NetworkConfig  # noqa: E402
from harken.train.asr.export import check_stream, restore_weights, write_acoustic_bundle  # noqa: E402
from harken.train.asr.lexicon import LABELS  # noqa: E402
from harken.train.export import ExportError  # noqa: E402

CONFIG = NetworkConfig(width=24, bottleneck=12, hidden=32, left=(1, 3, 2), right=(1, 0, 2), dropout=0.0)
NORMALIZER = Normalizer(mean=np.full(80, 10, np.float32), deviation=np.full(80, 3, np.float32))


@pytest.fixture
def network() -> AcousticNetwork:
    torch.manual_seed(0)
    return AcousticNetwork(CONFIG, len(LABELS)).eval()


@pytest.mark.parametrize("chunk", [1, 2, 7, 40])
def test_stream_equals_the_whole(network, chunk):
    ahead, steps = network.look_ahead, 30
    x = torch.randn(1, 3 * (steps + ahead), 80, generator=torch.Generator().manual_seed(1))
    place, state, parts = torch.zeros(1), network.initial_state(), []
    with torch.no_grad():
        stacked = x.reshape(1, -1, 240)
        for start in range(0, steps + ahead, chunk):
            y, _, place, state = network.stream(stacked[:, start : start + chunk], place, state)
            parts.append(y)
        assert torch.allclose(torch.cat(parts, 1)[:, ahead:], network(x), atol=1e-5)


def test_scores_do_not_depend_on_more_than_the_look_ahead(network):
    x = torch.randn(1, 3 * (20 + network.look_ahead), 80)
    changed = x.clone()
    changed[:, 3 * (10 + network.look_ahead + 1) :] += 5
    with torch.no_grad():
        assert torch.allclose(network(x)[:, :11], network(changed)[:, :11])
        assert not torch.allclose(network(x)[:, 11], network(changed)[:, 11])


def test_bundle_gives_what_the_network_gives(network, tmp_path):
    bundle = write_acoustic_bundle(tmp_path / "b", network, NORMALIZER, LABELS, eight_bit=False, card="x")
    assert check_stream(network, AcousticModel.from_bundle(bundle), NORMALIZER) < 1e-4
    assert bundle.labels == list(LABELS)


def test_a_bundle_gives_the_hidden_layer_from_which_its_scores_are_computed(network, tmp_path):
    bundle = write_acoustic_bundle(tmp_path / "b", network, NORMALIZER, LABELS, eight_bit=False, card="x")
    stream, x = AcousticModel.from_bundle(bundle).stream(), np.random.default_rng(0).normal(10, 3, (100, 80))
    frames = x.astype(np.float32)
    found = Outputs.joined([stream.process(frames[:31]), stream.process(frames[31:]), stream.flush()])
    with torch.no_grad():
        scores = network.out(torch.from_numpy(found.hidden)).numpy()
    assert found.hidden.shape == (len(found), CONFIG.width)
    assert np.allclose(scores, found.scores, atol=1e-4)


@pytest.mark.parametrize("eight_bit", [False, True])
def test_learning_can_go_on_from_a_bundle(network, tmp_path, eight_bit):
    bundle = write_acoustic_bundle(tmp_path / "b", network, NORMALIZER, LABELS, eight_bit=eight_bit, card="x")
    other = AcousticNetwork(CONFIG, len(LABELS))
    restore_weights(other, bundle)
    assert check_stream(other, AcousticModel.from_bundle(bundle), NORMALIZER) < 1e-3
    deeper = replace(CONFIG, left=(*CONFIG.left, 2), right=(*CONFIG.right, 0))
    more = AcousticNetwork(deeper, len(LABELS))
    restore_weights(more, bundle)
    assert check_stream(more, AcousticModel.from_bundle(bundle), NORMALIZER) < 1e-3
    with pytest.raises(ExportError, match="other sizes"):
        restore_weights(AcousticNetwork(NetworkConfig(width=32), len(LABELS)), bundle)


SPEAKER = replace(CONFIG, speaker=6, speaker_hidden=8)


@pytest.fixture
def ivectors():
    rng = np.random.default_rng(0)
    means, loading = rng.normal(size=(len(LABELS), 40)), 0.3 * rng.normal(size=(len(LABELS), 40, 6))
    bigram = rng.uniform(0.1, 1, (len(LABELS), len(LABELS)))
    phones = PhoneFilter(bigram=bigram / bigram.sum(1, keepdims=True), start=np.full(len(LABELS), 1 / len(LABELS)))
    return Extractor(means=means, variances=np.ones_like(means), loading=loading), phones


@pytest.fixture
def listener(ivectors, tmp_path):
    """A network whose branch for the voice has learnt something, and its bundle."""
    torch.manual_seed(1)
    network = AcousticNetwork(SPEAKER, len(LABELS)).eval()
    torch.nn.init.normal_(network.speaker.linear.weight)
    bundle = write_acoustic_bundle(
        tmp_path / "v", network, NORMALIZER, LABELS, eight_bit=False, card="x", ivectors=ivectors
    )
    return network, bundle


def some_speech(frames=200, seed=0):
    return (10 + 3 * np.random.default_rng(seed).standard_normal((frames, 80))).astype(np.float32)


def whole_of(stream, x, chunk=10**6):
    parts = [*(stream.process(x[n : n + chunk]) for n in range(0, len(x), chunk)), stream.flush()]
    return Outputs.joined(parts).scores


def test_a_stream_with_ivectors_gives_what_training_computes(listener):
    network, bundle = listener
    assert check_stream(network, AcousticModel.from_bundle(bundle), NORMALIZER) < 1e-4


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_chunks_do_not_change_scores_or_the_voice(listener, chunk):
    stream, x = AcousticModel.from_bundle(listener[1]).stream(), some_speech()
    whole = whole_of(stream, x)
    voice = stream.ivector
    stream.reset()
    assert np.allclose(whole_of(stream, x, chunk), whole, atol=1e-5)
    assert np.allclose(stream.ivector, voice, atol=1e-6)


def test_the_voice_is_kept_for_the_next_utterance_and_forgotten_by_reset(listener):
    model, x, other = AcousticModel.from_bundle(listener[1]), some_speech(), some_speech(seed=5)
    stream, alone = model.stream(), model.scores(other)
    assert not stream.ivector.any()
    whole_of(stream, x)
    assert stream.ivector.any()
    assert not np.allclose(whole_of(stream, other), alone, atol=1e-3)
    stream.reset()
    assert np.array_equal(whole_of(stream, other), alone)


def test_a_branch_that_has_learnt_nothing_changes_nothing(network, ivectors, tmp_path):
    plain = write_acoustic_bundle(tmp_path / "p", network, NORMALIZER, LABELS, eight_bit=False, card="x")
    listening = AcousticNetwork(SPEAKER, len(LABELS)).eval()
    torch.nn.init.normal_(listening.speaker.linear.weight)
    restore_weights(listening, plain)
    bundle = write_acoustic_bundle(
        tmp_path / "l", listening, NORMALIZER, LABELS, eight_bit=False, card="x", ivectors=ivectors
    )
    x = some_speech()
    assert np.abs(AcousticModel.from_bundle(bundle).scores(x) - AcousticModel.from_bundle(plain).scores(x)).max() < 1e-5


def test_ivectors_and_their_model_ship_together(network, ivectors, tmp_path):
    with pytest.raises(ExportError, match="if and only if"):
        write_acoustic_bundle(tmp_path / "a", network, NORMALIZER, LABELS, eight_bit=False, card="x", ivectors=ivectors)
    with pytest.raises(ExportError, match="if and only if"):
        write_acoustic_bundle(
            tmp_path / "b", AcousticNetwork(SPEAKER, len(LABELS)), NORMALIZER, LABELS, eight_bit=False, card="x"
        )


def test_eight_bit_storage_is_smaller_and_close(network, tmp_path):
    exact = write_acoustic_bundle(tmp_path / "a", network, NORMALIZER, LABELS, eight_bit=False, card="x")
    small = write_acoustic_bundle(tmp_path / "b", network, NORMALIZER, LABELS, eight_bit=True, card="x")
    x = (10 + 3 * np.random.default_rng(0).standard_normal((60, 80))).astype(np.float32)
    assert small.size < 0.7 * exact.size
    wanted, found = AcousticModel.from_bundle(exact).scores(x), AcousticModel.from_bundle(small).scores(x)
    assert 0 < np.abs(found - wanted).max() < 0.03 * np.abs(wanted).max()


def test_another_network_is_found_out(network, tmp_path):
    bundle = write_acoustic_bundle(tmp_path / "b", network, NORMALIZER, LABELS, eight_bit=False, card="x")
    with torch.no_grad():
        network.out.bias += 1
    with pytest.raises(ExportError, match="differ"):
        check_stream(network, AcousticModel.from_bundle(bundle), NORMALIZER)


def test_tiny_recipe_learns_made_up_speech(tmp_path, monkeypatch):
    monkeypatch.setenv("HARKEN_RUNS", str(tmp_path))
    monkeypatch.delenv("HARKEN_DATA", raising=False)
    config = load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml"))
    recipe.prepare(config, tmp_path / "run")
    found = recipe.train(config, tmp_path / "run")
    assert found["step"] == config.loop.steps
    first = (tmp_path / "run" / "flat" / "log.jsonl").read_text().splitlines()[0]
    assert -found["loss"] > float(first.split('"objective": ')[1].split(",")[0]) + 0.1
    (bundle,) = recipe.export(config, tmp_path / "run")
    assert bundle.folder == tmp_path / "run" / "acoustic-en"
    assert "phone error on dev, 32 bit" in bundle.info["scores"]
    assert AcousticModel.from_bundle(bundle).scores(np.full((9, 80), 10, np.float32)).shape == (3, 80)


def test_what_is_exported_can_keep_a_share_of_the_weights_that_training_started_from(tmp_path, monkeypatch):
    monkeypatch.setenv("HARKEN_RUNS", str(tmp_path))
    monkeypatch.delenv("HARKEN_DATA", raising=False)
    config = load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml"))
    config = replace(config, loop=replace(config.loop, steps=8))
    torch.manual_seed(7)
    before = AcousticNetwork(config.network, len(LABELS)).eval()
    recipe.prepare(config, tmp_path / "run")
    recipe.train(config, tmp_path / "run")
    normalizer = recipe.Material(config, tmp_path / "run").normalizer
    start = write_acoustic_bundle(tmp_path / "start", before, normalizer, LABELS, eight_bit=False, card="x")
    x, scores = some_speech(), {}
    for share in (0.0, 0.25, 1.0):
        mixed = replace(config, start=str(start.folder), start_share=share)
        (bundle,) = recipe.export(mixed, tmp_path / "run")
        scores[share] = AcousticModel.from_bundle(bundle).scores(x)
    far = {share: np.abs(scores[share] - AcousticModel.from_bundle(start).scores(x)).mean() for share in scores}
    assert far[1.0] < 1e-5 < far[0.25] < far[0.0]
