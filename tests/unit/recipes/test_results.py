from __future__ import annotations

import dataclasses
from pathlib import Path

from harken.metrics.result import Result, append_result
from harken.recipes.papers import read_papers
from harken.recipes.results import check_results, paper_result, read_results

RESULT = Result(
    recipe="asr/acoustic", metric="word error rate", unit="%", value=21.3, low=19.8, high=22.9, n=449,
    set="librispeech test", command="python -m benchmarks.quality.asr", bundles={"acoustic-en": "a" * 64},
)  # fmt: skip


def test_results_of_all_recipes_are_found_and_the_later_of_two_counts(tmp_path: Path) -> None:
    other = dataclasses.replace(RESULT, recipe="tts/voice", value=20.0)
    better = dataclasses.replace(RESULT, value=20.5)
    for result in (RESULT, other, better):
        append_result(result, tmp_path / result.recipe / "results.jsonl")
    assert read_results(tmp_path) == [better, other]


def test_a_figure_of_the_shipped_bundle_is_right() -> None:
    assert check_results([RESULT], hash_of={"acoustic-en": "a" * 64}.get) == []


def test_a_figure_of_another_bundle_is_named_with_its_command() -> None:
    (problem,) = check_results([RESULT], hash_of={"acoustic-en": "b" * 64}.get)
    assert "'word error rate' on librispeech test belongs to acoustic-en aaaaaaaaaaaa" in problem
    assert "what ships has bbbbbbbbbbbb" in problem
    assert problem.endswith("measure again with `python -m benchmarks.quality.asr`")


def test_a_figure_of_a_bundle_that_does_not_ship_is_named() -> None:
    (problem,) = check_results([RESULT], hash_of={}.get)
    assert "no such bundle ships" in problem


def test_a_measured_claim_needs_its_figure() -> None:
    paper = dataclasses.replace(
        read_papers()[5], recipe="asr/acoustic", status="measured", result="word error rate", bundle="acoustic-en"
    )
    assert paper_result(paper, [RESULT]) == [RESULT]
    assert check_results([RESULT], [paper], hash_of={"acoustic-en": "a" * 64}.get) == []
    (problem,) = check_results([], [paper])
    assert "paper 6 is 'measured' by 'word error rate'" in problem


def test_a_peers_figure_does_not_answer_a_claim() -> None:
    paper = dataclasses.replace(read_papers()[5], status="measured", result="word error rate")
    peer = dataclasses.replace(RESULT, system="pocketsphinx 5.0.4", bundles={})
    assert paper_result(paper, [peer]) == []


def test_the_figures_in_the_repository_belong_to_the_shipped_bundles() -> None:
    assert check_results(read_results(), read_papers()) == []
