"""Spoken coffee orders: intent and all slots exactly right, clean and in kitchen noise, compared with pocketsphinx.

    HARKEN_DATA=... python -m benchmarks.quality.commands [--splits test dev] [--snr 12 ...] [--sample N] [--no-peer]
                                     [--peers FILE.jsonl] [--skills all] [--record] [--keep FILE.jsonl]

The systems know only the skill's YAML: its grammar joins the general language model (harken), or is all that can be
said (pocketsphinx + grammar); the third system is pocketsphinx with its default model. All answers go through the same
interpreter. With `--skills all`, every shipped skill listens at once. Noise: the pack's kitchen recordings at the given
ratio of active speech level to noise; with `--beside`, people who read aloud (librispeech `dev`) instead. Intervals:
95 % bootstrap over voices; Wilson where all or none are right.
Rejection: sentences of librispeech `test` that are taken for an order.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.bundles import hashes
from benchmarks.peers.kept import Answer, Kept, timed
from benchmarks.quality.heard import meaning_of
from harken.asr.recognizer import Recognizer
from harken.data.mixing import mix_at_snr
from harken.data.utterances import Utterance, read_corpus
from harken.events import SAMPLE_RATE, Interpretation, Samples, Transcript
from harken.languages.loading import load_locale
from harken.metrics.intervals import bootstrap_ratio, wilson
from harken.metrics.result import Result, append_result
from harken.nlu.interpreter import Interpreter
from harken.nlu.shipped import read_shipped_skills, shipped_skill_files
from harken.nlu.skill_file import Skill
from harken.nlu.spoken_requests import grammar_of_all
from harken.text.grammar import Grammar

SKILL = "coffee"
BUNDLES = ("acoustic-en", "ngram-en", "lexicon-en", "confidence-en", "interpreter-en")
STRANGERS = ("librispeech", "test", 100)
"""Corpus, split and number of sentences that are not orders."""


@dataclass
class Run:
    """One system in one condition."""

    rows: list[tuple[Utterance, str, bool]] = field(default_factory=list)
    """(recording, text heard, exactly right)."""
    seconds: float = 0.0
    sound: float = 0.0


def read_skills(names: Sequence[str]) -> list[Skill]:
    """Shipped skills by name."""
    return read_shipped_skills(load_locale(), names)


def grammar(skills: Sequence[Skill]) -> Grammar:
    """What can be said to these skills."""
    return grammar_of_all(skills)


class Hearing:
    """Our recogniser. It keeps the transcript of the last recording: the interpreter reads all that was heard."""

    def __init__(self, recognizer: Recognizer):
        self._recognizer = recognizer
        self.transcript: Transcript | None = None

    def __call__(self, samples: Samples) -> str:
        """The words of a recording."""
        self.transcript = self._recognizer.transcribe(samples)
        return self.transcript.text


def read(interpreter: Interpreter, answer: Answer | Kept, text: str) -> Interpretation:
    """What is understood of a system's last answer: as in the assistant, or as if it had been typed."""
    if not isinstance(answer, Hearing) or answer.transcript is None:
        return interpreter.understand(text)
    return meaning_of(interpreter, answer.transcript)


def is_right(reading: Interpretation, utterance: Utterance) -> bool:
    """Whether exactly the intent and slots of the recording were understood."""
    return not reading.rejected and reading.intent == utterance.intent and reading.values == dict(utterance.slots)


def noisy(samples: Samples, place: int, snr: float | None, noise: Callable[[], Samples] | None = None) -> Samples:
    """The recording in a noise, that of a kitchen if none is given; its place in the list determines the piece."""
    if snr is None:
        return samples
    return mix_at_snr(samples, (noise or kitchen)(), snr, rng=np.random.default_rng(place))


@cache
def reading() -> Samples:
    """Two minutes and more of people who read aloud, without long pauses: sentences of librispeech `dev`."""
    sentences = read_corpus("librispeech", "dev")
    picked = np.random.default_rng(0).permutation(len(sentences))[:20]
    return np.concatenate([sentences[place].read() for place in picked])


@cache
def kitchen() -> Samples:
    """The kitchen of the `test` noises, two minutes."""
    return next(u for u in read_corpus("noise", "test") if u.label == "kitchen").read()


def run_all(
    systems: dict[str, Answer | Kept], interpreter: Interpreter, utterances: list[Utterance], snr: float | None,
    noise: Callable[[], Samples] | None = None,
) -> dict[str, Run]:  # fmt: skip
    """Every system on every recording, taking turns."""
    runs = {name: Run() for name in systems}
    for place, utterance in enumerate(utterances):
        samples = noisy(utterance.read(), place, snr, noise)
        for name, transcribe in systems.items():
            text, seconds = timed(transcribe, samples)
            runs[name].seconds += seconds
            runs[name].sound += len(samples) / SAMPLE_RATE
            runs[name].rows.append((utterance, text, is_right(read(interpreter, transcribe, text), utterance)))
    return runs


def choose(split: str, sample: int) -> list[Utterance]:
    """Orders of a split, or the first of a seeded shuffle."""
    orders = [u for u in read_corpus("coffee-commands", split) if u.intent]
    order = np.random.default_rng(0).permutation(len(orders))[: sample or len(orders)]
    return [orders[place] for place in sorted(order)]


def make_recognizer(skills: Sequence[Skill]) -> Hearing:
    """Our recogniser, with the grammar of the skills and the general model."""
    return Hearing(Recognizer.load(grammar=grammar(skills)))


def make_peers(skills: Sequence[Skill], path: Path | None) -> dict[str, Kept]:
    """pocketsphinx, bound to the grammar and free."""
    from benchmarks.peers.sphinx import NAME, Sphinx

    wanted = grammar(skills)
    bound, kind = f"{NAME} + grammar", ", ".join(skill.name for skill in skills)
    return {
        bound: Kept(f"{bound} ({kind})", lambda: Sphinx(wanted).text, path),
        NAME: Kept(NAME, lambda: Sphinx().text, path),
    }


def report(split: str, sound: str, runs: dict[str, Run], skills: str, record: bool, command: str) -> None:
    """Print, and record if asked."""
    condition = sound + ("" if skills == SKILL else ", all skills")
    for system, run in runs.items():
        by_voice: dict[str, list[bool]] = {}
        for utterance, _, right in run.rows:
            by_voice.setdefault(utterance.speaker or "", []).append(right)
        total, hits = len(run.rows), sum(right for _, _, right in run.rows)
        parts = [(float(sum(own)), float(len(own))) for own in by_voice.values()]
        varies = len(parts) > 1 and 0 < hits < total  # without a fault (or a hit), voices do not differ
        interval = bootstrap_ratio(parts, rng=np.random.default_rng(0)) if varies else wilson(hits, total)
        rtf = run.seconds / run.sound
        rate = f"{100 * hits / total:5.1f} % [{100 * interval.low:.1f}, "
        print(f"{split:5} {condition:22} {system:28} {rate}"
              f"{100 * interval.high:.1f}]  {hits} of {total}, {len(parts)} voices, RTF {rtf:.3f}")  # fmt: skip
        if record:
            append_result(Result(
                recipe="asr/acoustic", metric="orders exactly understood", unit="%", value=round(100 * hits / total, 2),
                low=round(100 * interval.low, 2), high=round(100 * interval.high, 2), n=total,
                set=f"coffee-commands {split}", condition=condition, system=system, command=command,
                bundles=hashes(BUNDLES) if system == "harken" else {},
                note=f"{len(parts)} voices, RTF {rtf:.3f}",
            ))  # fmt: skip


def strangers(recognize: Answer, interpreter: Interpreter) -> tuple[int, int]:
    """How many of the sentences that are not orders are rejected, and how many there are."""
    corpus, split, count = STRANGERS
    utterances = read_corpus(corpus, split)
    picked = np.random.default_rng(0).choice(len(utterances), count, replace=False)
    answers = [read(interpreter, recognize, recognize(utterances[place].read())) for place in sorted(picked)]
    return sum(reading.rejected or not reading.skill for reading in answers), count


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", nargs="*", default=["test", "dev"])
    parser.add_argument("--snr", nargs="*", type=float, default=[12.0], help="dB; clean is always measured")
    parser.add_argument("--beside", nargs="*", type=float, default=[], help="dB of the speaker above read speech")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--skills", choices=[SKILL, "all"], default=SKILL)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument(
        "--peers", type=Path, help="keep the peer's answers in this JSON-lines file, and use those in it"
    )
    parser.add_argument("--no-rejection", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    everyone = list(shipped_skill_files(load_locale()))
    skills = read_skills([SKILL] if options.skills == SKILL else everyone)
    ours = make_recognizer(skills)
    each: dict[str, Answer | Kept] = {"harken": ours, **({} if options.no_peer else make_peers(skills, options.peers))}
    interpreter = Interpreter.load(skills)
    command = f"python -m benchmarks.quality.commands --snr {' '.join(f'{snr:g}' for snr in options.snr)}".strip()
    command += " --beside " + " ".join(f"{snr:g}" for snr in options.beside) if options.beside else ""
    command += " --skills all" if options.skills == "all" else ""
    sounds = [("clean", None, kitchen), *((f"kitchen noise {snr:g} dB", snr, kitchen) for snr in options.snr),
              *((f"read speech {snr:g} dB", snr, reading) for snr in options.beside)]  # fmt: skip
    for split in options.splits:
        utterances = choose(split, options.sample)
        for sound, snr, noise in sounds:
            runs = run_all(each, interpreter, utterances, snr, noise)
            report(split, sound, runs, options.skills, options.record, command)
            if options.keep:
                _keep(options.keep, split, sound, runs)
    if not options.no_rejection:
        rejected, count = strangers(ours, interpreter)
        low, high = wilson(rejected, count)
        print(f"rejected: {rejected} of {count} sentences of {STRANGERS[0]} {STRANGERS[1]} "
              f"[{100 * low:.1f}, {100 * high:.1f}] %")  # fmt: skip


def _keep(path: Path, split: str, sound: str, runs: dict[str, Run]) -> None:
    with path.open("a", encoding="utf-8") as file:
        for system, run in runs.items():
            for utterance, text, right in run.rows:
                row = {"split": split, "sound": sound, "system": system, "audio": utterance.audio.name, "heard": text}
                file.write(json.dumps({**row, "slots": dict(utterance.slots), "right": right}) + "\n")


if __name__ == "__main__":
    main()
