"""The universal vocoder: the network step by step and at once, what it learns from, and its bundle."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from harken.cli.recipes import open_recipe  # noqa: E402
from harken.errors import DataError  # noqa: E402
from harken.recipes.tts.universal_vocoder.material import toy_recordings  # noqa: E402
from harken.train.export import ExportError  # noqa: E402
from harken.train.tts.coded_speech import CodedSpeech, write_coded_speech  # noqa: E402
from harken.train.tts.configs import UniversalConfig  # noqa: E402
from harken.train.tts.export_universal import draw_codes, export_universal_vocoder  # noqa: E402
from harken.train.tts.likelihood import code_losses  # noqa: E402
from harken.train.tts.universal_vocoder import UniversalNet, UniversalTask  # noqa: E402
from harken.tts.copies import load_copier  # noqa: E402
from harken.tts.mel_frames import FLOOR, MelAnalysis  # noqa: E402
from harken.tts.mulaw import Coding  # noqa: E402
from harken.tts.universal_vocoder import UniversalVocoder  # noqa: E402

CONFIG = UniversalConfig(reader=6, hidden=10, affine=8, batch=3, frames=2, margin=2)
CODING = Coding(bits=8, emphasis=0.5)
ANALYSIS = MelAnalysis(hop=20, window=80)


@pytest.fixture
def net() -> UniversalNet:
    torch.manual_seed(0)
    return UniversalNet(CONFIG, levels=CODING.levels, hop=ANALYSIS.hop).eval()


def example(seed: int = 0) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(2, 6, 80, generator=rng) * 3 - 10, torch.randint(0, 256, (2, 120), generator=rng)


def test_an_untrained_network_knows_nothing(net: UniversalNet) -> None:
    frames, codes = example()
    big = UniversalNet(CONFIG, levels=1024, hop=20)
    assert big.loss(frames, codes, codes, margin=0, narrow=False).item() == pytest.approx(math.log(1024), abs=0.1)
    chances = net(frames, codes).softmax(2)
    torch.testing.assert_close(chances.sum(2), torch.ones(2, 120))


def test_what_frames_say_is_repeated_for_their_samples(net: UniversalNet) -> None:
    frames, codes = example()
    read = net.read(frames)
    assert read.shape == (2, 6, 2 * CONFIG.reader)
    other = frames.clone()
    other[:, 3:] += 1
    # Through the backward layer a later frame changes an earlier one's reading.
    assert not torch.allclose(net.read(other)[:, 0], read[:, 0])
    still = torch.full_like(codes, 128)
    with torch.no_grad():
        net.core.weight_hh_l0.zero_()
        net.core.bias_hh_l0.zero_()
        net.core.bias_ih_l0[CONFIG.hidden : 2 * CONFIG.hidden] = -30  # the update gate lets the past go
        net.core.weight_ih_l0[CONFIG.hidden : 2 * CONFIG.hidden] = 0
    scores = net(frames, still)[0].reshape(6, 20, 256)
    torch.testing.assert_close(scores, scores[:, :1].expand_as(scores))
    assert not torch.allclose(scores[0, 0], scores[1, 0])


def test_one_pass_with_known_codes_equals_step_by_step(net: UniversalNet) -> None:
    frames, codes = example()
    whole = net(frames, codes)
    steady, state, steps = net.read(frames).repeat_interleave(net.hop, 1), None, []
    for step in range(120):
        coded = torch.nn.functional.one_hot(codes[:, step], net.levels).float()
        out, state = net.core(torch.cat([coded, steady[:, step]], 1)[:, None], state)
        steps.append(net.score(out[:, 0]))
    assert (torch.stack(steps, 1) - whole).abs().max().item() < 1e-4


def test_the_loss_is_the_cross_entropy_of_the_plain_pass(net: UniversalNet) -> None:
    frames, codes = example()
    before, wanted = codes[:, :40], codes[:, 1:41]
    read = net.read(frames)[:, 2:4].repeat_interleave(net.hop, 1)
    coded = torch.nn.functional.one_hot(before, net.levels).float()
    scores = net.score(net.core(torch.cat([coded, read], 2))[0])
    plain = torch.nn.functional.cross_entropy(scores.reshape(-1, 256), wanted.reshape(-1))
    torch.testing.assert_close(net.loss(frames, before, wanted, margin=2, narrow=False), plain)


@pytest.fixture
def speech(tmp_path: Path) -> CodedSpeech:
    rng = np.random.default_rng(0)
    write_coded_speech(tmp_path / "speech", toy_recordings(4, ANALYSIS, rng), ANALYSIS)
    return CodedSpeech(tmp_path / "speech")


def test_a_cut_holds_the_samples_of_its_frames(speech: CodedSpeech) -> None:
    (wave, _), *_ = toy_recordings(1, ANALYSIS, np.random.default_rng(0))
    cut = speech.cut(0, 5, 9, margin=2)
    np.testing.assert_allclose(cut.samples, wave[5 * 20 - 2 : 9 * 20], atol=1e-4)
    np.testing.assert_allclose(cut.frames, ANALYSIS.frames(wave)[3:11], atol=0.02)
    assert speech.cut(0, 0, 1, margin=0).samples[:2].tolist() == [0, 0]


def test_another_level_changes_samples_and_frames_together(speech: CodedSpeech) -> None:
    plain, louder = speech.cut(1, 5, 9, margin=0), speech.cut(1, 5, 9, margin=0, decibel=6)
    np.testing.assert_allclose(louder.samples, plain.samples * 10**0.3, rtol=1e-5)
    heard = plain.frames > np.log(FLOOR) + 0.1
    np.testing.assert_allclose(louder.frames[heard], plain.frames[heard] + 0.6 * np.log(10), atol=1e-5)
    assert speech.cut(1, 5, 9, margin=0, decibel=-200).frames.max() == np.float32(np.log(FLOOR))


def test_pieces_lie_within_their_recordings(speech: CodedSpeech) -> None:
    task = UniversalTask(speech, speech, CONFIG, CODING, ANALYSIS.hop)
    rows = np.concatenate(task.batches(0, np.random.default_rng(0)))
    assert len(rows) > 50
    for index, first in rows.tolist():
        assert CONFIG.margin <= first <= speech.length(index) - CONFIG.frames - CONFIG.margin


def test_learning_lowers_the_loss(speech: CodedSpeech) -> None:
    torch.manual_seed(0)
    task = UniversalTask(speech, speech, CONFIG, CODING, ANALYSIS.hop)
    before = task.validate()["loss"]
    optimizer = torch.optim.Adam(task.module.parameters(), 1e-2)
    for batch in task.batches(0, np.random.default_rng(0))[:60]:
        loss, _ = task.loss(batch, np.random.default_rng(0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert task.validate()["loss"] < before - 0.4


def test_the_run_time_reads_frames_like_the_network(net: UniversalNet, tmp_path: Path) -> None:
    about = {"analysis": ANALYSIS, "coding": CODING, "card": "made up", "origin": {}, "scores": {}}
    vocoder = UniversalVocoder(export_universal_vocoder(net, tmp_path / "bundle", **about))
    frames = np.random.default_rng(2).normal(-10, 3, (7, 80)).astype(np.float32)
    with torch.no_grad():
        wanted = net.steady_gates(net.read(torch.from_numpy(frames)[None]))[0].numpy()
    np.testing.assert_allclose(vocoder.condition(frames, 0, 7, look_ahead=0), wanted, atol=1e-5)


def test_reading_in_pieces_converges_to_the_whole_as_the_look_ahead_grows(net: UniversalNet) -> None:
    frames = torch.randn(1, 60, 80, generator=torch.Generator().manual_seed(1)) * 3 - 10
    with torch.no_grad():
        whole = net.read(frames)[0, 30]
        gaps = [(net.read(frames[:, 30 - n : 31 + n])[0, n] - whole).abs().max().item() for n in (1, 4, 16)]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-3


def test_the_bundle_draws_the_networks_codes(net: UniversalNet, tmp_path: Path) -> None:
    about = {"analysis": ANALYSIS, "coding": CODING, "card": "made up", "origin": {}, "scores": {}}
    export_universal_vocoder(net, tmp_path / "bundle", **about)
    vocoder = load_copier(tmp_path / "bundle")
    assert isinstance(vocoder, UniversalVocoder)
    frames = np.random.default_rng(2).normal(-10, 3, (9, 80)).astype(np.float32)
    read = net.read(torch.from_numpy(frames)[None])[0].repeat_interleave(ANALYSIS.hop, 0)
    draws = np.random.default_rng(5).random(len(read))
    wanted = CODING.decode(draw_codes(net, read, draws, silence=CODING.silence))
    np.testing.assert_allclose(vocoder.synthesize(frames, seed=5), np.clip(wanted, -1, 1), atol=1e-6)


def test_a_bundle_that_draws_other_codes_is_not_written(
    net: UniversalNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "harken.train.tts.export_universal.draw_codes", lambda *_, **__: np.zeros(200, np.int64)
    )  # fmt: skip
    about = {"analysis": ANALYSIS, "coding": CODING, "card": "made up", "origin": {}, "scores": {}}
    with pytest.raises(ExportError, match="different codes"):
        export_universal_vocoder(net, tmp_path / "bundle", **about)
    assert not (tmp_path / "bundle").exists()


@pytest.mark.slow
def test_the_recipe_trains_exports_and_scores_without_recordings(tmp_path: Path) -> None:
    opened = open_recipe("tts/universal_vocoder", "tiny", run=tmp_path)
    figures = opened.call("train")
    assert list(figures) == ["one speaker, seed 0"]
    assert opened.call("train") == figures  # finished networks are kept
    (bundle,) = opened.call("export")
    assert bundle.info["scores"]["multiplications per sample"] == 3 * 16**2 + 16 * 16 + 16 * 256
    (result,) = opened.call("score")
    assert result.value == figures["one speaker, seed 0"]


def test_losses_of_rows_have_the_loss_as_their_mean(net: UniversalNet) -> None:
    frames, codes = example()
    rows = net.losses(frames, codes[:, :80], codes[:, 1:81], margin=1)
    assert rows.shape == (2,)
    torch.testing.assert_close(rows.mean(), net.loss(frames, codes[:, :80], codes[:, 1:81], margin=1, narrow=False))


def test_the_loudest_piece_of_a_recording_is_judged(net: UniversalNet) -> None:
    rng = np.random.default_rng(0)
    samples = 0.01 * rng.standard_normal(2000).astype(np.float32)
    samples[1000:1100] *= 30
    early, late = samples.copy(), samples.copy()
    early[:600], late[1600:] = 0, 0  # far from the piece and its margins
    whole, *others = code_losses(net, [samples, early, late], ANALYSIS, CODING, seconds=100 / 16_000)
    assert others == [pytest.approx(whole, abs=1e-6)] * 2
    samples[1050] = 0.9
    assert code_losses(net, [samples], ANALYSIS, CODING, seconds=100 / 16_000)[0] != pytest.approx(whole, abs=1e-4)
    with pytest.raises(DataError, match="too short"):
        code_losses(net, [samples[:400]], ANALYSIS, CODING, seconds=100 / 16_000)
