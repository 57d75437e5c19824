"""The second pass over free speech: the best sentences of the lattice, weighed anew with the neural language model.

    total(W) = log_prob(W) + (first - 1) language(W) + neural sum_t s(w_t, h_t) + word |W|

`log_prob` and `language` are those of the search, s is the model's score of a word or of the end. The sentences are put
in the order of their totals, and the bins are those of their shares, so that a consensus that follows is one of the
rescored sentences. A first pass that is nearly sure is left as it is, and so is one whose second pass would be late.

Words that the user expects are one class to the model, which knows nothing of them: they keep the bias that the search
gives them. Method 8, Raju et al. 2019.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log
from pathlib import Path

import numpy as np

from harken.asr.arrays import Floats
from harken.asr.neural.model import NeuralModel
from harken.asr.neural.trie import score_sentences
from harken.asr.passes.confusion import confusion_network, word_confidences
from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardBin, HeardSentence
from harken.asr.search.lattice import Lattice, WordEvents
from harken.asr.search.nbest import best_sentences
from harken.bundle import load_bundle

MARGIN = 8.0
"""Sentences that are less likely than the likeliest by more than this (natural log units) are not looked for."""


@dataclass(frozen=True, kw_only=True)
class RescoringOptions:
    """Weights, fitted on dev for an acoustic model and a first pass, and limits."""

    first: float = 1.0
    """Weight of the search's own language score."""
    neural: float = 0.0
    """Weight of the neural model's; 0 leaves the first pass's order as it is."""
    word: float = 0.0
    """Added for each word."""
    sharpness: float = 1.0
    """Factor on the totals before they become shares of the sentences."""
    sentences: int = 25
    """Sentences rescored, at most."""
    sure: float = 0.95
    """A likeliest sentence with at least this share is not rescored."""
    budget: float = 0.15
    """Seconds after which the first pass's result stands."""


@dataclass(frozen=True, eq=False)
class Rescoring:
    """Weighs the best sentences of free speech anew.

    Attributes:
        model: shared.
        options: weights and limits.
        clock: seconds, for the budget.
    """

    model: NeuralModel
    options: RescoringOptions = field(default_factory=RescoringOptions)
    clock: Callable[[], float] = time.perf_counter
    name: str = "rescoring"

    @classmethod
    def load(cls, bundle: str | Path = "neural-lm-en") -> Rescoring:
        """The pass of a bundle, with the weights that were fitted for it."""
        opened = load_bundle(bundle)
        return cls(NeuralModel.from_bundle(opened), RescoringOptions(**opened.features["rescoring"]))

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        """The sentences in their new order with their new shares, and the bins of these shares."""
        options, begun = self.options, self.clock()
        if heard.lattice is None or options.neural == 0 or heard.sentences[0].confidence >= options.sure:
            return heard
        sentences = rescored_sentences(heard.lattice, options)
        if len(sentences) < 2:
            return heard
        scores = score_sentences(
            self.model, [sentence.texts for sentence in sentences], expected=class_shares(heard.expected),
            late=lambda: self.clock() - begun > options.budget,
        )  # fmt: skip
        return heard if scores is None else reweighed(heard, sentences, scores.totals, options)


def rescored_sentences(lattice: Lattice, options: RescoringOptions) -> list[HeardSentence]:
    """The sentences of a lattice that are rescored, best first."""
    return best_sentences(lattice, options.sentences, width=options.sentences, margin=MARGIN)


def class_shares(expected: Sequence[str]) -> Mapping[str, float]:
    """Expected words -> ln p(word | one of them): all are equally likely."""
    return {word: -log(len(expected)) for word in expected}


def reweighed(
    heard: HeardStretch, sentences: Sequence[HeardSentence], neural: Floats, options: RescoringOptions
) -> HeardStretch:
    """The record with these sentences of its lattice, in the order of their totals.

    Args:
        heard: the first pass's record.
        sentences: of its lattice, best first.
        neural: [N] the model's score of each.
        options: weights.
    """
    language = np.array([sentence.language or 0.0 for sentence in sentences])
    plain = np.array([sentence.log_prob for sentence in sentences])
    words = np.array([len(sentence.words) for sentence in sentences])
    weighed = options.first * language + options.neural * neural + options.word * words
    totals = plain - language + weighed
    # What the lattice has beside these sentences keeps its share.
    known = min(1.0, float(np.exp(np.logaddexp.reduce(plain) - heard.total)))
    shares = _shares(options.sharpness * totals)
    order = np.argsort(-totals, kind="stable")
    bins = _bins([sentences[n] for n in order], shares[order])
    ranked = tuple(
        replace(
            sentences[n], log_prob=float(totals[n]), language=float(weighed[n]), confidence=known * float(shares[n])
        ) for n in order
    )  # fmt: skip
    total = float(np.logaddexp.reduce(totals)) - log(known)
    return replace(heard, sentences=_with_word_shares(ranked, bins), bins=tuple(bins), total=total)


def _shares(totals: Floats) -> Floats:
    shares = np.exp(totals - totals.max())
    return np.asarray(shares / shares.sum())


def _bins(sentences: Sequence[HeardSentence], shares: Floats) -> list[HeardBin]:
    """The confusion network of sentences with these shares, around the first."""
    spoken = [(word, share) for sentence, share in zip(sentences, shares, strict=True) for word in sentence.words]
    names = ["", *dict.fromkeys(word.text for word, _ in spoken)]
    ids = {name: number for number, name in enumerate(names)}
    events = WordEvents(
        word=np.array([ids[word.text] for word, _ in spoken], np.int64),
        first=np.array([word.first for word, _ in spoken], np.int64),
        last=np.array([word.last for word, _ in spoken], np.int64),
        posterior=np.array([share for _, share in spoken], np.float64),
    )
    return confusion_network(events, sentences[0].words, names)


def _with_word_shares(sentences: tuple[HeardSentence, ...], bins: Sequence[HeardBin]) -> tuple[HeardSentence, ...]:
    """The words of the first sentence with their shares; of the others, a word is as likely as its sentence."""
    known = {
        (word.text, word.first, word.last): share
        for word, share in zip(sentences[0].words, word_confidences(bins, sentences[0].words), strict=True)
    }
    return tuple(
        replace(
            sentence,
            words=tuple(
                replace(word, confidence=known.get((word.text, word.first, word.last), sentence.confidence))
                for word in sentence.words
            ),
        )
        for sentence in sentences
    )
