"""From a trained network to the bundle that runs: integers, the graph of a recurrent step, the word list."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from harken.asr.neural.model import CLASSES, GRAPH, KIND, TABLES, WORDS
from harken.bundle import Bundle, write_bundle
from harken.errors import ConfigError
from harken.train.asr.neural.network import WordNetwork
from harken.train.export import OPSET

LEVELS = 127
"""Greatest integer of weights and activations."""
WORD_LEVELS = 31
"""Greatest integer of the embedding, most of the bundle: six bits, which the compressed file makes use of."""
IR_VERSION = 9
"""Pinned like OPSET: the newest that the oldest allowed onnxruntime reads."""
FloatArray = NDArray[np.float32]


def write_neural_bundle(
    folder: Path, network: WordNetwork, words: Sequence[str], *, rare: int, card: str, name: str = "neural-lm-en",
    features: Mapping[str, Any] | None = None, origin: Mapping[str, Any] | None = None,
    scores: Mapping[str, Any] | None = None,
) -> Bundle:  # fmt: skip
    """Write the network in eight bits.

    Args:
        folder: of the bundle.
        network: trained.
        words: by id, beginning with `CLASSES`.
        rare: number of words that '<unk>' stands for.
        card: what it is and what it learned from.
        name: of the bundle.
        features: settings of the rescoring pass.
        origin, scores: as for `write_bundle`.

    Raises:
        ConfigError: the words do not fit the network.
    """
    if tuple(words[: len(CLASSES)]) != CLASSES or len(words) != network.embedding.num_embeddings:
        raise ConfigError(
            f"got {len(words)} words that begin with {list(words[:4])} for {network.embedding.num_embeddings} rows; "
            f"expected one a row, beginning with {list(CLASSES)}"
        )
    rows, scale = integers(_array(network.embedding.weight), WORD_LEVELS)
    start = _array(network.start)
    tables = io.BytesIO()
    np.savez_compressed(
        tables, allow_pickle=False, rows=rows, scale=scale, bias=_array(network.bias), h=start[0], c=start[1]
    )
    files = {WORDS: "\n".join(words).encode(), TABLES: tables.getvalue(), GRAPH: step_graph(network)}
    return write_bundle(
        folder, name=name, kind=KIND, files=files, card=card, origin=origin, scores=scores,
        features={"rare": rare, **(features or {})},
    )  # fmt: skip


def integers(rows: FloatArray, levels: int = LEVELS) -> tuple[NDArray[np.int8], FloatArray]:
    """A matrix [N, M] as integers up to `levels` and the step of each row [N]: no value is off by over half a step."""
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-12) / levels
    return np.round(rows / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def step_graph(network: WordNetwork) -> bytes:
    """One recurrent step: see `harken.asr.neural.model.NeuralModel.step`.

    Weights and activations are integers, sums are in 32 bits; gates, cells and biases are floating point.
    """
    config, graph = network.config, _Graph()
    x, scale = "x", "scale"
    hs: list[str] = []
    cs: list[str] = []
    for layer in range(config.layers):
        h, c = (graph.add("Gather", [state, graph.keep(np.array(layer))], axis=1) for state in ("h", "c"))
        whole, step = graph.rounded(h)
        kinds = {"ih": (x, scale), "hh": (whole, step)}
        parts = [
            graph.product(*inputs, _array(getattr(network.lstm, f"weight_{kind}_l{layer}")))
            for kind, inputs in kinds.items()
        ]
        bias = sum(_array(getattr(network.lstm, f"bias_{kind}_l{layer}")) for kind in kinds)
        gates = graph.add("Add", [graph.add("Add", parts), graph.keep(np.asarray(bias, np.float32))])
        h, c = graph.cell(gates, c)
        hs, cs = [*hs, h], [*cs, c]
        x, scale = graph.rounded(h)
    z = graph.add("Add", [graph.product(x, scale, _array(network.projection.weight)),
                          graph.keep(_array(network.projection.bias))], name="z")  # fmt: skip
    graph.stack(hs, "next_h")
    graph.stack(cs, "next_c")
    state = ("batch", config.layers, config.hidden)
    return graph.bytes_of(
        {"x": (onnx.TensorProto.INT8, ("batch", config.embedding)), "scale": (onnx.TensorProto.FLOAT, ("batch", 1)),
         "h": (onnx.TensorProto.FLOAT, state), "c": (onnx.TensorProto.FLOAT, state)},
        {z: ("batch", config.embedding), "next_h": state, "next_c": state},
    )  # fmt: skip


class _Graph:
    """Nodes and constants of a graph in the making."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def keep(self, values: NDArray[Any]) -> str:
        """A constant; its name."""
        name = f"constant.{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def add(self, kind: str, inputs: Sequence[str], *, name: str = "", **settings: int) -> str:
        """A node with one output; its name."""
        name = name or f"value.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **dict[str, Any](settings)))
        return name

    def rounded(self, values: str) -> tuple[str, str]:
        """Values [B, N] as integers, and the step of each row [B, 1]."""
        most = self.add("ReduceMax", [self.add("Abs", [values]), self.keep(np.array([1]))], keepdims=1)
        least = self.keep(np.array(1e-12, np.float32))
        step = self.add("Div", [self.add("Max", [most, least]), self.keep(np.array(LEVELS, np.float32))])
        whole = self.add("Cast", [self.add("Round", [self.add("Div", [values, step])])], to=onnx.TensorProto.INT8)
        return whole, step

    def product(self, whole: str, step: str, weights: FloatArray) -> str:
        """Integers [B, N] with a step a row, times the transposed weights [M, N], as floating point."""
        rows, scale = integers(weights)
        sums = self.add("MatMulInteger", [whole, self.keep(np.ascontiguousarray(rows.T))])
        # Not times the product of both scales: onnxruntime would fuse that into a node that drops the bias.
        scaled = self.add("Mul", [self.add("Cast", [sums], to=onnx.TensorProto.FLOAT), step])
        return self.add("Mul", [scaled, self.keep(scale[None])])

    def cell(self, gates: str, c: str) -> tuple[str, str]:
        """(h, c) after the gates [B, 4 H] of an LSTM layer in torch's order: input, forget, cell, output."""
        names = [f"gate.{len(self._nodes)}.{n}" for n in range(4)]
        self._nodes.append(helper.make_node("Split", [gates], names, axis=1, num_outputs=4))
        put, keep, out = (self.add("Sigmoid", [names[n]]) for n in (0, 1, 3))
        fresh = self.add("Mul", [put, self.add("Tanh", [names[2]])])
        c = self.add("Add", [self.add("Mul", [keep, c]), fresh])
        return self.add("Mul", [out, self.add("Tanh", [c])]), c

    def stack(self, layers: Sequence[str], name: str) -> None:
        """[B, H] of every layer as [B, L, H]."""
        axis = self.keep(np.array([1]))
        self.add("Concat", [self.add("Unsqueeze", [layer, axis]) for layer in layers], name=name, axis=1)

    def bytes_of(
        self, inputs: Mapping[str, tuple[int, Sequence[Any]]], outputs: Mapping[str, Sequence[Any]]
    ) -> bytes:  # fmt: skip
        """The graph with these inputs (type and shape) and outputs (shape)."""
        given = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()]
        got = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in outputs.items()]
        graph = helper.make_graph(self._nodes, "step", given, got, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        model.producer_name = "harken"
        return bytes(model.SerializeToString())


def _array(tensor: Any) -> FloatArray:
    return np.asarray(tensor.detach().float().numpy(), np.float32)
