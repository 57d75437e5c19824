"""Copy synthesis: a recording is analysed and made anew from that alone, to hear what a vocoder loses."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from harken.bundle import load_bundle
from harken.errors import AudioError, BundleError
from harken.events import SAMPLE_RATE, Samples
from harken.tts.frames import speech_frames
from harken.tts.pitch import track_pitch
from harken.tts.universal_vocoder import KIND as UNIVERSAL
from harken.tts.universal_vocoder import UniversalVocoder
from harken.tts.vocoder import KIND as SOURCE_FILTER
from harken.tts.vocoder import Vocoder


class Copier(Protocol):
    """Makes a recording anew."""

    @property
    def rate(self) -> int:
        """Samples per second of what goes in and comes out."""

    def copy(self, samples: Samples, *, seed: int = 0) -> Samples:
        """Sound [n] made from the analysis of samples [n].

        Raises:
            AudioError: there are no samples, or some are not finite.
        """


class SourceFilterCopier:
    """Copies through the vocoder of the voices, by frames, pitch and voicing.

    Args:
        vocoder: the vocoder.
    """

    rate = SAMPLE_RATE

    def __init__(self, vocoder: Vocoder):
        self._vocoder = vocoder

    def copy(self, samples: Samples, *, seed: int = 0) -> Samples:
        """Sound [n] made from the analysis of samples [n].

        Raises:
            AudioError: there are no samples, or some are not finite.
        """
        if not len(samples) or not np.isfinite(samples).all():
            raise AudioError(f"got {len(samples)} samples, or some are not finite; expected one or more in -1..1")
        hertz, voiced = track_pitch(samples)
        return self._vocoder.synthesize(speech_frames(samples), hertz, voiced, seed=seed)[: len(samples)]


def load_copier(name: str | Path) -> Copier:
    """Open a vocoder of any kind by bundle name or folder.

    Raises:
        BundleError: it is missing, damaged or no vocoder.
    """
    bundle = load_bundle(name)
    if bundle.kind == SOURCE_FILTER:
        return SourceFilterCopier(Vocoder(bundle))
    if bundle.kind == UNIVERSAL:
        return UniversalVocoder(bundle)
    raise BundleError(
        f"{bundle.folder} is a bundle of kind '{bundle.kind}'; expected a vocoder ('{SOURCE_FILTER}' or '{UNIVERSAL}')"
    )
