"""The pronouncer of many languages at run time: two ONNX graphs and their inventory.

    model = MultilingualModel(load_bundle("pronouncer-multilingual"))
    model.pronounce(["croissant"], "fr")[0][0].phones       ('k', 'ʁ', 'w', 'a', 's', 'ɑ̃')
    model.origins("croissant")                              {'fr': 0.66, 'en-US': 0.16, ...}

Many words are answered in batches; torch is not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from harken.bundle import Bundle
from harken.errors import BundleError
from harken.onnx import Session
from harken.phones.inventory import Inventory
from harken.phones.transducer import AT_ONCE, Answer, Floats, Ints, padded, search_all

ENCODER, DECODER, INVENTORY = "encoder.onnx", "decoder.onnx", "inventory.json"


class MultilingualModel:
    """Spelling and language -> pronunciations. The graphs are opened when first asked.

    Attributes:
        history: past phones that the decoder looks back on.

    Args:
        bundle: with encoder, decoder and inventory.
    """

    def __init__(self, bundle: Bundle):
        self._bundle = bundle
        self.history = int(bundle.features["history"])

    @cached_property
    def inventory(self) -> Inventory:
        """Letters, phones and languages."""
        try:
            return Inventory.from_json(self._bundle.json(INVENTORY))
        except (KeyError, TypeError) as error:
            raise BundleError(
                f"{self._bundle.folder} has an incomplete {INVENTORY} ({error}); export it again"
            ) from error

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that it speaks."""
        return self.inventory.languages

    def pronounce(
        self, words: Sequence[str], language: str, *, nbest: int = 1, beam: int = 4
    ) -> list[list[Answer]]:  # fmt: skip
        """For each word up to `nbest` pronunciations, best first; none for one without letters that the language has.

        Args:
            words: any spellings.
            language: the language to speak, one of `languages`.
            nbest: how many, >= 1.
            beam: beginnings that are followed, 1 being greedy.

        Raises:
            VocabularyError: the model does not speak the language.
        """
        row = self.inventory.language(language)
        rows = [self.inventory.rows(word, language) for word in words]
        return search_all(
            rows, row, self.inventory, self.encode, self.decode, history=self.history, nbest=nbest, beam=beam
        )

    def origins(self, word: str) -> dict[str, float]:
        """Language -> probability that the spelling is a word of it, the most likely first; empty without letters."""
        return self.origins_of([word])[0]

    def origins_of(self, words: Sequence[str]) -> list[dict[str, float]]:
        """As `origins` for each word, in batches."""
        rows = [self.inventory.rows(word) for word in words]
        found: list[dict[str, float]] = [{} for _ in words]
        order = sorted((i for i in range(len(words)) if rows[i]), key=lambda i: len(rows[i]))
        for start in range(0, len(order), AT_ONCE):
            places = order[start : start + AT_ONCE]
            letters = padded([rows[i] for i in places])
            logits = self._encoder.run(letters=letters, language=np.zeros(len(places), np.int64))["origin"]
            shares = np.exp(logits - logits.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
            for place, row in zip(places, shares, strict=True):
                found[place] = {self.languages[i]: float(row[i]) for i in np.argsort(-row, kind="stable")}
        return found

    @cached_property
    def _encoder(self) -> Session:
        return self._bundle.session(ENCODER)

    @cached_property
    def _decoder(self) -> Session:
        return self._bundle.session(DECODER)

    def encode(self, letters: Ints, languages: Ints) -> Floats:
        """Letters [B, T] and languages [B] -> encoded letters [B, T, joint]."""
        memory: Floats = self._encoder.run(letters=letters, language=languages)["memory"]
        return memory

    def decode(self, memory: Floats, past: Ints, said: Ints) -> Floats:
        """Encoded letters [N, joint], past phones [N, history], phones at the letter [N] -> logits [N, phones]."""
        logits: Floats = self._decoder.run(memory=memory, past=past, said=said)["logits"]
        return logits
