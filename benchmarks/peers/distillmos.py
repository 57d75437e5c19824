"""DistillMOS, a guess of how listeners would rate speech (1..5), with the weights inside the package `distillmos`.

Stahl and Gamper, "Distillation and pruning for scalable self-supervised representation-based speech quality
assessment", ICASSP 2025. Needs `pip install --no-deps distillmos xls-r-sqa` and torch.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

import numpy as np
from numpy.typing import NDArray


class DistillMos:
    """The estimator.

    Raises:
        FileNotFoundError: a package is not installed.
    """

    def __init__(self) -> None:
        for package in ("distillmos", "xls_r_sqa", "torch"):
            if importlib.util.find_spec(package) is None:
                raise FileNotFoundError(
                    f"DistillMOS needs {package}: pip install --no-deps distillmos xls-r-sqa, and the extra `train`"
                )
        # The package imports torchaudio to read files, which nobody asks it to do here.
        sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
        self._net = importlib.import_module("distillmos").ConvTransformerSQAModel().eval()

    def rate(self, samples: NDArray[np.float32]) -> float:
        """Estimated opinion of samples [n] at 16 kHz."""
        import torch

        with torch.no_grad():
            return float(self._net(torch.from_numpy(samples.astype(np.float32))[None]))
