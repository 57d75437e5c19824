"""What the sound events are learned from, and that no network is tested on what it has learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from harken.activation.sound_network import NOTHING
from harken.errors import DataError
from harken.events import SAMPLE_RATE, Samples
from harken.recipes.activation.sound_events import recipe
from harken.recipes.activation.sound_events.compare import Outputs
from harken.recipes.activation.sound_events.threshold import Listening, choose_operation
from harken.train.activation.sound_events import cell, material
from harken.train.activation.sound_events.arms import DISTILLED, while_training
from harken.train.activation.sound_events.cell import Trained
from harken.train.activation.sound_events.configs import SoundNetConfig
from harken.train.activation.sound_events.material import LABELS, NOISE, SOUNDS, sound_recordings
from harken.train.activation.sound_events.network import SoundNet, fold_norms
from harken.train.activation.sound_events.scenes import Sound, load_sounds
from harken.train.activation.store import Clip, write_clips

NOISES = ("keyboard", "clock") * 9


def hiss(seed: int) -> Samples:
    return (0.1 * np.random.default_rng(seed).standard_normal(SAMPLE_RATE // 2)).astype(np.float32)


def recordings() -> Iterator[tuple[Clip, Samples]]:
    """A clip of each class in each of two folds, noises of which every other one is an example of a class."""
    for fold in (1, 2):
        for label in LABELS:
            yield Clip(corpus=SOUNDS, split=f"fold{fold}", speaker=f"{fold}-{label}", label=label), hiss(fold)
    for n, label in enumerate(NOISES):
        yield Clip(corpus=NOISE, split="train", label=label), hiss(n)


def test_only_noises_without_any_of_the_classes_are_held_back(tmp_path: Path) -> None:
    sounds = load_sounds(write_clips(tmp_path / "store", recordings()))
    assert [sound.fold for sound in sounds] == [1] * 10 + [2] * 10 + [0] * len(NOISES)
    held_back = [sound for sound in sounds if sound.held_back]
    assert len(held_back) == 1
    assert held_back[0].event == NOTHING


def test_clips_of_one_field_recording_belong_together_and_doubtful_noises_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def one(corpus: str, stem: str, label: str) -> SimpleNamespace:
        return SimpleNamespace(
            corpus=corpus, split="fold1", audio=Path(f"{stem}.flac"), speaker=None, label=label, read=lambda: hiss(0)
        )  # fmt: skip

    stored = {
        SOUNDS: [one(SOUNDS, "2-82538-A", "rain"), one(SOUNDS, "2-82538-B", "rain")],
        NOISE: [one(NOISE, "tent", "rain-on-tent"), one(NOISE, "storm", "thunder"), one(NOISE, "desk", "keyboard")],
    }
    monkeypatch.setattr(material, "read_corpus", lambda corpus, split=None: stored.get(corpus, []))
    clips = [clip for clip, _ in sound_recordings()]
    assert [clip.speaker for clip in clips[:2]] == ["2-82538"] * 2
    assert [clip.label for clip in clips[2:]] == ["rain-on-tent", "keyboard"]


@pytest.fixture
def learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """The folds that each training has learned from; nothing is trained, and every network is the same."""
    monkeypatch.setenv("HARKEN_RUNS", str(tmp_path / "runs"))
    write_clips(tmp_path / "runs" / "activation" / "sounds", recordings())
    write_clips(tmp_path / "runs" / "activation" / "speech-dev", [(Clip(corpus="librispeech", split="dev"), hiss(0))])
    folds: list[set[int]] = []

    def scenes(sounds: Sequence[Sound], *_: Any) -> None:
        folds.append({sound.fold for sound in sounds})

    def students(*_: Any, run: Path, **__: Any) -> dict[str, Trained]:
        run.mkdir(parents=True, exist_ok=True)
        net = fold_norms(SoundNet(SoundNetConfig(channels=(4, 6, 8), hidden=10)).eval())
        return {while_training(DISTILLED, 4): Trained(net=net, bits=4)}

    monkeypatch.setattr(recipe, "SceneMaker", scenes)
    monkeypatch.setattr(cell, "train_teacher", lambda *_, **__: None)
    monkeypatch.setattr(cell, "train_students", students)
    return folds


def test_a_network_is_tested_on_the_fold_that_it_has_not_learned_from(learned: list[set[int]], tmp_path: Path) -> None:
    recipe.train(recipe.Config(folds=(1, 2), seeds=(0,)), tmp_path)
    assert learned == [{0, 2}, {0, 1}, {0, 1, 2}], "what ships has learned from all"
    for fold in (1, 2):
        tested = Outputs.read(tmp_path / f"seed0-fold{fold}")
        assert tested.sources == tuple(f"{fold}-{label}" for label in LABELS)


def test_thresholds_are_chosen_on_what_was_not_learned_from(
    learned: list[set[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen_on: list[Listening] = []

    def choose(heard: Sequence[Listening], *, rate: float) -> Any:
        chosen_on.extend(heard)
        return choose_operation(heard, rate=rate)

    monkeypatch.setattr(recipe, "choose_operation", choose)
    config = recipe.Config(folds=(1, 2), seeds=(0,), shipped_fold=1)
    recipe.train(config, tmp_path)
    (bundle,) = recipe.export(config, tmp_path)
    assert learned[-1] == {0, 2}
    assert "folds 2;" in bundle.path("CARD.md").read_text(encoding="utf-8")
    for fold, heard in zip((1, 2), chosen_on, strict=True):
        assert heard.sources == tuple(f"{fold}-{label}" for label in LABELS)
        assert len(heard.quiet) == 2, "speech, and the one noise that is held back"


def test_thresholds_need_the_networks_of_all_folds(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"seed0-fold4 not trained yet.*run `harken train activation/sound_events`"):
        recipe._listening(recipe.Config(), tmp_path, [])
