"""English: the n-gram over letter-phone pairs, and the lexicon, both from CMUdict."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from harken import paths
from harken.bundle import Bundle, write_bundle
from harken.errors import DataError
from harken.metrics.result import Result
from harken.phones.dictionary import Entries, read_dictionary_file, split_of
from harken.phones.lexicon import KIND as LEXICON_KIND
from harken.phones.lexicon import encode_lexicon
from harken.phones.pronouncer import FILE, KIND, Pronouncer
from harken.phones.sets import STRESSED
from harken.recipes.phones.pronouncer.config import Config
from harken.recipes.phones.pronouncer.figures import RECIPE, english_figures
from harken.recipes.phones.pronouncer.material import SPELLING
from harken.train.phones.pronouncer import train_pronouncer

NAME, LEXICON = "pronouncer-en", "lexicon-en"
FOLDER = Path(__file__).parent
SOURCE = "cmudict.tar.xz"


def train_english(config: Config, run: Path) -> Mapping[str, float]:
    """Learn the train part; the model goes into the run folder. Returns figures on dev."""
    parts = english_parts(config)
    model = train_pronouncer(parts["train"], config.pairs)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **model.arrays())
    run.mkdir(parents=True, exist_ok=True)
    (run / FILE).write_bytes(buffer.getvalue())
    sizes = {f"pairs.{n}": float(len(order.keys)) for n, order in enumerate(model.orders, 1)}
    return {"words": float(len(parts["train"])), "bytes": float(len(buffer.getvalue())), **sizes}


def export_english(config: Config, run: Path) -> list[Bundle]:
    """Write both bundles, pronouncer and lexicon.

    Raises:
        DataError: nothing was trained in `run`.
    """
    return [_export_pronouncer(config, run), _export_lexicon(config, run)]


def _export_pronouncer(config: Config, run: Path) -> Bundle:
    """The run's model as a bundle."""
    if not (run / FILE).is_file():
        raise DataError(f"{run} contains no {FILE}; train first")
    return write_bundle(
        run / NAME,
        name=NAME,
        kind=KIND,
        files={FILE: (run / FILE).read_bytes()},
        card=_card("pronouncer.md"),
        labels=STRESSED,
        origin={
            "recipe": RECIPE,
            "config": {"limit": config.limit, "split_seed": config.split_seed, "pairs": asdict(config.pairs)},
            "data": "cmudict, train part",
            "date": _today(),
        },
        licence="BSD-2-Clause (CMU), see lexicon-en",
    )


def _export_lexicon(config: Config, run: Path) -> Bundle:
    """The whole dictionary, all parts, with our own words over it."""
    words = {word: ways for part in english_parts(config).values() for word, ways in part.items()}
    words |= read_dictionary_file(FOLDER / "extra.dict")
    return write_bundle(
        run / LEXICON,
        name=LEXICON,
        kind=LEXICON_KIND,
        files={"lexicon.xz": encode_lexicon(words)},
        card=_card("lexicon.md"),
        labels=STRESSED,
        origin={"recipe": RECIPE, "data": "cmudict and extra.dict", "date": _today()},
        licence="BSD-2-Clause (CMU), see CARD.md",
    )


def score_english(config: Config, run: Path) -> list[Result]:
    """Word and phone errors of the installed pronouncer on dev and test, with and without stress."""
    pronouncer, parts = Pronouncer.load(NAME), english_parts(config)
    results = []
    for part in ("dev", "test"):
        results += english_figures(pronouncer, parts[part], f"cmudict {part}", f"harken score {RECIPE} method")
    return results


def english_parts(config: Config) -> dict[str, Entries]:
    """The dictionary's train, dev and test parts."""
    path = paths.data() / "text" / SOURCE
    if not path.is_file():
        raise DataError(f"{path} is missing; get it with `harken data fetch cmudict`")
    words = read_dictionary_file(path)
    step = max(1, len(words) // config.limit) if config.limit else 1
    parts: dict[str, Entries] = {"train": {}, "dev": {}, "test": {}}
    for number, (word, ways) in enumerate(words.items()):
        if number % step == 0 and SPELLING.fullmatch(word):
            parts[split_of(word, config.split_seed)][word] = ways
    return parts


def _card(file: str) -> str:
    return (FOLDER / "cards" / file).read_text(encoding="utf-8")


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
