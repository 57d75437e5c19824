"""Settings of the multilingual pronouncer's training. They need no torch."""

from __future__ import annotations

from dataclasses import dataclass, field

from harken.train.schedule import LoopConfig

CONDITIONING = ("embedding", "token", "decoder")
"""How the language enters: added to every letter after the first block; as a letter of its own before the others, from
the second block on; only in the decoder."""


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Size of the network."""

    width: int = 256
    inner: int = 512
    """Of the feed-forward part, which sees a letter and its two neighbours."""
    blocks: int = 4
    """The first is free of the language."""
    heads: int = 4
    joint: int = 384
    """Hidden units of the decoder."""
    history: int = 6
    """Phones that the decoder looks back on; 0 makes the steps independent of each other."""
    phone_width: int = 48
    dropout: float = 0.2
    history_dropout: float = 0.1
    """Share of the past phones that are hidden."""
    conditioning: str = "embedding"
    """One of `CONDITIONING`."""


@dataclass(frozen=True, kw_only=True)
class LearningConfig:
    """What a step of the training learns from."""

    batch: int = 512
    """Pronunciations."""
    temperature: float = 0.5
    """A language with n pronunciations is drawn in proportion to n to this power; 1 draws every pronunciation alike."""
    favoured: str = ""
    """A language that is drawn `favour` times as often."""
    favour: float = 1.0
    smoothing: float = 0.1
    """Share of the target that is spread over all outputs."""
    origin: float = 0.0
    """Weight of the word's distribution over the languages as a second target."""
    dev_words: int = 200
    """Of each language, with which the best checkpoint is chosen."""
    half: bool = True
    """Compute in bfloat16."""


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """Everything about a network's training except the words."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    learning: LearningConfig = field(default_factory=LearningConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    rare: int = 3
    """Letters seen less often are unknown to the network."""
    origin_share: float = 0.5
    """Weight of the character n-grams in the words' distributions over the languages."""
