"""The verdict follows from the interval by rule, in every case of the rule."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from harken.errors import DataError
from harken.metrics.claim import (
    EXCEEDED,
    NOT_REPRODUCED,
    NOT_YET,
    PARTLY,
    REPRODUCED,
    Claim,
    Judgement,
    judge,
    verdict_on_paper,
)
from harken.metrics.result import Result

CLAIM = Claim(
    number=1, text="fewer errors", method="new", baseline="old", metric="relative change of errors", set="mean",
    better="lower", figure=-10.0, groups=("a", "b", "c"),
)  # fmt: skip


def result(low: float, high: float, **more: Any) -> Result:
    figure = Result(
        recipe="asr/x", metric=CLAIM.metric, value=(low + high) / 2, low=low, high=high, unit="%", n=100, set="mean",
        condition="new against old", command="harken score asr/x method", seeds=(0, 1),
    )  # fmt: skip
    return dataclasses.replace(figure, **more)


def verdict(claim: Claim, *results: Result, ships: bool = True) -> str:
    return judge(claim, results, ships=lambda _: ships).verdict


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (-20, -10.1, EXCEEDED),
        (-20, -10, REPRODUCED),
        (-12, -1, REPRODUCED),
        (-9.0, -0.1, REPRODUCED),  # within a tenth of -10
        (-8.9, -0.1, PARTLY),
        (-12, 0, NOT_REPRODUCED),
        (-3, 2, NOT_REPRODUCED),
        (1, 2, NOT_REPRODUCED),
    ],
)
def test_a_gain_goes_by_no_effect_and_the_papers_figure(low: float, high: float, wanted: str) -> None:
    assert verdict(CLAIM, result(low, high)) == wanted
    mirrored = dataclasses.replace(CLAIM, better="higher", figure=10.0)
    assert verdict(mirrored, result(-high, -low)) == wanted


def test_the_tolerance_can_be_stated() -> None:
    strict = dataclasses.replace(CLAIM, within=0.0)
    assert verdict(strict, result(-9.5, -1)) == PARTLY
    assert verdict(dataclasses.replace(CLAIM, within=3.0), result(-7, -1)) == REPRODUCED


@pytest.mark.parametrize(
    ("ends", "wanted"),
    [
        ([(-5, -1), (-5, -1), (-5, 1)], PARTLY),
        ([(-5, -1), (-5, 1), (-5, 1)], NOT_REPRODUCED),
        ([(-5, -1), (-5, 1)], PARTLY),
    ],
)
def test_an_uncertain_mean_is_partly_so_with_half_of_its_groups(ends: list[tuple[int, int]], wanted: str) -> None:
    groups = [result(low, high, set=name) for name, (low, high) in zip("abc", ends, strict=False)]
    assert verdict(CLAIM, result(-4, 0.5), *groups) == wanted
    elsewhere = [dataclasses.replace(one, condition="newer against old") for one in groups]
    assert verdict(CLAIM, result(-4, 0.5), *elsewhere) == NOT_REPRODUCED


def test_groups_do_not_save_a_mean_on_the_wrong_side() -> None:
    groups = [result(-5, -1, set=name) for name in "ab"]
    assert verdict(CLAIM, result(0.5, 4), *groups) == NOT_REPRODUCED


def test_without_a_readable_figure_a_certain_gain_is_enough() -> None:
    claim = dataclasses.replace(CLAIM, figure=None)
    assert verdict(claim, result(-90, -0.1)) == REPRODUCED
    assert verdict(claim, result(-90, 0.1)) == NOT_REPRODUCED


def test_a_level_without_a_value_of_no_effect_is_reached_or_not() -> None:
    claim = dataclasses.replace(CLAIM, scale="level", better="higher", figure=54.1)
    assert verdict(claim, result(50, 55)) == REPRODUCED
    assert verdict(claim, result(54.2, 56)) == EXCEEDED
    assert verdict(claim, result(53, 54)) == NOT_REPRODUCED
    half = dataclasses.replace(claim, no_effect=20.0)
    assert verdict(half, result(40, 45)) == PARTLY
    assert verdict(half, result(10, 45)) == NOT_REPRODUCED


def test_a_counted_figure_is_an_interval_without_width() -> None:
    for value, wanted in ((-10.0, REPRODUCED), (-11.0, EXCEEDED)):
        assert verdict(CLAIM, dataclasses.replace(result(value, value), low=None, high=None)) == wanted


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(-3, -0.1, EXCEEDED), (-3, 2, REPRODUCED), (1, 1.9, REPRODUCED), (1, 3, PARTLY), (2.1, 3, NOT_REPRODUCED)],
)
def test_no_loss_goes_by_the_worst_end(low: float, high: float, wanted: str) -> None:
    claim = dataclasses.replace(CLAIM, asserts="no loss", figure=0.0, within=2.0)
    assert verdict(claim, result(low, high)) == wanted


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(-1, 2, REPRODUCED), (-3, 1, PARTLY), (-4, -2.1, NOT_REPRODUCED), (2.1, 4, NOT_REPRODUCED), (-9, 9, PARTLY)],
)
def test_equal_goes_by_both_ends(low: float, high: float, wanted: str) -> None:
    claim = dataclasses.replace(CLAIM, asserts="equal", figure=0.0, within=2.0)
    assert verdict(claim, result(low, high)) == wanted


def test_what_does_not_count_is_not_yet_and_says_why() -> None:
    shipped = dataclasses.replace(CLAIM, shipped=True)
    for claim, one, ships, reason in (
        (CLAIM, result(-20, -11, seeds=(0,)), True, "1 of 2 seeds"),
        (CLAIM, result(-20, -11, bundles={"x": "ab"}), False, "another bundle"),
        (shipped, result(-20, -11), True, "not measured with the shipped bundle"),
        (CLAIM, result(-20, -11, unit="ms"), True, "measured in 'ms', claimed in '%'"),
    ):
        found = judge(claim, [one], ships=lambda _, ships=ships: ships)
        assert found.verdict == NOT_YET
        assert reason in found.reason
    assert verdict(shipped, result(-20, -11, bundles={"x": "ab"})) == EXCEEDED
    assert verdict(dataclasses.replace(CLAIM, seeds=1), result(-20, -11, seeds=(0,))) == EXCEEDED


@pytest.mark.parametrize(
    "other", [{"set": "a"}, {"condition": ""}, {"metric": "errors"}, {"system": "pocketsphinx 5.0.4"}]
)
def test_another_result_does_not_answer(other: dict[str, str]) -> None:
    assert judge(CLAIM, [result(-20, -11, **other)], ships=lambda _: True) == Judgement(
        claim=CLAIM, verdict=NOT_YET, result=None
    )


@pytest.mark.parametrize(
    ("verdicts", "wanted"),
    [
        ([NOT_YET, NOT_YET], NOT_YET),
        ([EXCEEDED, EXCEEDED], EXCEEDED),
        ([EXCEEDED, REPRODUCED], REPRODUCED),
        ([EXCEEDED, NOT_YET], PARTLY),
        ([NOT_REPRODUCED, NOT_YET], NOT_REPRODUCED),
        ([NOT_REPRODUCED, PARTLY], PARTLY),
        ([NOT_REPRODUCED, EXCEEDED], PARTLY),
    ],
)
def test_a_paper_is_what_its_claims_are(verdicts: list[str], wanted: str) -> None:
    assert verdict_on_paper(Judgement(claim=CLAIM, verdict=one, result=None) for one in verdicts) == wanted


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"better": "less"}, "'better' is 'less'; expected lower or higher"),
        ({"asserts": "win"}, "expected gain or no loss or equal"),
        ({"asserts": "no loss"}, "needs 'figure', and 'within' as its tolerance"),
        ({"figure": 10.0}, "is not a gain if lower is better"),
        ({"scale": "level", "figure": None}, "'no_effect'"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        dataclasses.replace(CLAIM, **change)


def test_the_papers_figure_for_people() -> None:
    assert CLAIM.stated == "-10 %"
    assert dataclasses.replace(CLAIM, better="higher", figure=13.0).stated == "+13 %"
    assert dataclasses.replace(CLAIM, figure=2.0, scale="level").stated == "2 %"
    assert dataclasses.replace(CLAIM, figure=None).stated == "a gain, without a figure"
    assert dataclasses.replace(CLAIM, figure=0.0, within=1.0, asserts="no loss").stated == "no loss"
    assert dataclasses.replace(CLAIM, figure=0.0, within=1.0, asserts="equal").stated == "about equal"
