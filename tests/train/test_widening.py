"""A dynamically quantised graph in float gives what its weights say, without the rounding of what flows through it."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from harken.onnx import Session  # noqa: E402
from harken.train.widening import widened  # noqa: E402


def quantised() -> tuple[bytes, np.ndarray, np.ndarray]:
    """A graph y = conv(x) + bias, then a product, quantised by hand; the weights [4, 3, 5] and [4, 2] it means."""
    rng = np.random.default_rng(0)
    first, zero_first = rng.integers(0, 255, (4, 3, 5)).astype(np.uint8), np.uint8(120)
    second, zero_second = rng.integers(-120, 120, (4, 2)).astype(np.int8), np.int8(3)
    step_first, step_second = np.float32(0.01), np.float32(0.02)
    constants = {
        "w1": first, "z1": np.array(zero_first), "s1": np.array(step_first), "w2": second, "z2": np.array(zero_second),
        "s2": np.array(step_second), "bias": rng.standard_normal((1, 4, 1)).astype(np.float32),
    }  # fmt: skip
    node = helper.make_node
    nodes = [
        node("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]),
        node("Mul", ["xs", "s1"], ["step1"]),
        node("ConvInteger", ["xq", "w1", "xz", "z1"], ["c1"], kernel_shape=[5], pads=[2, 2]),
        node("Div", ["bias", "step1"], ["b1"]),
        node("Floor", ["b1"], ["b2"]),
        node("Cast", ["b2"], ["b3"], to=TensorProto.INT32),
        node("Add", ["c1", "b3"], ["c2"]),
        node("Cast", ["c2"], ["c3"], to=TensorProto.FLOAT),
        node("Mul", ["c3", "step1"], ["h"]),
        node("Floor", ["h"], ["floored"]),
        node("Transpose", ["h"], ["ht"], perm=[0, 2, 1]),
        node("DynamicQuantizeLinear", ["ht"], ["hq", "hs", "hz"]),
        node("Mul", ["hs", "s2"], ["step2"]),
        node("MatMulInteger", ["hq", "w2", "hz", "z2"], ["m1"]),
        node("Cast", ["m1"], ["m2"], to=TensorProto.FLOAT),
        node("Mul", ["m2", "step2"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "quantised", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 20])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("y", "floored")],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    weights = (
        (first.astype(np.float32) - zero_first) * step_first,
        (second.astype(np.float32) - zero_second) * step_second,
    )
    return model.SerializeToString(), *weights


def test_the_floats_are_those_of_the_weights():
    graph, first, second = quantised()
    x = np.random.default_rng(1).standard_normal((1, 3, 20)).astype(np.float32)
    bias = next(numpy_helper.to_array(t) for t in onnx.load_from_string(graph).graph.initializer if t.name == "bias")
    padded = np.pad(x[0], ((0, 0), (2, 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5, axis=1)
    hidden = np.einsum("ctk,ock->ot", windows, first) + bias[0]
    wanted = hidden.T @ second
    got = Session(widened(graph), threads=1).run(x=x)
    np.testing.assert_allclose(got["y"][0], wanted, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(got["floored"][0], np.floor(got["floored"][0]))
    assert np.abs(Session(graph, threads=1).run(x=x)["y"][0] - wanted).max() > 1e-3


def test_nothing_quantised_is_left():
    operations = {node.op_type for node in onnx.load_from_string(widened(quantised()[0])).graph.node}
    assert not operations & {"DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"}
    assert {"Conv", "MatMul"} <= operations
