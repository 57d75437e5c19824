"""The shared front end: the same blocks for any chunking, computed once for all who share it."""

from __future__ import annotations

import numpy as np
import pytest

from harken.activation.front_end import BLOCK, FrontEnd, clean
from harken.audio.features import log_mel
from harken.errors import PipelineError
from harken.events import AudioChunk, Samples

SOUND = (0.1 * np.random.default_rng(0).standard_normal(16_000)).astype(np.float32)


def _frames(sound: Samples, size: int, start: int = 0) -> tuple[list[int], np.ndarray]:
    front, blocks = FrontEnd(), []
    for n in range(0, len(sound), size):
        blocks += front.process(AudioChunk(start=start + n, samples=sound[n : n + size]))
    blocks += front.flush()
    return [block.start for block in blocks], np.concatenate([block.frames for block in blocks])


@pytest.mark.parametrize("size", [1, 7, 160, 1280, 4001, 16_000])
def test_any_chunking_gives_the_same_frames_bit_for_bit(size: int) -> None:
    sound = SOUND[:3000] if size == 1 else SOUND
    places, frames = _frames(sound, size)
    wanted_places, wanted = _frames(sound, 480)
    assert places == wanted_places
    assert np.array_equal(frames, wanted)


def test_the_frames_are_those_of_the_one_log_mel() -> None:
    _, frames = _frames(SOUND, 320)
    wanted = log_mel(SOUND, bins=40)
    assert np.allclose(frames[: len(wanted)], wanted, atol=1e-4)


def test_every_block_has_an_even_number_of_frames_and_follows_the_one_before() -> None:
    front = FrontEnd()
    blocks = front.process(AudioChunk(start=500, samples=SOUND)) + front.flush()
    assert all(len(block.frames) % 2 == 0 for block in blocks)
    place = 500
    for block in blocks:
        assert block.start == place
        place += 160 * len(block.frames)


def test_two_stages_that_share_it_get_the_same_blocks() -> None:
    front = FrontEnd()
    chunk = AudioChunk(start=0, samples=SOUND)
    assert front.process(chunk) is front.process(chunk)
    assert front.flush() is front.flush()
    assert front.position == len(SOUND)


def test_a_gap_in_the_sound_is_refused() -> None:
    front = FrontEnd()
    front.process(AudioChunk(start=0, samples=SOUND))
    with pytest.raises(PipelineError, match="from sample 16000 to 17000"):
        front.process(AudioChunk(start=17_000, samples=SOUND))


def test_reset_forgets_the_stream() -> None:
    front = FrontEnd()
    front.process(AudioChunk(start=0, samples=SOUND[: BLOCK + 700]))
    front.reset()
    blocks = front.process(AudioChunk(start=99, samples=SOUND[:BLOCK]))
    assert blocks[0].start == 99
    assert np.allclose(blocks[0].frames, log_mel(SOUND[:BLOCK], bins=40), atol=1e-4)


def test_the_end_is_followed_by_a_third_of_a_second_of_silence() -> None:
    front = FrontEnd()
    heard = front.process(AudioChunk(start=0, samples=SOUND[:BLOCK]))
    blocks = front.flush()
    assert sum(len(block.frames) for block in (*heard, *blocks)) == 1 + (5 * BLOCK - 400) // 160
    assert np.allclose(blocks[-1].frames, blocks[-1].frames[0]), "digital silence"


def test_nothing_comes_of_a_stream_that_never_began() -> None:
    assert FrontEnd().flush() == []
    assert FrontEnd().position == 0


def test_samples_are_made_finite_and_clipped() -> None:
    dirty = np.asarray([np.nan, np.inf, -np.inf, 3.0, -40_000.0, 0.25], np.float32)
    assert clean(dirty).tolist() == [0.0, 1.0, -1.0, 1.0, -1.0, 0.25]
