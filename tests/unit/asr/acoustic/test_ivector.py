"""I-vectors: offline and online estimates agree, sums can be undone, long sessions stay bounded."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from harken.asr.acoustic.ivector import Extractor, OnlineIvector, Statistics, past_ivectors
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


@pytest.mark.parametrize("sizes", [[1], [2, 5], [7], [100]])
def test_online_after_the_last_step_is_offline(sizes):
    extractor, (x, weights) = _extractor(), _speech(100)
    online, start = OnlineIvector(extractor), 0
    while start < len(x):
        end = start + sizes[start % len(sizes)]
        online.add(x[start:end], weights[start:end])
        start = end
    assert np.abs(online.w - extractor.extract(x, weights)[0]).max() < 1e-8


def test_the_formulas_are_those_of_the_paper():
    extractor, (x, weights) = _extractor(scale=0.3), _speech(20)
    precision, linear = np.eye(RANK), np.zeros(RANK)
    for c in range(1, CLASSES):
        loading, inverse = extractor.loading[c], np.diag(1 / extractor.variances[c])
        gamma = 0.3 * weights[:, c]
        precision += gamma.sum() * loading.T @ inverse @ loading
        linear += loading.T @ inverse @ (gamma @ (x - extractor.means[c]))
    w, covariance = extractor.extract(x, weights)
    assert np.allclose(w, np.linalg.solve(precision, linear), atol=1e-12)
    assert np.allclose(covariance, np.linalg.inv(precision), atol=1e-12)


def test_order_of_steps_does_not_matter():
    extractor, (x, weights) = _extractor(), _speech(60)
    order = np.random.default_rng(2).permutation(60)
    assert np.allclose(extractor.extract(x, weights)[0], extractor.extract(x[order], weights[order])[0], atol=1e-10)


def test_two_utterances_of_a_speaker_are_one_when_all_is_carried_over():
    extractor, (x, weights) = _extractor(carry=1.0), _speech(80)
    online = OnlineIvector(extractor)
    online.add(x[:30], weights[:30])
    online.end_utterance()
    online.add(x[30:], weights[30:])
    assert np.abs(online.w - extractor.extract(x, weights)[0]).max() < 1e-8


def test_without_steps_the_prior_remains():
    extractor = _extractor()
    w, covariance = extractor.extract(np.zeros((0, SIZE)), np.zeros((0, CLASSES)))
    assert (w == 0).all()
    assert np.array_equal(covariance, np.eye(RANK))
    assert (OnlineIvector(extractor).w == 0).all()


def test_uncertainty_never_rises():
    extractor, (x, weights) = _extractor(), _speech(50)
    online, traces = OnlineIvector(extractor), []
    for step in range(50):
        online.add(x[step : step + 1], weights[step : step + 1])
        traces.append(np.trace(extractor.posterior(online.statistics)[1]))
    assert (np.diff([RANK, *traces]) <= 1e-12).all()
    assert traces[-1] < 0.5 * RANK


def test_adding_and_taking_away_restores():
    extractor, (x, weights) = _extractor(), _speech(70)
    online = OnlineIvector(extractor)
    online.add(x[:40], weights[:40])
    before = online.w
    online.add(x[40:], weights[40:])
    assert np.abs(online.w - before).max() > 1e-3
    online.subtract(x[40:], weights[40:])
    assert np.abs(online.w - before).max() < 1e-9


def test_other_posteriors_can_replace_those_of_a_revised_alignment():
    extractor, (x, weights) = _extractor(), _speech(30)
    first = np.eye(CLASSES)[np.full(30, 2)]
    online = OnlineIvector(extractor)
    online.add(x, first)
    online.subtract(x[10:], first[10:])
    online.add(x[10:], weights[10:])
    assert np.allclose(online.w, extractor.extract(x, np.concatenate([first[:10], weights[10:]]))[0], atol=1e-9)


def test_precision_is_symmetric_and_positive_definite():
    extractor, (x, weights) = _extractor(), _speech(25)
    precision = extractor.precision(extractor.statistics(x, weights))
    assert np.array_equal(precision, precision.T)
    assert np.linalg.eigvalsh(precision).min() >= 1 - 1e-12


def test_taking_away_what_never_came_is_an_error():
    extractor, (x, weights) = _extractor(), _speech(50)
    with pytest.raises(np.linalg.LinAlgError):
        extractor.posterior(extractor.nothing() - extractor.statistics(x, weights))


def test_silence_says_nothing():
    extractor, (x, _) = _extractor(), _speech(40)
    silence = np.eye(CLASSES)[np.zeros(40, int)]
    found = extractor.statistics(x, silence)
    assert found.count == 0
    assert (extractor.extract(x, silence)[0] == 0).all()


# Long sessions


def test_below_max_count_the_prior_is_as_it_was():
    x, weights = _speech(100)
    lax, tight = _extractor(max_count=1e9), _extractor(max_count=10.0)  # 100 steps count 10 at most
    assert np.array_equal(lax.extract(x, weights)[0], tight.extract(x, weights)[0])


def test_above_max_count_the_vector_stays_bounded():
    extractor = _extractor(max_count=10.0)
    weak = dataclasses.replace(extractor, loading=1e-3 * extractor.loading)
    once = weak.statistics(*_speech(100))
    bound = weak.max_count * np.linalg.norm(once.linear) / once.count
    sizes = [np.linalg.norm(weak.mean(once.carried(rho=times))) for times in (1, 10, 1e3, 1e6, 1e9)]
    assert max(sizes) <= bound
    assert sizes[-1] == pytest.approx(sizes[-2], rel=1e-3)
    free = dataclasses.replace(weak, max_count=1e30)
    assert np.linalg.norm(free.mean(once.carried(rho=1e9))) > 10 * bound


def test_carry_over_is_scaled_and_capped():
    extractor = _extractor(carry=0.5, cap=20.0)
    x, weights = _speech(200)
    online = OnlineIvector(extractor)
    online.add(x, weights)
    online.end_utterance()
    assert online.statistics.count == pytest.approx(20 * extractor.scale)
    online.reset()
    online.add(x[:10], weights[:10])
    count = online.statistics.count
    online.end_utterance()
    assert online.statistics.count == pytest.approx(0.5 * count)


def test_another_speaker_starts_afresh():
    online, (x, weights) = OnlineIvector(_extractor()), _speech(35)
    online.add(x, weights)
    online.end_utterance()
    assert (online.w != 0).any()
    online.reset()
    assert (online.w == 0).all()
    online.add(x[:9], weights[:9])
    assert np.array_equal(online.w, OnlineIvector(online.extractor, online.extractor.statistics(x[:9], weights[:9])).w)


# The past only


@pytest.mark.parametrize(("every", "lag"), [(10, 0), (10, 4), (4, 3), (1, 1), (7, 100)])
def test_rows_know_the_past_only(every, lag):
    extractor, (x, weights) = _extractor(), _speech(45)
    rows = past_ivectors(extractor, x, weights, every=every, lag=lag)
    assert rows.shape == (-(-45 // every), RANK)
    for number, row in enumerate(rows):
        known = max(0, every * number - lag)
        assert np.allclose(row, extractor.extract(x[:known], weights[:known])[0], atol=1e-10)


def test_rows_begin_with_what_is_known_of_the_speaker():
    extractor, (x, weights) = _extractor(), _speech(45)
    before = extractor.statistics(x[:20], weights[:20])
    rows = past_ivectors(extractor, x[20:], weights[20:], before=before)
    assert np.allclose(rows[0], extractor.extract(x[:20], weights[:20])[0], atol=1e-10)
    assert np.allclose(rows[2], extractor.extract(x[:40], weights[:40])[0], atol=1e-10)
    assert past_ivectors(extractor, x[:0], weights[:0]).shape == (0, RANK)


def test_state_is_small():
    state: Statistics = dataclasses.replace(_extractor(), loading=np.ones((CLASSES, SIZE, 64))).nothing()
    assert state.linear.nbytes + state.packed.nbytes == (64 * 65 // 2 + 64) * 8 == 17_152


# Tables


def test_tables_survive_a_bundle():
    extractor = _extractor(scale=0.2, max_count=50.0, carry=0.5, cap=300.0)
    again = Extractor.from_arrays(extractor.to_arrays())
    assert (again.scale, again.max_count, again.carry, again.cap) == (0.2, 50.0, 0.5, 300.0)
    x, weights = _speech(30)
    assert np.allclose(again.extract(x, weights)[0], extractor.extract(x, weights)[0], atol=1e-5)


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
