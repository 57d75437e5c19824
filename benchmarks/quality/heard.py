"""What the interpreter makes of a transcript, as in the assistant; of one without words nothing."""

from __future__ import annotations

from harken.events import Interpretation, Transcript
from harken.nlu.interpreter import Interpreter

NOTHING = Interpretation(turn=0, text="", skill="", intent="", score=1.0, rejected=True)


def meaning_of(interpreter: Interpreter, transcript: Transcript) -> Interpretation:
    """The meaning of a final transcript; a rejected one where nothing was said."""
    for meaning in interpreter.process(transcript):
        if isinstance(meaning, Interpretation):
            return meaning
    return NOTHING
