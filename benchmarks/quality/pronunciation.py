"""Pronunciations of English words from their letters: the part of CMUdict that no training of ours saw.

    HARKEN_DATA=... python -m benchmarks.quality.pronunciation [--words 0] [--peers PYTHON] [--record]

Our two pronouncers guess; gruut, espeak-ng and the front end of hibari-tts answer as they are, with the words that
their own dictionaries happen to have; gruut's has most of these, and its guesser was trained on them. All are compared
without stress, and once more with what their conventions write differently taken as equal: reduced vowels, ER and
AH R, AO and AA. With --peers, an interpreter that has gruut and hibari-tts. Speed: words per second of one core, one
word at a time and in batches.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

from benchmarks.peers.letters import SCRIPTS, espeak, other
from harken.bundle import load_bundle
from harken.languages.locale import Phones
from harken.metrics.result import Result, append_result
from harken.phones.dictionary import Words
from harken.phones.pronouncer import Pronouncer
from harken.phones.sets import strip_stress
from harken.recipes.phones.pronouncer.config import Config
from harken.recipes.phones.pronouncer.english import english_parts
from harken.recipes.phones.pronouncer.figures import RECIPE, figures

COMMAND = "python -m benchmarks.quality.pronunciation"
OURS = ("pronouncer-en", "pronouncer-multilingual")
_ALIKE = {"IH": ("AH",), "UH": ("AH",), "AO": ("AA",), "ER": ("AH", "R")}
STRICT, LENIENT = "without stress", "without stress, conventions alike"


def lenient(phones: Sequence[str]) -> Phones:
    """Phones with those alike that systems write differently."""
    same = [part for phone in phones for part in _ALIKE.get(phone, (phone,))]
    return tuple(part for place, part in enumerate(same) if not (part == "R" and same[place - 1 : place] == ["R"]))


def compare(
    words: Words, system: str, answers: Sequence[Phones], bundles: dict[str, str], command: str
) -> list[Result]:
    """Word and phone error of a system's answers, strictly and leniently."""
    results = []
    for condition, form in ((STRICT, strip_stress), (LENIENT, lambda way: lenient(strip_stress(way)))):
        asked = [[form(way) for way in ways] for ways in words.values()]
        given = [[form(answer)] if answer else [] for answer in answers]
        results += figures(
            asked, given, "cmudict test", condition=f"{condition}, beside others", command=command, system=system,
            bundles=bundles,
        )  # fmt: skip
    return results


def ours(name: str, words: Words, command: str) -> list[Result]:
    """Errors, size and speed of a bundle of ours."""
    pronouncer, alone, together = (Pronouncer.load(name) for _ in range(3))  # each remembers its answers
    alone.pronounce("warm")
    together.pronounce("warm")
    answers = [guesses[0].phones if guesses else () for guesses in pronouncer.pronounce_all(list(words))]
    kept = {name: pronouncer.bundle.hash}
    results = compare(words, f"harken, {name}", answers, kept, command)
    some = list(words)[:500]
    for condition, work in (
        ("one at a time", lambda: [alone.pronounce(word) for word in some]),
        ("in batches", lambda: together.pronounce_all(some)),
    ):
        results.append(
            _plain("words per second", len(some) / _seconds(work), "1/s", len(some), condition, name, command)
        )
    size = load_bundle(name).size / 1e6
    return [*results, _plain("size", size, "MB", 1, "", name, command)]


def _plain(metric: str, value: float, unit: str, n: int, condition: str, name: str, command: str) -> Result:
    return Result(
        recipe=RECIPE, metric=metric, value=value, unit=unit, n=n, set="cmudict test", condition=condition,
        system=f"harken, {name}", command=command, bundles={name: load_bundle(name).hash},
    )  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=0, help="at most; 0: all")
    parser.add_argument("--peers", metavar="PYTHON", default="", help="interpreter that has gruut and hibari-tts")
    parser.add_argument("--record", action="store_true", help="append to the recipe's results.jsonl")
    args = parser.parse_args()
    words = english_parts(Config())["test"]
    words = dict(list(words.items())[: args.words or None])
    results = [result for name in OURS for result in ours(name, words, COMMAND)]
    answered = [espeak(list(words))]
    answered += [other(system, list(words), args.peers) for system in SCRIPTS if args.peers]
    for system, answers in answered:
        results += compare(words, system, answers, {}, COMMAND)
    for result in results:
        print(f"{result.system}: {result.metric}, {result.condition}: {result.figure} (n = {result.n})")
        if args.record:
            append_result(result)


if __name__ == "__main__":
    main()
