"""Milliseconds per turn of understanding and dialogue, on one core; budget 20 ms.

    python -m benchmarks.speed.understanding [--write]

Texts: the hand-written paraphrases (trained parts at work), the skills' own examples (templates at work) and requests
for no skill; each through the interpreter and the dialogue manager with its skills. Processor time, median and 95th
percentile over turns, after one warm-up pass.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.bundles import hashes
from benchmarks.quality.understanding import BUNDLE, PARAPHRASES, RECIPE
from harken.dialogue.conversation import DialogueManager
from harken.languages.loading import load_locale
from harken.metrics.result import Result, append_result
from harken.nlu.building import read_background
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills
from harken.nlu.templates import sample_sentences

COMMAND = "python -m benchmarks.speed.understanding"


def texts(interpreter: Interpreter) -> list[str]:
    """A mix of what is said."""
    rng = np.random.default_rng(1)
    lines = [json.loads(line)["text"] for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()]
    lines += [example.text for skill in interpreter.skills.values() for example in skill.examples]
    return lines + [sample.text for sample in sample_sentences(read_background(load_locale()), 60, rng)]


def turn_times(interpreter: Interpreter, said: Sequence[str]) -> tuple[list[float], list[float]]:
    """Processor milliseconds of understanding, and of understanding with dialogue, for each text."""
    manager = DialogueManager(interpreter.skills, interpreter, locale=interpreter.locale)
    understanding, whole = [], []
    for number, text in enumerate(said):
        began = time.process_time()
        reading = interpreter.understand(text, turn=number)
        understood = time.process_time()
        manager.process(reading)
        understanding.append(1000 * (understood - began))
        whole.append(1000 * (time.process_time() - began))
    return understanding, whole


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    options = parser.parse_args(arguments)
    began = time.process_time()
    interpreter = Interpreter.load(read_shipped_skills(load_locale()))
    loading = 1000 * (time.process_time() - began)
    said = texts(interpreter)
    turn_times(interpreter, said)
    rounds = [turn_times(interpreter, said) for _ in range(5)]
    print(f"loading all skills and the bundle: {loading:.0f} ms")
    for name, place in (("understanding", 0), ("understanding and dialogue", 1)):
        medians = np.median([round_[place] for round_ in rounds], axis=0)
        for metric, value in (("median", np.median(medians)), ("95th percentile", np.percentile(medians, 95))):
            result = Result(
                recipe=RECIPE, metric=f"processor time per turn of {name}, {metric}", unit="ms",
                value=round(float(value), 2), n=len(said), set="paraphrases, examples, background", command=COMMAND,
                bundles=hashes([BUNDLE]),
            )  # fmt: skip
            print(f"{result.metric}: {result.figure} (n={result.n}, 5 rounds)")
            if options.write:
                append_result(result)


if __name__ == "__main__":
    main()
