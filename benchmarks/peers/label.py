"""Transcribe recordings that have neither text nor label with the external recogniser; write lines {"name", "text"}.

    MOONSHINE_DIR=... HARKEN_DATA=... python -m benchmarks.peers.label librispeech-excerpts train OUT.jsonl

The folder of such files is `data.texts` of the recipe asr/acoustic. Only splits called `train` are labelled: machine
labels stay out of dev and test.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.peers.moonshine import Moonshine
from harken.data.utterances import corpus_folder, read_corpus
from harken.events import SAMPLE_RATE, Samples

MAX_SECONDS = 16.0
"""The recogniser loses its way in longer pieces; they are cut at the quietest moment."""


def pieces(samples: Samples) -> list[Samples]:
    """Samples [n] cut at quiet moments into pieces of at most MAX_SECONDS."""
    if len(samples) <= MAX_SECONDS * SAMPLE_RATE:
        return [samples]
    step = SAMPLE_RATE // 20
    energy = np.array([np.square(samples[n : n + 4 * step]).mean() for n in range(0, len(samples) - 4 * step, step)])
    third = len(energy) // 3
    middle = (third + int(energy[third : 2 * third].argmin())) * step + 2 * step
    return [*pieces(samples[:middle]), *pieces(samples[middle:])]


def main(corpus: str, split: str, target: Path) -> None:
    """Label one split."""
    if split != "train":
        raise SystemExit(f"split '{split}' is not for machine labels; give train")
    recognizer, started, heard = Moonshine(), time.process_time(), 0.0
    root = corpus_folder(corpus)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as out:
        for utterance in read_corpus(corpus, split):
            if utterance.text is not None or utterance.label is not None:
                continue
            samples = utterance.read()
            heard += len(samples) / SAMPLE_RATE
            text = " ".join(recognizer.transcribe(piece) for piece in pieces(samples))
            out.write(json.dumps({"name": f"{corpus}/{utterance.audio.relative_to(root)}", "text": text}) + "\n")
            out.flush()
    print(f"{heard:.0f} s of speech, {time.process_time() - started:.0f} s of CPU")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
