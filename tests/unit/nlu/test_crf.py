from itertools import product

import numpy as np
import pytest

from harken.nlu.crf import Crf, allowed_steps, spans_of, tags_of

TAGS = ("O", "B-x", "I-x", "B-y")


def random_crf(seed: int, *, constrained: bool) -> Crf:
    rng = np.random.default_rng(seed)
    steps, start, stop = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4)
    allowed, first = allowed_steps(TAGS) if constrained else (0.0, 0.0)
    return Crf(TAGS, steps + allowed, start + first, stop)


def every_path(crf: Crf, emissions: np.ndarray) -> dict[tuple[int, ...], float]:
    """Unnormalised probability of each tagging."""
    return {path: np.exp(crf.score(emissions, path)) for path in product(range(4), repeat=len(emissions))}


@pytest.mark.parametrize("constrained", [False, True])
@pytest.mark.parametrize("words", [1, 2, 3, 4])
def test_it_agrees_with_trying_every_tagging(words: int, constrained: bool) -> None:
    crf = random_crf(words, constrained=constrained)
    emissions = np.random.default_rng(9).normal(size=(words, 4))
    paths = every_path(crf, emissions)
    whole = sum(paths.values())
    ranked = sorted(paths, key=lambda path: -paths[path])
    assert crf.log_partition(emissions) == pytest.approx(np.log(whole), abs=1e-6)
    assert crf.best(emissions) == ranked[0]
    found = crf.n_best(emissions, 5)
    possible = [path for path in ranked if paths[path] > 0][:5]
    assert [path for path, _ in found] == possible
    assert [share for _, share in found] == pytest.approx([paths[path] / whole for path in possible])
    shares = crf.marginals(emissions)
    for place, tag in product(range(words), range(4)):
        wanted = sum(share for path, share in paths.items() if path[place] == tag) / whole
        assert shares[place, tag] == pytest.approx(wanted, abs=1e-9)
    assert shares.sum(axis=1) == pytest.approx(1.0)


def test_the_probability_of_a_span_sums_over_all_that_surrounds_it() -> None:
    crf = random_crf(3, constrained=True)
    emissions = np.random.default_rng(4).normal(size=(4, 4))
    paths = every_path(crf, emissions)
    for span in [("x", 0, 1), ("x", 1, 3), ("x", 2, 4), ("x", 0, 4), ("x", 3, 4)]:
        wanted = sum(share for path, share in paths.items() if span in spans_of([TAGS[tag] for tag in path]))
        assert crf.span_probability(emissions, span) == pytest.approx(wanted / sum(paths.values()))


def test_a_slot_never_continues_without_having_begun() -> None:
    tags = ("O", "B-x", "I-x", "B-y", "I-y")
    steps, start = allowed_steps(tags)
    crf = Crf(tags, steps, start, np.zeros(5))
    for seed in range(40):
        rng = np.random.default_rng(seed)
        emissions = rng.normal(size=(6, 5)) + np.array([0, 0, 3, 0, 3])
        for path in [crf.best(emissions), *(path for path, _ in crf.n_best(emissions, 4))]:
            before = "O"
            for tag in (tags[number] for number in path):
                assert not tag.startswith("I-") or before[1:] == tag[1:]
                before = tag


def test_a_sentence_without_words_has_one_tagging() -> None:
    crf, nothing = random_crf(0, constrained=True), np.zeros((0, 4))
    assert crf.best(nothing) == ()
    assert crf.n_best(nothing, 3) == [((), 1.0)]


def test_tags_and_spans_say_the_same() -> None:
    spans = [("x", 0, 2), ("x", 2, 3), ("y", 4, 5)]
    tags = tags_of(6, spans)
    assert tags == ["B-x", "I-x", "B-x", "O", "B-y", "O"]
    assert list(spans_of(tags)) == spans
