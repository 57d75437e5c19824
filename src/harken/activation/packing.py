"""Weights in few bits: uniform levels between the extremes of each bucket, packed without gaps.

For a bucket v of k weights and b bits (A. Polino, R. Pascanu, D. Alistarh, "Model compression via distillation and
quantization", ICLR 2018): u = (v - min) / (max - min), code = round(u * (2^b - 1)), and the weight becomes
min + (max - min) * code / (2^b - 1). A weight costs b + 64 / k bits, as a bucket's two extremes are kept in 32 bits.

File: MAGIC, length of the header (4 bytes, little endian), header (JSON: bits, bucket, names and shapes), then for each
tensor its codes, lows and highs, or its plain 32-bit numbers. Only tensors of two or more axes are coded: biases are
few and delicate.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.errors import BundleError, ConfigError

MAGIC = b"HKNQ"
PLAIN = 32
"""Bits of a file whose weights are not coded."""
BUCKET = 256
"""Weights that share their extremes."""
_CONSTANT = 1e-10  # a bucket whose extremes are nearer than this has one level

Weights = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file says of itself."""

    bits: int
    """Of a code, or `PLAIN`."""
    bucket: int
    """Weights that share their extremes; 0: all of a tensor."""
    shapes: Mapping[str, tuple[int, ...]]
    """Of the tensors, by name, in the order of the file."""
    size: int
    """Bytes before the first tensor."""


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A tensor as codes."""

    codes: NDArray[np.uint8]
    """[n], each below 2^bits."""
    low: Weights
    """[buckets] Smallest weight of each bucket."""
    high: Weights
    """[buckets] Largest one."""


def encode(weights: Weights, *, bits: int, bucket: int = BUCKET, rng: np.random.Generator | None = None) -> Coded:
    """Codes of weights of any shape, bucket by bucket in their order in memory.

    Args:
        weights: float32; the last bucket may be shorter.
        bits: 1 to 8.
        bucket: weights in a bucket; 0 for the whole tensor.
        rng: rounds up with a probability equal to the fraction, so that the mean is kept; None rounds to the nearest.

    Raises:
        ConfigError: other numbers of bits, or a negative bucket.
    """
    if not 1 <= bits <= 8 or bucket < 0:
        raise ConfigError(f"bits={bits} and bucket={bucket}; expected 1 to 8 bits and a bucket of 0 or more weights")
    rows = _buckets(weights, bucket)
    low, high = rows.min(axis=1), rows.max(axis=1)
    span = high.astype(np.float64) - low
    span[span < _CONSTANT] = np.inf
    place = (rows - low[:, None].astype(np.float64)) / span[:, None] * (2**bits - 1)
    rounded = np.rint(place) if rng is None else np.floor(place + rng.random(place.shape))
    codes = np.minimum(rounded, 2**bits - 1).astype(np.uint8)
    return Coded(codes=codes.reshape(-1)[: weights.size], low=low, high=high)


def decode(coded: Coded, shape: tuple[int, ...], *, bits: int, bucket: int = BUCKET) -> Weights:
    """The weights [shape] of codes; the extremes of each bucket come back exactly."""
    rows = _buckets(coded.codes, bucket)
    share = rows.astype(np.float32) / np.float32(2**bits - 1)
    weights = coded.low[:, None] * (1 - share) + coded.high[:, None] * share
    return np.ascontiguousarray(weights.reshape(-1)[: math.prod(shape)].reshape(shape), np.float32)


def quantize(weights: Weights, *, bits: int, bucket: int = BUCKET, rng: np.random.Generator | None = None) -> Weights:
    """Weights of any shape, each at the level that its code stands for (see `encode`)."""
    coded = encode(weights, bits=bits, bucket=bucket, rng=rng)
    return decode(coded, weights.shape, bits=bits, bucket=bucket)


def pack(codes: NDArray[np.uint8], *, bits: int) -> bytes:
    """Codes [n] without gaps: ceil(n * bits / 8) bytes."""
    return np.packbits(np.unpackbits(codes[:, None], axis=1)[:, 8 - bits :]).tobytes()


def unpack(packed: bytes, count: int, *, bits: int) -> NDArray[np.uint8]:
    """The `count` codes that were packed."""
    single = np.unpackbits(np.frombuffer(packed, np.uint8), count=count * bits).reshape(count, bits)
    return np.packbits(np.pad(single, ((0, 0), (8 - bits, 0))), axis=1)[:, 0]


def write_weights(tensors: Mapping[str, Weights], *, bits: int, bucket: int = BUCKET) -> bytes:
    """The file of a network's weights; `bits` of `PLAIN` keeps every tensor in 32 bits."""
    shapes = {name: list(tensor.shape) for name, tensor in tensors.items()}
    header = json.dumps({"bits": bits, "bucket": bucket, "shapes": shapes}, separators=(",", ":")).encode()
    parts = [MAGIC, struct.pack("<I", len(header)), header]
    for tensor in tensors.values():
        if is_coded(tensor.shape, bits):
            coded = encode(tensor, bits=bits, bucket=bucket)
            parts += [pack(coded.codes, bits=bits), coded.low.tobytes(), coded.high.tobytes()]
        else:
            parts.append(np.ascontiguousarray(tensor, np.float32).tobytes())
    return b"".join(parts)


def read_header(file: bytes) -> Header:
    """The header of a file.

    Raises:
        BundleError: it is not such a file, or was cut within its header.
    """
    if file[: len(MAGIC)] != MAGIC:
        raise BundleError(
            f"packed weights begin with {MAGIC!r}, but this file begins with {file[: len(MAGIC)]!r};"
            " install the bundle again"
        )
    begin = len(MAGIC) + 4
    size = begin + int.from_bytes(file[len(MAGIC) : begin], "little")
    if len(file) < max(begin, size):
        raise BundleError(f"packed weights end after {len(file)} bytes, within their header; install the bundle again")
    facts = json.loads(file[begin:size])
    shapes = {name: tuple(sizes) for name, sizes in facts["shapes"].items()}
    return Header(bits=int(facts["bits"]), bucket=int(facts["bucket"]), shapes=shapes, size=size)


def read_weights(file: bytes) -> dict[str, Weights]:
    """The tensors of a file, float32.

    Raises:
        BundleError: it is not such a file, or was cut.
    """
    header = read_header(file)
    place, tensors = header.size, {}
    for name, shape in header.shapes.items():
        size = tensor_bytes(shape, bits=header.bits, bucket=header.bucket)
        if place + size > len(file):
            raise BundleError(f"packed weights end within '{name}'; install the bundle again")
        tensors[name] = _tensor(file[place : place + size], shape, header.bits, header.bucket)
        place += size
    return tensors


def tensor_bytes(shape: tuple[int, ...], *, bits: int, bucket: int = BUCKET) -> int:
    """Bytes that a tensor takes in a file."""
    count = math.prod(shape)
    if not is_coded(shape, bits):
        return 4 * count
    return -(-count * bits // 8) + 8 * _bucket_count(count, bucket)


def is_coded(shape: tuple[int, ...], bits: int) -> bool:
    """Whether a tensor of this shape is kept as codes."""
    return bits != PLAIN and len(shape) > 1


def _tensor(content: bytes, shape: tuple[int, ...], bits: int, bucket: int) -> Weights:
    if not is_coded(shape, bits):
        return np.frombuffer(content, "<f4").reshape(shape).copy()
    count = math.prod(shape)
    buckets = _bucket_count(count, bucket)
    low, high = np.frombuffer(content[len(content) - 8 * buckets :], "<f4").reshape(2, buckets)
    codes = unpack(content[: len(content) - 8 * buckets], count, bits=bits)
    return decode(Coded(codes=codes, low=low, high=high), shape, bits=bits, bucket=bucket)


def _bucket_count(count: int, bucket: int) -> int:
    return -(-count // (bucket or count))


def _buckets(values: NDArray[np.float32] | NDArray[np.uint8], bucket: int) -> NDArray[np.float32]:
    """[n] as [buckets, k]; the last one is filled up with its last value."""
    flat = np.ascontiguousarray(values).reshape(-1)
    size = bucket or len(flat)
    return np.pad(flat, (0, -len(flat) % size), mode="edge").reshape(-1, size)
