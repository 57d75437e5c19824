"""Trains and writes the token encoder that the interpreter bundle ships."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harken.languages.loading import load_locale
from harken.nlu.token_encoder import SENTENCE_GRAPH, UNITS_FILE, WORD_GRAPH
from harken.nlu.units import PhoneBook, Units
from harken.phones.neighbours import Neighbours
from harken.phones.pronunciation import Pronunciation
from harken.recipes.nlu.subword_tagger.public import read_public_sets, without_overlaps
from harken.train.nlu.tagger_task import Encoder, Tagged
from harken.train.schedule import LoopConfig

_EVERY = 25
"""Each such sentence of a set is kept back to choose by."""
_BARE = 4
"""Of sentences without a span every fourth is taken."""


@dataclass(frozen=True, kw_only=True)
class SharedConfig:
    """The token encoder and its training."""

    kinds: tuple[str, ...] = ("char", "phone")
    unit: int = 24
    unit_state: int = 32
    state: int = 112
    input_dropout: float = 0.3
    dropout: float = 0.3
    kind_dropout: float = 0.15
    batch: int = 48
    epochs: int = 8
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(lr=4e-3, average=0.998))


def train_shared(config: SharedConfig, folder: Path, *, limit: int = 0) -> Mapping[str, float]:
    """Train in a folder and write the three files of the encoder there; resumes where it stopped.

    Args:
        config: sizes and training.
        folder: run folder of the encoder.
        limit: at most this many sentences of each set; 0: all.
    """
    import torch

    from harken.train.loop import best_weights, fit
    from harken.train.nlu.tagger import TaggerSizes
    from harken.train.nlu.token_encoder import TokenNetwork, TokenTask, copy_of_weights, label_sets
    from harken.train.nlu.token_graphs import token_graphs

    torch.manual_seed(config.loop.seed)
    train, dev = _parts(limit)
    pronunciation = Pronunciation.load(load_locale())
    book = PhoneBook(pronunciation, folder / "phones.json")
    units = Units.of((word for sentences in train.values() for s in sentences for word in s.words), most=60)
    encoder = Encoder(units, config.kinds, [], book)
    sizes = TaggerSizes(
        units=dict.fromkeys(config.kinds, config.unit), unit_state=config.unit_state, state=config.state,
        input_dropout=config.input_dropout, dropout=config.dropout, kind_dropout=config.kind_dropout,
    )  # fmt: skip
    network = TokenNetwork(sizes, encoder.sizes, label_sets(train))
    task = TokenTask(
        network, encoder, train, dev, Neighbours(pronunciation), batch=config.batch, seed=config.loop.seed
    )  # fmt: skip
    book.save()
    epoch = sum(-(-len(sentences) // config.batch) for sentences in train.values())
    figures = fit(task, replace(config.loop, steps=config.epochs * epoch, validate_every=epoch), folder, quiet=True)
    network.load_state_dict(best_weights(folder))
    words, sentences = token_graphs(copy_of_weights(network), config.kinds)
    (folder / WORD_GRAPH).write_bytes(words)
    (folder / SENTENCE_GRAPH).write_bytes(sentences)
    (folder / UNITS_FILE).write_text(json.dumps(units.to_json(), ensure_ascii=False), encoding="utf-8")
    return figures


def _parts(limit: int) -> tuple[dict[str, list[Tagged]], dict[str, list[Tagged]]]:
    train, dev = {}, {}
    for name, sentences in read_public_sets().items():
        kept = [s for place, s in enumerate(without_overlaps(sentences)) if s.spans or place % _BARE == 0]
        kept = kept[:limit] if limit else kept
        train[name] = [s for place, s in enumerate(kept) if place % _EVERY]
        dev[name] = [s for place, s in enumerate(kept) if place % _EVERY == 0][:200]
    return train, dev
