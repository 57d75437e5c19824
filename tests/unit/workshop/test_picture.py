"""A picture of speech: what is drawn, and where."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harken.errors import AudioError, ConfigError
from harken.tts.voice import Voice
from harken.workshop.picture import LONGEST, Panel, check_picture, draw_picture
from harken.workshop.segments import Segment

LEFT, RIGHT, TOP = 120, 120, 86
"""Pixels around the first spectrogram."""
HEIGHT = 380


@cache
def speech() -> Panel:
    voice, text = Voice.load("voice-kathleen"), "The kitchen light is on."
    lines = voice.read(text)
    return Panel.of_lines("light", voice.say(text), lines, text, voice.timing(lines))


def drawn(path: Path, *panels: Panel) -> np.ndarray:
    draw_picture(panels, path)
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def bluest(pixels: np.ndarray) -> np.ndarray:
    """Where the pitch is drawn."""
    return (pixels[..., 2] > 180) & (pixels[..., 0] < 60)


def test_the_same_sounds_give_the_same_bytes(tmp_path: Path) -> None:
    draw_picture([speech()], tmp_path / "one.png")
    draw_picture([speech()], tmp_path / "new" / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "new" / "two.png").read_bytes()


def test_a_tone_is_drawn_at_its_time_and_frequency_with_its_pitch(tmp_path: Path) -> None:
    sound = np.zeros(48_000, np.float32)
    places = np.arange(16_000, 32_000)
    sound[places] = sum(0.1 * np.sin(2 * np.pi * 200 * k * places / 16_000) for k in range(1, 11))
    pixels = drawn(tmp_path / "x.png", Panel(title="tone", samples=sound))
    width = pixels.shape[1] - LEFT - RIGHT
    box = pixels[TOP + 2 : TOP + HEIGHT - 2, LEFT + 2 : LEFT + width - 2]
    dark = (box.max(2) < 128) & ~bluest(box)
    columns = np.flatnonzero(dark.sum(0) > 10)
    assert columns[0] / width == pytest.approx(1 / 3, abs=0.01)
    assert columns[-1] / width == pytest.approx(2 / 3, abs=0.01)
    assert np.flatnonzero(dark.mean(1) > 0.1)[0] / HEIGHT == pytest.approx(1 - 2000 / 8000, abs=0.05)
    pitch = np.argwhere(bluest(box))
    assert np.ptp(pitch[:, 0]) < 20
    assert 1 - pitch[:, 0].mean() / HEIGHT == pytest.approx((200 - 150) / (300 - 150), abs=0.03)


def test_borders_go_through_the_spectrogram_at_their_times(tmp_path: Path) -> None:
    words = [Segment(text="one", start=8_000, end=16_000, first=1, last=2)]
    pixels = drawn(tmp_path / "x.png", Panel(title="", samples=np.zeros(32_000, np.float32), words=words))
    width = pixels.shape[1] - LEFT - RIGHT
    row = pixels[TOP + HEIGHT // 2, LEFT + 4 : LEFT + width - 4]
    red = np.flatnonzero(row[:, 0] - row[:, 2] > 60) + 4
    assert sorted({round(place / width, 2) for place in red.tolist()}) == [0.25, 0.5]


def test_a_second_sound_is_below_with_the_same_scale(tmp_path: Path) -> None:
    half = Panel(title="half", samples=speech().samples[: len(speech().samples) // 2])
    one, both = drawn(tmp_path / "x.png", speech()), drawn(tmp_path / "y.png", speech(), half)
    assert both.shape[1] == one.shape[1]
    np.testing.assert_array_equal(both[: len(one) - 24, : one.shape[1] - RIGHT], one[:-24, :-RIGHT])
    below = both[len(one) - 24 + TOP - 24 + HEIGHT // 2 :]
    middle = LEFT + (one.shape[1] - LEFT - RIGHT) // 2
    assert (below[:100, : middle - 4] < 255).any()
    assert (below[:100, middle + 140 :] == 255).all()


def test_crowded_labels_go_into_further_lines(tmp_path: Path) -> None:
    def height(count: int) -> int:
        phones = [
            Segment(text="AH0", start=n * 16_000 // count, end=(n + 1) * 16_000 // count, first=n, last=n + 1)
            for n in range(count)
        ]
        return len(drawn(tmp_path / "x.png", Panel(title="", samples=np.zeros(64_000, np.float32), phones=phones)))

    heights = [height(count) for count in (5, 14, 24, 200)]
    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_silence_and_a_sample_are_drawn(tmp_path: Path) -> None:
    for length in (1, 16_000):
        drawn(tmp_path / "x.png", Panel(title="", samples=np.zeros(length, np.float32)))


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="at most 60 s"):
        draw_picture([Panel(title="", samples=np.zeros((LONGEST + 1) * 16_000, np.float32))], tmp_path / "x.png")
    with pytest.raises(ConfigError, match=r"ends in \.png"):
        check_picture(Path("x.jpg"))
    check_picture(Path("x.PNG"))
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioError, match="cannot write"):
        draw_picture([speech()], tmp_path / "file" / "x.png")
