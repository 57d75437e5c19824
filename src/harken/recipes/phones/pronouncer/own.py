"""One more language: from a file of its words alone, or starting from the network that speaks many others."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import torch

from harken.bundle import Bundle, load_bundle
from harken.errors import ConfigError, DataError
from harken.metrics.result import Result
from harken.phones.dictionary import Words, split_of
from harken.phones.inventory import normal_word
from harken.phones.multilingual import ENCODER, INVENTORY, MultilingualModel
from harken.recipes.phones.pronouncer.config import OwnConfig
from harken.recipes.phones.pronouncer.languages import train_network, write_network
from harken.recipes.phones.pronouncer.material import read_words
from harken.recipes.phones.pronouncer.measure import count, mean_results
from harken.settings import settings_from
from harken.train.loop import fit
from harken.train.phones.configs import NetConfig, NetworkConfig
from harken.train.phones.extension import extend
from harken.train.phones.transducer import Material, TransducerTask

_FEW = 20
"""Words without which nothing can be learnt."""
_CARD = """# pronouncer of {language}

Guesses pronunciations from spelling; trained by a user of harken on a word list of their own.
"""
_PASSES = 60
"""At most so many passes over the words."""


def read_own_words(config: OwnConfig) -> dict[str, Words]:
    """Part (train, dev) -> words.

    Raises:
        ConfigError: file or language is not named.
        DataError: the file cannot be read or has too few words.
    """
    if not config.words or not config.language:
        raise ConfigError(
            "name the word list and the language: "
            "`harken train phones/pronouncer own own.words=words.tsv own.language=tr`"
        )
    path = Path(config.words).expanduser()
    try:
        words = read_words(path.read_text(encoding="utf-8").splitlines(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error}); expected a text file in UTF-8") from error
    if len(words) < _FEW:
        raise DataError(f"{path} contains {len(words)} words; expected {_FEW} or more, better several hundred")
    parts: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {"train": {}, "dev": {}}
    for word, ways in words.items():
        parts["dev" if split_of(normal_word(word), config.seed) == "dev" else "train"][word] = ways
    return {"train": parts["train"], "dev": parts["dev"] or parts["train"]}


def train_own(own: OwnConfig, net: NetConfig, run: Path, parts: Mapping[str, Words]) -> Mapping[str, float]:
    """Learn the language; the network goes into the run folder. Returns figures on dev."""
    train, dev = {own.language: parts["train"]}, {own.language: parts["dev"]}
    net = _for_few(net, len(parts["train"]))
    if not own.start:
        return train_network(net, train, dev, run)
    bundle = _startable(own.start)
    extended = extend(bundle, network_of(bundle), own.language, parts["train"])
    run.mkdir(parents=True, exist_ok=True)
    listed = json.dumps(extended.inventory.to_json(), ensure_ascii=False)
    (run / INVENTORY).write_text(listed + "\n", encoding="utf-8")
    material = Material(train, extended.inventory, history=extended.network.config.history)
    torch.manual_seed(net.loop.seed)
    return fit(TransducerTask(extended.network, material, dev, net.learning), net.loop, run)


def export_own(own: OwnConfig, net: NetConfig, run: Path) -> Bundle:
    """The language's bundle.

    Raises:
        DataError: nothing was trained in `run`.
    """
    name = f"pronouncer-{own.language}"
    if own.start:
        net = dataclasses.replace(net, network=network_of(_startable(own.start)))
    origin = {"recipe": "phones/pronouncer", "words": Path(own.words).name, "start": own.start}
    return write_network(
        run / name,
        net,
        run,
        name=name,
        card=_CARD.format(language=own.language),
        origin=origin,
        licence="that of the word list",
    )


def score_own(own: OwnConfig) -> list[Result]:
    """Errors of the installed bundle on the dev part of the word list."""
    bundle = load_bundle(f"pronouncer-{own.language}")
    counts = {own.language: count([MultilingualModel(bundle)], own.language, read_own_words(own)["dev"])}
    return mean_results(
        counts, "own words, dev", command="harken score phones/pronouncer own", condition="", seeds=(),
        bundles={bundle.name: bundle.hash}, every=False,
    )  # fmt: skip


def network_of(bundle: Bundle) -> NetworkConfig:
    """Size of the network in a bundle."""
    config: NetworkConfig = settings_from(NetworkConfig, bundle.info["origin"]["network"])
    return config


def _startable(name: str) -> Bundle:
    bundle = load_bundle(name)
    if ENCODER not in bundle.info["files"]:
        raise ConfigError(
            f"own.start is '{name}', which has no network to continue from; expected pronouncer-multilingual"
        )
    return bundle


def _for_few(net: NetConfig, words: int) -> NetConfig:
    """Batches and steps that suit few words, settings for more staying as they are; no target of one language alone."""
    batch = min(net.learning.batch, max(16, words // 8))
    steps = min(net.loop.steps, max(60, _PASSES * words // batch))
    loop = dataclasses.replace(net.loop, steps=steps, validate_every=max(1, min(net.loop.validate_every, steps // 6)))
    learning = dataclasses.replace(net.learning, batch=batch, origin=0.0)
    return dataclasses.replace(net, rare=1, learning=learning, loop=loop)
