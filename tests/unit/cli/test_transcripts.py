from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harken.cli.progress import LONG, hearing_bar
from harken.cli.transcripts import Format, choose_format, find_targets, write_transcript
from harken.errors import AudioError, ConfigError
from harken.events import Hypothesis, Transcript, Word


def part(text: str, start: float = 0.0) -> Transcript:
    words = tuple(
        Word(
            text=word, start=int((start + n * 0.3) * 16_000), end=int((start + n * 0.3 + 0.3) * 16_000), confidence=1.0
        )
        for n, word in enumerate(text.split())
    )
    return Transcript(turn=0, hypotheses=(Hypothesis(words=words, log_prob=0.0, confidence=1.0),))


def parts(*texts: str, then: BaseException | None = None) -> Iterator[Transcript]:
    for number, text in enumerate(texts):
        yield part(text, start=10.0 * number)
    if then is not None:
        raise then


def chosen(
    named: Format | None = None, *, as_json: bool = False, output: str | None = None, alternatives: bool = False
) -> Format | None:
    return choose_format(named, as_json=as_json, output=output, alternatives=alternatives)


def test_the_format_is_what_the_options_say() -> None:
    assert chosen() is None
    assert chosen(as_json=True) is chosen(Format.JSON) is chosen(Format.JSON, as_json=True) is Format.JSON
    assert chosen(output="out/x.VTT") is Format.VTT
    assert chosen(Format.SRT, output="x.txt") is Format.SRT
    assert chosen(as_json=True, alternatives=True) is Format.JSON


def test_options_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ConfigError, match="--json and --format srt"):
        chosen(Format.SRT, as_json=True)
    for output in ("folder/", "x.json"):
        with pytest.raises(ConfigError, match="needs --format"):
            chosen(output=output)
    with pytest.raises(ConfigError, match="needs --format"):
        chosen(Format.JSON, output="x.srt")
    with pytest.raises(ConfigError, match="--nbest"):
        chosen(Format.TXT, alternatives=True)
    for named in (None, Format.JSON):
        with pytest.raises(ConfigError, match="--codes is for"):
            choose_format(named, as_json=False, output=None, alternatives=False, codes=True)


def test_a_folder_gets_a_file_for_each_recording(tmp_path: Path) -> None:
    new = f"{tmp_path}/new/"
    assert find_targets(["a/x.wav", "y.flac", "-"], Format.SRT, new) == {
        "a/x.wav": Path(new) / "x.srt", "y.flac": Path(new) / "y.srt", "-": Path(new) / "standard-input.srt",
    }  # fmt: skip
    assert find_targets(["x.wav"], Format.VTT, str(tmp_path)) == {"x.wav": tmp_path / "x.vtt"}
    assert find_targets(["x.wav"], Format.VTT, "y") == {"x.wav": Path("y")}
    assert find_targets(["x.wav"], Format.VTT, None) == {"x.wav": None}


def test_nothing_is_written_over_a_recording_or_over_another_transcript() -> None:
    with pytest.raises(ConfigError, match="is a recording"):
        find_targets(["x.wav"], Format.TXT, "./x.wav")
    with pytest.raises(ConfigError, match="would both be written"):
        find_targets(["a/x.wav", "b/x.wav"], Format.SRT, "out/")
    with pytest.raises(ConfigError, match="one file for 2"):
        find_targets(["x.wav", "y.wav"], Format.SRT, "all.srt")
    with pytest.raises(ConfigError, match="a file for each"):
        find_targets(["x.wav", "y.wav"], Format.SRT, None)


def test_each_format_is_written_as_it_is_defined(tmp_path: Path) -> None:
    written = {}
    for kind in (Format.TXT, Format.SRT, Format.VTT):
        target = tmp_path / "deep" / f"x.{kind.value}"
        assert write_transcript(parts("hello there", "", "good bye"), kind, target) == 2
        written[kind] = target.read_text(encoding="utf-8")
    assert written[Format.TXT] == "hello there\ngood bye\n"
    assert written[Format.SRT] == (
        "1\n00:00:00,000 --> 00:00:01,000\nhello there\n\n2\n00:00:20,000 --> 00:00:21,000\ngood bye\n\n"
    )
    assert written[Format.VTT] == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nhello there\n\n00:00:20.000 --> 00:00:21.000\ngood bye\n\n"
    )


def test_silence_gives_files_that_are_valid(tmp_path: Path) -> None:
    for kind, content in ((Format.TXT, ""), (Format.SRT, ""), (Format.VTT, "WEBVTT\n\n")):
        assert write_transcript(parts("", ""), kind, tmp_path / "x") == 0
        assert (tmp_path / "x").read_text() == content


def test_without_a_target_it_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write_transcript(parts("one", "two"), Format.TXT, None)
    assert capsys.readouterr().out == "one\ntwo\n"


@pytest.mark.parametrize("kind", [Format.TXT, Format.SRT, Format.VTT])
def test_a_recording_that_cannot_be_read_leaves_no_file(tmp_path: Path, kind: Format) -> None:
    with pytest.raises(AudioError):
        write_transcript(parts(then=AudioError("x")), kind, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_an_interrupted_transcript_keeps_what_was_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_transcript(parts("one", "two", "three", then=KeyboardInterrupt()), Format.SRT, tmp_path / "x.srt")
    assert (tmp_path / "x.srt").read_text() == "1\n00:00:00,000 --> 00:00:01,000\none\n\n"
    assert "interrupted" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write"):
        write_transcript(parts("one"), Format.TXT, tmp_path / "file" / "x.txt")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def followed(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, length: int, shown: bool = True) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with hearing_bar("[red]lecture.wav", shown=shown) as tell:
        for heard in range(0, length + 1, length // 4):
            tell(heard, length)
    return stream.getvalue()


def test_a_long_recording_has_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = followed(monkeypatch, Terminal(), length=60 * LONG)
    assert "[red]lecture.wav" in shown
    assert "of 1:00:00" in shown


def test_there_is_no_bar_for_files_and_pipes_and_short_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert followed(monkeypatch, io.StringIO(), length=LONG) == ""
    assert followed(monkeypatch, Terminal(), length=LONG // 2) == ""
    assert followed(monkeypatch, Terminal(), length=LONG, shown=False) == ""


@pytest.mark.parametrize("kind", [Format.TXT, Format.SRT, Format.VTT])
def test_letters_and_digits_are_written_as_such_on_request(tmp_path: Path, kind: Format) -> None:
    for codes, wanted in ((True, "code B R 4711"), (False, "code b r four seven one one")):
        write_transcript(parts("code b r four seven one one"), kind, tmp_path / "x", codes=codes)
        assert wanted in (tmp_path / "x").read_text()
