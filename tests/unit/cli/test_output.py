from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from harken.cli.output import FAILED, answer_each, print_json, print_table
from harken.errors import AudioError


def answer(name: str) -> Mapping[str, Any]:
    if name == "bad":
        raise AudioError("bad does not exist; give the path of a recording")
    return {"file": name, "text": f"größer als {name}"}


def test_every_input_gives_one_json_line_even_when_some_fail(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stopped:
        answer_each(["one", "bad", "two"], answer, as_json=True, show=print)
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == ["one", "bad", "two"]
    assert lines[1] == {"file": "bad", "error": "bad does not exist; give the path of a recording"}
    assert stopped.value.exit_code == FAILED
    assert "1 of 3 inputs failed" in err


def test_letters_beyond_english_stay_readable_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    answer_each(["one"], answer, as_json=True, show=print)
    assert "größer" in capsys.readouterr().out


def test_messages_stay_off_the_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        answer_each(["bad"], answer, as_json=False, show=print)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("harken: bad does not exist")


def test_an_error_that_is_not_meant_for_people_is_not_hidden() -> None:
    def broken(_: str) -> Mapping[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_each(["one"], broken, as_json=True, show=print)


def test_a_file_that_the_system_refuses_does_not_end_the_batch(capsys: pytest.CaptureFixture[str]) -> None:
    def refused(name: str) -> Mapping[str, Any]:
        return answer(name) if name == "two" else {"size": Path("x" * 5000).stat().st_size}

    with pytest.raises(typer.Exit):
        answer_each(["one", "two"], refused, as_json=True, show=print)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert "File name too long" in first["error"]
    assert second["file"] == "two"


def test_an_answer_with_errors_is_printed_and_counts_as_failed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stopped:
        answer_each(["one"], lambda name: {"file": name, "errors": ["recognizer: broke"]}, as_json=True, show=print)
    assert json.loads(capsys.readouterr().out)["errors"] == ["recognizer: broke"]
    assert stopped.value.exit_code == FAILED


@pytest.mark.parametrize("text", ["größe 東京 🙂", "no Unicode: \udcff"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_any_letter_becomes_json_in_any_encoding(monkeypatch: pytest.MonkeyPatch, text: str, encoding: str) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding=encoding))
    print_json({"text": text})
    assert json.loads(written.getvalue().decode(encoding)) == {"text": text}


def test_square_brackets_in_a_table_are_text_and_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["a", "b"], [("[red]x[/red]", 1), ("plain", 2)])
    assert "[red]x[/red]" in capsys.readouterr().out


def test_a_title_wider_than_its_table_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    path = "/a/rather/long/folder/that/somebody/chose/for/the/recordings/and/keeps/all/corpora/in/manifest.jsonl"
    print_table(["split", "n"], [("train", 1)], title=path)
    assert path in capsys.readouterr().out.splitlines()


def test_a_table_whose_columns_have_no_names_has_no_empty_head_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["", ""], [("skill", "clock")])
    above, row, below = capsys.readouterr().out.splitlines()
    assert "clock" in row
    assert "clock" not in above + below
