"""From torch to ONNX: export, and a check that both give the same numbers."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from harken.errors import HarkenError
from harken.onnx import Array, Session

OPSET = 18
"""Pinned, so that a bundle from a newer exporter still runs on the oldest onnxruntime that we allow."""


class ExportError(HarkenError):
    """The exported graph does not give the same results as the network."""


def export_onnx(
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    *,
    dynamic: Mapping[str, Mapping[int, str]] | None = None,
) -> bytes:
    """An ONNX graph of `module`, called with the inputs by position.

    Args:
        module: the network; put into evaluation mode.
        inputs: name -> example; the names are those of `harken.onnx` (`x`, `x_lens`, `state.0`, ...).
        outputs: names of the values that the network returns, in order.
        dynamic: input name -> {axis: name} of the axes that may vary; axes with the same name vary together.
    """
    module.eval()
    shapes = _dynamic_shapes(inputs, dynamic or {})
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals, which a user cannot fix
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            module,
            tuple(inputs.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=shapes,
            verbose=False,
        )
        assert program is not None
        return _without_notes(program.model_proto)


def check_parity(
    module: nn.Module, graph: bytes, inputs: Mapping[str, Tensor], outputs: Sequence[str], *, tolerance: float = 1e-4
) -> float:
    """Greatest difference between network and graph on `inputs`.

    Raises:
        ExportError: it exceeds `tolerance`.
    """
    with torch.no_grad():
        wanted = module.eval()(*inputs.values())
    wanted = wanted if isinstance(wanted, tuple | list) else (wanted,)
    arrays: dict[str, Array] = {name: value.numpy() for name, value in inputs.items()}
    computed = Session(graph).run_dict(arrays)
    worst = 0.0
    for name, value in zip(outputs, wanted, strict=True):
        worst = max(worst, float(np.abs(computed[name] - value.numpy()).max(initial=0.0)))
    if not worst <= tolerance:
        raise ExportError(f"graph and network differ by {worst:.2e}, more than {tolerance:.0e}; it was not written")
    return worst


def _dynamic_shapes(
    inputs: Mapping[str, Tensor], dynamic: Mapping[str, Mapping[int, str]]
) -> tuple[dict[int, object] | None, ...] | None:
    if not dynamic:
        return None
    names = {axis for axes in dynamic.values() for axis in axes.values()}
    sizes = {name: torch.export.Dim(name) for name in sorted(names)}
    return tuple(
        {axis: sizes[label] for axis, label in dynamic[name].items()} if name in dynamic else None for name in inputs
    )


def _without_notes(model: onnx.ModelProto) -> bytes:
    """Drop the exporter's notes (source lines, paths), which take up space and reveal details of this machine."""
    model.producer_name, model.doc_string = "harken", ""
    del model.metadata_props[:]
    for holder in (model.graph, *model.functions):
        holder.doc_string = ""
        for node in holder.node:
            node.doc_string = ""
            del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        value.doc_string = ""
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    return bytes(model.SerializeToString())
