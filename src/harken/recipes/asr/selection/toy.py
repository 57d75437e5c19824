"""The ground of the `tiny` configuration: words made of chords, a seed that has heard a few, a pool without texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from harken.asr.graph.acceptor import ngram_acceptor
from harken.asr.graph.compiler import compile_graph
from harken.asr.search.space import SearchOptions, SearchSpace
from harken.bundle import load_bundle
from harken.data.utterances import MANIFEST, Utterance, read_manifest
from harken.phones.dictionary import Phones
from harken.recipes.asr.acoustic import recipe as acoustic
from harken.recipes.asr.acoustic.material import Config as AcousticConfig
from harken.recipes.asr.acoustic.material import DataConfig, Material
from harken.recipes.asr.acoustic.toy import WORDS, write_toy
from harken.recipes.asr.selection.ground import POOL, Ground, keep_normalizer
from harken.train.asr.acoustic import NetworkConfig
from harken.train.asr.lexicon import LABELS
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney
from harken.train.asr.selection.priors import text_prior
from harken.train.asr.task import TaskConfig
from harken.train.schedule import LoopConfig

RECORDINGS = 40
"""Of the seed's own speech, and of the pool."""


def toy_ground(task: TaskConfig, run: Path) -> Ground:
    """A ground in the run folder; the seed is trained first if it does not exist."""
    settings = AcousticConfig(
        data=DataConfig(toy=RECORDINGS, cut=40), task=task, eight_bit=False,
        network=NetworkConfig(width=48, bottleneck=24, hidden=64, left=(1, 2), right=(1, 0), dropout=0.0),
        flat=LoopConfig(steps=30, lr=5e-3, validate_every=30), loop=LoopConfig(steps=10, lr=2e-3, validate_every=10),
    )  # fmt: skip
    folder = run / "seed" / acoustic.BUNDLE
    if not folder.is_dir():
        acoustic.prepare(settings, run / "seed")
        acoustic.train(settings, run / "seed")
        acoustic.export(settings, run / "seed")
    seed = load_bundle(folder)
    keep_normalizer(seed, run)
    spoken = _spoken(run / "speech")
    sentences = [str(u.text).split() for u in spoken]
    model = train_kneser_ney(count_ngrams(sentences, choose_vocabulary([tuple(WORDS)], len(WORDS))))
    graph = compile_graph(ngram_acceptor(model), _ways, LABELS)
    space = SearchSpace.of(graph, 0, SearchOptions(consensus=True, beam=8.0, max_active=200))
    texts = {u.audio.name: str(u.text) for u in spoken if u.split == "train"}
    return Ground(
        seed=seed, space=space, pool_space=space, root=run / "speech", material=Material(settings, run),
        pool=[replace(u, text=None, corpus=POOL) for u in spoken if u.split == "train"],
        dev=[u for u in spoken if u.split == "dev"], test=[u for u in spoken if u.split == "dev"],
        references=lambda: texts, prior=text_prior(model),
    )  # fmt: skip


def _ways(word: str) -> list[Phones]:
    return [tuple(WORDS[word].split())]


def _spoken(folder: Path) -> list[Utterance]:
    if not (folder / MANIFEST).is_file():
        write_toy(folder, train=RECORDINGS, dev=10, rng=np.random.default_rng(5))
    return list(read_manifest(folder / MANIFEST, corpus="toy"))
