"""Prosody from one speaker to another: what is high, loud or long for the one is made so for the other.

After Klimkov et al., Interspeech 2019, section 2: the seven numbers of each symbol (`harken.tts.prosody`) are
normalised by mean and variance of the speaker, duration for each phone in addition. Logarithms are taken of frequency
and duration here, so that intervals and tempo carry over as ratios. Pauses have no part in the statistics; their
durations carry over by tempo, their pitch lies between the neighbours', and their loudness stays the voice's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.errors import DataError
from harken.tts.prosody import DURATION, ENERGY, Floats
from harken.tts.symbols import MARKS

FEWEST = 5
"""Occurrences of a phone from which its own duration is known."""
_FEW = 20.0
"""As many phones of a speaker as the deviations of another one count for, where there are only few."""
_LEAST = 1e-3
"""Smallest standard deviation."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Normaliser:
    """What is usual for a speaker."""

    mean: Floats
    """[7] of log Hz, log energy, and the logarithm of the frames beyond what is usual for the phone."""
    deviation: Floats
    """[7] standard deviations."""
    usual: Mapping[str, tuple[float, float]]
    """Phone without stress -> mean and standard deviation of its log frames."""
    other: tuple[float, float]
    """The same of all phones, for those that are not in `usual`."""

    @classmethod
    def fit(cls, numbers: Floats, symbols: Sequence[str], *, like: Normaliser | None = None) -> Normaliser:
        """What is usual in recordings of one speaker.

        Args:
            numbers: of `aggregate`, [N, 7]; symbols of 0 frames do not count.
            symbols: [N]
            like: another speaker, who stands in for what a short recording cannot tell: how phones differ in duration,
                and, the shorter the recording, how far pitch, energy and tempo deviate.

        Raises:
            DataError: there is not a single phone.
        """
        names = np.array([symbol.rstrip("012") for symbol in symbols])
        counted = np.array([symbol not in MARKS for symbol in symbols]) & (numbers[:, DURATION] > 0)
        if not counted.any():
            raise DataError("there is no speech in the recording; give one of a sentence or more")
        names, rows = names[counted], numbers[counted].astype(np.float64)
        frames = np.log(rows[:, DURATION])
        if like is None:
            usual = {
                str(name): _mean_and_deviation(frames[names == name])
                for name in np.unique(names)
                if (names == name).sum() >= FEWEST
            }
            other = _mean_and_deviation(frames)
        else:
            usual, other = dict(like.usual), like.other
        rows[:, DURATION] = _beyond(frames, names, usual, other)
        mean, variance = rows.mean(0), rows.var(0)
        if like is not None:
            known = len(rows) / (len(rows) + _FEW)
            variance = known * variance + (1 - known) * like.deviation**2
        return cls(mean=mean, deviation=np.maximum(np.sqrt(variance), _LEAST), usual=usual, other=other)

    def transform(self, numbers: Floats, symbols: Sequence[str]) -> Floats:
        """The numbers [N, 7] in the speaker's own standard deviations; NaN for the duration of 0 frames."""
        names = [symbol.rstrip("012") for symbol in symbols]
        rows = numbers.astype(np.float64)
        frames = np.log(np.where(rows[:, DURATION] > 0, rows[:, DURATION], np.nan))
        rows[:, DURATION] = _beyond(frames, names, self.usual, self.other)
        return np.asarray((rows - self.mean) / self.deviation)

    def inverse(self, normal: Floats, symbols: Sequence[str]) -> Floats:
        """What `transform` would give as `normal` [N, 7] for this speaker."""
        rows = normal * self.deviation + self.mean
        table = np.array([self.usual.get(symbol.rstrip("012"), self.other) for symbol in symbols])
        rows[:, DURATION] = np.exp(table[:, 0] + table[:, 1] * rows[:, DURATION])
        return np.asarray(rows)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Tables from which `from_arrays` makes it again."""
        return {
            "prosody": np.stack([self.mean, self.deviation]),
            "phones": np.array(list(self.usual)),
            "durations": np.array([*self.usual.values(), self.other]),
        }

    @classmethod
    def from_arrays(cls, tables: Mapping[str, NDArray[Any]]) -> Normaliser:
        """From `arrays`."""
        mean, deviation = tables["prosody"].astype(np.float64)
        *known, other = [(float(mean), float(spread)) for mean, spread in tables["durations"].astype(np.float64)]
        names = [str(name) for name in tables["phones"]]
        return cls(mean=mean, deviation=deviation, usual=dict(zip(names, known, strict=True)), other=other)


def carry_over(numbers: Floats, symbols: Sequence[str], speaker: Normaliser, voice: Normaliser) -> Floats:
    """What a speaker does, as a voice would do it.

    Args:
        numbers: of the speaker's recording, [N, 7].
        symbols: [N] that the recording and the voice say.
        speaker: what is usual for the speaker.
        voice: what is usual for the voice.

    Returns:
        The voice's own seven numbers [N, 7]; NaN for what is left to the voice.
    """
    out = voice.inverse(speaker.transform(numbers, symbols), symbols)
    pauses = np.array([symbol in MARKS for symbol in symbols])
    tempo = np.nansum(out[~pauses, DURATION]) / max(1.0, numbers[~pauses, DURATION].sum())
    out[pauses, ENERGY] = np.nan
    out[pauses, DURATION] = numbers[pauses, DURATION] * tempo
    return out


def _mean_and_deviation(values: Floats) -> tuple[float, float]:
    return float(values.mean()), max(float(values.std()), _LEAST)


def _beyond(
    frames: Floats, names: Sequence[str] | NDArray[np.str_], usual: Mapping[str, tuple[float, float]],
    other: tuple[float, float],
) -> Floats:  # fmt: skip
    """Log frames [N] in standard deviations of their phones' own."""
    table = np.array([usual.get(str(name), other) for name in names])
    return np.asarray((frames - table[:, 0]) / table[:, 1])
