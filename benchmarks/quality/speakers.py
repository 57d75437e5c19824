"""What the i-vectors of the shipped recogniser know, and whether they help.

    HARKEN_DATA=... python -m benchmarks.quality.speakers [--words "speechocean762 test" ...] [--sample N] [--record]

Three questions. Are i-vectors of 5 s of one speaker more alike than those of two (equal error rate of their cosine)? Do
they distinguish native from Mandarin-accented speech (a nearest-mean probe, trained on half of the speakers and tested
on the others)? What are the word errors with the i-vector withheld (zeros), learned afresh in every utterance, and
carried from utterance to utterance of a speaker? Intervals: 95 % bootstrap over speakers.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.bundles import RECOGNIZER, hashes
from harken.asr.acoustic.model import AcousticModel
from harken.asr.recognizer import Recognizer
from harken.asr.search.source import load_space
from harken.audio.features import log_mel
from harken.data.utterances import Utterance, read_corpus
from harken.events import SAMPLE_RATE, Samples
from harken.metrics.comparison import ratio
from harken.metrics.detection import det_curve
from harken.metrics.intervals import bootstrap, bootstrap_ratio
from harken.metrics.result import Result, append_result
from harken.metrics.wer import WordErrorRate, WordErrors, word_error_rate, word_errors
from harken.text.words import normalize_words

SETS = (("librispeech", "test"), ("speechocean762", "test"))
SECONDS = 5
SEGMENTS = 6
"""Segments per speaker, at most."""
CONDITIONS = ("i-vector withheld", "i-vector learnt in each utterance", "i-vector carried over")

Vectors = NDArray[np.float64]


@dataclass(frozen=True)
class Recorder:
    """Appends to the recipe's results.jsonl, if asked."""

    wanted: bool
    command: str

    def __call__(
        self, metric: str, value: float, low: float, high: float, n: int, name: str, note: str, condition: str = ""
    ) -> None:  # fmt: skip
        if not self.wanted:
            return
        append_result(
            Result(
                recipe="asr/acoustic", metric=metric, unit="%", value=round(100 * value, 2), low=round(100 * low, 2),
                high=round(100 * high, 2), n=n, set=name, condition=condition, command=self.command, note=note,
                bundles=hashes(RECOGNIZER),
            )
        )  # fmt: skip


def main() -> None:
    """Read the command line, measure, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", nargs="*", default=["librispeech test", "speechocean762 test"])
    parser.add_argument("--sample", type=int, default=0, help="utterances of a set; 0: all")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    model = AcousticModel.load()
    if model.ivectors is None:
        raise SystemExit("the installed acoustic model has no i-vector extractor: there is nothing to measure")
    record = Recorder(options.record, f"python -m benchmarks.quality.speakers --sample {options.sample}")
    vectors = {pair: dict(segment_vectors(model, *pair)) for pair in SETS}
    for pair, speakers in vectors.items():
        report_alike(" ".join(pair), speakers, record)
    report_probe(vectors, record)
    for name in options.words:
        report_words(model, name, options.sample, record)


def segment_vectors(model: AcousticModel, corpus: str, split: str) -> Iterable[tuple[str, Vectors]]:
    """Speaker -> i-vectors [segments, R] after 5 s of their recordings joined."""
    by_speaker: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in read_corpus(corpus, split):
        by_speaker[str(utterance.speaker)].append(utterance)
    for speaker, utterances in by_speaker.items():
        vectors, waiting = [], np.zeros(0, np.float32)
        for utterance in utterances:
            waiting = np.concatenate([waiting, utterance.read()])
            if len(waiting) >= SECONDS * SAMPLE_RATE:
                vectors.append(vector_of(model, waiting[: SECONDS * SAMPLE_RATE]))
                waiting = waiting[:0]
            if len(vectors) == SEGMENTS:
                break
        if len(vectors) > 1:
            yield speaker, np.stack(vectors)


def vector_of(model: AcousticModel, samples: Samples) -> Vectors:
    """The i-vector [R] at the end of a recording."""
    stream = model.stream()
    stream.process(log_mel(samples, bins=80))
    stream.flush()
    assert stream.ivector is not None
    return stream.ivector.astype(np.float64)


def report_alike(name: str, speakers: dict[str, Vectors], record: Recorder) -> None:
    """Equal error rate of same-speaker and different-speaker pairs."""
    names = list(speakers)
    rate = equal_error(speakers, names)
    drawn = bootstrap(lambda names: equal_error(speakers, names), names, rng=np.random.default_rng(0), rounds=200)
    low, high = min(drawn.low, rate), max(drawn.high, rate)
    print(f"{name}: i-vectors of {SECONDS} s, {len(names)} speakers: equal error rate {100 * rate:.1f} % "
          f"[{100 * low:.1f}, {100 * high:.1f}]", flush=True)  # fmt: skip
    record("equal error rate of i-vectors", rate, low, high, len(names), name, "5 s, cosine, per speaker pairs")


def equal_error(speakers: dict[str, Vectors], names: Sequence[str]) -> float:
    """Of the cosines of centred i-vectors; a speaker drawn twice is one."""
    chosen = list(dict.fromkeys(names))
    centre = np.concatenate([speakers[n] for n in chosen]).mean(0)
    rows = np.concatenate([speakers[n] - centre for n in chosen])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    owner = np.repeat(np.arange(len(chosen)), [len(speakers[n]) for n in chosen])
    first, second = np.triu_indices(len(rows), 1)
    cosine, same = (rows @ rows.T)[first, second], owner[first] == owner[second]
    curve = det_curve(cosine[same], cosine[~same])
    return curve.eer


def report_probe(vectors: dict[tuple[str, str], dict[str, Vectors]], record: Recorder) -> None:
    """Native or Mandarin-accented, by the nearer mean; speakers of the two halves take turns."""
    groups = defaultdict(list)
    for (corpus, _), speakers in vectors.items():
        groups[corpus] += list(speakers.values())
    right: list[tuple[float, float]] = []
    for half in (0, 1):
        means = {c: np.concatenate(s[half::2]).mean(0) for c, s in groups.items()}
        names = list(means)
        for corpus, speakers in groups.items():
            for rows in speakers[1 - half :: 2]:
                far = np.stack([np.linalg.norm(rows - means[name], axis=1) for name in names])
                hits = np.array(names)[far.argmin(0)] == corpus
                right.append((float(hits.sum()), float(len(hits))))
    shares = {c: len(s) for c, s in groups.items()}
    rate = ratio(right)
    low, high = bootstrap_ratio(right, rng=np.random.default_rng(0), rounds=500)
    print(f"native or accented by the i-vector: {100 * rate:.1f} % right [{100 * low:.1f}, {100 * high:.1f}], speakers "
          f"{shares}", flush=True)  # fmt: skip
    record("accent probe of i-vectors", rate, low, high, len(right),
           "librispeech and speechocean762", f"share right, nearest mean; speakers {shares}")  # fmt: skip


def report_words(model: AcousticModel, name: str, sample: int, record: Recorder) -> None:
    """Word errors by what is known of the speaker."""
    corpus, split = name.split()
    utterances = [u for u in read_corpus(corpus, split) if u.text]
    if sample and sample < len(utterances):
        utterances = [utterances[n] for n in sorted(np.random.default_rng(0).permutation(len(utterances))[:sample])]
    space, rows = load_space(model.labels), {}
    for condition in CONDITIONS:
        acoustic = without_ear(model) if condition == CONDITIONS[0] else model
        rows[condition] = list(word_rows(Recognizer(acoustic, space), utterances, condition == CONDITIONS[2]))
        shown = word_error_rate(rows[condition], rng=np.random.default_rng(0))
        _show(name, condition, shown, record)


def without_ear(model: AcousticModel) -> AcousticModel:
    """The same model with i-vectors that stay zero."""
    assert model.ivectors is not None
    extractor, phones = model.ivectors
    return replace(model, ivectors=(replace(extractor, loading=np.zeros_like(extractor.loading)), phones))


def word_rows(
    recognizer: Recognizer, utterances: Sequence[Utterance], carry: bool
) -> Iterable[tuple[str, WordErrors]]:  # fmt: skip
    """(speaker, errors) of each utterance, speaker by speaker."""
    speaker = ""
    for utterance in sorted(utterances, key=lambda u: (str(u.speaker), u.audio.name)):
        carried, speaker = carry and utterance.speaker == speaker, str(utterance.speaker)
        text = recognizer.transcribe(utterance.read(), same_speaker=carried).text
        yield speaker, word_errors(normalize_words(utterance.text or ""), normalize_words(text))


def _show(name: str, condition: str, shown: WordErrorRate, record: Recorder) -> None:
    rate, interval = shown.errors.rate, shown.interval
    low, high = (rate, rate) if interval is None else interval
    print(f"{name:22} {condition:34} {100 * rate:5.1f} % [{100 * low:.1f}, {100 * high:.1f}]  {shown.sentences} "
          f"sentences, {shown.speakers} speakers", flush=True)  # fmt: skip
    record("word error rate", rate, low, high, shown.sentences, name, f"{shown.speakers} speakers", condition)


if __name__ == "__main__":
    main()
