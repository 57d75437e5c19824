"""What the decoder knows about each word that it heard: numbers with a name, a unit and a range.

They are computed from the record of a stretch alone (`harken.asr.passes.record`), once it is complete, so a stream
gives the numbers of the whole recording. A word has the numbers of the bin with which it shares most time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.arrays import Floats
from harken.asr.ngram.model import NgramModel, pack, windows
from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardBin, HeardSentence, HeardWord

LEAST = 1e-3
"""Posteriors are kept this far from 0 and 1 before the logit is taken."""
SCALE = 0.7
"""Weight of the acoustic scores as phone posteriors, as in `harken.asr.acoustic.speaker`."""
FLOOR = -30.0
"""Lowest natural-log value of any feature."""
Spans = NDArray[np.int64]
"""First frame of each word and one past its last, [words, 2]."""


@dataclass(frozen=True)
class Feature:
    """One number about a word or a sentence; values outside the range are cut to it."""

    name: str
    unit: str
    low: float
    high: float


_LOGIT = math.log((1 - LEAST) / LEAST)
WORD_FEATURES = (
    Feature("posterior of the word in its bin", "logit", -_LOGIT, _LOGIT),
    Feature("entropy of the bin", "nat", 0, 5),
    Feature("words of the bin with a share above 0.01", "log count", 0, 5),
    Feature("posterior above the best other entry", "1", -1, 1),
    Feature("posterior of no word", "1", 0, 1),
    Feature("fit: score of the best path below the best phones, mean", "nat/frame", FLOOR, 0),
    Feature("fit of the worst frame", "nat", FLOOR, 0),
    Feature("language model", "nat", FLOOR, 0),
    Feature("words that the language model fell back by", "count", 0, 2),
    Feature("language model without history", "nat", FLOOR, 0),
    Feature("duration", "log frames", 0, 8),
    Feature("letters", "log count", 0, 4),
    Feature("frames per phone", "log frames", -3, 8),
    Feature("nodes of the lattice per frame", "log count", 0, 8),
    Feature("entropy of the phones, mean", "nat/frame", 0, 6),
    Feature("entropy of the phones, least", "nat", 0, 6),
    Feature("posterior of the best phone, mean", "1", 0, 1),
    Feature("place in the sentence", "1", 0, 1),
    Feature("best sentence above the second", "nat", 0, -FLOOR),
    Feature("phones per second against the sentence's", "log ratio", -4, 4),
)
"""Of a word; their order is that of the columns of `word_evidence`."""
_OF_SENTENCES = [
    place for place, feature in enumerate(WORD_FEATURES) if not feature.name.startswith(("letters", "place"))
]
"""Columns of `WORD_FEATURES` that tell something about the sentence. Its length does not: how many words and letters it
has tells what people happened to say in training."""
SENTENCE_FEATURES = (
    Feature("share of the sentence in the lattice", "nat", FLOOR, 0),
    Feature("confidence of the passes before", "nat", FLOOR, 0),
    Feature("above the best other sentence", "nat", FLOOR, -FLOOR),
    Feature("sentences before it", "count", 0, 10),
    Feature("share of bins without a word, and words in pauses", "1", 0, 10),
    Feature("with a grammar: acoustic score below the best phones", "nat/frame of words", FLOOR, 0),
    Feature("mean log probability of the words", "nat", FLOOR, 0),
    Feature("log probability of the worst word", "nat", FLOOR, 0),
    *(
        replace(WORD_FEATURES[place], name=f"{WORD_FEATURES[place].name}; {which} of the words")
        for which in ("mean", "least") for place in _OF_SENTENCES
    ),
)  # fmt: skip
"""Of a sentence; their order is that of the columns of `sentence_evidence`, then of `word_summary`. Clean silence
around the words changes none of them."""
OF_WORDS = 2 + 2 * len(_OF_SENTENCES)
"""The last of them, from the words."""


@dataclass(frozen=True)
class FrameFacts:
    """Per frame of a stretch, [T] each."""

    fit: Floats
    """Score of the best path below the best phone, natural log, at most 0."""
    entropy: Floats
    """Of the phone posteriors, nat."""
    sureness: Floats
    """Posterior of the best phone."""
    nodes: Floats
    """Of the lattice."""
    entered: Floats
    """1 where the best path enters a phone."""


def frame_facts(heard: HeardStretch) -> FrameFacts:
    """The facts of all frames of a stretch."""
    scores = heard.outputs.scores.astype(np.float32)
    frames, phones = len(scores), scores.shape[1] // 2
    held = np.maximum(scores[:, :phones], scores[:, phones:]) * np.float32(SCALE)
    held -= held.max(axis=1, keepdims=True, initial=-np.inf)
    shares = np.exp(held)
    totals = shares.sum(axis=1, keepdims=True)
    shares /= totals
    entropy = np.log(totals[:, 0]) - (shares * held).sum(axis=1)
    taken = heard.path.phone + np.where(heard.path.entered, 0, phones)
    fit = scores[np.arange(frames), taken] - scores.max(axis=1, initial=-np.inf)
    nodes = np.array([len(arcs) for arcs in heard.lattice.arcs] if heard.lattice else [], np.float64)
    return FrameFacts(
        fit.astype(np.float64), entropy.astype(np.float64), shares.max(axis=1, initial=0).astype(np.float64),
        nodes, heard.path.entered.astype(np.float64),
    )  # fmt: skip


def word_evidence(
    heard: HeardStretch, sentence: HeardSentence, facts: FrameFacts, language: NgramModel, before: Sequence[str] = ()
) -> Floats:
    """Features [words, `WORD_FEATURES`] of the words of a sentence, finite and inside their ranges.

    Args:
        heard: the stretch.
        sentence: one of its sentences.
        facts: of its frames.
        language: general language model.
        before: the last words of the same recording before this stretch.
    """
    words = sentence.words
    if not words:
        return np.zeros((0, len(WORD_FEATURES)))
    spans = spans_of(words)
    means = _means(np.stack([facts.fit, facts.entropy, facts.sureness, facts.nodes, facts.entered]), spans)
    fit, entropy, sureness, nodes, entered = means
    frames = (spans[:, 1] - spans[:, 0]).astype(np.float64)
    rates = entered / max(float(entered @ frames) / frames.sum(), 1e-3)
    columns = [
        *_bin_columns(heard.bins, words),
        fit, _least(facts.fit, spans),
        *_language_columns(words, language, before),
        np.log(frames), np.log([max(1, len(word.text)) for word in words]),
        -np.log(np.maximum(entered, 1 / 64)), np.log(np.maximum(nodes, 1.0)),
        entropy, _least(facts.entropy, spans), sureness,
        np.arange(len(words)) / max(1, len(words) - 1), np.full(len(words), _lead(heard.sentences)),
        np.log(np.maximum(rates, 1e-3)),
    ]  # fmt: skip
    return _within(np.stack(columns, axis=1), WORD_FEATURES)


def sentence_evidence(heard: HeardStretch) -> Floats:
    """The features of all sentences of a stretch, [sentences, the first of `SENTENCE_FEATURES`]."""
    rows = []
    scores = [sentence.log_prob for sentence in heard.sentences]
    best = float(heard.outputs.scores.max(axis=1).sum()) if len(heard.outputs) else 0.0
    loose = sum(1 - dict(bin_.words).get("", 0.0) for bin_ in heard.bins if bin_.pivot is None)
    dropped = sum(bin_.words[0][0] == "" for bin_ in heard.bins if bin_.pivot is not None)
    for rank, sentence in enumerate(heard.sentences):
        others = [score for place, score in enumerate(scores) if place != rank]
        share = sentence.log_prob - heard.total
        # With a grammar, the pass before is the fit over the whole stretch, which silence dilutes: left out.
        passed = math.log(max(sentence.confidence, 1e-12)) if heard.options.consensus else share
        rows.append([
            share, passed,
            scores[rank] - max(others) if others else -FLOOR, rank,
            (loose + dropped) / max(1, len(sentence.words)),
            0.0 if heard.options.consensus else _misfit(sentence, best, heard.options.acoustic_scale),
        ])  # fmt: skip
    return _within(np.array(rows, np.float64), SENTENCE_FEATURES[:-OF_WORDS])


def _misfit(sentence: HeardSentence, best: float, scale: float) -> float:
    """Acoustic score below that of the best phones of the whole stretch, for each frame of the words.

    Speech that the sentence takes for silence counts; more silence does not make it smaller.
    """
    frames = sum(max(1, word.last - word.first) for word in sentence.words)
    return 0.0 if sentence.acoustic is None else (sentence.acoustic / scale - best) / max(1, frames)


def word_summary(probabilities: Sequence[Floats], evidence: Sequence[NDArray[np.floating[Any]]]) -> Floats:
    """The features of sentences that follow from their words, [sentences, the last of `SENTENCE_FEATURES`].

    Args:
        probabilities: of each sentence's words, [words].
        evidence: of each sentence's words, [words, `WORD_FEATURES`].
    """
    rows = []
    for known, features in zip(probabilities, evidence, strict=True):
        logs = np.log(np.maximum(known, 1e-12))
        own = features[:, _OF_SENTENCES]
        row = (logs.mean(), logs.min(), *own.mean(axis=0), *own.min(axis=0)) if len(logs) else ()
        rows.append(row or (0.0,) * OF_WORDS)
    return _within(np.array(rows, np.float64), SENTENCE_FEATURES[-OF_WORDS:])


def spans_of(words: Sequence[HeardWord]) -> Spans:
    """First and last frame [words, 2] of each; at least one frame long."""
    return np.array([(word.first, max(word.last, word.first + 1)) for word in words], np.int64)


def _means(rows: Floats, spans: Spans) -> Floats:
    """Mean [rows, words] of each row [rows, T] over each span."""
    sums = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1)], axis=1)
    first, last = np.minimum(spans, rows.shape[1]).T
    return np.asarray((sums[:, last] - sums[:, first]) / np.maximum(last - first, 1))


def _least(row: Floats, spans: Spans) -> Floats:
    """Least value [words] of a row [T] over each span; 0 where it has no frame."""
    return np.array([row[first:last].min() if first < len(row) else 0.0 for first, last in spans.tolist()])


def _bin_columns(bins: Sequence[HeardBin], words: Sequence[HeardWord]) -> list[Floats]:
    """The first five features of each word."""
    rows = []
    for word, bin_ in zip(words, _bins_of(bins, words), strict=True):
        shares = dict(bin_.words) if bin_ is not None else {word.text: word.confidence}
        own = shares.get(word.text, 0.0)
        rival = max((share for text, share in shares.items() if text != word.text), default=0.0)
        entropy = -sum(share * math.log(share) for share in shares.values() if share > 0)
        kept = min(max(own, LEAST), 1 - LEAST)
        rows.append(
            (math.log(kept / (1 - kept)), entropy, math.log(max(1, len(shares))), own - rival, shares.get("", 0.0))
        )
    return list(np.array(rows, np.float64).T)


def _bins_of(bins: Sequence[HeardBin], words: Sequence[HeardWord]) -> list[HeardBin | None]:
    """The bin with which each word shares most time; None where there is none."""
    if not bins:
        return [None] * len(words)
    first, last = (np.array([getattr(bin_, end) for bin_ in bins]) for end in ("first", "last"))
    found: list[HeardBin | None] = []
    for word in words:
        shared = np.minimum(last, word.last) - np.maximum(first, word.first)
        place = int(shared.argmax())
        found.append(bins[place] if shared[place] > 0 else None)
    return found


def _language_columns(words: Sequence[HeardWord], language: NgramModel, before: Sequence[str]) -> list[Floats]:
    """Log probability with history, how far it fell back, log probability without history."""
    order = len(language.orders)
    ids = language.encode([*before[-(order - 1) :], *(word.text for word in words)])
    grams = windows([ids], order)[:-1][-len(words) :]  # without the sentence's end, and without the words before
    missing = np.zeros(len(words))
    for n in range(2, order + 1):
        listed = language.orders[n - 1]
        wanted = grams[:, -n:]
        possible = (wanted >= 0).all(axis=1)
        missing += possible & (listed.find(pack(wanted)) < 0)
    return [language.log_probs(grams), missing, language.log_probs(grams[:, -1:])]


def _lead(sentences: Sequence[HeardSentence]) -> float:
    scores = sorted((sentence.log_prob for sentence in sentences), reverse=True)
    return scores[0] - scores[1] if len(scores) > 1 else -FLOOR


def _within(values: Floats, features: Sequence[Feature]) -> Floats:
    low, high = np.array([(feature.low, feature.high) for feature in features]).T
    return np.asarray(np.clip(values, low, high))
