"""Codes of samples: there and back, finest near silence, with the emphasis undone."""

from __future__ import annotations

import numpy as np
import pytest

from harken.errors import ConfigError
from harken.tts.mulaw import Coding

BITS = pytest.mark.parametrize("bits", [8, 9, 10])


@BITS
def test_every_code_comes_back(bits: int) -> None:
    coding = Coding(bits=bits)
    codes = np.arange(2**bits)
    np.testing.assert_array_equal(coding.encode(coding.values()[codes]), codes)


@BITS
def test_louder_samples_have_larger_codes_and_the_ends_are_full_scale(bits: int) -> None:
    values = Coding(bits=bits).values()
    assert (np.diff(values) > 0).all()
    assert (values[0], values[-1]) == pytest.approx((-1, 1))


def test_the_curve_by_hand() -> None:
    # mu = 255: s = 0.5 has y = ln(128.5) / ln(256) = 0.8757, code floor(1.8757 / 2 * 255 + 0.5) = 239
    coding = Coding(bits=8)
    assert coding.encode(np.array([0.5, -0.5, 0.0], np.float32)).tolist() == [239, 16, 128]


def test_the_silent_code_is_within_half_a_step_of_zero() -> None:
    for bits in (8, 9, 10):
        values = Coding(bits=bits).values()
        silent = Coding(bits=bits).silence
        assert abs(values[silent]) <= 0.51 * (values[silent] - values[silent - 1])
    assert Coding(bits=10).silence == 512


def test_the_error_grows_with_the_level_and_shrinks_with_the_bits() -> None:
    samples = np.linspace(-1, 1, 20_001).astype(np.float32)
    errors = {bits: np.abs(Coding(bits=bits).decode(Coding(bits=bits).encode(samples)) - samples) for bits in (8, 10)}
    for error in errors.values():
        quiet, loud = error[np.abs(samples) < 0.01].max(), error[np.abs(samples) > 0.5].max()
        assert loud > 20 * quiet
    assert errors[10].max() < errors[8].max() / 3


def test_the_emphasis_is_taken_off_again() -> None:
    samples = (0.3 * np.sin(np.arange(4000) * 0.1)).astype(np.float32)
    coding = Coding(bits=10, emphasis=0.85)
    np.testing.assert_allclose(coding.decode(coding.encode(samples)), samples, atol=0.01)
    assert not np.allclose(Coding(bits=10).decode(coding.encode(samples)), samples, atol=0.05)


def test_pieces_decode_like_the_whole() -> None:
    coding = Coding(bits=9, emphasis=0.85)
    codes = np.random.default_rng(0).integers(200, 312, 100)
    first = coding.decode(codes[:37])
    rest = coding.decode(codes[37:], before=float(first[-1]))
    np.testing.assert_allclose(np.concatenate([first, rest]), coding.decode(codes), atol=1e-6)


def test_clipped_input_stays_in_range() -> None:
    coding = Coding(bits=8)
    assert coding.encode(np.array([10.0, -10.0], np.float32)).tolist() == [255, 0]


def test_no_samples_have_no_codes() -> None:
    assert len(Coding().encode(np.zeros(0, np.float32))) == len(Coding(emphasis=0.5).decode(np.zeros(0, np.int64))) == 0


@pytest.mark.parametrize("wrong", [{"bits": 7}, {"bits": 11}, {"emphasis": 1.0}, {"emphasis": -0.1}])
def test_other_numbers_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="expected 8 to 10 bits"):
        Coding(**wrong)  # type: ignore[arg-type]
