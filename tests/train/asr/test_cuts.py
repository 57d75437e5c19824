"""Cutting long recordings is resumed where it was broken off."""

from pathlib import Path

import pytest

pytest.importorskip("torch")

from harken.recipes.asr.acoustic import material as cutting
from harken.recipes.asr.acoustic.material import Config, DataConfig, Material, write_features
from harken.train.asr.acoustic import AcousticNetwork, NetworkConfig
from harken.train.asr.lexicon import LABELS


def test_recordings_that_were_cut_are_not_cut_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    network = NetworkConfig(width=16, bottleneck=8, hidden=16, left=(1,), right=(0,))
    config = Config(data=DataConfig(toy=8, cut=10), network=network)
    write_features(config)
    material, model = Material(config, tmp_path / "run"), AcousticNetwork(network, len(LABELS))
    file = tmp_path / "parts.jsonl"
    whole = material.parts(model, file)
    rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(rows) > 2
    file.unlink()
    file.with_suffix(".begun").write_text("".join(rows[:-2]), encoding="utf-8")
    aligned = []
    align = cutting.align_sentence
    monkeypatch.setattr(cutting, "align_sentence", lambda *given: aligned.append(1) or align(*given))
    assert material.parts(model, file) == whole
    assert len(aligned) == 2
    assert not file.with_suffix(".begun").exists()
