from __future__ import annotations

import dataclasses
from pathlib import Path

from harken.metrics.claim import verdict_on_paper
from harken.metrics.result import Result, append_result
from harken.recipes.papers import read_papers
from harken.recipes.results import judge_paper, read_results, ships, stale_results

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
    assert list(stale_results([RESULT], hash_of={"acoustic-en": "a" * 64}.get)) == []
    assert ships(RESULT, hash_of={"acoustic-en": "a" * 64}.get)


def test_a_figure_of_another_bundle_is_named_with_its_command() -> None:
    (problem,) = stale_results([RESULT], hash_of={"acoustic-en": "b" * 64}.get)
    assert "'word error rate' on librispeech test belongs to acoustic-en aaaaaaaaaaaa" in problem
    assert "what ships has bbbbbbbbbbbb" in problem
    assert problem.endswith("measure again with `python -m benchmarks.quality.asr`")


def test_a_figure_of_a_bundle_that_does_not_ship_is_named() -> None:
    (problem,) = stale_results([RESULT], hash_of={}.get)
    assert "no such bundle ships" in problem


def test_a_figure_of_another_bundle_answers_no_claim() -> None:
    paper = read_papers()[5]
    claim = paper.claims[0]
    answer = dataclasses.replace(
        RESULT, recipe=paper.recipe, metric=claim.metric, set=claim.set, condition=claim.condition, value=-20.0,
        low=-22.0, high=-18.0, seeds=(0, 1),
    )  # fmt: skip
    for shipped, verdict in (("a", "exceeded"), ("b", "not yet")):
        judgements = judge_paper(paper, [answer], hash_of={"acoustic-en": shipped * 64}.get)
        assert [one.verdict for one in judgements] == [verdict, *["not yet"] * (len(paper.claims) - 1)]
    other = dataclasses.replace(answer, recipe="asr/acoustic")
    assert judge_paper(paper, [other], hash_of={"acoustic-en": "a" * 64}.get)[0].verdict == "not yet"


def test_the_figures_in_the_repository_belong_to_the_shipped_bundles() -> None:
    assert list(stale_results(read_results())) == []


def test_what_was_recorded_of_the_dialects_does_not_reproduce_the_paper() -> None:
    judged = judge_paper(read_papers()[5], read_results())
    assert verdict_on_paper(judged) == "not reproduced"
    assert [one.result is not None and len(one.groups) for one in judged] == [3] * 5
