"""What following the speaker costs in addition to the acoustic model: processor time per block of 120 ms, one thread.

    python -m benchmarks.speed.speaker [--blocks 2000]

Both run over the same random features in one process, in turns; the shares are those of the fastest turn of each. The
update is the cost of one estimate (statistics of four steps, their sum, the solution); everything adds the phone
filter, the pruning and the cepstra.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.model import AcousticModel
from harken.asr.acoustic.speaker import IVECTOR_STEPS, SpeakerTracker
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
    frames = rng.normal(size=(blocks, STEP_FRAMES * IVECTOR_STEPS, bins)).astype(np.float32)
    scores = rng.normal(0, 3, (blocks, IVECTOR_STEPS, 2 * size)).astype(np.float32)
    features = rng.normal(size=(blocks, IVECTOR_STEPS, extractor.means.shape[1]))
    posteriors = rng.dirichlet(np.full(size, 0.1), (blocks, IVECTOR_STEPS))

    def network() -> None:
        stream = StreamingSession(session)
        nobody = np.zeros((1, IVECTOR_STEPS, extractor.rank), np.float32)
        for block in frames:
            stream.run(x=block.reshape(1, IVECTOR_STEPS, STEP_FRAMES * bins), w=nobody)

    def update() -> None:
        heard = extractor.nothing()
        for block, shares in zip(features, posteriors, strict=True):
            heard += extractor.statistics(block, shares)
            assert extractor.mean(heard).size

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
