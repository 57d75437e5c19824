"""What the recipes of the wake word and of end-pointing share: the features of all recordings, and the noises."""

from __future__ import annotations

from pathlib import Path

from harken import paths
from harken.train.activation.scenes import StoredClip
from harken.train.activation.sources import NOISE
from harken.train.activation.store import ClipStore

_HELD_BACK = 6
"""One noise in this many is not learned from."""


def features_folder() -> Path:
    """Parent folder of all features."""
    return paths.runs() / "activation"


def recordings_folder() -> Path:
    """Folder of the features of all recordings."""
    return features_folder() / "recordings"


def noises(store: ClipStore, split: str) -> list[StoredClip]:
    """The noises of a split. The corpus has no `dev` part: every sixth noise of `train` serves as one."""
    clips = [clip for clip in store.clips if clip.corpus == NOISE and clip.split == "train"]
    kept = [clip for number, clip in enumerate(clips) if (number % _HELD_BACK == 0) == (split == "dev")]
    return [StoredClip(store=store, clip=clip) for clip in kept]
