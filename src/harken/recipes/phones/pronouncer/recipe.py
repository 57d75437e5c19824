"""Pronouncer and lexicon: training, export, scores. Commands: README.md in this folder."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from harken import paths
from harken.bundle import Bundle, write_bundle
from harken.errors import DataError
from harken.metrics.intervals import bootstrap_ratio, wilson
from harken.metrics.result import Result
from harken.metrics.wer import word_errors
from harken.phones.dictionary import Entries, Phones, read_dictionary_file, split_of
from harken.phones.lexicon import KIND as LEXICON_KIND
from harken.phones.lexicon import encode_lexicon
from harken.phones.pronouncer import FILE, KIND, Pronouncer
from harken.phones.sets import STRESSED, strip_stress
from harken.train.phones.pronouncer import PairConfig, train_pronouncer

RECIPE, NAME, LEXICON = "phones/pronouncer", "pronouncer-en", "lexicon-en"
FOLDER = Path(__file__).parent
SOURCE = "cmudict.tar.xz"
_SPELLING = re.compile(r"[a-z]+(?:'[a-z]+)*")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    limit: int = 0
    """About how many words, spread over the dictionary; 0: all."""
    split_seed: int = 0
    """Of the hash that divides the words 90/5/5."""
    pairs: PairConfig = field(default_factory=PairConfig)


def prepare(config: Config, run: Path) -> None:
    """Check that the dictionary is there; there is nothing to store.

    Raises:
        DataError: it is missing.
    """
    _parts(config)


def train(config: Config, run: Path) -> Mapping[str, float]:
    """Learn the train part; the model goes into the run folder. Returns figures on dev."""
    parts = _parts(config)
    model = train_pronouncer(parts["train"], config.pairs)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **model.arrays())
    run.mkdir(parents=True, exist_ok=True)
    (run / FILE).write_bytes(buffer.getvalue())
    sizes = {f"pairs.{n}": float(len(order.keys)) for n, order in enumerate(model.orders, 1)}
    return {"words": float(len(parts["train"])), "bytes": float(len(buffer.getvalue())), **sizes}


def export(config: Config, run: Path) -> list[Bundle]:
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
        origin={"recipe": RECIPE, "config": asdict(config), "data": "cmudict, train part", "date": _today()},
        licence="BSD-2-Clause (CMU), see lexicon-en",
    )


def _export_lexicon(config: Config, run: Path) -> Bundle:
    """The whole dictionary, all parts, with our own words over it."""
    words = {word: ways for part in _parts(config).values() for word, ways in part.items()}
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


def score(config: Config, run: Path) -> list[Result]:
    """Word and phone errors of the installed pronouncer on dev and test, with and without stress."""
    pronouncer, parts = Pronouncer.load(NAME), _parts(config)
    results = []
    for part in ("dev", "test"):
        answers = {word: [guess.phones for guess in pronouncer.pronounce(word, nbest=4)] for word in parts[part]}
        for condition, form in (("with stress", tuple), ("without stress", strip_stress)):
            asked = [[form(way) for way in ways] for ways in parts[part].values()]
            given = [[form(way) for way in ways] for ways in answers.values()]
            results += _figures(asked, given, f"cmudict {part}", condition, pronouncer.bundle)
    return results


def _parts(config: Config) -> dict[str, Entries]:
    """The dictionary's train, dev and test parts."""
    path = paths.data() / "text" / SOURCE
    if not path.is_file():
        raise DataError(f"{path} is missing; get it with `harken data fetch cmudict`")
    words = read_dictionary_file(path)
    step = max(1, len(words) // config.limit) if config.limit else 1
    parts: dict[str, Entries] = {"train": {}, "dev": {}, "test": {}}
    for number, (word, ways) in enumerate(words.items()):
        if number % step == 0 and _SPELLING.fullmatch(word):
            parts[split_of(word, config.split_seed)][word] = ways
    return parts


def _figures(
    asked: Sequence[Sequence[Phones]], given: Sequence[Sequence[Phones]], which: str, condition: str, bundle: Bundle
) -> list[Result]:
    """Word error of the best and of the best four, and phone error against the nearest listed pronunciation."""
    pairs = list(zip(asked, given, strict=True))
    wrong = sum(not ways or ways[0] not in listed for listed, ways in pairs)
    missed = sum(not set(ways) & set(listed) for listed, ways in pairs)
    phones = [_phone_errors(listed, ways[0] if ways else ()) for listed, ways in pairs]
    total = sum(errors for errors, _ in phones) / sum(size for _, size in phones)
    n = len(pairs)
    low, high = bootstrap_ratio(phones, rng=np.random.default_rng(0))
    rows = [("phone error rate", total, low, high)]
    for metric, count in (("word error rate", wrong), ("word error rate, best of 4", missed)):
        rows.append((metric, count / n, *wilson(count, n)))
    return [
        Result(
            recipe=RECIPE, metric=metric, unit="%", value=100 * value, low=100 * least, high=100 * most, n=n,
            set=which, condition=condition, command=f"harken score {RECIPE} method", bundles={NAME: bundle.hash},
        )
        for metric, value, least, most in rows
    ]  # fmt: skip


def _phone_errors(listed: Sequence[Phones], answer: Phones) -> tuple[float, float]:
    """Errors and reference phones against the pronunciation with the fewest errors."""
    return min((float(word_errors(way, answer).errors), float(len(way))) for way in listed)


def _card(file: str) -> str:
    return (FOLDER / "cards" / file).read_text(encoding="utf-8")


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
