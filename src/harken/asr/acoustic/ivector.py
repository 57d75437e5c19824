"""I-vectors over phones: a short vector w that describes how a voice differs from the average one. numpy only.

Arsikere et al., "Multi-dialect acoustic modeling using phone mapping and online i-vectors" (Interspeech 2019). A frame
of phone c is y ~ N(m_c + T_c w, Sigma_c) with w ~ N(0, I); with N_c = sum gamma(c) and F_c = sum gamma(c) (y - m_c),

    L = I + sum_c N_c T_c' Sigma_c^-1 T_c,    b = sum_c T_c' Sigma_c^-1 F_c,    w = L^-1 b,    covariance L^-1.

    heard = extractor.nothing()
    heard += extractor.statistics(features, posteriors)         # [n, D], [n, C]: more steps of the same voice
    w = extractor.mean(heard)                                   # [R]

Letters: C classes (the acoustic model's labels; class 0 is silence and has no effect), D features, R rank. Features
and posteriors, one per step of 30 ms, come from `harken.asr.acoustic.speaker`. The state of a stream is
R (R + 1) / 2 + R + 1 doubles (17 kB at R = 64), the same after an hour as after one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats
from harken.errors import AudioError, BundleError

_NUMBERS = ("scale", "max_count", "carry", "cap")


@dataclass(frozen=True, kw_only=True, eq=False)
class SpeakerStatistics:
    """What steps say about w, as sums, so that steps can be added in any order."""

    count: float
    """Steps of speech, scaled as the posteriors were."""
    linear: Floats
    """b, [R]"""
    packed: Floats
    """Upper half of L - I by rows, [R (R + 1) / 2]"""

    def __add__(self, other: SpeakerStatistics) -> SpeakerStatistics:
        return SpeakerStatistics(
            count=self.count + other.count, linear=self.linear + other.linear, packed=self.packed + other.packed
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Extractor:
    """What turns sums over phones into i-vectors, with its settings.

    Raises:
        BundleError: shapes do not fit together, a value is not finite, or a variance or setting is out of range.
    """

    means: Floats
    """m_c, [C, D]"""
    variances: Floats
    """Diagonal of Sigma_c, [C, D], above 0."""
    loading: Floats
    """T_c, [C, D, R]"""
    scale: float = 0.1
    """Weight of a posterior: neighbouring frames are very similar and must not count in full (Kaldi's value)."""
    max_count: float = 100.0
    """Scaled count above which the prior grows with the count, so that w stops growing; at 0.1 a step, 30 s."""
    carry: float = 1.0
    """How much an utterance passes on to the speaker's next one, 0..1."""
    cap: float = 1000.0
    """Maximum number of steps of speech remembered from one utterance to the next (before scaling)."""

    def __post_init__(self) -> None:
        shape = self.means.shape
        if len(shape) != 2 or self.variances.shape != shape or self.loading.shape[:-1] != shape:
            raise BundleError(
                f"i-vector tables have shapes means {shape}, variances {self.variances.shape}, loading "
                f"{self.loading.shape}; expected [C, D], [C, D] and [C, D, R]: train the extractor again"
            )
        finite = all(np.isfinite(table).all() for table in (self.means, self.variances, self.loading))
        if not finite or not (self.variances > 0).all():
            raise BundleError("i-vector tables contain NaN, infinity or a variance of 0; train the extractor again")
        if not (self.scale > 0 and self.max_count > 0 and 0 <= self.carry <= 1 and self.cap > 0):
            settings = {name: getattr(self, name) for name in _NUMBERS}
            raise BundleError(f"i-vector settings are {settings}; all must be above 0, and carry within 0..1")

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Extractor:
        """From a bundle's tables: `means`, `variances`, `loading`, and the settings as single numbers.

        Raises:
            BundleError: a table is missing or has another shape.
        """
        missing = {"means", "variances", "loading", *_NUMBERS} - set(arrays)
        if missing:
            raise BundleError(f"i-vector tables lack {sorted(missing)}; install the bundle again")
        return cls(
            means=np.asarray(arrays["means"], np.float64), variances=np.asarray(arrays["variances"], np.float64),
            loading=np.asarray(arrays["loading"], np.float64), **{name: float(arrays[name]) for name in _NUMBERS},
        )  # fmt: skip

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads. Tables are stored in 32 bits."""
        tables = {"means": self.means, "variances": self.variances, "loading": self.loading}
        stored: dict[str, NDArray[Any]] = {name: table.astype(np.float32) for name, table in tables.items()}
        return stored | {name: np.asarray(getattr(self, name), np.float64) for name in _NUMBERS}

    @property
    def rank(self) -> int:
        """R."""
        return int(self.loading.shape[2])

    @cached_property
    def projections(self) -> Floats:
        """T_c' Sigma_c^-1, as [C, D, R]; zero for silence."""
        projections = self.loading / self.variances[..., None]
        projections[0] = 0
        return projections

    @cached_property
    def precisions(self) -> Floats:
        """Upper halves of U_c = T_c' Sigma_c^-1 T_c by rows, [C, R (R + 1) / 2]; zero for silence."""
        whole = self.projections.transpose(0, 2, 1) @ self.loading
        rows, columns = np.triu_indices(self.rank)
        return whole[:, rows, columns]

    def unpack(self, packed: Floats) -> Floats:
        """Symmetric matrices [..., R, R] from their upper halves [..., R (R + 1) / 2]."""
        return packed.take(_unpacking(self.rank), axis=-1)

    def nothing(self) -> SpeakerStatistics:
        """No step seen: w = 0 with covariance I."""
        return SpeakerStatistics(count=0.0, linear=np.zeros(self.rank), packed=np.zeros(self.precisions.shape[1]))

    def statistics(self, features: NDArray[Any], posteriors: NDArray[Any]) -> SpeakerStatistics:
        """Of some steps.

        Args:
            features: [t, D].
            posteriors: of the classes, [t, C]; scaled here.

        Raises:
            AudioError: they have other shapes.
        """
        classes, size = self.means.shape
        if features.shape != (len(posteriors), size) or posteriors.shape != (len(features), classes):
            raise AudioError(
                f"features {features.shape} and posteriors {posteriors.shape} do not match; "
                f"expected [t, {size}] and [t, {classes}]"
            )
        weights = self.scale * np.asarray(posteriors, np.float64)
        weights[:, 0] = 0
        counts = weights.sum(0)
        first = weights.T @ features - counts[:, None] * self.means
        return SpeakerStatistics(  # products over all classes: quicker than picking the few that a step has
            count=float(counts.sum()),
            linear=first.ravel() @ self.projections.reshape(-1, self.rank),
            packed=counts @ self.precisions,
        )

    def precision(self, statistics: SpeakerStatistics) -> Floats:
        """L, [R, R]: the identity grows to max(N, max_count) / max_count, so that long sessions cannot overfit."""
        whole = self.unpack(statistics.packed)
        whole[np.diag_indices(self.rank)] += max(statistics.count, self.max_count) / self.max_count
        return whole

    def mean(self, statistics: SpeakerStatistics) -> Floats:
        """w alone, [R]. Solved exactly: at R = 32 and 64 faster than 15 conjugate-gradient iterations in numpy."""
        return np.asarray(np.linalg.solve(self.precision(statistics), statistics.linear), np.float64)

    def handed_on(self, statistics: SpeakerStatistics) -> SpeakerStatistics:
        """What the speaker's next utterance starts with: multiplied by `carry` and limited to `cap`."""
        count = statistics.count
        factor = min(self.carry, self.cap * self.scale / count) if count > 0 else self.carry
        return SpeakerStatistics(
            count=factor * count, linear=factor * statistics.linear, packed=factor * statistics.packed
        )


@lru_cache(maxsize=4)
def _unpacking(rank: int) -> NDArray[np.int64]:
    """[R, R] places in the packed upper half."""
    places = np.empty((rank, rank), np.int64)
    rows, columns = np.triu_indices(rank)
    places[rows, columns] = places[columns, rows] = np.arange(len(rows))
    return places
