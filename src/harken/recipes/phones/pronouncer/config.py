"""Settings of the recipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from harken.train.phones.configs import NetConfig
from harken.train.phones.pronouncer import PairConfig

TASKS = ("english", "languages", "own", "arms", "sigmorphon")
"""What a configuration is about: the English n-gram and lexicon; the network for many languages; one more language; the
comparisons with monolingual networks; the SIGMORPHON 2020 task."""


@dataclass(frozen=True, kw_only=True)
class OwnConfig:
    """The new language."""

    words: str = ""
    """File with lines: word, tab, phones with spaces between them."""
    language: str = ""
    """Its name, e.g. 'tr'; the bundle is `pronouncer-LANGUAGE`."""
    start: str = "pronouncer-multilingual"
    """Bundle that learning starts from; empty: from nothing."""
    seed: int = 0
    """Of the division into train and dev (19 to 1)."""


@dataclass(frozen=True, kw_only=True)
class ArmsConfig:
    """The comparisons."""

    limit: int = 1500
    """Training words of each language, at most."""
    tested: int = 300
    """Words of each language, at most, of dev and of test."""
    alone: tuple[str, ...] = ()
    """Languages that get a network of their own, with the same words."""
    batch: int = 128
    """Of the networks for one language."""
    passes: int = 30
    """Over the words of a low-resource language, at least."""
    new: tuple[str, ...] = ()
    """Languages that the network for all did not hear, as new ones."""
    sizes: tuple[int, ...] = (100, 300, 1000)
    """Words that a new language has."""


@dataclass(frozen=True, kw_only=True)
class Config(NetConfig):
    """The recipe's settings, those of a network's training among them."""

    task: str = "english"
    """One of `TASKS`."""
    limit: int = 0
    """About how many words of a language, spread over its list; 0: all."""
    split_seed: int = 0
    """Of the hash that divides the English words 90/5/5."""
    pairs: PairConfig = field(default_factory=PairConfig)
    languages: tuple[str, ...] = ()
    """Of the network; all that there are word lists for when empty."""
    own: OwnConfig = field(default_factory=OwnConfig)
    arms: ArmsConfig = field(default_factory=ArmsConfig)
    seeds: tuple[int, ...] = (0,)
    """Of the networks that are compared or that answer together."""
