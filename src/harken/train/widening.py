"""Dynamically quantised ONNX graphs in float again: on processors whose integer convolutions are slow, that is faster.

A dynamically quantised product is `DynamicQuantizeLinear -> ConvInteger | MatMulInteger -> Cast -> Mul(scales)`, and
its bias is rounded to the same steps (`Div -> Floor -> Cast -> Add`). Here the activations stay as they are, with a
step of 1, and so does the bias; the weights remain what eight bits made of them.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, numpy_helper

_ONE = "widened.one"
_FLOATS = {"ConvInteger": "Conv", "MatMulInteger": "MatMul"}


def widened(graph: bytes) -> bytes:
    """The same graph with its dynamically quantised convolutions and matrix products in float.

    Args:
        graph: ONNX; quantised LSTMs and everything else are left alone.
    """
    model = onnx.load_from_string(graph)
    body = model.graph
    constants = {tensor.name: tensor for tensor in body.initializer}
    plain = {node.output[0]: node.input[0] for node in body.node if node.op_type == "DynamicQuantizeLinear"}
    steps = {node.output[1] for node in body.node if node.op_type == "DynamicQuantizeLinear"}
    for node in body.node:
        if node.op_type in _FLOATS:
            _widen(node, plain, constants, body)
    _keep_bias(body)
    for node in body.node:
        for place, name in enumerate(node.input):
            node.input[place] = _ONE if name in steps else plain.get(name, name)
    nodes = [node for node in body.node if node.op_type != "DynamicQuantizeLinear"]
    used = {name for node in nodes for name in node.input}
    tensors = [tensor for tensor in body.initializer if tensor.name in used]
    del body.node[:], body.initializer[:], body.value_info[:]
    body.node.extend(nodes)
    body.initializer.extend([*tensors, numpy_helper.from_array(np.array(1, np.float32), _ONE)])
    return bytes(model.SerializeToString())


def _widen(node: NodeProto, plain: dict[str, str], constants: dict[str, TensorProto], body: GraphProto) -> None:
    values, name = node.input[0], f"{node.input[1]}.widened"
    if name not in constants:
        weight, zero = (
            numpy_helper.to_array(constants[one]).astype(np.float32) for one in (node.input[1], node.input[3])
        )
        if node.op_type == "ConvInteger" and zero.size > 1:  # one for each output channel
            zero = zero.reshape(-1, *(1,) * (weight.ndim - 1))
        constants[name] = numpy_helper.from_array(weight - zero, name)
        body.initializer.append(constants[name])
    node.op_type = _FLOATS[node.op_type]
    del node.input[:]
    node.input.extend([plain[values], name])


def _keep_bias(body: GraphProto) -> None:
    """Let biases pass that would be rounded to whole steps."""
    readers: dict[str, list[NodeProto]] = {}
    for node in body.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for node in body.node:
        casts = readers.get(node.output[0], []) if node.op_type == "Floor" else []
        if len(casts) == 1 and casts[0].op_type == "Cast" and casts[0].attribute[0].i == TensorProto.INT32:
            node.op_type = "Identity"
            casts[0].attribute[0].i = TensorProto.FLOAT
