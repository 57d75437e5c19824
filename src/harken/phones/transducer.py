"""Letters to phones in many languages: the search for a network's best answers.

The network goes through a word letter by letter; at each step it says a phone or moves to the next letter
(`harken.train.phones.network`). The search follows the best beginnings of all words at once; different ways to divide
the same phones among the letters are one answer, and their probabilities are added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harken.languages.locale import Phones
from harken.phones.inventory import MOST_AT_A_LETTER, NEXT, PADDING, Inventory

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Encode = Callable[[Ints, Ints], Floats]
"""Letters [B, T] and languages [B] -> encoded letters [B, T, joint]."""
Decode = Callable[[Floats, Ints, Ints], Floats]
"""Encoded letters [N, joint], past phones [N, history], phones at the letter [N] -> logits [N, phones]."""
AT_ONCE = 64
"""Words that are searched together."""
Ended = tuple[float, tuple[int, ...]]
"""Score and phones of an answer."""


class Answer(NamedTuple):
    """A pronunciation."""

    phones: Phones
    log_prob: float
    """Natural log of its share among the answers that the search held."""


@dataclass
class _Beam:
    """Beginnings of answers: `width` for each of B words, dead ones at -inf."""

    score: Floats
    """[B, W]"""
    place: Ints
    """[B, W], the letter that they are at."""
    said: Ints
    """[B, W], phones at this letter."""
    phones: Ints
    """[B, W, U]"""
    length: Ints
    """[B, W], number of phones."""

    def taken(self, rows: Ints, parents: Ints) -> _Beam:
        """The beginnings that are continued, for the words that are left."""
        at = (rows[:, None], parents)
        return _Beam(self.score[at], self.place[at], self.said[at], self.phones[at], self.length[at])


def search(
    words: Sequence[Sequence[int]], languages: Sequence[int], inventory: Inventory, encode: Encode, decode: Decode, *,
    history: int, nbest: int = 1, beam: int = 1, masked: bool = True,
) -> list[list[Answer]]:  # fmt: skip
    """The best answers of each word, best first; none for a word without letters.

    Args:
        words: rows of the letters.
        languages: row of the language to speak, for each word.
        inventory: names of the outputs.
        encode: the network's encoder.
        decode: its decoder.
        history: past phones that the decoder looks back on.
        nbest: answers, at most.
        beam: beginnings that are followed; 1 is greedy.
        masked: leave out phones that the language does not have.
    """
    found: list[list[Answer]] = [[] for _ in words]
    filled = [i for i, word in enumerate(words) if len(word)]
    if not filled:
        return found
    lengths = np.array([len(words[i]) for i in filled])
    letters = padded([words[i] for i in filled])
    spoken = np.array([languages[i] for i in filled])
    searching = _Search(inventory, decode, history, nbest, max(beam, nbest), masked)
    for place, answers in zip(filled, searching.run(encode(letters, spoken), lengths, spoken), strict=True):
        found[place] = answers
    return found


def search_all(
    words: Sequence[Sequence[int]], language: int, inventory: Inventory, encode: Encode, decode: Decode, *,
    history: int, nbest: int = 1, beam: int = 1,
) -> list[list[Answer]]:  # fmt: skip
    """As `search` for any number of words of one language; a few words of like length at a time."""
    found: list[list[Answer]] = [[] for _ in words]
    order = sorted(range(len(words)), key=lambda i: len(words[i]))
    for start in range(0, len(order), AT_ONCE):
        places = order[start : start + AT_ONCE]
        answers = search(
            [words[i] for i in places], [language] * len(places), inventory, encode, decode,
            history=history, nbest=nbest, beam=beam,
        )  # fmt: skip
        for place, answer in zip(places, answers, strict=True):
            found[place] = answer
    return found


def padded(words: Sequence[Sequence[int]]) -> Ints:
    """Rows of letters [B, T], filled with PADDING behind the shorter words."""
    lengths = np.array([len(word) for word in words])
    letters = np.full((len(words), int(lengths.max())), PADDING, np.int64)
    letters[np.arange(letters.shape[1]) < lengths[:, None]] = np.concatenate([np.asarray(word) for word in words])
    return letters


@dataclass(frozen=True)
class _Search:
    inventory: Inventory
    decode: Decode
    history: int
    nbest: int
    width: int
    masked: bool

    def run(self, memory: Floats, lengths: Ints, spoken: Ints) -> list[list[Answer]]:
        """Answers for encoded words [B, T, joint]."""
        ended: list[list[Ended]] = [[] for _ in lengths]
        beam = _start(len(lengths), self.width, int(lengths.max()) * 2 + 8)
        rows = np.arange(len(lengths))
        for _ in range(int(lengths.max()) * (MOST_AT_A_LETTER + 1)):
            scores = self._next(beam, memory[rows], spoken[rows])
            beam = _merged(_continued(beam, scores, self.width))
            self._collect(beam, lengths[rows], rows, ended)
            going = np.array([self._goes_on(beam.score[i], ended[row]) for i, row in enumerate(rows)])
            if not going.all():
                kept = np.flatnonzero(going)
                rows, beam = rows[kept], beam.taken(kept, np.tile(np.arange(self.width), (len(kept), 1)))
            if not len(rows):
                break
        return [self._answers(pairs) for pairs in ended]

    def _next(self, beam: _Beam, memory: Floats, spoken: Ints) -> Floats:
        """Scores [B, W, outputs] of all continuations."""
        alive = np.isfinite(beam.score)
        word, column = np.nonzero(alive)
        places, said, lengths = beam.place[alive], beam.said[alive], beam.length[alive]
        back = lengths[:, None] - self.history + np.arange(self.history)
        past = np.where(back >= 0, beam.phones[word[:, None], column[:, None], np.maximum(back, 0)], NEXT)
        logits = self.decode(memory[word, places], past, said)
        if self.masked:
            logits = np.where(self.inventory.allowed[spoken[word]], logits, -np.inf)
        full = (said >= MOST_AT_A_LETTER) | (lengths >= beam.phones.shape[2])
        logits[full, NEXT + 1 :] = -np.inf
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        scores = np.full((*beam.score.shape, logits.shape[1]), -np.inf, np.float32)
        scores[word, column] = logits + beam.score[alive][:, None]
        return scores

    def _collect(self, beam: _Beam, lengths: Ints, rows: Ints, ended: list[list[Ended]]) -> None:
        """Move what has passed the last letter from the beam to the answers."""
        done = np.isfinite(beam.score) & (beam.place >= lengths[:, None])
        for word, column in zip(*np.nonzero(done), strict=True):
            phones = beam.phones[word, column, : beam.length[word, column]]
            ended[rows[word]].append((float(beam.score[word, column]), tuple(int(phone) for phone in phones)))
        beam.score[done] = -np.inf

    def _goes_on(self, scores: Floats, ended: list[Ended]) -> bool:
        best = float(scores.max())
        if not np.isfinite(best):
            return False
        enough = sorted((score for score, _ in ended), reverse=True)[: self.nbest]
        return len(enough) < self.nbest or best > enough[-1]

    def _answers(self, ended: list[Ended]) -> list[Answer]:
        total = float(np.logaddexp.reduce([score for score, _ in ended])) if ended else 0.0
        best = sorted(ended, key=lambda pair: -pair[0])[: self.nbest]
        names = self.inventory.phones
        return [Answer(tuple(names[phone - 1] for phone in phones), score - total) for score, phones in best if phones]


def _start(words: int, width: int, room: int) -> _Beam:
    zeros = np.zeros((words, width), np.int64)
    score = np.full((words, width), -np.inf, np.float32)
    score[:, 0] = 0
    return _Beam(score, zeros, zeros.copy(), np.zeros((words, width, room), np.int64), zeros.copy())


def _continued(beam: _Beam, scores: Floats, width: int) -> _Beam:
    """The best continuations of each word."""
    words, _, outputs = scores.shape
    flat = scores.reshape(words, -1)
    best = np.argpartition(-flat, width - 1, axis=1)[:, :width] if width < flat.shape[1] else np.argsort(-flat, axis=1)
    parents, output = best // outputs, best % outputs
    fresh = beam.taken(np.arange(words), parents)
    fresh.score = np.take_along_axis(flat, best, axis=1)
    moved = output == NEXT
    word, column = np.nonzero(~moved)
    fresh.phones[word, column, np.minimum(fresh.length[word, column], fresh.phones.shape[2] - 1)] = output[word, column]
    fresh.length = fresh.length + ~moved
    fresh.place = fresh.place + moved
    fresh.said = np.where(moved, 0, fresh.said + 1)
    return fresh


def _merged(beam: _Beam) -> _Beam:
    """Beginnings with the same phones at the same letter become the better one, with the sum of their scores."""
    width = beam.score.shape[1]
    for second in range(1, width):
        for first in range(second):
            same = (
                np.isfinite(beam.score[:, first])
                & np.isfinite(beam.score[:, second])
                & (beam.place[:, first] == beam.place[:, second])
                & (beam.length[:, first] == beam.length[:, second])
            )
            same[same] = (beam.phones[same, first] == beam.phones[same, second]).all(axis=1)
            mine, other = beam.score[same, first], beam.score[same, second]
            beam.said[same, first] = np.where(mine >= other, beam.said[same, first], beam.said[same, second])
            beam.score[same, first] = np.logaddexp(mine, other)
            beam.score[same, second] = -np.inf
    return beam
