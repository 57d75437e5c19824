"""Misses and false accepts of wake words, measured through the run-time stages.

python -m benchmarks.quality.wakeword                        # "computer": both stages, dev and test, all conditions
python -m benchmarks.quality.wakeword --quick                # every tenth negative recording, one noise piece
python -m benchmarks.quality.wakeword --alone                # the small network decides
python -m benchmarks.quality.wakeword --typed --words computer alexa jarvis snowboy "smart mirror" happy
                                                             # nothing trained: the judge alone, where somebody speaks
python -m benchmarks.quality.wakeword --splits dev --fit     # the constants of harken.asr.keyword.rule
python -m benchmarks.quality.wakeword --pool FOLDER --texts FILE --record

Sounds and conditions: `benchmarks.quality.wake_sounds`. A trial is a hit if the word is detected anywhere in it. Misses
are given at the shipped threshold and at the one with one false accept in ten hours in the same condition.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.quality.wake_sounds import CONDITIONS, Sounds, letters
from harken.activation.front_end import FrontEnd
from harken.activation.vad import SpeechDetector
from harken.activation.wakeword import WakeWordScout, bundle_name
from harken.asr.acoustic.model import AcousticModel
from harken.asr.keyword.judge import REFRACTORY, PhraseJudge, Verdict
from harken.asr.keyword.phrases import Phrases
from harken.asr.keyword.rule import CLOSE, WITH_NETWORK, WITHOUT_NETWORK, logit
from harken.bundle import load_bundle
from harken.errors import DataError
from harken.events import SAMPLE_RATE, AudioChunk, Samples
from harken.metrics.detection import find_peaks, threshold_for_rate
from harken.metrics.intervals import Interval, bootstrap_ratio, counting_rate, wilson
from harken.metrics.result import Result, append_result
from harken.nlu.logistic import fit_logistic
from harken.phones.pronunciation import Pronunciation
from harken.stage import Pipeline, Stage

CHUNK = 320
"""Samples of a chunk: 20 ms, as from a microphone."""
RATE = 0.1
"""False accepts per hour at which misses are compared: 1 in 10 h."""
FLOOR = 1e-4
"""Scores below it are not counted as peaks."""
SAID = 5.0
"""How often an hour a word is said, as far as the fitted rule is concerned."""


@dataclass
class Outcome:
    """The outcome for one word in one condition."""

    best: list[tuple[str, Verdict | None]] = field(default_factory=list)
    """(voice, verdict with the highest score) of each trial."""
    peaks: list[Verdict] = field(default_factory=list)
    """All separate peaks in sound without the word."""
    seconds: float = 0.0
    """Of sound without the word."""

    @property
    def hours(self) -> float:
        return self.seconds / 3600

    def missed(self, threshold: float) -> list[bool]:
        return [verdict is None or verdict.score < threshold for _, verdict in self.best]

    def accepts(self, threshold: float) -> int:
        return sum(peak.score >= threshold for peak in self.peaks)

    def threshold(self) -> float:
        """At which there is one false accept in ten hours."""
        return threshold_for_rate([peak.score for peak in self.peaks], self.hours, RATE)


class Ears:
    """The stages that hear wake words.

    Args:
        words: what is listened for.
        typed: whether words with a network are listened for without it.
        alone: whether the networks decide alone.
    """

    def __init__(self, words: Sequence[str], *, typed: bool = False, alone: bool = False):
        self.words, self.alone = tuple(words), alone
        networks = [] if typed else [load_bundle(bundle_name(word)) for word in words]
        levels = {str(bundle.features["word"]): float(bundle.features["threshold"]) for bundle in networks}
        self.bundles = {bundle.name: bundle.hash for bundle in networks}
        front_end = FrontEnd()
        self.scout = WakeWordScout(networks, front_end=front_end) if networks else None
        self.judge: PhraseJudge | None = None
        stages: list[Stage] = [self.scout] if self.scout else [SpeechDetector.load(front_end=front_end)]
        self.thresholds = levels
        if not alone:
            model = AcousticModel.load()
            self.bundles["acoustic-en"] = model.fingerprint
            phrases = Phrases.of(self.words, labels=model.labels, pronunciation=Pronunciation.load())
            self.judge = PhraseJudge(model, phrases, levels=levels)
            self.thresholds = dict.fromkeys(words, (WITHOUT_NETWORK if typed else WITH_NETWORK).threshold)
        self._before = Pipeline(stages)
        self.seconds = dict.fromkeys(("network", "judge"), 0.0)
        self.heard = 0.0
        self.slowest = 0.0
        """Longest time that the judge took for a chunk of 20 ms, seconds."""

    def listen(self, samples: Samples) -> list[Verdict]:
        """All verdicts on a recording, fed in chunks of 20 ms."""
        self.heard += len(samples) / SAMPLE_RATE
        return list(self._alone(samples) if self.judge is None else self._judged(self.judge, samples))

    def _judged(self, judge: PhraseJudge, samples: Samples) -> Iterator[Verdict]:
        self._before.reset()
        judge.reset()
        for start in range(0, len(samples), CHUNK):
            chunk = AudioChunk(start=start, samples=samples[start : start + CHUNK])
            begun = time.thread_time()
            events = list(self._before.process(chunk))
            ended = time.thread_time()
            verdicts = [v for event in (*events[1:], chunk) for v in judge.verdicts(event)]
            self._count(ended - begun, time.thread_time() - ended)
            yield from verdicts
        for event in self._before.flush():
            yield from judge.verdicts(event)
        yield from judge.last_verdicts()

    def _count(self, network: float, judge: float) -> None:
        self.seconds["network"] += network
        self.seconds["judge"] += judge
        self.slowest = max(self.slowest, judge)

    def _alone(self, samples: Samples) -> Iterator[Verdict]:
        assert self.scout is not None
        begun = time.thread_time()
        tracks = self.scout.scores(samples)
        self.seconds["network"] += time.thread_time() - begun
        for word, track in tracks.items():
            for place in find_peaks(track, apart=REFRACTORY // CHUNK, floor=FLOOR):
                end = (int(place) + 1) * CHUNK
                yield Verdict(word=word, start=0, end=end, margin=0.0, network=0.0, score=float(track[place]))


def main() -> None:
    """Read the command line, measure, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", nargs="+", default=["computer"])
    parser.add_argument("--typed", action="store_true", help="no networks: the judge alone, behind the speech detector")
    parser.add_argument("--alone", action="store_true", help="the small networks decide alone")
    parser.add_argument("--splits", nargs="+", default=["dev", "test"])
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS), choices=CONDITIONS)
    parser.add_argument("--pool", type=Path, help="folder with a manifest of further speech without the words")
    parser.add_argument("--texts", type=Path, help="JSON lines {name, text} of what is said in the pool, if known")
    parser.add_argument("--quick", action="store_true", help="every tenth negative, one noise piece: not for results")
    parser.add_argument("--fit", action="store_true", help="print the rule's constants that fit these sounds")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    parser.add_argument("--picture", type=Path, help="write the DET curves to this file (needs matplotlib)")
    options = parser.parse_args()
    ears = Ears(options.words, typed=options.typed, alone=options.alone)
    measured: dict[str, dict[str, Outcome]] = {}
    for condition in options.conditions:
        sounds = Sounds(
            splits=tuple(options.splits), condition=condition, pool=options.pool, texts=options.texts,
            every=10 if options.quick else 1, pieces=1 if options.quick else 5,
        )  # fmt: skip
        measured[condition] = measure(ears, sounds)
        rows = report(ears, sounds, measured[condition])
        if options.record and not options.quick:
            for row in rows:
                append_result(row)
    if options.fit:
        fit(list(measured.values()), networks=not options.typed)
    if options.picture:
        draw(measured, options.picture)


def measure(ears: Ears, sounds: Sounds) -> dict[str, Outcome]:
    """Listen to everything in one condition; what is said once is heard for all words at once."""
    outcomes = {word: Outcome() for word in ears.words}
    for word, outcome in outcomes.items():
        for name, samples in sounds.positives(word):
            verdicts = [verdict for verdict in ears.listen(samples) if verdict.word == word]
            outcome.best.append((name, max(verdicts, key=lambda verdict: verdict.score, default=None)))
        if not outcome.best:
            raise DataError(f"there are no recordings of '{word}' in {' and '.join(sounds.splits)}")
    ears.seconds, ears.heard, ears.slowest = dict.fromkeys(ears.seconds, 0.0), 0.0, 0.0
    begun = time.monotonic()
    for number, (said, samples) in enumerate(sounds.negatives(), 1):
        verdicts = ears.listen(samples)
        for word, outcome in outcomes.items():
            if letters(word) not in said:
                outcome.peaks += separate([verdict for verdict in verdicts if verdict.word == word])
                outcome.seconds += len(samples) / SAMPLE_RATE
        if number % 500 == 0:
            print(f"  {number} recordings, {ears.heard / 3600:.2f} h in {time.monotonic() - begun:.0f} s", flush=True)
    return outcomes


def separate(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The highest verdicts, none within the stage's pause of a higher one."""
    kept: list[Verdict] = []
    for verdict in sorted(verdicts, key=lambda verdict: -verdict.score):
        if verdict.score < FLOOR:
            break
        if all(abs(verdict.end - other.end) > REFRACTORY for other in kept):
            kept.append(verdict)
    return kept


def report(ears: Ears, sounds: Sounds, outcomes: Mapping[str, Outcome]) -> list[Result]:
    """Print one condition's figures; the results to be recorded."""
    print(f"\n{sounds.condition}, {' + '.join(sounds.splits)}")
    print(
        f"  {'word':14} {'trials':>6} {'voices':>6} {'hours':>6}  {'missed as shipped':24} {'false/h':18} "
        "missed at 0.1/h"
    )
    results, means = [], []
    for word, outcome in outcomes.items():
        shipped, tenth = ears.thresholds[word], outcome.threshold()
        missed, at_rate = outcome.missed(shipped), outcome.missed(tenth)
        accepts = outcome.accepts(shipped)
        rate = counting_rate(accepts, outcome.hours)
        means.append((np.mean(missed), np.mean(at_rate)))
        print(
            f"  {word:14} {len(missed):6} {len({name for name, _ in outcome.best}):6} {outcome.hours:6.2f}  "
            f"{percent(missed, over_voices(outcome, missed)):24} "
            f"{f'{accepts / outcome.hours:.2f} [{rate.low:.2f}, {rate.high:.2f}]':18} "
            f"{percent(at_rate, over_voices(outcome, at_rate))} ({tenth:.3f})", flush=True,
        )  # fmt: skip
        results += rows_of(ears, sounds, word, outcome)
    shipped_mean, rate_mean = (100 * float(np.mean(column)) for column in zip(*means, strict=True))
    print(f"  mean           missed as shipped {shipped_mean:.2f} %, at 0.1/h {rate_mean:.2f} %")
    shares = ", ".join(f"{name} {100 * used / max(ears.heard, 1e-9):.3f} %" for name, used in ears.seconds.items())
    print(f"  of a core, on sound without the word: {shares}; slowest verdict {1000 * ears.slowest:.0f} ms", flush=True)
    return results


def rows_of(ears: Ears, sounds: Sounds, word: str, outcome: Outcome) -> Iterator[Result]:
    """The results of one word in one condition."""
    shipped, tenth = ears.thresholds[word], outcome.threshold()
    kind = ", network alone" if ears.alone else "" if ears.scout else ", typed"
    pool = f" with {sounds.pool.name}" if sounds.pool else ""
    figures = []
    for name, threshold in (("at the shipped threshold", shipped), ("at 1 false accept in 10 h", tenth)):
        flags = outcome.missed(threshold)
        interval = over_voices(outcome, flags)
        figures.append(
            (f"miss rate {name}", 100 * float(np.mean(flags)), "%", 100 * interval.low, 100 * interval.high,
             len(flags), f"threshold {threshold:.3f}; {outcome.hours:.2f} h without the word{pool}")
        )  # fmt: skip
    accepts, rate = outcome.accepts(shipped), counting_rate(outcome.accepts(shipped), outcome.hours)
    figures.append(
        ("false accepts", accepts / outcome.hours, "1/h", rate.low, rate.high, len(outcome.peaks) or 1,
         f"{accepts} in {outcome.hours:.2f} h{pool}")
    )  # fmt: skip
    for metric, value, unit, low, high, n, note in figures:
        yield Result(
            recipe="activation/wakeword", metric=metric, value=value, unit=unit, low=low, high=high, n=n,
            set=f"wake word {word}, {' + '.join(sounds.splits)}", condition=f"{sounds.condition}{kind}",
            command="python -m benchmarks.quality.wakeword --record",
            bundles=ears.bundles, seeds=(0,), note=note,
        )  # fmt: skip


def percent(flags: Sequence[bool], interval: Interval) -> str:
    """A share with its interval."""
    return f"{100 * sum(flags) / len(flags):.2f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}] %"


def over_voices(outcome: Outcome, missed: Sequence[bool]) -> Interval:
    """Bootstrap over voices; Wilson if nothing (or everything) is missed, which resampling cannot vary."""
    by_voice: dict[str, list[bool]] = {}
    for (name, _), flag in zip(outcome.best, missed, strict=True):
        by_voice.setdefault(name, []).append(flag)
    if not any(missed) or all(missed):
        return wilson(sum(missed), len(missed))
    parts = [(float(sum(flags)), float(len(flags))) for flags in by_voice.values()]
    return bootstrap_ratio(parts, rng=np.random.default_rng(0), rounds=2000)


def fit(conditions: Sequence[Mapping[str, Outcome]], *, networks: bool) -> None:
    """Print the rule that fits: logistic regression over the best verdicts of trials and all peaks elsewhere.

    Trials count as if each word were said `SAID` times an hour, peaks as often as they come; all words weigh the same.
    The threshold is that of one false accept in ten hours, for all words and conditions together.
    """
    outcomes = [outcome for words in conditions for outcome in words.values()]
    rows, answers, weights = [], [], []
    for outcome in outcomes:
        heard = [verdict for _, verdict in outcome.best if verdict is not None]
        for verdicts, answer, weight in (
            (heard, True, SAID / max(len(heard), 1)), (outcome.peaks, False, 1 / outcome.hours)
        ):  # fmt: skip
            rows += [evidence(verdict) for verdict in verdicts]
            answers += [answer] * len(verdicts)
            weights += [weight] * len(verdicts)
    x = np.array(rows, np.float32)[:, : 2 if networks else 1]
    y, c = np.array(answers)[:, None], np.array(weights, np.float32)[:, None]
    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    weight, bias = fit_logistic((x - mean) / spread, y, c, decay=1e-4, steps=3000)
    plain = weight[:, 0] / spread
    offset = float(bias[0] - (plain * mean).sum())
    scores = [offset + float(np.dot(plain, evidence(peak)[: len(plain)])) for one in outcomes for peak in one.peaks]
    hours = sum(outcome.hours for outcome in outcomes)
    threshold = threshold_for_rate(1 / (1 + np.exp(-np.array(scores))), hours, RATE)
    named = [*plain, 0.0][:2]
    print(f"\nRule(bias={offset:.3f}, margin={named[0]:.3f}, network={named[1]:.3f}, "
          f"threshold={threshold:.4f})  # {len(outcomes)} outcomes, {hours:.1f} h")  # fmt: skip


def evidence(verdict: Verdict) -> list[float]:
    """What the rule weighs."""
    return [verdict.margin, min(max(verdict.network, -CLOSE), CLOSE)]


def draw(measured: Mapping[str, Mapping[str, Outcome]], path: Path) -> None:
    """Misses against false accepts per hour, one curve for each word and condition."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot(xlabel="false accepts per hour", ylabel="missed, %")
    for condition, words in measured.items():
        for word, outcome in words.items():
            thresholds = 1 / (1 + np.exp(-np.linspace(logit(FLOOR), logit(0.9999), 400)))
            rates = [outcome.accepts(threshold) / outcome.hours for threshold in thresholds]
            missed = [100 * np.mean(outcome.missed(threshold)) for threshold in thresholds]
            axes.plot(rates, missed, label=f"{word}, {condition} ({outcome.hours:.1f} h)")
    axes.set(xlim=(0, 5), ylim=(0, 40))
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
