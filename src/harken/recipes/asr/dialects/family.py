"""A family of dialects: speech with alignments in each dialect's own phones, lexicons, and the map to common phones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.asr.graph.acceptor import Acceptor
from harken.asr.graph.compiler import Pronounce, compile_graph
from harken.asr.search.space import SearchSpace
from harken.phones.dictionary import Phones
from harken.phones.sets import SILENCE
from harken.train.asr.dialects import DialectExample

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, kw_only=True)
class DialectSpeech:
    """An utterance, or a part of one."""

    example: DialectExample
    """Targets in the dialect's own phones."""
    words: tuple[str, ...]
    speaker: str


@dataclass(frozen=True, kw_only=True)
class DialectLabels:
    """Output labels of a dialect and the common labels that they become."""

    own: tuple[str, ...]
    """Silence and the dialect's phones."""
    common: NDArray[np.int64]
    """[P of the dialect] common label of each own label."""

    def to_common(self, targets: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """Classes (entered, held) of own labels as classes of the common labels, of which there are `size`."""
        held = targets >= len(self.own)
        return self.common[targets - held * len(self.own)] + held * size


@dataclass(frozen=True, kw_only=True)
class Family:
    """Dialects that are learned together.

    Attributes:
        pivot: dialect from which transfer begins.
        labels: of each dialect, in the order of the table.
        common: silence and the common phones.
        pronounce: each dialect's pronunciations in its own phones.
        space: (labels, pronounce) -> what can be said, the same language model for all.
    """

    pivot: str
    labels: Mapping[str, DialectLabels]
    common: tuple[str, ...]
    spoken: Mapping[tuple[str, str], Sequence[DialectSpeech]]
    """By dialect and split."""
    pronounce: Mapping[str, Pronounce]
    space: Callable[[tuple[str, ...], Pronounce], SearchSpace]

    @property
    def dialects(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.labels)

    def scrambled(self, rng: np.random.Generator) -> Family:
        """The same with a random map for all dialects but the pivot: a control that must not work."""
        labels = {
            name: own if name == self.pivot else replace(own, common=_permuted(own.common, rng))
            for name, own in self.labels.items()
        }
        return replace(self, labels=labels)

    def space_of(self, dialect: str, *, common: bool) -> SearchSpace:
        """What can be said in a dialect, in its own labels or in the common ones."""
        labels, pronounce = self.labels[dialect], self.pronounce[dialect]
        if not common:
            return self.space(labels.own, pronounce)
        names = {own: self.common[labels.common[number]] for number, own in enumerate(labels.own)}

        def mapped(word: str) -> list[Phones]:
            return list(dict.fromkeys(tuple(names[phone] for phone in way) for way in pronounce(word)))

        return self.space(self.common, mapped)


def trigram_space(acceptor: Acceptor, labels: tuple[str, ...], pronounce: Pronounce) -> SearchSpace:
    """A language model over some labels, for `Family.space`; the measurement sets the options of the search."""
    return SearchSpace.of(compile_graph(acceptor, pronounce, labels), labels.index(SILENCE))


def _permuted(common: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Silence stays; the other images are shuffled."""
    mixed = common.copy()
    mixed[1:] = rng.permutation(common[1:])
    return mixed


def targets_of(segments: Sequence[tuple[int, int, int]], steps: int, phones: int) -> NDArray[np.int64]:
    """Classes [steps] of an alignment: phone where it is entered, phones + phone where it is held.

    Args:
        segments: (phone, first step, step after the last), contiguous from 0.
        steps: of the recording.
        phones: P.
    """
    targets = np.empty(steps, np.int64)
    for phone, start, end in segments:
        targets[start:end] = phones + phone
        targets[start : start + 1] = phone
    return targets


def save_targets(path: Path, rows: Mapping[str, NDArray[np.int64]]) -> None:
    """Alignments by name, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".fresh.npz")
    sizes = np.array([len(row) for row in rows.values()])
    np.savez(
        fresh, sizes=sizes, targets=np.concatenate([*rows.values(), np.zeros(0, np.int64)]).astype(np.int16),
        names=np.frombuffer("\n".join(rows).encode(), np.uint8),
    )  # fmt: skip
    fresh.replace(path)


def load_targets(path: Path) -> dict[str, NDArray[np.int64]]:
    """What `save_targets` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        names = archive["names"].tobytes().decode().split("\n")
        ends = np.cumsum(archive["sizes"])[:-1]
        return dict(zip(names, np.split(archive["targets"].astype(np.int64), ends), strict=True))


def silence_first(phones: set[str]) -> tuple[str, ...]:
    """Labels: silence, then the phones in alphabetical order."""
    return (SILENCE, *sorted(phones - {SILENCE}))
