"""How well a network that speaks sample by sample foresees recordings: negative log-likelihood of their codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from harken.errors import DataError
from harken.events import Samples
from harken.train.tts.universal_vocoder import UniversalNet
from harken.tts.mel_frames import MelAnalysis
from harken.tts.mulaw import Coding

_MARGIN = 12
"""Frames on both sides of a piece that are read: 0.15 s."""


def code_losses(
    net: UniversalNet, recordings: Sequence[Samples], analysis: MelAnalysis, coding: Coding, *, seconds: float = 0.5
) -> list[float]:
    """Nats per sample of the loudest piece of each recording, given its frames and its own samples so far.

    Args:
        net: the network.
        recordings: samples at the analysis' rate.
        analysis: that the network was trained with.
        coding: that the network was trained with.
        seconds: length of the pieces.

    Raises:
        DataError: a recording is shorter than a piece with its margins.
    """
    count = round(seconds * analysis.rate / analysis.hop)
    pieces = [_piece(samples, analysis, coding, count) for samples in recordings]
    frames, codes = (torch.from_numpy(np.stack(part)) for part in zip(*pieces, strict=True))
    return [float(loss) for loss in net.eval().losses(frames, codes[:, :-1], codes[:, 1:], margin=_MARGIN)]


def _piece(samples: Samples, analysis: MelAnalysis, coding: Coding, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames [count + 2 margin, 80], and codes [1 + hop * count] beginning with the one before the piece."""
    frames, hop = analysis.frames(samples), analysis.hop
    places = range(_MARGIN, len(samples) // hop - count - _MARGIN + 1)
    if not len(places):
        least = (count + 2 * _MARGIN) * hop / analysis.rate
        raise DataError(f"a recording of {len(samples) / analysis.rate:.2f} s is too short; give {least:.2f} s or more")
    power = np.cumsum(np.concatenate([[0.0], np.square(samples, dtype=np.float64)]))
    first = max(places, key=lambda place: float(power[(place + count) * hop] - power[place * hop]))
    codes = coding.encode(samples[first * hop - 2 : (first + count) * hop])[1:]
    return frames[first - _MARGIN : first + count + _MARGIN], codes
