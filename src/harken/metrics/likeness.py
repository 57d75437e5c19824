"""How close a copy of speech is to its original, frame by frame: spectrum and pitch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError

_COEFFICIENTS = 24
_RANGE = 60.0
"""Frames further below the loudest one (dB) do not count."""


class PitchErrors(NamedTuple):
    """How far the pitch of a copy is off."""

    hertz: float
    """Root mean square difference where both are voiced; not a number if that is nowhere."""
    voicing: float
    """Per cent of the frames that are voiced in one and unvoiced in the other."""


def mel_cepstral_distortion(original: NDArray[np.float32], copy: NDArray[np.float32]) -> float:
    """Mean distance (dB) between the mel cepstra 1..24 of two recordings, where the original is no silence.

    R. Kubichek, "Mel-cepstral distance measure for objective speech quality assessment", 1993: 10 / ln 10 *
    sqrt(2 * sum (c - c')^2), here with the cepstra of the bands' log amplitudes; frames are compared one by one.

    Args:
        original: log-mel power [T, bands].
        copy: the same of the copy; of two lengths the shorter one counts.

    Raises:
        DataError: there are no frames, or the bands differ.
    """
    count = min(len(original), len(copy))
    if not count or original.shape[1] != copy.shape[1]:
        raise DataError(f"frames {original.shape} and {copy.shape} cannot be compared; expected [T, B] with T >= 1")
    level = original[:count].max(1) * (10 / np.log(10))
    heard = level > level.max() - _RANGE
    change = _cepstra(original[:count][heard]) - _cepstra(copy[:count][heard])
    return float((10 / np.log(10) * np.sqrt(2 * np.square(change).sum(1))).mean())


def _cepstra(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    """Coefficients c of log amplitudes sum c_k cos(k w), from log powers."""
    bands = frames.shape[1]
    angles = np.pi / bands * np.outer(np.arange(1, _COEFFICIENTS + 1), np.arange(bands) + 0.5)
    return np.asarray(frames @ np.cos(angles).T / bands)


def pitch_errors(
    hertz: NDArray[np.float32], voiced: NDArray[np.bool_], other: NDArray[np.float32], other_voiced: NDArray[np.bool_]
) -> PitchErrors:
    """Errors of a copy's pitch (`other`) against the original's, each [T]; of two lengths the shorter one counts.

    Raises:
        DataError: there are no frames.
    """
    count = min(len(hertz), len(other))
    if not count:
        raise DataError("there are no frames of pitch to compare; give a recording with sound in it")
    one, two = voiced[:count], other_voiced[:count]
    gaps = (hertz[:count] - other[:count])[one & two]
    return PitchErrors(
        float(np.sqrt(np.mean(np.square(gaps)))) if len(gaps) else float("nan"), 100 * float((one != two).mean())
    )
