"""Makes search spaces from the general language model, the grammars of the active skills, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log
from typing import Any

from harken.asr.graph.acceptor import Acceptor, ngram_acceptor
from harken.asr.graph.biasing import add_words, boost_of, favour_words
from harken.asr.graph.cache import cached_graph, content_key, graph_room
from harken.asr.graph.compiler import Pronounce, compile_graph
from harken.asr.graph.grammar import chain_acceptor, checked_entries, grammar_acceptor, list_acceptor, sentence_test
from harken.asr.graph.graph import Graph, scaled_graph
from harken.asr.graph.joining import fill_gaps, first_of, join_graphs, start_costs
from harken.asr.ngram.model import END, START, UNKNOWN, NgramModel
from harken.asr.ngram.table import KIND, load_ngram
from harken.asr.search.space import Answers, SearchOptions, SearchSpace
from harken.bundle import Bundle, load_bundle
from harken.errors import ConfigError, VocabularyError
from harken.languages.loading import load_locale
from harken.languages.locale import Locale
from harken.phones.dictionary import parse_listed
from harken.phones.pronunciation import LISTED, Unstressed
from harken.phones.sets import SILENCE
from harken.text.grammar import Grammar, Node

ANSWERED, ASKED = 0.02, 0.9
"""Share of all that is said that is expected to be a plain answer: outside a yes-or-no question, and while one is open.
A short word among thousands of sentences would otherwise lose to any that sounds like it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a search space was made from; for a similar one, only the parts that differ are compiled.

    Attributes:
        bundle: the general language model and the settings of the search.
        labels: phones of the acoustic model.
        spelling: pronunciations.
        grammar, general, words: as for `load_space`.
        sentences: key of the grammar's sentences among the parts.
        parts: compiled graphs by what they are compiled from: the grammar's sentences, each list, the general model.
        locale: the language in which further entries are written; English when None.
    """

    bundle: Bundle
    labels: tuple[str, ...]
    spelling: Pronounce
    grammar: Grammar | None = None
    general: bool = True
    words: tuple[str, ...] = ()
    sentences: str = ""
    parts: Mapping[str, Graph] = field(default_factory=dict)
    locale: Locale | None = None


def load_space(
    labels: Sequence[str],
    *,
    grammar: Grammar | None = None,
    general: bool = True,
    words: Sequence[str] = (),
    language_model: str = "",
    pronounce: Pronounce | None = None,
    locale: Locale | None = None,
) -> SearchSpace:
    """The search space of installed bundles and a grammar.

    Args:
        labels: phones of the acoustic model in the order of its scores.
        grammar: sentences of the active skills; None for dictation.
        general: also allow everything else, by the general language model, so that other speech is not forced into
            the grammar.
        words: likelier than the general model thinks; unknown ones are added.
        language_model: bundle of the general language model; the language's own when empty.
        pronounce: word -> pronunciations; the installed lexicon and pronouncer when left out.
        locale: the language; English when None.

    Raises:
        ConfigError: neither a grammar nor the general model; a list without entries.
        VocabularyError: a word has no pronunciation.
    """
    locale = locale or load_locale()
    bundle = load_bundle(language_model or locale.bundle("language_model")).expect(KIND)
    spelling = pronounce or Unstressed(locale, listed=parse_listed(bundle.text(LISTED)))
    empty = Source(bundle=bundle, labels=tuple(labels), spelling=spelling, locale=locale)
    return change_space(empty, grammar=grammar, general=general, words=words)


def change_space(
    source: Source, *, grammar: Grammar | None, general: bool = True, words: Sequence[str] = ()
) -> SearchSpace:
    """A search space like an earlier one, with another grammar, other lists or other words.

    Only what differs is compiled: a list of a thousand entries is replaced in a fraction of a second.

    Raises:
        ConfigError: neither a grammar nor the general model; a list without entries.
        VocabularyError: a word has no pronunciation.
    """
    if grammar is None and not general:
        raise ConfigError(
            "a recogniser with neither a grammar nor the general model hears nothing; give it at least one of them"
        )
    parts = _Parts(source)
    settings = source.bundle.features["search"]
    options = _options(settings["general" if grammar is None else "grammar"], free=grammar is None)
    scale, grammar_weight = options.graph_scale, float(settings["grammar_weight"])
    graphs: list[tuple[Graph, float]] = []
    if general:
        graphs.append((parts.general(tuple(words), scale), 1.0))
    if grammar is not None:
        graphs.append((scaled_graph(parts.grammar(grammar), scale), grammar_weight))
    answers = None
    if grammar is not None and grammar.answers is not None:
        acceptor = grammar_acceptor(_answers_of(grammar, grammar.answers))
        others, own = sum(weight for _, weight in graphs), scaled_graph(parts.answers(grammar, acceptor), scale)
        asked = [*graphs, (own, others * ASKED / (1 - ASKED))]
        graphs.append((own, others * ANSWERED / (1 - ANSWERED)))
        answers = Answers(start_costs(asked, scale), sentence_test(acceptor))
    graph = parts.joined(graphs, scale) if len(graphs) > 1 else graphs[0][0]
    changed = replace(source, grammar=grammar, general=general, words=tuple(words), sentences=parts.sentences,
                   parts=parts.used)  # fmt: skip
    return SearchSpace(graph, source.labels.index(SILENCE), options, changed, answers)


class _Parts:
    """The graphs that make up a space: those of an earlier space, kept ones, or new ones."""

    def __init__(self, source: Source):
        self._source = source
        self._version = source.spelling.version if isinstance(source.spelling, Unstressed) else ""
        self.used: dict[str, Graph] = {}
        self.sentences = source.sentences
        self._kept = ""
        """Key of the general model's graph, if it is one that is kept."""

    def grammar(self, grammar: Grammar) -> Graph:
        """The graph of a grammar, with the entries of its lists and with its chains."""
        sentences = self._part(self._sentences(grammar), lambda: self._compile(grammar_acceptor(grammar)))
        return fill_gaps(sentences, {name: self._gap(name, grammar) for name in sentences.gaps.lists})

    def answers(self, grammar: Grammar, acceptor: Acceptor) -> Graph:
        """The graph of the sentences that answer a question, from their acceptor."""
        content = [getattr(acceptor, name).tolist() for name in ("source", "word", "cost", "target", "final")]
        key = self._key("answers", repr(acceptor.words), repr(content), repr(acceptor.gaps))
        sentences = self._part(key, lambda: self._compile(acceptor))
        return fill_gaps(sentences, {name: self._gap(name, grammar) for name in sentences.gaps.lists})

    def general(self, words: tuple[str, ...], scale: float) -> Graph:
        """The graph of the general model, in which these words are expected, its costs scaled."""
        plain = self._key("general", self._source.bundle.hash)
        if not words:
            self._kept = plain if scale == 1.0 else self._key("scaled", plain, repr(scale))
            return self._part(self._kept, lambda: self._scaled(plain, scale))
        # The plain model is no longer needed, and the changed one is quickly made again: neither is kept.
        changed = self._key("general", self._source.bundle.hash, repr(scale), *words)
        if changed not in self._source.parts:
            expecting = self._expect(self._find(plain, self._compile_general), words)
            self.used[changed] = scaled_graph(expecting, scale)
        else:
            self.used[changed] = self._source.parts[changed]
        return self.used[changed]

    def joined(self, graphs: Sequence[tuple[Graph, float]], scale: float) -> Graph:
        """The general model and a grammar as one graph; the general model is in memory only once."""
        general, room = graphs[0][0], None
        if self._kept and isinstance(self._source.spelling, Unstressed):
            room = graph_room(self._kept, *(sum(getattr(g, what) for g, _ in graphs) for what in ("states", "arcs")))
        joined = join_graphs(graphs, scale=scale, room=room)
        if room is None:
            view = first_of(joined, general)
            self.used = {key: view if part is general else part for key, part in self.used.items()}
        return joined

    def _scaled(self, plain: str, scale: float) -> Graph:
        if scale == 1.0:
            return self._compile_general()
        return scaled_graph(self._find(plain, self._compile_general), scale)

    def _sentences(self, grammar: Grammar) -> str:
        """The key of a grammar without its lists."""
        fixed, old = _fixed(grammar), self._source.grammar
        if old is None or old.root is not grammar.root or _fixed(old) != fixed:
            self.sentences = self._key("grammar", repr(grammar.root), repr(fixed))
        return self.sentences

    def _gap(self, name: str, grammar: Grammar) -> Graph:
        """The graph of a list or a chain."""
        if name not in grammar.chains:
            return self._list(name, grammar.lists[name])
        chain, spelling, labels = grammar.chains[name], self._source.spelling, self._source.labels
        spell = spelling.letter if isinstance(spelling, Unstressed) else spelling
        return self._part(self._key("chain", repr(chain)), lambda: compile_graph(chain_acceptor(chain), spell, labels))

    def _list(self, name: str, entries: Sequence[tuple[str, ...]]) -> Graph:
        entries = checked_entries(name, entries)
        try:
            return self._part(self._key("list", repr(entries)), lambda: self._compile_list(entries))
        except VocabularyError as error:
            raise VocabularyError(f"list '{name}': {error}") from error

    def _compile_list(self, entries: Sequence[tuple[str, ...]]) -> Graph:
        if isinstance(self._source.spelling, Unstressed):
            self._source.spelling.prepare({word for entry in entries for word in entry})
        return self._compile(list_acceptor(entries))

    def _expect(self, general: Graph, words: tuple[str, ...]) -> Graph:
        costs, silence = _costs(load_ngram(self._source.bundle)), self._source.labels.index(SILENCE)
        favoured = favour_words(general, {word: boost_of(costs[word]) for word in words if word in costs}, silence)
        fresh = [(word,) for word in dict.fromkeys(words) if word not in costs]
        if not fresh:
            return favoured
        rarest = max(costs.values())  # a word that the model does not know is as rare
        listed = self._compile_list(fresh)
        return add_words(favoured, listed, rarest - boost_of(rarest) - log(len(fresh)), silence)

    def _compile_general(self) -> Graph:
        return self._compile(ngram_acceptor(load_ngram(self._source.bundle)))

    def _compile(self, acceptor: Acceptor) -> Graph:
        return compile_graph(acceptor, self._source.spelling, self._source.labels)

    def _key(self, *content: str) -> str:
        return content_key([*content, " ".join(self._source.labels), self._version])

    def _part(self, key: str, build: Callable[[], Graph]) -> Graph:
        """The graph under a key; it becomes part of the space."""
        if key not in self.used:
            self.used[key] = self._find(key, build)
        return self.used[key]

    def _find(self, key: str, build: Callable[[], Graph]) -> Graph:
        """An earlier graph, one kept on disk, or a new one."""
        if key in self._source.parts:
            return self._source.parts[key]
        # The answers of a caller's own function are unknown, so there is nothing to name a kept graph by.
        return cached_graph(key, build) if isinstance(self._source.spelling, Unstressed) else build()


def _answers_of(grammar: Grammar, answers: Node) -> Grammar:
    """The answers as a grammar by themselves, with their lists compiled in."""
    return replace(grammar, root=answers, answers=None, fixed=frozenset(grammar.lists))


def _fixed(grammar: Grammar) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    return sorted((name, grammar.lists[name]) for name in grammar.fixed)


def _costs(model: NgramModel) -> dict[str, float]:
    """The cost of each word that can be spoken, without history."""
    costs = dict(zip(model.words, (-model.orders[0].log_prob).tolist(), strict=True))
    return {word: cost for number, (word, cost) in enumerate(costs.items()) if number not in (UNKNOWN, START, END)}


def _options(settings: dict[str, Any], *, free: bool) -> SearchOptions:
    # A grammar accepts whole sentences: words from two of them need not make a third.
    return replace(SearchOptions(consensus=free), **settings)
