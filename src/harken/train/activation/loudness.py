"""Where the sound of a recording is, and how loud, from its log-mel frames. Units are natural logs of energy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames

Labels = NDArray[np.bool_]

DECIBEL = np.log(10) / 10
"""Natural log units in a dB."""


def frame_energy(frames: Frames) -> Frames:
    """Natural log of the energy [T] of frames [T, bins]."""
    return np.asarray(np.log(np.exp(frames).sum(axis=1)), np.float32)


def loudness(energy: Frames) -> float:
    """Natural log of the mean energy of the frames within 15.9 dB of the mean of the active ones (ITU-T P.56)."""
    power = np.exp(energy.astype(np.float64))
    active, before = float(power.mean()), -1.0
    while active != before:
        before = active
        active = float(power[power >= active * 10**-1.59].mean())
    return float(np.log(max(active, 1e-6)))


def loudest_part(frames: Frames, *, gap: int = 14, below_db: float = 22.0) -> tuple[int, int]:
    """The connected stretch of active frames with the most energy: the word in a recording of a word.

    Args:
        frames: [T, bins].
        gap: pauses of up to this many frames (a stop's closure) do not cut the stretch.
        below_db: frames further below the loudest ones are pauses.
    """
    energy = np.convolve(frame_energy(frames), np.full(3, 1 / 3), mode="same")
    top, floor = np.quantile(energy, 0.98), np.quantile(energy, 0.1)
    # In noise the floor is near, and a point between floor and top separates better than a fixed distance.
    limit = max(top - below_db * DECIBEL, floor + min(1.5, 0.4 * (top - floor)))
    active = np.flatnonzero(energy >= limit)
    if len(active) == 0:
        return 0, len(frames)
    cuts = np.flatnonzero(np.diff(active) > gap)
    starts, ends = np.concatenate([[0], cuts + 1]), np.concatenate([cuts, [len(active) - 1]])
    weights = [np.exp(energy[active[s] : active[e] + 1] - top).sum() for s, e in zip(starts, ends, strict=True)]
    best = int(np.argmax(weights))
    return int(active[starts[best]]), int(active[ends[best]]) + 1


def label_speech(frames: Frames, *, below_db: float = 25.0, gap: int = 10, island: int = 5) -> Labels:
    """Whether each frame [T] of a clean recording holds speech.

    Against the word times of LibriSpeech's aligned speakers (62 recordings), 94.4 % of the frames agree; 4.3 % of the
    word frames are called pauses and 15 % of the pause frames words, most of them at the edges of words.

    Args:
        frames: log-mel [T, bins].
        below_db: frames further below the active level are pauses.
        gap: pauses of up to this many frames belong to the speech around them.
        island: speech shorter than this many frames is a click.
    """
    energy = frame_energy(frames)
    limit = loudness(energy) - below_db * DECIBEL
    energy = np.convolve(energy, np.full(3, 1 / 3), mode="same").astype(np.float32)
    active = np.asarray(energy >= max(limit, float(np.quantile(energy, 0.05)) + 1.8))
    return ~_fill(~_fill(active, gap), island)


def _fill(active: Labels, longest: int) -> Labels:
    """Labels with every inner run of False of at most `longest` frames set to True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], active, [True]]).astype(np.int8)))
    out = active.copy()
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first <= longest and first > 0 and last < len(active):
            out[first:last] = True
    return out
