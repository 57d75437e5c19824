from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harken.demo.timeline import WIDTH, Take, draw_timeline
from harken.errors import AudioError
from harken.events import (
    Event,
    Hypothesis,
    PlaybackStarted,
    Reply,
    SpeechChunk,
    Transcript,
    TurnEnded,
    TurnStarted,
    WakeDetected,
    Word,
)


def tone(length: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return (0.3 * np.sin(np.arange(length) / 5)).astype(np.float32)


def whole_turn() -> list[Event]:
    word = Word(text="coffee", start=16_000, end=24_000, confidence=0.4)
    return [
        WakeDetected(word="computer", start=2000, end=9000, score=0.9),
        TurnStarted(turn=0, start=9000, reason="wake"),
        TurnEnded(turn=0, end=28_000, reason="silence"),
        Transcript(turn=0, hypotheses=(Hypothesis(words=(word,), log_prob=0.0, confidence=0.5),)),
        Reply(turn=0, text="Here you are.", act="inform"),
        SpeechChunk(turn=0, samples=tone(24_000), rate=24_000, text_start=0, text_end=13),
        PlaybackStarted(turn=0, start=28_000),
    ]


def colours(path: Path) -> set[tuple[int, int, int]]:
    with Image.open(path) as image:
        return {tuple(map(int, one)) for one in np.unique(np.asarray(image.convert("RGB")).reshape(-1, 3), axis=0)}


def test_each_request_has_a_panel_with_its_marks(tmp_path: Path) -> None:
    take = Take(title="one", samples=tone(32_000), events=whole_turn())
    draw_timeline([take], tmp_path / "one.png")
    draw_timeline([take, take, take], tmp_path / "three.png")
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "three.png") as three:
        assert one.format == "PNG"
        assert one.width == WIDTH
        assert three.height > 2.5 * one.height
    assert {(232, 89, 12), (34, 139, 230), (47, 158, 68)} <= colours(tmp_path / "one.png"), "wake, turn and reply marks"


def test_sound_outside_the_turn_stays_grey_and_the_turn_takes_its_colour(tmp_path: Path) -> None:
    """Wake word from 2,000 to 9,000, turn to 28,000, of 44,000 samples that the picture is wide."""
    draw_timeline([Take(title="one", samples=tone(32_000), events=whole_turn())], tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    band, left, width = pixels[80:188], 150, WIDTH - 190  # the row of the sound, and its time axis

    def share(colour: tuple[int, int, int], start: int, end: int) -> float:
        part = band[:, left + width * start // 44_000 : left + width * end // 44_000]
        return float((part == colour).all(axis=2).mean())

    assert share((232, 89, 12), 2500, 8500) > 0.5
    assert share((34, 139, 230), 9500, 27_500) > 0.5
    assert share((134, 142, 150), 28_500, 31_500) > 0.5
    assert share((34, 139, 230), 28_500, 31_500) == share((232, 89, 12), 9500, 31_500) == 0


def test_few_colours_make_a_smaller_file(tmp_path: Path) -> None:
    takes = [Take(title="one", samples=np.random.default_rng(0).normal(size=32_000).astype(np.float32), events=[])]
    draw_timeline(takes, tmp_path / "all.png")
    draw_timeline(takes, tmp_path / "few.png", colours=16)
    assert len(colours(tmp_path / "few.png")) <= 16
    assert (tmp_path / "few.png").stat().st_size < 0.6 * (tmp_path / "all.png").stat().st_size


def test_marks_are_absent_when_nothing_happened(tmp_path: Path) -> None:
    draw_timeline([Take(title="quiet", samples=np.zeros(16_000, np.float32), events=[])], tmp_path / "quiet.png")
    assert not {(232, 89, 12), (47, 158, 68)} & colours(tmp_path / "quiet.png")


@pytest.mark.parametrize("length", [0, 1, 100, 399])
def test_a_very_short_recording_is_drawn(tmp_path: Path, length: int) -> None:
    draw_timeline([Take(title="short", samples=tone(length), events=[])], tmp_path / "short.png")
    assert (tmp_path / "short.png").stat().st_size > 0


def test_the_reply_is_placed_where_it_was_played() -> None:
    start, samples = Take(title="one", samples=tone(32_000), events=whole_turn()).reply
    assert start == 28_000
    assert abs(len(samples) - 16_000) < 10


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AudioError, match="cannot write"):
        draw_timeline([], tmp_path / "file" / "t.png")
