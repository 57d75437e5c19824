"""Chains: which ones make sense, and what leaves a state."""

import pytest

from harken.languages.chains import START, Chain, Link

KNOCK = (("knock",),)


def link(before: str, after: str, phrases: tuple[tuple[str, ...], ...] = KNOCK, weight: float = 1.0) -> Link:
    return Link(before=before, after=after, phrases=phrases, weight=weight)


def test_a_state_knows_what_leaves_it_and_how_much_that_weighs() -> None:
    chain = Chain(links=(link(START, "in", weight=3.0), link("in", "in", weight=0.5)), ends={"in": 2.0})
    assert chain.leaving[START] == chain.links[:1]
    assert (chain.total(START), chain.total("in")) == (3.0, 2.5)
    assert chain.vocabulary == {"knock"}


@pytest.mark.parametrize(
    ("links", "ends", "message"),
    [
        ((link(START, START),), {}, "leads to no state"),
        ((link(START, "in", weight=0.0),), {"in": 1.0}, "leads to no state"),
        ((link(START, "in", phrases=()),), {"in": 1.0}, "says nothing"),
        ((link(START, "in", phrases=((),)),), {"in": 1.0}, "says nothing"),
        ((link(START, "in"),), {}, "'in' can neither end nor go on"),
        ((link("in", "in"),), {"in": 1.0}, "needs a link from its start"),
        ((link(START, "in"),), {"in": 1.0, START: 1.0}, "cannot end there"),
    ],
)
def test_chains_that_lead_nowhere_are_refused(links: tuple[Link, ...], ends: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Chain(links=links, ends=ends)
