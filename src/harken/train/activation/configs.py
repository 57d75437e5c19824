"""Settings for training wake words and end-pointing: sizes of the network, windows and how they are varied."""

from __future__ import annotations

from dataclasses import dataclass, field

from harken.activation.front_end import BINS


@dataclass(frozen=True, kw_only=True)
class SubbandConfig:
    """Sizes of the network."""

    bins: int = BINS
    bands: int = 4
    overlap: int = 0
    """Bins that neighbouring bands share at each inner edge."""
    kernels: int = 32
    """Kernels of the first layer, all bands together."""
    channels: int = 32
    """Kernels of the second layer."""
    width: int = 64
    """Channels of the temporal layers."""
    dilations: tuple[int, ...] = (1, 1, 2, 2)
    """One temporal layer each; kernel of 9 output frames."""
    dropout: float = 0.1


@dataclass(frozen=True, kw_only=True)
class VadConfig:
    """Windows and how they are varied."""

    window: int = 304
    """Frames of 10 ms."""
    batch: int = 40
    noise_only: float = 0.3
    """Share of the windows without speech."""
    noisy: float = 0.8
    """Share of the windows with speech that have noise under them."""
    snr: tuple[float, ...] = (-3.0, 25.0)
    """dB, lowest and highest."""
    gain: tuple[float, ...] = (-32.0, 12.0)
    """dB relative to read speech."""
    bursts: float = 0.4
    """Share of the windows with short loud pieces of noise: knocks, dishes, doors."""
    net: SubbandConfig = field(
        default_factory=lambda: SubbandConfig(kernels=16, channels=16, width=32, dilations=(1, 2, 4), dropout=0.0)
    )


@dataclass(frozen=True, kw_only=True)
class SpottingConfig:
    """Windows and how they are varied."""

    window: int = 208
    """Frames of 10 ms."""
    positives: int = 24
    negatives: int = 40
    """Windows of each kind in a batch."""
    noisy: float = 0.75
    """Share of the windows with noise under them."""
    snr: tuple[float, ...] = (-2.0, 25.0)
    """dB, lowest and highest."""
    gain: tuple[float, ...] = (-32.0, 12.0)
    """dB relative to read speech, lowest and highest."""
    hard: float = 0.3
    """Share of the negative windows that sound like the word; the rest is any speech and noise."""
    mistaken: float = 0.45
    """Share of the negative windows around what an earlier network mistook for the word."""
    synthesised: float = 0.2
    """Share of the positive windows from synthesised recordings, where there are both synthesised and real ones."""
    net: SubbandConfig = field(default_factory=lambda: SubbandConfig(kernels=24, channels=24, width=48, dropout=0.0))
