"""Learning a word: windows, loss, training on made-up sounds, thresholds, folds, and the bundle that comes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.activation.wakeword import WakeWordSpotter  # noqa: E402
from harken.train.activation.configs import SpottingConfig, SubbandConfig  # noqa: E402
from harken.train.activation.scenes import StoredClip  # noqa: E402
from harken.train.activation.spotting import SMOOTH, SpottingData, pooled_loss, word_windows  # noqa: E402
from harken.train.activation.store import Clip, ClipStore  # noqa: E402
from harken.train.activation.wakeword import (  # noqa: E402
    HeldOutScores,
    choose_threshold,
    find_mistaken,
    fold_of,
    measure_timing,
    pick_folds,
    score_held_out,
    smooth_scores,
    train_network,
    write_wakeword,
)
from harken.train.schedule import LoopConfig  # noqa: E402

from .made import store, sweep  # noqa: E402

NET = SubbandConfig(kernels=8, channels=8, width=16, dilations=(1, 2), dropout=0.0)
CONFIG = SpottingConfig(window=160, positives=6, negatives=8, snr=(10.0, 25.0), gain=(-10.0, 3.0), net=NET)
LOOP = LoopConfig(steps=60, lr=1e-2, average=0.9, validate_every=60)


def _data(opened: ClipStore, split: str) -> SpottingData:
    chosen = [StoredClip(store=opened, clip=clip) for clip in opened.clips if clip.split == split]
    return SpottingData(
        positives=[s for s in chosen if s.clip.label == "word"],
        speech=[s for s in chosen if s.clip.label == "other"],
        near=[],
        noises=[s for s in chosen if s.clip.corpus == "noise"],
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ClipStore:
    return store(tmp_path_factory.mktemp("made"))


def test_windows_have_the_word_where_they_say(made: ClipStore) -> None:
    x, ends = word_windows(_data(made, "train"), replace(CONFIG, noisy=0.0), np.random.default_rng(0), None)
    assert x.shape == (14, 160, 40)
    assert (ends[6:] == -1).all()
    for window, (start, end) in zip(x[:6].numpy(), ends[:6], strict=True):
        assert 0 <= start < end < 160
        loudest = window.argmax(axis=1)[start + 4 : end - 4]
        assert loudest[-8:].mean() > loudest[:8].mean() + 8  # the sweep rises


def test_the_same_seed_gives_the_same_windows(made: ClipStore) -> None:
    one, two = (word_windows(_data(made, "train"), CONFIG, np.random.default_rng(3), None)[0] for _ in range(2))
    assert torch.equal(one, two)


def test_the_loss_wants_the_word_near_its_end_and_nothing_elsewhere() -> None:
    ends = np.asarray([[40, 100], [-1, -1]])
    silent = torch.full((2, 80), -8.0)
    right, late, double = silent.clone(), silent.clone(), silent.clone()
    right[0, 49:57] = 8.0  # outputs of 20 ms: just behind frame 100
    late[0, 72:78] = 8.0
    double[0, 49:57] = double[1, 20:28] = 8.0
    best, *others = (float(sum(pooled_loss(x, ends))) for x in (right, silent, late, double))
    assert best < 0.1
    assert min(others) > best + 3


def test_scores_are_smoothed_over_the_last_outputs_only(made: ClipStore) -> None:
    class Spike(torch.nn.Module):
        def states(self) -> list[torch.Tensor]:
            return []

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
            y = torch.full((1, x.shape[1] // 2, 1), -10.0)
            y[0, 10] = 40.0
            return (y,)

    track = smooth_scores(Spike(), np.zeros((80, 40), np.float32))
    assert (track > 0.4).nonzero()[0].tolist() == list(range(10, 10 + SMOOTH))


def test_it_learns_a_word_from_sounds_and_its_bundle_finds_it(made: ClipStore, tmp_path: Path) -> None:
    learn, held = _data(made, "train"), _data(made, "dev")
    net = train_network(learn, held, CONFIG, LOOP, tmp_path / "run")
    rng = np.random.default_rng(0)
    scores = score_held_out(net, held, rng=rng)
    assert np.median(scores.positives) > 0.5 > np.median(scores.peaks or [0.0])
    timing = measure_timing(net, held.positives, 0.5, rng=rng)
    probe = np.concatenate([made.of(clip) for clip in made.clips[:8]])
    bundle = write_wakeword(
        tmp_path / "wakeword-word", net, word="word", threshold=0.5, timing=timing, probe=probe, card="A test.",
        origin={}, scores={},
    )  # fmt: skip
    spotter = WakeWordSpotter([bundle])
    sound = np.concatenate([np.zeros(16_000, np.float32), sweep(400, 2400), np.zeros(8_000, np.float32)])
    (heard,) = spotter.detect(sound)
    assert heard.word == "word"
    assert heard.end == pytest.approx(16_000 + 8_000 + 9_600, abs=2400)  # within 150 ms
    frames_wise = smooth_scores(net, made.of(made.clips[0]))
    assert len(frames_wise) == made.clips[0].frames // 2


def test_a_killed_training_is_not_done_again(made: ClipStore, tmp_path: Path) -> None:
    learn, held = _data(made, "train"), _data(made, "dev")
    short = replace(LOOP, steps=4, validate_every=4)
    first = train_network(learn, held, CONFIG, short, tmp_path)
    lines = (tmp_path / "second" / "log.jsonl").read_text().count("\n")
    again = train_network(learn, held, CONFIG, short, tmp_path)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert (tmp_path / "second" / "log.jsonl").read_text().count("\n") - lines <= 1  # one line of validation at most


def test_mistaken_sounds_are_listed_worst_first(made: ClipStore, tmp_path: Path) -> None:
    data = _data(made, "train")
    net = train_network(data, _data(made, "dev"), CONFIG, replace(LOOP, steps=2, validate_every=2), tmp_path)
    mistaken = find_mistaken(net, [*data.speech, *data.noises], rng=np.random.default_rng(0), most=5)
    assert len(mistaken) <= 5
    tracks = [smooth_scores(net, source.store.of(source.clip))[place // 2] for source, place in mistaken]
    assert tracks == sorted(tracks, reverse=True)


def test_the_threshold_allows_the_rate_but_never_sinks_to_noise() -> None:
    scores = HeldOutScores(positives=[0.9], noisy=[0.8], peaks=[0.95, 0.7, 0.6], hours=10.0, delays=[0.0])
    assert sum(peak >= choose_threshold([scores], rate=0.1) for peak in scores.peaks) == 1
    assert choose_threshold([scores], rate=5.0) == 0.6
    assert choose_threshold([replace(scores, peaks=[0.01])], rate=0.1) == 0.3


def test_all_recordings_of_a_speaker_are_in_one_fold(made: ClipStore) -> None:
    data = _data(made, "train")
    folds = {(s.clip.speaker, fold_of(s.clip, 4)) for s in (*data.positives, *data.speech)}
    assert len(folds) == len({speaker for speaker, _ in folds})
    parts = [pick_folds(data, {n: n == fold for n in range(4)}, 4) for fold in range(4)]
    assert sum(len(part.positives) for part in parts) == len(data.positives)


def test_a_speaker_unknown_is_spread_over_folds() -> None:
    folds = {fold_of(Clip(corpus="made", split="train", start=n * 100), 4) for n in range(40)}
    assert folds == {0, 1, 2, 3}
