"""Settings for training the voice: sizes of the networks, and what they learn from in a step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class VoiceConfig:
    """Size of the acoustic model."""

    width: int = 192
    """Channels of the symbols' codes."""
    encoder: tuple[int, ...] = (1, 2, 4, 1)
    """Dilations of the encoder's blocks, kernel 5."""
    wide: int = 256
    """Channels of the decoder."""
    decoder: tuple[int, ...] = (1, 2, 4, 8, 1)
    """Dilations of the decoder's blocks, kernel 3."""
    dropout: float = 0.1


@dataclass(frozen=True, kw_only=True)
class VocoderConfig:
    """Size of the vocoder, and what it learns from."""

    channels: int = 224
    dilations: tuple[int, ...] = (1, 2, 4, 8, 1)
    kernel: int = 3
    batch: int = 16
    frames: int = 72
    """Length of a training piece."""
    gain: float = 6.0
    """Largest random change of level, dB."""
    bfloat16: bool = False
    """Compute the network with bfloat16 products."""


@dataclass(frozen=True, kw_only=True)
class UniversalConfig:
    """Size of the network; by default the paper's, with an affine width from its public re-implementation."""

    reader: int = 128
    """Width of the two layers that read the frames, in each direction."""
    hidden: int = 896
    """Width of the layer that runs over the samples."""
    affine: int = 1024
    """Width of the first affine layer."""
    batch: int = 32
    """Pieces in a step."""
    frames: int = 8
    """Frames of a training piece whose samples count."""
    margin: int = 8
    """Frames on both sides of them that the reading layers see."""
    decibels: float = 6.0
    """Largest random change of level."""
    narrow: bool = False
    """Products over the samples in bfloat16."""
