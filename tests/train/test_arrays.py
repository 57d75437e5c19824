"""Arrays of many recordings: what goes in comes out, piece by piece, and an unfinished folder is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harken.errors import DataError
from harken.train.arrays import FACTS, Arrays, is_written, write_arrays

LENGTHS = (3, 1, 200)


def recordings() -> Iterator[tuple[dict[str, Any], dict[str, np.ndarray]]]:
    rng = np.random.default_rng(0)
    for number, length in enumerate(LENGTHS):
        arrays = {"frames": rng.normal(size=(length, 5)).astype(np.float16), "voiced": rng.random(length) > 0.5}
        yield {"text": f"übung {number}"}, arrays


def test_arrays_and_facts_come_back(tmp_path: Path) -> None:
    assert write_arrays(tmp_path / "a", recordings()) == 3
    assert is_written(tmp_path / "a")
    opened = Arrays(tmp_path / "a", "frames", "voiced")
    assert opened.rows == sum(LENGTHS)
    for (facts, arrays), read in zip(recordings(), opened.facts, strict=True):
        assert read["text"] == facts["text"]
        rows = slice(read["start"], read["start"] + read["frames"])
        for name, array in arrays.items():
            assert opened[name].dtype == array.dtype
            np.testing.assert_array_equal(opened[name][rows], array)


def test_arrays_are_mapped_and_any_reader_of_npy_can_read_them(tmp_path: Path) -> None:
    write_arrays(tmp_path, recordings())
    assert isinstance(Arrays(tmp_path, "frames")["frames"], np.memmap)
    assert np.load(tmp_path / "frames.npy").shape == (sum(LENGTHS), 5)


def test_the_facts_come_last_and_without_them_it_is_unfinished(tmp_path: Path) -> None:
    write_arrays(tmp_path, recordings())

    def broken() -> Iterator[tuple[dict[str, Any], dict[str, np.ndarray]]]:
        yield next(recordings())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_arrays(tmp_path, broken())
    assert not is_written(tmp_path)
    with pytest.raises(DataError, match=r"holds no features .* `prepare` step first"):
        Arrays(tmp_path, "frames")
    write_arrays(tmp_path, recordings())
    assert Arrays(tmp_path, "frames").rows == sum(LENGTHS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FACTS, "frames.npy", "voiced.npy"]


def test_what_does_not_belong_together_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no recording to put into"):
        write_arrays(tmp_path, [])
    rows = [({}, {"x": np.zeros((2, 3), np.float16)}), ({}, {"x": np.zeros((2, 4), np.float16)})]
    with pytest.raises(DataError, match=r"rows are float16 \(3,\), got float16 \(4,\)"):
        write_arrays(tmp_path, rows)
    write_arrays(tmp_path, recordings())
    np.save(tmp_path / "frames.npy", np.zeros((7, 5)))
    with pytest.raises(DataError, match="frames has 7 rows where the facts say 204"):
        Arrays(tmp_path, "frames")
