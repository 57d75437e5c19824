"""Settings for training the always-on networks: sizes of the network, windows and how they are varied."""

from __future__ import annotations

from dataclasses import dataclass, field

from harken.activation.front_end import BINS

MERGES = ("channels", "late", "frequency")
"""How the bands meet after the first layer: side by side as channels, so that the second layer sees all of them; not
before the last layers, as each band has a second layer of its own; or one above the other again along the frequency."""

MARGIN = 10
"""Frames that are kept before and after a window with a word, so that training can move it by 100 ms."""


@dataclass(frozen=True, kw_only=True)
class SubbandConfig:
    """Sizes of the network that scores a stream."""

    bins: int = BINS
    bands: int = 4
    overlap: int = 0
    """Bins that neighbouring bands share at each inner edge."""
    merge: str = "channels"
    """One of `MERGES`."""
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
class TermConfig:
    """Sizes of the network that names the word in a window of sound. Pairs are (time, frequency)."""

    bins: int = BINS
    frames: int = 98
    """Length of the window: a second."""
    body: str = "plain"
    """'plain': two convolutions and a fully connected layer; 'broadcast': broadcasted residual learning."""
    bands: int = 1
    """1: the full-band network."""
    overlap: int = 0
    """Bins that neighbouring bands share at each inner edge."""
    merge: str = "channels"
    """One of `MERGES`."""
    kernels: int = 32
    """Kernels of the first layer, all bands together."""
    first: tuple[int, ...] = (7, 7)
    """plain: size of a kernel of the first layer (broadcast: 5 x 5)."""
    stride: tuple[int, ...] = (2, 1)
    """Of the first layer; broadcast has its own for the frequency, 2."""
    dropout: float = 0.1
    pool: tuple[int, ...] = (2, 3)
    """plain: maximum over so many outputs of the first layer."""
    channels: int = 32
    """plain: kernels of the second layer."""
    second: tuple[int, ...] = (3, 3)
    """plain: size of a kernel of the second layer."""
    hidden: int = 64
    """plain: units between the convolutions and the outputs; 0: none."""
    widths: tuple[int, ...] = (8, 12, 16, 20)
    """broadcast: channels of each stage; the second and the third one halve the frequencies."""
    depths: tuple[int, ...] = (2, 2, 4, 4)
    """broadcast: blocks of each stage."""
    last: int = 32
    """broadcast: channels before the outputs."""
    normalised: int = 1
    """broadcast: parts of the frequency axis with a normalisation of their own (sub-spectral normalisation)."""


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
