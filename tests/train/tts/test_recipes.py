"""The voice's recipes run on a made-up voice: they learn, resume, export what torch computes, and can be heard."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from harken.audio.files import write_wav  # noqa: E402
from harken.errors import DataError  # noqa: E402
from harken.languages.loading import load_locale  # noqa: E402
from harken.recipes.tts import material  # noqa: E402
from harken.recipes.tts.material import write_toy_speech  # noqa: E402
from harken.recipes.tts.vocoder import recipe as vocoder_recipe  # noqa: E402
from harken.recipes.tts.voice import recipe as voice_recipe  # noqa: E402
from harken.settings import load_settings  # noqa: E402
from harken.train.tts.acoustic import VoiceNet  # noqa: E402
from harken.train.tts.acoustic_task import (  # noqa: E402
    collate,
    decode_batch,
    learned_symbols,
    measure_prosody,
    measure_voice,
    questions_rise,
    read_aligned,
)
from harken.train.tts.configs import VoiceConfig  # noqa: E402
from harken.train.tts.corpus import ALIGNMENT, SpeechCorpus  # noqa: E402
from harken.train.tts.likeness import log_spectral_distance  # noqa: E402
from harken.tts.acoustic import Plan, Spoken, VoiceModel  # noqa: E402
from harken.tts.prosody import DURATION, PITCH  # noqa: E402
from harken.tts.symbols import SYMBOLS  # noqa: E402
from harken.tts.vocoder import Vocoder  # noqa: E402
from harken.tts.voice import Voice  # noqa: E402


class Said(NamedTuple):
    """A sentence of the made-up voice, said with given prosody."""

    acoustic: VoiceModel
    symbols: tuple[str, ...]
    numbers: np.ndarray
    """[N, 7] of the usual height, loudness and tempo throughout."""
    deviation: np.ndarray

    def by(self, numbers: np.ndarray) -> tuple[Plan, Spoken]:
        """What is planned and decoded for the numbers [N, 7]."""
        plan = self.acoustic.plan(self.symbols, prosody=numbers)
        return plan, self.acoustic.decode(plan)


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


def test_the_vocoder_learns_from_what_a_voice_predicts(
    voice: tuple[Path, dict[str, float]], vocoder: tuple[Path, dict[str, float], dict[str, float]], tmp_path: Path
):
    predicted, original = SpeechCorpus(voice[0] / "predicted"), SpeechCorpus(voice[0] / "train")
    assert len(predicted) == len(original)
    for number in range(3):
        mine, theirs = predicted[number], original[number]
        count = len(mine.frames)
        assert count in (len(theirs.frames), len(theirs.frames) - 1)
        np.testing.assert_array_equal(mine.samples, theirs.samples[: len(mine.samples)])
        apart = np.abs(mine.frames.astype(np.float32) - theirs.frames[:count].astype(np.float32)).mean()
        assert 0 < apart < 0.5 * theirs.frames.astype(np.float32).std()
    run = tmp_path / "run"
    shutil.copytree(vocoder[0], run)
    config = replace(tiny(vocoder_recipe), voice=str(voice[0] / "predicted"))
    config = replace(config, tuned=replace(config.loop, steps=3))
    vocoder_recipe.train(config, run)
    (tuned,) = vocoder_recipe.export(config, run)
    assert tuned.hash != vocoder_recipe.load_bundle(vocoder[0] / "vocoder").hash


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


def test_a_voice_that_has_heard_questions_knows_how_they_end(voice: tuple[Path, dict[str, float]]):
    acoustic = VoiceModel(voice_recipe.load_bundle(voice[0] / "voice-toy"))
    told, asked = (acoustic.plan((*"^", "M", "UW1", "N", " ", "S", "IY1", end)) for end in ".?")
    assert asked.pitch[-3:].mean() > told.pitch[-3:].mean() + 0.3
    with_rule = acoustic.plan((*"^", "M", "UW1", "N", " ", "S", "IY1", "?"), question=True)
    np.testing.assert_array_equal(with_rule.pitch, asked.pitch)


def test_a_voice_whose_questions_do_not_rise_is_helped_by_the_rule(voice: tuple[Path, dict[str, float]]):
    bundle = voice_recipe.load_bundle(voice[0] / "voice-toy")
    assert bundle.features["rises"] is True
    symbols = (*"^", "M", "UW1", "N", " ", "S", "IY1", "?")
    plain = VoiceModel(bundle).plan(symbols, question=True)
    bundle.info["features"]["rises"] = False
    fallen = VoiceModel(bundle)
    np.testing.assert_array_equal(fallen.plan(symbols).pitch, plain.pitch)
    risen = fallen.plan(symbols, question=True).pitch - plain.pitch
    assert (risen[:-2] == 0).all()
    assert (risen[-2:] > 0.4).all()


def test_whether_questions_rise_is_measured(voice: tuple[Path, dict[str, float]], tmp_path: Path):
    assert questions_rise(voice[0] / "train")
    for file in (voice[0] / "train").iterdir():
        (tmp_path / file.name).symlink_to(file)
    rows = json.loads((tmp_path / ALIGNMENT).read_text())
    swapped = [{**row, "symbols": [*row["symbols"][:-1], "?" if row["symbols"][-1] == "." else "."]} for row in rows]
    (tmp_path / ALIGNMENT).unlink()
    (tmp_path / ALIGNMENT).write_text(json.dumps(swapped))
    assert not questions_rise(tmp_path)


def test_a_voice_has_three_values_for_each_symbol(voice: tuple[Path, dict[str, float]]):
    plan = VoiceModel(voice_recipe.load_bundle(voice[0] / "voice-toy")).plan(("^", "M", "UW1", "N", "."))
    assert plan.pitch.shape == plan.energy.shape == (5, 3)
    assert (np.ptp(plan.energy, 1) > 0).all()


def test_the_decoder_follows_the_pitch_within_a_symbol(voice: tuple[Path, dict[str, float]]):
    acoustic = VoiceModel(voice_recipe.load_bundle(voice[0] / "voice-toy"))
    plan = acoustic.plan(("^", "M", "UW1", "N", "."))
    plan = replace(plan, durations=np.array([8, 10, 30, 10, 10]))
    slopes = []
    for change in (-2.0, 2.0):
        pitch = plan.pitch.copy()
        pitch[2] += np.array([-change, 0, change], np.float32)
        spoken = acoustic.decode(replace(plan, pitch=pitch))
        slopes.append(spoken.hertz[40:46].mean() - spoken.hertz[20:26].mean())
    assert slopes[1] > slopes[0]


def test_a_voice_knows_what_is_usual_for_it(voice: tuple[Path, dict[str, float]]):
    acoustic = VoiceModel(voice_recipe.load_bundle(voice[0] / "voice-toy"))
    assert acoustic.usual is not None
    assert set(acoustic.usual.usual) == {"S", "M", "N", "IY", "UW", "OW"}
    assert np.exp(acoustic.usual.mean[PITCH]) == pytest.approx(200, rel=0.05)
    np.testing.assert_allclose(
        acoustic.usual.mean, measure_prosody(voice[0] / "train").mean, err_msg="as in the recordings"
    )


@pytest.fixture(scope="module")
def said(voice: tuple[Path, dict[str, float]]) -> Said:
    acoustic = VoiceModel(voice_recipe.load_bundle(voice[0] / "voice-toy"))
    symbols = ("^", "S", "IY1", " ", "M", "UW1", "N", " ", "OW1", "N", ".")
    assert acoustic.usual is not None
    neutral = acoustic.usual.inverse(np.zeros((len(symbols), 7)), symbols)
    return Said(acoustic, symbols, neutral, acoustic.usual.deviation)


def test_a_higher_pitch_is_heard_and_changes_no_duration(said: Said):
    numbers = said.numbers.copy()
    numbers[:, PITCH] += said.deviation[PITCH]
    (plan, usual), (higher, high) = said.by(said.numbers), said.by(numbers)
    assert high.hertz[high.voiced].mean() > usual.hertz[usual.voiced].mean() + 3
    assert higher.frames == pytest.approx(plan.frames, rel=0.05)


def test_a_longer_duration_lengthens_only_that_sound(said: Said):
    numbers = said.numbers.copy()
    numbers[5, DURATION] *= 2
    plan, longer = said.by(said.numbers)[0], said.by(numbers)[0]
    assert longer.durations[5] >= 1.8 * plan.durations[5]
    others = np.arange(len(plan.durations) - 1) != 5  # the last pause makes the sum even
    np.testing.assert_array_equal(longer.durations[:-1][others], plan.durations[:-1][others])


def test_a_flat_melody_moves_less(said: Said):
    numbers = said.numbers.copy()
    numbers[:, PITCH] += np.linspace(2, -2, len(numbers))[:, None] * said.deviation[PITCH]
    flat, lively = said.by(said.numbers)[1], said.by(numbers)[1]
    assert flat.hertz.std() < lively.hertz.std()


def test_what_is_not_given_is_predicted(said: Said):
    nothing = said.acoustic.plan(said.symbols, prosody=np.full((len(said.symbols), 7), np.nan))
    predicted = said.acoustic.plan(said.symbols)
    for name in ("pitch", "energy", "durations"):
        np.testing.assert_array_equal(getattr(nothing, name), getattr(predicted, name))


def test_too_few_questions_teach_nothing(voice: tuple[Path, dict[str, float]], tmp_path: Path):
    rows = json.loads((voice[0] / "train" / ALIGNMENT).read_text())
    asked = [row for row in rows if row["symbols"][-1] == "?"]
    for count, known in ((4, False), (5, True)):
        (tmp_path / ALIGNMENT).write_text(json.dumps(asked[:count]))
        symbols = learned_symbols(tmp_path)
        assert ("?" in symbols) is known
        assert set(SYMBOLS) - set(symbols) <= {"?"}


def test_without_a_mark_of_their_own_questions_end_like_statements(voice: tuple[Path, dict[str, float]]):
    folder = voice[0] / "train"
    symbols = SYMBOLS[:-1]
    ends = {int(one.symbols[-1]) for one in read_aligned(folder, measure_voice(SpeechCorpus(folder)), symbols)}
    assert ends == {symbols.index(".")}


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


@pytest.fixture(scope="module")
def own_recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like LJSpeech of the made-up voice, whose words stand in the lexicon."""
    folder = tmp_path_factory.mktemp("recordings") / "my-voice"
    spoken = write_toy_speech(folder.parent / "arrays", 60, np.random.default_rng(5))
    lines = []
    for number in range(len(spoken)):
        write_wav(folder / "wavs" / f"p{number:03d}.wav", spoken[number].sound)
        lines.append(f"p{number:03d}|{spoken[number].about['text']}\n")
    (folder / "metadata.csv").write_text("".join(lines))
    return folder


@pytest.fixture(scope="module")
def own_voice(own_recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[voice_recipe.Config, Path]:
    run = tmp_path_factory.mktemp("own")
    config = replace(tiny(voice_recipe), toy=0, corpus=str(own_recordings))
    config = replace(config, loop=replace(config.loop, steps=2))
    voice_recipe.prepare(config, run)
    return config, run


def test_a_voice_learns_from_a_plain_folder(own_voice: tuple[voice_recipe.Config, Path]):
    config, run = own_voice
    voice_recipe.train(config, run)
    (bundle,) = voice_recipe.export(config, run)
    assert bundle.name == "voice-my-voice"
    assert json.loads((bundle.folder / "bundle.json").read_text())["origin"]["data"] == "my-voice, train"
    card = (bundle.folder / "CARD.md").read_text()
    count = len(SpeechCorpus(run / "train"))
    assert f"my-voice, {count} recordings" in card
    assert "kathleen" not in card


def test_recordings_are_analysed_again_only_when_they_have_changed(
    own_recordings: Path, own_voice: tuple[voice_recipe.Config, Path]
):
    config, run = own_voice
    before = (run / "train" / "facts.jsonl").stat().st_mtime_ns
    voice_recipe.prepare(config, run)
    assert (run / "train" / "facts.jsonl").stat().st_mtime_ns == before
    table = own_recordings / "metadata.csv"
    count = len(SpeechCorpus(run / "train")) + len(SpeechCorpus(run / "dev"))
    table.write_text("".join(table.read_text().splitlines(keepends=True)[1:]))
    voice_recipe.prepare(config, run)
    assert len(SpeechCorpus(run / "train")) + len(SpeechCorpus(run / "dev")) == count - 1
    statistics = measure_voice(SpeechCorpus(run / "train"))
    for part in ("train", "dev"):
        assert len(read_aligned(run / part, statistics)) == len(SpeechCorpus(run / part))


def test_a_mixture_speaks_the_recordings_before_they_are_analysed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    spoken: list[tuple[Path, str, int]] = []
    monkeypatch.setattr(voice_recipe, "speak_sentences", lambda *what: spoken.append(what))
    monkeypatch.setattr(voice_recipe, "write_folder", lambda *_, **__: spoken.append((tmp_path, "analysed", 0)))
    monkeypatch.setattr(voice_recipe, "write_alignments", lambda *_, **__: None)
    monkeypatch.setenv("HARKEN_RUNS", str(tmp_path))
    config = load_settings(voice_recipe.Config, Path(voice_recipe.__file__).with_name("kokoro.toml"))
    voice_recipe.prepare(config, tmp_path)
    folder = tmp_path / "tts" / "synthetic" / "kokoro"
    assert spoken == [(folder, config.mixture, config.sentences), (tmp_path, "analysed", 0)]


def test_the_card_of_a_synthetic_voice_names_what_spoke(tmp_path: Path):
    config = load_settings(voice_recipe.Config, Path(voice_recipe.__file__).with_name("kokoro.toml"))
    write_toy_speech(tmp_path / "train", 3, np.random.default_rng(0))
    card = voice_recipe._card(config, tmp_path)
    assert card.startswith("# voice-kokoro\n")
    assert "kokoro:af_heart 0.5+af_sarah 0.25+af_aoede 0.25" in " ".join(card.split())
    assert "3 sentences" in card


def test_without_synthetic_speech_the_vocoder_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARKEN_RUNS", str(tmp_path))
    with pytest.raises(DataError, match=r"no speech in .*harken train tts/voice kokoro --only prepare.*synthetic="):
        vocoder_recipe.prepare(vocoder_recipe.Config(), tmp_path / "run")
