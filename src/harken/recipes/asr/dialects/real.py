"""Real dialects: native readers (US) and Mandarin-accented learners, adults and children, with their dictionaries.

The learners' dictionary is that of non-native speakers, whose pronunciations come from many accents, or, in the family
`real-arpabet`, the shipped one, which is what they were taught to say. Alignments are made by a recogniser in common
ARPAbet: each dialect phone is scored as the ARPAbet phone that spells it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.asr.acoustic.model import AcousticModel
from harken.asr.graph.compiler import Pronounce
from harken.asr.search.source import load_space
from harken.asr.search.space import SearchSpace
from harken.audio.features import Frames
from harken.data.utterances import read_corpus
from harken.phones.dialect_table import reviewed_map
from harken.phones.dialects import NOISE_PHONE, DialectLexicon, load_dialects
from harken.phones.dictionary import Phones
from harken.phones.phone_map import PhoneMap
from harken.phones.pronunciation import Unstressed
from harken.recipes.asr.acoustic.material import Config as AcousticConfig
from harken.recipes.asr.acoustic.material import Material, corpus_store
from harken.recipes.asr.dialects.family import (
    SPLITS,
    DialectLabels,
    DialectSpeech,
    Family,
    load_targets,
    save_targets,
    silence_first,
    targets_of,
)
from harken.train.asr.align import Alignment, align_sentence
from harken.train.asr.data import Piece, Speech, cut, whole_pieces
from harken.train.asr.dialects import DialectExample
from harken.train.asr.mmi import sentence_graph

CHILD_AGE = 16
CORPUS_OF: Mapping[str, str] = {
    "us": "librispeech", "mandarin-adults": "speechocean762", "mandarin-children": "speechocean762",
}  # fmt: skip
"""Dialect -> corpus."""
PIVOT = "us"
MOST_WAYS = 4
"""Pronunciations of a word, at most."""
LONGEST_PART = 150
"""Steps (30 ms) of a part for training."""


def make_family(folder: Path, *, shipped: bool = False, acoustic: str = "acoustic-en") -> Family:
    """Speech, dictionaries and map.

    Args:
        folder: keeps the alignments.
        shipped: the learners read the shipped dictionary, not that of non-native speakers.
        acoustic: bundle that aligns.
    """
    phone_map = reviewed_map()
    lexicons = load_dialects(("us", "nonnative"))
    spelling = Unstressed()
    common = silence_first(set(phone_map.common) - {NOISE_PHONE})
    pivot = OwnPhones(lexicons["us"], phone_map, common, spelling)
    learners: Dictionary
    if shipped:
        learners = ArpabetPhones(pivot, spelling)
    else:
        learners = OwnPhones(lexicons["nonnative"], phone_map, common, spelling)
    own = {dialect: pivot if dialect == PIVOT else learners for dialect in CORPUS_OF}
    material = Material(AcousticConfig())
    model = AcousticModel.load(acoustic)
    spoken = {}
    for dialect, corpus in CORPUS_OF.items():
        for split in SPLITS:
            speech = _speech(material, corpus, split, dialect)
            spoken[dialect, split] = list(_spoken(speech, dialect, own[dialect], model, folder, split))
    labels = {dialect: phones.labels for dialect, phones in own.items()}
    pronounce: dict[str, Pronounce] = dict(own)
    return Family(pivot=PIVOT, labels=labels, common=common, spoken=spoken, pronounce=pronounce, space=general_space)


def general_space(labels: tuple[str, ...], pronounce: Pronounce) -> SearchSpace:
    """The shipped general language model over some labels."""
    return load_space(labels, pronounce=pronounce)


class OwnPhones:
    """A dictionary in its own phones, allophones folded; words that it lacks are spelled from ARPAbet.

    Args:
        lexicon: the dictionary.
        phone_map: groups and map.
        common: labels of the common set.
        spelling: ARPAbet of words that the dictionary lacks.
    """

    def __init__(self, lexicon: DialectLexicon, phone_map: PhoneMap, common: tuple[str, ...], spelling: Unstressed):
        self._lexicon, self._spelling = lexicon, spelling
        image = {p: phone_map.image(lexicon.name, p) for p in lexicon.inventory - {NOISE_PHONE}}
        self._own = {p: _own_symbol(p, phone_map.fold(p), image) for p in image}
        images = {self._own[p]: image[p] for p in image}
        own = silence_first(set(images))
        self.labels = DialectLabels(own=own, common=np.array([0, *(common.index(images[p]) for p in own[1:])]))
        self.arpabet = {p: phone_map.spelling.spell((p,), images)[-1] for p in own[1:]}
        """Own phone -> the ARPAbet phone that scores it."""
        self.of_arpabet = self._inverse()
        """ARPAbet phone -> the own phone that it most often spells."""

    def __call__(self, word: str) -> list[Phones]:
        """Pronunciations in own phones."""
        ways = [way for way in self._lexicon.words.get(word, ()) if NOISE_PHONE not in way]
        spelled = [tuple(self._own[phone] for phone in way) for way in ways]
        if not spelled:
            spelled = [tuple(self.of_arpabet[phone] for phone in way) for way in self._spelling(word)]
        return list(dict.fromkeys(spelled))[:MOST_WAYS]

    def _inverse(self) -> dict[str, str]:
        seen = Counter(self._own[p] for ways in self._lexicon.words.values() for p in ways[0] if p != NOISE_PHONE)
        ranked = defaultdict(list)
        for phone, spelled in self.arpabet.items():
            ranked[spelled].append((seen[phone], phone))
        return {spelled: max(phones)[1] for spelled, phones in ranked.items()}


class ArpabetPhones:
    """The shipped dictionary in its own phones; the map gives each the pivot's phone that it most often spells.

    Args:
        pivot: the pivot's dictionary.
        spelling: the shipped dictionary.
    """

    def __init__(self, pivot: OwnPhones, spelling: Unstressed):
        self._spelling = spelling
        own = silence_first(set(pivot.of_arpabet))
        places = [pivot.labels.own.index(pivot.of_arpabet[phone]) for phone in own[1:]]
        self.labels = DialectLabels(own=own, common=np.array([0, *pivot.labels.common[places]]))
        self.arpabet = {phone: phone for phone in own[1:]}
        """Own phone -> the ARPAbet phone that scores it."""

    def __call__(self, word: str) -> list[Phones]:
        """Pronunciations in own phones."""
        return list(self._spelling(word))[:MOST_WAYS]


Dictionary = OwnPhones | ArpabetPhones


def _own_symbol(phone: str, folded: str, image: Mapping[str, str]) -> str:
    """The group's symbol, unless the map takes phone and group to different places (aː to ɝ, a to æ)."""
    return folded if image.get(folded, image[phone]) == image[phone] else phone


def _speech(material: Material, corpus: str, split: str, dialect: str) -> Speech:
    store = corpus_store(material.config, corpus, split)
    pieces, _ = whole_pieces([store], {}, longest=35.0)
    if corpus == "speechocean762":
        ages = {u.speaker: int(u.more["age"]) for u in read_corpus(corpus, split)}
        young = dialect.endswith("children")
        pieces = [p for p in pieces if (ages[p.entry.speaker] <= CHILD_AGE) == young]
    return material.speech([store], pieces)


def _spoken(
    speech: Speech, dialect: str, own: Dictionary, model: AcousticModel, folder: Path, split: str
) -> Sequence[DialectSpeech]:  # fmt: skip
    path = folder / f"{dialect}.{split}.npz"
    if not path.is_file():
        save_targets(path, dict(_align_all(speech, own, model)))
    targets = load_targets(path)
    utterances = []
    for piece in speech.pieces:
        classes = targets.get(piece.entry.name)
        if classes is None:
            continue
        parts = _parts(piece, classes, len(own.labels.own)) if split == "train" else [(piece, classes)]
        for part, own_targets in parts:
            example = DialectExample(dialect=dialect, features=speech.plain(part), targets=own_targets)
            utterances.append(
                DialectSpeech(example=example, words=part.words, speaker=part.entry.speaker or part.entry.name)
            )
    return utterances


def _align_all(speech: Speech, own: Dictionary, model: AcousticModel) -> list[tuple[str, NDArray[np.int64]]]:
    """Classes of every recording that can be aligned, by name."""
    labels, aligned = own.labels.own, []
    scored = np.array([model.labels.index(own.arpabet.get(phone, phone)) for phone in labels])
    expand = partial(_expand, places=np.concatenate([scored, len(model.labels) + scored]))
    for piece in speech.pieces:
        ways = [[[labels.index(p) for p in way] for way in own(word)] for word in piece.words]
        if not all(ways):
            continue
        alignment = align_sentence(expand(model.scores(speech.features(piece))), sentence_graph(ways))
        if alignment is not None:
            aligned.append((piece.entry.name, _classes(alignment, len(labels))))
    return aligned


def _expand(scores: Frames, *, places: NDArray[np.int64]) -> Frames:
    return scores[:, places]


def _classes(alignment: Alignment, phones: int) -> NDArray[np.int64]:
    segments = [(s.phone, s.start, s.end) for s in alignment.segments]
    return targets_of(segments, segments[-1][2], phones)


def _parts(piece: Piece, classes: NDArray[np.int64], phones: int) -> list[tuple[Piece, NDArray[np.int64]]]:
    """A long recording cut in its pauses."""
    if len(classes) <= 1.15 * LONGEST_PART:
        return [(piece, classes)]
    silent = np.flatnonzero(np.isin(classes, (0, phones)))
    parts, start = [], 0
    while len(classes) - start > 1.15 * LONGEST_PART:
        near = silent[(silent >= start + LONGEST_PART // 3) & (silent <= start + LONGEST_PART)]
        end = int(near[-1]) if len(near) else start + LONGEST_PART
        parts.append((start, end))
        start = end
    parts.append((start, len(classes)))
    return [(cut(piece, [(0, 0, first, last)])[0], classes[first:last]) for first, last in parts if last - first >= 10]
