"""The second pass of dictation: word errors of the first pass and rescored, on the same lattices, and what it costs.

    HARKEN_DATA=... python -m benchmarks.quality.rescoring [--sets "librispeech dev" ...] [--sample N] [--record]
                                    [--sizes 5 10 25 50] [--requests 100] [--bundle neural-lm-en]

Relative change of word errors: paired 95 % bootstrap over speakers, next to the paper's -6.2 %. Added latency: what
the second pass takes after the end of a turn, wall time and processor time, one thread; p50 and p90 over the
recordings, and the share of them in which the budget was used up. For the word errors there is no budget, so that they
do not depend on how busy the machine is. With `--sizes`, the number of sentences that are rescored varies.

`requests`: held-out requests of SLURP's devel part, spoken by two synthesisers. `contacts`: "call NAME" with names that
the user expects, the same way: the share of names that is heard, first pass and rescored. Both are synthetic speech.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from benchmarks.quality.recognizer import choose
from benchmarks.quality.vocabulary import VOICES
from harken.asr.acoustic.model import AcousticModel, Outputs
from harken.asr.passes.consensus import Consensus
from harken.asr.passes.hearing import hear
from harken.asr.passes.record import HeardStretch
from harken.asr.passes.rescoring import Rescoring, RescoringOptions
from harken.asr.search.beam import BeamSearch
from harken.asr.search.source import change_space, load_space
from harken.asr.search.space import SearchSpace
from harken.audio.features import log_mel
from harken.data.voices import parse_voice, speak
from harken.events import Samples
from harken.metrics.comparison import SystemRun, by_unit, ratio, relative_change
from harken.metrics.result import Result, append_result
from harken.metrics.wer import word_errors
from harken.recipes.asr.neural_lm.recipe import BUNDLE, NAME
from harken.recipes.asr.ngram.texts import development_requests
from harken.text.words import normalize_words

SETS = ("librispeech test", "common-voice test", "speechocean762 test", "requests", "contacts")
FIRST, SECOND = "first pass", "rescored"
CONTACTS = (
    "ignatius", "yolanda", "siobhan", "quentin", "okonkwo", "maribel", "thibault", "agnieszka", "dimitrios", "farouk",
)  # fmt: skip
"""Names that the user expects; some are in no dictionary."""
CALLS = ("call {} please", "send a message to {}", "what is the number of {}", "write to {} that i am late")
PAPER = -6.2
"""The paper's relative change of word errors, in per cent."""


@dataclass
class Measured:
    """What came out for one set and one number of sentences."""

    rows: dict[str, list[tuple[str, float, float]]] = field(default_factory=lambda: {FIRST: [], SECOND: []})
    """System -> (speaker, errors, words) of each recording."""
    wall: list[float] = field(default_factory=list)
    """Seconds that the second pass added."""
    busy: list[float] = field(default_factory=list)
    """The same in processor time."""
    names: dict[str, list[bool]] = field(default_factory=lambda: {FIRST: [], SECOND: []})
    """Whether the contact's name was heard."""


def recordings(name: str, sample: int, requests: int) -> Iterator[tuple[str, str, Samples]]:
    """(speaker, text, samples) of a set."""
    if name not in ("requests", "contacts"):
        for utterance in choose(name, sample, 0):
            yield utterance.speaker or utterance.audio.name, utterance.text or "", utterance.read()
        return
    texts = [" ".join(words) for words in development_requests(4 * requests)][::4]
    if name == "contacts":
        texts = [call.format(contact) for contact in CONTACTS for call in CALLS]
    for number, text in enumerate(texts):
        voice = VOICES[number % len(VOICES)]
        yield voice, text, speak(text, parse_voice(voice))


def measure(
    model: AcousticModel, space: SearchSpace, passes: dict[int, Rescoring], found: dict[int, Measured],
    recording: tuple[str, str, Samples],
) -> None:  # fmt: skip
    """One recording with every number of sentences."""
    speaker, text, samples = recording
    wanted = normalize_words(text)
    scores = model.scores(log_mel(samples, bins=80))
    search = BeamSearch(space)
    search.accept(scores)
    plain = hear(search, Outputs(scores), nbest=5, passes=())
    for count, rescoring in passes.items():
        wall, busy = time.perf_counter(), time.process_time()
        second = rescoring(plain, ())
        found[count].wall.append(time.perf_counter() - wall)
        found[count].busy.append(time.process_time() - busy)
        for system, heard in ((FIRST, plain), (SECOND, second)):
            _count(found[count], system, speaker, wanted, heard)


def _count(found: Measured, system: str, speaker: str, wanted: Sequence[str], heard: HeardStretch) -> None:
    words = Consensus()(heard, ()).sentences[0].texts
    found.rows[system].append((speaker, float(word_errors(wanted, words).errors), float(len(wanted))))
    spoken = [contact for contact in CONTACTS if contact in wanted]
    if spoken:
        found.names[system].append(spoken[0] in words)


def report(name: str, found: dict[int, Measured], budget: float, *, record: bool, command: str, shipped: int) -> None:
    """Print every number of sentences; record the shipped one if asked."""
    for count, measured in found.items():
        runs = [
            SystemRun(system=system, group=name, seed=0, units=by_unit(rows)) for system, rows in measured.rows.items()
        ]
        change = relative_change(runs, SECOND, FIRST, statistic=ratio, rng=np.random.default_rng(0))
        first, second = (100 * ratio(list(run.units.values())) for run in runs)
        wall, busy = (1000 * np.percentile(times, [50, 90]) for times in (measured.wall, measured.busy))
        late = float(np.mean(np.array(measured.wall) > budget))
        print(f"{name:22} {count:3} sentences: {first:5.1f} -> {second:5.1f} %, change {100 * change.value:+.1f} "
              f"[{100 * change.low:+.1f}, {100 * change.high:+.1f}] % (paper {PAPER}); added p50 {wall[0]:.0f} p90 "
              f"{wall[1]:.0f} ms, processor {busy[0]:.0f} / {busy[1]:.0f} ms, over budget {late:.1%}; "
              f"{len(measured.wall)} recordings", flush=True)  # fmt: skip
        for system, heard in measured.names.items():
            if heard:
                print(f"{'':22} {system}: {sum(heard)} of {len(heard)} names heard", flush=True)
        if record and count == shipped:
            _record(name, measured, (change.value, change.low, change.high), float(wall[0]), command)


def _record(name: str, measured: Measured, change: tuple[float, float, float], p50: float, command: str) -> None:
    value, low, high = (100 * end for end in change)
    condition, used = f"{SECOND} against {FIRST}", hashes(RECOGNIZER)
    append_result(
        Result(
            recipe=NAME, metric="relative change of word errors", unit="%", value=value, low=low, high=high,
            n=len(measured.wall), set=name, condition=condition, command=command, bundles=used, seeds=(0,),
        )
    )  # fmt: skip
    append_result(
        Result(
            recipe=NAME, metric="delay of the second pass, median", unit="ms", value=p50, n=len(measured.wall),
            set=name, condition=condition, command=command, bundles=used, seeds=(0,),
            note=f"p90 {1000 * float(np.percentile(measured.wall, 90)):.0f} ms",
        )
    )  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="*", default=list(SETS), help="'CORPUS SPLIT', requests, contacts")
    parser.add_argument("--sample", type=int, default=0, help="recordings of each corpus, at most")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[], help="numbers of sentences; the shipped one if none"
    )
    parser.add_argument("--bundle", default=BUNDLE, help="name or folder")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    model, shipped = AcousticModel.load(), Rescoring.load(options.bundle)
    general = load_space(model.labels)
    passes = {
        count: Rescoring(shipped.model, _unhurried(shipped.options, count))
        for count in options.sizes or [shipped.options.sentences]
    }
    for name in options.sets:
        assert general.source is not None
        space = change_space(general.source, grammar=None, words=CONTACTS) if name == "contacts" else general
        found = {count: Measured() for count in passes}
        for recording in recordings(name, options.sample, options.requests):
            measure(model, space, passes, found, recording)
        command = "python -m benchmarks.quality.rescoring" + (f" --sample {options.sample}" if options.sample else "")
        report(name, found, shipped.options.budget, record=options.record, command=command,
               shipped=shipped.options.sentences)  # fmt: skip


def _unhurried(options: RescoringOptions, count: int) -> RescoringOptions:
    return replace(options, sentences=count, budget=float("inf"))


if __name__ == "__main__":
    main()
