"""I-vectors: pieces add up to the whole, what is carried over is limited, long sessions stay bounded."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from harken.asr.acoustic.ivector import Extractor, SpeakerStatistics
from harken.errors import AudioError, BundleError

CLASSES, SIZE, RANK = 6, 5, 4


def _extractor(seed: int = 0, **settings: float) -> Extractor:
    rng = np.random.default_rng(seed)
    return Extractor(
        means=rng.normal(size=(CLASSES, SIZE)),
        variances=rng.uniform(0.5, 2.0, (CLASSES, SIZE)),
        loading=rng.normal(size=(CLASSES, SIZE, RANK)),
        **settings,
    )


def _speech(steps: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(steps, SIZE)), rng.dirichlet(np.ones(CLASSES), steps)


def _ivector(extractor: Extractor, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return extractor.mean(extractor.statistics(x, weights))


def _times(heard: SpeakerStatistics, factor: float) -> SpeakerStatistics:
    return SpeakerStatistics(count=factor * heard.count, linear=factor * heard.linear, packed=factor * heard.packed)


@pytest.mark.parametrize("sizes", [[1], [2, 5], [7], [100]])
def test_sums_over_pieces_are_those_of_the_whole(sizes):
    extractor, (x, weights) = _extractor(), _speech(100)
    heard, start = extractor.nothing(), 0
    while start < len(x):
        end = start + sizes[start % len(sizes)]
        heard += extractor.statistics(x[start:end], weights[start:end])
        start = end
    assert np.abs(extractor.mean(heard) - _ivector(extractor, x, weights)).max() < 1e-8


def test_the_formulas_are_those_of_the_paper():
    extractor, (x, weights) = _extractor(scale=0.3), _speech(20)
    precision, linear = np.eye(RANK), np.zeros(RANK)
    for c in range(1, CLASSES):
        loading, inverse = extractor.loading[c], np.diag(1 / extractor.variances[c])
        gamma = 0.3 * weights[:, c]
        precision += gamma.sum() * loading.T @ inverse @ loading
        linear += loading.T @ inverse @ (gamma @ (x - extractor.means[c]))
    heard = extractor.statistics(x, weights)
    assert np.allclose(extractor.mean(heard), np.linalg.solve(precision, linear), atol=1e-12)
    assert np.allclose(extractor.precision(heard), precision, atol=1e-12)


def test_order_of_steps_does_not_matter():
    extractor, (x, weights) = _extractor(), _speech(60)
    order = np.random.default_rng(2).permutation(60)
    assert np.allclose(_ivector(extractor, x, weights), _ivector(extractor, x[order], weights[order]), atol=1e-10)


def test_two_utterances_of_a_speaker_are_one_when_all_is_carried_over():
    extractor, (x, weights) = _extractor(carry=1.0), _speech(80)
    heard = extractor.handed_on(extractor.statistics(x[:30], weights[:30]))
    heard += extractor.statistics(x[30:], weights[30:])
    assert np.abs(extractor.mean(heard) - _ivector(extractor, x, weights)).max() < 1e-8


def test_without_steps_the_prior_remains():
    extractor = _extractor()
    heard = extractor.statistics(np.zeros((0, SIZE)), np.zeros((0, CLASSES)))
    for statistics in (heard, extractor.nothing(), extractor.handed_on(extractor.nothing())):
        assert (extractor.mean(statistics) == 0).all()
        assert np.array_equal(extractor.precision(statistics), np.eye(RANK))


def test_uncertainty_never_rises():
    extractor, (x, weights) = _extractor(), _speech(50)
    heard, traces = extractor.nothing(), []
    for step in range(50):
        heard += extractor.statistics(x[step : step + 1], weights[step : step + 1])
        traces.append(np.trace(np.linalg.inv(extractor.precision(heard))))
    assert (np.diff([RANK, *traces]) <= 1e-12).all()
    assert traces[-1] < 0.5 * RANK


def test_precision_is_symmetric_and_positive_definite():
    extractor, (x, weights) = _extractor(), _speech(25)
    precision = extractor.precision(extractor.statistics(x, weights))
    assert np.array_equal(precision, precision.T)
    assert np.linalg.eigvalsh(precision).min() >= 1 - 1e-12


def test_silence_says_nothing():
    extractor, (x, _) = _extractor(), _speech(40)
    silence = np.eye(CLASSES)[np.zeros(40, int)]
    found = extractor.statistics(x, silence)
    assert found.count == 0
    assert (_ivector(extractor, x, silence) == 0).all()


# Long sessions


def test_below_max_count_the_prior_is_as_it_was():
    x, weights = _speech(100)
    lax, tight = _extractor(max_count=1e9), _extractor(max_count=10.0)  # 100 steps count 10 at most
    assert np.array_equal(_ivector(lax, x, weights), _ivector(tight, x, weights))


def test_above_max_count_the_vector_stays_bounded():
    extractor = _extractor(max_count=10.0)
    weak = dataclasses.replace(extractor, loading=1e-3 * extractor.loading)
    once = weak.statistics(*_speech(100))
    bound = weak.max_count * np.linalg.norm(once.linear) / once.count
    sizes = [np.linalg.norm(weak.mean(_times(once, times))) for times in (1, 10, 1e3, 1e6, 1e9)]
    assert max(sizes) <= bound
    assert sizes[-1] == pytest.approx(sizes[-2], rel=1e-3)
    free = dataclasses.replace(weak, max_count=1e30)
    assert np.linalg.norm(free.mean(_times(once, 1e9))) > 10 * bound


def test_carry_over_is_scaled_and_capped():
    extractor = _extractor(carry=0.5, cap=20.0)
    x, weights = _speech(200)
    long, short = extractor.statistics(x, weights), extractor.statistics(x[:10], weights[:10])
    assert extractor.handed_on(long).count == pytest.approx(20 * extractor.scale)
    carried = extractor.handed_on(short)
    assert carried.count == pytest.approx(0.5 * short.count)
    assert np.allclose(carried.linear, 0.5 * short.linear)
    assert np.allclose(carried.packed, 0.5 * short.packed)


def test_state_is_small():
    state: SpeakerStatistics = dataclasses.replace(_extractor(), loading=np.ones((CLASSES, SIZE, 64))).nothing()
    assert state.linear.nbytes + state.packed.nbytes == (64 * 65 // 2 + 64) * 8 == 17_152


# Tables


def test_tables_survive_a_bundle():
    extractor = _extractor(scale=0.2, max_count=50.0, carry=0.5, cap=300.0)
    again = Extractor.from_arrays(extractor.to_arrays())
    assert (again.scale, again.max_count, again.carry, again.cap) == (0.2, 50.0, 0.5, 300.0)
    x, weights = _speech(30)
    assert np.allclose(_ivector(again, x, weights), _ivector(extractor, x, weights), atol=1e-5)


def test_wrong_tables_are_refused():
    arrays = _extractor().to_arrays()
    with pytest.raises(BundleError, match="lack"):
        Extractor.from_arrays({name: table for name, table in arrays.items() if name != "loading"})
    with pytest.raises(BundleError, match="shapes"):
        Extractor.from_arrays(arrays | {"variances": arrays["variances"][:, 1:]})
    with pytest.raises(BundleError, match="variance of 0"):
        Extractor.from_arrays(arrays | {"variances": 0 * arrays["variances"]})
    with pytest.raises(BundleError, match="settings"):
        Extractor.from_arrays(arrays | {"carry": np.asarray(2.0)})


def test_wrong_features_are_refused():
    extractor, (x, weights) = _extractor(), _speech(5)
    for features, posteriors in ((x[:, 1:], weights), (x[1:], weights), (x, weights[:, 1:])):
        with pytest.raises(AudioError, match="do not match"):
            extractor.statistics(features, posteriors)
