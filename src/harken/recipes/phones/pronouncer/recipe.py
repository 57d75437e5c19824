"""Pronouncer and lexicon: training, export, scores. Commands: README.md beside this file."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from harken import paths
from harken.bundle import Bundle, write_bundle
from harken.errors import DataError
from harken.phones.dictionary import Entries, read_dictionary_file, split_of
from harken.phones.lexicon import encode_lexicon
from harken.phones.pronouncer import SLOTS, SYMBOLS
from harken.phones.sets import STRESSED
from harken.train.export import check_parity, export_onnx, quantize
from harken.train.loop import LoopConfig, best_weights, fit
from harken.train.phones.pronouncer import NetConfig, PronouncerNet, PronouncerTask

NAME, LEXICON = "pronouncer-en", "lexicon-en"
FOLDER = Path(__file__).parent
SOURCE = "cmudict.tar.xz"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    limit: int = 0
    """At most so many words, spread over the dictionary; 0: all."""
    split_seed: int = 0
    """Of the hash that divides the words 90/5/5."""
    batch: int = 128
    """Words per step."""
    net: NetConfig = field(default_factory=NetConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)


def prepare(config: Config) -> dict[str, Entries]:
    """The dictionary's train, dev and test parts; there is nothing to store."""
    path = paths.data() / "text" / SOURCE
    if not path.is_file():
        raise DataError(f"{path} is missing; `harken data fetch cmudict` gets it")
    words = read_dictionary_file(path)
    step = max(1, len(words) // config.limit) if config.limit else 1
    parts: dict[str, Entries] = {"train": {}, "dev": {}, "test": {}}
    for number, (word, ways) in enumerate(words.items()):
        if number % step == 0:
            parts[split_of(word, config.split_seed)][word] = ways
    return parts


def train(config: Config, run: Path) -> None:
    """Train; resumes where it was stopped."""
    parts = prepare(config)
    torch.manual_seed(config.loop.seed)
    task = PronouncerTask(parts["train"], parts["dev"], config.net, batch=config.batch)
    found = fit(task, config.loop, run)
    (run / "dev.json").write_text(json.dumps(dict(found), indent=1) + "\n", encoding="utf-8")


def export(config: Config, run: Path, out: Path | None = None) -> list[Bundle]:
    """Write both bundles: the pronouncer of the best checkpoint, eight bits, and the lexicon.

    Args:
        out: folder that receives them; by default the shipped bundles.
    """
    out = out or paths.PACKAGE / "bundles"
    return [export_pronouncer(config, run, out), export_lexicon(config, out)]


def export_pronouncer(config: Config, run: Path, out: Path) -> Bundle:
    """Network to ONNX; refused when graph and network differ."""
    net = PronouncerNet(config.net)
    net.load_state_dict(best_weights(run))
    inputs = {"x": torch.randint(1, 27, (2, 9), generator=torch.Generator().manual_seed(0))}
    graph = export_onnx(net, inputs, ["y"], dynamic={"x": {0: "batch", 1: "letters"}})
    for length in (1, 2, 7, 40):
        check_parity(net, graph, {"x": torch.full((1, length), 5)}, ["y"])
    return write_bundle(
        out / NAME,
        name=NAME,
        kind="pronouncer",
        files={"model.onnx": quantize(graph)},
        card=_card("pronouncer.md"),
        labels=list(SYMBOLS),
        features={"slots": SLOTS},
        origin={
            "recipe": "phones/pronouncer",
            "config": asdict(config),
            "data": "cmudict, train part",
            "date": _today(),
        },
        scores=json.loads((run / "dev.json").read_text(encoding="utf-8")),
    )


def export_lexicon(config: Config, out: Path) -> Bundle:
    """The whole dictionary, all parts, with our own words over it."""
    words = {word: ways for part in prepare(config).values() for word, ways in part.items()}
    words |= read_dictionary_file(FOLDER / "extra.dict")
    return write_bundle(
        out / LEXICON,
        name=LEXICON,
        kind="lexicon",
        files={"lexicon.xz": encode_lexicon(words)},
        card=_card("lexicon.md"),
        labels=STRESSED,
        origin={"recipe": "phones/pronouncer", "data": "cmudict", "date": _today()},
        licence="BSD-2-Clause (CMU), see CARD.md",
    )


def _card(file: str) -> str:
    return (FOLDER / "cards" / file).read_text(encoding="utf-8")


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
