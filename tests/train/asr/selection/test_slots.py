"""Slots of what was heard: two candidates, times, vectors; what is decoded once is read back the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harken.asr.acoustic.model import Outputs
from harken.asr.search.heard import HeardBin
from harken.errors import DataError
from harken.train.asr.selection.decoding import Decoded, Sentence, _write, read_pool
from harken.train.asr.selection.slots import PARTS, Slot, gather, log_odds, phone_posteriors, slot_vectors, slots_of


class _Heard:
    def __init__(self, *bins: HeardBin):
        self.bins = bins


def test_a_slot_keeps_the_two_likeliest_of_a_bin() -> None:
    bins = [
        HeardBin(first=0, last=4, words=(("light", 0.6), ("right", 0.3), ("", 0.1)), pivot=0),
        HeardBin(first=4, last=9, words=(("on", 1.0),), pivot=1),
        HeardBin(first=9, last=11, words=(("", 0.7), ("the", 0.3)), pivot=None),
    ]
    slots = slots_of(_Heard(*bins))  # type: ignore[arg-type]
    assert [(slot.word, slot.rival, slot.share, slot.rival_share) for slot in slots] == [
        ("light", "right", 0.6, 0.3), ("on", "", 1.0, 0.0), ("", "the", 0.7, 0.3),
    ]  # fmt: skip
    assert (slots[0].first, slots[0].last) == (0, 4)


def test_log_odds_stay_finite() -> None:
    assert log_odds(np.array([1.0, 0.5]), np.array([0.0, 0.5])) == pytest.approx([np.log(0.9999 / 0.0001), 0.0])


def test_vectors_tell_the_order_of_sounds() -> None:
    scores = np.full((6, 4), -9.0, np.float32)
    scores[:3, 0] = 9  # phone 0, then phone 1
    scores[3:, 1] = 9
    there, back = (
        slot_vectors([Slot(word="a", rival="", share=1, rival_share=0, first=0, last=6)], Outputs(rows))[0]
        for rows in (scores, scores[::-1])
    )
    assert there.shape == (PARTS * 2,)
    assert np.linalg.norm(there.astype(float)) == pytest.approx(1, abs=1e-2)
    assert float(there.astype(float) @ back.astype(float)) < 0.6


def test_vectors_use_the_hidden_layer_where_there_is_one() -> None:
    outputs = Outputs(np.zeros((6, 4), np.float32), np.ones((6, 7), np.float32))
    slot = Slot(word="a", rival="", share=1, rival_share=0, first=2, last=3)
    assert slot_vectors([slot], outputs).shape == (1, PARTS * 7)


def test_phone_posteriors_sum_to_one_over_entering_and_staying() -> None:
    posteriors = phone_posteriors(np.random.default_rng(0).normal(0, 50, (9, 8)).astype(np.float32))
    assert posteriors.shape == (9, 4)
    assert posteriors.sum(1) == pytest.approx(np.ones(9), abs=1e-5)


def test_slots_of_a_pool_know_their_recording_and_voice() -> None:
    slot = Slot(word="a", rival="b", share=0.8, rival_share=0.2, first=3, last=3)
    slots = gather([[slot], [], [slot, slot]], [np.ones((n, 2), np.float16) for n in (1, 0, 2)], [5, 6, 5])
    assert slots.recording.tolist() == [0, 2, 2]
    assert slots.voice.tolist() == [5, 5, 5]
    assert slots.names[slots.word[0]] == "a"
    assert slots.steps.tolist() == [1, 1, 1]


def test_what_was_decoded_is_read_back_the_same(tmp_path: Path) -> None:
    slot = Slot(word="a", rival="b", share=0.8, rival_share=0.2, first=3, last=6)
    sentence = Sentence(text="a", acoustic=1.5, language=-2.0)
    rows = [
        Decoded(name="x.flac", speaker="s", first=0, steps=9, sentences=(sentence,), slots=(slot, slot)),
        Decoded(name="y.flac", speaker=None, first=4, steps=9, sentences=(), slots=()),
        Decoded(name="z.flac", speaker=None, first=0, steps=9, sentences=(), slots=(slot,)),
    ]
    vectors = [np.full((len(row.slots), 2), number, np.float16) for number, row in enumerate(rows)]
    _write(tmp_path / "000000.jsonl", list(zip(rows, vectors, strict=True)))
    decoded, read = read_pool(tmp_path)
    assert decoded == rows
    assert [table.tolist() for table in read] == [table.tolist() for table in vectors]


def test_an_empty_folder_and_a_damaged_shard_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="decode the pool first"):
        read_pool(tmp_path)
    (tmp_path / "000000.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"000000.jsonl cannot be read"):
        read_pool(tmp_path)
