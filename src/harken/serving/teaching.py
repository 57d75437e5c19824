"""Teaching a wake word: how it would be heard, and whether a recording of it is good enough to learn from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harken import paths
from harken.activation.vad import SpeechDetector
from harken.activation.wakeword import WakeWordScout, bundle_name
from harken.asr.keyword.judge import PhraseJudge
from harken.asr.keyword.phrases import Phrases
from harken.asr.keyword.rule import WITHOUT_NETWORK
from harken.assistant.models import Models
from harken.assistant.waking import has_network
from harken.audio.files import read_audio
from harken.bundle import Bundle, load_bundle
from harken.data.mixing import active_level
from harken.events import SAMPLE_RATE, AudioChunk, Event, NotDetected, Samples, WakeDetected, WakeSuspected
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


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """In how many recordings of a wake word it is heard."""

    recordings: int
    with_network: int
    without: int


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

    def compare(self, word: str, recordings: Sequence[Samples]) -> Comparison:
        """In how many recordings, each with the word said once, it is heard with its own network and without.

        Raises:
            BundleError: there is no network for the word.
            ConfigError, VocabularyError: as `sounding`.
        """
        plain = checked_word(word)
        alone = sum(self._heard(self._pipeline(plain), samples) for samples in recordings)
        network = load_bundle(bundle_name(plain))
        both = sum(self._heard(self._pipeline(plain, network), samples) for samples in recordings)
        return Comparison(recordings=len(recordings), with_network=both, without=alone)

    def _score(self, word: str, samples: Samples) -> float:
        events = _through(self._pipeline(word), samples)
        return max((event.score for event in events if isinstance(event, WakeDetected | NotDetected)), default=0.0)

    def _heard(self, ears: Pipeline, samples: Samples) -> bool:
        return any(isinstance(event, WakeDetected) for event in _through(ears, samples))

    def _pipeline(self, word: str, network: Bundle | None = None) -> Pipeline:
        """What hears a word, as the assistant would."""
        self._detector.reset()
        judge = self._judge(word, {} if network is None else {word: float(network.features["threshold"])})
        first = [] if network is None else [WakeWordScout([network])]
        return Pipeline((*first, self._detector, judge), given=(AudioChunk, WakeSuspected))

    def _judge(self, word: str, levels: Mapping[str, float] | None = None) -> PhraseJudge:
        model = self._models.acoustic
        phrases = Phrases.of([word], labels=model.labels, pronunciation=self._pronunciation)
        return PhraseJudge(model, phrases, levels=levels or {}, threshold=self._models.profile.wake.threshold or None)


def _through(ears: Pipeline, samples: Samples) -> list[Event]:
    """What is heard in a recording [n] with silence around it."""
    ears.reset()
    quiet = np.zeros(SAMPLE_RATE // 2, np.float32)
    chunk = AudioChunk(start=0, samples=np.concatenate([quiet, samples, quiet]).astype(np.float32))
    return [*ears.process(chunk), *ears.flush()]


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


def keep_if_better(models: Models, word: str) -> tuple[bool, str]:
    """Whether the new network of a word is worth keeping by the recordings of it, and why; otherwise it is deleted.

    The recordings were learned from, so this finds a network that is useless, not how good it is.

    Raises:
        BundleError: there is no network for the word.
    """
    sounds = [read_audio(path) for path in TaughtWords().recordings(word)]
    found = Teaching(models).compare(word, sounds)
    if not found.recordings:
        return True, "There are no recordings to try it on."
    heard = f"of your {found.recordings} recordings, it heard {found.with_network}, and {found.without} without it"
    if found.with_network < found.without:
        shutil.rmtree(paths.home() / "bundles" / bundle_name(word))
        return False, f"{heard}; so it was discarded, and the word is listened for by its sound"
    return True, f"{heard[0].upper()}{heard[1:]}."


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
