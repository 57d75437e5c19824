"""Weights in few bits: what a level may be away, what is kept exactly, what a file holds and weighs."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from harken.activation.packing import (
    PLAIN,
    encode,
    pack,
    quantize,
    read_weights,
    tensor_bytes,
    unpack,
    write_weights,
)
from harken.errors import BundleError, ConfigError


def weights(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("count", [256, 1000, 7])
def test_a_weight_moves_by_half_a_level_at_most_and_the_extremes_not_at_all(bits: int, count: int) -> None:
    given = weights(count)
    kept = quantize(given, bits=bits)
    for n in range(0, count, 256):
        before, after = given[n : n + 256], kept[n : n + 256]
        step = (before.max() - before.min()) / (2**bits - 1)
        assert np.abs(after - before).max() <= step / 2 + 1e-6
        assert after.min() == before.min()
        assert after.max() == before.max()
        assert len(np.unique(after)) <= 2**bits


def test_buckets_have_levels_of_their_own() -> None:
    given = np.concatenate([weights(256), 100 * weights(256, seed=1)])
    assert np.array_equal(quantize(given, bits=3)[:256], quantize(given[:256], bits=3))
    assert not np.array_equal(quantize(given, bits=3, bucket=0)[:256], quantize(given[:256], bits=3))


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_quantising_twice_changes_nothing_more(bits: int) -> None:
    once = quantize(weights(700), bits=bits)
    assert np.array_equal(quantize(once, bits=bits), once)


def test_a_constant_bucket_stays_as_it_is() -> None:
    constant = np.full(300, 0.3, np.float32)
    assert np.array_equal(quantize(constant, bits=4), constant)
    assert np.array_equal(quantize(constant, bits=4, rng=np.random.default_rng(0)), constant)


def test_the_noise_of_gaussian_weights_is_as_computed() -> None:
    given = weights(256 * 400)
    for bits, decibel in ((8, 44.1), (4, 19.4), (3, 12.8), (2, 5.4)):
        noise = quantize(given, bits=bits) - given
        assert 10 * math.log10(np.square(given).mean() / np.square(noise).mean()) == pytest.approx(decibel, abs=0.3)


def test_stochastic_rounding_keeps_the_mean() -> None:
    given, rng = weights(64), np.random.default_rng(0)
    draws = np.stack([quantize(given, bits=2, rng=rng) for _ in range(10_000)]).astype(np.float64)
    error = np.abs(draws.mean(axis=0) - given)
    assert (error <= 4 * draws.std(axis=0) / 100 + 1e-6).all()
    assert draws.std(axis=0).max() > 0.1


@pytest.mark.parametrize("bits", range(1, 9))
def test_codes_come_back_from_as_few_bytes_as_can_be(bits: int) -> None:
    codes = np.random.default_rng(0).integers(2**bits, size=1001).astype(np.uint8)
    packed = pack(codes, bits=bits)
    assert len(packed) == -(-1001 * bits // 8)
    assert np.array_equal(unpack(packed, 1001, bits=bits), codes)


@pytest.mark.parametrize(("bits", "bucket"), [(4, 256), (3, 0), (2, 100), (PLAIN, 256)])
def test_a_file_gives_the_quantised_weights_and_weighs_what_it_should(bits: int, bucket: int) -> None:
    tensors = {"layer.weight": weights(33, 40), "layer.bias": weights(33), "other": weights(3, 4, 5)}
    file = write_weights(tensors, bits=bits, bucket=bucket)
    read = read_weights(file)
    assert list(read) == list(tensors)
    for name, given in tensors.items():
        coded = bits != PLAIN and given.ndim > 1
        wanted = quantize(given, bits=bits, bucket=bucket) if coded else given
        assert np.array_equal(read[name], wanted)
    header = 8 + int.from_bytes(file[4:8], "little")
    assert json.loads(file[8:header])["shapes"]["other"] == [3, 4, 5]
    sizes = {name: tensor_bytes(given.shape, bits=bits, bucket=bucket) for name, given in tensors.items()}
    assert sizes["layer.bias"] == 4 * 33
    assert len(file) == header + sum(sizes.values())
    if bits == 4:
        assert sizes["layer.weight"] == 33 * 40 // 2 + 8 * 6


def test_four_bits_take_thirteen_per_cent() -> None:
    shape = (120, 160)
    plain = tensor_bytes(shape, bits=PLAIN)
    assert tensor_bytes(shape, bits=4) / plain <= 0.135
    assert tensor_bytes(shape, bits=4, bucket=0) / plain <= 0.127


def test_what_is_no_such_file_is_refused() -> None:
    file = write_weights({"w": weights(20, 20)}, bits=4)
    with pytest.raises(BundleError, match="begin with"):
        read_weights(b"PK\x03\x04" + file)
    with pytest.raises(BundleError, match="end within 'w'"):
        read_weights(file[:-1])
    for length in (5, 8, 30):
        with pytest.raises(BundleError, match=f"end after {length} bytes, within their header"):
            read_weights(file[:length])


def test_bits_out_of_range_are_refused() -> None:
    for bits, bucket in ((0, 256), (9, 256), (4, -1)):
        with pytest.raises(ConfigError, match="expected 1 to 8 bits"):
            encode(weights(8), bits=bits, bucket=bucket)
