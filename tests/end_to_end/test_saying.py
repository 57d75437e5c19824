"""`harken say`: formats by ending, long texts, pitch and range, marks, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from harken.audio.files import read_audio
from harken.audio.writing import FORMATS
from harken.tts.pitch import track_pitch
from harken.tts.voice import Voice

Harken = Callable[..., Any]


def semitones_between(one: Path, other: Path) -> float:
    """Median distance of two recordings of the same length, where both are voiced."""
    (low, low_voiced), (high, high_voiced) = (track_pitch(read_audio(path)) for path in (one, other))
    both = low_voiced & high_voiced
    return float(np.median(12 * np.log2(high[both] / low[both])))


@pytest.mark.parametrize("ending", FORMATS)
def test_the_ending_names_the_format(harken: Harken, tmp_path: Path, ending: str) -> None:
    ran = harken("say", "Good morning.", "-o", tmp_path / f"x.{ending}", "--json")
    assert ran.status == 0
    with soundfile.SoundFile(tmp_path / f"x.{ending}") as file:
        assert (file.format, file.subtype) == FORMATS[ending]
    (answer,) = ran.lines()
    assert answer["duration"] == pytest.approx(len(read_audio(tmp_path / f"x.{ending}")) / 16_000, abs=0.15)


def test_another_ending_is_refused_before_anything_is_written(harken: Harken, tmp_path: Path) -> None:
    ran = harken("say", "hello", "-o", tmp_path / "x.aac")
    assert ran.status == 2
    assert all(f".{ending}" in ran.err for ending in FORMATS)
    assert not (tmp_path / "x.aac").exists()


def test_pitch_and_range_are_heard(harken: Harken, tmp_path: Path) -> None:
    for name, options in {"plain": [], "high": ["--pitch", "4"], "flat": ["--pitch-range", "0"]}.items():
        assert harken("say", "The kitchen light is on.", "-o", tmp_path / f"{name}.wav", *options).status == 0
    assert semitones_between(tmp_path / "plain.wav", tmp_path / "high.wav") == pytest.approx(4, abs=1)
    assert (tmp_path / "flat.wav").read_bytes() != (tmp_path / "plain.wav").read_bytes()


def test_a_voice_that_does_not_know_itself_cannot_follow_a_recording(harken: Harken, tmp_path: Path) -> None:
    assert harken("say", "Good morning.", "-o", tmp_path / "x.wav").status == 0
    old = ["--voice", "voice-kathleen"]
    ran = harken("say", "Good morning.", "--like", tmp_path / "x.wav", "-o", tmp_path / "y.wav", *old)
    assert ran.status == 1
    assert "voice-kathleen cannot follow a recording" in ran.err
    assert not (tmp_path / "y.wav").exists()


def test_another_voice_is_chosen_by_its_bundle(harken: Harken, tmp_path: Path) -> None:
    for name, options in {"usual": [], "other": ["--voice", "voice-kathleen"]}.items():
        assert harken("say", "Good morning.", "-o", tmp_path / f"{name}.wav", *options).status == 0
    assert (tmp_path / "usual.wav").read_bytes() != (tmp_path / "other.wav").read_bytes()
    ran = harken("say", "Good morning.", "-o", tmp_path / "none.wav", "--voice", "voice-nobody")
    assert ran.status == 1
    assert "voice-nobody" in ran.err


def test_the_usual_voice_follows_a_recording(harken: Harken, tmp_path: Path) -> None:
    lively = ["--pitch-range", "2", "--voice", "voice-kathleen"]
    for name, options in {"lively": lively, "usual": []}.items():
        assert harken("say", "Good morning to you.", "-o", tmp_path / f"{name}.wav", *options).status == 0
    like = ["--like", tmp_path / "lively.wav"]
    assert harken("say", "Good morning to you.", "-o", tmp_path / "like.wav", *like).status == 0
    followed, usual = (read_audio(tmp_path / f"{name}.wav") for name in ("like", "usual"))
    assert 0.5 * len(usual) < len(followed) < 2 * len(usual)
    assert (tmp_path / "like.wav").read_bytes() != (tmp_path / "usual.wav").read_bytes()


def test_a_recording_of_other_words_is_refused_and_says_what_was_heard(harken: Harken, tmp_path: Path) -> None:
    said = ["say", "My mother is in the kitchen.", "-o", tmp_path / "x.wav", "--voice", "voice-kathleen"]
    assert harken(*said).status == 0
    like = ["--like", tmp_path / "x.wav", "-o", tmp_path / "y.wav"]
    ran = harken("say", "Please close all windows.", *like)
    assert ran.status == 1
    assert "x.wav says something else than the text: heard" in ran.err
    assert "kitchen" in ran.err
    assert "expected 'Please close all windows.'" in ran.err
    assert not (tmp_path / "y.wav").exists()


def test_a_word_that_the_recording_may_not_say_is_named(harken: Harken, tmp_path: Path) -> None:
    text = "My mother is in the kitchen, and all of her friends are coming to dinner this evening."
    assert harken("say", text, "-o", tmp_path / "x.wav", "--voice", "voice-kathleen").status == 0
    like = ["--like", tmp_path / "x.wav", "-o", tmp_path / "y.wav", "--json"]
    for given, words in ((text, []), (text.replace("kitchen", "village"), ["village"])):
        ran = harken("say", given, *like)
        assert ran.status == 0
        (answer,) = ran.lines()
        assert [doubt["word"] for doubt in answer["doubts"]] == words
        assert ("x.wav: 'village' may be another word there" in ran.err) == bool(words)


def test_a_picture_shows_what_was_said_below_what_was_followed(harken: Harken, tmp_path: Path) -> None:
    said = ["say", "Good morning to you.", "-o", tmp_path / "x.mp3", "--picture", tmp_path / "x.png", "--json"]
    ran = harken(*said)
    assert ran.status == 0
    (answer,) = ran.lines()
    assert answer["picture"] == str(tmp_path / "x.png")
    like = ["--like", tmp_path / "x.mp3", "-o", tmp_path / "y.wav", "--picture", tmp_path / "y.png"]
    ran = harken("say", "Good morning to you.", *like)
    assert (ran.status, f"; {tmp_path / 'y.png'} shows it" in ran.out) == (0, True)
    with Image.open(tmp_path / "x.png") as one, Image.open(tmp_path / "y.png") as both:
        assert one.format == "PNG"
        assert both.height > 1.8 * one.height


@pytest.mark.parametrize(
    ("arguments", "picture", "status", "what"),
    [
        (["hello"], "x.svg", 2, "ends in .png"),
        (["--from", "-"], "x.png", 2, "--picture shows one text"),
        (["one two three four. " * 80], "x.png", 1, "at most 60 s"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_before_anything_is_said(
    harken: Harken, tmp_path: Path, arguments: list[str], picture: str, status: int, what: str
) -> None:
    ran = harken("say", *arguments, "-o", tmp_path / "x.wav", "--picture", tmp_path / picture)
    assert ran.status == status
    assert what in ran.err
    assert not list(tmp_path.iterdir())


def test_only_a_text_follows_a_recording(harken: Harken, tmp_path: Path) -> None:
    ran = harken("say", "--from", tmp_path / "book.txt", "--like", tmp_path / "x.wav", "-o", tmp_path / "y.wav")
    assert ran.status == 2
    assert "--like" in ran.err


def test_a_text_file_is_spoken_paragraph_by_paragraph(harken: Harken, voice: Voice, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("It was\nlate.\n\nNobody spoke.\n")
    ran = harken("say", "--from", tmp_path / "book.txt", "-o", tmp_path / "book.flac", "--json")
    (answer,) = ran.lines()
    assert set(answer) == {"from", "file", "duration", "seconds"}
    wanted = np.concatenate([voice.say("It was late."), voice.say("Nobody spoke.")])
    np.testing.assert_allclose(read_audio(tmp_path / "book.flac"), wanted, atol=1e-4)


def test_standard_input_is_spoken(harken: Harken, tmp_path: Path) -> None:
    ran = harken("say", "--from", "-", "-o", tmp_path / "x.wav", stdin=b"Good morning.")
    assert ran.status == 0
    harken("say", "Good morning.", "-o", tmp_path / "y.wav")
    assert (tmp_path / "x.wav").read_bytes() == (tmp_path / "y.wav").read_bytes()


def test_marks_are_followed_only_when_asked(harken: Harken, tmp_path: Path) -> None:
    document = '<speak>Wait <break time="2s"/> here.</speak>'
    assert harken("say", document, "--ssml", "-o", tmp_path / "x.wav").status == 0
    harken("say", "Wait here.", "-o", tmp_path / "y.wav")
    longer = len(read_audio(tmp_path / "x.wav")) - len(read_audio(tmp_path / "y.wav"))
    assert longer == pytest.approx(32_000, abs=4000)
    (tmp_path / "x.ssml").write_text(document)
    harken("say", "--from", tmp_path / "x.ssml", "--ssml", "-o", tmp_path / "z.wav")
    assert (tmp_path / "z.wav").read_bytes() == (tmp_path / "x.wav").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "status", "what"),
    [
        (["<speak><audio/></speak>", "--ssml"], 1, "line 1, column 8: <audio>"),
        (["--from", "nowhere.txt"], 1, "cannot read nowhere.txt"),
        ([], 2, "--from FILE"),
        (["hello", "--from", "-"], 2, "--from FILE"),
        (["hello", "--pitch", "40"], 2, "less than or equal"),
        (["hello", "--rate", "nan"], 2, "less than or equal"),
    ],
)
def test_what_cannot_be_said_is_refused(
    harken: Harken, tmp_path: Path, arguments: list[str], status: int, what: str
) -> None:
    ran = harken("say", *arguments, "-o", tmp_path / "x.wav")
    assert ran.status == status
    assert what in ran.err
    assert not (tmp_path / "x.wav").exists()


def test_text_that_is_not_utf_8_is_named(harken: Harken, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(b"caf\xe9")
    ran = harken("say", "--from", tmp_path / "old.txt", "-o", tmp_path / "x.wav")
    assert ran.status == 1
    assert "old.txt is not text in UTF-8" in ran.err
