"""Prosody is normalised by speaker, so that what is usual for one becomes what is usual for another."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import DataError
from harken.tts.prosody import DURATION, ENERGY, PITCH, Floats
from harken.tts.transfer import FEWEST, Normaliser, carry_over

PHONES = ("S", "IY1", "M", "UW0", "N")


def recording(seed: int, count: int = 300) -> tuple[Floats, list[str]]:
    """Numbers of made-up phones with a few pauses, and their symbols."""
    rng = np.random.default_rng(seed)
    symbols = [str(one) for one in rng.choice([*PHONES, " "], count)]
    usual = np.array([[*PHONES, " "].index(symbol) + 1 for symbol in symbols])
    numbers = np.concatenate(
        [
            rng.normal(5.2, 0.2, (count, 3)),
            rng.normal(12, 2, (count, 3)),
            np.exp(rng.normal(1 + usual / 4, 0.3))[:, None],
        ],
        1,
    )
    return numbers, symbols


def phones_of(symbols: list[str]) -> np.ndarray:
    return np.array([symbol != " " for symbol in symbols])


def test_what_was_fitted_has_mean_zero_and_variance_one() -> None:
    numbers, symbols = recording(0)
    normal = Normaliser.fit(numbers, symbols).transform(numbers, symbols)[phones_of(symbols)]
    np.testing.assert_allclose(normal.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(normal.std(0), 1, atol=1e-6)


def test_the_duration_of_each_phone_has_mean_zero() -> None:
    numbers, symbols = recording(0)
    normal = Normaliser.fit(numbers, symbols).transform(numbers, symbols)
    for phone in PHONES:
        own = np.array([symbol == phone for symbol in symbols])
        assert normal[own, DURATION].mean() == pytest.approx(0, abs=1e-9)


def test_the_inverse_gives_the_numbers_back() -> None:
    numbers, symbols = recording(1)
    normaliser = Normaliser.fit(*recording(0))
    np.testing.assert_allclose(normaliser.inverse(normaliser.transform(numbers, symbols), symbols), numbers, rtol=1e-6)


def test_another_height_range_loudness_and_tempo_change_nothing() -> None:
    numbers, symbols = recording(0)
    other = numbers.copy()
    other[:, PITCH] = 0.7 * other[:, PITCH] + 1.3
    other[:, ENERGY] -= 2.5
    other[:, DURATION] *= 1.6
    np.testing.assert_allclose(
        Normaliser.fit(other, symbols).transform(other, symbols),
        Normaliser.fit(numbers, symbols).transform(numbers, symbols),
        atol=1e-6,
    )


def test_a_rare_phone_has_the_duration_of_all() -> None:
    numbers, symbols = recording(0)
    for count in (FEWEST - 1, FEWEST):
        more = [*symbols, *["ZH"] * count]
        usual = Normaliser.fit(np.concatenate([numbers, numbers[:count]]), more).usual
        assert ("ZH" in usual) is (count == FEWEST)


def test_stress_does_not_make_another_phone() -> None:
    assert {"IY", "UW"} <= set(Normaliser.fit(*recording(0)).usual)


def test_a_short_recording_borrows_the_deviations_of_the_voice() -> None:
    voice = Normaliser.fit(*recording(0))
    numbers, symbols = recording(3, count=40)
    numbers[:, PITCH] = 5.0
    few = Normaliser.fit(numbers[:8], symbols[:8], like=voice)
    many = Normaliser.fit(np.tile(numbers, (50, 1)), symbols * 50, like=voice)
    np.testing.assert_allclose(few.mean[PITCH], 5.0)
    assert (few.deviation[PITCH] > 0.6 * voice.deviation[PITCH]).all()
    assert (many.deviation[PITCH] < 0.2 * voice.deviation[PITCH]).all()
    assert few.usual == voice.usual


def test_what_is_usual_for_a_speaker_becomes_what_is_usual_for_the_voice() -> None:
    voice = Normaliser.fit(*recording(0))
    numbers, symbols = recording(1)
    deep = numbers.copy()
    deep[:, PITCH] -= 0.6
    deep[:, DURATION] *= 2
    out = carry_over(deep, symbols, Normaliser.fit(deep, symbols), voice)
    spoken = phones_of(symbols)
    np.testing.assert_allclose(out[spoken][:, PITCH].mean(0), voice.mean[PITCH], atol=1e-9)
    assert np.corrcoef(out[spoken, 1], deep[spoken, 1])[0, 1] > 0.999
    assert out[spoken, DURATION].mean() == pytest.approx(
        recording(0)[0][phones_of(recording(0)[1]), DURATION].mean(), rel=0.1
    )


def test_pauses_follow_the_tempo_and_keep_the_loudness_of_the_voice() -> None:
    numbers, symbols = recording(1)
    speaker = Normaliser.fit(numbers, symbols)
    slow = numbers.copy()
    slow[:, DURATION] *= 2
    out = carry_over(slow, symbols, Normaliser.fit(slow, symbols), speaker)
    pauses = ~phones_of(symbols)
    np.testing.assert_allclose(out[pauses, DURATION], numbers[pauses, DURATION], rtol=1e-6)
    assert np.isnan(out[pauses, ENERGY]).all()
    assert not np.isnan(out[:, PITCH]).any()


def test_the_tables_make_the_same_normaliser() -> None:
    numbers, symbols = recording(1)
    normaliser = Normaliser.fit(*recording(0))
    again = Normaliser.from_arrays(normaliser.arrays())
    np.testing.assert_allclose(again.transform(numbers, symbols), normaliser.transform(numbers, symbols))


def test_a_recording_without_speech_is_refused() -> None:
    with pytest.raises(DataError, match="no speech"):
        Normaliser.fit(np.ones((2, 7)), [" ", "."])
