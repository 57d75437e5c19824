"""Mel frames of any voice to sound, one sample after another: a recurrent network draws each sample's code.

J. Lorenzo-Trueba et al., "Towards achieving robust universal neural vocoding", Interspeech 2019 (RNN_MS). Two recurrent
layers read the frames in both directions; their outputs are repeated for the samples of a frame. A recurrent layer sees
them and the code drawn last; two affine layers and a softmax give the chances of the next code.

Products with a one-hot code are rows of a table; those with a frame are computed once per frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames
from harken.bundle import Bundle, load_bundle
from harken.errors import AudioError
from harken.events import Samples
from harken.tts.mel_frames import BANDS, MelAnalysis
from harken.tts.mulaw import Codes, Coding

KIND = "universal-vocoder"
Floats = NDArray[np.float32]
Tables = Mapping[str, Floats]
LAYERS = (0, 1)
FORWARD, BACKWARD = "forward", "backward"
"""Layers that read the frames, and their directions, as the tables name them."""


class UniversalVocoder:
    """Turns any voice's mel frames into sound.

    Args:
        bundle: of kind 'universal-vocoder'; `tables.npz` holds what `Generator` and `read_frames` need.
    """

    def __init__(self, bundle: Bundle):
        bundle.expect(KIND)
        shape = bundle.features
        self.analysis = MelAnalysis(int(shape["rate"]), int(shape["window"]), int(shape["hop"]))
        self.coding = Coding(bits=int(shape["bits"]), emphasis=float(shape["emphasis"]))
        self._tables = bundle.arrays("tables.npz")

    @classmethod
    def load(cls, name: str | Path) -> UniversalVocoder:
        """Open by bundle name or folder.

        Raises:
            BundleError: it is missing, damaged or of a different kind.
        """
        return cls(load_bundle(name))

    @property
    def rate(self) -> int:
        """Samples per second of what goes in and comes out."""
        return self.analysis.rate

    def copy(self, samples: Samples, *, seed: int = 0) -> Samples:
        """Sound [n] made from the frames of samples [n] at `rate`.

        Raises:
            AudioError: there are no samples, or some are not finite.
        """
        return self.synthesize(self.analysis.frames(samples), seed=seed)[: len(samples)]

    def synthesize(self, frames: Frames, *, seed: int = 0) -> Samples:
        """Sound [hop * T] of frames [T, 80].

        Raises:
            AudioError: the frames have another shape or are not finite.
        """
        pieces = list(self.stream(frames, chunk=max(1, len(frames)), seed=seed))
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def stream(self, frames: Frames, *, chunk: int = 40, look_ahead: int = 40, seed: int = 0) -> Iterator[Samples]:
        """The sound in pieces of `chunk` frames, each made without the frames after the next `look_ahead`.

        The reading network sees both ends of what it is given; with a short `look_ahead` the sound differs from that of
        the whole.

        Raises:
            AudioError: the frames have another shape or are not finite.
        """
        _check(frames)
        rng = np.random.default_rng(seed)
        generator = Generator(self._tables, self.coding)
        for first in range(0, len(frames), chunk):
            last = min(first + chunk, len(frames))
            steady = self.condition(frames, first, last, look_ahead=look_ahead)
            yield generator.run(np.repeat(steady, self.analysis.hop, 0), rng.random((last - first) * self.analysis.hop))

    def condition(self, frames: Frames, first: int, last: int, *, look_ahead: int) -> Floats:
        """What frames [first, last) add to the gates [last - first, 3 H], read with `look_ahead` more on both sides."""
        start, end = max(0, first - look_ahead), min(len(frames), last + look_ahead)
        return read_frames(self._tables, frames[start:end])[first - start : last - start]


def read_frames(tables: Tables, frames: Frames) -> Floats:
    """What frames [T, 80] add to the gates [T, 3 H], read in both directions.

    Args:
        tables: for each layer and direction, e.g. `reader.0.forward`: `.input` [D, 3 R], `.recurrent` [R, 3 R], `.bias`
            [3 R], `.inner` [R]; `frames` [2 R, 3 H] and `frames_bias` [3 H].
        frames: log-mel.
    """
    below = frames.astype(np.float32)
    for layer in LAYERS:
        ahead = _run_layer(tables, f"reader.{layer}.{FORWARD}", below)
        back = _run_layer(tables, f"reader.{layer}.{BACKWARD}", below[::-1])[::-1]
        below = np.concatenate([ahead, back], 1)
    return below @ tables["frames"] + tables["frames_bias"]


def _run_layer(tables: Tables, name: str, x: Floats) -> Floats:
    """States [T, R] of a layer with gates over inputs [T, D]."""
    own = x @ tables[f"{name}.input"] + tables[f"{name}.bias"]
    recurrent, inner = tables[f"{name}.recurrent"], tables[f"{name}.inner"]
    states = np.zeros((len(x) + 1, len(recurrent)), np.float32)
    for step, row in enumerate(own):
        states[step + 1] = _next_state(row, states[step] @ recurrent, inner, states[step])
    return states[1:]


def _next_state(own: Floats, product: Floats, inner: Floats, state: Floats) -> Floats:
    """The state after one step, from what input and state add to the gates [3 H]."""
    size = len(state)
    # Half of tanh's rise is the logistic function, which numpy lacks.
    both = 0.5 + 0.5 * np.tanh(0.5 * (own[: 2 * size] + product[: 2 * size]))
    new = np.tanh(own[2 * size :] + both[:size] * (product[2 * size :] + inner))
    changed: Floats = new + both[size:] * (state - new)
    return changed


class Generator:
    """Draws code after code; pieces of any length give the same sound as the whole.

    Args:
        tables: `codes` [Q, 3 H], `recurrent` [H, 3 H], `inner` [H], `affine` [H, F] and [F] `affine_bias`, `output`
            [F, Q] and `output_bias` [Q]; gates in the order reset, update, new.
        coding: of the samples.
    """

    def __init__(self, tables: Tables, coding: Coding):
        self._tables, self._coding = tables, coding
        self._state = np.zeros(len(tables["recurrent"]), np.float32)
        self._code, self._sample = coding.silence, 0.0

    def run(self, steady: Floats, draws: NDArray[np.float64]) -> Samples:
        """Samples [n] for what each step adds to the gates [n, 3 H], and a number in 0..1 for each draw [n]."""
        codes = self.draw(steady, draws)
        samples = self._coding.decode(codes, before=self._sample)
        self._sample = float(samples[-1]) if len(samples) else self._sample
        return np.clip(samples, -1, 1)

    def draw(self, steady: Floats, draws: NDArray[np.float64]) -> Codes:
        """The codes [n]: each is the first whose cumulated chance exceeds its draw."""
        rows, recurrent, inner = (self._tables[name] for name in ("codes", "recurrent", "inner"))
        affine, affine_bias = self._tables["affine"], self._tables["affine_bias"]
        output, output_bias = self._tables["output"], self._tables["output_bias"]
        state, code = self._state, self._code
        codes = np.empty(len(draws), np.int64)
        for step, number in enumerate(draws.tolist()):
            state = _next_state(rows[code] + steady[step], state @ recurrent, inner, state)
            scores = np.maximum(state @ affine + affine_bias, 0) @ output + output_bias
            chances = np.cumsum(np.exp(scores - scores.max()), dtype=np.float64)
            code = min(int(chances.searchsorted(number * chances[-1], side="right")), len(chances) - 1)
            codes[step] = code
        self._state, self._code = state, code
        return codes


def multiplications(*, levels: int, hidden: int, affine: int) -> int:
    """Products for each sample, once those with codes and frames are looked up."""
    return 3 * hidden * hidden + hidden * affine + affine * levels


def _check(frames: Frames) -> None:
    if frames.ndim != 2 or frames.shape[1] != BANDS or not np.isfinite(frames).all():
        raise AudioError(f"frames {frames.shape} are not finite or not [T, {BANDS}]; analyse the recording again")
