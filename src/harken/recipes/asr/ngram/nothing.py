"""By how much a sentence must beat silence: measured on dev, where nobody speaks and where a single word is said.

Nothing was said where the margin (`harken.asr.passes.silence`) is below `SearchOptions.nothing`. Without speech: made
sounds and the noises of `train`, in the rooms of `train` as well. With speech: yes and no of speech-commands `dev`, the
shortest answers there are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.model import AcousticModel, Outputs
from harken.asr.passes.hearing import hear
from harken.asr.passes.silence import margin
from harken.asr.search.beam import BeamSearch
from harken.asr.search.source import load_space
from harken.asr.search.space import SearchSpace
from harken.audio.features import log_mel
from harken.data.mixing import cut_noise
from harken.data.rooms import convolve
from harken.data.speechless import KINDS, speechless
from harken.data.utterances import read_corpus
from harken.events import Samples
from harken.languages.loading import load_locale
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.spoken_requests import grammar_of_all

SHORTEST, LONGEST = 0.1, 12.0
"""Seconds of a recording without speech."""
STEP, LEAST, GREATEST = 0.25, -4.0, 8.0
"""Natural log units: what is tried."""
ANSWERS = ("yes", "no")
"""The words that must not be lost."""
PRICE = 2.0
"""A word lost is as bad as so many words heard in noise."""


def fit_nothing(model: AcousticModel, *, count: int, seed: int = 0) -> float:
    """The best `SearchOptions.nothing` on dev; prints what it costs.

    Args:
        model: with which to hear.
        count: recordings of each kind of made sound, and pieces of each recorded noise.
        seed: of what is drawn.
    """
    space = load_space(model.labels, grammar=grammar_of_all(read_shipped_skills(load_locale())))
    noise = _margins(model, space, silent_clips(count, np.random.default_rng(seed)))
    words = (u.read() for u in read_corpus("speech-commands", "dev") if u.label in ANSWERS)
    spoken = _margins(model, space, words)
    best = best_price(spoken, noise)
    lost, heard = (spoken < best).mean(), (noise >= best).mean()
    print(f"nothing = {best:g}: lost {lost:.3f} of {len(spoken)} words, heard {heard:.3f} of {len(noise)} noises")
    return best


def best_price(spoken: NDArray[np.float64], noise: NDArray[np.float64]) -> float:
    """The price with the least cost; of several, the middle one.

    Args:
        spoken: margins [N] of recordings with a word.
        noise: margins [M] of recordings without.
    """
    prices = np.arange(LEAST, GREATEST + STEP / 2, STEP)
    costs = PRICE * (spoken[:, None] < prices).mean(0) + (noise[:, None] >= prices).mean(0)
    for price, cost in zip(prices[::4], costs[::4], strict=True):
        print(f"    {price:5.2f}: {cost:.4f}", flush=True)
    least = np.flatnonzero(costs <= costs.min() + 1e-9)
    return float(prices[least[len(least) // 2]])


def silent_clips(count: int, rng: np.random.Generator) -> Iterator[Samples]:
    """Sound without speech, every other piece of a recorded noise as it is in a room."""
    for kind in KINDS:
        for _ in range(count):
            yield speechless(kind, _length(rng), rng)
    rooms = [u.read() for u in read_corpus("rooms", "train")]
    for utterance in read_corpus("noise", "train"):
        recorded = utterance.read()
        for number in range(count):
            clip = cut_noise(recorded, round(16_000 * _length(rng)), rng=rng)
            yield convolve(clip, rooms[int(rng.integers(len(rooms)))]) if number % 2 else clip


def _margins(model: AcousticModel, space: SearchSpace, clips: Iterator[Samples]) -> NDArray[np.float64]:
    """The margins of all recordings in which there is a step to hear."""
    found: list[float] = []
    for clip in clips:
        outputs, search = Outputs(model.scores(log_mel(clip, bins=80))), BeamSearch(space)
        if len(outputs):
            search.accept(outputs.scores)
            found.append(margin(hear(search, outputs, nbest=1, passes=())))
    return np.asarray(found)


def _length(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST))))
