from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from harken.errors import DataError
from harken.metrics.result import Result, append_result, latest, read_result_lines, results_file

WER = Result(
    recipe="asr/acoustic", metric="word error rate", unit="%", value=21.3, low=19.8, high=22.9, n=449,
    set="librispeech test", command="python -m benchmarks.quality.asr", bundles={"acoustic-en": "ab" * 32},
    seeds=(1, 2), date="2026-11-24",
)  # fmt: skip


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "recipes" / "results.jsonl"
    other = dataclasses.replace(WER, system="pocketsphinx 5.0.4", bundles={}, seeds=(), value=28.1, low=25.0, high=31.0)
    append_result(WER, path)
    append_result(other, path)
    assert list(read_result_lines(path)) == [WER, other]


def test_a_result_belongs_into_the_folder_of_its_recipe() -> None:
    assert results_file("asr/acoustic").parts[-4:] == ("recipes", "asr", "acoustic", "results.jsonl")


def test_of_two_results_about_the_same_thing_the_later_counts() -> None:
    noisy = dataclasses.replace(WER, condition="kitchen noise 12 dB")
    better = dataclasses.replace(WER, value=20.0)
    assert latest([WER, noisy, better]) == [better, noisy]


def test_a_figure_for_people_has_its_interval_and_unit() -> None:
    assert WER.figure == "21.3 [19.8, 22.9] %"
    assert dataclasses.replace(WER, value=0.0077, low=None, high=None, unit="RTF").figure == "0.0077 RTF"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"value": 30.0}, "outside its interval"),
        ({"value": float("nan")}, "finite"),
        ({"low": None}, "both ends"),
        ({"n": 0}, "n must be 1"),
        ({"command": " "}, "'command' is empty"),
        ({"bundles": {}, "seeds": ()}, "hashes"),
        ({"date": "yesterday"}, "ISO day"),
    ],
)
def test_a_wrong_result_is_refused_with_the_reason(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        dataclasses.replace(WER, **change)


@pytest.mark.parametrize("line", ["{", "[]", '{"metric": "x"}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "results.jsonl"
    append_result(WER, path)
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataError, match=r"results\.jsonl:2"):
        list(read_result_lines(path))
