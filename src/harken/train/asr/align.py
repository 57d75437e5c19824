"""The best path through a sentence: when each phone and word was said (Viterbi over the graph of `mmi`). numpy only."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.audio.features import Frames
from harken.train.asr.mmi import NEVER, SentenceGraph


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One phone of an alignment, in 30 ms steps, half open."""

    phone: int
    word: int
    """Index of its word; -1 for silence."""
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """The best path of a sentence."""

    segments: tuple[Segment, ...]
    score: float
    """Log score of the path."""

    def words(self) -> list[tuple[int, int, int]]:
        """(word, start, end) in steps."""
        spans: dict[int, tuple[int, int]] = {}
        for segment in self.segments:
            if segment.word >= 0:
                start, _ = spans.get(segment.word, (segment.start, 0))
                spans[segment.word] = (start, segment.end)
        return [(word, start, end) for word, (start, end) in spans.items()]


def align_sentence(scores: Frames, graph: SentenceGraph) -> Alignment | None:
    """The best alignment of a sentence, or None when the recording is too short for its phones.

    Args:
        scores: [T, 2P] of the acoustic model.
        graph: the sentence.
    """
    size = scores.shape[1] // 2
    enter, stay = scores[:, :size][:, graph.phones], scores[:, size:][:, graph.phones]
    sources = np.where(graph.sources < 0, 0, graph.sources)
    best = graph.first + enter[0]
    choices = np.empty((len(scores), len(graph.phones)), np.int8)  # an arc, or -1 for staying
    rows = np.arange(len(graph.phones))
    for t in range(1, len(scores)):
        coming = best[sources] + graph.prices
        arc = coming.argmax(1)
        entered, stayed = coming[rows, arc] + enter[t], best + stay[t]
        choices[t] = np.where(stayed >= entered, -1, arc)
        best = np.maximum(np.maximum(entered, stayed), NEVER)
    final = best + graph.last
    state = int(final.argmax())
    if final[state] < NEVER / 2:
        return None
    return Alignment(segments=_trace(choices, sources, graph, state), score=float(final[state]))


def _trace(
    choices: NDArray[np.int8], sources: NDArray[np.int64], graph: SentenceGraph, state: int
) -> tuple[Segment, ...]:
    segments, end = [], len(choices)
    for t in range(len(choices) - 1, -1, -1):
        if t and choices[t, state] < 0:
            continue
        segments.append(Segment(phone=int(graph.phones[state]), word=int(graph.words[state]), start=t, end=end))
        end = t
        if t:
            state = int(sources[state, choices[t, state]])
    return tuple(reversed(segments))


def cut_points(alignment: Alignment, longest: int, pause: int = 4) -> list[tuple[int, int, int, int]]:
    """Cut a long utterance into parts of about `longest` steps, in pauses where there are any.

    Args:
        alignment: of the utterance.
        longest: steps that a part should not exceed.
        pause: steps of silence that make a good place.

    Returns:
        (first word, word after the last, first step, step after the last) a part.
    """
    words = alignment.words()
    end = alignment.segments[-1].end
    gaps = [(a[2] + b[1]) // 2 for a, b in itertools.pairwise(words)]
    sizes = [b[1] - a[2] for a, b in itertools.pairwise(words)]
    parts, first, start = [], 0, 0
    while first < len(words):
        fitting = [n for n in range(first, len(gaps)) if gaps[n] - start <= longest]
        if end - start <= longest or not fitting:
            parts.append((first, len(words), start, end))
            break
        pauses = [n for n in fitting if sizes[n] >= pause and gaps[n] - start >= longest // 4]
        chosen = pauses[-1] if pauses else max(fitting[len(fitting) // 2 :], key=lambda n: sizes[n])
        parts.append((first, chosen + 1, start, gaps[chosen]))
        first, start = chosen + 1, gaps[chosen]
    return parts


def best_phones(scores: Frames, table: NDArray[np.float32], *, scale: float = 1.0) -> list[int]:
    """The best phone sequence under a phone trigram, silences included.

    Args:
        scores: [T, 2P].
        table: probabilities [N, N, N] by the last two phones and the next; index P is the boundary.
        scale: weight of the acoustic scores.
    """
    size = scores.shape[1] // 2
    prior = np.log(np.maximum(table, 1e-30))
    enter, stay = scale * scores[:, :size], scale * scores[:, size:]
    best = np.full((size + 1, size), NEVER, np.float32)  # [i, j]
    best[size] = prior[size, size, :size] + enter[0]
    step = np.ascontiguousarray(prior[:, :size, :size].transpose(1, 2, 0))  # [j, k, i]
    back = np.empty((len(scores), size, size), np.int8)  # [j, k]: which i the new state (j, k) came from
    entered = np.zeros((len(scores), size + 1, size), bool)
    for t in range(1, len(scores)):
        coming = best.T[:, None, :] + step
        back[t] = coming.argmax(2)
        fresh = np.take_along_axis(coming, back[t].astype(np.int64)[..., None], 2)[..., 0] + enter[t]
        best = best + stay[t]
        entered[t, :size] = fresh > best[:size]
        best[:size] = np.maximum(fresh, best[:size])
    i, j = np.unravel_index(int((best + prior[:, :size, size]).argmax()), best.shape)
    line = [int(j)]
    for t in range(len(scores) - 1, 0, -1):
        if entered[t, i, j]:
            i, j = back[t, i, j], i
            line.append(int(j))
    return line[::-1]


def phone_errors(phones: Sequence[int], graph: SentenceGraph) -> tuple[int, int]:
    """Least edits between phones heard (without silences) and any way to say the sentence; its number of phones."""
    heard = np.asarray(phones)
    offsets = np.arange(len(heard) + 1)
    rows: list[NDArray[np.int64]] = []
    for state, phone in enumerate(graph.phones):
        before = [rows[s] for s in graph.sources[state] if s >= 0]
        if graph.first[state] > NEVER / 2:
            before.append(offsets)
        lowest = np.minimum.reduce(before)
        if graph.words[state] >= 0:
            row = lowest + 1
            row[1:] = np.minimum(row[1:], lowest[:-1] + (heard != phone))
            lowest = np.minimum.accumulate(row - offsets) + offsets
        rows.append(lowest)
    ends = [int(rows[s][-1]) for s in np.flatnonzero(graph.last > NEVER / 2)]
    return min(ends), graph.shortest
