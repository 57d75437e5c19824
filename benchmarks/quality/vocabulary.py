"""Words that no training has seen: three skills full of rare names and invented words, spoken by two synthesisers.

    HARKEN_DATA=... python -m benchmarks.quality.vocabulary [--sentences 60] [--voices espeak-ng:en-us ...]
                                       [--strangers 40] [--record] [--keep FILE.jsonl]

Only the YAML of the skills (`skills/` next to this file) is known. Sentences are drawn from their templates; each is
spoken by one voice of every synthesiser, which reads the names by its own rules. They are recognised with the general
model alone, with the general model and the words of the skill's lists expected, and with the general model and the
skill's grammar; an interpreter of the three skills reads them. Exact: intent and all slots. Slot recall: share of the
slot values that are found. Intervals: 95 % bootstrap over sentences.

False insertions: how often words of the three skills' lists are heard in sentences of librispeech `dev` that do not say
them, per 1,000 words, with all of them expected and without; and the word error rates. The acoustic model must not have
been trained on the synthesisers.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.bundles import RECOGNIZER, hashes
from harken.asr.recognizer import Recognizer
from harken.data.utterances import read_corpus
from harken.data.voices import DebianVoice, parse_voice, speak
from harken.events import Samples
from harken.metrics.intervals import Interval, bootstrap_ratio
from harken.metrics.result import Result, append_result
from harken.metrics.wer import WordErrors, word_errors
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.templates import grammar_of, sample_sentences
from harken.text.grammar import join_grammars
from harken.text.words import normalize_words
from harken.workshop.skills import interpreter_of

SKILLS = Path(__file__).parent / "skills"
VOICES = ("espeak-ng:en-us", "espeak-ng:en-gb+f3", "espeak-ng:en-gb-scotland+m3", "flite:slt", "flite:rms", "flite:awb")
CONDITIONS = ("general model", "general model, words expected", "skill's grammar")
BUNDLES = (*RECOGNIZER, "interpreter-en")
STRANGERS = "librispeech", "dev"
SEED = 0


@dataclass(frozen=True)
class Spoken:
    """A sentence of a skill, as one voice says it."""

    skill: str
    text: str
    voice: DebianVoice
    samples: Samples


@dataclass(frozen=True)
class Answer:
    """What was heard and understood."""

    spoken: Spoken
    heard: str
    exact: bool
    right: int
    """Slot values that are right."""
    slots: int


@dataclass
class Inserted:
    """Listed words heard although nobody said them."""

    parts: list[tuple[float, float]] = field(default_factory=list)
    """(inserted, words) of each sentence."""
    errors: WordErrors = field(default_factory=WordErrors)


def draw(skill: Skill, count: int) -> list[str]:
    """Sentences of a skill, equally many of each intent."""
    rng = np.random.default_rng(SEED)
    sentences = [sample.text for sample in sample_sentences(skill, -(-count // len(skill.intents)), rng)]
    return [sentences[place] for place in sorted(rng.permutation(len(sentences))[:count])]


def say_all(skills: Sequence[Skill], voices: Sequence[DebianVoice], count: int) -> list[Spoken]:
    """Every sentence by every synthesiser, whose voices take turns."""
    spoken = []
    for program in dict.fromkeys(voice.program for voice in voices):
        own = [voice for voice in voices if voice.program == program]
        for skill in skills:
            for place, text in enumerate(draw(skill, count)):
                voice = own[place % len(own)]
                spoken.append(Spoken(skill.name, text, voice, speak(text, voice)))
    return spoken


def listed_words(skill: Skill) -> list[str]:
    """The words of a skill's own lists."""
    return sorted({word for wanted in skill.lists.values() for words, _ in wanted.entries for word in words})


def set_up(recognizer: Recognizer, skill: Skill, condition: str) -> None:
    """Give the recogniser what it may expect in a condition."""
    if condition == CONDITIONS[2]:
        recognizer.set_grammar(join_grammars({skill.name: grammar_of(skill)}))
    else:
        recognizer.set_grammar(None, words=listed_words(skill) if condition == CONDITIONS[1] else ())


def understand(interpreter: Interpreter, spoken: Spoken, heard: str) -> Answer:
    """Compare what was understood with what the text itself means."""
    wanted, reading = interpreter.understand(spoken.text), interpreter.understand(heard)
    if wanted.rejected or wanted.skill != spoken.skill:
        raise SystemExit(f"'{spoken.text}' is not read as a sentence of {spoken.skill}; the skills overlap")
    values = reading.values if not reading.rejected and reading.skill == spoken.skill else {}
    right = sum(values.get(name) == value for name, value in wanted.values.items())
    exact = not reading.rejected and (reading.skill, reading.intent) == (wanted.skill, wanted.intent)
    return Answer(spoken, heard, exact and values == wanted.values, right, len(wanted.values))


def run(skills: Sequence[Skill], spoken: Sequence[Spoken]) -> dict[str, list[Answer]]:
    """Condition -> all answers."""
    recognizer, interpreter = Recognizer.load(), interpreter_of(skills)
    answers: dict[str, list[Answer]] = {condition: [] for condition in CONDITIONS}
    for condition in CONDITIONS:
        for skill in skills:
            set_up(recognizer, skill, condition)
            for sentence in spoken:
                if sentence.skill == skill.name:
                    heard = recognizer.transcribe(sentence.samples).text
                    answers[condition].append(understand(interpreter, sentence, heard))
    return answers


def strangers(skills: Sequence[Skill], count: int) -> dict[str, Inserted]:
    """Condition -> what the listed words do to real speech that does not say them."""
    words = sorted({word for skill in skills for word in listed_words(skill)})
    utterances = read_corpus(*STRANGERS)
    picked = sorted(np.random.default_rng(SEED).permutation(len(utterances))[:count])
    recognizer, inserted_by = Recognizer.load(), {}
    for condition in CONDITIONS[:2]:
        recognizer.set_words(words if condition == CONDITIONS[1] else ())
        inserted_by[condition] = inserted = Inserted()
        for place in picked:
            wanted = normalize_words(utterances[place].text or "")
            heard = normalize_words(recognizer.transcribe(utterances[place].read()).text)
            more = Counter(heard) - Counter(wanted)
            inserted.parts.append((float(sum(more[word] for word in words)), float(len(wanted))))
            inserted.errors += word_errors(wanted, heard)
    return inserted_by


def share(parts: Sequence[tuple[float, float]]) -> tuple[float, Interval]:
    """A ratio of sums with its interval."""
    above, below = (sum(column) for column in zip(*parts, strict=True))
    return above / below, bootstrap_ratio(parts, rng=np.random.default_rng(SEED))


def report(answers: dict[str, list[Answer]], command: str, record: bool) -> None:
    """Print by synthesiser and skill, record by synthesiser."""
    programs = list(dict.fromkeys(answer.spoken.voice.program for answer in answers[CONDITIONS[0]]))
    for program in programs:
        for condition, heard in answers.items():
            own = [answer for answer in heard if answer.spoken.voice.program == program]
            exact = share([(float(answer.exact), 1.0) for answer in own])
            recall = share([(float(answer.right), float(answer.slots)) for answer in own])
            print(f"{program:10} {condition:30} exact {_percent(*exact)}  slot recall {_percent(*recall)}  "
                  f"{len(own)} sentences, {sum(answer.slots for answer in own)} slots; {_by_skill(own)}",
                  flush=True)  # fmt: skip
            if record:
                _record(f"unseen vocabulary by {program}", condition, len(own), command,
                        {"sentences exactly understood": exact, "slot values found": recall})  # fmt: skip


def _by_skill(answers: Iterable[Answer]) -> str:
    counts: dict[str, list[int]] = {}
    for answer in answers:
        right, slots = counts.setdefault(answer.spoken.skill, [0, 0])
        counts[answer.spoken.skill] = [right + answer.right, slots + answer.slots]
    return ", ".join(f"{skill} {100 * right / slots:.0f} %" for skill, (right, slots) in counts.items())


def report_strangers(insertions: dict[str, Inserted], command: str, record: bool) -> None:
    """Print, and record if asked."""
    for condition, inserted in insertions.items():
        rate, interval = share(inserted.parts)
        print(f"{' '.join(STRANGERS)}: {condition:30} {1000 * rate:.2f} [{1000 * interval.low:.2f}, "
              f"{1000 * interval.high:.2f}] listed words inserted per 1,000, word error rate "
              f"{100 * inserted.errors.rate:.1f} %, {len(inserted.parts)} sentences")  # fmt: skip
        if record:
            append_result(Result(
                recipe="asr/acoustic", metric="listed words inserted per 1,000 words", value=round(1000 * rate, 3),
                low=round(1000 * interval.low, 3), high=round(1000 * interval.high, 3), n=len(inserted.parts),
                set=" ".join(STRANGERS), condition=condition, command=command, bundles=hashes(BUNDLES),
                note=f"word error rate {100 * inserted.errors.rate:.1f} %",
            ))  # fmt: skip


def _record(
    name: str, condition: str, count: int, command: str, figures: dict[str, tuple[float, Interval]]
) -> None:  # fmt: skip
    for metric, (value, interval) in figures.items():
        append_result(Result(
            recipe="asr/acoustic", metric=metric, unit="%", value=round(100 * value, 2),
            low=round(100 * interval.low, 2), high=round(100 * interval.high, 2), n=count, set=name,
            condition=condition, command=command, bundles=hashes(BUNDLES),
        ))  # fmt: skip


def _percent(value: float, interval: Interval) -> str:
    return f"{100 * value:5.1f} % [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=60, help="of each skill")
    parser.add_argument("--voices", nargs="*", default=list(VOICES), help="PROGRAM:NAME")
    parser.add_argument("--strangers", type=int, default=40, help="sentences of librispeech dev; 0: none")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    parser.add_argument("--keep", type=Path, help="append every answer to this JSON-lines file")
    options = parser.parse_args()
    command = "python -m benchmarks.quality.vocabulary"
    skills = [read_skill(path.parent) for path in sorted(SKILLS.glob("*/skill.yaml"))]
    answers = run(skills, say_all(skills, [parse_voice(text) for text in options.voices], options.sentences))
    report(answers, command, options.record)
    if options.strangers:
        report_strangers(strangers(skills, options.strangers), command, options.record)
    if options.keep:
        _keep(options.keep, answers)


def _keep(path: Path, answers: dict[str, list[Answer]]) -> None:
    with path.open("a", encoding="utf-8") as file:
        for condition, heard in answers.items():
            for answer in heard:
                spoken = answer.spoken
                row = {"condition": condition, "voice": spoken.voice.id, "text": spoken.text, "heard": answer.heard,
                       "exact": answer.exact, "found": answer.right, "slots": answer.slots}  # fmt: skip
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
