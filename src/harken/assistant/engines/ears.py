"""What a recogniser of somebody else must be able to do, and one that the package onnx-asr loads."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from harken.errors import HarkenError, MissingExtra
from harken.events import SAMPLE_RATE, Samples


class EngineError(HarkenError):
    """Another engine cannot be reached, or does not answer."""


class Ear(Protocol):
    """Hears one turn at a time."""

    def begin(self) -> None:
        """A turn begins; one in progress is dropped."""

    def hear(self, samples: Samples) -> None:
        """The next samples [n] at 16 kHz of the turn."""

    def finish(self) -> str:
        """The turn has ended: what was said, as the engine writes it."""

    def drop(self) -> None:
        """The turn is of no interest any more."""


class OnnxAsrEar:
    """A model of the package onnx-asr; it hears a turn when that has ended.

    Args:
        model: its name or type, as `onnx_asr.load_model` knows it.
        folder: with its files; '' for one that is found, or fetched, by its name.

    Raises:
        MissingExtra: onnx-asr is not installed.
        EngineError: there is no such model.
    """

    def __init__(self, model: str, folder: str = ""):
        try:
            import onnx_asr
        except ModuleNotFoundError as error:
            raise MissingExtra(f"the engine 'onnx-asr:{model}'", "onnx-asr") from error
        try:
            self._model: Any = onnx_asr.load_model(model, folder or None)
        except Exception as error:  # whatever a model is that cannot be loaded
            raise EngineError(f"onnx-asr cannot load the model '{model}': {error}") from error
        self._name = model
        self._turn: list[Samples] = []

    def begin(self) -> None:
        """A turn begins."""
        self._turn = []

    def hear(self, samples: Samples) -> None:
        """The next samples [n] of the turn."""
        self._turn.append(samples)

    def finish(self) -> str:
        """What was said.

        Raises:
            EngineError: the model fails.
        """
        sound, self._turn = np.concatenate([np.zeros(0, np.float32), *self._turn]), []
        if not len(sound):
            return ""
        try:
            return str(self._model.recognize(sound, sample_rate=SAMPLE_RATE))
        except Exception as error:  # whatever it cannot digest
            raise EngineError(f"the model '{self._name}' of onnx-asr failed: {error}") from error

    def drop(self) -> None:
        """The turn is of no interest any more."""
        self._turn = []
