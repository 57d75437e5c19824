"""What a search found, in frames: sentences, confidences, confusion network; and how pieces join to a transcript."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

from harken.asr.acoustic import STEP
from harken.asr.confusion import FrameBin, confusion_network, consensus, log_share, word_confidences
from harken.asr.decoder import BeamSearch, PathWord
from harken.asr.lattice import make_lattice, word_events
from harken.asr.nbest import best_sentences
from harken.audio.features import FRAME_SHIFT
from harken.events import Bin, Hypothesis, Transcript, Word

SAMPLES_PER_STEP = STEP * FRAME_SHIFT
"""480 samples = 30 ms: one decoder frame."""


def place_of(frame: int, start: int, samples: int) -> int:
    """Position of a decoder frame in the turn that began at `start` and has `samples` samples so far."""
    return start + min(frame * SAMPLES_PER_STEP, samples)


@dataclass(frozen=True)
class HeardWord:
    """A word over decoder frames [first, last) since the turn began."""

    text: str
    first: int
    last: int
    confidence: float


@dataclass(frozen=True)
class HeardSentence:
    """A sentence, its log sum over paths, and its share among everything in the lattice."""

    words: tuple[HeardWord, ...]
    log_prob: float
    confidence: float


@dataclass(frozen=True)
class HeardBin:
    """Competing words over decoder frames [first, last)."""

    first: int
    last: int
    words: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Outcome:
    """Sentences best first (at least one, possibly without words) and the confusion network of the likeliest one."""

    sentences: tuple[HeardSentence, ...]
    bins: tuple[HeardBin, ...]

    def transcript(self, turn: int, start: int, samples: int) -> Transcript:
        """As an event; positions are samples from `start` on, none beyond the `samples` of the turn."""

        def place(frame: int) -> int:
            return place_of(frame, start, samples)

        hypotheses = tuple(
            Hypothesis(
                words=tuple(
                    Word(text=w.text, start=place(w.first), end=place(w.last), confidence=w.confidence) for w in s.words
                ),
                log_prob=s.log_prob, confidence=s.confidence,
            )
            for s in self.sentences
        )  # fmt: skip
        bins = tuple(Bin(start=place(b.first), end=place(b.last), words=b.words) for b in self.bins)
        return Transcript(turn=turn, hypotheses=hypotheses, confusion=bins, final=True)


NOTHING = Outcome((HeardSentence((), 0.0, 1.0),), ())
"""Nothing was said."""


def join_transcripts(parts: Iterable[Transcript], count: int, *, turn: int = 0) -> Transcript:
    """The final transcript of parts that follow each other: the `count` best sequences of their sentences.

    Args:
        parts: each with at least one hypothesis; no part: nothing was said.
        count: hypotheses, at most.
        turn: number of the turn.
    """
    # Sequences are chains from the last sentence to the first, so that hours cost no more a part than minutes.
    # The best sentence of every part makes the first one, even where it is a consensus and another scores higher.
    chains: list[_Chain] = [_Chain(0.0, 1.0)]
    bins: list[Bin] = []
    for part in parts:
        longer = [
            _Chain(chain.log_prob + one.log_prob, chain.confidence * one.confidence, one.words, chain)
            for chain in chains
            for one in part.hypotheses
        ]
        chains = [longer[0], *heapq.nlargest(count - 1, longer[1:], key=lambda chain: chain.log_prob)]
        bins += part.confusion
    hypotheses = tuple(
        Hypothesis(words=chain.all_words(), log_prob=chain.log_prob, confidence=chain.confidence) for chain in chains
    )
    return Transcript(turn=turn, hypotheses=hypotheses, confusion=tuple(bins), final=True)


@dataclass(frozen=True)
class _Chain:
    """A sentence of a part, and what was said before it; the sums count all of it."""

    log_prob: float
    confidence: float
    words: tuple[Word, ...] = ()
    before: _Chain | None = None

    def all_words(self) -> tuple[Word, ...]:
        """Those before included."""
        found, at = [], self
        while at.before is not None:
            found.append(at.words)
            at = at.before
        return tuple(itertools.chain.from_iterable(reversed(found)))


def outcome_of(search: BeamSearch, nbest: int, offset: int) -> Outcome:
    """The outcome of all that a search has accepted.

    Args:
        search: after its last frame; its options say whether the first sentence is the likeliest or the consensus.
        nbest: sentences, at most.
        offset: decoder frames of the turn before this search began.
    """
    lattice = make_lattice(search)
    if lattice is None:
        return NOTHING
    events, total = word_events(lattice)
    sentences = best_sentences(lattice, nbest)
    bins = confusion_network(events, sentences[0].words)
    names = search.graph.words
    confidences = word_confidences(bins, sentences[0].words)
    shares = {(word.word, word.first, word.last): c for word, c in zip(sentences[0].words, confidences, strict=True)}
    heard = tuple(
        HeardSentence(
            tuple(_word(word, names, offset, shares, share) for word in sentence.words), sentence.log_prob, share
        )
        for sentence in sentences
        for share in [min(1.0, math.exp(sentence.log_prob - total))]
    )
    if search.options.consensus:
        heard = _consensus_first(heard, bins, names, offset, total)[:nbest]
    network = (
        HeardBin(found.first + offset, found.last + offset, tuple((names[word], share) for word, share in found.words))
        for found in bins
    )
    return Outcome(heard, tuple(network))


def _consensus_first(
    heard: tuple[HeardSentence, ...], bins: list[FrameBin], names: tuple[str, ...], offset: int, total: float
) -> tuple[HeardSentence, ...]:
    """The sentence of the likeliest words before all others; its log sum is the network's estimate if none of them
    reads the same."""
    words = tuple(
        HeardWord(names[word], place.first + offset, place.last + offset, share)
        for place, word, share in consensus(bins)
    )
    texts = [word.text for word in words]
    same = [one for one in heard if [word.text for word in one.words] == texts]
    others = tuple(one for one in heard if one not in same)
    if same:
        return (same[0], *others)
    share = log_share(bins)
    return (HeardSentence(words, total + share, math.exp(share)), *others)


def _word(
    word: PathWord, names: tuple[str, ...], offset: int, shares: dict[tuple[int, int, int], float], sentence: float
) -> HeardWord:
    # A word of a worse sentence that the best one lacks is at least as likely as that sentence.
    share = shares.get((word.word, word.first, word.last), sentence)
    return HeardWord(names[word.word], word.first + offset, word.last + offset, share)
