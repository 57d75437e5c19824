"""Names the word in a second of sound, out of those that a small network knows; also second by second in a stream.

    classifier = TermClassifier(load_bundle("terms-digits"))
    term, probability = classifier.classify(samples)

There is no answer "none of them": this is the task of the literature on spoken terms, not a stage of the assistant. It
measures what the recipe `activation/terms` exports; no such bundle is shipped. Network:
`harken.train.activation.terms`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harken.activation.front_end import BLOCK, clean
from harken.audio.blocks import Blocks
from harken.audio.features import QUIET, Frames, StreamingLogMel, frame_level, log_mel
from harken.bundle import Bundle
from harken.events import Samples

KIND = "terms"


@dataclass(frozen=True, kw_only=True)
class TermScores:
    """What the window that ends at a position holds."""

    end: int
    """Sample position after the window's last block."""
    probabilities: NDArray[np.float32]
    """[terms], sums to 1."""


class TermClassifier:
    """The network of a bundle.

    Args:
        bundle: of kind 'terms'.

    Attributes:
        terms: what the network knows, in the order of its outputs.
        frames: length of its window.

    Raises:
        BundleError: the bundle is of a different kind.
    """

    def __init__(self, bundle: Bundle):
        facts = bundle.expect(KIND).features
        self.terms = tuple(bundle.labels)
        self.bins, self.frames, self.warp = int(facts["bins"]), int(facts["frames"]), float(facts["warp"])
        self._session = bundle.session()

    def classify(self, samples: Samples) -> tuple[str, float]:
        """The likeliest term in samples [n] at 16 kHz, and its probability 0..1; of long ones the loudest window."""
        frames = log_mel(clean(samples), bins=self.bins, warp=self.warp)
        probabilities = self.probabilities(cut(frames, window_start(frames, self.frames), self.frames))
        best = int(probabilities.argmax())
        return self.terms[best], float(probabilities[best])

    def probabilities(self, window: Frames) -> NDArray[np.float32]:
        """[terms] of a window [frames, bins]."""
        logits = self._session.run(x=window[None])["y"][0]
        shares = np.exp(logits - logits.max())
        return np.asarray(shares / shares.sum(), np.float32)


class TermStream:
    """The last second of a stream, named anew every 80 ms, the same for any chunking.

    Args:
        classifier: shared by any number of streams.
    """

    def __init__(self, classifier: TermClassifier):
        self.classifier = classifier
        self._features = StreamingLogMel(classifier.bins, warp=classifier.warp)
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self._features.reset()
        self._blocks = Blocks(BLOCK)
        self._ring = np.zeros((self.classifier.frames, self.classifier.bins), np.float32)
        self._end = 0

    def process(self, samples: Samples) -> list[TermScores]:
        """Scores of the windows that these samples [n] complete."""
        return [self._block(block) for block in self._blocks.push(clean(samples))]

    def _block(self, block: Samples) -> TermScores:
        frames = self._features.process(block)
        self._ring = np.concatenate([self._ring, frames])[-self.classifier.frames :]
        self._end += len(block)
        return TermScores(end=self._end, probabilities=self.classifier.probabilities(self._ring))


def window_start(frames: Frames, length: int) -> int:
    """Where a window of `length` frames begins: a short recording [T, bins] lies in its middle (then the start is
    negative), of a long one it takes the loudest part."""
    if len(frames) <= length:
        return -((length - len(frames)) // 2)
    level = np.concatenate([[0.0], np.cumsum(np.maximum(frame_level(frames), QUIET), dtype=np.float64)])
    return int((level[length:] - level[:-length]).argmax())


def cut(frames: Frames, start: int, length: int) -> Frames:
    """Frames [length, bins] from `start` on; zeros (no sound) where the recording [T, bins] has none."""
    out = np.zeros((length, frames.shape[1]), np.float32)
    low, high = max(0, start), min(len(frames), start + length)
    if high > low:
        out[low - start : high - start] = frames[low:high]
    return out
