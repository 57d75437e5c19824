"""The pronouncer's network as two ONNX graphs, encoder and decoder, and back from them.

They are written node by node, with the weights under the network's own names, so that training can continue from a
bundle. Matrices are stored as integers -127..127 with one scale a row, and unfolded when a graph is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from harken.errors import DataError
from harken.onnx import Session
from harken.phones.inventory import PADDING
from harken.train.export import OPSET, ExportError
from harken.train.phones.configs import NetworkConfig
from harken.train.phones.network import REACH, Network

Floats = NDArray[np.float32]
_IR = 10
"""Version of the file format that the oldest allowed onnxruntime reads."""
_SMALL = 2048
"""Tables with fewer numbers stay as they are."""
_HIDDEN = -1e9
"""Score of a letter that is padding."""


def network_graphs(network: Network) -> tuple[bytes, bytes]:
    """(letters [B, T], language [B] -> memory [B, T, joint], origin [B, languages];
    memory [N, joint], past [N, history], said [N] -> logits [N, phones]).

    Raises:
        ExportError: with the stored weights, a graph and the network differ.
    """
    weights = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    graphs = _encoder(weights, network.config), _decoder(weights, network.config)
    rounded = Network(network.config, **sizes_of(network))
    rounded.load_state_dict(stored_weights(*graphs))
    _check(rounded.eval(), *graphs)
    return graphs


def sizes_of(network: Network) -> dict[str, int]:
    """Rows of the network's tables."""
    return {
        "letters": network.letters.num_embeddings, "phones": network.past.num_embeddings,
        "languages": network.languages.num_embeddings,
    }  # fmt: skip


def stored_weights(*graphs: bytes) -> dict[str, Tensor]:
    """The network's parameters by name, as the graphs compute with them.

    Raises:
        DataError: they are not graphs of this network.
    """
    weights: dict[str, Tensor] = {}
    for graph in graphs:
        tensors = {item.name: numpy_helper.to_array(item) for item in onnx.load_from_string(graph).graph.initializer}
        for name, values in tensors.items():
            if name.endswith(".int8"):
                whole = values.astype(np.float32) * tensors[f"{name.removesuffix('.int8')}.scale"]
                weights[name.removesuffix(".int8")] = torch.from_numpy(whole)
            elif not name.startswith("_") and not name.endswith(".scale"):
                weights[name] = torch.from_numpy(values.copy())
    if "letters.weight" not in weights or "out.weight" not in weights:
        raise DataError("the graphs hold no weights of a pronouncer's network; export it again")
    return weights


Shape = list[str | int | None]


class _Graph:
    """A graph in the making."""

    def __init__(self, weights: Mapping[str, Floats]):
        self._given = weights
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def constant(self, value: object, kind: type = np.int64) -> str:
        name = f"_{len(self._tensors)}"
        self._tensors[name] = numpy_helper.from_array(np.asarray(value, kind), name)
        return name

    def weight(self, name: str) -> str:
        """A parameter as a value of the graph."""
        if name in self._tensors or f"{name}.int8" in self._tensors:
            return name
        value = self._given[name]
        if value.ndim != 2 or value.size < _SMALL:
            self._tensors[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
            return name
        scale = np.maximum(np.abs(value).max(axis=1, keepdims=True), 1e-12) / 127
        self._tensors[f"{name}.int8"] = numpy_helper.from_array(np.round(value / scale).astype(np.int8), f"{name}.int8")
        self._tensors[f"{name}.scale"] = numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale")
        whole = self.node("Cast", [f"{name}.int8"], to=TensorProto.FLOAT)
        return self.node("Mul", [whole, f"{name}.scale"], output=name)

    def node(self, kind: str, inputs: Sequence[str], *, output: str = "", **settings: Any) -> str:
        output = output or f"_{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **settings))
        return output

    def linear(self, x: str, name: str, *, output: str = "") -> str:
        """x [.., in] times the transposed weight [out, in], plus the bias."""
        turned = self.node("Transpose", [self.weight(f"{name}.weight")], perm=[1, 0])
        return self.node("Add", [self.node("MatMul", [x, turned]), self.weight(f"{name}.bias")], output=output)

    def norm(self, x: str, name: str) -> str:
        return self.node(
            "LayerNormalization", [x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")], axis=-1, epsilon=1e-5
        )

    def bytes(self, inputs: Mapping[str, tuple[int, Shape]], outputs: Mapping[str, Shape]) -> bytes:
        taken = [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()]
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
        graph = helper.make_graph(self._nodes, "pronouncer", taken, given, list(self._tensors.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=_IR)
        model.producer_name = "harken"
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def _encoder(weights: Mapping[str, Floats], config: NetworkConfig) -> bytes:
    graph = _Graph(weights)
    differs = graph.node("Not", [graph.node("Equal", ["letters", graph.constant(PADDING)])])
    keep = graph.node("Cast", [differs], to=TensorProto.FLOAT)
    x = graph.node("Gather", [graph.weight("letters.weight"), "letters"])
    x = _block(graph, x, keep, "blocks.0", config)
    column = graph.node("Unsqueeze", [keep, graph.constant([2])])
    summed = graph.node("ReduceSum", [graph.node("Mul", [x, column]), graph.constant([1])], keepdims=0)
    count = graph.node("ReduceSum", [keep, graph.constant([1])], keepdims=1)
    graph.linear(graph.node("Div", [summed, count]), "origin", output="origin")
    spoken = graph.node("Gather", [graph.weight("languages.weight"), "language"])
    spoken = graph.node("Unsqueeze", [spoken, graph.constant([1])])
    if config.conditioning == "embedding":
        x = graph.node("Add", [x, spoken])
    elif config.conditioning == "token":
        x = graph.node("Concat", [spoken, x], axis=1)
        first = graph.node("Slice", [keep, *(graph.constant([n]) for n in (0, 1, 1))])
        keep = graph.node("Concat", [first, keep], axis=1)
    for number in range(1, config.blocks):
        x = _block(graph, x, keep, f"blocks.{number}", config)
    if config.conditioning == "token":
        x = graph.node("Slice", [x, *(graph.constant([n]) for n in (1, np.iinfo(np.int64).max, 1))])
    elif config.conditioning == "decoder":
        x = graph.node("Add", [x, spoken])
    graph.linear(graph.norm(x, "last"), "memory", output="memory")
    whole = TensorProto.INT64
    outputs: dict[str, Shape] = {
        "memory": ["B", "T", config.joint], "origin": ["B", len(weights["origin.bias"])]
    }  # fmt: skip
    return graph.bytes({"letters": (whole, ["B", "T"]), "language": (whole, ["B"])}, outputs)


def _block(graph: _Graph, x: str, keep: str, name: str, config: NetworkConfig) -> str:
    size = config.width // config.heads
    parts = graph.linear(graph.norm(x, f"{name}.before_attention"), f"{name}.attend")
    shape = graph.constant([0, 0, 3, config.heads, size])
    parts = graph.node("Transpose", [graph.node("Reshape", [parts, shape])], perm=[2, 0, 3, 1, 4])
    query, key, value = (graph.node("Gather", [parts, graph.constant(n)], axis=0) for n in range(3))
    scores = graph.node("MatMul", [query, graph.node("Transpose", [key], perm=[0, 1, 3, 2])])
    scores = graph.node("Mul", [scores, graph.constant(size**-0.5, np.float32)])
    scores = graph.node("Add", [scores, _distances(graph, keep, name)])
    hidden = graph.node(
        "Mul", [graph.node("Sub", [graph.constant(1, np.float32), keep]), graph.constant(_HIDDEN, np.float32)]
    )
    scores = graph.node("Add", [scores, graph.node("Unsqueeze", [hidden, graph.constant([1, 2])])])
    mixed = graph.node("MatMul", [graph.node("Softmax", [scores], axis=-1), value])
    mixed = graph.node("Transpose", [mixed], perm=[0, 2, 1, 3])
    mixed = graph.node("Reshape", [mixed, graph.constant([0, 0, config.width])])
    x = graph.node("Add", [x, graph.linear(mixed, f"{name}.attended")])
    near = graph.node(
        "Mul", [graph.norm(x, f"{name}.before_inner"), graph.node("Unsqueeze", [keep, graph.constant([2])])]
    )
    padded = graph.node("Pad", [near, graph.constant([0, 1, 0, 0, 1, 0])])
    left = graph.node("Slice", [padded, *(graph.constant([n]) for n in (0, -2, 1))])
    right = graph.node("Slice", [padded, *(graph.constant([n]) for n in (2, np.iinfo(np.int64).max, 1))])
    near = graph.node("Concat", [left, near, right], axis=-1)
    inner = graph.node("Relu", [graph.linear(near, f"{name}.inner")])
    return graph.node("Add", [x, graph.linear(inner, f"{name}.outer")])


def _distances(graph: _Graph, keep: str, name: str) -> str:
    """What attention adds for the distance of two letters [heads, T, T]."""
    length = graph.node("Gather", [graph.node("Shape", [keep]), graph.constant(1)])
    places = graph.node("Range", [graph.constant(0), length, graph.constant(1)])
    row, column = (graph.node("Unsqueeze", [places, graph.constant([axis])]) for axis in (0, 1))
    distance = graph.node("Clip", [graph.node("Sub", [row, column]), graph.constant(-REACH), graph.constant(REACH)])
    distance = graph.node("Add", [distance, graph.constant(REACH)])
    return graph.node("Gather", [graph.weight(f"{name}.distance"), distance], axis=1)


def _decoder(weights: Mapping[str, Floats], config: NetworkConfig) -> bytes:
    graph = _Graph(weights)
    hidden = graph.node("Add", ["memory", graph.node("Gather", [graph.weight("said.weight"), "said"])])
    rows = graph.node("Gather", [graph.weight("past.weight"), "past"])
    if config.history:
        flat = graph.node("Reshape", [rows, graph.constant([-1, config.history * config.phone_width])])
        hidden = graph.node("Add", [hidden, graph.linear(flat, "recall")])
    graph.linear(graph.node("Relu", [hidden]), "out", output="logits")
    whole = TensorProto.INT64
    inputs: dict[str, tuple[int, Shape]] = {
        "memory": (TensorProto.FLOAT, ["N", config.joint]), "past": (whole, ["N", config.history]),
        "said": (whole, ["N"]),
    }  # fmt: skip
    return graph.bytes(inputs, {"logits": ["N", len(weights["out.bias"])]})


def _check(network: Network, encoder: bytes, decoder: bytes, *, tolerance: float = 1e-3) -> None:
    """Whether graphs and network agree on random words of several lengths."""
    rng, sizes, config = np.random.default_rng(0), sizes_of(network), network.config
    letters = rng.integers(1, sizes["letters"], (5, 9))
    letters[1, 4:], letters[2, 1:], letters[3, 8:] = PADDING, PADDING, PADDING
    language = rng.integers(0, sizes["languages"], 5)
    past, said = rng.integers(0, sizes["phones"], (45, config.history)), rng.integers(0, 3, 45)
    with torch.no_grad():
        memory, origin = network.encode(torch.from_numpy(letters), torch.from_numpy(language))
        flat = memory.flatten(0, 1)
        logits = network.decode(flat, torch.from_numpy(past), torch.from_numpy(said))
    encoded = Session(encoder).run(letters=letters, language=language)
    decoded = Session(decoder).run(memory=flat.numpy(), past=past, said=said)
    pairs = [(memory, encoded["memory"]), (origin, encoded["origin"]), (logits, decoded["logits"])]
    worst = max(float(np.abs(theirs - ours.numpy()).max()) for ours, theirs in pairs)
    if not worst <= tolerance:
        raise ExportError(f"graph and network differ by {worst:.2e}, more than {tolerance:.0e}; it was not written")
