"""How well requests are understood: sampled and hand-written sentences, real requests, and requests for no skill.

    python -m benchmarks.quality.understanding                       # paraphrases and sampled sentences
    HARKEN_DATA=... python -m benchmarks.quality.understanding --write

- `sampled`: new sentences of the shipped skills, disturbed (a short word missing, a word misheard, polite words added),
  read by the trained parts alone, as when no template fits.
- `paraphrases.jsonl`: written by hand after the skills, in different words; the whole interpreter reads them. A slot
  counts when its value is right; slots that a line does not name are not judged.
- CLINC150 and HWU64 `test`: does a request reach the right skill, and are requests for no skill rejected?
  `out of scope` is CLINC150's own set of 1,000.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bundles import hashes
from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result, append_result
from harken.nlu.augment import disturbed
from harken.nlu.guess import best_reading
from harken.nlu.interpreter import Interpreter
from harken.nlu.sentence import Sentence
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.templates import sample_sentences
from harken.paths import data_if_any
from harken.recipes.nlu.interpreter.texts import NOBODY, RealRequest, read_requests

RECIPE, COMMAND = "nlu/interpreter", "python -m benchmarks.quality.understanding"
PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")
SEED = 99
"""Differs from the seed of the training, so that the sampled sentences are new."""
BUNDLE = load_locale().bundle("interpreter")


@dataclass(frozen=True)
class Rate:
    """A share of hits."""

    metric: str
    set: str
    hits: int
    n: int

    @property
    def result(self) -> Result:
        """As a line of results.jsonl."""
        low, high = wilson(self.hits, self.n)
        return Result(
            recipe=RECIPE, metric=self.metric, unit="%", value=round(100 * self.hits / self.n, 2),
            low=round(100 * low, 2), high=round(100 * high, 2), n=self.n, set=self.set, command=COMMAND,
            bundles=hashes([BUNDLE]),
        )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; with --write also into the recipe's results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    parser.add_argument("--wrong", action="store_true", help="print what was read wrongly")
    options = parser.parse_args(arguments)
    interpreter = Interpreter.load(read_shipped_skills(load_locale()))
    rates = [*sampled(interpreter), *paraphrases(interpreter, show=options.wrong)]
    if data_if_any() is not None:
        rates += real_requests(interpreter, show=options.wrong)
    for rate in rates:
        print(f"{rate.metric:46s} {rate.set:34s} {rate.result.figure:26s} n={rate.n}")
        if options.write:
            append_result(rate.result)


def sampled(interpreter: Interpreter, per_intent: int = 12) -> Iterator[Rate]:
    """New, disturbed sentences through heads and taggers."""
    rng = np.random.default_rng(SEED)
    intents = slots = n = 0
    for skill in interpreter.skills.values():
        for sample in (disturbed(sentence, rng, skill.locale) for sentence in sample_sentences(skill, per_intent, rng)):
            (name, intent), _ = best_reading(interpreter.guesser.judge(sample.words))
            right = (name, intent) == (skill.name, sample.intent)
            read = interpreter.guesser.slots(skill.name, sample.intent, Sentence.of(sample.words))
            slots_read = {slot.name: slot.text for slot in read if slot.text}
            wanted = {slot: " ".join(sample.words[first:last]) for slot, first, last in sample.spans}
            intents, slots, n = intents + right, slots + (slots_read == wanted), n + 1
    yield Rate("skill and intent right (trained parts alone)", "sampled, disturbed", intents, n)
    yield Rate("all slots right (taggers alone, intent given)", "sampled, disturbed", slots, n)


def paraphrases(interpreter: Interpreter, *, show: bool = False) -> Iterator[Rate]:
    """Hand-written requests."""
    lines = [json.loads(line) for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()]
    skills = intents = whole = exact = 0
    for line in lines:
        reading = interpreter.understand(line["text"])
        wanted = line.get("slots", {})
        skill = reading.skill == line["skill"]
        intent = skill and reading.intent == line["intent"]
        slots = all(reading.values.get(name) == value for name, value in wanted.items())
        skills, intents, whole = skills + skill, intents + intent, whole + (intent and slots)
        exact += reading.score >= 0.97
        if show and not (intent and slots):
            print(f"  {line['text']!r}: {reading.skill}.{reading.intent} {reading.values}, not {line}")
    n, name = len(lines), "paraphrases.jsonl (hand-written)"
    yield Rate("skill right", name, skills, n)
    yield Rate("skill and intent right", name, intents, n)
    yield Rate("skill, intent and stated slots right", name, whole, n)
    yield Rate("covered by a template word for word", name, exact, n)


def real_requests(interpreter: Interpreter, *, show: bool = False) -> Iterator[Rate]:
    """The test parts of CLINC150 and HWU64."""
    requests = [request for request in read_requests("test") if request.words]
    for source in ("clinc150", "hwu64"):
        ours = [request for request in requests if request.source == source and request.skill != NOBODY]
        yield Rate(
            "skill right, not rejected", f"{source} test, our skills", _right(interpreter, ours, show), len(ours)
        )
        named = [request for request in ours if request.intent]
        hits = sum(interpreter.understand(" ".join(request.words)).intent == request.intent for request in named)
        yield Rate("intent right, not rejected", f"{source} test, mapped intents", hits, len(named))
        theirs = [request for request in requests if request.source == source and request.skill == NOBODY]
        others = [request for request in theirs if request.label != "oos"]
        yield Rate("rejected", f"{source} test, other labels", _rejected(interpreter, others, show), len(others))
    strangers = [request for request in requests if request.label == "oos"]
    yield Rate("rejected", "clinc150 test, out of scope", _rejected(interpreter, strangers, show), len(strangers))


def _right(interpreter: Interpreter, requests: Sequence[RealRequest], show: bool) -> int:
    hits = 0
    for request in requests:
        reading = interpreter.understand(" ".join(request.words))
        hits += reading.skill == request.skill
        if show and reading.skill != request.skill:
            print(f"  {' '.join(request.words)!r}: {reading.skill or 'nobody'}.{reading.intent}, not {request.skill}")
    return hits


def _rejected(interpreter: Interpreter, requests: Sequence[RealRequest], show: bool) -> int:
    hits = 0
    for request in requests:
        reading = interpreter.understand(" ".join(request.words))
        hits += reading.rejected
        if show and not reading.rejected:
            print(f"  {' '.join(request.words)!r}: {reading.skill}.{reading.intent} {reading.score:.2f}, not rejected")
    return hits


if __name__ == "__main__":
    main()
