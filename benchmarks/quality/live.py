"""Talking to a machine that talks: what echo is left, whether harken answers itself, how soon "stop" stops it.

    HARKEN_DATA=... python -m benchmarks.quality.live [--parts room echo own speech stop] [--words stop computer]
        [--trials 100] [--write]

A simulated loudspeaker and microphone stand in rooms (image method, RT60 0.2-0.6 s); the sound reaches the microphone
20 to 300 ms after it was handed over. Levels are those of the echo at the microphone relative to a person who speaks
there (-26 dB below full scale); there is a noise of -60 dB. Everything runs through the shipped assistant.

- `room`: what the filter behind which a person is heard leaves of half a second of a first reply, 0.8 s after its
  beginning: with nothing before, with the tone at the wake word, and with the greeting.
- `echo`: replies in harken's voice. Echo return loss enhancement: by how many dB the canceller lowers the echo, the
  first second left out; and what it takes from a person who speaks at the same time (read speech).
- `own`: a question is asked ("Shall I unlock the front door?"), a follow-up opens, and a timer rings in it. Nobody
  speaks. Counted are trials in which a turn begins.
- `speech`: harken reads sentences of LibriSpeech (`dev`), each in a room that it does not know yet. Nobody speaks.
  Counted are the sentences in which it hears "stop" or "computer", and how near the others came.
- `stop`: while a reply plays, somebody says "stop" (people of AN4 on whom nothing was tuned, and voices reserved for
  tests) or "computer" (people, `test`). Stopped within 300 ms of the end of the word? Once into the first reply in a
  room, which is known from the greeting alone, and once after a short reply ("what time is it").

In `own` and `stop`, each conversation begins with the greeting, as it does by default.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.bundles import hashes
from harken.activation.echo import EchoStage
from harken.activation.echo_filter import EchoFilter
from harken.activation.over_echo import WordsOverEcho
from harken.asr.keyword.judge import PhraseJudge
from harken.asr.keyword.phrases import Phrases
from harken.asr.keyword.rule import INTERRUPTING
from harken.assistant.listening import Listening
from harken.assistant.models import Models
from harken.assistant.simulated_card import SimulatedCard
from harken.audio.chime import make_chime, make_greeting
from harken.data.mixing import active_level, apply_gain, level, match_level
from harken.data.rooms import draw_room, simulate_room
from harken.data.utterances import read_corpus
from harken.data.voices import parse_voice, speak
from harken.dialogue.clock import LOCAL
from harken.dialogue.store import Store
from harken.errors import HarkenError
from harken.events import (
    SAMPLE_RATE,
    AudioChunk,
    Event,
    FollowUpOpened,
    PlaybackEnded,
    PlaybackStarted,
    PlayedAudio,
    Samples,
    TurnStarted,
    WakeDetected,
)
from harken.metrics.intervals import bootstrap, wilson
from harken.metrics.result import Result, append_result
from harken.phones.pronunciation import Pronunciation
from harken.stage import Stage

RECIPE, COMMAND = "assistant", "python -m benchmarks.quality.live"
BUNDLES = ("wakeword-computer", "vad", "acoustic-en", "voice-kokoro", "vocoder")
WORDS = ("stop", "computer")
PARTS = ("room", "echo", "own", "speech", "stop")
LEVELS = (-10.0, 0.0, 5.0)
"""dB of the echo relative to a person."""
PERSON = -26.0
"""dB of a person at the microphone."""
NOISE = -60.0
ROOMS = 20
SOON = 0.3
"""Seconds after the end of the word."""
LONG = "what can you do"
"""Its answer takes several seconds."""
SHORT = "what time is it"
TEXTS = (
    "The capital of France is Paris, and the capital of Germany is Berlin.",
    "I have added milk, eggs and bread to your shopping list.",
    "Your timer for ten minutes is over.",
    "Tomorrow at half past seven I will wake you. Shall I turn on the light, too?",
    "The computer in the kitchen is off.",
)
LEARNED = ("fjam", "fplp", "mcel", "mjbh", "mjgk", "mmap", "mrjc2", "mtcv")
"""People of AN4 on whose "stop" filter and threshold were tuned."""


class SimulatedClock:
    """Time as the microphone hears it pass."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL) + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Trial:
    """A conversation in one room, at one level of the echo."""

    card: SimulatedCard
    listening: Listening
    clock: SimulatedClock

    def run(self, seconds: float, *, until: Callable[[Event], bool] = lambda _: False) -> list[Event]:
        """Time passes: what happens, up to and including the step with the event that is waited for."""
        events = []
        for _ in range(round(seconds * 50)):
            self.clock.seconds += 0.02
            step = list(self.listening.step())  # to its end: what is not read does not happen
            events += step
            if any(until(event) for event in step):
                break
        return events


class Bench:
    """The assistant's models, the rooms, and what was measured."""

    def __init__(self, *, words: Sequence[str] = WORDS, write: bool, seed: int = 1):
        self.words = words
        self.clock = SimulatedClock()
        self.models = Models.load("en", store=Store(":memory:"), clock=self.clock)
        self.rng, self._write = np.random.default_rng(seed), write
        rooms = (draw_room(self.rng, rt60=(0.2, 0.6)) for _ in range(ROOMS))
        self.rooms = [simulate_room(room) for room in rooms]
        self.voice_level = active_level(self.models.voice.say(TEXTS[0]))
        self.noise = (self.rng.standard_normal(20 * SAMPLE_RATE) * 10 ** (NOISE / 20)).astype(np.float32)

    def impulse(self, decibel: float) -> Samples:
        """From the loudspeaker to the microphone: a room, a delay, and the level of the echo of harken's voice."""
        room = self.rooms[int(self.rng.integers(len(self.rooms)))]
        energy = 10 * np.log10(np.sum(np.square(room, dtype=np.float64)))
        delay = np.zeros(round(self.rng.uniform(0.02, 0.3) * SAMPLE_RATE), np.float32)
        return np.concatenate([delay, apply_gain(room, PERSON + decibel - self.voice_level - float(energy))])

    def trial(self, decibel: float) -> Trial:
        card = SimulatedCard(echo=self.impulse(decibel), noise=self.noise)
        listening = Listening(self.models, card, live=False)
        listening.open()
        trial = Trial(card, listening, self.clock)
        trial.run(1.5)  # the greeting
        return trial

    def judge(self) -> PhraseJudge:
        """Hears the words as the assistant does behind its echo filter, or in what it plays."""
        phrases = Phrases.of(
            WORDS, labels=self.models.acoustic.labels, pronunciation=Pronunciation.load(self.models.locale)
        )
        return PhraseJudge(self.models.acoustic, phrases, levels={}, early=True, without_network=INTERRUPTING)

    def rate(self, metric: str, hits: int, n: int, *, what: str, condition: str) -> None:
        """Print and keep a share in %."""
        low, high = wilson(hits, n)
        print(f"  {metric}: {hits} of {n} ({100 * hits / n:.1f} %, {100 * low:.1f}-{100 * high:.1f})", flush=True)
        self._keep(metric, 100 * hits / n, (100 * low, 100 * high), "%", n, what, condition)

    def mean(self, metric: str, values: Sequence[float], *, unit: str, what: str, condition: str) -> None:
        """Print and keep a mean."""
        low, high = bootstrap(lambda drawn: float(np.mean(drawn)), values, rng=np.random.default_rng(0))
        print(f"  {metric}: {np.mean(values):.1f} {unit} ({low:.1f}-{high:.1f}), n = {len(values)}", flush=True)
        self._keep(metric, float(np.mean(values)), (low, high), unit, len(values), what, condition)

    def _keep(
        self, metric: str, value: float, ends: tuple[float, float], unit: str, n: int, what: str, condition: str
    ) -> None:  # fmt: skip
        if not self._write:
            return
        result = Result(
            recipe=RECIPE, metric=metric, unit=unit, value=value, low=ends[0], high=ends[1], n=n, set=what,
            condition=condition, command=COMMAND, bundles=hashes(BUNDLES),
        )  # fmt: skip
        append_result(result)


def main() -> None:
    """Read the command line, measure, print, record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--words", nargs="+", choices=WORDS, default=WORDS, help="of the part `stop`")
    parser.add_argument("--trials", type=int, default=100, help="of each part at each level")
    parser.add_argument("--write", action="store_true", help="append to the recipe's results.jsonl")
    options = parser.parse_args()
    bench = Bench(words=options.words, write=options.write)
    for part in options.parts:
        for decibel in LEVELS:
            print(f"{part}, echo at {decibel:+.0f} dB", flush=True)
            MEASURES[part](bench, decibel, options.trials)


def measure_room(bench: Bench, decibel: float, trials: int) -> None:
    """How well the filter knows a room after one sound."""
    reply = bench.models.voice.say(TEXTS[1])[: 2 * SAMPLE_RATE]
    rooms = [bench.impulse(decibel) for _ in range(trials)]
    sounds = {"nothing": np.zeros(0, np.float32), "the tone": make_chime(), "the greeting": make_greeting()}
    for name, sound in sounds.items():
        played = np.concatenate([sound, np.zeros(SAMPLE_RATE, np.float32), reply])
        first = len(played) - len(reply) + round(0.8 * SAMPLE_RATE)
        there = slice(first, first + SAMPLE_RATE // 2)
        left = []
        for room in rooms:
            heard = np.convolve(played, room)[: len(played)] + np.resize(bench.noise, len(played))
            rest = _without_echo(heard.astype(np.float32), played, EchoFilter())
            left.append(level(rest[there]) - level(heard[there].astype(np.float32)))
        bench.mean(
            "left of a first reply", left, unit="dB", what="rooms", condition=f"echo {decibel:+.0f} dB, after {name}"
        )


def measure_echo(bench: Bench, decibel: float, trials: int) -> None:
    """By how much the canceller lowers the echo, and the person."""
    read = [u for u in read_corpus("librispeech", "test") if u.duration < 8][:trials]
    lowered, kept = [], []
    for number in range(min(trials, len(read))):
        played = np.concatenate([bench.models.voice.say(text) for text in TEXTS])
        microphone = np.convolve(played, bench.impulse(decibel))[: len(played)].astype(np.float32)
        microphone += bench.noise[: len(played)]
        alone = _without_echo(microphone, played, EchoStage())
        after = slice(SAMPLE_RATE, None)
        lowered.append(level(microphone[after]) - level(alone[after]))
        person = np.zeros_like(played)
        spoken = match_level(read[number].read(), PERSON)[: len(played) - 5 * SAMPLE_RATE]
        there = slice(5 * SAMPLE_RATE, 5 * SAMPLE_RATE + len(spoken))
        person[there] = spoken
        both = _without_echo(microphone + person, played, EchoStage())
        kept.append(_share(both[there], spoken))
    condition = f"echo {decibel:+.0f} dB"
    bench.mean("echo return loss enhancement", lowered, unit="dB", what="own replies in rooms", condition=condition)
    bench.mean("loss of a person who speaks meanwhile", kept, unit="dB", what="librispeech test", condition=condition)


def measure_own(bench: Bench, decibel: float, trials: int) -> None:
    """Trials in which harken's own question or ring begins a turn."""
    begun = woken = opened = 0
    for number in range(trials):
        trial = bench.trial(decibel)
        label = ("pasta", "tea", "computer", "pizza", "rice")[number % 5]
        trial.listening.ask(f"set a {label} timer for {9 + number % 4} seconds")
        events = trial.run(4, until=lambda event: isinstance(event, PlaybackEnded))
        trial.listening.ask("unlock the front door")
        events += trial.run(16)
        opened += any(isinstance(event, FollowUpOpened) for event in events)
        begun += any(isinstance(event, TurnStarted) for event in events)
        woken += any(isinstance(event, WakeDetected) for event in events)
        trial.listening.close()
    condition = f"echo {decibel:+.0f} dB"
    print(f"  follow-ups opened: {opened} of {trials}")
    bench.rate("turns begun by harken's own voice", begun, trials, what="question and ring", condition=condition)
    bench.rate("wake words in harken's own voice", woken, trials, what="question and ring", condition=condition)


def measure_speech(bench: Bench, decibel: float, trials: int) -> None:
    """Sentences in harken's voice in which it hears what silences or wakes it."""
    texts = [utterance.text for utterance in read_corpus("librispeech", "dev") if utterance.text]
    texts = [text for text in texts if not set(WORDS) & set(text.lower().split())][:trials]
    scores: list[dict[str, float]] = []
    hours = 0.0
    for text in texts:
        played = bench.models.voice.say(text)
        echo = np.convolve(played, bench.impulse(decibel))[: len(played)]
        microphone = (echo + np.resize(bench.noise, len(played))).astype(np.float32)
        scores.append(_highest(bench, microphone, played))
        hours += len(played) / SAMPLE_RATE / 3600
    for word in WORDS:
        highest = sorted(each[word] for each in scores)
        nearest = ", ".join(f"{score:.3f}" for score in highest[-5:])
        print(f"  {hours:.2f} h; {word}: highest scores {nearest}; {INTERRUPTING.threshold} counts", flush=True)
        bench.rate(
            f"“{word}” in harken's own speech", sum(score >= INTERRUPTING.threshold for score in highest), len(scores),
            what="librispeech dev read by harken", condition=f"echo {decibel:+.0f} dB",
        )  # fmt: skip


def measure_stop(bench: Bench, decibel: float, trials: int) -> None:
    """Replies that are silenced within 300 ms of the end of the word."""
    for word in bench.words:
        for who, spoken_words in SPEAKERS[word].items():
            people = list(spoken_words())
            for known in (False, True):
                late = [
                    _delay_of_stop(bench.trial(decibel), people[n % len(people)], bench.rng, known=known)
                    for n in range(trials)
                ]
                reached = np.asarray([value for value in late if value is not None])
                condition = f"echo {decibel:+.0f} dB, {'a later' if known else 'the first'} reply in a room"
                if len(reached):
                    median, p95 = np.median(reached), np.quantile(reached, 0.95)
                    print(f"  {who}, {condition}: median {median:.2f} s, p95 {p95:.2f} s")
                for end, hits in ((" within 300 ms", int((reached <= SOON).sum())), ("", len(reached))):
                    bench.rate(f"“{word}” stops a reply{end}", hits, trials, what=who, condition=condition)


MEASURES: dict[str, Callable[[Bench, float, int], None]] = {
    "room": measure_room, "echo": measure_echo, "own": measure_own, "speech": measure_speech, "stop": measure_stop,
}  # fmt: skip


def people_who_say_stop() -> Iterator[Samples]:
    """From the word's beginning to its end."""
    for utterance in read_corpus("an4"):
        if (utterance.text or "").lower() == "stop" and not (utterance.speaker or "").endswith(LEARNED):
            yield spoken(utterance.read())


def voices_that_say_stop() -> Iterator[Samples]:
    """Synthesisers that are reserved for tests, at three speeds."""
    for name in ("flite:slt", "flite:rms", "flite:awb", "festival:kal_diphone"):
        for speed in (0.9, 1.0, 1.2):
            try:
                yield spoken(speak("stop", parse_voice(name), speed=speed))
            except HarkenError:
                continue  # not installed


def people_who_say_computer() -> Iterator[Samples]:
    """From a little before the word to its end."""
    for utterance in read_corpus("wake-words", "test"):
        if utterance.label == "computer":
            yield spoken(utterance.read())


SPEAKERS: dict[str, dict[str, Callable[[], Iterator[Samples]]]] = {
    "stop": {"an4": people_who_say_stop, "reserved voices": voices_that_say_stop},
    "computer": {"wake-words test": people_who_say_computer},
}


def spoken(samples: Samples) -> Samples:
    """What somebody says, at a person's level, from a little before its beginning to its end."""
    power = np.square(samples[: len(samples) // 160 * 160].reshape(-1, 160)).mean(axis=1)
    active = np.flatnonzero(power > power.max() * 10**-3)
    return match_level(samples[max(0, int(active[0]) - 10) * 160 : (int(active[-1]) + 1) * 160], PERSON)


def _delay_of_stop(trial: Trial, word: Samples, rng: np.random.Generator, *, known: bool) -> float | None:
    """Seconds from the end of the word to silence; None if the reply was not stopped within two seconds."""
    if known:
        trial.listening.ask(SHORT)
        trial.run(6, until=lambda event: isinstance(event, PlaybackEnded))
        trial.run(1)
    trial.listening.ask(LONG)
    trial.run(float(rng.uniform(0.5, 2.0)))
    end = trial.card.position + len(word)
    trial.card.say(word)
    events = trial.run(len(word) / SAMPLE_RATE + 2, until=lambda event: isinstance(event, PlaybackEnded))
    stopped = [event for event in events if isinstance(event, PlaybackEnded) and event.interrupted]
    delay = (trial.card.position - end) / SAMPLE_RATE if stopped else None
    trial.listening.close()
    return delay


def _highest(bench: Bench, microphone: Samples, played: Samples) -> dict[str, float]:
    """The highest score of each word while a reply plays."""
    judge, highest = bench.judge(), dict.fromkeys(WORDS, 0.0)
    stage = WordsOverEcho(judge, own=bench.judge(), stops=("stop",))
    stage.process(PlaybackStarted(turn=0, start=0))
    for start in range(0, len(played), 320):
        stage.process(PlayedAudio(start=start, samples=played[start : start + 320]))
        stage.process(AudioChunk(start=start, samples=microphone[start : start + 320]))
        highest = {word: max(score, judge.recent[word]) for word, score in highest.items()}
    return highest


def _without_echo(microphone: Samples, played: Samples, stage: Stage) -> Samples:
    stage.process(PlayedAudio(start=0, samples=played))
    out = [*stage.process(AudioChunk(start=0, samples=microphone)), *stage.flush()]
    return np.concatenate([event.samples for event in out if isinstance(event, AudioChunk)])


def _share(mixed: Samples, person: Samples) -> float:
    """dB by which a person is lower in a mixture than before: the part of it that is like the person's sound."""
    factor = float(np.dot(mixed, person) / np.dot(person, person))
    return -20 * np.log10(max(abs(factor), 1e-3))


if __name__ == "__main__":
    main()
