"""What all arms share: the seed, the pool, transcribed speech to learn from alongside, and speech to measure on."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from harken.asr.acoustic.model import AcousticModel
from harken.asr.ngram.table import load_ngram
from harken.asr.search.source import load_space
from harken.asr.search.space import SearchSpace
from harken.bundle import Bundle, load_bundle
from harken.data.utterances import MANIFEST, Utterance, corpus_folder, read_corpus, read_manifest
from harken.errors import ConfigError
from harken.languages.loading import load_locale
from harken.recipes.asr.acoustic.material import Config as AcousticConfig
from harken.recipes.asr.acoustic.material import DataConfig as AcousticData
from harken.recipes.asr.acoustic.material import Material, write_features
from harken.train.asr.export import TABLES
from harken.train.asr.selection.priors import one_edit, text_prior
from harken.train.asr.selection.restoring import network_config
from harken.train.asr.task import TaskConfig

POOL = "pool"
"""Name of the pool in logs and shares."""
NORMALIZER = "normalizer.npz"


@dataclass(frozen=True, kw_only=True)
class GroundConfig:
    """Seed, data and search."""

    toy: bool = False
    """Made-up speech instead of recordings."""
    seed: str = ""
    """Bundle (name or folder) of the seed; the shipped acoustic model when empty."""
    pool: str = ""
    """Corpus whose `train` is the pool, or a folder with a manifest; a path contains '/'."""
    recordings: int = 0
    """Of the pool, drawn at random; 0: all."""
    references: str = ""
    """File of what was said in the pool (JSON lines with `audio` and `text`), read for measuring and for the oracle
    alone; empty: the manifest's own texts."""
    labelled: tuple[str, ...] = ("librispeech", "speechocean762")
    """Transcribed corpora to learn from alongside."""
    hours: float = 3.0
    """Of each of them."""
    dev: str = "common-voice"
    test: str = "common-voice"
    beam: float = 10.0
    """Of the search in the pool."""
    max_active: int = 800


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What all arms share."""

    seed: Bundle
    space: SearchSpace
    """As the assistant searches; dev and test are measured with it."""
    pool_space: SearchSpace
    """A faster search for the pool."""
    pool: Sequence[Utterance]
    root: Path
    """Folder of the pool."""
    material: Material
    """Transcribed speech, dev, lexicon, phone trigram."""
    dev: Sequence[Utterance]
    test: Sequence[Utterance]
    references: Callable[[], Mapping[str, str]]
    """What was said, by the names of the pool's recordings. Only measuring and the oracle may ask."""
    prior: Callable[[str, str], float | None]
    """Share of the first of two words in text."""
    hours: float = 3.0
    """Of each transcribed corpus."""
    model: AcousticModel = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "model", AcousticModel.from_bundle(self.seed))

    def kind(self, word: str, rival: str) -> str:
        """The phones in which two words differ, if it is one sound: 'L R'."""
        ways = [self.material.lexicon.pronounce(each)[0] for each in (word, rival)]
        return one_edit(*ways)

    def phones(self, words: Sequence[str]) -> int:
        """How many phones a sentence has."""
        return sum(len(self.material.lexicon.pronounce(word)[0]) for word in words)


def real_ground(config: GroundConfig, task: TaskConfig, run: Path) -> Ground:
    """The ground on recordings.

    Raises:
        ConfigError: no pool is named.
        DataError: a corpus is missing.
    """
    if not config.pool:
        raise ConfigError("name the pool: ground.pool=CORPUS, or ground.pool=FOLDER with a manifest.jsonl in it")
    locale = load_locale()
    seed = load_bundle(config.seed or locale.bundle("acoustic"))
    space = load_space(tuple(seed.labels))
    root = Path(config.pool) if "/" in config.pool else corpus_folder(config.pool)
    everything = sorted(
        (u for u in read_manifest(root / MANIFEST, corpus=POOL) if u.split == "train"), key=lambda u: u.audio.as_posix()
    )
    drawn = np.random.default_rng(0).permutation(len(everything))[: config.recordings or None]
    ngram = load_ngram(load_bundle(locale.bundle("language_model")))
    return Ground(
        seed=seed, space=space, root=root, pool=[everything[n] for n in drawn],
        pool_space=space.with_options(replace(space.options, beam=config.beam, max_active=config.max_active)),
        material=_material(config, task, seed, run), dev=read_corpus(config.dev, "dev"),
        test=read_corpus(config.test, "test"), references=lambda: _references(config, root),
        prior=text_prior(ngram), hours=config.hours,
    )  # fmt: skip


def keep_normalizer(seed: Bundle, run: Path) -> None:
    """The arms see features as the seed does: its statistics, put where the material looks for them."""
    run.mkdir(parents=True, exist_ok=True)
    (run / NORMALIZER).write_bytes(seed.path(TABLES).read_bytes())


def _material(config: GroundConfig, task: TaskConfig, seed: Bundle, run: Path) -> Material:
    keep_normalizer(seed, run)
    data = AcousticData(train=config.labelled, dev=(config.dev,), longest=16.0)
    settings = AcousticConfig(data=data, network=network_config(seed), task=task)
    write_features(settings)
    return Material(settings, run)


def _references(config: GroundConfig, root: Path) -> dict[str, str]:
    """By the names of the recordings without folder and ending, which repositories and unpacked copies share."""
    if not config.references:
        rows = read_manifest(root / MANIFEST, corpus=POOL)
        return {u.audio.relative_to(root).as_posix(): u.text or "" for u in rows}
    path = Path(config.references)
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        texts = {Path(row["audio"]).stem: str(row["text"]) for row in map(json.loads, lines)}
    return {
        u.audio.relative_to(root).as_posix(): texts[u.audio.stem]
        for u in read_manifest(root / MANIFEST, corpus=POOL) if u.audio.stem in texts
    }  # fmt: skip
