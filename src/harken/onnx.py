"""The one place that opens ONNX sessions; `x`, `x_lens`, `state.<n>` -> `y`, `y_lens`, `next_state.<n>`."""

from __future__ import annotations

import ctypes
import sys
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.errors import BundleError

Array = NDArray[Any]

_NUMPY_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
}


class Session:
    """An ONNX graph on the CPU, with inputs and outputs by name."""

    def __init__(self, source: Path | bytes, *, threads: int = 1):
        onnxruntime = _runtime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Spinning threads cost a whole core while an assistant waits; latency is unchanged with one thread.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = source if isinstance(source, bytes) else str(source)
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own unrelated types
            what = "model bytes" if isinstance(source, bytes) else str(source)
            raise BundleError(f"{what} is not a readable ONNX graph ({error}); install the bundle again") from error
        _give_back()
        self.inputs = tuple(item.name for item in self._session.get_inputs())
        self.outputs = tuple(item.name for item in self._session.get_outputs())
        self._shapes = {item.name: item.shape for item in self._session.get_inputs()}
        self._types = {item.name: _NUMPY_TYPES.get(item.type, np.float32) for item in self._session.get_inputs()}

    def run(self, **arrays: Array) -> dict[str, Array]:
        """Run the graph once. Inputs whose names contain a dot (`state.<n>`) need `run_dict`."""
        return self.run_dict(arrays)

    def run_dict(self, arrays: dict[str, Array]) -> dict[str, Array]:
        """Run the graph once with inputs by their exact names."""
        values = self._session.run(self.outputs, arrays)
        return dict(zip(self.outputs, values, strict=True))

    def zeros(self, name: str) -> Array:
        """A zero array of the declared shape of input `name`; dimensions left open become 1."""
        shape = [size if isinstance(size, int) else 1 for size in self._shapes[name]]
        return np.zeros(shape, self._types[name])


@cache
def _runtime() -> Any:
    """onnxruntime, imported when the first graph is opened: a typed turn needs none."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for the rest, see harken/__init__.py
    return onnxruntime


def _give_back() -> None:
    """Return the memory that only preparing a graph needed (more than twice its weights) to the system."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; others return memory by themselves
        if trim is not None:
            trim(0)


class StreamingSession:
    """A graph with memory: `state.<n>` inputs are fed from the `next_state.<n>` outputs of the previous call."""

    def __init__(self, session: Session):
        self._session = session
        self._names = [name for name in session.inputs if name.startswith("state.")]
        missing = [name for name in self._names if f"next_{name}" not in session.outputs]
        if missing:
            raise BundleError(f"streaming graph has inputs {missing} without next_* outputs; export it again")
        self.reset()

    def reset(self) -> None:
        """Back to zero states."""
        self.state = {name: self._session.zeros(name) for name in self._names}

    def fork(self) -> StreamingSession:
        """A copy with the same memory, over the same graph; each continues by itself."""
        twin = copy(self)
        twin.state = dict(self.state)
        return twin

    def run(self, **arrays: Array) -> dict[str, Array]:
        """Feed the other inputs; return the outputs that are not states."""
        out = self._session.run_dict({**arrays, **self.state})
        self.state = {name: out.pop(f"next_{name}") for name in self._names}
        return out
