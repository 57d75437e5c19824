"""How close two melodies are: F0 RMSE, correlation and frame errors, after aligning the frames in time.

As in Klimkov et al., Interspeech 2019, section 3: the alignment comes from mel-cepstra (dynamic time warping), and is
used for the fundamental frequency. A frame is wrong if one side is voiced and the other is not, or if both are and the
frequencies differ by more than 20 % (FFE; the latter alone, of the frames voiced in both, is the gross pitch error).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError

GROSS = 0.2
"""Relative difference of frequency from which on it is a gross error."""
CEPSTRA = slice(1, 25)
"""Coefficients that are compared: the shape of the spectrum without its level."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Melodies:
    """Two melodies, frame by frame [T]."""

    wanted: Floats
    """Hz."""
    wanted_voiced: NDArray[np.bool_]
    heard: Floats
    """Hz."""
    heard_voiced: NDArray[np.bool_]

    @property
    def both(self) -> NDArray[np.bool_]:
        """Frames that are voiced in both."""
        return self.wanted_voiced & self.heard_voiced

    @property
    def gross(self) -> NDArray[np.bool_]:
        """Frames voiced in both whose frequencies differ by more than 20 %."""
        return self.both & (np.abs(self.heard / self.wanted - 1) > GROSS)

    @property
    def frame_error(self) -> float:
        """FFE, share 0..1 of the frames."""
        return float(np.mean((self.wanted_voiced != self.heard_voiced) | self.gross))

    @property
    def gross_error(self) -> float:
        """GPE, share 0..1 of the frames voiced in both; NaN when there are none."""
        return float(self.gross.sum() / self.both.sum()) if self.both.any() else float("nan")

    @property
    def deviation(self) -> float:
        """Root mean square difference in Hz of the frames voiced in both; NaN when there are none."""
        if not self.both.any():
            return float("nan")
        return float(np.sqrt(np.mean((self.wanted - self.heard)[self.both] ** 2)))

    @property
    def correlation(self) -> float:
        """Pearson's correlation over the frames voiced in both; NaN when there are fewer than three, or no movement."""
        one, other = self.wanted[self.both], self.heard[self.both]
        if len(one) < 3 or min(one.std(), other.std()) < 1e-9:
            return float("nan")
        return float(np.corrcoef(one, other)[0, 1])


def cepstra(frames: NDArray[np.floating]) -> Floats:
    """Mel-cepstra [T, 24] of log-mel frames [T, bands], without the level."""
    bands = frames.shape[1]
    order = np.arange(CEPSTRA.start, CEPSTRA.stop)
    cosines = np.cos(np.pi / bands * (np.arange(bands)[:, None] + 0.5) * order) * np.sqrt(2 / bands)
    return np.asarray(frames.astype(np.float64) @ cosines)


def warp(wanted: Floats, heard: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Dynamic time warping: pairs of rows of [T, D] and [U, D] along the path of least total distance.

    Raises:
        DataError: one of them is empty.
    """
    if not len(wanted) or not len(heard):
        raise DataError(f"there are {len(wanted)} and {len(heard)} frames to align; both sides need some")
    distance = np.sqrt(np.maximum(_squares(wanted)[:, None] + _squares(heard) - 2 * wanted @ heard.T, 0))
    rows, columns = distance.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0
    for diagonal in range(rows + columns - 1):  # all cells of a diagonal depend on earlier ones only
        row = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        column = diagonal - row
        before = np.minimum(np.minimum(total[row, column], total[row, column + 1]), total[row + 1, column])
        total[row + 1, column + 1] = before + distance[row, column]
    path = list(_trace(total))[::-1]
    return np.array([row for row, _ in path]), np.array([column for _, column in path])


def _squares(x: Floats) -> Floats:
    return np.asarray(np.square(x).sum(1))


def _trace(total: Floats) -> Iterable[tuple[int, int]]:
    row, column = total.shape[0] - 1, total.shape[1] - 1
    while row and column:
        yield row - 1, column - 1
        steps = ((row - 1, column - 1), (row - 1, column), (row, column - 1))
        row, column = min(steps, key=lambda step: total[step])
