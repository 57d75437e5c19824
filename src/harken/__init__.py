"""harken: a private, offline, small-footprint voice assistant, and the toolkit that trains every part of it.

    from harken import Assistant

    assistant = Assistant.load("en")
    for event in assistant.process(samples):
        print(event)

Names are loaded when they are first used, so a program pays only for the stages it uses.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# harken is private: since 1.29 onnxruntime writes a device id to disk and sends usage events on Linux and macOS too,
# unless this variable is set before it is imported. Every module of harken is imported after this line.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"

if TYPE_CHECKING:
    from harken.activation.wakeword import WakeWordSpotter as WakeWordSpotter
    from harken.asr.recognizer import Recognizer as Recognizer
    from harken.assistant.assistant import Assistant as Assistant
    from harken.assistant.models import Models as Models
    from harken.errors import HarkenError as HarkenError
    from harken.nlu.interpreter import Interpreter as Interpreter
    from harken.tts.voice import Voice as Voice

_HOMES = {
    "Assistant": "harken.assistant.assistant",
    "HarkenError": "harken.errors",
    "Interpreter": "harken.nlu.interpreter",
    "Models": "harken.assistant.models",
    "Recognizer": "harken.asr.recognizer",
    "Voice": "harken.tts.voice",
    "WakeWordSpotter": "harken.activation.wakeword",
}

__all__ = [
    "Assistant",
    "HarkenError",
    "Interpreter",
    "Models",
    "Recognizer",
    "Voice",
    "WakeWordSpotter",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"harken has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
