"""One trial of the comparison: a set, inputs, a seed and a share of the training sentences give counts on test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from harken.languages.loading import load_locale
from harken.metrics.spans import Chunk, count_spans
from harken.nlu.units import PhoneBook, Units
from harken.phones.neighbours import Neighbours
from harken.phones.pronunciation import Pronunciation
from harken.recipes.nlu.subword_tagger.sets import SETS, read_set
from harken.train.nlu.tagger import SubwordTagger, TaggerSizes
from harken.train.nlu.tagger_task import Encoder, Tagged, TaggerTask, find_spans, known_words, tag_names
from harken.train.schedule import LoopConfig

INPUTS: Mapping[str, tuple[str, ...]] = {
    "word": ("word",), "char": ("char",), "phone": ("phone",), "byte": ("byte",), "subword": ("char", "phone", "byte"),
    "all": ("word", "char", "phone", "byte"),
}  # fmt: skip
"""What a model may see, by name."""
SPOKEN = ("en",)
"""Languages with a pronouncer."""
RESULT, SPOILED = "result.json", (10, 20, 30)
"""Per cent of words that are replaced by close ones when robustness is measured."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one network is trained on and with."""

    set: str
    inputs: str
    seed: int = 1
    share: int = 100
    """Per cent of the training sentences."""
    crf: bool = True

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.set}-{self.inputs}-{self.share}{'' if self.crf else '-softmax'}-{self.seed}"


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Sizes of the networks and how they learn."""

    char: int = 24
    phone: int = 24
    byte: int = 16
    word: int = 100
    unit_state: int = 48
    state: int = 104
    input_dropout: float = 0.2
    dropout: float = 0.4
    kind_dropout: float = 0.1
    word_dropout: float = 0.1
    exchanged: float = 0.5
    """Share of the rare words that become another rare word with the same tag."""
    batch: int = 32
    passes: float = 1.0
    """Factor of the epochs of each set."""
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(lr=4e-3, weight_decay=1e-2, average=0.995))


def run_trial(trial: Trial, config: NetworkConfig, folder: Path, book: Path) -> Mapping[str, Any]:
    """Train and measure, unless the folder holds the result already.

    Args:
        trial: which.
        config: the network and its training.
        folder: of this trial.
        book: file with the phonemes of words.
    """
    import torch

    from harken.train.loop import best_weights, fit

    if (folder / RESULT).is_file():
        done: Mapping[str, Any] = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        return done
    parts = read_set(trial.set)
    train = shared(parts["train"], trial.share)
    kinds = kinds_of(trial)
    torch.manual_seed(trial.seed)
    spoken = pronunciation(SETS[trial.set].language)
    phones = PhoneBook(spoken, book)
    words = known_words(train) if "word" in kinds else []
    units = Units.of(word for sentence in train for word in sentence.words)
    encoder = Encoder(units, [kind for kind in kinds if kind != "word"], words, phones)
    network = SubwordTagger(_sizes(config, kinds, trial), encoder.sizes, tag_names(train))
    task = TaggerTask(
        network, encoder, train, parts["dev"], batch=config.batch, word_dropout=config.word_dropout,
        exchanged=config.exchanged,
    )  # fmt: skip
    steps, epoch = _steps(config, trial, len(train))
    loop = replace(config.loop, steps=steps, validate_every=epoch, seed=trial.seed)
    fit(task, loop, folder, quiet=True)
    network.load_state_dict(best_weights(folder))
    report = {**asdict(trial), **_measured(network, encoder, parts, train, spoken)}
    phones.save()
    (folder / RESULT).write_text(json.dumps(report) + "\n", encoding="utf-8")
    for checkpoint in (folder / "latest").glob("*"):
        checkpoint.unlink()
    return report


def kinds_of(trial: Trial) -> tuple[str, ...]:
    """What the network of a trial sees; phonemes only where harken can say the words."""
    speaks = SETS[trial.set].language in SPOKEN
    return tuple(kind for kind in INPUTS[trial.inputs] if kind != "phone" or speaks)


@cache
def pronunciation(language: str) -> Pronunciation | None:
    """How the words of a language are said; None if harken has no pronouncer for it."""
    return Pronunciation.load(load_locale(language)) if language in SPOKEN else None


def shared(sentences: Sequence[Tagged], share: int) -> list[Tagged]:
    """The given per cent of the sentences, evenly spread; the smaller parts do not depend on a seed."""
    return [s for place, s in enumerate(sentences) if (place * share) // 100 != ((place + 1) * share) // 100]


def _sizes(config: NetworkConfig, kinds: Sequence[str], trial: Trial) -> TaggerSizes:
    return TaggerSizes(
        units={kind: getattr(config, kind) for kind in kinds if kind != "word"}, unit_state=config.unit_state,
        pooled=True, words=config.word if "word" in kinds else 0, state=config.state,
        input_dropout=config.input_dropout, dropout=config.dropout, kind_dropout=config.kind_dropout, crf=trial.crf,
    )  # fmt: skip


def _steps(config: NetworkConfig, trial: Trial, sentences: int) -> tuple[int, int]:
    """Steps in all, and between validations: a twentieth of the sentences gets about four times as many epochs."""
    epoch = -(-sentences // config.batch)
    epochs = max(1, round(config.passes * SETS[trial.set].epochs * (100 / trial.share) ** 0.46))
    return epochs * epoch, max(epoch, 1) * (1 if trial.share == 100 else max(1, epochs // 20))


def _measured(
    network: SubwordTagger, encoder: Encoder, parts: Mapping[str, Sequence[Tagged]], train: Sequence[Tagged],
    spoken: Pronunciation | None,
) -> dict[str, Any]:  # fmt: skip
    seen = {word.lower() for sentence in train for word in sentence.words}
    sizes = {"parameters": sum(p.numel() for p in network.parameters()), "rows": network.reader.rows}
    report: dict[str, Any] = {**sizes}
    for split in ("dev", "test"):
        counts, unseen = _counts(parts[split], find_spans(network, encoder, [s.words for s in parts[split]]), seen)
        report[split] = {"counts": counts, "unseen": unseen, "f1": _f1(counts), "unseen_f1": _f1(unseen)}
    if spoken is not None:
        neighbours = Neighbours(spoken)
        for share in SPOILED:
            rng = np.random.default_rng([7, share])
            spoiled = [replace(s, words=neighbours.misheard(s.words, share / 100, rng)) for s in parts["test"]]
            counts, _ = _counts(spoiled, find_spans(network, encoder, [s.words for s in spoiled]), seen)
            report[f"test {share}% close words"] = {"counts": counts, "f1": _f1(counts)}
    return report


def _counts(
    sentences: Sequence[Tagged], answers: Sequence[Sequence[Chunk]], seen: set[str]
) -> tuple[list[list[int]], list[list[int]]]:
    """(right, wanted, found) of each sentence: of all spans, and of those with a word that training did not see."""

    def unseen(sentence: Tagged, spans: Sequence[Chunk]) -> Iterator[Chunk]:
        return (s for s in spans if any(word.lower() not in seen for word in sentence.words[s[1] : s[2]]))

    pairs = list(zip(sentences, answers, strict=True))
    whole = [count_spans(s.spans, found) for s, found in pairs]
    rare = [count_spans(unseen(s, s.spans), unseen(s, found)) for s, found in pairs]
    return ([[c.right, c.wanted, c.found] for c in whole], [[c.right, c.wanted, c.found] for c in rare])


def _f1(counts: Sequence[Sequence[int]]) -> float:
    right, wanted, found = (sum(row[i] for row in counts) for i in range(3))
    return 200 * right / max(1, wanted + found)
