"""The network for many languages that ships: `pronouncer-multilingual`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from harken.bundle import Bundle, load_bundle
from harken.metrics.result import Result
from harken.phones.multilingual import MultilingualModel
from harken.phones.pronouncer import FILE as PAIRS
from harken.phones.pronouncer import Pronouncer
from harken.recipes.phones.pronouncer.config import Config
from harken.recipes.phones.pronouncer.english import NAME as ENGLISH_PAIRS
from harken.recipes.phones.pronouncer.figures import RECIPE, english_figures
from harken.recipes.phones.pronouncer.languages import train_network, write_network
from harken.recipes.phones.pronouncer.material import ENGLISH, SOURCES, read_parts
from harken.recipes.phones.pronouncer.measure import count, mean_results

NAME = "pronouncer-multilingual"
CARD = Path(__file__).parent / "cards" / "multilingual.md"
COMMAND = f"harken score {RECIPE} languages"


def train_languages(config: Config, run: Path) -> Mapping[str, float]:
    """Learn the train parts of all word lists; the network goes into the run folder. Returns figures on dev."""
    parts = read_parts(config.languages or SOURCES, limit=config.limit)
    return train_network(config, parts["train"], parts["dev"], run)


def export_languages(config: Config, run: Path) -> Bundle:
    """The network as a bundle, with the installed n-gram for English beside it.

    Raises:
        DataError: nothing was trained in `run`.
    """
    origin = {
        "recipe": RECIPE, "config": {"learning": asdict(config.learning), "loop": asdict(config.loop)},
        "data": "cmudict, mfa-english, wikipron, sigmorphon2020-g2p: train parts",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }  # fmt: skip
    pairs = None
    if ENGLISH in (config.languages or SOURCES):
        pairs = ENGLISH, load_bundle(ENGLISH_PAIRS).path(PAIRS).read_bytes()
    return write_network(
        run / NAME, config, run, name=NAME, card=CARD.read_text(encoding="utf-8"), origin=origin,
        pairs=pairs,
        licence="CC BY-SA 4.0 (Wiktionary), BSD-2-Clause (CMU), CC BY 4.0 (MFA): see CARD.md",
    )  # fmt: skip


def score_languages(config: Config) -> list[Result]:
    """Errors of the installed bundle's network on test of every language; of network and n-gram for English."""
    pronouncer = Pronouncer.load(NAME)
    model = MultilingualModel(pronouncer.bundle)
    parts = read_parts(config.languages or SOURCES, limit=config.limit)
    counts = {language: count([model], language, words) for language, words in parts["test"].items() if words}
    results = mean_results(
        counts, "word lists test", command=COMMAND, condition="", seeds=(config.loop.seed,),
        bundles={NAME: pronouncer.bundle.hash},
    )  # fmt: skip
    for part in ("dev", "test"):
        words = parts[part].get(ENGLISH)
        if words:
            results += english_figures(pronouncer, words, f"cmudict {part}", COMMAND, how=", network and n-gram")
    return results
