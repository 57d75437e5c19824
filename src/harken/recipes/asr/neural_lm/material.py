"""What the neural language model learns from: corpora as numbers, their weights, the vocabulary, and dev.

Everything is made from the prepared sentences of a run and stays the same as long as these do; weights and vocabulary
are written down in the run folder.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.neural.model import CLASSES, NAME
from harken.asr.ngram.model import END, SPECIAL, START, UNKNOWN
from harken.recipes.asr.ngram.prepared import read_sentences
from harken.recipes.asr.ngram.texts import NAMES, Sentence, development_requests, transcripts
from harken.train.asr.neural.network import NetworkConfig
from harken.train.asr.neural.sampler import Mixture, Sentences
from harken.train.asr.neural.task import TaskConfig
from harken.train.asr.ngram.interpolation import mixture_weights
from harken.train.asr.ngram.kneser_ney import count_ngrams, train_kneser_ney
from harken.train.schedule import LoopConfig

NAMED = "tatoeba-en"
"""The text in which every other given name becomes the class of personal words."""
REQUESTS = "requests"
"""Name of the dev set of requests; the others are named after their corpora."""
SPOKEN_DEV = ("common-voice", "librispeech", "speechocean762")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The recipe's settings."""

    corpora: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Name of a corpus -> its texts."""
    outside: tuple[str, ...] = ()
    """Corpora that are not of the domain: the network learns from them first."""
    words: int = 20_000
    """Size of the vocabulary."""
    counted: Mapping[str, float] = field(default_factory=dict)
    """Corpus -> factor on its counts where the vocabulary is chosen; 1 when not named."""
    longest: int = 40
    """Words of a sentence; later ones are cut off."""
    limit: int = 0
    """At most this many sentences of each text; 0: all."""
    floor: float = 0.005
    """Least weight of a corpus in the mixture."""
    requests: int = 400
    """Sentences of the dev set of requests."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    task: TaskConfig = field(default_factory=TaskConfig)
    first: LoopConfig = field(default_factory=LoopConfig)
    """Learning from what is not of the domain; 0 steps: none."""
    second: LoopConfig = field(default_factory=LoopConfig)
    """Learning from the mixture."""
    seed: int = 0
    rescoring: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the rescoring pass, fitted on dev."""


class Material:
    """The corpora of a run.

    Args:
        config: settings.
        run: folder with prepared sentences.
    """

    def __init__(self, config: Config, run: Path):
        self.config, self.run = config, run

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The vocabulary: classes, then the most frequent words; as written down, if it was."""
        file = self.run / "words.txt"
        if file.is_file():
            return tuple(file.read_text(encoding="utf-8").split("\n"))
        seen: Counter[str] = Counter()
        for name, sentences in self._texts.items():
            factor = self.config.counted.get(name, 1.0)
            for word, often in Counter(word for sentence in sentences for word in sentence).items():
                seen[word] += factor * often  # type: ignore[assignment]
        seen.pop(NAME, None)
        ranked = sorted(seen.items(), key=lambda entry: (-entry[1], entry[0]))
        chosen = (*CLASSES, *(word for word, _ in ranked[: self.config.words - len(CLASSES)]))
        file.write_text("\n".join(chosen), encoding="utf-8")
        return chosen

    @cached_property
    def corpora(self) -> dict[str, Sentences]:
        """The corpora in numbers."""
        return {name: self._encode(sentences) for name, sentences in self._texts.items()}

    @cached_property
    def dev_texts(self) -> dict[str, list[Sentence]]:
        """Sentences of dev, by corpus."""
        spoken = {corpus: transcripts(corpus, "dev") for corpus in SPOKEN_DEV}
        return {**spoken, REQUESTS: list(development_requests(self.config.requests))}

    @cached_property
    def dev(self) -> dict[str, Sentences]:
        """Dev in numbers."""
        return {name: self._encode(sentences) for name, sentences in self.dev_texts.items()}

    def weights(self, dev: Sequence[str] = ()) -> dict[str, float]:
        """Share of each corpus in the mixture: n-gram models of the corpora, mixed so that dev is likeliest.

        Args:
            dev: names of the dev sets that count; all when empty.
        """
        file = self.run / "weights.json"
        kept: dict[str, dict[str, float]] = json.loads(file.read_text()) if file.is_file() else {}
        key = " ".join(dev) or "all"
        if key not in kept:
            models = [self._models[name] for name in self._texts]
            texts = [sentences for name, sentences in self.dev_texts.items() if name in dev or not dev]
            found = np.maximum(mixture_weights(models, texts, iterations=200), self.config.floor)
            kept[key] = dict(zip(self._texts, (found / found.sum()).tolist(), strict=True))
            file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        return kept[key]

    def mixture(self, weights: Mapping[str, float]) -> Mixture:
        """The corpora with these weights; those of weight 0 are left out."""
        return Mixture(self.corpora, {name: weight for name, weight in weights.items() if weight > 0})

    def unigram(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Share of each word [V] in the mixture; none is 0."""
        total = np.full(len(self.words), 1e-7)
        for name, corpus in self.corpora.items():
            often = np.bincount(corpus.ids, minlength=len(self.words)).astype(np.float64)
            often[END] = len(corpus)
            total += weights[name] * often / often.sum()
        total[START] = 1e-9
        return np.asarray(total / total.sum())

    @cached_property
    def _texts(self) -> dict[str, list[list[str]]]:
        return {name: list(self._read(texts)) for name, texts in self.config.corpora.items()}

    @cached_property
    def _models(self) -> dict[str, Any]:
        words = SPECIAL + self.words[len(SPECIAL) :]
        return {name: train_kneser_ney(count_ngrams(text, words)) for name, text in self._texts.items()}

    def _read(self, texts: Iterable[str]) -> Iterator[list[str]]:
        for text in texts:
            sentences = read_sentences(self.run, text)
            yield from _with_classes(sentences) if text == NAMED else sentences

    def _encode(self, sentences: Iterable[Sequence[str]]) -> Sentences:
        ids = {word: number for number, word in enumerate(self.words)}
        cut = [sentence[: self.config.longest] for sentence in sentences]
        flat = np.array([ids.get(word, UNKNOWN) for sentence in cut for word in sentence], np.int32)
        return Sentences(flat, np.cumsum([0, *map(len, cut)]))


def _with_classes(sentences: Iterable[list[str]]) -> Iterator[list[str]]:
    """Every other given name as the class of personal words."""
    numbers, names = count(), set(NAMES)
    for sentence in sentences:
        yield [NAME if word in names and next(numbers) % 2 else word for word in sentence]
