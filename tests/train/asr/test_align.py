"""Alignments, cuts, free phone recognition and its errors, on scores made by hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from harken.train.asr.align import Alignment, Segment, align_sentence, best_phones, cut_points, phone_errors
from harken.train.asr.denominator import estimate_trigram
from harken.train.asr.mmi import sentence_graph

PHONES = 4


def _scores(line: list[int]) -> np.ndarray:
    """Scores that favour phone line[t] at step t: entering where it changes, staying where it does not."""
    y = np.full((len(line), 2 * PHONES), -4.0, np.float32)
    for t, phone in enumerate(line):
        y[t, phone + (PHONES if t and line[t - 1] == phone else 0)] = 2.0
    return y


def test_alignment_finds_the_times():
    found = align_sentence(_scores([0, 0, 1, 1, 1, 2, 0, 3, 3]), sentence_graph([[[1, 2]], [[3]]]))
    assert found is not None
    assert [(s.phone, s.start, s.end) for s in found.segments] == [
        (0, 0, 2),
        (1, 2, 5),
        (2, 5, 6),
        (0, 6, 7),
        (3, 7, 9),
    ]
    assert found.words() == [(0, 2, 6), (1, 7, 9)]


def test_alignment_takes_the_pronunciation_that_was_said():
    graph = sentence_graph([[[1, 2], [3, 2]]])
    found = align_sentence(_scores([3, 3, 2]), graph)
    assert found is not None
    assert [s.phone for s in found.segments] == [3, 2]


def test_too_short_a_recording_has_no_alignment():
    assert align_sentence(_scores([1, 2]), sentence_graph([[[1, 2, 3, 1]]])) is None


def test_one_step_can_be_aligned():
    found = align_sentence(_scores([2]), sentence_graph([[[2]]]))
    assert found is not None
    assert found.segments == (Segment(phone=2, word=0, start=0, end=1),)


def _words(times: list[tuple[int, int]], end: int) -> Alignment:
    segments, last = [], 0
    for word, (start, stop) in enumerate(times):
        if start > last:
            segments.append(Segment(phone=0, word=-1, start=last, end=start))
        segments.append(Segment(phone=1, word=word, start=start, end=stop))
        last = stop
    return Alignment(segments=(*segments, Segment(phone=0, word=-1, start=last, end=end)), score=0.0)


def test_cuts_lie_in_pauses_and_lose_nothing():
    alignment = _words([(2, 10), (10, 20), (30, 40), (41, 50), (50, 60), (70, 80)], 85)
    parts = cut_points(alignment, 45)
    assert parts == [(0, 2, 0, 25), (2, 5, 25, 65), (5, 6, 65, 85)]


def test_cuts_between_words_where_there_is_no_pause():
    parts = cut_points(_words([(n * 10, n * 10 + 10) for n in range(10)], 100), 40)
    assert parts[0][2] == 0
    assert parts[-1][3] == 100
    assert [a[1] for a in parts[:-1]] == [b[0] for b in parts[1:]]
    assert max(end - start for _, _, start, end in parts) <= 40


def test_best_phones_reads_clear_scores():
    sentences = [[[[1, 2, 3]]], [[[3, 1]]], [[[2, 2]]]]
    trigram = estimate_trigram(sentences, PHONES, np.random.default_rng(0))
    line = [0, 1, 1, 2, 3, 3, 0, 3, 1]
    assert best_phones(3 * _scores(line), trigram.table.numpy()) == [0, 1, 2, 3, 0, 3, 1]


@pytest.mark.parametrize(
    ("heard", "errors"), [([1, 2, 3], 0), ([1, 3], 1), ([1, 2, 3, 3], 1), ([3, 2, 3], 0), ([2, 2, 2], 2), ([], 3)]
)
def test_errors_are_least_edits_over_pronunciations(heard, errors):
    assert phone_errors(heard, sentence_graph([[[1, 2], [3, 2]], [[3]]])) == (errors, 3)
