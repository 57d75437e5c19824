"""Word error rates of the recogniser with the general language model, and of three peers on the same files.

    HARKEN_DATA=... python -m benchmarks.quality.recognizer [--sets "librispeech test" ...] [--sample N]
                                    [--systems harken moonshine ...] [--own-vocabulary] [--record]
                                    [--keep FILE.jsonl]

Everything is streamed through the run-time stage in blocks of 120 ms. The answers of all systems and the references
are normalised in the same way. Moonshine tiny and Whisper tiny.en (which do not stream) are left out unless
MOONSHINE_DIR and WHISPER_DIR are set. The peers' answers may be kept (`--peers FILE.jsonl`), since they do not change
with our bundles. Intervals: 95 % bootstrap over speakers; children, adults and accents also apart. Perplexity and
unknown words are those of the language model on the same sentences. RTF is processor time over the duration of the
sound, one thread.

With `--own-vocabulary` harken hears with a trigram of the words of the set's own corpus instead of the general one,
trained on the transcripts of its `train` part; the search keeps the settings of the general model. The peers are left
out.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from benchmarks.peers.kept import Answer, Kept, timed
from harken.asr.graph.acceptor import ngram_acceptor
from harken.asr.graph.compiler import compile_graph
from harken.asr.ngram.model import NgramModel
from harken.asr.ngram.table import load_ngram
from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchSpace
from harken.bundle import load_bundle
from harken.data.utterances import Utterance, read_corpus
from harken.events import SAMPLE_RATE
from harken.metrics.result import Result, append_result
from harken.metrics.wer import WordErrorRate, WordErrors, word_error_rate, word_errors
from harken.phones.pronunciation import Unstressed
from harken.text.words import normalize_words
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney

SETS = ("librispeech dev", "librispeech test", "librispeech-excerpts dev", "speechocean762 test", "an4 test")
SYSTEMS = ("harken", "pocketsphinx", "moonshine", "whisper")
OWN = "own vocabulary"
"""Condition of the results with the words of the corpus."""
CHILD_AGE = 16
"""Speakers up to this age are counted as children."""
LARGE_GROUP = 10
"""Speakers that an accent needs for figures of its own."""


@dataclass
class Run:
    """One system on one set."""

    rows: list[tuple[Utterance, list[str], WordErrors]] = field(default_factory=list)
    seconds: float = 0.0
    """Processor time."""
    sound: float = 0.0

    @property
    def rtf(self) -> float:
        return self.seconds / self.sound


def choose(name: str, sample: int, seed: int) -> list[Utterance]:
    """The utterances of a set with text, or a seeded sample of them."""
    corpus, split = name.split()
    utterances = [u for u in read_corpus(corpus, split) if u.text]
    if not sample or sample >= len(utterances):
        return utterances
    picked = np.random.default_rng(seed).choice(len(utterances), sample, replace=False)
    return [utterances[place] for place in sorted(picked)]


def run_all(systems: dict[str, Answer | Kept], utterances: list[Utterance]) -> dict[str, Run]:
    """Every system on every utterance, taking turns."""
    runs = {name: Run() for name in systems}
    for utterance in utterances:
        samples = utterance.read()
        wanted = normalize_words(utterance.text or "")
        for name, transcribe in systems.items():
            text, seconds = timed(transcribe, samples)
            heard = normalize_words(text)
            runs[name].seconds += seconds
            runs[name].sound += len(samples) / SAMPLE_RATE
            runs[name].rows.append((utterance, heard, word_errors(wanted, heard)))
    return runs


def group_of(utterance: Utterance) -> str:
    """The group of a speaker: children or adults where ages are known, else the accent, if it is known."""
    if "age" in utterance.more:
        return "children" if int(utterance.more["age"]) <= CHILD_AGE else "adults"
    return f"accent {utterance.more['accent']}" if utterance.more.get("accent") else ""


def groups_of(run: Run) -> list[str]:
    """All rows (''), then the groups with enough speakers."""
    speakers: dict[str, set[str]] = {}
    for utterance, _, _ in run.rows:
        speakers.setdefault(group_of(utterance), set()).add(utterance.speaker or utterance.audio.name)
    return ["", *sorted(group for group, members in speakers.items() if group and len(members) >= LARGE_GROUP)]


def summarise(run: Run, group: str = "") -> WordErrorRate:
    """The score of all rows, or of a group of speakers."""
    rows = [row for row in run.rows if not group or group_of(row[0]) == group]
    return word_error_rate([(u.speaker or u.audio.name, errors) for u, _, errors in rows], rng=np.random.default_rng(0))


def own_model(corpus: str) -> NgramModel:
    """The trigram of a corpus's own words, from the transcripts of its train part."""
    sentences = [normalize_words(u.text) for u in read_corpus(corpus, "train") if u.text]
    vocabulary = choose_vocabulary(sentences, sum(map(len, sentences)))
    return train_kneser_ney(count_ngrams(sentences, vocabulary, order=3))


def own_recognizer(general: Recognizer, model: NgramModel) -> Recognizer:
    """The recogniser with another language model, and the general one's settings of the search."""
    graph = compile_graph(ngram_acceptor(model), Unstressed(), general.model.labels)
    space = SearchSpace.of(graph, general.space.silence, general.space.options)
    return Recognizer(general.model, space)


def systems(wanted: list[str], peers: Path | None, recognizer: Recognizer) -> dict[str, Answer | Kept]:
    """Name -> how it transcribes."""
    transcribers: dict[str, Answer | Kept] = {}
    if "harken" in wanted:
        transcribers["harken"] = lambda samples: recognizer.transcribe(samples).text
    if "pocketsphinx" in wanted:
        from benchmarks.peers.sphinx import NAME, Sphinx

        transcribers[NAME] = Kept(NAME, lambda: Sphinx().text, peers)
    if "moonshine" in wanted and os.environ.get("MOONSHINE_DIR"):
        from benchmarks.peers.moonshine import NAME as OTHER
        from benchmarks.peers.moonshine import Moonshine

        transcribers[OTHER] = Kept(OTHER, lambda: Moonshine().transcribe, peers)
    if "whisper" in wanted and os.environ.get("WHISPER_DIR"):
        from benchmarks.peers.whisper import NAME as THIRD
        from benchmarks.peers.whisper import Whisper

        transcribers[THIRD] = Kept(THIRD, lambda: Whisper().transcribe, peers)
    return transcribers


def report(
    name: str, runs: dict[str, Run], record: bool, command: str, model: NgramModel, condition: str
) -> None:  # fmt: skip
    """Print, and record if asked."""
    sentences = [normalize_words(u.text or "") for u, _, _ in next(iter(runs.values())).rows]
    figures = model.perplexity(sentences)
    print(f"{name}: {len(sentences)} sentences; language model: perplexity {figures.value:.0f}, "
          f"{figures.unknown_rate:.2%} of {figures.words} words unknown")  # fmt: skip
    for system, run in runs.items():
        for group in groups_of(run):
            rate = summarise(run, group)
            errors, interval = rate.errors, rate.interval
            spread = "" if interval is None else f" [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
            print(f"  {system:20} {group:10} {100 * errors.rate:5.1f} %{spread}  sub {errors.substitutions} del "
                  f"{errors.deletions} ins {errors.insertions} of {errors.words}, {rate.sentences} sentences, "
                  f"{rate.speakers} speakers, RTF {run.rtf:.3f}", flush=True)  # fmt: skip
            if record:
                note = f"perplexity {figures.value:.0f}, unknown words {figures.unknown_rate:.2%}"
                _record(name, system, ", ".join(filter(None, (condition, group))), rate, run, command, note)


def _record(name: str, system: str, group: str, rate: WordErrorRate, run: Run, command: str, note: str) -> None:
    interval = rate.interval
    result = Result(
        recipe="asr/acoustic", metric="word error rate", unit="%", value=round(100 * rate.errors.rate, 2),
        low=None if interval is None else round(100 * interval.low, 2),
        high=None if interval is None else round(100 * interval.high, 2),
        n=rate.sentences, set=name, condition=group, system=system, command=command,
        bundles=hashes(RECOGNIZER) if system == "harken" else {},
        note=f"{rate.speakers} speakers, RTF {run.rtf:.3f}, {note}",
    )  # fmt: skip
    append_result(result)


def keep(path: Path, name: str, runs: dict[str, Run]) -> None:
    """Add every answer as a JSON line."""
    with path.open("a", encoding="utf-8") as file:
        for system, run in runs.items():
            for utterance, heard, errors in run.rows:
                row = {"set": name, "system": system, "audio": utterance.audio.name, "speaker": utterance.speaker}
                row |= {
                    "text": utterance.text,
                    "heard": " ".join(heard),
                    "errors": errors.errors,
                    "words": errors.words,
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="*", default=list(SETS), help="'CORPUS SPLIT'")
    parser.add_argument("--sample", type=int, default=0, help="utterances per set, at most, drawn by --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--systems", nargs="*", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument(
        "--peers", type=Path, help="keep the peers' answers in this JSON-lines file, and use those in it"
    )
    parser.add_argument("--own-vocabulary", action="store_true", help="hear with the words of the corpus's train part")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    parser.add_argument("--keep", type=Path, help="append every answer to this JSON-lines file")
    options = parser.parse_args()
    command = "python -m benchmarks.quality.recognizer" + (f" --sample {options.sample} --seed {options.seed}"
                                                           if options.sample else "")  # fmt: skip
    general = Recognizer.load()
    each, model, condition = systems(options.systems, options.peers, general), load_ngram(load_bundle("ngram-en")), ""
    for name in options.sets:
        own = ""
        if options.own_vocabulary:
            model, condition = own_model(name.split()[0]), OWN
            each = systems(["harken"], None, own_recognizer(general, model))
            own = f' --sets "{name}" --own-vocabulary'
        runs = run_all(each, choose(name, options.sample, options.seed))
        report(name, runs, options.record, command + own, model, condition)
        if options.keep:
            keep(options.keep, name, runs)


if __name__ == "__main__":
    main()
