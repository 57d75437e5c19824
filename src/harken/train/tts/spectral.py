"""The distance between two sounds, at several resolutions at once.

Yamamoto, Song and Kim, "Parallel WaveGAN", ICASSP 2020, eq. 3-6: spectral convergence plus log-magnitude distance,
summed over short-time Fourier transforms of several lengths.
"""

from __future__ import annotations

import torch
from torch import Tensor

RESOLUTIONS = ((1024, 256), (512, 128), (256, 64), (128, 32))
"""(window, hop) in samples: 64 ms down to 8 ms."""
_FLOOR = 1e-4
"""Magnitude, relative to a full-scale sine's, below which differences do not count (-80 dB)."""


def magnitudes(samples: Tensor, size: int, hop: int) -> Tensor:
    """Magnitudes [B, bins, t] of samples [B, n]; a full-scale sine has about 1."""
    window = torch.hann_window(size)
    spectrum = torch.stft(samples, size, hop, window=window, center=False, return_complex=True)
    return torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-12) * (2 / float(window.sum()))


def spectral_distance(synthesised: Tensor, original: Tensor) -> Tensor:
    """Mean over the resolutions of convergence and log-magnitude distance (nats) of samples [B, n]."""
    total = torch.zeros(())
    for size, hop in RESOLUTIONS:
        a, b = magnitudes(synthesised, size, hop), magnitudes(original, size, hop)
        convergence = (a - b).square().sum((1, 2)).sqrt() / (b.square().sum((1, 2)).sqrt() + 1e-3)
        distance = (torch.log(a + _FLOOR) - torch.log(b + _FLOOR)).abs().mean()
        total = total + distance + 0.5 * convergence.mean()
    return total / len(RESOLUTIONS)
