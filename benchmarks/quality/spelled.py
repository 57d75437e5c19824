"""Spelled names and telephone numbers: word errors with the general model and with the grammars of the slot types.

    HARKEN_DATA=... python -m benchmarks.quality.spelled [--split dev] [--rejection N] [--phones] [--record]
                                    [--keep FILE.jsonl]

Names are heard as {spelled}, numbers as {digits}, in three ways: by the general model; by the grammar beside the
general model, as the assistant hears after "Please spell your name"; by the grammar alone. The corpus gives the
characters of the prompt, which people read in their own way: in references and answers alike, 'double four' counts as
'four four', and 'oh' as 'o' or, beside a digit, as 'zero'; beyond that, words count as they are. Intervals: 95 %
bootstrap over speakers. "Right" counts names and numbers with no error at all.

Rejection: sentences of common-voice `dev` that are taken for a name or a number, with the grammar of both beside the
general model. With `--phones`, the phone error rate of a loop over all phones, which knows no words: what the acoustic
model contributes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from benchmarks.peers.kept import Answer
from harken.asr.graph.compiler import compile_graph
from harken.asr.graph.grammar import chain_acceptor
from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchSpace
from harken.data.utterances import Utterance, read_corpus
from harken.languages.chains import START, Chain, Link
from harken.languages.en.spelled import DIGITS, OH, TIMES, ZEROS
from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result, append_result
from harken.metrics.wer import WordErrorRate, WordErrors, word_error_rate, word_errors
from harken.nlu.spoken import spoken_type
from harken.phones.pronunciation import Unstressed
from harken.phones.sets import SILENCE
from harken.text.grammar import Grammar, join_grammars
from harken.text.words import normalize_words

CORPUS = "spelled"
TYPES = {"name": "spelled", "number": "digits"}
"""Label of a recording -> the slot type that it fills."""
WAYS = ("general model", "grammar beside the general model", "grammar alone")
STRANGERS = ("common-voice", "dev")
"""Corpus and split of sentences in which nothing is spelled."""

Row = tuple[Utterance, list[str], WordErrors]


@dataclass
class Run:
    """What was heard in one way."""

    rows: list[Row] = field(default_factory=list)

    def rate(self, label: str = "") -> WordErrorRate:
        """Word errors of all rows, or of those with a label."""
        rows = [row for row in self.rows if label in ("", row[0].label)]
        return word_error_rate([(u.speaker or u.audio.name, e) for u, _, e in rows], rng=np.random.default_rng(0))

    def right(self, label: str = "") -> tuple[int, int]:
        """How many rows have no error, and how many there are."""
        rows = [row for row in self.rows if label in ("", row[0].label)]
        return sum(row[2].errors == 0 for row in rows), len(rows)


def meant(words: Sequence[str]) -> list[str]:
    """The characters that words stand for: see the module."""
    plain: list[str] = []
    times = 1
    for word in words:
        if word in TIMES:
            times = TIMES[word]
            continue
        plain += ["zero" if word in ZEROS else OH[0] if word in OH else word] * times
        times = 1
    for place, word in enumerate(plain):
        if word == OH[0] and any(other in DIGITS for other in plain[max(0, place - 1) : place + 2]):
            plain[place] = "zero"
    return plain


def grammar_of_type(kind: str) -> Grammar:
    """How a value of a slot type is said."""
    return spoken_type(kind, load_locale())


def recognizers(kind: str) -> dict[str, Answer]:
    """Way of hearing a slot type -> what it hears."""
    grammar = grammar_of_type(kind)
    made = (Recognizer.load(), Recognizer.load(grammar=grammar), Recognizer.load(grammar=grammar, general=False))
    return {way: _heard_by(recognizer) for way, recognizer in zip(WAYS, made, strict=True)}


def _heard_by(recognizer: Recognizer) -> Answer:
    return lambda samples: recognizer.transcribe(samples).text


def run_all(split: str) -> dict[str, Run]:
    """Every way on every recording of a split."""
    runs = {way: Run() for way in WAYS}
    for label, kind in TYPES.items():
        for way, answer in recognizers(kind).items():
            for utterance in (u for u in read_corpus(CORPUS, split) if u.label == label):
                heard = meant(normalize_words(answer(utterance.read())))
                errors = word_errors(meant(normalize_words(utterance.text or "")), heard)
                runs[way].rows.append((utterance, heard, errors))
            print(f"  {way}, {label}s done", flush=True)
    return runs


def taken_for_spelling(count: int) -> tuple[list[str], int]:
    """What was heard of the sentences of strangers that are understood as a value of either type, and of how many."""
    read, today = load_locale().understanding.read_value, dt.date.today
    recognizer = Recognizer.load(grammar=join_grammars({kind: grammar_of_type(kind) for kind in TYPES.values()}))
    utterances = [u for u in read_corpus(*STRANGERS) if u.text][:count]
    heard = [recognizer.transcribe(utterance.read()).text for utterance in utterances]
    taken = [text for text in heard if any(read(kind, text.split(), today) for kind in TYPES.values())]
    return taken, len(utterances)


def phone_errors(split: str) -> WordErrorRate:
    """Phone errors of a loop over all phones, against the usual pronunciations of the references."""
    general, spelling = Recognizer.load(), Unstressed()
    phones = [phone for phone in general.model.labels if phone != SILENCE]
    loop = compile_graph(chain_acceptor(_loop(phones)), lambda phone: ((phone,),), general.model.labels)
    space = SearchSpace.of(loop, general.space.silence, general.space.options)
    recognizer, rows = Recognizer(general.model, space, passes=()), []
    for utterance in read_corpus(CORPUS, split):
        wanted = [phone for word in normalize_words(utterance.text or "") for phone in spelling.letter(word)[0]]
        heard = recognizer.transcribe(utterance.read()).text.split()
        rows.append((utterance.speaker or "", word_errors(wanted, heard)))
    return word_error_rate(rows, rng=np.random.default_rng(0))


def _loop(phones: Sequence[str]) -> Chain:
    said = tuple((phone,) for phone in phones)
    links = [Link(before=before, after="phone", phrases=said, weight=1.0) for before in (START, "phone")]
    return Chain(links=tuple(links), ends={"phone": 0.02})


def report(split: str, runs: dict[str, Run], command: str, *, record: bool) -> None:
    """Print, and record if asked."""
    for way, run in runs.items():
        for label in ("", *TYPES):
            rate, (right, count) = run.rate(label), run.right(label)
            errors, share = rate.errors, wilson(right, count)
            print(f"{CORPUS} {split}, {way}, {label or 'all'}s: {_spread(rate)}  sub {errors.substitutions} del "
                  f"{errors.deletions} ins {errors.insertions} of {errors.words}; right {right} of {count} "
                  f"[{100 * share.low:.0f}, {100 * share.high:.0f}]", flush=True)  # fmt: skip
            if record:
                note = f"{rate.speakers} speakers, {right} of {count} without an error"
                condition = ", ".join(filter(None, (way, label)))
                _record("word error rate", f"{CORPUS} {split}", condition, rate, command, note)


def _spread(rate: WordErrorRate) -> str:
    interval = rate.interval
    spread = "" if interval is None else f" [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
    return f"{100 * rate.errors.rate:.1f} %{spread}"


def _record(metric: str, name: str, condition: str, rate: WordErrorRate, command: str, note: str) -> None:
    interval = rate.interval
    append_result(Result(
        recipe="asr/acoustic", metric=metric, unit="%", value=round(100 * rate.errors.rate, 2),
        low=None if interval is None else round(100 * interval.low, 2),
        high=None if interval is None else round(100 * interval.high, 2),
        n=rate.sentences, set=name, condition=condition, system="harken", command=command,
        bundles=hashes(RECOGNIZER), note=note,
    ))  # fmt: skip


def report_strangers(count: int, command: str, *, record: bool) -> None:
    """Print, and record if asked."""
    taken, total = taken_for_spelling(count)
    share, name = wilson(len(taken), total), " ".join(STRANGERS)
    print(f"{name}: {len(taken)} of {total} sentences are taken for a name or a number "
          f"[{100 * share.low:.1f}, {100 * share.high:.1f}] %: {taken}", flush=True)  # fmt: skip
    if record:
        append_result(Result(
            recipe="asr/acoustic", metric="taken for spelling", unit="%", value=round(100 * len(taken) / total, 2),
            low=round(100 * share.low, 2), high=round(100 * share.high, 2), n=total, set=name, condition=WAYS[1],
            system="harken", command=command, bundles=hashes(RECOGNIZER),
        ))  # fmt: skip


def keep(path: Path, split: str, runs: dict[str, Run]) -> None:
    """Add every answer as a JSON line."""
    with path.open("a", encoding="utf-8") as file:
        for way, run in runs.items():
            for utterance, heard, errors in run.rows:
                row = {"set": f"{CORPUS} {split}", "way": way, "audio": utterance.audio.name, "text": utterance.text}
                row |= {"heard": " ".join(heard), "errors": errors.errors, "words": errors.words}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="dev", help="of the corpus 'spelled'")
    parser.add_argument("--rejection", type=int, default=0, help="sentences of strangers to try; none by default")
    parser.add_argument("--phones", action="store_true", help="measure the phone errors of the acoustic model, too")
    parser.add_argument("--record", action="store_true", help="append to the results.jsonl of asr/acoustic")
    parser.add_argument("--keep", type=Path, help="append every answer to this JSON-lines file")
    options = parser.parse_args()
    command = f"python -m benchmarks.quality.spelled --split {options.split}"
    runs = run_all(options.split)
    report(options.split, runs, command, record=options.record)
    if options.keep:
        keep(options.keep, options.split, runs)
    if options.phones:
        rate = phone_errors(options.split)
        print(f"{CORPUS} {options.split}, loop over all phones: {_spread(rate)} phone errors", flush=True)
        if options.record:
            _record("phone error rate", f"{CORPUS} {options.split}", "phone loop", rate, f"{command} --phones", "")
    if options.rejection:
        report_strangers(options.rejection, f"{command} --rejection {options.rejection}", record=options.record)


if __name__ == "__main__":
    main()
