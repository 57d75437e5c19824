"""Answers of the peers, kept in a file: a peer does not change with our bundles, and some take an hour for a set.

An answer is kept under the peer's name and the samples that it heard, with the processor time that it took.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from harken.events import Samples

Answer = Callable[[Samples], str]


class Kept:
    """A peer whose answers are kept.

    Args:
        name: of the peer, with its version and what it knows.
        make: starts it; called when the first unknown sound comes.
        path: JSON lines; None keeps nothing.
    """

    def __init__(self, name: str, make: Callable[[], Answer], path: Path | None):
        self.name, self._make, self._path = name, make, path
        self._answer: Answer | None = None
        self._known: dict[str, tuple[str, float]] = {}
        if path is not None and path.is_file():
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            self._known = {row["sound"]: (row["text"], row["seconds"]) for row in rows if row["system"] == name}

    def timed(self, samples: Samples) -> tuple[str, float]:
        """What the peer hears in samples [n], and the seconds of processor time that took."""
        key = hashlib.sha256(np.ascontiguousarray(samples, np.float32).tobytes()).hexdigest()[:24]
        if key not in self._known:
            self._answer = self._answer or self._make()
            self._known[key] = timed(self._answer, samples)
            self._write(key, *self._known[key])
        return self._known[key]

    def _write(self, key: str, text: str, seconds: float) -> None:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            row = {"system": self.name, "sound": key, "text": text, "seconds": round(seconds, 4)}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def timed(answer: Answer | Kept, samples: Samples) -> tuple[str, float]:
    """What a system hears in samples [n], and the seconds of processor time that it takes."""
    if isinstance(answer, Kept):
        return answer.timed(samples)
    began = time.process_time()
    text = answer(samples)
    return text, time.process_time() - began
