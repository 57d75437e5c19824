"""Alignment: boundaries of a made-up voice are found from its text alone."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from harken.errors import DataError
from harken.train.tts.align import PAUSE, AlignmentInput, learn

PHONES = ("A", "B", "C", "D")


def sentence(rng: np.random.Generator) -> tuple[AlignmentInput, np.ndarray]:
    """Random phones, each with a spectrum of its own, and how long each truly lasts."""
    names, lengths = [PAUSE], [int(rng.integers(4, 9))]
    for _ in range(6):
        names.append(str(rng.choice([phone for phone in PHONES if phone != names[-1]])))
        lengths.append(int(rng.integers(5, 12)))
    names.insert(4, PAUSE)
    lengths.insert(4, 0 if rng.random() < 0.5 else 10)
    names.append(PAUSE)
    lengths.append(6)
    rows = []
    for name, length in zip(names, lengths, strict=True):
        shape = np.zeros(80) if name == PAUSE else 8 + 3 * np.cos(np.arange(80) * (PHONES.index(name) + 1) / 9)
        rows.append(np.repeat(shape[None], length, 0))
    frames = np.concatenate(rows)
    frames = (frames + 0.4 * rng.standard_normal(frames.shape)).astype(np.float16)
    optional = tuple(place == 4 for place in range(len(names)))
    return AlignmentInput(frames=frames, models=tuple(names), optional=optional), np.array(lengths)


def test_boundaries_lie_where_the_sounds_change():
    rng = np.random.default_rng(0)
    spoken = [sentence(rng) for _ in range(40)]
    aligner = learn([line for line, _ in spoken[:32]], rounds=6, note=lambda _: None)
    for line, truth in spoken[32:]:
        durations = aligner.align(line).sum(1)
        assert durations.sum() == len(line.frames)
        assert np.abs(np.cumsum(durations) - np.cumsum(truth)).max() <= 2


def test_every_phone_has_its_three_states_in_order():
    rng = np.random.default_rng(0)
    spoken = [sentence(rng)[0] for _ in range(40)]
    aligner = learn(spoken, rounds=6, note=lambda _: None)
    states = aligner.align(spoken[0])
    assert states.shape == (len(spoken[0].models), 3)
    phones = np.array([name != PAUSE for name in spoken[0].models])
    assert (states[phones][:, [0, 2]] >= 1).all()
    assert (np.ptp(states[~phones], axis=1) <= 1).all()


def test_a_pause_that_is_not_there_takes_no_time():
    rng = np.random.default_rng(1)
    spoken = [sentence(rng) for _ in range(40)]
    aligner = learn([line for line, _ in spoken], rounds=6, note=lambda _: None)
    for line, truth in spoken:
        assert (aligner.align(line)[4].sum() == 0) == (truth[4] == 0)


def test_too_short_a_recording_is_named():
    line = AlignmentInput(frames=np.zeros((4, 80), np.float16), models=("A",) * 5, optional=(False,) * 5)
    with pytest.raises(DataError, match="4 frames"):
        learn([line])


def test_a_phone_that_was_not_learnt_is_named():
    rng = np.random.default_rng(2)
    aligner = learn([sentence(rng)[0] for _ in range(4)], rounds=2, note=lambda _: None)
    strange = AlignmentInput(frames=np.zeros((20, 80), np.float16), models=("X",), optional=(False,))
    with pytest.raises(DataError, match="X"):
        aligner.align(strange)


def test_a_recording_that_is_too_short_for_its_text_is_named():
    line = AlignmentInput(
        frames=np.zeros((5, 80), np.float16), models=(PAUSE, "A", "B", PAUSE), optional=(False,) * 4, name="p007.wav"
    )
    with pytest.raises(DataError, match=r"p007\.wav has 5 frames, but its text needs at least 6"):
        learn([line], note=lambda _: None)
