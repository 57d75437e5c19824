"""Sentences that the encoder learns from: requests to assistants, customers' talk, everyday and novels' sentences.

Only training parts are read. Sentences that stand in the dev or test part of CLINC150 or HWU64 are left out wherever
they come from. A twentieth of the everyday sentences (by hash) is kept for measurements.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from harken.nlu.skill_file import Skill
from harken.nlu.templates import sample_sentences
from harken.recipes.nlu.interpreter.texts import (
    HWU,
    HWU_FIXED,
    HWU_UNCLEAR,
    NOBODY,
    RealRequest,
    archive,
    members,
    read_requests,
)
from harken.text.words import normalize_words

LONGEST = 24
"""Longer sentences are left out."""
LABELLED = ("clinc150", "hwu64", "slurp", "skills")
"""Sources whose labels the encoder learns."""
PER_INTENT, COPIES, SINGLE_WORDS = 150, 3, 12_000
"""Sampled sentences of an intent of ours; spoilt copies of a labelled sentence; words that are whole sentences."""
MOST = {"snips": 20_000, "multiwoz": 60_000, "novels": 50_000}
"""Source -> at most this many sentences."""
COURTESIES = frozenset({"openinggreeting", "closinggreeting", "thankyou", "confirmation", "rejection"})
"""Intents of MultiDoGO that our conversation answers."""
NAMES = (
    "anna ben carlos diana emma frank george hannah ivan julia kevin laura maria nina oliver paul rachel sarah peter "
    "susan david linda james alice robert lucy michael emily john olivia daniel sophie william grace henry mia jack "
    "chloe sam ella jake amy lisa mark nora adam ruth leo zoe max"
).split()
_QUOTED = re.compile(r"[\"“]([^\"”]{8,160})[\"”]")
_TOM, _MARY = re.compile(r"\btom\b"), re.compile(r"\bmary\b")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence, where it is from, and its public label ('' when it has none)."""

    words: tuple[str, ...]
    source: str
    label: str = ""


def everyday(part: str) -> list[Sentence]:
    """Sentences of Tatoeba, 'train' or 'test' (a twentieth); the ever-present Tom and Mary get other names."""
    lines = next(text for name, text in members(archive("tatoeba-en"), ".txt")).splitlines()
    rng = np.random.default_rng(5)
    kept = []
    for line in lines:
        if (zlib.crc32(line.encode()) % 20 == 0) == (part == "test"):
            text = " ".join(normalize_words(line))
            for name in (_TOM, _MARY):
                text = name.sub(NAMES[int(rng.integers(len(NAMES)))], text)
            kept.append(Sentence(words=tuple(text.split()), source="tatoeba-en"))
    return kept


def assistant_requests(part: str) -> list[Sentence]:
    """Requests of slurp-train with their intents, 'train' or 'test' (a tenth), without those that HWU64 measures."""
    taken = _measured()
    rows = [
        json.loads(line) for line in next(text for _, text in members(archive("slurp-train"), ".jsonl")).splitlines()
    ]
    kept = []
    for row in rows:
        words = tuple(normalize_words(row["sentence"]))
        if words not in taken and (zlib.crc32(" ".join(words).encode()) % 10 == 0) == (part == "test"):
            kept.append(Sentence(words=words, source="slurp", label=row["intent"]))
    return kept


def more_requests(part: str) -> list[RealRequest]:
    """Requests of slurp-train, whose intents are those of HWU64; 'train' or 'test'. Debatable ones are left out."""
    kept = []
    for sentence in assistant_requests(part):
        if sentence.label not in HWU_UNCLEAR:
            skill, intent = HWU.get(sentence.label, (NOBODY, ""))
            kept.append(
                RealRequest(
                    words=sentence.words,
                    source="slurp",
                    label=sentence.label,
                    skill=skill,
                    intent=intent,
                    fixed=HWU_FIXED.get(sentence.label),
                )
            )
    return kept


def customer_turns(*, courtesies: bool = True) -> list[Sentence]:
    """Customers' turns of MultiDoGO's training parts; greetings, thanks, yes and no only with `courtesies`."""
    turns = []
    for name, text in members(archive("multidogo"), "train.tsv"):
        if "sentence_level" in name:
            domain = name.split("/")[-2]
            for row in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
                if not courtesies and row["intent"] in COURTESIES:
                    continue
                words = tuple(normalize_words(row["utterance"] or ""))
                turns.append(Sentence(words=words, source="multidogo", label=f"{domain}.{row['intent']}"))
    return turns


def unlabelled() -> Iterator[Sentence]:
    """SNIPS requests, MultiWOZ turns, speech in novels."""
    for name, text in members(archive("snips-atis"), "seq.in"):
        if "snips/train" in name:
            yield from (Sentence(words=tuple(normalize_words(line)), source="snips") for line in text.splitlines())
    for name, text in members(archive("multiwoz22-text"), ".txt"):
        if "train_dialogues" in name:
            yield from (
                Sentence(words=tuple(normalize_words(line)), source="multiwoz") for line in text.splitlines() if line
            )
    for _, text in members(archive("novels"), ".txt"):
        for match in _QUOTED.finditer(text):
            yield Sentence(words=tuple(normalize_words(match[1])), source="novels")


def labelled(split: str) -> list[Sentence]:
    """CLINC150 (with its out-of-scope part, label 'oos') and HWU64, every label."""
    requests = read_requests(split, unclear=True)
    return [Sentence(words=request.words, source=request.source, label=request.label) for request in requests]


@cache
def _measured() -> frozenset[tuple[str, ...]]:
    return frozenset(sentence.words for split in ("dev", "test") for sentence in labelled(split))


def once(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Each sentence once, the first that has it; without measured ones, empty ones and long ones."""
    taken, kept = _measured(), dict[tuple[str, ...], Sentence]()
    for sentence in sentences:
        if 0 < len(sentence.words) <= LONGEST and sentence.words not in taken:
            kept.setdefault(sentence.words, sentence)
    return list(kept.values())


def spoilt(words: Sequence[str], rng: np.random.Generator, others: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """A sentence near another: words dropped, exchanged for words of other sentences, swapped, or two halves joined."""
    how, kept = int(rng.integers(4)), list(words)
    stranger = others[int(rng.integers(len(others)))]
    if how == 0 and len(kept) > 2:
        del kept[int(rng.integers(len(kept)))]
    elif how == 1:
        for _ in range(1 + len(kept) // 6):
            kept[int(rng.integers(len(kept)))] = stranger[int(rng.integers(len(stranger)))]
    elif how == 2:
        cut = int(rng.integers(1, len(kept) + 1))
        kept = kept[:cut] + list(stranger[int(rng.integers(len(stranger))) :])
    elif len(kept) > 1:
        place = int(rng.integers(len(kept) - 1))
        kept[place], kept[place + 1] = kept[place + 1], kept[place]
    return tuple(kept[:LONGEST])


def encoder_sentences(skills: Sequence[Skill], rng: np.random.Generator) -> list[Sentence]:
    """All that the encoder learns from: labelled requests, customers, speech, spoilt copies, single words."""
    own = [
        Sentence(words=sample.words, source="skills", label=f"{skill.name}.{sample.intent}")
        for skill in skills
        for sample in sample_sentences(skill, PER_INTENT, rng)
    ]
    labels = [*labelled("train"), *assistant_requests("train"), *own]
    others = list(unlabelled())
    drawn = [
        sentence
        for source, most in MOST.items()
        for sentence in _some(once(s for s in others if s.source == source), most, rng)
    ]
    known = once([*labels, *customer_turns(), *drawn, *everyday("train")])
    words = [sentence.words for sentence in known]
    copied = [sentence for sentence in known if sentence.source in LABELLED]
    copies = [
        Sentence(words=spoilt(sentence.words, rng, words), source="spoilt")
        for sentence in copied
        for _ in range(COPIES)
    ]
    counts = Counter(word for sentence in words for word in sentence)
    single = [Sentence(words=(word,), source="word") for word, _ in counts.most_common(SINGLE_WORDS)]
    return once([*known, *copies, *single])


def vocabulary(sentences: Iterable[Sentence], size: int) -> list[str]:
    """The commonest words; those of requests count six times."""
    counts: Counter[str] = Counter()
    for sentence in sentences:
        for word in sentence.words:
            counts[word] += 6 if sentence.source in LABELLED else 1
    return [word for word, _ in counts.most_common(size)]


def _some(sentences: Sequence[Sentence], most: int, rng: np.random.Generator) -> list[Sentence]:
    return [sentences[i] for i in rng.permutation(len(sentences))[:most]]
