"""The stages and what each is fed when sound or words come in: the one list of the contract tests' cases."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harken.activation.echo import EchoStage
from harken.activation.echo_filter import EchoFilter
from harken.activation.gate import Gate
from harken.activation.over_echo import WordsOverEcho
from harken.activation.sound_events import SoundEventDetector
from harken.activation.stopword import StopWordSpotter
from harken.activation.vad import SpeechDetector
from harken.activation.wakeword import WakeWordScout, WakeWordSpotter
from harken.asr.acoustic.model import AcousticModel
from harken.asr.keyword.judge import PhraseJudge
from harken.asr.keyword.phrases import Phrases
from harken.asr.recognizer import Recognizer
from harken.assistant.given import typed
from harken.assistant.installed import Installed
from harken.assistant.profile import load_profile
from harken.bundle import load_bundle
from harken.dialogue.conversation import DialogueManager
from harken.dialogue.store import Store
from harken.events import (
    AudioChunk,
    Event,
    Interpretation,
    PlaybackStarted,
    PlayedAudio,
    Reply,
    Samples,
    SpeechActivity,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
    WakeSuspected,
)
from harken.languages.loading import load_locale
from harken.phones.pronunciation import Pronunciation
from harken.stage import Stage
from harken.tts.synthesizer import Synthesizer
from harken.tts.voice import Voice

Cuts = Sequence[int]
"""Sizes of the chunks in which a sound arrives; they add up to its length."""


@dataclass(frozen=True)
class Case:
    """A stage, and the events that reach it when this sound, so cut, or this text comes."""

    name: str
    make: Callable[[], Stage]
    events: Callable[[Samples, Cuts, str], list[Event]]

    def run(self, stage: Stage, samples: Samples, cuts: Cuts, text: str) -> list[Event]:
        """All that the stage says to it, the flush included."""
        said = [out for event in self.events(samples, cuts, text) for out in stage.process(event)]
        return [*said, *stage.flush()]


def chunks(samples: Samples, cuts: Cuts) -> list[AudioChunk]:
    """The sound in chunks of these sizes."""
    starts = np.concatenate([[0], np.cumsum(cuts)])
    assert starts[-1] == len(samples)
    return [AudioChunk(start=int(a), samples=samples[a:b]) for a, b in itertools.pairwise(starts)]


def sound(samples: Samples, cuts: Cuts, _: str) -> list[Event]:
    """For stages that hear everything."""
    return list(chunks(samples, cuts))


def activity(samples: Samples, cuts: Cuts, _: str) -> list[Event]:
    """For the gate: sound, and speech wherever it is loud, reported with the chunk that completes a span of 80 ms."""
    events: list[Event] = []
    done = 0
    for chunk in chunks(samples, cuts):
        events.append(chunk)
        while done + 1280 <= chunk.start + len(chunk.samples):
            loud = float(np.abs(np.nan_to_num(samples[done : done + 1280])).max()) > 0.02
            events.append(SpeechActivity(start=done, end=done + 1280, speech=loud, score=float(loud)))
            done += 1280
    return events


def suspicions(samples: Samples, cuts: Cuts, _: str) -> list[Event]:
    """For the judge: as for the gate, but before the sound; a word is suspected in the second half of each second."""
    said = [event for event in activity(samples, cuts, "") if isinstance(event, SpeechActivity)]
    events: list[Event] = []
    for chunk in chunks(samples, cuts):
        while said and said[0].end <= chunk.start + len(chunk.samples):
            span = said.pop(0)
            if span.start % 16_000 >= 8000:
                events.append(WakeSuspected(word="computer", start=span.start, end=span.end, score=0.9))
            events.append(span)
        events.append(chunk)
    return events


def with_echo(samples: Samples, cuts: Cuts, _: str) -> list[Event]:
    """For the stages that take out echo: everything that is heard was played 50 ms earlier."""
    played = np.nan_to_num(np.concatenate([samples[800:], np.zeros(min(800, len(samples)), np.float32)]))
    events: list[Event] = []
    for chunk in chunks(samples, cuts):
        events.append(PlayedAudio(start=chunk.start, samples=played[chunk.start : chunk.start + len(chunk.samples)]))
        events.append(chunk)
    return events


def while_playing(samples: Samples, cuts: Cuts, _: str) -> list[Event]:
    """For the stop word: as for the judge, while the assistant speaks all the time."""
    said = [event for event in suspicions(samples, cuts, "") if not isinstance(event, WakeSuspected)]
    return [PlaybackStarted(turn=0, start=0), *said]


def while_playing_aloud(samples: Samples, cuts: Cuts, _: str) -> list[Event]:
    """For the stop word where the microphone hears the loudspeaker: it plays something else, which is not heard."""
    played = 0.01 * np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32)
    events: list[Event] = [PlaybackStarted(turn=0, start=0)]
    for chunk in chunks(samples, cuts):
        events.append(PlayedAudio(start=chunk.start, samples=played[chunk.start : chunk.start + len(chunk.samples)]))
        events.append(chunk)
    return events


def turn(samples: Samples, cuts: Cuts, _: str) -> list[Event]:
    """For the recogniser: the sound as one turn."""
    audio = [TurnAudio(turn=0, start=one.start, samples=one.samples) for one in chunks(samples, cuts)]
    ended = TurnEnded(turn=0, end=len(samples), reason="silence")
    return [TurnStarted(turn=0, start=0, reason="open"), *audio, ended]


def words(_: Samples, __: Cuts, text: str) -> list[Event]:
    """For the interpreter."""
    return [typed(text, turn=0, locale=load_locale())]


def meaning(_: Samples, __: Cuts, text: str) -> list[Event]:
    """For the dialogue: a greeting, or nothing understood when there are no words."""
    skill, intent = ("conversation", "greet") if text else ("", "")
    return [Interpretation(turn=0, text=text, skill=skill, intent=intent, score=1.0, rejected=not text)]


def reply(_: Samples, __: Cuts, text: str) -> list[Event]:
    """For the speaker."""
    return [Reply(turn=0, text=text, act="inform")]


def make_gate() -> Stage:
    from harken.activation.gate import GateConfig

    return Gate(GateConfig(open=True))


def make_judge() -> Stage:
    model = AcousticModel.load()
    phrases = Phrases.of(["computer", "good morning"], labels=model.labels, pronunciation=Pronunciation.load())
    return PhraseJudge(model, phrases, levels={"computer": 0.9}, threshold=0.01)


def make_early_judge() -> PhraseJudge:
    model = AcousticModel.load()
    phrases = Phrases.of(["good morning"], labels=model.labels, pronunciation=Pronunciation.load())
    return PhraseJudge(model, phrases, levels={}, threshold=0.0005, early=True)


def make_over_echo() -> WordsOverEcho:
    return WordsOverEcho(make_early_judge(), own=make_early_judge(), stops=())


def make_sound_detector() -> SoundEventDetector:
    """With thresholds so low that speech is full of sounds."""
    labels = load_bundle("sound-events").labels
    return SoundEventDetector.load(thresholds=dict.fromkeys(labels, 1e-6))


def make_dialogue() -> Stage:
    installed = Installed(load_profile())
    skills = {skill.name: skill for skill in installed.skills()}
    return DialogueManager(skills, installed.interpreter(), locale=installed.locale, store=Store(":memory:"))


CASES = (
    Case("echo", EchoStage, with_echo),
    Case("echofilter", EchoFilter, with_echo),
    Case("stopword", lambda: StopWordSpotter(make_early_judge()), while_playing),
    Case("overecho", make_over_echo, while_playing_aloud),
    Case("wakeword", lambda: WakeWordSpotter.load("computer"), sound),
    Case("scout", lambda: WakeWordScout([load_bundle("wakeword-computer")]), sound),
    Case("judge", make_judge, suspicions),
    Case("vad", SpeechDetector.load, sound),
    Case("sound-events", make_sound_detector, sound),
    Case("gate", make_gate, activity),
    Case("recognizer", Recognizer.load, turn),
    Case("interpreter", lambda: Installed(load_profile()).interpreter(), words),
    Case("dialogue", make_dialogue, meaning),
    Case("synthesizer", lambda: Synthesizer(Voice.load()), reply),
)


def comparable(events: Sequence[Event]) -> list[Any]:
    """Events as plain values that can be compared: arrays by content, numbers to four places, times of day left out.

    Partial transcripts are left out: they come with the chunk that completes them, so there may be more or fewer.
    """
    kept = (event for event in events if not (isinstance(event, Transcript) and not event.final))
    return [(type(event).__name__, _plain({f.name: getattr(event, f.name) for f in dataclasses.fields(event)}))
            for event in kept]  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.round(value.astype(np.float64), 4).tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in ("asked_at", "acted_at")}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
