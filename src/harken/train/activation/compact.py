"""From a trained network to the graph of a bundle, with eight-bit weights that are unpacked when the graph is loaded.

These networks are so small that eight-bit arithmetic does not make them faster (measured: calling it costs more than it
saves); what counts is the size of the file. So only the storage has eight bits, with one scale per output channel, and
onnxruntime unpacks them to ordinary weights at load.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor

from harken.audio.features import Frames
from harken.onnx import Session, StreamingSession
from harken.train.activation.subband import SubbandNet
from harken.train.export import ExportError, check_parity, export_onnx

_SMALL = 256  # tensors of fewer numbers stay as they are
_TOLERANCE = 0.35  # logits: a shift that moves a score of 0.5 by less than 0.09; measured about 0.1


def export_network(net: SubbandNet, *, probe: Tensor) -> tuple[bytes, float]:
    """The graph of a network: inputs `x` [1, T, bins] and `state.<n>`, outputs `y` [1, T / 2, outputs] and states.

    Args:
        net: trained.
        probe: real frames [T, bins], T a multiple of 8 and at least 64, on which graph and network are compared.

    Returns:
        The graph, and the largest difference in logits that its eight-bit weights make on `probe`.

    Raises:
        ExportError: torch, graph and chunked graph differ, or eight bits change too much.
    """
    net.eval()
    inputs = {"x": probe[None, :64], **{f"state.{n}": state for n, state in enumerate(net.states())}}
    outputs = ["y", *(f"next_{name}" for name in inputs if name != "x")]
    exact = export_onnx(net, inputs, outputs, dynamic={"x": {1: "frames"}})
    check_parity(net, exact, {**inputs, "x": probe[None]}, outputs)
    compact = compress_weights(exact)
    whole = _stream(exact, probe.numpy(), len(probe))
    chunked = _stream(exact, probe.numpy(), 8)
    if not np.allclose(whole, chunked, atol=1e-4):
        raise ExportError(
            f"in steps of 80 ms the graph differs by {np.abs(whole - chunked).max():.2e} from its whole run"
        )
    change = float(np.abs(_stream(compact, probe.numpy(), 8) - chunked).max())
    if change > _TOLERANCE:
        raise ExportError(
            f"eight-bit weights change the logits by {change:.2f}, more than {_TOLERANCE}; nothing was written"
        )
    return compact, change


def compress_weights(graph: bytes) -> bytes:
    """The graph with its large weights stored in eight bits, one scale per row of the first axis."""
    model = onnx.load_from_string(graph)
    kept, unpacking = [], []
    for tensor in model.graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype != np.float32 or weights.size < _SMALL or weights.ndim < 2:
            kept.append(tensor)
            continue
        name = tensor.name
        scale = np.abs(weights).max(axis=tuple(range(1, weights.ndim)), keepdims=True) / 127
        scale = np.maximum(scale, np.finfo(np.float32).tiny).astype(np.float32)
        kept.append(numpy_helper.from_array(np.round(weights / scale).astype(np.int8), f"{name}.int8"))
        kept.append(numpy_helper.from_array(scale, f"{name}.scale"))
        unpacking.append(helper.make_node("Cast", [f"{name}.int8"], [f"{name}.float"], to=onnx.TensorProto.FLOAT))
        unpacking.append(helper.make_node("Mul", [f"{name}.float", f"{name}.scale"], [name]))
    nodes = [*unpacking, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    _shorten_names(model)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _shorten_names(model: onnx.ModelProto) -> None:
    """The exporter's names take up a quarter of such a small file."""
    graph = model.graph
    public = {value.name for value in (*graph.input, *graph.output)}
    short: dict[str, str] = {"": ""}

    def shorten(name: str) -> str:
        return name if name in public else short.setdefault(name, f"t{len(short)}")

    for tensor in graph.initializer:
        tensor.name = shorten(tensor.name)
    for node in graph.node:
        node.name = ""
        node.input[:] = [shorten(name) for name in node.input]
        node.output[:] = [shorten(name) for name in node.output]
    del graph.value_info[:]


def _stream(graph: bytes, frames: Frames, step: int) -> NDArray[np.float32]:
    session = StreamingSession(Session(graph))
    parts = [session.run(x=frames[None, n : n + step])["y"][0] for n in range(0, len(frames), step)]
    return np.concatenate(parts)
