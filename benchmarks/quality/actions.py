"""How often speech that is no request is taken for one, with every shipped skill listening.

    HARKEN_DATA=... python -m benchmarks.quality.actions [--sets librispeech common-voice tatoeba] [--split test]
                                    [--limit N] [--wrong] [--heard FILE.jsonl] [--write]

Sets: sentences of librispeech and common-voice (real people), and everyday sentences of tatoeba-en, spoken by the
Debian voices that no training hears. A sentence is *taken for a request* when the interpreter does not reject what the
recogniser heard, and *acted upon* when it would also change something without asking. Some everyday sentences are what
people say to an assistant ("How old are you?", "Could you repeat that, please?"), and an answer to them is right. So
those *taken for another* are counted, too: no sentence of a skill covers every word of them, or only with free text
(names, notes, things to buy). Beside speech, the same sentences are typed. `--heard` keeps what the recogniser heard,
so that another interpreter can read it again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bundles import hashes
from benchmarks.quality.heard import meaning_of
from benchmarks.quality.understanding import SPLITS
from harken.asr.recognizer import Recognizer
from harken.data.utterances import read_corpus
from harken.data.voices import RESERVED, parse_voice, speak
from harken.events import Hypothesis, Interpretation, Samples, Transcript, Word
from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result, append_result
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.spoken_requests import grammar_of_all
from harken.recipes.nlu.interpreter.sentences import everyday

RECIPE, COMMAND = "nlu/interpreter", "python -m benchmarks.quality.actions"
SETS = ("librispeech", "common-voice", "tatoeba")
TATOEBA = 300
"""Sentences of tatoeba-en that are spoken."""
BUNDLES = ("acoustic-en", "ngram-en", "lexicon-en", "confidence-en", "interpreter-en")


@dataclass(frozen=True)
class Heard:
    """A sentence, and what was heard of it."""

    text: str
    hypotheses: tuple[tuple[str, float], ...]
    """(words, confidence), best first."""


def spoken(name: str, split: str, limit: int) -> Iterator[tuple[str, Samples]]:
    """The sentences of a set with their sound."""
    if name == "tatoeba":
        voices = [parse_voice(voice) for voice in sorted(RESERVED) if voice.startswith("flite")]
        sentences = everyday("test")[SPLITS.index(split) :: 2]
        order = np.random.default_rng(0).permutation(len(sentences))[: limit or TATOEBA]
        for place, number in enumerate(sorted(order)):
            text = " ".join(sentences[number].words)
            yield text, speak(text, voices[place % len(voices)])
        return
    utterances = list(read_corpus(name, split))
    order = np.random.default_rng(0).permutation(len(utterances))[: limit or len(utterances)]
    for place in sorted(order):
        yield utterances[place].text or "", utterances[place].read()


def hear(name: str, split: str, limit: int, kept: Path | None) -> list[Heard]:
    """What the recogniser hears of a set, from the file if it is there."""
    if kept is not None and kept.is_file():
        rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
        known = [Heard(row["text"], tuple(map(tuple, row["heard"]))) for row in rows if row["set"] == f"{name} {split}"]
        if known:
            return known
    skills = read_shipped_skills(load_locale())
    recognizer = Recognizer.load(grammar=grammar_of_all(skills))
    heard = []
    for text, samples in spoken(name, split, limit):
        best = recognizer.transcribe(samples).hypotheses[:5]
        heard.append(Heard(text, tuple((hypothesis.text, hypothesis.confidence) for hypothesis in best)))
    if kept is not None:
        with kept.open("a", encoding="utf-8") as file:
            for sentence in heard:
                row = {"set": f"{name} {split}", "text": sentence.text, "heard": sentence.hypotheses}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return heard


def as_transcript(hypotheses: Sequence[tuple[str, float]]) -> Transcript:
    """What was heard, as the recogniser hands it on."""
    return Transcript(
        turn=0,
        hypotheses=tuple(
            Hypothesis(
                words=tuple(Word(text=word, start=0, end=0, confidence=confidence) for word in text.split()),
                log_prob=0.0, confidence=confidence,
            )
            for text, confidence in hypotheses
        ),
    )  # fmt: skip


def is_own_sentence(interpreter: Interpreter, reading: Interpretation) -> bool:
    """Whether a sentence of a skill covers every word of what was read, with nothing but known values in it."""
    if not reading.exact:
        return False
    skill = interpreter.skills[reading.skill]
    lists = (skill.intents[reading.intent].slots[slot.name] for slot in reading.slots if slot.text)
    return not any(skill.lists[name].is_free for name in lists if name in skill.lists)


def measure(name: str, split: str, heard: Sequence[Heard], interpreter: Interpreter, *, show: bool) -> Iterator[Result]:
    """The shares of a set."""
    for condition in ("spoken", "typed"):
        readings = []
        for sentence in heard:
            if condition == "spoken":
                reading = meaning_of(interpreter, as_transcript(sentence.hypotheses))
            else:
                reading = interpreter.understand(sentence.text)
            readings.append(reading)
            if show and not reading.rejected:
                said = sentence.hypotheses[0][0] if condition == "spoken" else sentence.text
                print(f"  {condition}: {sentence.text!r} heard {said!r}: {reading.skill}.{reading.intent} "
                      f"{reading.values} {reading.score:.2f}{' doubtful' if reading.doubtful else ''}"
                      f"{' own sentence' if is_own_sentence(interpreter, reading) else ''}")  # fmt: skip
        taken = [not reading.rejected for reading in readings]
        acted = [
            not reading.rejected and not reading.doubtful and not reading.negated
            and interpreter.skills[reading.skill].intents[reading.intent].acts
            for reading in readings
        ]  # fmt: skip
        others = [is_taken and not is_own_sentence(interpreter, each)
                  for is_taken, each in zip(taken, readings, strict=True)]  # fmt: skip
        counted = {"taken for a request": taken, "taken for another": others, "acted upon": acted}
        for metric, hits in ((name, sum(flags)) for name, flags in counted.items()):
            low, high = wilson(hits, len(readings))
            yield Result(
                recipe=RECIPE, metric=metric, unit="%", value=round(100 * hits / len(readings), 2),
                low=round(100 * low, 2), high=round(100 * high, 2), n=len(readings), set=f"{name} {split}",
                condition=condition, command=f"{COMMAND} --split {split}", bundles=hashes(BUNDLES),
            )  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--limit", type=int, default=0, help="sentences of each set; 0: all (tatoeba: 300)")
    parser.add_argument("--wrong", action="store_true", help="print what was taken for a request")
    parser.add_argument("--heard", type=Path, help="JSON lines with what the recogniser heard")
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    options = parser.parse_args()
    interpreter = Interpreter.load()
    for name in options.sets:
        heard = hear(name, options.split, options.limit, options.heard)
        for result in measure(name, options.split, heard, interpreter, show=options.wrong):
            print(f"{result.metric:22s} {result.set:22s} {result.condition:8s} {result.figure}  n={result.n}")
            if options.write:
                append_result(result)


if __name__ == "__main__":
    main()
