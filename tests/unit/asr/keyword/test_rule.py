"""What is known of a candidate as a probability."""

from __future__ import annotations

import math

import pytest

from harken.asr.keyword.rule import CLOSE, INTERRUPTING, WITH_NETWORK, WITHOUT_NETWORK, Rule, logit

RULE = Rule(bias=1.0, margin=2.0, network=0.25, threshold=0.5)


def test_the_evidence_is_weighed_by_hand() -> None:
    # 1 + 2 * -1.5 + 0.25 * 2 = -1.5
    assert RULE.probability(-1.5, 2.0) == pytest.approx(1 / (1 + math.exp(1.5)))


def test_the_network_counts_within_bounds() -> None:
    assert RULE.probability(-1, CLOSE + 5) == RULE.probability(-1, CLOSE)
    assert RULE.probability(-1, -CLOSE - 5) == RULE.probability(-1, -CLOSE) < RULE.probability(-1, 0)


def test_hopeless_margins_are_0_and_not_an_error() -> None:
    assert RULE.probability(-1e9) == pytest.approx(0.0, abs=1e-100)


@pytest.mark.parametrize("rule", [WITH_NETWORK, WITHOUT_NETWORK, INTERRUPTING])
def test_the_shipped_rules_prefer_what_should_be_preferred(rule: Rule) -> None:
    assert rule.margin > 0
    assert rule.network >= 0
    assert 0 < rule.threshold < 1
    assert rule.probability(0.0, 3.0) >= rule.threshold, "a word that is the best explanation is heard"
    assert rule.probability(-5.0, -5.0) < rule.threshold


def test_logits_turn_probabilities_around_and_stay_finite() -> None:
    assert logit(0.5) == 0
    assert 1 / (1 + math.exp(-logit(0.967))) == pytest.approx(0.967)
    assert -20 < logit(0.0) < -10 < 10 < logit(1.0) < 20
