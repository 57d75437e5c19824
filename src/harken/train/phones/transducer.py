"""Words of many languages as training material of the pronouncer's network, and its training task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from harken.errors import DataError
from harken.metrics.wer import nearest_errors
from harken.phones.dictionary import Phones, Words
from harken.phones.inventory import NEXT, PADDING, Inventory, normal_word, spelling
from harken.phones.transducer import Answer, search
from harken.train.phones.configs import LearningConfig
from harken.train.phones.monotonic import align
from harken.train.phones.network import Network, smoothed_loss

Ints = NDArray[np.int64]


class Errors(NamedTuple):
    """Errors of the best answer against the nearest listed pronunciation."""

    words: int
    wrong: int
    phone_errors: int
    phones: int

    @property
    def word_error(self) -> float:
        """Share of the words with any phone wrong."""
        return self.wrong / self.words

    @property
    def phone_error(self) -> float:
        """Phone errors relative to the phones listed."""
        return self.phone_errors / self.phones


def inventory_of(words: Mapping[str, Words], *, rare: int = 1) -> Inventory:
    """The letters and phones of the training words; letters seen less than `rare` times in all are unknown."""
    counts = {language: Counter(letter for word in own for letter in spelling(word)) for language, own in words.items()}
    total = sum(counts.values(), Counter[str]())
    kept = sorted(letter for letter, count in total.items() if count >= rare)
    written = {language: frozenset(kept) & frozenset(own) for language, own in counts.items()}
    spoken = {
        language: frozenset(phone for ways in own.values() for way in ways for phone in way)
        for language, own in words.items()
    }
    phones = sorted(frozenset().union(*spoken.values()))
    return Inventory(tuple(kept), tuple(phones), tuple(words), spoken, written)


class Material:
    """Aligned pronunciations as flat arrays, and batches of them.

    Args:
        words: language -> its words.
        inventory: rows and outputs.
        history: past phones that the decoder sees.
        origins: normal word -> distribution over the languages [languages]; by default none.

    Raises:
        DataError: no pronunciation can be aligned.
    """

    def __init__(
        self, words: Mapping[str, Words], inventory: Inventory, *, history: int,
        origins: Mapping[str, NDArray[np.float32]] | None = None,
    ):  # fmt: skip
        self.inventory, self._history = inventory, history
        outputs = {phone: number for number, phone in enumerate(inventory.phones, NEXT + 1)}
        kept: list[tuple[int, str, list[int], list[int], NDArray[np.int8]]] = []
        for language, entries in words.items():
            pairs = [
                (word, inventory.rows(word), [outputs[phone] for phone in way])
                for word, ways in entries.items() for way in ways
            ]  # fmt: skip
            row = inventory.language(language)
            for (word, letters, phones), counts in zip(pairs, align([p[1:] for p in pairs]), strict=True):
                if counts is not None:
                    kept.append((row, word, letters, phones, counts))
        if not kept:
            raise DataError("no pronunciation can be aligned with its letters; expected words and their phones")
        self.language = np.array([item[0] for item in kept])
        self.origins = None if origins is None else np.stack([origins[normal_word(item[1])] for item in kept])
        self.letters = _Flat([item[2] for item in kept])
        self.phones = _Flat([[NEXT] * history + item[3] for item in kept])
        self.targets, self.places, self.done, self.said = (
            _Flat(part) for part in zip(*(_steps(item[3], item[4]) for item in kept), strict=True)
        )

    def __len__(self) -> int:
        return len(self.language)

    def batch(self, chosen: Ints) -> dict[str, Tensor]:
        """Arrays of the chosen pronunciations; the steps of all of them one after the other."""
        lengths = self.letters.sizes[chosen]
        letters = np.full((len(chosen), int(lengths.max())), PADDING, np.int64)
        letters[np.arange(letters.shape[1]) < lengths[:, None]] = self.letters.rows(chosen)
        steps = self.targets.sizes[chosen]
        row = np.repeat(np.arange(len(chosen)), steps)
        first = np.repeat(self.phones.starts[chosen], steps) + self.done.rows(chosen)
        arrays = {
            "letters": letters,
            "language": self.language[chosen],
            "row": row * letters.shape[1] + self.places.rows(chosen),
            "past": self.phones.values[first[:, None] + np.arange(self._history)],
            "said": self.said.rows(chosen),
            "target": self.targets.rows(chosen),
        }
        if self.origins is not None:
            arrays["origin"] = self.origins[chosen]
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


class TransducerTask:
    """Trains the network; the best checkpoint is the one with the fewest wrong words on dev, as a mean of languages.

    Args:
        network: the network.
        material: to learn from.
        dev: language -> words to choose by.
        config: what a step learns from.
    """

    def __init__(self, network: Network, material: Material, dev: Mapping[str, Words], config: LearningConfig):
        self._network, self._material, self._config = network, material, config
        self._dev = {language: _some(words, config.dev_words) for language, words in dev.items()}
        counts = np.bincount(material.language, minlength=len(material.inventory.languages)).astype(float)
        share = np.where(counts > 0, np.maximum(counts, 1) ** config.temperature, 0)
        if config.favoured:
            share[material.inventory.language(config.favoured)] *= config.favour
        self._draws = share / share.sum() * len(material)

    @property
    def module(self) -> nn.Module:
        return self._network

    def batches(self, epoch: int, rng: np.random.Generator) -> list[Ints]:
        chosen = np.concatenate([self._drawn(row, count, rng) for row, count in enumerate(self._draws)])
        lengths = self._material.letters.sizes[chosen] + rng.random(len(chosen)) * 1.5
        chosen = chosen[np.argsort(lengths)]
        starts = range(0, len(chosen), self._config.batch)
        listed = [chosen[start : start + self._config.batch] for start in starts]
        return [listed[i] for i in rng.permutation(len(listed))]

    def loss(self, batch: Ints, rng: np.random.Generator) -> tuple[Tensor, Mapping[str, float]]:
        arrays = self._material.batch(batch)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._config.half):
            memory, origin = self._network.encode(arrays["letters"], arrays["language"])
            logits = self._network.decode(memory.flatten(0, 1)[arrays["row"]], arrays["past"], arrays["said"])
        loss = smoothed_loss(logits, arrays["target"], self._config.smoothing)
        if not self._config.origin:
            return loss, {}
        wanted, found = arrays["origin"], origin.float().log_softmax(dim=1)
        beside = (wanted * (wanted.clamp_min(1e-9).log() - found)).sum(dim=1).mean()
        return loss + self._config.origin * beside, {"origin": float(beside.detach())}

    def validate(self) -> Mapping[str, float]:
        found = [
            measure(self._network, self._material.inventory, language, words) for language, words in self._dev.items()
        ]
        word_error = float(np.mean([errors.word_error for errors in found]))
        phone_error = float(np.mean([errors.phone_error for errors in found]))
        return {"loss": word_error, "word error": word_error, "phone error": phone_error}

    def _drawn(self, row: int, count: float, rng: np.random.Generator) -> Ints:
        own = np.flatnonzero(self._material.language == row)
        if not len(own):
            return own
        wanted = max(1, round(count))
        whole = [rng.permutation(own) for _ in range(-(-wanted // len(own)))]
        return np.concatenate(whole)[:wanted]


def answers_of(
    network: Network, inventory: Inventory, language: str, words: Iterable[str], *, nbest: int = 1, beam: int = 1,
    masked: bool = True,
) -> list[list[Answer]]:  # fmt: skip
    """Answers of the network in training, without a bundle."""
    rows = [inventory.rows(word) for word in words]
    return search(
        rows, [inventory.language(language)] * len(rows), inventory, *_sides(network),
        history=network.config.history, nbest=nbest, beam=beam, masked=masked,
    )  # fmt: skip


def measure(network: Network, inventory: Inventory, language: str, words: Words, *, beam: int = 1) -> Errors:
    """Errors of the network in training on the words of a language."""
    answers = answers_of(network, inventory, language, words, beam=beam)
    return errors_of(list(words.values()), [ways[0].phones if ways else () for ways in answers])


def errors_of(listed: Sequence[Sequence[Phones]], given: Sequence[Phones]) -> Errors:
    """Errors of one answer a word."""
    counts = [nearest_errors(ways, answer) for ways, answer in zip(listed, given, strict=True)]
    wrong = sum(errors > 0 for errors, _ in counts)
    return Errors(len(counts), wrong, sum(errors for errors, _ in counts), sum(size for _, size in counts))


def _sides(network: Network) -> tuple[Any, Any]:
    network.eval()

    def encode(letters: Ints, languages: Ints) -> NDArray[np.float32]:
        with torch.no_grad():
            memory: NDArray[np.float32] = network.encode(torch.from_numpy(letters), torch.from_numpy(languages))[
                0
            ].numpy()
        return np.asarray(memory)

    def decode(memory: NDArray[np.float32], past: Ints, said: Ints) -> NDArray[np.float32]:
        with torch.no_grad():
            parts = (torch.from_numpy(part) for part in (memory, past, said))
            logits: NDArray[np.float32] = network.decode(*parts).numpy()
        return logits

    return encode, decode


class _Flat:
    """Lists of numbers, one after the other."""

    def __init__(self, lists: Sequence[Sequence[int]]):
        self.sizes = np.array([len(item) for item in lists])
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        self.values = np.concatenate([np.asarray(item, np.int64) for item in lists])

    def rows(self, chosen: Ints) -> Ints:
        """The numbers of the chosen lists."""
        sizes = self.sizes[chosen]
        offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        values: Ints = self.values[np.repeat(self.starts[chosen], sizes) + offsets]
        return values


def _steps(phones: Sequence[int], counts: NDArray[np.int8]) -> tuple[list[int], list[int], list[int], list[int]]:
    """For each step: what is said or NEXT, at which letter, after how many phones in all and at this letter."""
    targets, places, done, said = [], [], [], []
    position = 0
    for place, count in enumerate(counts):
        for number in range(int(count) + 1):
            targets.append(phones[position] if number < count else NEXT)
            places.append(place)
            done.append(position)
            said.append(number)
            position += number < count
    return targets, places, done, said


def _some(words: Words, count: int) -> Words:
    step = max(1, len(words) // count)
    return {word: ways for number, (word, ways) in enumerate(words.items()) if number % step == 0}
