"""Transcripts by an external recogniser (Moonshine tiny, ONNX) for recordings that have no text.

    python -m harken.recipes.asr.acoustic.label librispeech-excerpts train OUT.jsonl --model DIR --tokenizer FILE

DIR holds `encoder_model.onnx` and `decoder_model_merged.onnx` (dist/model/tiny/quantized of the npm package
@moonshine-ai/moonshine-js), FILE is `tokenizer.json` of the Python package useful-moonshine-onnx; `pip install
tokenizers` reads it. The labels serve training only: dev and test parts are refused.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from harken.data.utterances import corpus_folder, read_corpus
from harken.errors import DataError
from harken.events import Samples
from harken.onnx import Session

LAYERS, HEADS, HEAD_SIZE = 6, 8, 36
START, END = 1, 2
TOKENS_PER_SECOND = 6.5
"""More than anyone speaks: a loop of the recogniser ends there."""


class Moonshine:
    """The recogniser.

    Args:
        folder: of the two graphs.
        tokenizer: file.
    """

    def __init__(self, folder: Path, tokenizer: Path):
        from tokenizers import Tokenizer

        self._encoder = Session(folder / "encoder_model.onnx")
        self._decoder = Session(folder / "decoder_model_merged.onnx")
        self._tokens = Tokenizer.from_file(str(tokenizer))

    def transcribe(self, samples: Samples) -> str:
        """Text of samples [n] at 16 kHz."""
        hidden = next(iter(self._encoder.run(input_values=samples[None]).values()))
        cache: dict[str, Any] = {
            f"past_key_values.{layer}.{side}.{what}": np.zeros((0, HEADS, 1, HEAD_SIZE), np.float32)
            for layer in range(LAYERS) for side in ("decoder", "encoder") for what in ("key", "value")
        }  # fmt: skip
        tokens = [START]
        for step in range(int(len(samples) / 16000 * TOKENS_PER_SECOND) + 8):
            given = {"input_ids": np.array([tokens[-1:]]), "encoder_hidden_states": hidden}
            found = self._decoder.run_dict({**given, "use_cache_branch": np.array([step > 0]), **cache})
            tokens.append(int(found.pop("logits")[0, -1].argmax()))
            if tokens[-1] == END:
                break
            for name, value in found.items():
                place = name.replace("present", "past_key_values")
                if step == 0 or "decoder" in place:
                    cache[place] = value
        return str(self._tokens.decode(tokens, skip_special_tokens=True)).strip()


def main() -> None:
    """Read the command line and write one JSON line a recording."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    given = parser.parse_args()
    if given.split != "train":
        raise DataError(f"only train parts may be labelled for training, not '{given.split}'")
    moonshine = Moonshine(given.model, given.tokenizer)
    root = corpus_folder(given.corpus)
    with given.out.open("w", encoding="utf-8") as out:
        for utterance in read_corpus(given.corpus, given.split):
            if utterance.text is None and utterance.label is None:
                name = f"{given.corpus}/{utterance.audio.relative_to(root)}"
                row = {"name": name, "text": moonshine.transcribe(utterance.read())}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
