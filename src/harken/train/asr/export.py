"""From a trained network to the bundle that runs: streaming graph, eight-bit weights, proof of parity."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.ivector import Extractor
from harken.asr.acoustic.model import HIDDEN, IVECTORS, KIND, AcousticModel, Outputs
from harken.asr.acoustic.speaker import PhoneFilter, prune_posteriors, step_features, with_edges
from harken.audio.features import Frames, Normalizer
from harken.bundle import Bundle, write_bundle
from harken.train.asr.acoustic import AcousticNetwork
from harken.train.asr.data import pad
from harken.train.asr.ivector_data import stream_ivectors
from harken.train.export import ExportError, export_onnx

GRAPH, TABLES = "acoustic.onnx", "normalizer.npz"


class StreamingGraph(nn.Module):
    """The network as a graph with memory: (x, state.0, state.1) -> (y, hidden, next_state.0, next_state.1).

    x is [1, steps, 3 bins]: three feature frames a step, so that any number of steps is a valid size.
    state.0 is the number of steps seen, state.1 all caches one after the other in one row.
    """

    def __init__(self, network: AcousticNetwork):
        super().__init__()
        self.network = network.eval()
        self.shapes = [cache.shape for cache in network.initial_state()]

    def example(self, steps: int = 4) -> dict[str, Tensor]:
        """Inputs by name, as a stream begins."""
        size = sum(shape.numel() for shape in self.shapes)
        inputs = {"x": torch.randn(1, steps, STEP_FRAMES * self.network.config.bins)}
        if self.network.speaker is not None:
            inputs["w"] = torch.randn(1, steps, self.network.config.speaker)
        return inputs | {"state.0": torch.zeros(1), "state.1": torch.zeros(size)}

    def forward(self, x: Tensor, place: Tensor, caches: Tensor) -> tuple[Tensor, ...]:
        return self.advance(x, None, place, caches)

    def advance(self, x: Tensor, w: Tensor | None, place: Tensor, caches: Tensor) -> tuple[Tensor, ...]:
        """One call of the stream."""
        parts = torch.split(caches, [shape.numel() for shape in self.shapes])
        state = [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]
        y, hidden, place, after = self.network.stream(x, place, state, w)
        return y, hidden, place, torch.cat([cache.reshape(-1) for cache in after])


class SpeakerGraph(StreamingGraph):
    """The same for a network that takes i-vectors: w is [1, steps, R], between x and the state."""

    def forward(self, x: Tensor, w: Tensor, place: Tensor, caches: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        return self.advance(x, w, place, caches)


def float_graph(network: AcousticNetwork) -> bytes:
    """The streaming graph with 32-bit weights."""
    streaming = StreamingGraph(network) if network.speaker is None else SpeakerGraph(network)
    example = streaming.example()
    dynamic: dict[str, dict[int, str]] = {name: {1: "steps"} for name in ("x", "w") if name in example}
    return export_onnx(streaming, example, ("y", HIDDEN, "next_state.0", "next_state.1"), dynamic=dynamic)


def write_acoustic_bundle(
    folder: Path,
    network: AcousticNetwork,
    normalizer: Normalizer,
    labels: tuple[str, ...],
    *,
    eight_bit: bool,
    card: str,
    name: str = "acoustic-en",
    origin: Mapping[str, Any] | None = None,
    scores: Mapping[str, Any] | None = None,
    ivectors: tuple[Extractor, PhoneFilter] | None = None,
) -> Bundle:
    """Export, compare with the network on a stream, and write.

    Args:
        ivectors: extractor and phone filter, for a network that takes i-vectors.

    Raises:
        ExportError: the graph does not give what the network gives.
    """
    if (ivectors is None) != (network.speaker is None):
        raise ExportError(
            "a bundle has an i-vector extractor if and only if its network takes i-vectors; give both or neither"
        )
    graph = float_graph(network)
    tables = io.BytesIO()
    np.savez(tables, mean=normalizer.mean, deviation=normalizer.deviation)

    def write(content: bytes, weights: str) -> Bundle:
        features = {
            "bins": network.config.bins, "frame_shift_ms": 10, "step_frames": STEP_FRAMES,
            "look_ahead": network.look_ahead, "prior_frames": normalizer.prior, "weights": weights,
        }  # fmt: skip
        files = {GRAPH: content, TABLES: tables.getvalue(), **_ivector_files(ivectors)}
        return write_bundle(
            folder, name=name, kind=KIND, files=files, card=card, features=features, labels=labels,
            origin=origin, scores=scores,
        )  # fmt: skip

    bundle = write(graph, "float32")
    check_stream(network, AcousticModel.from_bundle(bundle), normalizer)
    return write(store_eight_bit(graph), "int8") if eight_bit else bundle


def _ivector_files(ivectors: tuple[Extractor, PhoneFilter] | None) -> dict[str, bytes]:
    if ivectors is None:
        return {}
    extractor, phones = ivectors
    content, tables = io.BytesIO(), extractor.to_arrays()
    tables |= {"bigram": np.asarray(phones.bigram, np.float32), "start": np.asarray(phones.start, np.float32)}
    np.savez(content, allow_pickle=False, **tables)
    return {IVECTORS: content.getvalue()}


def store_eight_bit(graph: bytes) -> bytes:
    """The graph with its large matrices stored as integers -127..127 and one scale a row or column.

    They are unfolded when the graph is loaded and everything is computed in 32 bits: quantised activations would make
    scores depend on how the stream is chunked, and at 33 steps a second their speed is not needed.
    """
    model = onnx.load_from_string(graph)
    unfolding = []
    for tensor in list(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.ndim != 2 or values.size < 4096 or values.dtype != np.float32:
            continue
        whole, scale = _integers(values)
        name = tensor.name
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(numpy_helper.from_array(whole, f"{name}.int8"))
        model.graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        unfolding.append(helper.make_node("Cast", [f"{name}.int8"], [f"{name}.whole"], to=onnx.TensorProto.FLOAT))
        unfolding.append(helper.make_node("Mul", [f"{name}.whole", f"{name}.scale"], [name]))
    for place, node in enumerate(unfolding):
        model.graph.node.insert(place, node)
    return bytes(model.SerializeToString())


def _integers(values: Frames) -> tuple[NDArray[np.int8], Frames]:
    """Integers and scales [1, n] or [n, 1], along the axis that loses less."""
    roundings = []
    for axis in (0, 1):
        scale = np.maximum(np.abs(values).max(axis, keepdims=True), 1e-12) / 127
        whole = np.round(values / scale)
        roundings.append((float(np.square(whole * scale - values).sum()), whole.astype(np.int8), scale))
    _, whole, scale = min(roundings, key=lambda entry: entry[0])
    return whole, scale.astype(np.float32)


def restore_weights(network: AcousticNetwork, bundle: Bundle) -> None:
    """Give a network the weights of a bundle, to continue training where only the bundle is at hand.

    Eight-bit weights become the values that the bundle computes with. If the network has more blocks than the bundle,
    the additional ones change nothing at first; if it takes i-vectors and the bundle has none, it ignores them at
    first. So it starts with the bundle's scores.

    Raises:
        ExportError: the bundle comes from a network of another shape.
    """
    matrices, rows = _stored_tensors(onnx.load_from_string(bundle.path(GRAPH).read_bytes()))
    fresh = dict(network.state_dict())
    layers = [name for name, value in fresh.items() if value.dim() == 2]
    if network.speaker is not None and IVECTORS not in bundle.info["files"]:
        layers.remove("speaker.linear.weight")
        fresh |= {name: torch.zeros_like(fresh[name]) for name in ("speaker.linear.weight", "speaker.linear.bias")}
        beside = fresh["first.linear.weight"][:, matrices[0].shape[0] :].T.numpy()
        matrices[0] = np.concatenate([matrices[0], beside])
    kept = [*layers[: len(matrices) - 1], layers[-1]]
    if [tuple(reversed(fresh[name].shape)) for name in kept] != [value.shape for value in matrices]:
        raise ExportError(
            f"the matrices of bundle '{bundle.name}' have other sizes than this network's; use the [network] settings "
            "that it was trained with, with additional blocks at the end if you like"
        )
    fresh |= {name: torch.from_numpy(value.T.copy()) for name, value in zip(kept, matrices, strict=True)}
    fresh |= {name: torch.from_numpy(value.copy()) for name, value in rows.items() if name in fresh}
    fresh |= {n: torch.zeros_like(fresh[n]) for n in layers[len(matrices) - 1 : -1] if n.endswith("down.weight")}
    network.load_state_dict(fresh)


def _stored_tensors(model: onnx.ModelProto) -> tuple[list[Frames], dict[str, Frames]]:
    """The matrices in the order of their use, unfolded, and the vectors by the network's own names."""
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    matrices: list[Frames] = []
    for node in model.graph.node:
        name = node.input[1] if node.op_type == "MatMul" else ""
        if f"{name}.int8" in tensors:
            matrices.append(np.asarray(np.float32(tensors[f"{name}.int8"]) * tensors[f"{name}.scale"], np.float32))
        elif name in tensors:
            matrices.append(tensors[name])
    rows = {name.removeprefix("network."): value for name, value in tensors.items() if value.ndim == 1}
    return matrices, rows


def check_stream(
    network: AcousticNetwork, model: AcousticModel, normalizer: Normalizer, *, tolerance: float = 1e-3
) -> float:
    """Greatest difference between the network on whole utterances and the run-time model fed in chunks.

    Raises:
        ExportError: it exceeds `tolerance`.
    """
    rng = np.random.default_rng(0)
    worst = 0.0
    for frames, chunk in ((1, 1), (50, 7), (200, 31), (301, 301)):
        x = (rng.standard_normal((frames, network.config.bins)) * 3 + 10).astype(np.float32)
        stream = model.stream()
        parts = [*(stream.process(x[n : n + chunk]) for n in range(0, frames, chunk)), stream.flush()]
        streamed = Outputs.joined(parts).scores
        w = None
        if model.ivectors is not None:  # computed from the stream's scores as training does
            extractor, phones = model.ivectors
            features, weights = step_features(with_edges(normalizer.whole(x))), prune_posteriors(phones.whole(streamed))
            w = stream_ivectors(extractor, features, weights, network.look_ahead)
        wanted = whole_scores(network, normalizer, x, w)
        if streamed.shape != wanted.shape:
            raise ExportError(f"{frames} frames give {streamed.shape} in the stream and {wanted.shape} in the network")
        worst = max(worst, float(np.abs(streamed - wanted).max()))
    if not worst <= tolerance:
        raise ExportError(f"stream and network differ by {worst:.2e}, more than {tolerance:.0e}; nothing was written")
    return worst


def whole_scores(
    network: AcousticNetwork, normalizer: Normalizer, features: Frames, w: Frames | None = None
) -> Frames:  # fmt: skip
    """Scores [steps, 2P] of a recording's log-mel energies [T, bins], by the network itself.

    Args:
        network: eval mode is set.
        normalizer: as at run time.
        features: [T, bins].
        w: i-vectors [steps + look_ahead, R] of its steps; None: zeros.
    """
    x, _ = pad([normalizer.whole(features)], network.look_ahead)
    with torch.no_grad():
        scores: Frames = network.eval()(x, None if w is None else torch.from_numpy(w)[None])[0].numpy()
    return scores
