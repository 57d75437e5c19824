"""DNSMOS, a guess of how listeners would rate speech (1..5), with the weights inside the package `speechmos`.

Reddy, Gopal and Cutler, "DNSMOS P.835", ICASSP 2022. The package itself is not imported: it needs librosa for a score
that is not used here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

SECONDS = 9.01
_RATE = 16_000
_CURVES = {
    "signal": (-0.08397278, 1.22083953, 0.0052439),
    "background": (-0.13166888, 1.60915514, -0.39604546),
    "overall": (-0.06766283, 1.11546468, 0.04602535),
}
"""Polynomials from the network's raw numbers to the scale of the listeners, as published with the weights."""


class Dnsmos:
    """The estimator.

    Raises:
        FileNotFoundError: the package `speechmos` is not installed.
    """

    def __init__(self) -> None:
        package = importlib.util.find_spec("speechmos")
        if package is None or not package.submodule_search_locations:
            raise FileNotFoundError("DNSMOS needs the weights in speechmos: pip install --no-deps speechmos")
        path = Path(package.submodule_search_locations[0]) / "dnsmos_models" / "sig_bak_ovr.onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options)

    def rate(self, samples: NDArray[np.float32]) -> dict[str, float]:
        """Estimated opinions of samples [n] at 16 kHz; short ones are repeated to 9 s, long ones judged in windows."""
        length = int(SECONDS * _RATE)
        repeated = np.tile(samples, -(-length // len(samples))) if len(samples) < length else samples
        starts = range(0, len(repeated) - length + 1, _RATE)
        windows = [repeated[None, start : start + length].astype(np.float32) for start in starts]
        mean = np.mean([self._session.run(None, {"input_1": window})[0][0] for window in windows], 0)
        return {
            name: float(np.polyval(curve, value)) for (name, curve), value in zip(_CURVES.items(), mean, strict=True)
        }
