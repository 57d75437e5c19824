"""Which frames belong to which symbol: a hidden Markov model with one Gaussian per state, learned from the text alone.

Flat start, then Viterbi training (Rabiner, "A tutorial on hidden Markov models", 1989, section VI.B, segmental
k-means): every phone has three states, of which the middle one may be skipped; a pause between words has one, which
may be absent. One speaker of an hour needs a few minutes; boundaries come out where the spectrum changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames
from harken.errors import DataError
from harken.tts.prosody import STATES, thirds

Ints = NDArray[np.int64]

PAUSE = "pause"
"""Model of every kind of silence."""
_CEPSTRA = 16
_SHRINK = 0.1
"""Share of the common covariance in that of a state; it keeps rare states usable."""
_FEWEST = 200
"""With fewer frames, a state keeps only the diagonal of its own covariance."""


@dataclass(frozen=True, kw_only=True)
class AlignmentInput:
    """One recording and its symbols."""

    frames: NDArray[np.float16]
    """Log-mel [T, 80]."""
    models: tuple[str, ...]
    """One model name for each symbol: a phone without stress, or PAUSE."""
    optional: tuple[bool, ...]
    """Whether the symbol may take no time at all (pauses between words)."""
    name: str = "a recording"
    """For messages."""


class Aligner:
    """A learned alignment model: `learn` makes one.

    Args:
        model: Gaussians of the states.
        places: state name -> index of its Gaussian.
    """

    def __init__(self, model: _Gaussians, places: Mapping[str, int]):
        self._model, self._places = model, places

    def align(self, line: AlignmentInput) -> Ints:
        """Frames [N, 3] that the states of each symbol of the line take; they sum to its length.

        The middle state of a phone may take none; a pause, which has one state, is divided into thirds.

        Raises:
            DataError: fewer frames than the symbols need, or a phone that was not learned.
        """
        chain = _chain(line)
        unknown = sorted({name for name in chain.states if name not in self._places})
        if unknown:
            raise DataError(f"the alignment model has not learned {unknown}; it needs recordings that contain them")
        states = np.array([self._places[name] for name in chain.states])
        path, _ = _best_path(self._model.scores(_features(line.frames))[:, states], chain)
        frames = np.bincount(path, minlength=len(states))
        out = thirds(np.bincount(chain.symbols, frames, len(line.models)).astype(np.int64))
        for index in np.flatnonzero([name != PAUSE for name in line.models]):
            out[index] = frames[chain.symbols == index]
        return out


def learn(lines: Sequence[AlignmentInput], *, rounds: int = 10, note: Callable[[str], None] = print) -> Aligner:
    """Learn to align the recordings of one speaker.

    Args:
        lines: recordings and their symbols.
        rounds: of Viterbi training.
        note: is called with the mean log-likelihood of each round.

    Raises:
        DataError: a line has fewer frames than its symbols need, or there are no lines.
    """
    if not lines:
        raise DataError("there is nothing to align; give recordings with text")
    features = [_features(line.frames) for line in lines]
    chains = [_chain(line) for line in lines]
    places = {name: n for n, name in enumerate(sorted({name for chain in chains for name in chain.states}))}
    states = [np.array([places[name] for name in chain.states]) for chain in chains]
    paths = [_even_path(chain, feature) for chain, feature in zip(chains, features, strict=True)]
    model = _estimate(features, [s[p] for s, p in zip(states, paths, strict=True)], len(places), full=False)
    for turn in range(1, rounds):
        # For the early rounds a third of the lines is enough.
        part = range(len(lines)) if turn >= rounds // 2 or len(lines) < 100 else range(turn % 3, len(lines), 3)
        score = 0.0
        for n in part:
            paths[n], own = _best_path(model.scores(features[n])[:, states[n]], chains[n])
            score += own / len(features[n]) / len(part)
        note(f"alignment round {turn}/{rounds - 1}: {score:.2f} per frame")
        model = _estimate([features[n] for n in part], [states[n][paths[n]] for n in part], len(places), full=turn > 2)
    return Aligner(model, places)


@dataclass(frozen=True)
class _Chain:
    states: list[str]
    symbols: Ints
    """Symbol that each state belongs to."""
    skip: NDArray[np.bool_]
    """Whether a state can be entered from the one before the previous one."""


@dataclass(frozen=True)
class _Gaussians:
    means: NDArray[np.float64]
    factors: NDArray[np.float64]
    """[K, D, D]: precision = factor @ factor.T."""
    constants: NDArray[np.float64]

    def scores(self, features: Frames) -> NDArray[np.float32]:
        """Log densities [T, K] of features [T, D]."""
        size, width = self.means.shape
        wide = np.ascontiguousarray(self.factors.transpose(1, 0, 2)).reshape(width, -1).astype(np.float32)
        shift = np.einsum("kd,kde->ke", self.means, self.factors).reshape(-1).astype(np.float32)
        projected = (features @ wide - shift).reshape(len(features), size, width)
        squares = np.einsum("tkd,tkd->tk", projected, projected)
        return np.asarray(self.constants - 0.5 * squares, np.float32)


def _features(frames: NDArray[np.float16]) -> Frames:
    """Cepstra with first and second differences [T, 48] of log-mel frames [T, 80]."""
    bands = frames.shape[1]
    place = np.pi / bands * (np.arange(bands) + 0.5)
    cosines = np.cos(place[:, None] * np.arange(_CEPSTRA)) * np.sqrt(2 / bands)
    cepstra = frames.astype(np.float64) @ cosines
    change = _slope(cepstra)
    return np.concatenate([cepstra, change, _slope(change)], 1).astype(np.float32)


def _slope(x: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.pad(x, ((2, 2), (0, 0)), mode="edge")
    return np.asarray((2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 10)


def _chain(line: AlignmentInput) -> _Chain:
    states: list[str] = []
    symbols: list[int] = []
    skip: list[bool] = []
    after_optional = False
    for index, (name, optional) in enumerate(zip(line.models, line.optional, strict=True)):
        count = 1 if name == PAUSE else STATES
        states += [PAUSE] if name == PAUSE else [f"{name}.{n}" for n in range(STATES)]
        symbols += [index] * count
        skip += [after_optional] + ([False, True] if count == STATES else [])
        after_optional = optional
    fewest = len(line.models) * 2 - sum(name == PAUSE for name in line.models)
    if len(line.frames) < fewest:
        raise DataError(f"{line.name} has {len(line.frames)} frames, but its text needs at least {fewest}")
    return _Chain(states, np.array(symbols), np.array(skip))


def _even_path(chain: _Chain, features: Frames) -> Ints:
    """A first guess: quiet ends are pauses, the other states share the rest evenly; optional pauses are absent."""
    loud = features[:, 0]
    floor = np.quantile(loud, 0.05) + 0.25 * (np.quantile(loud, 0.95) - np.quantile(loud, 0.05))
    speech = np.flatnonzero(loud > floor)
    first, last = (int(speech[0]), int(speech[-1]) + 1) if len(speech) else (0, len(loud))
    first, last = max(first, 1), min(last, len(loud) - 1)
    inner = [n for n, name in enumerate(chain.states) if name != PAUSE]
    path = np.zeros(len(features), np.int64)
    path[first:last] = np.array(inner)[np.arange(last - first) * len(inner) // max(1, last - first)]
    path[last:] = len(chain.states) - 1
    return path


def _estimate(features: Sequence[Frames], states: Sequence[Ints], count: int, *, full: bool) -> _Gaussians:
    x, s = np.concatenate(features).astype(np.float64), np.concatenate(states)
    common = np.cov(x.T) + 1e-3 * np.eye(x.shape[1])
    means, factors, constants = [], [], []
    for state in range(count):
        own = x[s == state]
        if len(own) < 2:
            mean, spread = x.mean(0), common
        else:
            mean, spread = own.mean(0), np.cov(own.T)
            if not full or len(own) < _FEWEST:
                spread = np.diag(np.diag(spread))
            spread = (1 - _SHRINK) * spread + _SHRINK * np.diag(np.diag(common))
        precision = np.linalg.inv(spread)
        means.append(mean)
        factors.append(np.linalg.cholesky(precision))
        constants.append(0.5 * np.linalg.slogdet(precision)[1] - 0.5 * len(mean) * np.log(2 * np.pi))
    return _Gaussians(np.array(means), np.array(factors), np.array(constants))


def _best_path(scores: NDArray[np.float32], chain: _Chain) -> tuple[Ints, float]:
    """State index of each frame, and the path's score; scores [T, S] of the chain's states."""
    count, size = scores.shape
    back = np.zeros((count, size), np.int8)
    best = np.full(size, -np.inf)
    best[0] = scores[0, 0]
    jump = np.where(chain.skip, 0.0, -np.inf)
    one, two = np.full(size, -np.inf), np.full(size, -np.inf)
    for t in range(1, count):
        one[1:] = best[:-1]
        two[2:] = best[:-2]
        two += jump
        two[:2] = -np.inf
        step = one > best
        best = np.where(step, one, best)
        far = two > best
        best = np.where(far, two, best) + scores[t]
        back[t] = np.where(far, 2, step)
    path = np.empty(count, np.int64)
    path[-1] = size - 1
    for t in range(count - 1, 0, -1):
        path[t - 1] = path[t] - back[t, path[t]]
    return path, float(best[-1])
