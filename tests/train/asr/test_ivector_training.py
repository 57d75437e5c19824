"""Learning i-vector extractors: the likelihood never falls, and a planted model is found again."""

from __future__ import annotations

import numpy as np
import pytest

from harken.asr.acoustic.ivector import Extractor
from harken.errors import DataError
from harken.train.asr.ivector import UtteranceStatistics, past_ivectors, train_extractor, utterance_statistics

CLASSES, SIZE, RANK, SPEAKERS = 8, 6, 2, 500


def _planted(speakers: int = SPEAKERS, steps: int = 60, seed: int = 0):
    """A model with `CLASSES` classes after silence; speakers' features, classes and true vectors drawn from it."""
    rng = np.random.default_rng(seed)
    model = Extractor(
        means=3 * rng.normal(size=(CLASSES + 1, SIZE)), variances=rng.uniform(0.5, 1.5, (CLASSES + 1, SIZE)),
        loading=rng.normal(scale=0.5, size=(CLASSES + 1, SIZE, RANK)), scale=1.0,
    )  # fmt: skip
    true = rng.normal(size=(speakers, RANK))
    speech = []
    for w in true:
        labels = rng.integers(CLASSES + 1, size=steps)
        noise = np.sqrt(model.variances[labels]) * rng.normal(size=(steps, SIZE))
        speech.append((model.means[labels] + model.loading[labels] @ w + noise, np.eye(CLASSES + 1)[labels]))
    return model, true, speech


def _ivector(extractor: Extractor, features: np.ndarray, posteriors: np.ndarray) -> np.ndarray:
    return extractor.mean(extractor.statistics(features, posteriors))


@pytest.fixture(scope="module")
def planted():
    return _planted()


@pytest.fixture(scope="module")
def trained(planted):
    heard = [utterance_statistics(*one) for one in planted[2]]
    return train_extractor(heard, rank=RANK, rng=np.random.default_rng(1), iterations=15, scale=1.0)


def test_likelihood_never_falls(trained):
    likelihoods = trained[1]
    assert len(likelihoods) == 16
    assert (np.diff(likelihoods) >= -1e-9).all()
    assert likelihoods[-1] > likelihoods[0] + 1


@pytest.mark.parametrize("rank", [1, 5])
def test_likelihood_never_falls_at_other_ranks_and_with_scaled_posteriors(planted, rank):
    heard = [utterance_statistics(*one) for one in planted[2][:60]]
    _, likelihoods = train_extractor(heard, rank=rank, rng=np.random.default_rng(2), iterations=8, scale=0.1)
    assert (np.diff(likelihoods) >= -1e-9).all()


def test_the_subspace_is_found(planted, trained):
    found, true = (np.linalg.qr(model.loading[1:].reshape(-1, RANK))[0] for model in (trained[0], planted[0]))
    cosines = np.linalg.svd(found.T @ true, compute_uv=False)
    assert np.degrees(np.arccos(np.clip(cosines.min(), -1, 1))) < 10


def test_the_vectors_are_found(planted, trained):
    _, true, speech = planted
    vectors = np.array([_ivector(trained[0], *one) for one in speech])
    left, _, right = np.linalg.svd(vectors.T @ true)
    turned = vectors @ left @ right
    assert min(np.corrcoef(turned[:, r], true[:, r])[0, 1] for r in range(RANK)) > 0.9


def test_vectors_have_the_prior_s_spread(planted, trained):
    extractor, _ = trained
    heard = [extractor.statistics(*one) for one in planted[2]]
    moments = [
        np.outer(extractor.mean(one), extractor.mean(one)) + np.linalg.inv(extractor.precision(one)) for one in heard
    ]
    moment = sum(moments) / len(moments)
    assert np.abs(moment - np.eye(RANK)).max() < 0.1


def test_likelihood_is_the_density_of_the_features():
    """Up to the terms without T, against the joint Gaussian of all values of an utterance."""
    _, _, speech = _planted(speakers=12, steps=9)
    heard = [utterance_statistics(*one) for one in speech]
    extractor, likelihoods = train_extractor(
        heard, rank=RANK, rng=np.random.default_rng(3), iterations=1, scale=1.0, least_count=1.0
    )
    direct = sum(_density(extractor, *one) for one in speech) / len(speech)
    assert likelihoods[-1] == pytest.approx(direct, abs=1e-3)  # statistics are in 32 bits


def _density(extractor: Extractor, features: np.ndarray, posteriors: np.ndarray) -> float:
    """Log density over that with T = 0, silence left out."""
    labels = posteriors.argmax(1)
    features, labels = features[labels > 0], labels[labels > 0]
    rest = (features - extractor.means[labels]).ravel()
    noise, loading = extractor.variances[labels].ravel(), extractor.loading[labels].reshape(-1, RANK)
    whole = np.diag(noise) + loading @ loading.T
    gain = rest @ (rest / noise) - rest @ np.linalg.solve(whole, rest)
    return 0.5 * (gain - np.linalg.slogdet(whole)[1] + np.log(noise).sum())


def test_same_seed_same_answer(planted):
    heard = [utterance_statistics(*one) for one in planted[2][:20]]
    one, two = (train_extractor(heard, rank=3, rng=np.random.default_rng(5), iterations=2)[0] for _ in range(2))
    assert np.array_equal(one.loading, two.loading)


def test_silence_and_rare_classes_say_nothing(planted):
    _, _, speech = planted
    heard = [utterance_statistics(x, np.where(np.arange(CLASSES + 1) == 3, 0, labels)) for x, labels in speech[:50]]
    extractor, _ = train_extractor(heard, rank=RANK, rng=np.random.default_rng(0), iterations=2)
    assert (extractor.loading[0] == 0).all()
    assert (extractor.loading[3] == 0).all()
    assert (extractor.loading[4] != 0).any()


def test_variances_have_a_floor():
    rng = np.random.default_rng(0)
    labels = np.eye(3)[np.tile([1, 2], 200)]
    x = rng.normal(size=(400, 2)) * np.where(labels[:, 1:2] > 0, 1.0, 0.0)  # class 2 never varies
    extractor, _ = train_extractor([utterance_statistics(x, labels)], rank=1, rng=rng, iterations=1)
    assert (extractor.variances[2] > 0.01).all()


def test_statistics_add_up(planted):
    x, labels = planted[2][0]
    one = utterance_statistics(x[:20], labels[:20]) + utterance_statistics(x[20:], labels[20:])
    whole = utterance_statistics(x, labels)
    assert np.allclose(one.first, whole.first, atol=1e-4)
    assert np.allclose(one.second, whole.second, atol=1e-3)


def test_wrong_statistics_are_refused(planted):
    heard = utterance_statistics(*planted[2][0])
    short = UtteranceStatistics(count=heard.count[1:], first=heard.first[1:], second=heard.second[1:])
    with pytest.raises(DataError, match="shapes"):
        train_extractor([], rank=2, rng=np.random.default_rng(0))
    with pytest.raises(DataError, match="shapes"):
        train_extractor([heard, short], rank=2, rng=np.random.default_rng(0))


@pytest.mark.parametrize(("every", "lag"), [(10, 0), (10, 4), (4, 3), (1, 1), (7, 100)])
def test_rows_know_the_past_only(every, lag):
    extractor, _, ((x, weights), *_) = _planted(speakers=1, steps=45)
    rows = past_ivectors(extractor, x, weights, every=every, lag=lag)
    assert rows.shape == (-(-45 // every), RANK)
    for number, row in enumerate(rows):
        known = max(0, every * number - lag)
        assert np.allclose(row, _ivector(extractor, x[:known], weights[:known]), atol=1e-10)


def test_rows_begin_with_what_is_known_of_the_speaker():
    extractor, _, ((x, weights), *_) = _planted(speakers=1, steps=45)
    before = extractor.statistics(x[:20], weights[:20])
    rows = past_ivectors(extractor, x[20:], weights[20:], before=before)
    assert np.allclose(rows[0], _ivector(extractor, x[:20], weights[:20]), atol=1e-10)
    assert np.allclose(rows[2], _ivector(extractor, x[:40], weights[:40]), atol=1e-10)
    assert past_ivectors(extractor, x[:0], weights[:0]).shape == (0, RANK)
