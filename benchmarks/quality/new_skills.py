"""What `harken skill build` makes of new skills: the coffee maker's, and three written as a new user would (`skills/`).

    python -m benchmarks.quality.new_skills [--skills boat ...] [--no-speech] [--drawn 20] [--wrong] [--write]

Each is built alone, from its YAML; the seconds are those of the whole command. `heldout.yaml` of each skill has
sentences in other words than its templates, and some that are not for it; the whole assistant (all shipped skills and
this one) reads them. Right: skill, intent and all slots that the line names. Not for it: accepted by the skill.

Spoken: the held-out sentences, and sentences drawn from the templates, by flite voices that no training heard; the
recogniser expects the skill's grammar beside general speech.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from benchmarks.quality.heard import meaning_of
from harken.asr.recognizer import Recognizer
from harken.data.voices import RESERVED, parse_voice, speak
from harken.events import Interpretation
from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result, append_result
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills, shipped_skill_files
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.templates import grammar_of, sample_sentences
from harken.text.grammar import join_grammars
from harken.workshop.skill_tests import SentenceTest, read_tests
from harken.workshop.skills import build_skill

RECIPE, COMMAND = "nlu/interpreter", "python -m benchmarks.quality.new_skills"
SKILLS = Path(__file__).parent / "skills"
NAMES = ("coffee", "boat", "games", "plants")
VOICES = tuple(parse_voice(f"flite:{name}") for name in ("slt", "rms", "awb", "kal"))
SEED = 11

Read = Callable[[int, str], Interpretation]
"""(number of the sentence, its text) -> what is understood."""


@dataclass(frozen=True)
class Figure:
    """A share of hits, or seconds."""

    metric: str
    set: str
    hits: float
    n: int
    condition: str = ""

    @property
    def result(self) -> Result:
        """As a line of results.jsonl."""
        if self.metric.startswith("seconds"):
            value, low, high, unit = self.hits, None, None, "s"
        else:
            value, unit = 100 * self.hits / self.n, "%"
            low, high = (round(100 * end, 2) for end in wilson(int(self.hits), self.n))
        return Result(
            recipe=RECIPE, metric=self.metric, unit=unit, value=round(value, 2), low=low, high=high, n=self.n,
            set=self.set, condition=self.condition, command=COMMAND,
            bundles=hashes((*RECOGNIZER, load_locale().bundle("interpreter"))),
        )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; with --write also into the recipe's results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skills", nargs="*", default=list(NAMES), choices=NAMES)
    parser.add_argument("--no-speech", action="store_true", help="typed sentences only")
    parser.add_argument("--drawn", type=int, default=20, help="spoken sentences from the templates of each skill")
    parser.add_argument("--wrong", action="store_true", help="print what was read wrongly")
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    options = parser.parse_args(arguments)
    for name in options.skills:
        for figure in measure(name, spoken=not options.no_speech, drawn=options.drawn, show=options.wrong):
            row = f"{figure.set:16s} {figure.metric:28s} {figure.condition:36s} {figure.result.figure:24s}"
            print(f"{row} n={figure.n}", flush=True)
            if options.write:
                append_result(figure.result)


def measure(name: str, *, spoken: bool, drawn: int, show: bool) -> Iterator[Figure]:
    """All figures of one skill."""
    file = shipped_skill_files(load_locale())[name] if name == "coffee" else SKILLS / name
    began = time.perf_counter()
    built = build_skill(file, force=True)
    yield Figure("seconds to build", f"skill {name}", time.perf_counter() - began, 1)
    skills = [skill for skill in read_shipped_skills(load_locale()) if skill.name != name] + [read_skill(file)]
    interpreter = Interpreter.load(skills, bundles=[built.bundle])
    tests = read_tests(built.skill, SKILLS / name / "heldout.yaml").sentences
    own = [test for test in tests if "intent" in test.stated]

    def typed(number: int, text: str) -> Interpretation:
        return interpreter.understand(text)

    yield from judged(name, own, typed, "held-out sentences", show)
    strangers = [test for test in tests if "intent" not in test.stated]
    taken = [test.say for test in strangers if accepted(interpreter.understand(test.say), name)]
    yield Figure("accepted", f"skill {name}", len(taken), len(strangers), "sentences not for it")
    if show:
        print("\n".join(f"  taken: {text}" for text in taken))
    if spoken:
        heard = listener(built.skill, interpreter)
        yield from judged(name, own, heard, "held-out sentences, spoken", show)
        yield from judged(
            name, draw(built.skill, interpreter, drawn), heard, "sentences of its templates, spoken", show
        )


def judged(name: str, tests: Sequence[SentenceTest], read: Read, condition: str, show: bool) -> Iterator[Figure]:
    """How many sentences are understood."""
    intents = exact = 0
    for number, test in enumerate(tests):
        meant = read(number, test.say)
        right = accepted(meant, name) and meant.intent == test.stated["intent"]
        whole = right and all(meant.values.get(slot) == value for slot, value in test.stated["slots"].items())
        intents, exact = intents + right, exact + whole
        if show and not whole:
            state = "rejected" if meant.rejected else f"{meant.skill} {meant.intent} {meant.values}"
            print(f"  {test.say!r} as {meant.text!r}: {state}, meant {test.stated['intent']} {test.stated['slots']}")
    yield Figure("intent right", f"skill {name}", intents, len(tests), condition)
    yield Figure("intent and slots right", f"skill {name}", exact, len(tests), condition)


def accepted(meant: Interpretation, name: str) -> bool:
    """Whether the skill would do or ask something."""
    return not meant.rejected and meant.skill == name


def listener(skill: Skill, interpreter: Interpreter) -> Read:
    """Sentences spoken by the voices in turn, recognised with the skill's grammar, and understood."""
    assert {voice.id for voice in VOICES} <= RESERVED
    recognizer = Recognizer.load()
    recognizer.set_grammar(join_grammars({skill.name: grammar_of(skill)}))

    def read(number: int, text: str) -> Interpretation:
        samples = speak(text, VOICES[number % len(VOICES)])
        return meaning_of(interpreter, recognizer.transcribe(samples))

    return read


def draw(skill: Skill, interpreter: Interpreter, count: int) -> list[SentenceTest]:
    """Sentences of the templates, equally many of each intent, and what they mean as text."""
    rng = np.random.default_rng(SEED)
    samples = sample_sentences(skill, -(-count // len(skill.intents)), rng)
    tests = []
    for place in sorted(rng.permutation(len(samples))[:count]):
        text = samples[place].text
        meant = interpreter.understand(text)
        if meant.skill == skill.name:
            tests.append(SentenceTest(line=0, say=text, stated={"intent": meant.intent, "slots": meant.values}))
    return tests


if __name__ == "__main__":
    main()
