"""The voice's recipes run on a made-up voice: they learn, resume, export what torch computes, and can be heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from harken.languages.loading import load_locale  # noqa: E402
from harken.recipes.tts import material  # noqa: E402
from harken.recipes.tts.vocoder import recipe as vocoder_recipe  # noqa: E402
from harken.recipes.tts.voice import recipe as voice_recipe  # noqa: E402
from harken.settings import load_settings  # noqa: E402
from harken.train.tts.acoustic import VoiceNet  # noqa: E402
from harken.train.tts.acoustic_task import collate, decode_batch, measure_voice, read_aligned  # noqa: E402
from harken.train.tts.configs import VoiceConfig  # noqa: E402
from harken.train.tts.corpus import SpeechCorpus  # noqa: E402
from harken.train.tts.likeness import log_spectral_distance  # noqa: E402
from harken.tts.acoustic import VoiceModel  # noqa: E402
from harken.tts.symbols import SYMBOLS  # noqa: E402
from harken.tts.vocoder import Vocoder  # noqa: E402
from harken.tts.voice import Voice  # noqa: E402


def tiny(recipe: object):
    return load_settings(recipe.Config, Path(recipe.__file__).with_name("tiny.toml"))


@pytest.fixture(scope="module")
def vocoder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float], dict[str, float]]:
    """Run folder, dev at the start, dev at the end."""
    run, config = tmp_path_factory.mktemp("vocoder"), tiny(vocoder_recipe)
    vocoder_recipe.prepare(config, run)
    start = run / "start"
    start.mkdir()
    for part in ("train", "dev"):
        (start / part).symlink_to(run / part)
    early = vocoder_recipe.train(replace(config, loop=replace(config.loop, steps=2)), start)
    late = vocoder_recipe.train(config, run)
    assert [bundle.folder for bundle in vocoder_recipe.export(config, run)] == [run / "vocoder"]
    return run, dict(early), dict(late)


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    run, config = tmp_path_factory.mktemp("voice"), tiny(voice_recipe)
    voice_recipe.prepare(config, run)
    scores = voice_recipe.train(config, run)
    assert [bundle.folder for bundle in voice_recipe.export(config, run)] == [run / "voice-toy"]
    return run, dict(scores)


def test_the_vocoder_learns(vocoder: tuple[Path, dict[str, float], dict[str, float]]):
    _, early, late = vocoder
    assert late["loss"] < 0.8 * early["loss"]


def test_the_exported_vocoder_copies_the_made_up_voice(vocoder: tuple[Path, dict[str, float], dict[str, float]]):
    run = vocoder[0]
    made = Vocoder.load(run / "vocoder")
    recording = SpeechCorpus(run / "dev")[0]
    frames, hertz = recording.frames.astype(np.float32), np.asarray(recording.hertz)
    copy = made.synthesize(frames, hertz, np.asarray(recording.voiced))
    wanted = recording.samples.astype(np.float32) / 32767
    hiss = 0.05 * np.random.default_rng(0).standard_normal(len(wanted)).astype(np.float32)
    assert log_spectral_distance(copy, wanted) < 0.5 * log_spectral_distance(hiss, wanted)


def test_training_again_resumes_instead_of_starting_over(voice: tuple[Path, dict[str, float]]):
    run, scores = voice
    lines = (run / "log.jsonl").read_text().count("\n")
    again = voice_recipe.train(tiny(voice_recipe), run)
    assert again["loss"] == pytest.approx(scores["loss"], abs=1e-5)
    assert (run / "log.jsonl").read_text().count("\n") <= lines + 1


def test_the_made_up_voice_speaks_its_words(
    voice: tuple[Path, dict[str, float]], vocoder: tuple[Path, dict[str, float], dict[str, float]]
):
    acoustic = VoiceModel(voice_recipe.load_bundle(voice[0] / "voice-toy"))
    speaker = Voice(acoustic, Vocoder.load(vocoder[0] / "vocoder"), material.toy_phones, locale=load_locale())
    samples = speaker.say("So me. No moon?")
    assert 0.5 < len(samples) / speaker.rate < 6
    assert np.isfinite(samples).all()
    assert speaker.read("zebra") == []


def test_the_decoder_in_pieces_equals_the_whole(voice: tuple[Path, dict[str, float]]):
    acoustic = VoiceModel(voice_recipe.load_bundle(voice[0] / "voice-toy"))
    plan = acoustic.plan(("^", "S", "IY1", " ", "M", "UW1", "N", ".") * 6)
    whole = next(iter(acoustic.decode(plan)))
    parts = list(acoustic.decode(plan, chunk=11))
    np.testing.assert_allclose(np.concatenate([part.frames for part in parts]), whole.frames, atol=1e-3)
    np.testing.assert_allclose(np.concatenate([part.hertz for part in parts]), whole.hertz, rtol=1e-4)


def test_padding_changes_nothing(voice: tuple[Path, dict[str, float]]):
    statistics = measure_voice(SpeechCorpus(voice[0] / "train"))
    sentences = read_aligned(voice[0] / "train", statistics)[:3]
    torch.manual_seed(0)
    net = VoiceNet(len(SYMBOLS), VoiceConfig(width=16, encoder=(1,), wide=16, decoder=(1, 2))).eval()
    together = collate(sentences)
    with torch.no_grad():
        joint = decode_batch(net, together, net.encoder(together.symbols, together.symbol_mask)[0])
        for place, sentence in enumerate(sentences):
            alone = collate([sentence])
            single = decode_batch(net, alone, net.encoder(alone.symbols, alone.symbol_mask)[0])
            torch.testing.assert_close(joint[place, : single.shape[1]], single[0], atol=1e-4, rtol=1e-4)


def test_every_symbol_lasts_as_long_as_the_recording(voice: tuple[Path, dict[str, float]]):
    statistics = measure_voice(SpeechCorpus(voice[0] / "train"))
    for sentence in read_aligned(voice[0] / "train", statistics):
        assert sentence.durations.sum() == len(sentence.target)
        assert len(sentence.target) % 2 == 0
