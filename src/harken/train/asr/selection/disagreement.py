"""Disagreement of a network with itself: what it hears with some of its units switched off (a competing rule).

Sameer Khurana, Niko Moritz, Takaaki Hori and Jonathan Le Roux, "Unsupervised domain adaptation for speech recognition
via uncertainty driven self-training" (2020): recordings are learned from whose transcripts hardly change.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch

from harken.audio.features import Frames, Normalizer
from harken.metrics.edits import fewest_edits
from harken.train.asr.acoustic import AcousticNetwork, Block
from harken.train.asr.data import pad
from harken.train.asr.mmi import SILENCE_ID
from harken.train.asr.selection.slots import phone_posteriors

DRAWS = 3
"""Variants that are compared with the whole network."""
RATE = 0.1
"""Share of the units that are off in a variant."""


def disagreement(
    network: AcousticNetwork, normalizer: Normalizer, features: Frames, *, seed: int, draws: int = DRAWS,
    rate: float = RATE,
) -> float:  # fmt: skip
    """Greatest edit distance between the phones of the network and of its variants, per phone.

    Args:
        network: its mode and dropout are restored.
        normalizer: as at run time.
        features: log-mel energies [T, bins] of a recording.
        seed: of the units that are switched off.
        draws: variants.
        rate: share of the units switched off.
    """
    x, _ = pad([normalizer.whole(features)], network.look_ahead)
    blocks = [block for block in network.blocks if isinstance(block, Block)]
    before, training = [block.dropout for block in blocks], network.training
    torch.manual_seed(seed)
    try:
        with torch.no_grad():
            plain = _phones(network.eval()(x)[0].numpy())
            for block in blocks:
                block.dropout = rate
            network.train()
            variants = [_phones(network(x)[0].numpy()) for _ in range(draws)]
    finally:
        for block, old in zip(blocks, before, strict=True):
            block.dropout = old
        network.train(training)
    return max(fewest_edits(plain, variant) for variant in variants) / max(1, len(plain))


def _phones(scores: Frames) -> list[str]:
    """The likeliest phone of each step, repetitions and silences left out, as text for the edit distance."""
    best = phone_posteriors(scores).argmax(axis=1)
    return [str(phone) for phone, _ in itertools.groupby(np.asarray(best).tolist()) if phone != SILENCE_ID]
