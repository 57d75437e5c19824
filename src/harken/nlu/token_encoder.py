"""The frozen network that reads the words of a sentence in context, from their characters and phonemes.

A word's vector depends on its spelling and its sound alone and is remembered; a sentence costs one pass over these
vectors. Skills learn only a thin layer on the states (`tagger`), so that none needs a word table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harken.bundle import Bundle
from harken.languages.locale import Locale
from harken.nlu.units import PhoneBook, Units
from harken.onnx import Session
from harken.phones.neighbours import Neighbours
from harken.phones.pronunciation import Pronunciation

WORD_GRAPH, SENTENCE_GRAPH, UNITS_FILE = "token-words.onnx", "token-sentences.onnx", "token-units.json"
TOKEN_FILES = (WORD_GRAPH, SENTENCE_GRAPH, UNITS_FILE)
_REMEMBERED = 8_192
"""Words whose vectors are kept: 4 MB."""

Floats = NDArray[np.float32]


class TokenEncoder:
    """States of the words of a sentence.

    Args:
        words: graph from a word's units to its vector, input names are the kinds of units.
        sentences: graph `x` [words, width] -> `y` [words, size].
        units: inventories.
        pronunciation: opens the pronunciations when the first word needs them.
    """

    def __init__(self, words: bytes, sentences: bytes, units: Units, pronunciation: Callable[[], Pronunciation]):
        self._graphs, self.units, self._open = (words, sentences), units, pronunciation
        self._sessions: tuple[Session, Session] | None = None
        self._say: PhoneBook | None = None
        self._vector = lru_cache(_REMEMBERED)(self._read_word)

    @classmethod
    def from_bundle(cls, bundle: Bundle, locale: Locale) -> TokenEncoder:
        """The token encoder of an interpreter bundle.

        Raises:
            BundleError: a file is missing or damaged.
        """
        files = {name: bundle.path(name) for name in TOKEN_FILES}
        return cls._from_files(files, locale)

    @classmethod
    def from_folder(cls, folder: Path, locale: Locale) -> TokenEncoder:
        """The token encoder of a run folder."""
        return cls._from_files({name: folder / name for name in TOKEN_FILES}, locale)

    @classmethod
    def _from_files(cls, files: Mapping[str, Path], locale: Locale) -> TokenEncoder:
        units = Units.from_json(json.loads(files[UNITS_FILE].read_text(encoding="utf-8")))
        words, sentences = (files[name].read_bytes() for name in (WORD_GRAPH, SENTENCE_GRAPH))
        return cls(words, sentences, units, lambda: Pronunciation.load(locale))

    def states(self, words: Sequence[str]) -> Floats:
        """float32 [words, size]; [0, 0] for no words."""
        if not words:
            return np.zeros((0, 0), dtype=np.float32)
        vectors = np.stack([self._vector(word) for word in words])
        return np.asarray(self._opened[1].run(x=vectors)["y"], dtype=np.float32)

    @property
    def pronunciation(self) -> Pronunciation:
        """Of the encoder's language."""
        return self._open()

    @cached_property
    def neighbours(self) -> Neighbours:
        """Words of its language that sound alike; gathered once for all skills that it serves."""
        return Neighbours(self.pronunciation)

    def _read_word(self, word: str) -> Floats:
        session = self._opened[0]
        if self._say is None:
            self._say = PhoneBook(self._open())
        rows = {kind: np.array(self.units.rows(kind, word, self._say), dtype=np.int64) for kind in session.inputs}
        return np.asarray(session.run_dict(rows)["y"], dtype=np.float32)

    @property
    def _opened(self) -> tuple[Session, Session]:
        if self._sessions is None:
            self._sessions = (Session(self._graphs[0]), Session(self._graphs[1]))
        return self._sessions
