"""How well requests are understood: sampled and hand-written sentences, real requests, and requests for no skill.

    python -m benchmarks.quality.understanding                       # paraphrases and sampled sentences
    HARKEN_DATA=... python -m benchmarks.quality.understanding --write
    HARKEN_DATA=... python -m benchmarks.quality.understanding --split dev --wrong    # where wordings are looked at

- `sampled`: new sentences of the shipped skills, disturbed (a short word missing, a word misheard, polite words added),
  read by the trained parts alone, as when no template fits.
- `paraphrases.jsonl`: written by hand after the skills, in different words; the whole interpreter reads them. A slot
  counts when its value is right; slots that a line does not name are not judged.
- CLINC150, HWU64 and SLURP: does a request reach the right skill, and are requests for no skill rejected?
  `out of scope` is CLINC150's own set (1,000 in `test`, 100 in `dev`). A doubtful reading is asked about before it is
  acted upon.
- Everyday sentences and transcripts of read speech, which nobody said to an assistant.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bundles import hashes
from harken.data.utterances import read_corpus
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
from harken.recipes.nlu.interpreter.recipe import OUT_OF_SCOPE
from harken.recipes.nlu.interpreter.sentences import everyday, more_requests
from harken.recipes.nlu.interpreter.texts import CLINC_SERVED, NOBODY, RealRequest, read_requests
from harken.text.words import normalize_words

RECIPE, COMMAND = "nlu/interpreter", "python -m benchmarks.quality.understanding"
PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")
SPLITS = ("dev", "test")
"""Of the everyday sentences that training leaves out, every other one belongs to each."""
SEED = 99
"""Differs from the seed of the training, so that the sampled sentences are new."""
MOST_TALK = 1_000
"""At most this many sentences of each kind of talk, and requests that no skill serves of each corpus."""
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
            low=round(100 * low, 2), high=round(100 * high, 2), n=self.n, set=self.set,
            command=f"{COMMAND} --split dev" if " dev" in self.set else COMMAND, bundles=hashes([BUNDLE]),
        )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; with --write also into the recipe's results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=SPLITS, default="test", help="of the real requests and of talk")
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    parser.add_argument("--wrong", action="store_true", help="print what was read wrongly")
    options = parser.parse_args(arguments)
    interpreter = Interpreter.load(read_shipped_skills(load_locale()))
    rates = [*sampled(interpreter), *paraphrases(interpreter, show=options.wrong)]
    if data_if_any() is not None:
        rates += real_requests(interpreter, options.split, show=options.wrong)
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


def real_requests(interpreter: Interpreter, split: str = "test", *, show: bool = False) -> Iterator[Rate]:
    """Requests of CLINC150 and HWU64 (and SLURP, which has no dev part), and what nobody said to an assistant."""
    more = more_requests(split) if split == "test" else []
    requests = [request for request in [*read_requests(split), *more] if request.words]
    served = [request for request in requests if request.label in CLINC_SERVED]
    yield from _reached(interpreter, served, f"clinc150 {split}, intents that skills serve", show)
    for source in dict.fromkeys(request.source for request in requests):
        own = [request for request in requests if request.source == source]
        ours = [request for request in own if request.skill != NOBODY]
        yield from _reached(interpreter, ours, f"{source} {split}, our skills", show)
        named = [request for request in ours if request.intent]
        hits = sum(interpreter.understand(" ".join(request.words)).intent == request.intent for request in named)
        yield Rate("intent right", f"{source} {split}, mapped intents", hits, len(named))
        others = [request.words for request in own if request.skill == NOBODY and request.label != OUT_OF_SCOPE]
        some = np.random.default_rng(SEED).permutation(len(others))[:MOST_TALK]
        where = f"{source} {split}, intents that no skill serves"
        yield from _passed(interpreter, [others[i] for i in some], where, show)
    strangers = [request.words for request in requests if request.label == OUT_OF_SCOPE]
    yield from _passed(interpreter, strangers, f"clinc150 {split}, out of scope", show)
    for name, sentences in read_talk(split).items():
        yield from _passed(interpreter, sentences, name, show)


def read_talk(split: str) -> dict[str, list[tuple[str, ...]]]:
    """Set -> sentences that are said to nobody's assistant."""
    kept = everyday("test")[SPLITS.index(split) :: 2]
    talk = {f"tatoeba-en {split}": [sentence.words for sentence in kept[:MOST_TALK]]}
    for corpus in ("librispeech", "common-voice"):
        texts = [utterance.text for utterance in read_corpus(corpus, split) if utterance.text]
        talk[f"{corpus} {split}, transcripts"] = [tuple(normalize_words(text)) for text in texts[:MOST_TALK]]
    return {name: [words for words in sentences if words] for name, sentences in talk.items()}


def _reached(
    interpreter: Interpreter, requests: Sequence[RealRequest], name: str, show: bool
) -> Iterator[Rate]:  # fmt: skip
    """How many requests reach the right skill at all, with all of their words, and without being asked about first.

    A skill that cannot do anything is right when it says so.
    """
    reached = whole = acted = 0
    for request in requests:
        reading = interpreter.understand(" ".join(request.words))
        right = reading.skill == request.skill
        understood = right and not reading.unread
        reached, whole = reached + right, whole + understood
        acted += understood and not reading.doubtful
        if show and not right:
            print(f"  {' '.join(request.words)!r}: {reading.skill or 'nobody'}.{reading.intent}, not {request.skill}")
    yield Rate("skill right", name, reached, len(requests))
    yield Rate("skill right, every word understood", name, whole, len(requests))
    yield Rate("skill right, acted upon at once", name, acted, len(requests))


def _passed(
    interpreter: Interpreter, sentences: Sequence[tuple[str, ...]], name: str, show: bool
) -> Iterator[Rate]:  # fmt: skip
    """How many sentences for nobody are rejected, how many of them by a skill that says so; how many are acted upon."""
    rejected = refused = acted = 0
    for words in sentences:
        reading = interpreter.understand(" ".join(words))
        rejected, refused = rejected + reading.rejected, refused + reading.refused
        acted += not reading.rejected and not reading.doubtful
        if show and not reading.rejected:
            doubt = "asked about" if reading.doubtful else "acted upon"
            print(f"  {' '.join(words)!r}: {reading.skill}.{reading.intent} {reading.score:.2f}, {doubt}")
    yield Rate("rejected", name, rejected, len(sentences))
    yield Rate("rejected by a skill that says so", name, refused, len(sentences))
    yield Rate("acted upon at once", name, acted, len(sentences))


if __name__ == "__main__":
    main()
