"""Blocks of a fixed size out of chunks of any size."""

import numpy as np
import pytest

from harken.audio.blocks import Blocks


@pytest.mark.parametrize("chunk", [1, 3, 10, 11, 40, 100])
@pytest.mark.parametrize("more", [0, 4, 25])
def test_blocks_are_the_same_for_any_chunks_and_lose_nothing(chunk: int, more: int) -> None:
    samples = np.arange(97, dtype=np.float32)
    blocks = Blocks(10, more=more)
    for _ in range(2):  # a reset begins anew
        pushed = [one for start in range(0, 97, chunk) for one in blocks.push(samples[start : start + chunk])]
        assert [len(one) for one in pushed] == [10 + more] + [10] * ((97 - more) // 10 - 1)
        assert np.array_equal(np.concatenate([*pushed, blocks.rest()]), samples)
        blocks.reset()


def test_too_little_for_a_block_waits() -> None:
    blocks = Blocks(10, more=5)
    assert blocks.push(np.zeros(14, np.float32)) == []
    assert len(blocks.rest()) == 14
    (block,) = blocks.push(np.ones(1, np.float32))
    assert (len(block), len(blocks.rest())) == (15, 0)
