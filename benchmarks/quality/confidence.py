"""Whether the confidences of transcripts are true, and what can be rejected by them.

    HARKEN_DATA=... python -m benchmarks.quality.confidence [--sets "common-voice test" ...] [--sample N] [--orders]
                                    [--plots FOLDER] [--record]

Words and sentences of the running recogniser (free speech), and with `--orders` spoken coffee orders with all skills,
clean and in kitchen noise, with read speech that is no request: a sentence is right when it is understood as meant.
Each figure twice: from the probabilities that transcripts carry, and from the shares of the lattice that they are made
of. Intervals: 95 % bootstrap over speakers. `harken score asr/confidence method` compares the arms of the paper.

Per set: equal error rate (also against insertions and against substitutions alone), normalised cross entropy, areas,
calibration error; the rejection curve: the share of wrong words and of wrong sentences among the answered ones; the
time of the pass. `--plots` draws a reliability diagram and a rejection curve of each set.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from benchmarks.quality.commands import choose as choose_orders
from benchmarks.quality.commands import grammar, is_right, noisy
from benchmarks.quality.recognizer import choose
from harken.asr.passes.record import HeardStretch, Pass
from harken.asr.recognizer import Recognizer
from harken.bundle import installed_bundles
from harken.data.utterances import Utterance
from harken.events import Samples
from harken.languages.loading import load_locale
from harken.metrics.confidence import (
    Judged,
    area_under_precision,
    area_under_roc,
    calibration_error,
    equal_error_rate,
    normalised_cross_entropy,
    pooled,
    rejection_curve,
    reliability,
)
from harken.metrics.edits import align
from harken.metrics.intervals import bootstrap
from harken.metrics.result import Result, append_result
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills
from harken.text.words import normalize_words

RECIPE, BUNDLE = "asr/confidence", "confidence-en"
SETS = ("speechocean762 test", "common-voice test", "librispeech test")
ANSWERED = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)
"""Shares answered at which the error is printed."""
CLAIMS, SHARES = "probability", "share of the lattice"
"""What is judged."""
FIGURES: dict[str, tuple[Callable[..., float], str]] = {
    "equal error rate": (equal_error_rate, "%"), "normalised cross entropy": (normalised_cross_entropy, ""),
    "area under the ROC curve": (area_under_roc, ""),
    "area under the precision curve of errors": (area_under_precision, ""),
    "calibration error": (calibration_error, "%"),
}  # fmt: skip


@dataclass
class Watched:
    """The confidence pass, what it was given and how long it took."""

    inner: Pass
    name: str = "confidence"
    stretches: list[tuple[HeardStretch, HeardStretch]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __call__(self, heard: HeardStretch, before: Sequence[str]) -> HeardStretch:
        began = time.perf_counter()
        judged = self.inner(heard, before)
        self.seconds.append(time.perf_counter() - began)
        self.stretches.append((heard, judged))
        return judged


@dataclass
class Judgements:
    """Speaker -> verdicts and claims of items of one kind."""

    rows: dict[str, list[tuple[str, float, float]]] = field(default_factory=dict)
    """(type: C, S or I; probability; share of the lattice)."""

    def add(self, speaker: str, kind: str, claim: float, share: float) -> None:
        self.rows.setdefault(speaker, []).append((kind, claim, share))

    def units(self, which: str, wrong: str = "SI") -> list[Judged]:
        """One unit a speaker; wrong items of other types than these are left out."""
        place = 1 if which == CLAIMS else 2
        kept = [[row for row in rows if row[0] in "C" + wrong] for rows in self.rows.values()]
        return [
            (np.array([row[0] == "C" for row in rows]), np.array([row[place] for row in rows])) for rows in kept if rows
        ]


def watched_recognizer(*, orders: bool = False) -> tuple[Recognizer, Watched]:
    """The product's recogniser."""
    skills = read_shipped_skills(load_locale()) if orders else None
    recognizer = Recognizer.load(grammar=grammar(skills) if skills else None)
    assert recognizer.confidence is not None
    watched = Watched(recognizer.confidence)
    recognizer.confidence = watched
    return recognizer, watched


def read_speech(name: str, sample: int) -> tuple[Judgements, Judgements, list[float]]:
    """Words, sentences and seconds of the pass of a set."""
    recognizer, watched = watched_recognizer()
    words, sentences = Judgements(), Judgements()
    for utterance in choose(name, sample, 0):
        watched.stretches.clear()
        transcript = recognizer.transcribe(utterance.read())
        wanted, speaker = normalize_words(utterance.text or ""), utterance.speaker or utterance.audio.name
        pairs = [
            (before, after) for old, new in watched.stretches
            for before, after in zip(old.sentences[0].words, new.sentences[0].words, strict=True)
        ]  # fmt: skip
        for kind, (before, after) in zip(_types(wanted, [w.text for _, w in pairs]), pairs, strict=True):
            words.add(speaker, kind, after.confidence, before.confidence)
        if pairs:
            share = float(np.prod([old.sentences[0].confidence for old, _ in watched.stretches]))
            right = transcript.text.split() == wanted
            sentences.add(speaker, "C" if right else "S", transcript.hypotheses[0].confidence, share)
    return words, sentences, watched.seconds


def _types(wanted: Sequence[str], heard: Sequence[str]) -> list[str]:
    return [
        "I" if reference is None else "C" if reference == word else "S"
        for reference, word in align(wanted, heard) if word is not None
    ]  # fmt: skip


def spoken_orders(snr: float | None, sample: int) -> tuple[Judgements, list[float]]:
    """Sentences of orders, and of read speech that is none: right if understood as meant."""
    recognizer, watched = watched_recognizer(orders=True)
    interpreter, found = Interpreter.load(), Judgements()
    strangers = choose("librispeech test", 100, 0)

    def heard(samples: Samples, speaker: str, right: Callable[[str], bool]) -> None:
        watched.stretches.clear()
        transcript = recognizer.transcribe(samples)
        if transcript.text:
            share = float(np.prod([old.sentences[0].confidence for old, _ in watched.stretches]))
            kind = "C" if right(transcript.text) else "S"
            found.add(speaker, kind, transcript.hypotheses[0].confidence, share)

    for place, order in enumerate(choose_orders("test", sample)):
        heard(noisy(order.read(), place, snr), order.speaker or "", _understood(interpreter, order))
    for utterance in strangers[: sample or None]:
        heard(utterance.read(), utterance.speaker or "", lambda text: interpreter.understand(text).rejected)
    return found, watched.seconds


def _understood(interpreter: Interpreter, order: Utterance) -> Callable[[str], bool]:
    return lambda text: is_right(interpreter, order, text)


def figures(name: str, items: str, found: Judgements) -> Iterator[Result]:
    """Figures of one kind of item on one set, printed."""
    bundles = hashes([*RECOGNIZER, *([BUNDLE] if BUNDLE in installed_bundles() else [])])
    for which in (CLAIMS, SHARES):
        kinds = {"": "SI", ", insertions": "I", ", substitutions": "S"} if items == "words" else {"": "SI"}
        for suffix, wrong in kinds.items():
            units = found.units(which, wrong)
            right, _ = pooled(units)
            if right.all() or not right.any():
                print(
                    f"{name}, {items}{suffix}: all {len(right)} are {'right' if right.all() else 'wrong'}", flush=True
                )
                continue
            for metric, (figure, unit) in FIGURES.items():
                if suffix and metric != "equal error rate":
                    continue
                yield _result(name, items, metric + suffix, figure, unit, which, units, bundles)


def _result(
    name: str, items: str, metric: str, figure: Callable[..., float], unit: str, which: str, units: list[Judged],
    bundles: dict[str, str],
) -> Result:  # fmt: skip
    scale = 100 if unit == "%" else 1
    value = scale * figure(*pooled(units))

    def drawn(chosen: Sequence[Judged]) -> float:
        right, p = pooled(chosen)
        return value if right.all() or not right.any() else scale * figure(right, p)

    ends = bootstrap(drawn, units, rng=np.random.default_rng(0))
    low, high = min(ends.low, value), max(ends.high, value)
    right = pooled(units)[0]
    print(f"{name}, {items}, {which}: {metric} {value:.3f} [{low:.3f}, {high:.3f}] {unit}  "
          f"({len(right)} {items}, {100 * right.mean():.1f} % right, {len(units)} speakers)", flush=True)  # fmt: skip
    return Result(
        recipe=RECIPE, metric=f"{metric} of {items}", unit=unit, value=round(value, 4), low=round(low, 4),
        high=round(high, 4), n=len(right), set=name, condition="" if which == CLAIMS else which,
        command="python -m benchmarks.quality.confidence", bundles=bundles, note=f"{len(units)} speakers",
    )  # fmt: skip


def rejection(name: str, items: str, found: Judgements) -> None:
    """Print the error among what is answered."""
    curve = rejection_curve(*pooled(found.units(CLAIMS)))
    for share in ANSWERED:
        point = next(point for point in reversed(curve) if point.answered <= share or point is curve[0])
        print(f"{name}, {items}: {100 * point.answered:.0f} % answered, {100 * point.error:.1f} % of these wrong "
              f"(from {point.threshold:.3f})", flush=True)  # fmt: skip


def draw(folder: Path, name: str, items: str, found: Judgements) -> None:
    """A reliability diagram and a rejection curve, PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    drawing, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4))
    left.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    for which in (SHARES, CLAIMS):
        bins = reliability(*pooled(found.units(which)))
        left.plot([one.claimed for one in bins], [one.right for one in bins], marker="o", label=which)
        curve = rejection_curve(*pooled(found.units(which)))
        right.plot([100 * point.answered for point in curve], [100 * point.error for point in curve], label=which)
    left.set(xlabel="confidence", ylabel="share right", title=f"{name}: {items}", xlim=(0, 1), ylim=(0, 1))
    right.set(xlabel="answered, %", ylabel="wrong among these, %", title="rejection")
    left.legend()
    drawing.tight_layout()
    drawing.savefig(folder / f"confidence-{name.replace(' ', '-').replace(',', '')}-{items}.png", dpi=145)
    pyplot.close(drawing)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="*", default=list(SETS), help="'CORPUS SPLIT'")
    parser.add_argument("--sample", type=int, default=0, help="recordings per set, at most; 0: all")
    parser.add_argument("--orders", action="store_true", help="also spoken orders, clean and in kitchen noise")
    parser.add_argument("--plots", type=Path, help="folder for the diagrams")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    results: list[Result] = []

    def report(name: str, items: str, found: Judgements) -> None:
        results.extend(figures(name, items, found))
        rejection(name, items, found)
        if options.plots:
            draw(options.plots, name, items, found)

    for name in options.sets:
        words, sentences, seconds = read_speech(name, options.sample)
        report(name, "words", words)
        report(name, "sentences", sentences)
        print(f"{name}: the pass takes {1000 * np.median(seconds):.2f} ms a stretch (median), "
              f"{1000 * np.quantile(seconds, 0.9):.2f} ms (90 %)", flush=True)  # fmt: skip
    for snr in (None, 12.0, 6.0) if options.orders else ():
        found, _ = spoken_orders(snr, options.sample)
        report("coffee-commands test" + ("" if snr is None else f", kitchen {snr:g} dB"), "sentences", found)
    for result in results if options.record else ():
        append_result(result)


if __name__ == "__main__":
    main()
