"""What following the speaker costs beside the acoustic model: processor time of a block of 120 ms, one thread.

    python -m benchmarks.speed.speaker [--blocks 2000]

Both run over the same random features in one process, in turns; the shares are those of the fastest turn of each. The
update is what one estimate costs (statistics of four steps, their sum, the solution); everything adds the phone filter,
the pruning and the cepstra.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from harken.asr.acoustic import STEP
from harken.asr.acoustic.ivector import OnlineIvector
from harken.asr.acoustic.model import AcousticModel
from harken.asr.acoustic.tracker import BLOCK, SpeakerTracker
from harken.onnx import StreamingSession

TURNS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=2000)
    blocks = parser.parse_args().blocks
    model, rng = AcousticModel.load(), np.random.default_rng(0)
    if model.ivectors is None:
        raise SystemExit("the installed acoustic model has no i-vector extractor: nothing to measure")
    extractor, phones = model.ivectors
    session = model.session
    bins, size = 80, len(model.labels)
    frames = rng.normal(size=(blocks, STEP * BLOCK, bins)).astype(np.float32)
    scores = rng.normal(0, 3, (blocks, BLOCK, 2 * size)).astype(np.float32)
    features = rng.normal(size=(blocks, BLOCK, extractor.means.shape[1]))
    posteriors = rng.dirichlet(np.full(size, 0.1), (blocks, BLOCK))

    def network() -> None:
        stream = StreamingSession(session)
        nobody = np.zeros((1, BLOCK, extractor.rank), np.float32)
        for block in frames:
            stream.run(x=block.reshape(1, BLOCK, STEP * bins), w=nobody)

    def update() -> None:
        online = OnlineIvector(extractor)
        for heard, shares in zip(features, posteriors, strict=True):
            online.add(heard, shares)
            assert online.w.size

    def everything() -> None:
        tracker = SpeakerTracker(extractor, phones)
        for block, heard in zip(frames, scores, strict=True):
            tracker.hear(block)
            tracker.learn(heard)
            assert tracker.w.size

    work: dict[str, Callable[[], None]] = {"network": network, "update": update, "everything": everything}
    least = dict.fromkeys(work, float("inf"))
    for _ in range(TURNS):
        for name, run in work.items():
            start = time.process_time()
            run()
            least[name] = min(least[name], (time.process_time() - start) / blocks)
    for name, seconds in least.items():
        share = f", {100 * seconds / least['network']:.1f} % of the network" if name != "network" else ""
        print(f"{name}: {1e6 * seconds:.0f} microseconds{share}")


if __name__ == "__main__":
    main()
