"""Learning speech against noise: windows, labels, training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.train.activation.compact import export_network  # noqa: E402
from harken.train.activation.configs import SubbandConfig  # noqa: E402
from harken.train.activation.scenes import StoredClip  # noqa: E402
from harken.train.activation.store import Clip, ClipStore  # noqa: E402
from harken.train.activation.subband import SubbandNet  # noqa: E402
from harken.train.activation.vad import (  # noqa: E402
    VadConfig,
    VadData,
    VadTask,
    speech_windows,
)
from harken.train.export import ExportError  # noqa: E402
from harken.train.loop import fit  # noqa: E402
from harken.train.schedule import LoopConfig  # noqa: E402

from .made import store  # noqa: E402

NET = SubbandConfig(kernels=4, channels=4, width=8, dilations=(1,), dropout=0.0)
CONFIG = VadConfig(window=160, batch=10, snr=(10.0, 20.0), gain=(-10.0, 3.0), bursts=0.2, net=NET)


def _data(opened: ClipStore, split: str) -> VadData:
    chosen = [StoredClip(store=opened, clip=clip) for clip in opened.clips if clip.split == split]
    noises = [source for source in chosen if source.clip.corpus == "noise"]
    return VadData(speech=[source for source in chosen if source.clip.corpus != "noise"], noises=noises)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ClipStore:
    return store(tmp_path_factory.mktemp("made"))


def test_labels_follow_the_sound(made: ClipStore) -> None:
    quiet = replace(CONFIG, noisy=0.0, bursts=0.0, noise_only=0.0)
    x, labels = speech_windows(_data(made, "train"), quiet, np.random.default_rng(0))
    assert labels.shape == (10, 80)
    energy = x.exp().sum(2).log().unflatten(1, (80, 2)).mean(2)
    for one, label in zip(energy, labels, strict=True):
        if 8 < label.sum() < 72:
            assert one[label > 0].median() > one[label == 0].median() + 3


def test_windows_of_noise_have_no_speech(made: ClipStore) -> None:
    _, labels = speech_windows(_data(made, "train"), replace(CONFIG, noise_only=1.0), np.random.default_rng(0))
    assert labels.sum() == 0


def test_noises_with_voices_are_never_alone(made: ClipStore) -> None:
    cafe = Clip(corpus="noise", split="train", label="cafe")
    source = StoredClip(store=made, clip=cafe)
    data = VadData(speech=[], noises=[source, *_data(made, "train").noises])
    assert source not in data.pure
    assert len(data.pure) == 3


def test_it_learns_sound_against_noise(made: ClipStore, tmp_path: Path) -> None:
    task = VadTask(_data(made, "train"), _data(made, "dev"), CONFIG)
    before = task.validate()["loss"]
    after = fit(task, LoopConfig(steps=60, lr=1e-2, validate_every=60), tmp_path, quiet=True)
    assert after["loss"] < 0.7 * before


def test_the_graph_of_an_untrained_network_is_the_network(made: ClipStore) -> None:
    torch.manual_seed(0)
    net = SubbandNet(NET)
    probe = torch.from_numpy(np.concatenate([made.of(clip) for clip in made.clips[:4]])[:400])
    graph, change = export_network(net, probe=probe)
    assert len(graph) < 16_000
    assert change < 0.1


def test_eight_bits_that_change_too_much_are_refused(made: ClipStore) -> None:
    torch.manual_seed(0)
    net = SubbandNet(NET)
    with torch.no_grad():
        net.head.weight.mul_(1e4)
    probe = torch.from_numpy(np.concatenate([made.of(clip) for clip in made.clips[:4]])[:400])
    with pytest.raises(ExportError):
        export_network(net, probe=probe)
