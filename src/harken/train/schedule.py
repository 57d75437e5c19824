"""How long and how fast to learn: settings of the training loop, and the learning rate of each step."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """How long and how fast to learn."""

    steps: int = 1000
    lr: float = 1e-3
    """Peak learning rate (AdamW)."""
    warmup: float = 0.1
    """Share of the steps in which the rate rises; afterwards it falls along half a cosine to `final`."""
    final: float = 0.02
    """Last rate relative to the peak."""
    weight_decay: float = 1e-2
    clip: float = 5.0
    """Largest allowed norm of the gradient."""
    average: float = 0.0
    """Decay of the running average of the parameters, e.g. 0.999; 0 keeps none."""
    validate_every: int = 500
    """Steps."""
    checkpoint_seconds: float = 120.0
    max_seconds: float = 0.0
    """Stop cleanly after this much wall time (0: never); the next start resumes."""
    threads: int = 1
    fused: bool = False
    """Update all parameters in one pass: faster, and different in the last digits."""
    seed: int = 0


def rate_at(step: int, config: LoopConfig) -> float:
    """Learning rate of a step: linear warm-up, then half a cosine down to `final` times the peak."""
    warm = max(1, round(config.warmup * config.steps))
    if step < warm:
        return config.lr * (step + 1) / warm
    done = min(1.0, (step - warm) / max(1, config.steps - warm))
    return config.lr * (config.final + (1 - config.final) * 0.5 * (1 + math.cos(math.pi * done)))
