"""A network that scores as a script says, whatever it hears, and silence for it to hear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from harken.activation.front_end import BLOCK
from harken.errors import BundleError
from harken.events import AudioChunk, Event, Samples
from harken.stage import Stage

STEP = 320
"""Samples (20 ms) from score to score."""
LOW = -4.0
"""Logit that a script has where it says nothing else."""


class ScriptedBundle:
    """Stands for a bundle; its graph gives `script[n]` as the n-th logit of the stream, then `LOW`.

    The place in the script is the graph's own streaming state: who does not carry or reset it hears another script.
    """

    inputs = ("x", "state.0")
    outputs = ("y", "next_state.0")

    def __init__(self, script: Sequence[float], **features: Any):
        self.script, self.features = script, features

    def expect(self, kind: str) -> ScriptedBundle:
        if kind not in ("vad", "wakeword"):
            raise BundleError(f"no {kind}")
        return self

    def session(self) -> ScriptedBundle:
        return self

    def zeros(self, _: str) -> np.ndarray:
        return np.zeros(1, np.int64)

    def run_dict(self, arrays: dict[str, Any]) -> dict[str, Any]:
        place, count = int(arrays["state.0"][0]), arrays["x"].shape[1] // 2
        said = [self.script[n] if n < len(self.script) else LOW for n in range(place, place + count)]
        return {"y": np.array(said, np.float32)[None, :, None], "next_state.0": arrays["state.0"] + count}


class TalkingBundle(ScriptedBundle):
    """The same as a wake word, with facts that are easy to reckon with."""

    def __init__(self, script: Sequence[float], word: str = "computer", **features: Any):
        usual = {"threshold": 0.5, "smooth": 1, "refractory": 50 * STEP, "delay": 640, "length": 8000}
        super().__init__(script, **{"word": word, **usual, **features})


def silence(scores: int) -> Samples:
    """Sound for about so many scores: whole blocks, the first of which gives three scores and each other one four."""
    return np.zeros(-(-(scores + 1) // 4) * BLOCK, np.float32)


def played(stage: Stage, samples: Samples, *, size: int = BLOCK) -> list[Event]:
    """What the stage says of sound in chunks of `size`, without the flush."""
    starts = range(0, len(samples), size)
    return [e for at in starts for e in stage.process(AudioChunk(start=at, samples=samples[at : at + size]))]


def probability(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
