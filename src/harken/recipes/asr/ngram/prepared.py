"""Prepared sentences of a run: normalised, without what dev and test hold, one a line, one text after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from harken.errors import DataError
from harken.recipes.asr.ngram.texts import HeldOut, read_texts

SENTENCES, FACTS = "sentences.txt", "texts.json"


def write_sentences(names: Sequence[str], run: Path, *, limit: int = 0) -> None:
    """Write the sentences of texts, and how many there are of each.

    Args:
        names: of texts, see `harken.recipes.asr.ngram.texts`.
        run: folder to write to.
        limit: at most this many sentences of each text; 0: all.
    """
    run.mkdir(parents=True, exist_ok=True)
    held_out = HeldOut.of_corpora()
    counts: dict[str, dict[str, int]] = {}
    with (run / SENTENCES).open("w", encoding="utf-8") as file:
        for name in names:
            kept = dropped = words = 0
            for sentence in read_texts([name]):
                if held_out.holds(sentence):
                    dropped += 1
                    continue
                file.write(" ".join(sentence) + "\n")
                kept, words = kept + 1, words + len(sentence)
                if kept == limit:
                    break
            counts[name] = {"sentences": kept, "words": words, "held out": dropped}
    (run / FACTS).write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")


def read_facts(run: Path) -> dict[str, dict[str, int]]:
    """Sentences, words and dropped sentences of each text."""
    facts: dict[str, dict[str, int]] = json.loads((run / FACTS).read_text(encoding="utf-8"))
    return facts


def read_sentences(run: Path, text: str = "") -> Iterator[list[str]]:
    """Prepared sentences of all texts, or of one.

    Raises:
        DataError: nothing was prepared, or the run lacks that text.
    """
    file = run / SENTENCES
    if not file.is_file():
        raise DataError(f"{file} is missing; run the recipe's prepare step first (`harken train ... --only prepare`)")
    first, last = _lines_of(run, text)
    with file.open(encoding="utf-8") as lines:
        for line in islice(lines, first, last):
            yield line.split()


def _lines_of(run: Path, text: str) -> tuple[int, int | None]:
    """First line of a text, and the line after its last one."""
    if not text:
        return 0, None
    facts = read_facts(run)
    if text not in facts:
        raise DataError(f"the run has no text '{text}'; it has {', '.join(facts)}")
    names = list(facts)
    first = sum(facts[name]["sentences"] for name in names[: names.index(text)])
    return first, first + int(facts[text]["sentences"])
