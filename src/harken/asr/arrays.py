"""Types of arrays that the recogniser's modules share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
"""Places, ids and counts."""
Floats = NDArray[np.float64]
Costs = NDArray[np.float32]
"""Negative natural logs."""
