"""The token encoder as two ONNX graphs: from the units of one word to its vector, and from these to the states.

They are written node by node, because the exporter unrolls an LSTM or fixes its length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from harken.train.export import OPSET

Floats = NDArray[np.float32]
_IR = 10
"""Version of the file format that the oldest allowed onnxruntime reads."""


def token_graphs(weights: Mapping[str, Floats], kinds: Sequence[str], *, small: bool = True) -> tuple[bytes, bytes]:
    """(graph of a word: one input of rows for each kind -> y [width]; graph of a sentence: x [words, width] -> y).

    Args:
        weights: of the network, by name.
        kinds: kinds of units, in the network's order.
        small: weights as 8-bit integers with a scale for each; they are unpacked when the graph is opened.
    """
    word, sentence = _Graph(small), _Graph(small)
    parts = []
    for kind in kinds:
        table = word.weight(f"{kind}.table", weights[f"reader.tables.{kind}.weight"])
        rows = word.node("Gather", [table, kind])
        last = word.lstm(rows, weights, f"reader.readers.{kind}")[1]
        parts.append(word.node("Reshape", [last, word.constant("flat", np.array([-1]))]))
    word.node("Concat", parts, output="y", axis=0)
    states = sentence.lstm("x", weights, "sentence")[0]
    sentence.node("Reshape", [states, sentence.constant("rows", np.array([0, -1]))], output="y")
    integers = [helper.make_tensor_value_info(kind, TensorProto.INT64, [f"{kind}s"]) for kind in kinds]
    vectors = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["words", None])
    return word.bytes(integers, ["width"]), sentence.bytes([vectors], ["words", "size"])


class _Graph:
    """A graph in the making."""

    def __init__(self, small: bool):
        self._small = small
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self._weights[name] = numpy_helper.from_array(value, name)
        return name

    def weight(self, name: str, value: Floats) -> str:
        if not self._small:
            return self.constant(name, value)
        scale = np.float32(np.abs(value).max() / 127)
        self.constant(f"{name}.int8", np.round(value / scale).astype(np.int8))
        return self.node("DequantizeLinear", [f"{name}.int8", self.constant(f"{name}.scale", np.array(scale))])

    def node(self, kind: str, inputs: Sequence[str], *, output: str = "", **settings: Any) -> str:
        output = output or f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **settings))
        return output

    def lstm(self, x: str, weights: Mapping[str, Floats], name: str) -> tuple[str, str]:
        """A bidirectional LSTM on x [steps, width]: (all states [steps, 1, 2 state], last states [2, 1, state])."""
        pair = [{part: weights[f"{name}.{way}.{part}_l0"] for part in _PARTS} for way in ("ahead", "behind")]
        state = pair[0]["weight_hh"].shape[1]
        inner, outer = (
            self.weight(f"{name}.{part}", np.stack([_reordered(way[part]) for way in pair]))
            for part in ("weight_ih", "weight_hh")
        )
        biases = [np.concatenate([_reordered(way["bias_ih"]), _reordered(way["bias_hh"])]) for way in pair]
        bias = self.constant(f"{name}.bias", np.stack(biases).astype(np.float32))
        batch = self.node("Unsqueeze", [x, self.constant("one", np.array([1]))])
        every = f"{name}.states"
        last = f"{name}.last"
        self._nodes.append(
            helper.make_node(
                "LSTM", [batch, inner, outer, bias], [every, last], hidden_size=state, direction="bidirectional"
            )
        )
        flat = self.constant(f"{name}.flat", np.array([0, 1, -1]))
        turned = self.node("Transpose", [every], perm=[0, 2, 1, 3])
        return self.node("Reshape", [turned, flat]), last

    def bytes(self, inputs: Sequence[onnx.ValueInfoProto], shape: Sequence[str]) -> bytes:
        output = helper.make_tensor_value_info("y", TensorProto.FLOAT, list(shape))
        graph = helper.make_graph(self._nodes, "tokens", list(inputs), [output], list(self._weights.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=_IR)
        model.producer_name = "harken"
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


_PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _reordered(rows: Floats) -> Floats:
    """Gates from torch's order (input, forget, cell, output) to that of ONNX (input, output, forget, cell)."""
    enter, forget, cell, leave = np.split(rows, 4)
    return np.concatenate([enter, leave, forget, cell])
