"""A recogniser that lets the user's log keep what it heard, if the log is on."""

from __future__ import annotations

import logging
from collections import OrderedDict

import numpy as np

from harken.asr.acoustic.model import AcousticModel
from harken.asr.passes.confidence import Confidence
from harken.asr.recognizer import Recognizer
from harken.asr.search.space import SearchSpace
from harken.errors import DataError
from harken.events import Event, Samples, Transcript, TurnAudio, TurnStarted
from harken.workshop.heard_log import HeardEntry, HeardLog

_CORRECTABLE = 100
"""Turns of a conversation that can still be corrected."""

log = logging.getLogger(__name__)


class RememberingRecognizer(Recognizer):
    """The recogniser of an assistant.

    Args:
        model, space, confidence: as for `Recognizer`.
        heard: the log; it decides turn by turn whether anything is kept.
    """

    def __init__(
        self, model: AcousticModel, space: SearchSpace, heard: HeardLog, *, confidence: Confidence | None = None
    ):  # fmt: skip
        self._log = heard
        self._kept: list[Samples] | None = None
        self._names: OrderedDict[int, str] = OrderedDict()
        super().__init__(model, space, confidence=confidence)

    def correct(self, turn: int, said: str) -> HeardEntry:
        """Note in the log what was really said in a recent turn of this conversation.

        Args:
            turn: its number.
            said: the words.

        Raises:
            DataError: the turn is not in the log.
        """
        if turn in self._names:
            return self._log.correct(self._names[turn], said)
        if not self._log.settings.on:
            raise DataError("no turn is kept, because the log is off; `harken log on` keeps turns on your machine")
        raise DataError("this turn was not kept: it was typed, or it was heard too long ago, or before the log was on")

    def process(self, event: Event) -> list[Event]:
        """As `Recognizer.process`; the sound of a turn is held until its transcript is known."""
        if isinstance(event, TurnStarted):
            self._kept = [] if self._log.settings.on else None
        elif isinstance(event, TurnAudio) and self._kept is not None:
            self._kept.append(event.samples)
        answers = super().process(event)
        self._keep(answers)
        return answers

    def flush(self) -> list[Event]:
        """As `Recognizer.flush`."""
        answers = super().flush()
        self._keep(answers)
        return answers

    def reset(self) -> None:
        """Forget the stream, the speaker and the sound of a turn in progress."""
        self._kept = None
        self._names.clear()
        super().reset()

    def _keep(self, answers: list[Event]) -> None:
        final = next((one for one in answers if isinstance(one, Transcript) and one.final), None)
        if final is None or self._kept is None:
            return
        kept, self._kept = self._kept, None
        if kept:
            try:
                entry = self._log.add(np.concatenate(kept), final)
            except OSError as error:  # a full disk must not keep the assistant from answering
                log.warning("what was heard could not be kept in %s (%s)", self._log.folder, error)
                return
            if entry is not None:
                self._names[final.turn] = entry.name
                if len(self._names) > _CORRECTABLE:
                    self._names.popitem(last=False)
