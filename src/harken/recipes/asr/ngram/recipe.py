"""Language model: texts, modified Kneser-Ney, pruning, table, perplexities. Commands: README.md in this folder."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from harken.asr.ngram.model import SPECIAL, NgramModel
from harken.asr.ngram.table import KIND, load_ngram
from harken.bundle import Bundle, load_bundle, write_bundle
from harken.metrics.comparison import ratio
from harken.metrics.intervals import bootstrap_ratio
from harken.metrics.result import Result
from harken.phones.lexicon import Lexicon
from harken.phones.pronunciation import LISTED, Unstressed
from harken.recipes.asr.ngram.prepared import read_facts, read_sentences, write_sentences
from harken.recipes.asr.ngram.texts import dictionary_words, transcripts
from harken.train.asr.ngram.arpa import read_arpa, write_arpa
from harken.train.asr.ngram.interpolation import interpolate, mixture_weights
from harken.train.asr.ngram.kneser_ney import count_ngrams, train_kneser_ney
from harken.train.asr.ngram.pruning import prune_ngrams
from harken.train.asr.ngram.table import ngram_files

NAME, BUNDLE = "asr/ngram", "ngram-en"
DEV = (
    ("librispeech", "dev"), ("librispeech-excerpts", "dev"), ("speechocean762", "dev"), ("common-voice", "dev"),
)  # fmt: skip
"""Where settings are chosen."""
MEASURED = (*DEV, ("librispeech", "test"), ("speechocean762", "test"), ("an4", "test"), ("common-voice", "test"))


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """Decoder settings that travel with the bundle: fitted on dev for the acoustic model that is shipped."""

    general: Mapping[str, Any] = field(default_factory=dict)
    grammar: Mapping[str, Any] = field(default_factory=dict)
    grammar_weight: float = 1.0
    """Weight of the skills' grammars against 1 for the general model."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    texts: tuple[str, ...] = ("novels", "libritts-lj-text", "slurp", "clinc150", "hwu64")
    spoken: tuple[str, ...] = ("librispeech", "speechocean762", "an4")
    """Corpora whose train transcripts are learned from."""
    order: int = 3
    words: int = 40_000
    """Vocabulary, at most."""
    least_seen: int = 2
    """Minimum count of a word that is in the lexicon."""
    least_seen_unlisted: int = 12
    """Minimum count of a word outside the lexicon; its pronunciation is guessed and stored in the bundle."""
    dictionaries: bool = False
    """Fill the vocabulary with words of the lexicon that published dictionaries have and the texts lack."""
    threshold: float = 2e-7
    """Relative rise in perplexity below which an n-gram is pruned."""
    blend: tuple[str, ...] = ()
    """Texts that also get a model of their own, mixed into that of all texts with the weights that suit dev best; a '+'
    joins small ones to one model."""
    limit: int = 0
    """At most this many sentences per text; 0: all."""
    search: SearchConfig = field(default_factory=SearchConfig)


def prepare(config: Config, run: Path) -> None:
    """Normalise the texts, leave out what dev and test hold, write one sentence a line."""
    write_sentences((*config.texts, *config.spoken), run, limit=config.limit)


def train(config: Config, run: Path) -> Mapping[str, Any]:
    """Count, estimate, blend, prune; write `ngram.arpa`."""
    vocabulary = choose_words(config, run)
    counts = count_ngrams(read_sentences(run), vocabulary, order=config.order)
    full, weights = _blend(config, run, train_kneser_ney(counts))
    pruned = prune_ngrams(full, config.threshold, counts)
    write_arpa(pruned, run / "ngram.arpa")
    scores = {
        "weights": weights,
        "n-grams": [len(order) for order in full.orders],
        "kept": [len(order) for order in pruned.orders],
        "full": _perplexities(full, DEV),
        "pruned": _perplexities(pruned, DEV),
    }
    (run / "dev.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    return scores


def _blend(config: Config, run: Path, whole: NgramModel) -> tuple[NgramModel, dict[str, float]]:
    """The model of all texts with those of single texts mixed in, and the weights."""
    if not config.blend:
        return whole, {}
    own = [
        train_kneser_ney(count_ngrams(chain(*(read_sentences(run, name) for name in names.split("+"))), whole.words,
                                      order=config.order)) for names in config.blend
    ]  # fmt: skip
    models = [whole, *own]
    weights = mixture_weights(models, [transcripts(corpus, split) for corpus, split in DEV])
    return interpolate(models, weights), dict(zip(("all", *config.blend), weights, strict=True))


def choose_words(config: Config, run: Path) -> tuple[str, ...]:
    """The vocabulary: frequent enough words of the lexicon, and very frequent ones outside it."""
    lexicon = Lexicon.load()
    seen = Counter(word for sentence in read_sentences(run) for word in sentence)
    ranked = sorted((-count, word) for word, count in seen.items() if count >= config.least_seen)
    chosen = [word for count, word in ranked if -count >= config.least_seen_unlisted or lexicon.lookup(word)]
    if config.dictionaries:
        chosen += [word for word in dictionary_words() if word not in seen and lexicon.lookup(word)]
    return SPECIAL + tuple(chosen[: config.words])


def export(config: Config, run: Path) -> list[Bundle]:
    """Write the bundle: word list, quantised table, pronunciations of words outside the lexicon."""
    model = read_arpa(run / "ngram.arpa")
    lexicon, pronounce = Lexicon.load(), Unstressed(listed={})
    unlisted = [word for word in model.words[len(SPECIAL) :] if not lexicon.lookup(word)]
    spelled = [f"{word} {' '.join(phones)}" for word in unlisted for phones in pronounce(word)]
    texts = read_facts(run)
    scores = json.loads((run / "dev.json").read_text(encoding="utf-8"))
    bundle = write_bundle(
        run / BUNDLE, name=BUNDLE, kind=KIND,
        files={**ngram_files(model), LISTED: "\n".join(spelled).encode()},
        features={"order": config.order, "search": asdict(config.search)},
        origin={"recipe": NAME, "config": asdict(config), "texts": texts}, scores={"dev": scores},
        card=_card(model, texts, scores),
    )  # fmt: skip

    return [bundle]


def score(config: Config, run: Path) -> list[Result]:
    """Perplexity and unknown words of the installed bundle on dev and test transcripts; intervals over sentences."""
    bundle, results = load_bundle(BUNDLE), []
    model = load_ngram(bundle)
    for corpus, split in MEASURED:
        perplexities = [model.perplexity([sentence]) for sentence in transcripts(corpus, split)]
        costs = [(p.tokens * math.log(p.value), float(p.tokens)) for p in perplexities if p.tokens]
        unknown = [(float(p.unknown), float(p.words)) for p in perplexities if p.words]
        for metric, parts, unit, shown in (
            ("perplexity", costs, "", math.exp),
            ("words unknown", unknown, "%", lambda share: 100 * share),
        ):
            value, ends = ratio(parts), bootstrap_ratio(parts, rng=np.random.default_rng(0))
            low, high = (shown(end) for end in (min(ends.low, value), max(ends.high, value)))
            results.append(
                Result(
                    recipe=NAME, metric=metric, unit=unit, value=shown(value), low=low, high=high, n=len(parts),
                    set=f"{corpus} {split}", command=f"harken score {NAME} method", bundles={BUNDLE: bundle.hash},
                )
            )  # fmt: skip
    return results


def _perplexities(model: NgramModel, sets: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    perplexities = {}
    for corpus, split in sets:
        figures = model.perplexity(transcripts(corpus, split))
        perplexities[f"{corpus} {split}"] = {
            "perplexity": round(figures.value, 1),
            "unknown_words": round(figures.unknown_rate, 4),
            "words": figures.words,
        }
    return perplexities


def _card(model: NgramModel, texts: Mapping[str, Mapping[str, int]], scores: Mapping[str, Any]) -> str:
    rows = "\n".join(f"- {name}: {facts['words']} words" for name, facts in texts.items())
    figures = "\n".join(
        f"- {name}: perplexity {facts['perplexity']}, {facts['unknown_words']:.2%} of the words unknown"
        for name, facts in scores["pruned"].items()
    )
    return (
        f"# {BUNDLE}\n\nGeneral English language model: {len(model.words)} words, "
        f"{' + '.join(str(len(order)) for order in model.orders)} n-grams, modified Kneser-Ney, entropy-pruned, "
        f"quantised to 8 bits.\n\nLearnt from:\n{rows}\n\nSentences that share eight words in a row with dev or test "
        f"sets were left out.\n\nOn dev (before quantisation):\n{figures}\n\nIt models read prose and short requests; "
        "it is not meant for generating text.\n"
    )
