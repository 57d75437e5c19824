"""Frames and pitch to sound: a small network predicts filters, which shape a pulse train and noise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames
from harken.bundle import Bundle, load_bundle
from harken.errors import AudioError
from harken.events import Samples
from harken.tts.frames import BANDS
from harken.tts.source_filter import FFT_BINS, LEAD, FilterBank, noise, pulse_train

KIND = "vocoder"
_PIECES = 4
"""Pieces whose filters are made at once: the network sees frames on both sides of them, again for every call."""


class Vocoder:
    """Turns any voice's frames into sound.

    Args:
        bundle: of kind 'vocoder'; graph x [1, T, 82] (log-mel, log Hz, voiced) -> y [1, 2 T, 2, 257] log amplitudes.
    """

    def __init__(self, bundle: Bundle):
        bundle.expect(KIND)
        self._session = bundle.session("model.onnx")
        self._reach = int(bundle.features["reach"])

    @classmethod
    def load(cls, name: str | Path = "vocoder") -> Vocoder:
        """Open by bundle name or folder.

        Raises:
            BundleError: it is missing, damaged or of a different kind.
        """
        return cls(load_bundle(name))

    def synthesize(
        self, frames: Frames, hertz: NDArray[np.float32], voiced: NDArray[np.bool_], *, seed: int = 0
    ) -> Samples:
        """Sound [160 T] of log-mel frames [T, 80], fundamental frequency [T] (Hz) and voicing [T].

        Raises:
            AudioError: the shapes do not match.
        """
        pieces = list(self.stream(frames, hertz, voiced, chunk=max(1, len(frames)), seed=seed))
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def stream(
        self,
        frames: Frames,
        hertz: NDArray[np.float32],
        voiced: NDArray[np.bool_],
        *,
        chunk: int = 40,
        seed: int = 0,
    ) -> Iterator[Samples]:
        """The same sound in pieces of about `chunk` frames; joined, they equal `synthesize` to 1e-4.

        Raises:
            AudioError: the shapes do not match.
        """
        _check(frames, hertz, voiced)
        count = len(frames)
        features = np.concatenate([frames, np.log(np.maximum(hertz, 1.0))[:, None], voiced[:, None]], axis=1)
        pulses = pulse_train(hertz)
        bank = FilterBank(pulses, noise(len(pulses), np.random.default_rng(seed)))
        late, known, filters = LEAD, 0, np.zeros((0, 2, FFT_BINS), np.float32)
        for start in range(0, count, chunk):
            end = min(start + chunk, count)
            if end > known:  # the first sound comes soon; later filters are made for several pieces at once
                known = min(start + chunk * (_PIECES if start else 1), count)
                filters = self._filters(features.astype(np.float32), start, known)
            sound = bank.push(filters[: 2 * (end - start)])
            filters = filters[2 * (end - start) :]
            yield sound[late:] if end < count else np.concatenate([sound[late:], bank.flush()])
            late = 0

    def _filters(self, features: Frames, start: int, end: int) -> NDArray[np.float32]:
        """Log amplitudes [2 (end - start), 2, 257], seen with the context that the network needs on both sides."""
        first, last = max(0, start - self._reach), min(len(features), end + self._reach)
        y = self._session.run(x=features[None, first:last])["y"][0]
        return np.asarray(y[2 * (start - first) : 2 * (end - first)].reshape(-1, 2, FFT_BINS))


def _check(frames: Frames, hertz: NDArray[np.float32], voiced: NDArray[np.bool_]) -> None:
    if frames.ndim != 2 or frames.shape[1] != BANDS or not len(frames) == len(hertz) == len(voiced):
        raise AudioError(
            f"frames {frames.shape}, pitch {hertz.shape} and voicing {voiced.shape} do not match; "
            f"expected [T, {BANDS}], [T] and [T]"
        )
    if not (np.isfinite(frames).all() and np.isfinite(hertz).all()):
        raise AudioError("frames or pitch contain values that are not finite; analyse the recording again")
