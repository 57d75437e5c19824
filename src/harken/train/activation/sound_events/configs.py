"""Settings of the sound events' training."""

from __future__ import annotations

from dataclasses import dataclass, field

from harken.train.schedule import LoopConfig


@dataclass(frozen=True, kw_only=True)
class SoundNetConfig:
    """Layers of a network."""

    channels: tuple[int, ...] = (12, 24, 32)
    """Kernels of the three convolutions."""
    hidden: int = 40
    """Units of the recurrent layer."""
    dropout: float = 0.1


@dataclass(frozen=True, kw_only=True)
class SceneConfig:
    """Scenes that are learned from, and how they are varied."""

    frames: int = 160
    """Frames of 10 ms in a scene, a multiple of 8."""
    batch: int = 32
    nothing: float = 0.2
    """Share of the scenes that hold none of the classes."""
    examples: float = 0.1
    """Share of a class's scenes that are drawn from the noises, where some are of that class."""
    mixed: float = 0.5
    """Share of the scenes that are two recordings mixed in a drawn ratio."""
    noisy: float = 0.2
    """Share of the other scenes that have noise or speech under them."""
    snr: tuple[float, ...] = (5.0, 30.0)
    """dB, lowest and highest."""
    gain: tuple[float, ...] = (-12.0, 6.0)
    """dB."""
    speed: float = 1.2
    """Largest factor by which time is stretched or shortened."""
    pitch: float = 1.1
    """Largest factor by which the bands are shifted."""
    bands: int = 6
    """Widest stretch of bands that is hidden, twice in a scene."""
    gap: int = 32
    """Longest stretch of frames that is hidden, twice in a scene."""


@dataclass(frozen=True, kw_only=True)
class DistillationConfig:
    """The teacher's part in the loss."""

    share: float = 0.7
    """Of the loss, 0..1; the labels have the rest."""
    temperature: float = 2.0


@dataclass(frozen=True, kw_only=True)
class QuantizationConfig:
    """Weights in few bits."""

    bits: tuple[int, ...] = (8, 4, 3, 2)
    """Widths that are compared."""
    shipped: int = 4
    bucket: int = 256
    """Weights that share their extremes."""


@dataclass(frozen=True, kw_only=True)
class SoundsConfig:
    """Networks, scenes, losses."""

    teacher: SoundNetConfig = field(
        default_factory=lambda: SoundNetConfig(channels=(24, 48, 64), hidden=128, dropout=0.2)
    )
    student: SoundNetConfig = field(default_factory=SoundNetConfig)
    scenes: SceneConfig = field(default_factory=SceneConfig)
    distillation: DistillationConfig = field(default_factory=DistillationConfig)
    quantization: QuantizationConfig = field(default_factory=QuantizationConfig)


def _loop(steps: int, rate: float) -> LoopConfig:
    # One norm over networks that learn together would couple them: their gradients are not clipped.
    return LoopConfig(steps=steps, lr=rate, average=0.99, clip=1e3, validate_every=steps)


@dataclass(frozen=True, kw_only=True)
class LoopsConfig:
    """How long and how fast each stage learns."""

    teacher: LoopConfig = field(default_factory=lambda: _loop(1500, 4e-3))
    student: LoopConfig = field(default_factory=lambda: _loop(1500, 4e-3))
    quantized: LoopConfig = field(default_factory=lambda: _loop(120, 1e-3))
