"""Teaching a wake word: how it would be heard, and whether a recording of it is good enough to learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harken.activation.vad import SpeechDetector
from harken.activation.wakeword import bundle_name
from harken.asr.keyword.judge import PhraseJudge
from harken.asr.keyword.phrases import Phrases
from harken.asr.keyword.rule import WITHOUT_NETWORK
from harken.assistant.models import Models
from harken.assistant.waking import has_network
from harken.data.mixing import active_level
from harken.events import SAMPLE_RATE, AudioChunk, NotDetected, Samples, WakeDetected, WakeSuspected
from harken.phones.pronunciation import Pronunciation
from harken.phones.sets import to_ipa
from harken.stage import Pipeline
from harken.workshop.wake_words import TaughtWords, checked_word

QUIETEST = -45.0
"""Level of the speech in dB below full scale, below which a recording is too quiet."""
FULL = 0.999
"""Share of full scale that counts as clipped."""
CLIPPED = 40
"""Clipped samples of a recording, at most."""
SHORTEST, LONGEST = 0.2, 2.5
"""Seconds of speech in a recording of a wake word."""
UNLIKE = 0.02
"""Score of the judge below which a recording does not sound like the word at all."""
ENOUGH = 5
"""Recordings that are worth training with."""


@dataclass(frozen=True, kw_only=True)
class Sounding:
    """How a wake word would be heard."""

    word: str
    phones: tuple[tuple[str, ...], ...]
    """IPA of each of its words, the usual way to say it."""
    threshold: float
    """Score 0..1 from which it counts as heard."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A recording of a wake word."""

    seconds: float
    """Of speech."""
    level: float
    """Of the speech, dB below full scale."""
    clipped: bool
    score: float
    """The judge's, 0..1."""
    advice: str
    """What to do better; '' if the recording is good."""


class Teaching:
    """Examines words and recordings; for one thread at a time.

    Args:
        models: with the acoustic model and the speech detector.
    """

    def __init__(self, models: Models):
        self._models = models
        self._pronunciation = Pronunciation.load(models.locale)
        self._detector = SpeechDetector(models.bundle(models.profile.turn.vad))

    def sounding(self, word: str) -> Sounding:
        """How a word would be heard.

        Raises:
            ConfigError: it cannot be a wake word, or is too short.
            VocabularyError: it cannot be pronounced.
        """
        plain = checked_word(word)
        self._judge(plain)
        phones = tuple(tuple(to_ipa(self._pronunciation.usual(part))) for part in plain.split())
        threshold = self._models.profile.wake.threshold or WITHOUT_NETWORK.threshold
        return Sounding(word=plain, phones=phones, threshold=threshold)

    def examine(self, word: str, samples: Samples) -> Examined:
        """A recording [n] at 16 kHz of somebody who says the word once.

        Raises:
            ConfigError, VocabularyError: as `sounding`.
        """
        plain = checked_word(word)
        spans = self._detector.detect(samples)
        spoken = [samples[span.start : span.end] for span in spans if span.speech]
        length = sum(map(len, spoken)) / SAMPLE_RATE
        level = active_level(np.concatenate(spoken)) if spoken else -100.0
        clipped = int((np.abs(samples) >= FULL).sum()) > CLIPPED
        score = self._score(plain, samples)
        return Examined(
            seconds=length, level=level, clipped=clipped, score=score,
            advice=_advice(plain, length=length, level=level, clipped=clipped, score=score),
        )  # fmt: skip

    def _score(self, word: str, samples: Samples) -> float:
        self._detector.reset()
        ears = Pipeline((self._detector, self._judge(word)), given=(AudioChunk, WakeSuspected))
        quiet = np.zeros(SAMPLE_RATE // 2, np.float32)
        chunk = AudioChunk(start=0, samples=np.concatenate([quiet, samples, quiet]).astype(np.float32))
        events = [*ears.process(chunk), *ears.flush()]
        return max((event.score for event in events if isinstance(event, WakeDetected | NotDetected)), default=0.0)

    def _judge(self, word: str) -> PhraseJudge:
        model = self._models.acoustic
        return PhraseJudge(model, Phrases.of([word], labels=model.labels, pronunciation=self._pronunciation), levels={})


def taught_words(models: Models) -> list[dict[str, object]]:
    """All wake words as plain values: whether each was taught, has a network, and how many recordings there are."""
    taught = TaughtWords()
    own = taught.words()

    def scores(word: str) -> dict[str, object]:
        return dict(models.bundle(bundle_name(word)).info["scores"]) if word in own and has_network(word) else {}

    return [
        {
            "word": word, "taught": word in own, "network": has_network(word),
            "recordings": len(taught.recordings(word)) if word in own else 0,
            "scores": scores(word),
        }
        for word in dict.fromkeys((*models.installed.wake_words(), *own))
    ]  # fmt: skip


def _advice(word: str, *, length: float, level: float, clipped: bool, score: float) -> str:
    if length < SHORTEST:
        return "Nobody was heard. Say the word after the signal, and check the microphone."
    if clipped:
        return "That was too loud. Speak more softly, or farther from the microphone."
    if level < QUIETEST:
        return "That was too quiet. Come closer to the microphone."
    if length > LONGEST:
        return f"That was too long. Say only “{word}”, once."
    if score < UNLIKE:
        return f"That did not sound like “{word}”. Say it once more, as you would call it."
    return ""
