"""Turns what was heard (in frames) into transcripts (in samples), and joins the transcripts of stretches."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardWord
from harken.audio.features import FRAME_SHIFT
from harken.events import Bin, Hypothesis, Transcript, Word

SAMPLES_PER_STEP = STEP_FRAMES * FRAME_SHIFT
"""480 samples = 30 ms: one decoder frame."""


def place_of(frame: int, start: int, samples: int) -> int:
    """Position of a decoder frame in the turn that began at `start` and has `samples` samples so far."""
    return start + min(frame * SAMPLES_PER_STEP, samples)


def placed(word: HeardWord, offset: int, *, start: int, samples: int) -> Word:
    """A heard word as the word of an event.

    Args:
        word: of a stretch.
        offset: decoder frames of the recording before that stretch.
        start: sample at which the recording begins.
        samples: of the recording so far; no position lies beyond them.
    """
    first, last = (place_of(offset + frame, start, samples) for frame in (word.first, word.last))
    return Word(text=word.text, start=first, end=last, confidence=word.confidence)


def transcript_of(heard: HeardStretch, *, nbest: int, turn: int, start: int, samples: int) -> Transcript:
    """What was heard in a stretch, as an event.

    Args:
        heard: after all passes.
        nbest: hypotheses, at most.
        turn: number of the turn.
        start: sample at which the recording begins.
        samples: of the recording so far; no position lies beyond them.
    """

    def place(frame: int) -> int:
        return place_of(heard.offset + frame, start, samples)

    hypotheses = tuple(
        Hypothesis(
            words=tuple(placed(word, heard.offset, start=start, samples=samples) for word in sentence.words),
            log_prob=sentence.log_prob, confidence=sentence.confidence,
        )
        for sentence in heard.sentences[:nbest]
    )  # fmt: skip
    confusion = tuple(Bin(start=place(bin_.first), end=place(bin_.last), words=bin_.words) for bin_ in heard.bins)
    return Transcript(turn=turn, hypotheses=hypotheses, confusion=confusion, final=True)


def join_transcripts(parts: Iterable[Transcript], count: int, *, turn: int = 0) -> Transcript:
    """The final transcript of consecutive parts: the `count` best sequences of their sentences.

    Args:
        parts: each with at least one hypothesis; no parts mean that nothing was said.
        count: hypotheses, at most.
        turn: number of the turn.
    """
    # Sequences are chains from the last sentence to the first, so that a part costs no more after hours than after
    # minutes. The best sentences of all parts make the first one, even where one is a consensus that scores lower.
    chains: list[_Chain] = [_Chain(0.0, 1.0)]
    bins: list[Bin] = []
    for part in parts:
        longer = [
            _Chain(chain.log_prob + sentence.log_prob, chain.confidence * sentence.confidence, sentence.words, chain)
            for chain in chains
            for sentence in part.hypotheses
        ]
        chains = [longer[0], *heapq.nlargest(count - 1, longer[1:], key=lambda chain: chain.log_prob)]
        bins += part.confusion
    hypotheses = tuple(
        Hypothesis(words=chain.all_words(), log_prob=chain.log_prob, confidence=chain.confidence) for chain in chains
    )
    return Transcript(turn=turn, hypotheses=hypotheses, confusion=tuple(bins), final=True)


@dataclass(frozen=True)
class _Chain:
    """A sentence of a part, and what was said before it; the sums include all of it."""

    log_prob: float
    confidence: float
    words: tuple[Word, ...] = ()
    before: _Chain | None = None

    def all_words(self) -> tuple[Word, ...]:
        """The words of the whole chain."""
        parts, at = [], self
        while at.before is not None:
            parts.append(at.words)
            at = at.before
        return tuple(itertools.chain.from_iterable(reversed(parts)))
