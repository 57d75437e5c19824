"""What `harken adapt` gains for a single user: minutes of one speaker's own recordings without text.

    HARKEN_DATA=... python -m benchmarks.quality.adaptation [--corpus librispeech] [--split test] [--minutes 10]
        [--speakers N] [--runs DIR] [--record]

Of the recordings of every speaker who has enough of them, each fourth keeps its text and decides whether the adapted
model is kept, as the user's corrections do; each fourth is measured on and known to nobody; the others lose their text
and are learned from, up to `--minutes`. A model that is not kept counts with the errors of the shipped one. Interval:
95 % bootstrap over speakers, paired. A killed run continues in `--runs`. Settings are chosen on dev, reported on test.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from harken.asr.ngram.table import load_ngram
from harken.asr.search.source import load_space
from harken.bundle import load_bundle
from harken.data.utterances import Utterance, corpus_folder, read_corpus
from harken.languages.loading import load_locale
from harken.metrics.comparison import Sums, SystemRun, mean_figure, ratio, relative_change
from harken.metrics.result import Result, append_result
from harken.metrics.wer import WordErrors
from harken.train.asr.selection.adaptation import adapt, recognition_errors
from harken.train.asr.selection.own_speech import AdaptConfig

BEFORE, AFTER = "unadapted", "adapted"
FEWEST_MINUTES = 4.0
"""Of a speaker, all recordings together; others are left out."""
PARTS = 4
"""Of four recordings, the first decides, the second is measured on, and two are learned from."""


def main() -> None:
    """Read the command line, adapt to each speaker, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="librispeech")
    parser.add_argument("--split", default="test")
    parser.add_argument("--minutes", type=float, default=10.0, help="of speech without text, at most")
    parser.add_argument("--speakers", type=int, default=0, help="at most so many; 0: all")
    parser.add_argument("--runs", type=Path, help="folder of the run folders; a temporary one when omitted")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    spoken = by_speaker(read_corpus(options.corpus, options.split))
    chosen = sorted(spoken)[: options.speakers or None]
    with tempfile.TemporaryDirectory() as temporary:
        runs = options.runs or Path(temporary)
        outcomes = {
            speaker: adapt_to(spoken[speaker], options.corpus, runs / speaker, options.minutes) for speaker in chosen
        }
    command = f"python -m benchmarks.quality.adaptation --corpus {options.corpus} --split {options.split}"
    for result in results_of(outcomes, f"{options.corpus} {options.split}", f"{command} --minutes {options.minutes:g}"):
        print(f"{result.metric}, {result.condition}: {result.figure} ({result.note})")
        if options.record:
            append_result(result)


def by_speaker(utterances: Sequence[Utterance]) -> dict[str, list[Utterance]]:
    """The recordings of every speaker who has enough of them."""
    spoken: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in utterances:
        if utterance.speaker and utterance.text:
            spoken[utterance.speaker].append(utterance)
    return {name: own for name, own in spoken.items() if sum(u.duration for u in own) >= 60 * FEWEST_MINUTES}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One speaker: errors on the recordings that nobody knew, with the shipped and with the adapted model."""

    before: WordErrors
    after: WordErrors
    kept: bool
    minutes: float

    @property
    def in_use(self) -> WordErrors:
        """The errors of the model that the speaker would use from then on."""
        return self.after if self.kept else self.before


def as_kept(recordings: Sequence[Utterance], minutes: float) -> list[Utterance]:
    """A speaker's recordings as the log would hold them: some corrected, the others without text."""
    left, own = 60 * minutes, []
    for number, utterance in enumerate(recordings):
        if number % PARTS > 1 and utterance.duration <= left:
            left -= utterance.duration
            own.append(replace(utterance, text=None))
    return [*recordings[::PARTS], *own]


def adapt_to(recordings: Sequence[Utterance], corpus: str, run: Path, minutes: float) -> Outcome:
    """Adapt the shipped model to one speaker; nothing is installed."""
    locale = load_locale()
    seed, language = load_bundle(locale.bundle("acoustic")), load_ngram(load_bundle(locale.bundle("language_model")))
    space, unknown = load_space(tuple(seed.labels)), recordings[1::PARTS]
    report = adapt(
        as_kept(recordings, minutes), seed=seed, space=space, language=language, root=corpus_folder(corpus), run=run,
        install=False, config=AdaptConfig(fewest_checked=8),
        report=lambda said: print(f"{run.name}: {said}", flush=True),
    )  # fmt: skip
    outcome = Outcome(
        before=recognition_errors(seed, space, unknown), after=recognition_errors(report.bundle, space, unknown),
        kept=report.after.errors < report.before.errors, minutes=report.minutes,
    )  # fmt: skip
    print(
        f"{run.name}: {report.minutes:.1f} min; decides: {report.before.errors} -> {report.after.errors} of "
        f"{report.before.words} words wrong; measured: {outcome.before.errors} -> {outcome.after.errors} of "
        f"{outcome.before.words}", flush=True,
    )  # fmt: skip
    return outcome


def results_of(outcomes: Mapping[str, Outcome], name: str, command: str) -> list[Result]:
    """Word error rates before and after, and the relative change."""
    tables: dict[str, dict[str, Sums]] = {
        BEFORE: {s: (float(one.before.errors), float(one.before.words)) for s, one in outcomes.items()},
        AFTER: {s: (float(one.in_use.errors), float(one.before.words)) for s, one in outcomes.items()},
    }
    runs = [SystemRun(system=system, group=name, seed=0, units=units) for system, units in tables.items()]
    minutes = np.mean([one.minutes for one in outcomes.values()])
    note = f"{len(outcomes)} speakers, {minutes:.1f} min each, kept for {sum(one.kept for one in outcomes.values())}"
    figures = [
        *(("word error rate", s, mean_figure(runs, s, statistic=ratio, rng=np.random.default_rng(0))) for s in tables),
        (
            "relative change of word errors", f"{AFTER} against {BEFORE}",
            relative_change(runs, AFTER, BEFORE, statistic=ratio, rng=np.random.default_rng(0)),
        ),
    ]  # fmt: skip
    return [
        Result(
            recipe="asr/selection", metric=metric, unit="%", value=round(100 * figure.value, 2),
            low=round(100 * figure.low, 2), high=round(100 * figure.high, 2), set=f"{name}, own voice",
            n=sum(one.before.words for one in outcomes.values()), condition=condition, command=command,
            bundles=hashes(RECOGNIZER), seeds=(0,), note=note,
        )
        for metric, condition, figure in figures
    ]  # fmt: skip


if __name__ == "__main__":
    main()
