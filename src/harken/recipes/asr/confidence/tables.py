"""What was heard in many recordings, as tables of numbers: one file per source of speech."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken.asr.ngram.model import NgramModel
from harken.asr.passes.embedding import acoustic_embedding, stretch_embedding
from harken.asr.passes.evidence import FrameFacts, frame_facts, sentence_evidence, spans_of, word_evidence
from harken.asr.passes.record import HeardStretch
from harken.asr.search.heard import HeardSentence
from harken.metrics.edits import align
from harken.train.asr.confidence import word_types

IGNORED = -1
"""Rank of sentences that are not learned from."""
UNKNOWN = "?"
"""Type of a word of a recording whose words nobody has written down."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """N words of S sentences of U stretches; the sentences of a stretch follow each other, best first."""

    features: NDArray[np.float32]
    """[N, word features]."""
    sound: NDArray[np.float16]
    """[N, 2H] acoustic embeddings before compression."""
    posterior: NDArray[np.float32]
    """[N] of the decoder."""
    types: NDArray[np.str_]
    """[N] correct, substituted, inserted, or `UNKNOWN`."""
    sentence: NDArray[np.int64]
    """[N] sentence of each word."""
    evidence: NDArray[np.float32]
    """[S, sentence features without the summary of the words]."""
    share: NDArray[np.float32]
    """[S] confidence before calibration."""
    texts: NDArray[np.str_]
    """[S]."""
    right: NDArray[np.bool_]
    """[S] whether the sentence is what was said (or, without its words, understood as was meant)."""
    rank: NDArray[np.int64]
    """[S] 0 for the best sentence of a stretch; `IGNORED` for sentences that do not count."""
    stretch: NDArray[np.int64]
    """[S]."""
    hidden: NDArray[np.float16]
    """[U, H] mean of the hidden layer."""
    speakers: NDArray[np.str_]
    """[U]."""
    recordings: NDArray[np.str_]
    """[U]."""

    def save(self, file: Path) -> None:
        """Write it; a reader finds all of it or nothing."""
        fresh = file.with_suffix(".fresh.npz")
        np.savez(fresh, **{field.name: getattr(self, field.name) for field in fields(self)})
        fresh.replace(file)

    @classmethod
    def load(cls, file: Path) -> Table:
        """Read one."""
        with np.load(file, allow_pickle=False) as arrays:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})

    @classmethod
    def joined(cls, tables: Sequence[Table]) -> Table:
        """Several as one."""
        columns: dict[str, NDArray[Any]] = {}
        for field in fields(cls):
            parts = [getattr(table, field.name) for table in tables]
            if field.name in ("sentence", "stretch"):
                counted = "right" if field.name == "sentence" else "speakers"
                sizes = np.cumsum([0, *(len(getattr(table, counted)) for table in tables)])
                parts = [part + size for part, size in zip(parts, sizes, strict=False)]
            columns[field.name] = np.concatenate(parts)
        return cls(**columns)

    def of_stretches(self, wanted: NDArray[np.bool_]) -> Table:
        """Only these stretches [U]."""
        sentences = wanted[self.stretch]
        words = sentences[self.sentence]
        renumbered = {"sentence": np.cumsum(sentences) - 1, "stretch": np.cumsum(wanted) - 1}
        columns: dict[str, NDArray[Any]] = {}
        for field in fields(self):
            values = getattr(self, field.name)
            chosen = {"w": words, "s": sentences, "u": wanted}[_OF[field.name]]
            columns[field.name] = values[chosen]
        for name, numbers in renumbered.items():
            columns[name] = numbers[columns[name]]
        return Table(**columns)

    @property
    def best(self) -> NDArray[np.bool_]:
        """[N] words of the best sentence of a stretch, whether or not the sentence counts, if their truth is known:
        what is learned from and measured."""
        first = np.diff(self.stretch, prepend=-1) != 0
        return np.asarray(first[self.sentence] & (self.types != UNKNOWN))

    @property
    def speaker_of_words(self) -> NDArray[np.str_]:
        """[N]."""
        return self.speakers[self.stretch[self.sentence]]


_OF = {
    "features": "w", "sound": "w", "posterior": "w", "types": "w", "sentence": "w", "evidence": "s", "share": "s",
    "texts": "s", "right": "s", "rank": "s", "stretch": "s", "hidden": "u", "speakers": "u", "recordings": "u",
}  # fmt: skip


class TableWriter:
    """Collects what was heard.

    Args:
        language: general language model, for the features.
    """

    def __init__(self, language: NgramModel):
        self._language = language
        self._words: list[tuple[Any, ...]] = []
        self._sentences: list[tuple[Any, ...]] = []
        self._stretches: list[tuple[Any, ...]] = []

    def add(
        self, recording: str, speaker: str, heard: Sequence[tuple[HeardStretch, Sequence[str]]],
        reference: Sequence[str] | None, understood: Sequence[Sequence[bool | None] | None] = (),
    ) -> None:  # fmt: skip
        """A recording.

        Args:
            recording: its name.
            speaker: who speaks.
            heard: its stretches, each with the words before it.
            reference: what was said; None if nobody wrote it down.
            understood: of each stretch, whether each sentence is right, None for those that do not count; None for a
                stretch that must have the words of the reference.
        """
        texts = [stretch.sentences[0].texts for stretch, _ in heard]
        parts = [None] * len(heard) if reference is None else reference_parts(reference, texts)
        judged = understood or [None] * len(heard)
        for (stretch, before), part, known in zip(heard, parts, judged, strict=True):
            if stretch.outputs.hidden is None or not len(stretch.outputs):
                continue
            facts = frame_facts(stretch)
            evidence = sentence_evidence(stretch)
            for rank, sentence in enumerate(stretch.sentences):
                right = list(sentence.texts) == part if known is None else known[rank]
                types = [UNKNOWN] * len(sentence.words) if part is None else word_types(part, sentence.texts)
                self._add_words(stretch, sentence, facts, before, types)
                self._sentences.append((evidence[rank], sentence.confidence, " ".join(sentence.texts), bool(right),
                                        IGNORED if right is None else rank, len(self._stretches)))  # fmt: skip
            self._stretches.append((stretch_embedding(stretch.outputs.hidden), speaker, recording))

    def table(self) -> Table:
        """Everything that was added."""
        features, sound, posterior, types, sentence = zip(*self._words, strict=True)
        evidence, share, texts, right, rank, stretch = zip(*self._sentences, strict=True)
        hidden, speakers, recordings = zip(*self._stretches, strict=True)
        return Table(
            features=np.array(features, np.float32), sound=np.array(sound, np.float16),
            posterior=np.array(posterior, np.float32), types=np.array(types, np.str_), sentence=np.array(sentence),
            evidence=np.array(evidence, np.float32), share=np.array(share, np.float32), texts=np.array(texts, np.str_),
            right=np.array(right, bool), rank=np.array(rank), stretch=np.array(stretch),
            hidden=np.array(hidden, np.float16), speakers=np.array(speakers, np.str_),
            recordings=np.array(recordings, np.str_),
        )  # fmt: skip

    def _add_words(
        self, heard: HeardStretch, sentence: HeardSentence, facts: FrameFacts, before: Sequence[str],
        types: Sequence[str],
    ) -> None:  # fmt: skip
        if not sentence.words:
            return
        assert heard.outputs.hidden is not None
        rows = word_evidence(heard, sentence, facts, self._language, before)
        sounds = acoustic_embedding(heard.outputs.hidden, spans_of(sentence.words)).astype(np.float16)
        number = len(self._sentences)
        for row, sound, word, type_ in zip(rows, sounds, sentence.words, types, strict=True):
            self._words.append((row, sound, word.confidence, type_, number))


def reference_parts(reference: Sequence[str], heard: Sequence[Sequence[str]]) -> list[list[str]]:
    """The part of a reference that belongs to each stretch, by an alignment of all stretches with all of it.

    Words that were not heard between two stretches belong to the earlier one.
    """
    parts: list[list[str]] = [[] for _ in heard]
    places: Iterator[int] = (place for place, words in enumerate(heard) for _ in words)
    place = next((place for place, words in enumerate(heard) if words), 0)
    for wanted, word in align(reference, [word for words in heard for word in words]):
        if word is not None:
            place = next(places)
        if wanted is not None:
            parts[place].append(wanted)
    return parts
