"""False events of the sound detector in speech and noise, its speed and size, through the run-time stage.

python -m benchmarks.quality.sounds                # prints the table
python -m benchmarks.quality.sounds --record       # and appends to the recipe's results.jsonl
python -m benchmarks.quality.sounds --bundle DIR --quick

Sound that holds none of the events: the `test` parts of librispeech and common-voice, and the noises of `test` that are
neither one of the events nor doubtful (`harken.train.activation.sound_events.material`). The thresholds were chosen on
speech of `dev` and on noises of `train` that were held back. How well the sounds themselves are found is measured on
held-out folds by `harken score activation/sound_events`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from harken.activation.sound_events import BUNDLE, SoundEventDetector
from harken.activation.sound_network import NOTHING
from harken.bundle import Bundle, load_bundle
from harken.data.utterances import Utterance, read_corpus
from harken.events import SAMPLE_RATE, AudioChunk, Samples, SoundDetected
from harken.metrics.intervals import counting_rate
from harken.metrics.result import Result, append_result
from harken.train.activation.sound_events.material import NOISE, event_of, is_clear

CHUNK = 1280
"""Samples of a chunk: 80 ms."""
RECIPE = "activation/sound_events"
COMMAND = "python -m benchmarks.quality.sounds --record"


def main() -> None:
    """Read the command line, measure, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, help="folder of the bundle; by default the installed one")
    parser.add_argument("--quick", action="store_true", help="every tenth recording: not for results")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    bundle = load_bundle(options.bundle or BUNDLE)
    for result in measure(bundle, every=10 if options.quick else 1):
        print(f"{result.metric:24} {result.set:40} {result.value:10.4g} {result.unit:5} {result.note}")
        if options.record and not options.quick:
            append_result(result)


def measure(bundle: Bundle, *, every: int) -> Iterator[Result]:
    """False events per hour in speech and in noise, then speed and size."""
    detector = SoundEventDetector(bundle)
    spent = heard = 0.0
    for name, utterances in quiet_sounds():
        found: Counter[str] = Counter()
        seconds = 0.0
        for utterance in utterances[::every]:
            samples = utterance.read()
            begun = time.thread_time()
            events = stream(detector, samples)
            spent += time.thread_time() - begun
            seconds += len(samples) / SAMPLE_RATE
            found.update(event.label for event in events)
        heard += seconds
        yield false_events(bundle, name, found, seconds / 3600, len(utterances[::every]))
    facts = {"recipe": RECIPE, "command": COMMAND, "bundles": {bundle.name: bundle.hash}}
    yield Result(metric="speed", value=spent / heard, unit="RTF", n=1, set="speech and noise", **facts,  # type: ignore[arg-type]
                 condition="one core, chunks of 80 ms", note=f"{heard / 3600:.2f} h, features included")  # fmt: skip
    yield Result(metric="size of the bundle", value=bundle.size / 1000, unit="kB", n=1, set="files", **facts)  # type: ignore[arg-type]


def quiet_sounds() -> Iterator[tuple[str, list[Utterance]]]:
    """Name and recordings of each set without any of the events."""
    for corpus in ("librispeech", "common-voice"):
        yield f"{corpus} test", read_corpus(corpus, "test")
    noises = [u for u in read_corpus(NOISE, "test") if is_clear(NOISE, u.label or "")]
    yield "noise test without the events", [u for u in noises if event_of(NOISE, u.label or "") == NOTHING]


def stream(detector: SoundEventDetector, samples: Samples) -> list[SoundDetected]:
    """The events of a recording that arrives in chunks."""
    detector.reset()
    said = []
    for start in range(0, len(samples), CHUNK):
        said += detector.process(AudioChunk(start=start, samples=samples[start : start + CHUNK]))
    said += detector.flush()
    return [event for event in said if isinstance(event, SoundDetected) and event.final]


def false_events(bundle: Bundle, name: str, found: Counter[str], hours: float, count: int) -> Result:
    """The rate of a set, with the labels that were found."""
    total = found.total()
    low, high = counting_rate(total, hours)
    labels = ", ".join(f"{label} {times}" for label, times in found.most_common())
    return Result(
        recipe=RECIPE, metric="false events", value=total / hours, unit="1/h", low=low, high=high, n=count, set=name,
        condition="all labels together", command=COMMAND, bundles={bundle.name: bundle.hash}, seeds=(0,),
        note=f"{total} in {hours:.2f} h" + (f": {labels}" if labels else ""),
    )  # fmt: skip


if __name__ == "__main__":
    main()
