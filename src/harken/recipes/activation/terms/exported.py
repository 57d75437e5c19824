"""The exported networks through the run time: which recordings they name rightly, and how long a window takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from harken.activation.front_end import BLOCK
from harken.activation.terms import TermClassifier, TermStream
from harken.bundle import Bundle
from harken.events import SAMPLE_RATE
from harken.recipes.activation.terms.material import MEASURE, TASKS, recordings

STREAM_BLOCKS = 100
"""Blocks of 80 ms in the stream that is timed."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How an exported network did on the measured recordings."""

    units: list[str]
    right: list[int]
    """[recordings]: 1 if the word was named."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What an exported network costs on one core."""

    milliseconds: float
    """Median wall time of one window, network alone."""
    factor: float
    """Processor time of a stream per time of sound, features included, one window every 80 ms."""
    size: int
    """Bytes of the graph."""


def measure_bundle(bundle: Bundle, task: str) -> Measured:
    """Name every measured recording from its samples."""
    classifier = TermClassifier(bundle)
    units, right = [], []
    for utterance, part in recordings(task):
        if part == MEASURE:
            units.append(TASKS[task].unit(utterance))
            right.append(int(classifier.classify(utterance.read())[0] == utterance.label))
    return Measured(units=units, right=right)


def measure_cost(bundle: Bundle, *, runs: int) -> Cost:
    """Time windows of made-up sound, after a few that warm up."""
    classifier = TermClassifier(bundle)
    rng = np.random.default_rng(0)
    window = rng.normal(10, 3, (classifier.frames, classifier.bins)).astype(np.float32)
    times = []
    for _ in range(runs + 5):
        began = time.perf_counter()
        classifier.probabilities(window)
        times.append(time.perf_counter() - began)
    stream = TermStream(classifier)
    sound = rng.normal(0, 0.1, STREAM_BLOCKS * BLOCK).astype(np.float32)
    cpu = time.process_time()
    for start in range(0, len(sound), BLOCK):
        stream.process(sound[start : start + BLOCK])
    factor = (time.process_time() - cpu) * SAMPLE_RATE / len(sound)
    return Cost(milliseconds=1000 * median(times[5:]), factor=factor, size=bundle.path("model.onnx").stat().st_size)
