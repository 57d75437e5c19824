"""From a finished search to the record of what was heard, through all passes: the only way to decode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from harken.asr.acoustic.model import Outputs
from harken.asr.passes.confusion import confusion_network, word_confidences
from harken.asr.passes.consensus import Consensus
from harken.asr.passes.fit import AcousticFit
from harken.asr.passes.record import HeardStretch, Pass
from harken.asr.passes.silence import Silence
from harken.asr.search.beam import BeamSearch
from harken.asr.search.heard import NOTHING_SAID, HeardSentence, HeardWord
from harken.asr.search.lattice import make_lattice, word_events
from harken.asr.search.nbest import best_sentences
from harken.asr.search.space import Answers, SearchSpace
from harken.audio.features import Frames
from harken.errors import PipelineError

FREE_SPEECH: tuple[Pass, ...] = (Consensus(),)
"""The passes over speech that no grammar foresaw, unless others are given; a rescoring comes before."""
GRAMMAR: tuple[Pass, ...] = (Silence(), AcousticFit())
"""The passes over speech for which there is a grammar, unless others are given."""


def hear(
    search: BeamSearch, outputs: Outputs, *, nbest: int, offset: int = 0, passes: Sequence[Pass] | None = None,
    rescoring: Pass | None = None, confidence: Pass | None = None, before: Sequence[str] = (),
) -> HeardStretch:  # fmt: skip
    """The record of all that a search has accepted, after all passes.

    Args:
        search: after its last frame.
        outputs: of the acoustic network, as many steps as the search has frames.
        nbest: sentences of the lattice, at most; passes may add some.
        offset: decoder frames of the recording before this search began.
        passes: run in this order; those that suit the search space when None.
        rescoring: before those that suit free speech.
        confidence: the last pass, whichever the others are.
        before: the last words of the recording before this search.

    Raises:
        PipelineError: a pass left no sentence.
    """
    heard = _record(search, outputs, nbest, offset)
    if passes is None:
        free = FREE_SPEECH if rescoring is None else (rescoring, *FREE_SPEECH)
        passes = free if heard.options.consensus else GRAMMAR
    for step in (*passes, confidence) if confidence else passes:
        heard = step(heard, before)
        if not heard.sentences:
            raise PipelineError(f"the pass '{step.name}' left no sentence; it must leave one, even if without words")
    return heard


def decode(space: SearchSpace, scores: Frames, *, passes: Sequence[Pass] | None = None) -> list[str]:
    """The words of one recording from its acoustic scores [T, 2P]."""
    search = BeamSearch(space)
    search.accept(scores)
    return list(hear(search, Outputs(scores), nbest=1, passes=passes).sentences[0].texts)


def _record(search: BeamSearch, outputs: Outputs, nbest: int, offset: int) -> HeardStretch:
    lattice, options = make_lattice(search), search.space.options
    expected = () if search.space.source is None else search.space.source.words
    if lattice is None:
        return HeardStretch(
            sentences=(NOTHING_SAID,), bins=(), total=0.0, lattice=None, path=search.best_phones(), outputs=outputs,
            offset=offset, options=options, expected=expected,
        )  # fmt: skip
    events, total = word_events(lattice)
    sentences = best_sentences(lattice, nbest)
    best = sentences[0].words
    bins = confusion_network(events, best, lattice.graph.words)
    answers = search.space.answers if search.space.asked else None
    known = {_place(word): share for word, share in zip(best, word_confidences(bins, best), strict=True)}
    return HeardStretch(
        sentences=tuple(_with_confidences(sentence, known, total, answers) for sentence in sentences), bins=tuple(bins),
        total=total, lattice=lattice, path=search.best_phones(), outputs=outputs, offset=offset, options=options,
        expected=expected,
    )  # fmt: skip


def _place(word: HeardWord) -> tuple[str, int, int]:
    return word.text, word.first, word.last


def _with_confidences(
    sentence: HeardSentence, known: dict[tuple[str, int, int], float], total: float, answers: Answers | None
) -> HeardSentence:
    """The sentence with the confidences of its words and its own, and whether it is among the answers."""
    share = min(1.0, math.exp(sentence.log_prob - total))
    # A word of a worse sentence that the best one lacks is at least as likely as that sentence.
    words = tuple(replace(word, confidence=known.get(_place(word), share)) for word in sentence.words)
    answer = answers is not None and answers.accepts(sentence.texts)
    return replace(sentence, words=words, confidence=share, answer=answer)
