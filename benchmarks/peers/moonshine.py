"""Moonshine tiny, an external recogniser, as a yardstick of how intelligible speech is.

Whoever runs the benchmark fetches it; it is not part of harken. `MOONSHINE_DIR` names a folder with
`encoder_model.onnx` and `decoder_model_merged.onnx` (both inside the npm package @moonshine-ai/moonshine-js, folder
dist/model/tiny/quantized) and `tokenizer.json` (inside the PyPI package useful-moonshine-onnx, folder assets).
Needs the package `tokenizers`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

NAME = "Moonshine tiny (eight bit)"
HEADS, HEAD_SIZE = 8, 36
START, STOP = 1, 2
TOKENS_PER_SECOND = 6.5
"""Longest sensible transcript: speech holds fewer word pieces a second, and a run-away decoder must be stopped."""

HOW = (
    "set MOONSHINE_DIR to a folder with encoder_model.onnx and decoder_model_merged.onnx (`npm pack "
    "@moonshine-ai/moonshine-js`, then package/dist/model/tiny/quantized/) and tokenizer.json (`pip download --no-deps "
    "useful-moonshine-onnx`, unzip, moonshine_onnx/assets/)"
)


class Moonshine:
    """The recogniser.

    Args:
        folder: with the three files; `MOONSHINE_DIR` when None.
        threads: of the CPU.

    Raises:
        FileNotFoundError: naming what is missing and how to get it.
    """

    def __init__(self, folder: Path | None = None, *, threads: int = 1):
        from tokenizers import Tokenizer

        where = folder or Path(os.environ.get("MOONSHINE_DIR", ""))
        names = ("encoder_model.onnx", "decoder_model_merged.onnx", "tokenizer.json")
        missing = [name for name in names if not (where / name).is_file()]
        if missing:
            raise FileNotFoundError(f"{', '.join(missing)} not in {str(where)!r}: {HOW}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 3
        self._encoder = onnxruntime.InferenceSession(str(where / names[0]), options)
        self._decoder = onnxruntime.InferenceSession(str(where / names[1]), options)
        self._caches = [i.name for i in self._decoder.get_inputs() if i.name.startswith("past_key_values")]
        self._tokenizer = Tokenizer.from_file(str(where / names[2]))

    def transcribe(self, samples: NDArray[np.float32]) -> str:
        """Words of samples [n] at 16 kHz; '' for less than a tenth of a second."""
        if len(samples) < 1600:
            return ""
        heard = self._encoder.run(None, {"input_values": samples[None].astype(np.float32)})[0]
        caches = {name: np.zeros((0, HEADS, 1, HEAD_SIZE), np.float32) for name in self._caches}
        tokens = [START]
        for step in range(8 + int(len(samples) / 16000 * TOKENS_PER_SECOND)):
            feed = {
                "input_ids": np.array([[tokens[-1]]]),
                "encoder_hidden_states": heard,
                "use_cache_branch": np.array([step > 0]),
                **caches,
            }
            logits, *present = self._decoder.run(None, feed)
            for name, value in zip(self._caches, present, strict=True):
                if step == 0 or ".decoder." in name:  # the encoder's keys are made once
                    caches[name] = value
            tokens.append(int(logits[0, -1].argmax()))
            if tokens[-1] == STOP:
                break
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True)).strip()
