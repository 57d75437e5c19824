"""What harken tells Wyoming clients about itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    HandleModel,
    HandleProgram,
    Info,
    IntentModel,
    IntentProgram,
    TtsProgram,
    TtsVoice,
    WakeModel,
    WakeProgram,
)

import harken
from harken.assistant.models import Models

_MAKER = Attribution(name="harken", url="")


def describe(models: Models) -> Info:
    """Programs and models of the server; only what is installed."""
    languages = [models.profile.language.partition("-")[0], models.profile.language]
    words = [
        WakeModel(**_artifact(word, f"The wake word '{word}'"), languages=languages, phrase=word)
        for word in models.state.words
    ]
    asr = AsrModel(**_artifact("harken", "Requests to the skills, and free speech"), languages=languages)
    voice = TtsVoice(**_artifact(models.profile.name, "The assistant's voice"), languages=languages)
    skills = HandleModel(**_artifact("harken", "The skills, which act"), languages=languages)
    reader = IntentModel(**_artifact("harken", "The skills' sentences; nothing is done"), languages=languages)
    return Info(
        wake=[WakeProgram(**_artifact("harken", "Wake words"), models=words)],
        asr=[
            AsrProgram(
                **_artifact("harken", "Streaming recogniser"), models=[asr], supports_transcript_streaming=True,
                prefers_auto_gain_enabled=False, prefers_noise_reduction_enabled=False,
            )
        ],
        handle=[HandleProgram(**_artifact("harken", "Answers requests"), models=[skills], supports_home_control=True)],
        intent=[IntentProgram(**_artifact("harken", "Understands requests"), models=[reader])],
        tts=[TtsProgram(**_artifact("harken", "Voice"), voices=[voice], supports_synthesize_streaming=True)],
    )  # fmt: skip


def _artifact(name: str, what: str) -> Mapping[str, Any]:
    return {
        "name": name, "attribution": _MAKER, "installed": True, "description": what, "version": harken.__version__,
    }  # fmt: skip
