"""The network for many languages: learning from word lists, and its bundle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from harken.bundle import Bundle, write_bundle
from harken.errors import DataError
from harken.phones.dictionary import Words
from harken.phones.inventory import Inventory
from harken.phones.multilingual import DECODER, ENCODER, INVENTORY
from harken.phones.pronouncer import FILE as PAIRS
from harken.phones.pronouncer import KIND
from harken.train.loop import best_weights, fit
from harken.train.phones.configs import NetConfig, NetworkConfig
from harken.train.phones.graphs import network_graphs
from harken.train.phones.network import Network
from harken.train.phones.origins import language_distributions
from harken.train.phones.transducer import Material, TransducerTask, inventory_of


def train_network(
    config: NetConfig, train: Mapping[str, Words], dev: Mapping[str, Words], run: Path
) -> Mapping[str, float]:
    """Learn from words; network and inventory go into the run folder, and a killed run resumes. Returns dev figures."""
    inventory = inventory_of(train, rare=config.rare)
    run.mkdir(parents=True, exist_ok=True)
    (run / INVENTORY).write_text(json.dumps(inventory.to_json(), ensure_ascii=False) + "\n", encoding="utf-8")
    origins = None
    if config.learning.origin:
        origins = language_distributions(train, inventory, share=config.origin_share)
    material = Material(train, inventory, history=config.network.history, origins=origins)
    torch.manual_seed(config.loop.seed)
    task = TransducerTask(new_network(config.network, inventory), material, dev, config.learning)
    return fit(task, config.loop, run)


def new_network(config: NetworkConfig, inventory: Inventory) -> Network:
    """An untrained network for an inventory."""
    return Network(
        config, letters=len(inventory.letters) + 2, phones=len(inventory.phones) + 1, languages=len(inventory.languages)
    )


def trained_network(config: NetworkConfig, run: Path) -> tuple[Network, Inventory]:
    """The best network of a run folder.

    Raises:
        DataError: nothing was trained in `run`.
    """
    if not (run / INVENTORY).is_file():
        raise DataError(f"{run} contains no {INVENTORY}; train first")
    inventory = Inventory.from_json(json.loads((run / INVENTORY).read_text(encoding="utf-8")))
    network = new_network(config, inventory)
    network.load_state_dict(best_weights(run))
    return network.eval(), inventory


def write_network(
    folder: Path, config: NetConfig, run: Path, *, name: str, card: str, origin: Mapping[str, Any], licence: str,
    pairs: tuple[str, bytes] | None = None,
) -> Bundle:  # fmt: skip
    """The best network of a run folder as a bundle.

    Args:
        folder: where to write it.
        config: of the training.
        run: its run folder.
        name: of the bundle.
        card: its card.
        origin: where it comes from; the network's size is added.
        licence: of the weights.
        pairs: a language, and the n-gram that answers it together with the network.

    Raises:
        DataError: nothing was trained in `run`.
        ExportError: graphs and network differ.
    """
    network, inventory = trained_network(config.network, run)
    encoder, decoder = network_graphs(network)
    listed = json.dumps(inventory.to_json(), ensure_ascii=False, separators=(",", ":"))
    files = {ENCODER: encoder, DECODER: decoder, INVENTORY: listed.encode()}
    features: dict[str, Any] = {"history": config.network.history}
    if pairs is not None:
        features["pairs"], files[PAIRS] = pairs
    return write_bundle(
        folder, name=name, kind=KIND, files=files, card=card, features=features, labels=inventory.languages,
        origin={**origin, "network": asdict(config.network)}, licence=licence,
    )  # fmt: skip
