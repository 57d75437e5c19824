"""The claims of a paper, as data, and the rule that turns our figure into a verdict.

**The rule.** A figure counts if it rests on at least `seeds` trainings and every bundle that it names is the shipped
one; for a claim about what ships (`shipped`) it must name a bundle. Otherwise the verdict is *not yet*. Intervals are
95 %; a figure that is counted and not sampled (a size) is an interval of no width. "Better", "beyond" and "short" refer
to the direction that the claim calls better.

A claim of a **gain**:

- *exceeded*: the interval lies entirely beyond the paper's figure;
- *reproduced*: it lies entirely on the better side of no effect, and its best end comes within `within` of the paper's
  figure (by default a tenth of the way from no effect to that figure; 0 for a level without a value of no effect);
- *partly*: it lies entirely on the better side of no effect, but falls short of the paper's figure; or it includes no
  effect, but in at least half of the `groups` the interval lies entirely on the better side;
- *not reproduced*: it includes no effect or lies on the worse side, and none of the above holds.

If the paper's figure could not be read, a gain is reproduced when the interval lies entirely on the better side. For a
level without a value of no effect, falling short is not reproduced.

A claim of **no loss** ("at the accuracy of the baseline"), where `within` says what counts as none:

- *exceeded*: the interval lies entirely beyond the paper's figure;
- *reproduced*: its worst end is at most `within` short of it;
- *not reproduced*: it lies entirely further away than that;
- *partly*: anything else; the data leave it open.

A claim that two things are **equal**: *reproduced* when the interval lies inside the paper's figure plus and minus
`within`, *not reproduced* when it lies entirely outside, *partly* when the data leave it open.

**A paper** is *not yet* while none of its claims has a verdict, *exceeded* when all are, *reproduced* when all are at
least that, *not reproduced* when no claim with a verdict holds even partly, and *partly* otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harken.errors import DataError
from harken.metrics.result import OURS, Result

EXCEEDED, REPRODUCED, PARTLY = "exceeded", "reproduced", "partly"
NOT_REPRODUCED, NOT_YET = "not reproduced", "not yet"
_ALLOWED = {
    "better": ("lower", "higher"), "asserts": ("gain", "no loss", "equal"), "scale": ("change", "level"),
}  # fmt: skip
_SHARE = 0.1
"""Default tolerance of a gain: the share of the way from no effect to the paper's figure that may be missing."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A comparison that a paper makes.

    Raises:
        DataError: a field has an unknown value, or one that the rule needs is missing.
    """

    number: int
    """1, 2, ... within the paper; '6.1' is the first claim of paper 6."""
    text: str
    """What is claimed, in one line."""
    method: str
    baseline: str
    metric: str
    """Of the result that answers it."""
    set: str
    """Of that result."""
    condition: str = ""
    """Of that result; '<method> against <baseline>' unless stated."""
    groups: tuple[str, ...] = ()
    """Sets whose mean the answering figure is, with the same metric and condition."""
    asserts: str = "gain"
    """'gain', 'no loss' or 'equal'."""
    better: str
    """'lower' or 'higher'."""
    scale: str = "change"
    """'change': relative to the baseline, 0 is no effect; 'level': the metric's own value."""
    figure: float | None = None
    """The paper's figure, in `unit`; None: it could not be read."""
    unit: str = "%"
    no_effect: float | None = None
    """Of a level: the value at which nothing is gained; None: unknown."""
    within: float | None = None
    """Distance from the paper's figure that still counts as the same, in `unit`."""
    read: str = "abstract"
    """Where the paper's figure was read: 'abstract', 'whole paper', 'recalled', ..."""
    seeds: int = 2
    """Trainings that our figure must rest on; 0 where nothing random is trained."""
    shipped: bool = False
    """Whether the claim is about what ships: then the figure must name its bundles."""

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise DataError(f"'{name}' is '{getattr(self, name)}'; expected {' or '.join(allowed)}")
        if self.asserts != "gain" and (self.figure is None or self.within is None):
            raise DataError(f"a claim of '{self.asserts}' needs 'figure', and 'within' as its tolerance; give both")
        if self.asserts == "gain" and self.figure is None and self.neutral is None:
            raise DataError("a gain is judged by the paper's 'figure' or the value of 'no_effect'; give one of them")
        if self.asserts == "gain" and self.figure is not None and self.neutral is not None and self._reach() <= 0:
            raise DataError(f"the paper's figure {self.figure} is not a gain if {self.better} is better")
        if not self.condition:
            object.__setattr__(self, "condition", f"{self.method} against {self.baseline}")

    @property
    def stated(self) -> str:
        """The paper's figure for people, e.g. '-14 %', 'no loss' or 'a gain, without a figure'."""
        if self.asserts == "equal" and not self.figure:
            return "about equal"
        if self.asserts == "no loss" and not self.figure:
            return "no loss"
        return "a gain, without a figure" if self.figure is None else self.shown(self.figure)

    def shown(self, value: float) -> str:
        """A value of the metric for people; changes have a sign."""
        return f"{value:{'+' if self.scale == 'change' else ''}.3g} {self.unit}".strip()

    @property
    def neutral(self) -> float | None:
        """The value of no effect."""
        return 0.0 if self.scale == "change" else self.no_effect

    def answers(self, result: Result) -> bool:
        """Whether a result of the recipe answers this claim, for all its groups together."""
        return self._about(result) and result.set == self.set

    def answers_in_group(self, result: Result) -> bool:
        """Whether a result answers it for one of its groups."""
        return self._about(result) and result.set in self.groups

    def signed(self, value: float) -> float:
        """The value, or its negative if lower is better, so that higher is better."""
        return value if self.better == "higher" else -value

    def _about(self, result: Result) -> bool:
        return (result.metric, result.condition, result.system) == (self.metric, self.condition, OURS)

    def _reach(self) -> float:
        assert self.figure is not None
        assert self.neutral is not None
        return self.signed(self.figure) - self.signed(self.neutral)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A claim with our figure and the verdict."""

    claim: Claim
    verdict: str
    result: Result | None
    """The figure that answers it, even if it does not count; None: not measured."""
    groups: tuple[Result, ...] = ()
    reason: str = ""
    """Why a measured figure does not count."""


def judge(claim: Claim, results: Iterable[Result], *, ships: Callable[[Result], bool]) -> Judgement:
    """The verdict on a claim.

    Args:
        claim: what the paper says.
        results: of the paper's recipe, one per key (`latest`).
        ships: whether all bundles of a result are the shipped ones.
    """
    results = list(results)
    result = next((candidate for candidate in results if claim.answers(candidate)), None)
    if result is None:
        return Judgement(claim=claim, verdict=NOT_YET, result=None)
    groups = tuple(candidate for candidate in results if claim.answers_in_group(candidate))
    reason = _lacking(claim, result, ships)
    verdict = NOT_YET if reason else _verdict(claim, result, groups)
    return Judgement(claim=claim, verdict=verdict, result=result, groups=groups, reason=reason)


def verdict_on_paper(judgements: Iterable[Judgement]) -> str:
    """The verdict on a paper, from those on its claims."""
    verdicts = [judgement.verdict for judgement in judgements]
    judged = [verdict for verdict in verdicts if verdict != NOT_YET]
    if not judged:
        return NOT_YET
    if all(verdict == EXCEEDED for verdict in verdicts):
        return EXCEEDED
    if all(verdict in (EXCEEDED, REPRODUCED) for verdict in verdicts):
        return REPRODUCED
    return NOT_REPRODUCED if all(verdict == NOT_REPRODUCED for verdict in judged) else PARTLY


def _lacking(claim: Claim, result: Result, ships: Callable[[Result], bool]) -> str:
    if len(result.seeds) < claim.seeds:
        return f"measured with {len(result.seeds)} of {claim.seeds} seeds"
    if not ships(result):
        return "measured with another bundle than the shipped one"
    if claim.shipped and not result.bundles:
        return "not measured with the shipped bundle"
    return "" if result.unit == claim.unit else f"measured in '{result.unit}', claimed in '{claim.unit}'"


def _verdict(claim: Claim, result: Result, groups: Iterable[Result]) -> str:
    worst, best = _ends(claim, result)
    if claim.asserts == "gain":
        return _gain(claim, worst, best, [_ends(claim, group)[0] for group in groups])
    assert claim.figure is not None
    assert claim.within is not None
    wanted = claim.signed(claim.figure)
    if claim.asserts == "equal":
        if wanted - claim.within <= worst and best <= wanted + claim.within:
            return REPRODUCED
        return NOT_REPRODUCED if best < wanted - claim.within or worst > wanted + claim.within else PARTLY
    if worst > wanted:
        return EXCEEDED
    if worst >= wanted - claim.within:
        return REPRODUCED
    return NOT_REPRODUCED if best < wanted - claim.within else PARTLY


def _gain(claim: Claim, worst: float, best: float, worst_of_groups: list[float]) -> str:
    nothing = None if claim.neutral is None else claim.signed(claim.neutral)
    certain = nothing is None or worst > nothing
    if claim.figure is None:
        reached = certain
    else:
        wanted = claim.signed(claim.figure)
        if worst > wanted:
            return EXCEEDED
        lacking = claim.within if claim.within is not None else 0.0 if nothing is None else _SHARE * (wanted - nothing)
        reached = certain and best >= wanted - lacking
    if reached:
        return REPRODUCED
    if nothing is None or best < nothing:
        return NOT_REPRODUCED
    better = sum(worst_of_group > nothing for worst_of_group in worst_of_groups)
    half = worst_of_groups and better >= len(worst_of_groups) / 2
    return PARTLY if certain or half else NOT_REPRODUCED


def _ends(claim: Claim, result: Result) -> tuple[float, float]:
    """Worst and best end of the interval, as `signed` values."""
    low = result.value if result.low is None else result.low
    high = result.value if result.high is None else result.high
    worst, best = sorted((claim.signed(low), claim.signed(high)))
    return worst, best
