"""Misses and false accepts of a wake word, measured through the run-time stage.

python -m benchmarks.quality.wakeword                      # "computer", dev and test, all conditions
python -m benchmarks.quality.wakeword --quick              # every tenth negative recording, one noise piece
python -m benchmarks.quality.wakeword --word computer --bundle DIR --record --picture det.png

Protocol: each recording of the word has 1.0 s of quiet (or noise) before it and 0.8 s after it; any detection is a hit.
In noise, each recording is mixed with five pieces of the `test` noises. False accepts: all speech and noise of the
`dev` and `test` parts in which the word is not said, clean, with noise at 10 and 5 dB, and in simulated rooms.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harken.activation.wakeword import WakeWordSpotter, bundle_name
from harken.bundle import Bundle, load_bundle
from harken.data.mixing import active_level, cut_noise, level, limit, mix_at_snr
from harken.data.rooms import convolve, draw_room, simulate_room
from harken.data.utterances import Utterance, read_corpus
from harken.errors import AudioError, DataError
from harken.events import SAMPLE_RATE, AudioChunk, Samples, WakeDetected
from harken.metrics.detection import find_peaks, threshold_for_rate
from harken.metrics.intervals import Interval, bootstrap_ratio, counting_rate, wilson
from harken.metrics.result import Result, append_result

NEGATIVES = (
    "librispeech", "librispeech-excerpts", "speechocean762", "an4", "kathleen", "speech-commands", "coffee-commands",
    "wake-words", "community-keywords", "custom-keywords", "digits", "meeting-talk", "noise",
)  # fmt: skip
CONDITIONS = ("clean", "noise 10 dB", "noise 5 dB", "rooms")
CHUNK = 320
"""Samples of a chunk: 20 ms, as from a microphone."""
RATE = 0.1
"""False accepts per hour at which misses are compared: 1 in 10 h."""
PIECES = 5
REFRACTORY_SCORES = 50


@dataclass
class Outcome:
    """The outcome of one condition."""

    hits: list[tuple[str, bool]] = field(default_factory=list)
    """(voice, hit at the shipped threshold) of each recording of the word."""
    best: list[float] = field(default_factory=list)
    """Highest score in each of them."""
    peaks: list[float] = field(default_factory=list)
    """All separate peaks in sound without the word."""
    accepts: int = 0
    """False accepts at the shipped threshold."""
    seconds: float = 0.0
    """Of sound without the word."""


def main() -> None:
    """Read the command line, measure, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--word", default="computer")
    parser.add_argument("--bundle", type=Path, help="folder of the bundle; by default the installed one of the word")
    parser.add_argument("--splits", nargs="+", default=["dev", "test"])
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS), choices=CONDITIONS)
    parser.add_argument("--quick", action="store_true", help="every tenth negative, one noise piece: not for results")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    parser.add_argument("--picture", type=Path, help="write the DET curves to this file (needs matplotlib)")
    options = parser.parse_args()
    bundle = load_bundle(options.bundle or bundle_name(options.word))
    outcomes = {}
    for condition in options.conditions:
        outcome = measure(bundle, options.word, options.splits, condition, quick=options.quick)
        record = options.record and not options.quick
        report(bundle, options.word, options.splits, condition, outcome, record=record)
        outcomes[condition] = outcome
    if options.picture:
        draw(outcomes, options.picture, f"wake word '{options.word}', {' and '.join(options.splits)}")


def measure(bundle: Bundle, word: str, splits: Sequence[str], condition: str, *, quick: bool = False) -> Outcome:
    """Run the stage over everything in one condition."""
    spotter, outcome = WakeWordSpotter([bundle]), Outcome()
    noises = [u.read() for u in read_corpus("noise", "test")]
    rng = np.random.default_rng(20)
    for utterance in positives(word, splits):
        for samples in padded(utterance.read(), condition, noises, rng, 1 if quick else PIECES):
            outcome.hits.append((voice(utterance), bool(stream(spotter, samples))))
            outcome.best.append(float(spotter.scores(samples)[word].max()))
    for utterance in negatives(word, splits)[:: 10 if quick else 1]:
        sound = changed(utterance, condition, noises, rng)
        track = spotter.scores(sound)[word]
        outcome.peaks += [float(track[place]) for place in find_peaks(track, apart=REFRACTORY_SCORES, floor=0.02)]
        if track.max() >= float(bundle.features["threshold"]):
            outcome.accepts += len(stream(spotter, sound))
        outcome.seconds += len(sound) / SAMPLE_RATE
    return outcome


def stream(spotter: WakeWordSpotter, samples: Samples) -> list[WakeDetected]:
    """Detections in a recording, fed in chunks of 20 ms."""
    spotter.reset()
    events = []
    for start in range(0, len(samples), CHUNK):
        events += spotter.process(AudioChunk(start=start, samples=samples[start : start + CHUNK]))
    events += spotter.flush()
    return [event for event in events if isinstance(event, WakeDetected)]


def positives(word: str, splits: Sequence[str]) -> list[Utterance]:
    """Recordings of the word."""
    wanted = {letters(word), "hey" + letters(word)}
    return [
        u
        for corpus in ("wake-words", "community-keywords")
        for u in read_corpus(corpus, *splits)
        if letters(u.label) in wanted
    ]


def negatives(word: str, splits: Sequence[str]) -> list[Utterance]:
    """Everything in which the word is not said."""
    plain = letters(word)
    rows = [u for corpus in NEGATIVES for u in read_corpus(corpus, *splits)]
    return [u for u in rows if plain not in letters(u.label) and plain not in letters(u.text)]


def padded(
    speech: Samples, condition: str, noises: Sequence[Samples], rng: np.random.Generator, pieces: int
) -> Iterator[Samples]:
    """The recording padded as the protocol says; in noise, once with each of several pieces."""
    before, after = np.zeros(SAMPLE_RATE, np.float32), np.zeros(round(0.8 * SAMPLE_RATE), np.float32)
    whole = np.concatenate([before, speech, after])
    if condition == "clean":
        yield whole
    elif condition == "rooms":
        for _ in range(pieces):
            yield limit(convolve(whole, simulate_room(draw_room(rng))))
    else:
        ratio = float(condition.split()[1])
        for _ in range(pieces):
            yield mix_at_snr(whole, usable(noises, len(whole), rng), ratio)


def changed(utterance: Utterance, condition: str, noises: Sequence[Samples], rng: np.random.Generator) -> Samples:
    """A negative recording under a condition; noise recordings and silent ones stay as they are in noise."""
    samples = utterance.read()
    if condition == "rooms" and utterance.corpus != "noise":
        return limit(convolve(samples, simulate_room(draw_room(rng))))
    if condition.startswith("noise") and utterance.corpus != "noise" and active_level(samples) > -100:
        return mix_at_snr(samples, usable(noises, len(samples), rng), float(condition.split()[1]))
    return samples


def usable(noises: Sequence[Samples], length: int, rng: np.random.Generator) -> Samples:
    """A piece of a random noise; silent pieces are drawn again."""
    for _ in range(100):
        piece = cut_noise(noises[int(rng.integers(len(noises)))], length, rng=rng)
        if level(piece) > -90:
            return piece
    raise AudioError("a hundred pieces of the noises were silent; are the noise recordings right?")


def report(bundle: Bundle, word: str, splits: Sequence[str], condition: str, outcome: Outcome, *, record: bool) -> None:
    """Print one condition's figures, and append them to the results."""
    if not outcome.hits:
        raise DataError(f"there are no recordings of '{word}' in {splits}")
    missed = [not hit for _, hit in outcome.hits]
    hours = outcome.seconds / 3600
    threshold = threshold_for_rate(outcome.peaks, hours, RATE)
    at_rate = [score < threshold for score in outcome.best]
    lines = [
        ("miss rate at the shipped threshold", missed, over_voices(outcome, missed)),
        ("miss rate at 1 false accept in 10 h", at_rate, over_voices(outcome, at_rate)),
    ]
    voices = {name for name, _ in outcome.hits}
    print(f"\n{condition}: {len(missed)} trials, {len(voices)} voices, {hours:.2f} h without the word")
    for name, flags, interval in lines:
        value = 100 * sum(flags) / len(flags)
        print(f"  {name:40} {value:6.2f} % [{100 * interval.low:.2f}, {100 * interval.high:.2f}]")
        if record:
            note = f"threshold {threshold:.3f}" if "10 h" in name else f"threshold {bundle.features['threshold']}"
            write(bundle, splits, condition, name, value, "%", interval, 100.0, len(flags), note)
    rate = counting_rate(outcome.accepts, hours)
    value = outcome.accepts / hours
    print(f"  false accepts: {outcome.accepts} = {value:.2f} /h [{rate.low:.2f}, {rate.high:.2f}]")
    print(f"  1 false accept in 10 h at a threshold of {threshold:.3f}")
    if record:
        note = f"{outcome.accepts} in {hours:.2f} h"
        write(bundle, splits, condition, "false accepts", value, "1/h", rate, 1.0, len(outcome.peaks) or 1, note)


def over_voices(outcome: Outcome, missed: Sequence[bool]) -> Interval:
    """Bootstrap over voices; Wilson if nothing (or everything) is missed, which resampling cannot vary."""
    by_voice: dict[str, list[bool]] = {}
    for (name, _), flag in zip(outcome.hits, missed, strict=True):
        by_voice.setdefault(name, []).append(flag)
    if not any(missed) or all(missed):
        return wilson(sum(missed), len(missed))
    parts = [(float(sum(flags)), float(len(flags))) for flags in by_voice.values()]
    return bootstrap_ratio(parts, rng=np.random.default_rng(0), rounds=2000)


def write(
    bundle: Bundle, splits: Sequence[str], condition: str, metric: str, value: float, unit: str, interval: Interval,
    scale: float, n: int, note: str,
) -> None:  # fmt: skip
    """Append one line to the recipe's results."""
    command = "python -m benchmarks.quality.wakeword --record"
    append_result(
        Result(
            recipe="activation/wakeword",
            metric=metric,
            value=value,
            unit=unit,
            low=scale * interval.low,
            high=scale * interval.high,
            n=n,
            set=f"wake word {bundle.features['word']}, {' + '.join(splits)}",
            condition=condition,
            command=command,
            bundles={bundle.name: bundle.hash},
            seeds=(0,),
            note=note,
        )
    )


def draw(outcomes: dict[str, Outcome], path: Path, title: str) -> None:
    """Misses against false accepts per hour, one curve for each condition."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot(xlabel="false accepts per hour", ylabel="missed, %", title=title)
    for condition, outcome in outcomes.items():
        thresholds = np.linspace(0.02, 0.999, 400)
        hours = outcome.seconds / 3600
        rates = [sum(peak >= t for peak in outcome.peaks) / hours for t in thresholds]
        missed = [100 * np.mean(np.asarray(outcome.best) < t) for t in thresholds]
        axes.plot(rates, missed, label=f"{condition} ({hours:.1f} h)")
    axes.set(xlim=(0, 5), ylim=(0, 40))
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def voice(utterance: Utterance) -> str:
    """The speaker of a recording; if unknown, each recording counts as a voice of its own."""
    return utterance.speaker or utterance.audio.stem


def letters(text: str | None) -> str:
    """Only the letters, lower case."""
    return re.sub(r"[^a-z]", "", (text or "").lower())


if __name__ == "__main__":
    main()
