"""Home Assistant's English sentence tests through our exact reader and through hassil, its own.

    HARKEN_DATA=... python -m benchmarks.quality.hassil [--noise 0.1] [--sources DIR] [--wrong] [--write]

The sentences of the pack's ha-intents (`sentences/en`) become a skill by `harken skill import`, with the names of their
test home (`tests/en/_fixtures.yaml`); hassil loads the same files. Both read the test sentences as they are, and with
word noise: each word is, with the given probability, replaced by a word of the other sentences, left out, or followed
by one. The same noise for both. Right: the intent, and all slots; slots that come from the room of the device that
hears are not judged, because our skill does not know it. With noise, the meaning may have changed; what counts is then
how often another intent or other values are read, and how often the sentence is rejected.
"""

from __future__ import annotations

import argparse
import io
import re
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hassil.intents import Intents, SlotList, TextSlotList
from hassil.recognize import recognize_best
from hassil.util import merge_dict

from harken.languages.loading import load_locale
from harken.metrics.intervals import wilson
from harken.metrics.result import Result, append_result
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import read_skill
from harken.paths import data
from harken.workshop.skill_import import import_skill

RECIPE, COMMAND = "nlu/interpreter", "python -m benchmarks.quality.hassil"
SET = "Home Assistant's English sentence tests"
ARCHIVE = "text/ha-intents.tar.xz"
SEED = 5


@dataclass(frozen=True)
class Asked:
    """A test sentence and what it means."""

    text: str
    intent: str
    slots: Mapping[str, Any]
    context: Mapping[str, Any]


Reading = tuple[str, Mapping[str, Any]] | None
"""Intent and slots; None: rejected."""


@dataclass
class Tally:
    """Answers of one reader in one condition."""

    intents: int = 0
    right: int = 0
    rejected: int = 0
    n: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def results(self, system: str, condition: str) -> Iterator[Result]:
        counts = {"intent right": self.intents, "intent and slots right": self.right, "rejected": self.rejected,
                  "read as something else": self.n - self.right - self.rejected}  # fmt: skip
        for metric, hits in counts.items():
            low, high = wilson(hits, self.n)
            yield Result(
                recipe=RECIPE, metric=metric, unit="%", value=round(100 * hits / self.n, 2), low=round(100 * low, 2),
                high=round(100 * high, 2), n=self.n, set=SET, condition=condition, system=system, command=COMMAND,
            )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; with --write also into the recipe's results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noise", type=float, default=0.1, help="probability that a word is disturbed")
    parser.add_argument("--sources", type=Path, help="the unpacked ha-intents; from the data root by default")
    parser.add_argument("--wrong", action="store_true", help="print what was read wrongly")
    parser.add_argument("--write", action="store_true", help="add the figures to the recipe's results.jsonl")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        sources = options.sources or unpack(Path(folder))
        asked = list(read_tests(sources / "tests" / "en"))
        readers = {"harken, exact reader": our_reader(sources, Path(folder)), "hassil": their_reader(sources)}
    noisy = disturb([test.text for test in asked], options.noise)
    for condition, texts in (("as written", [test.text for test in asked]), (f"word noise {options.noise:.0%}", noisy)):
        for system, read in readers.items():
            tally = count(asked, texts, read)
            print(f"{system}, {condition}: {1000 * tally.seconds / tally.n:.2f} ms a sentence")
            for result in tally.results(system, condition):
                print(f"  {result.metric:28s} {result.figure:26s} n={result.n}")
                if options.write:
                    append_result(result)
            if options.wrong:
                print("\n".join(f"    {line}" for line in tally.wrong))


def unpack(folder: Path) -> Path:
    """The sentences and tests of the pack."""
    with tarfile.open(fileobj=io.BytesIO((data() / ARCHIVE).read_bytes())) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.rglob("sentences")).parent


def read_tests(folder: Path) -> Iterator[Asked]:
    """Every sentence of the tests."""
    for file in sorted(folder.glob("*.yaml")):
        for test in yaml.safe_load(file.read_text(encoding="utf-8")).get("tests", ()):
            meant = test["intent"]
            context = meant.get("context") or {}
            slots = {name: value for name, value in (meant.get("slots") or {}).items() if name not in context}
            for text in test["sentences"]:
                yield Asked(text, meant["name"], slots, context)


def our_reader(sources: Path, folder: Path) -> Callable[[Asked, str], Reading]:
    """The imported skill, read by its sentences alone."""
    place, notes = import_skill(
        sorted((sources / "sentences" / "en").glob("*.yaml")), "ha", name="house", to=folder,
        entities=sources / "tests" / "en" / "_fixtures.yaml",
    )  # fmt: skip
    print(f"{len(notes)} notes on what was not taken over")
    skill = read_skill(place)
    interpreter = Interpreter({skill.name: skill}, {}, None, locale=load_locale())

    def read(test: Asked, text: str) -> Reading:
        meant = interpreter.understand(text)
        plain = not (meant.rejected or meant.negated or meant.when or meant.then)
        return (meant.intent, meant.values) if plain else None

    return read


def their_reader(sources: Path) -> Callable[[Asked, str], Reading]:
    """hassil on the same files, used as Home Assistant's own tests use it."""
    merged: dict[str, Any] = {}
    for file in sorted((sources / "sentences" / "en").glob("*.yaml")):
        merge_dict(merged, yaml.safe_load(file.read_text(encoding="utf-8")))
    intents = Intents.from_dict(merged)
    lists = named_lists(sources / "tests" / "en" / "_fixtures.yaml")

    def read(test: Asked, text: str) -> Reading:
        found = recognize_best(
            text, intents, slot_lists=lists, intent_context=dict(test.context), best_slot_name="name"
        )
        if found is None:
            return None
        return found.intent.name, {name: entity.value for name, entity in found.entities.items()}

    return read


def named_lists(fixtures: Path) -> dict[str, SlotList]:
    """The test home's names."""
    home = yaml.safe_load(fixtures.read_text(encoding="utf-8"))
    names = [
        (entity["name"], re.sub(r"[\[\]()|]", "", entity["name"]),
         {"domain": str(entity["id"]).split(".")[0], "state": entity.get("state"), **(entity.get("attributes") or {})})
        for entity in home["entities"]
    ]  # fmt: skip
    return {
        "name": TextSlotList.from_tuples(names, allow_template=True, name="name"),
        "area": TextSlotList.from_tuples([(area["name"], area["name"]) for area in home["areas"]], name="area"),
        "floor": TextSlotList.from_tuples([(floor["name"], floor["name"]) for floor in home["floors"]], name="floor"),
    }


def disturb(texts: Sequence[str], probability: float) -> list[str]:
    """Sentences with words replaced, left out and added."""
    rng = np.random.default_rng(SEED)
    vocabulary = sorted({word for text in texts for word in text.lower().split()})
    out = []
    for text in texts:
        words: list[str] = []
        for word in text.split():
            other = vocabulary[int(rng.integers(len(vocabulary)))]
            kind = int(rng.integers(3)) if rng.random() < probability else -1
            words += {-1: [word], 0: [other], 1: [], 2: [word, other]}[kind]
        out.append(" ".join(words) or text)
    return out


def count(asked: Sequence[Asked], texts: Sequence[str], read: Callable[[Asked, str], Reading]) -> Tally:
    """Read and compare."""
    tally = Tally(n=len(asked))
    for test, text in zip(asked, texts, strict=True):
        begun = time.perf_counter()
        reading = read(test, text)
        tally.seconds += time.perf_counter() - begun
        if reading is None:
            tally.rejected += 1
            tally.wrong.append(f"{text!r}: rejected, meant {test.intent} {dict(test.slots)}")
            continue
        intent, values = reading
        values = {name: value for name, value in values.items() if name not in test.context}
        tally.intents += intent == test.intent
        if intent == test.intent and same(values, test.slots):
            tally.right += 1
        else:
            tally.wrong.append(f"{text!r}: {intent} {values}, meant {test.intent} {dict(test.slots)}")
    return tally


def same(values: Mapping[str, Any], meant: Mapping[str, Any]) -> bool:
    """Whether values are those of a test, which may name several that are right."""
    read = {name: value for name, value in values.items() if value not in ("", None)}
    if read.keys() != meant.keys():
        return False
    several = {name: value if isinstance(value, list) else [value] for name, value in meant.items()}
    return all(plain(value) in map(plain, several[name]) for name, value in read.items())


def plain(value: Any) -> Any:
    """Text without case, apostrophes and marks at its ends."""
    return value.strip(" .,!?").lower().replace("'", "") if isinstance(value, str) else value


if __name__ == "__main__":
    main()
