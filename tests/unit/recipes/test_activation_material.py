"""The noises of the always-on networks: some are held back, none is in both parts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from harken.recipes.activation.material import noises
from harken.train.activation.sources import NOISE
from harken.train.activation.store import Clip


def test_every_sixth_noise_is_held_back_for_dev() -> None:
    clips = [Clip(corpus=NOISE, split="train", label=str(number)) for number in range(13)]
    others = [Clip(corpus=NOISE, split="test"), Clip(corpus="librispeech", split="train")]
    store: Any = SimpleNamespace(clips=[*others, *clips])
    train, dev = ([source.clip.label for source in noises(store, split)] for split in ("train", "dev"))
    assert dev == ["0", "6", "12"]
    assert sorted(train + dev, key=int) == [clip.label for clip in clips]
