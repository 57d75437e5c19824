"""What can be said: the general language model, the grammars of the active skills, or both, as one decoding graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harken.asr.acceptor import Acceptor, grammar_acceptor, ngram_acceptor
from harken.asr.decoder import DecoderOptions
from harken.asr.graph import SILENCE, Graph, Pronounce, compile_graph, join_graphs
from harken.asr.graph_cache import cached_graph, content_key
from harken.asr.ngram import UNKNOWN
from harken.asr.ngram_table import KIND, load_ngram
from harken.asr.spelling import Spelling, parse_listed
from harken.bundle import Bundle, load_bundle
from harken.errors import ConfigError
from harken.text.grammar import Grammar

BOOST = 4.0
"""Natural log units by which a word asked for is cheaper than the language model thinks."""


@dataclass(frozen=True)
class Language:
    """A graph and how to search in it.

    Attributes:
        graph: what can be said.
        silence: index of the silence phone.
        options: scales and beams, fitted on dev for this kind of graph.
    """

    graph: Graph
    silence: int
    options: DecoderOptions


def load_language(
    labels: Sequence[str],
    *,
    grammar: Grammar | None = None,
    general: bool = True,
    words: Sequence[str] = (),
    ngram: str = "ngram-en",
    pronounce: Pronounce | None = None,
) -> Language:
    """The language of installed bundles and a grammar.

    Args:
        labels: phones of the acoustic model in the order of its scores.
        grammar: sentences of the active skills; None for dictation.
        general: also allow everything else, by the general language model, so that other speech is not forced into
            the grammar.
        words: expected more often than the general model thinks; unknown ones are added.
        ngram: bundle of the general language model.
        pronounce: word -> pronunciations; the installed lexicon and pronouncer when left out.

    Raises:
        ConfigError: neither a grammar nor the general model.
        VocabularyError: a word has no pronunciation.
    """
    if grammar is None and not general:
        raise ConfigError("a recogniser without grammar and without general model hears nothing; give it one of them")
    bundle = load_bundle(ngram).expect(KIND)
    spelling = pronounce or Spelling(listed=parse_listed(bundle.text("pronunciations.txt")))
    graphs: list[tuple[Graph, float]] = []
    settings = bundle.features["search"]
    if grammar is not None:
        graphs.append((_grammar_graph(grammar, labels, spelling), float(settings["grammar_weight"])))
    if general:
        graphs.append((_general_graph(bundle, labels, tuple(words), spelling), 1.0))
    graph = graphs[0][0] if len(graphs) == 1 else join_graphs(graphs)
    return Language(graph, list(labels).index(SILENCE), _options(settings["general" if grammar is None else "grammar"]))


def _options(settings: dict[str, Any]) -> DecoderOptions:
    return replace(DecoderOptions(), **settings)


def _general_graph(bundle: Bundle, labels: Sequence[str], words: tuple[str, ...], spelling: Pronounce) -> Graph:
    def build() -> Graph:
        acceptor = ngram_acceptor(load_ngram(bundle))
        return compile_graph(boost_words(acceptor, words) if words else acceptor, spelling, labels)

    return _kept(["general", bundle.hash, "\n".join(words)], labels, spelling, build)


def _grammar_graph(grammar: Grammar, labels: Sequence[str], spelling: Pronounce) -> Graph:
    def build() -> Graph:
        return compile_graph(grammar_acceptor(grammar), spelling, labels)

    return _kept(["grammar", repr(grammar.root), repr(sorted(grammar.lists.items()))], labels, spelling, build)


def _kept(
    parts: Sequence[str | bytes], labels: Sequence[str], spelling: Pronounce, build: Callable[[], Graph]
) -> Graph:
    if not isinstance(spelling, Spelling):
        return build()  # what a caller's own function answers is not known: nothing to name a kept graph by
    return cached_graph(content_key([*parts, " ".join(labels), spelling.version]), build)


def boost_words(acceptor: Acceptor, words: Sequence[str], *, boost: float = BOOST) -> Acceptor:
    """The acceptor of a language model with some words made likelier; unknown ones may follow anything.

    Args:
        acceptor: from `ngram_acceptor`: state 0 is the empty history.
        words: in spoken form, one word each.
        boost: natural log units.
    """
    ids = {word: number for number, word in enumerate(acceptor.words) if number != UNKNOWN}
    wanted = np.array([ids[word] for word in words if word in ids], np.int64)
    cost = acceptor.cost - np.float32(boost) * np.isin(acceptor.word, wanted)
    fresh = [word for word in dict.fromkeys(words) if word not in ids]
    # A new word costs what the rarest known word costs, less the boost.
    rarest = float(acceptor.cost[acceptor.source == 0].max()) - boost
    count = len(fresh)
    return replace(
        acceptor,
        words=(*acceptor.words, *fresh),
        source=np.append(acceptor.source, np.zeros(count, np.int64)),
        word=np.append(acceptor.word, np.arange(len(acceptor.words), len(acceptor.words) + count)),
        cost=np.append(cost, np.full(count, rarest)).astype(np.float32),
        target=np.append(acceptor.target, np.zeros(count, np.int64)),
    )
