"""The loop, with stages of a few lines: what flows back, what is left out, and that neither the chunking nor a thread
of its own for the answers changes what is said."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from harken.assistant.assistant import Assistant
from harken.assistant.given import typed
from harken.assistant.profile import Profile, TurnSettings
from harken.errors import AudioError, PipelineError
from harken.events import (
    NOBODY_SPOKE,
    AudioChunk,
    Event,
    FollowUpOpened,
    Hypothesis,
    PlaybackEnded,
    PlaybackStarted,
    Reply,
    Samples,
    SpeechChunk,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
)
from harken.languages.loading import load_locale
from harken.stage import Pipeline


class Ears:
    """A turn begins where it is loud and ends after a second; everything fed back is remembered."""

    name, latency = "ears", 0
    consumes = (AudioChunk, PlaybackStarted, PlaybackEnded, FollowUpOpened)
    emits = (TurnStarted, TurnAudio, TurnEnded, Transcript)
    replaces = (AudioChunk,)

    def __init__(self, number: Callable[[], int]) -> None:
        self.fed_back: list[Event] = []
        self.number = number
        self.reset()

    def reset(self) -> None:
        self.turn, self.end = -1, -1

    def process(self, event: Event) -> list[Event]:
        if not isinstance(event, AudioChunk):
            self.fed_back.append(event)
            return []
        end = event.start + len(event.samples)
        if self.end < 0 and np.abs(event.samples).max() > 0.5:
            self.turn, self.end = self.number(), event.start + 16_000
            return [TurnStarted(turn=self.turn, start=event.start, reason="open")]
        if 0 <= self.end <= end:
            self.end = -1
            return [TurnEnded(turn=self.turn, end=end, reason="silence")]
        return []

    def flush(self) -> list[Event]:
        return [TurnEnded(turn=self.turn, end=-1, reason="flush")] if self.end >= 0 else []


class Answerer:
    """Each turn, heard or typed, is answered by a question; before that, `hold` is waited for."""

    name, latency = "answerer", 0
    consumes = (TurnEnded, Transcript)
    emits = (Reply,)
    replaces = ()

    def __init__(self) -> None:
        self.asked = False
        self.hold = threading.Event()
        self.hold.set()

    def process(self, event: Event) -> list[Event]:
        assert isinstance(event, TurnEnded | Transcript)
        self.asked = True
        self.hold.wait(10)
        yes_or_no = isinstance(event, Transcript) and event.text == "hello"
        return [Reply(turn=event.turn, text="and you?", act="request", expects_answer=True, yes_or_no=yes_or_no)]

    def flush(self) -> list[Event]:
        return []

    def reset(self) -> None:
        """Nothing to forget."""


class Mouth:
    """Says each reply in two pieces, half a second each; remembers how many it made."""

    name, latency = "mouth", 0
    consumes = (Reply,)
    emits = (SpeechChunk,)
    replaces = ()

    def __init__(self) -> None:
        self.made = 0

    def process(self, event: Event) -> Iterator[Event]:
        assert isinstance(event, Reply)
        for _ in range(2):
            self.made += 1
            samples = np.zeros(12_000, np.float32)
            yield SpeechChunk(turn=event.turn, samples=samples, rate=24_000, text_start=0, text_end=8)

    def flush(self) -> list[Event]:
        return []

    def reset(self) -> None:
        """Nothing to forget."""


class FakeChain:
    profile = Profile(turn=TurnSettings(follow_up=2.0))
    stages: tuple[Any, ...] = ()
    wake = False
    locale = load_locale()
    closed = False

    def __init__(self) -> None:
        self.looks = 0
        self.restart_turns()
        self.ears, self.answerer, self.mouth = Ears(self.next_turn), Answerer(), Mouth()
        self.hearing = Pipeline([self.ears])
        self.answering = Pipeline([self.answerer, self.mouth], given=self.hearing.emits)
        self.due: list[Reply] = []
        self.answer_until: list[int] = []
        self.streams = 0

    def next_turn(self) -> int:
        return next(self.turns)

    def restart_turns(self) -> None:
        self.turns = itertools.count()

    def close(self) -> None:
        self.closed = True

    def adopt_hearing(self) -> None:
        """Nothing changes here."""

    def expect_answer(self, until: int) -> None:
        self.answer_until.append(until)

    def new_stream(self) -> None:
        self.streams += 1
        self.hearing.reset()

    def may_hold_speech(self, samples: Samples) -> bool:
        return bool(np.abs(samples).max() > 0.5)

    def attend(self) -> Iterator[Event]:
        self.looks += 1
        due, self.due = self.due, []
        for reply in due:
            yield from self.answering.process(reply)

    def reset(self) -> None:
        self.restart_turns()
        self.hearing.reset()
        self.answering.reset()


def made(**options: Any) -> tuple[Assistant, FakeChain]:
    chain = FakeChain()
    return Assistant(chain, **options), chain  # type: ignore[arg-type]


@pytest.fixture
def live() -> Iterator[tuple[Assistant, FakeChain]]:
    assistant, chain = made(live=True)
    yield assistant, chain
    chain.answerer.hold.set()
    assistant.close()


def sound(seconds: float = 6) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    samples = np.zeros(round(16_000 * seconds), np.float32)
    samples[8000:9000] = 0.9
    return samples


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_turn_runs_from_sound_to_reply_and_playback_flows_back() -> None:
    assistant, chain = made()
    said = [*assistant.process(sound()), *assistant.flush()]
    assert names(said) == [
        "TurnStarted", "TurnEnded", "Reply", "SpeechChunk", "PlaybackStarted", "SpeechChunk", "PlaybackEnded",
        "FollowUpOpened",
    ]  # fmt: skip
    assert names(chain.ears.fed_back) == ["PlaybackStarted", "PlaybackEnded", "FollowUpOpened"]
    started, ended, follow_up = chain.ears.fed_back
    assert isinstance(started, PlaybackStarted)
    assert isinstance(ended, PlaybackEnded)
    assert isinstance(follow_up, FollowUpOpened)
    assert ended.end - started.start == 16_000, "24,000 samples at 24 kHz last one second"
    assert follow_up.end - follow_up.start == 32_000, "two seconds by the profile"


@pytest.mark.parametrize("size", [1, 7, 319, 320, 5000])
def test_any_chunking_gives_the_same_events(size: int) -> None:
    def run(parts: list[Any]) -> list[str]:
        assistant, _ = made()
        said = [event for part in parts for event in assistant.process(part)] + assistant.flush()
        return [str(event)[:120] for event in said]

    samples = sound(3)
    assert run(np.array_split(samples, range(size, len(samples), size))) == run([samples])


def test_pieces_of_the_reply_come_before_the_reply_is_complete() -> None:
    assistant, chain = made()
    for event in assistant.stream(sound()):
        if isinstance(event, SpeechChunk):
            break
    assert chain.mouth.made == 1


def test_reset_and_replay_agree() -> None:
    assistant, _ = made()
    first = names([*assistant.process(sound()), *assistant.flush()])
    assistant.reset()
    assert names([*assistant.process(sound()), *assistant.flush()]) == first


def test_a_turn_under_way_at_the_end_is_closed_by_flush() -> None:
    assistant, _ = made()
    assert names(assistant.process(sound(1))) == ["TurnStarted"]
    assert names(assistant.flush())[:2] == ["TurnEnded", "Reply"]


def test_typed_turns_are_counted_and_answered() -> None:
    assistant, _ = made()
    first, second = assistant.ask_text("Hello there!"), assistant.ask_text("again")
    assert isinstance(first[0], Transcript)
    assert first[0].text == "hello there"
    assert [event.turn for event in (first[0], second[0]) if isinstance(event, Transcript)] == [0, 1]
    assert "Reply" in names(first)


def test_a_recorded_turn_without_wake_word_is_the_whole_recording() -> None:
    assistant, _ = made()
    said = assistant.ask_audio(sound(1))
    assert names(said)[:3] == ["TurnStarted", "TurnAudio", "TurnEnded"]
    again = assistant.ask_audio(sound(1))
    assert isinstance(again[0], TurnStarted)
    assert (again[0].turn, again[0].start) == (1, 16_000)


@pytest.mark.parametrize(("loudest", "reason"), [(0.9, "flush"), (0.4, NOBODY_SPOKE)])
def test_in_a_recorded_turn_without_speech_nobody_spoke(loudest: float, reason: str) -> None:
    assistant, _ = made()
    ended = assistant.ask_audio(np.full(16_000, loudest, np.float32))[2]
    assert isinstance(ended, TurnEnded)
    assert ended.reason == reason


class Deaf(Ears):
    """Hears no word in any turn."""

    def process(self, event: Event) -> list[Event]:
        events = super().process(event)
        nothing = Hypothesis(words=(), log_prob=0.0, confidence=1.0)
        return [*events, *(Transcript(turn=e.turn, hypotheses=(nothing,)) for e in events if isinstance(e, TurnEnded))]


class Patient(Answerer):
    """Answers only what was said."""

    consumes = (Transcript,)

    def process(self, event: Event) -> list[Event]:
        assert isinstance(event, Transcript)
        return super().process(event) if event.text else []


def deaf() -> tuple[Assistant, FakeChain]:
    assistant, chain = made()
    chain.ears = Deaf(chain.next_turn)
    chain.hearing = Pipeline([chain.ears])
    chain.answering = Pipeline([Patient(), chain.mouth], given=chain.hearing.emits)
    return assistant, chain


def test_noise_leaves_a_question_open_for_the_rest_of_its_time() -> None:
    assistant, chain = deaf()
    said = assistant.ask_text("hello")
    said += assistant.process(np.zeros(17_600, np.float32))  # the question takes a second
    first, again = (event for event in [*said, *assistant.process(sound(2))] if isinstance(event, FollowUpOpened))
    assert (first.start, first.end - first.start) == (16_000, 32_000)
    assert (again.turn, again.end) == (first.turn, first.end)
    assert again.start == 17_600 + 8000 + 16_000
    assert chain.ears.fed_back[-1] == again


def test_noise_opens_no_follow_up_when_nothing_was_asked_or_the_time_is_over() -> None:
    assistant, _ = deaf()
    assert "FollowUpOpened" not in names(assistant.process(sound(3)))
    assistant.ask_text("hello")
    late = assistant.process(np.concatenate([np.zeros(3 * 16_000, np.float32), sound(3)]))
    assert names(late).count("FollowUpOpened") == 1
    assert names(late)[-1] == "Transcript"


def test_changes_are_looked_for_once_a_second_but_not_within_a_turn() -> None:
    assistant, chain = made()
    assistant.process(np.zeros(16_000 * 3, np.float32))
    assert chain.looks == 3
    assistant.process(np.full(16_000, 0.9, np.float32)[:8000])
    looks = chain.looks
    assistant.process(np.zeros(4000, np.float32))
    assert chain.looks == looks


def test_a_timer_that_is_due_is_spoken() -> None:
    assistant, chain = made()
    chain.due = [Reply(turn=-1, text="Your timer is done.", act="inform")]
    assert names(assistant.process(np.zeros(400, np.float32)))[:2] == ["Reply", "SpeechChunk"]


def test_a_timer_that_is_due_rings_in_a_typed_conversation_too() -> None:
    assistant, chain = made()
    chain.due = [Reply(turn=-1, text="Your timer is done.", act="inform")]
    assert names(assistant.poll())[:2] == ["Reply", "SpeechChunk"]
    assert assistant.poll() == []
    chain.due = [Reply(turn=-1, text="Your timer is done.", act="inform")]
    said = [event for event in assistant.ask_text("hello") if isinstance(event, Reply | Transcript)]
    assert names(said) == ["Reply", "Transcript", "Reply"], "it rings before the turn is answered"


def test_spoken_and_typed_turns_share_one_count() -> None:
    assistant, _ = made()

    def turns(events: list[Event]) -> set[int]:
        return {event.turn for event in events if isinstance(event, TurnStarted | Transcript | Reply)}

    assert turns(assistant.ask_text("hello")) == {0}
    assert turns(assistant.process(sound(3))) == {1}
    assert turns(assistant.ask_text("hello")) == {2}
    assert turns(assistant.ask_audio(sound(1))) == {3}
    assistant.chain.wake = True
    assert turns(assistant.ask_audio(sound(3))) == {4}
    assert turns(assistant.ask_audio(sound(3))) == {5}, "another stream of the same conversation"
    assistant.reset()
    assert turns(assistant.ask_text("hello")) == {0}


def test_a_question_opens_a_follow_up_and_a_statement_does_not() -> None:
    assistant, chain = made()
    chain.due = [Reply(turn=0, text="Your timer is done.", act="inform")]
    said = [*assistant.process(np.zeros(32_000, np.float32)), *assistant.flush()]
    assert names(said) == ["Reply", "SpeechChunk", "PlaybackStarted", "SpeechChunk", "PlaybackEnded"]


def test_a_timer_that_rings_into_a_question_does_not_close_it() -> None:
    assistant, chain = made()
    said = assistant.ask_text("hello")
    chain.due = [Reply(turn=0, text="Your timer is done.", act="inform")]
    said += [*assistant.poll(), *assistant.flush()]
    assert names(said)[-2:] == ["PlaybackEnded", "FollowUpOpened"]


def test_the_recogniser_is_told_of_a_yes_or_no_question_and_that_it_is_answered() -> None:
    assistant, chain = made()
    assistant.process(np.zeros(1600, np.float32))
    assistant.ask_text("hello")
    assert chain.answer_until == [0, 1600 + 60 * 16_000]
    assistant.end_turn()
    assistant.drop_turn()
    assert (chain.streams, len(chain.answer_until)) == (2, 2), "the next streams begin with the question open"
    assistant.ask_text("good morning")
    assert chain.answer_until[2:] == [0, 0], "answered, and no yes or no answers the next"


def test_who_speaks_into_a_reply_cuts_it_off_and_is_asked_nothing() -> None:
    assistant, chain = made()
    twice = np.concatenate([sound(1.6), sound(1)])  # the second turn begins while the reply to the first sounds
    said = assistant.process(twice)
    ended = next(event for event in said if isinstance(event, PlaybackEnded))
    assert ended.interrupted
    assert names(said).index("PlaybackEnded") == names(said).index("TurnStarted", 1) + 1
    assert "FollowUpOpened" not in names(said)
    assert chain.ears.fed_back[-1] == ended


class Box:
    """A loudspeaker that reports by itself, later."""

    def __init__(self) -> None:
        self.pieces: list[SpeechChunk] = []
        self.playing = False
        self.stopped_at: list[int] = []

    def play(self, chunk: SpeechChunk, now: int) -> list[Event]:
        self.pieces.append(chunk)
        return []

    def stop(self, now: int) -> list[Event]:
        self.stopped_at.append(now)
        return []

    def advance(self, now: int) -> list[Event]:
        return []

    def finish(self) -> list[Event]:
        return []

    def reset(self) -> None:
        self.pieces.clear()


def test_a_loudspeaker_that_is_handed_in_tells_what_was_really_played() -> None:
    box = Box()
    assistant, chain = made(loudspeaker=box)
    assert "PlaybackStarted" not in names(assistant.process(sound(2)))
    assert len(box.pieces) == 2
    assistant.report(PlaybackStarted(turn=0, start=32_500))
    assert chain.ears.fed_back == [], "reports come from another thread: they wait for the loop"
    assert assistant.process(np.zeros(320, np.float32)) == [PlaybackStarted(turn=0, start=32_500)]
    assistant.report(PlaybackEnded(turn=0, end=40_000))
    assert names(assistant.poll()) == ["PlaybackEnded", "FollowUpOpened"]
    assistant.report(PlaybackEnded(turn=0, end=40_000, interrupted=True))
    assert names(assistant.poll()) == ["PlaybackEnded"]
    box.playing = True
    assistant.process(sound(1))
    assert len(box.stopped_at) == 1
    with pytest.raises(PipelineError, match="reports PlaybackStarted or PlaybackEnded, but Reply came"):
        assistant.report(Reply(turn=0, text="x", act="inform"))  # type: ignore[arg-type]


def test_live_the_same_events_come_in_the_same_order(live: tuple[Assistant, FakeChain]) -> None:
    def conversation(assistant: Assistant) -> list[str]:
        said = [*assistant.process(sound(2)), *assistant.wait(), *assistant.process(np.zeros(48_000, np.float32))]
        said += [*assistant.ask_text("hello"), *assistant.wait(), *assistant.process(sound(2)), *assistant.flush()]
        return names(said)

    assert conversation(live[0]) == conversation(made()[0])


def test_live_a_slow_skill_does_not_stop_the_hearing(live: tuple[Assistant, FakeChain]) -> None:
    assistant, chain = live
    chain.answerer.hold.clear()
    assert names(assistant.process(sound(3))) == ["TurnStarted", "TurnEnded"]
    assert names(assistant.process(sound(3))) == ["TurnStarted", "TurnEnded"], "heard while the first is worked out"
    chain.answerer.hold.set()
    replies = [event for event in assistant.wait() if isinstance(event, Reply)]
    assert [reply.turn for reply in replies] == [0, 1]


def test_live_an_answer_comes_with_the_next_sound(live: tuple[Assistant, FakeChain]) -> None:
    assistant, chain = live
    assistant.process(sound(3))
    while chain.mouth.made < 2:
        time.sleep(0.001)
    assert "Reply" in names([*assistant.process(np.zeros(320, np.float32)), *assistant.wait()])


def test_leaving_a_with_block_ends_the_conversation() -> None:
    assistant, chain = made(live=True)
    with assistant:
        assistant.ask_text("hello")
        assert not chain.closed
    assert chain.closed
    assert "Reply" in names(assistant.wait()), "what was being worked out is not lost"


def test_samples_that_are_not_numbers_count_as_silence() -> None:
    assistant, _ = made()
    assert assistant.process(np.full(16_000, np.nan, np.float32)) == []
    assert assistant.process(np.full(16_000, np.inf)) == []


@pytest.mark.parametrize("samples", [np.zeros((2, 100), np.float32), np.zeros(100, np.int16)])
def test_other_than_a_row_of_floats_is_refused_with_advice(samples: Any) -> None:
    assistant, _ = made()
    with pytest.raises(AudioError, match="divide by 32768"):
        assistant.process(samples)


def test_a_typed_text_is_certain_of_every_word() -> None:
    transcript = typed("It's 3 o'clock", turn=4, position=10, locale=load_locale())
    assert isinstance(transcript.hypotheses[0], Hypothesis)
    assert transcript.final
    assert {word.confidence for word in transcript.hypotheses[0].words} == {1.0}
    assert "three" in transcript.text


def test_a_button_opens_a_window_and_silences_the_reply() -> None:
    assistant, chain = made()
    assistant.process(sound(1.7))
    assert assistant._loudspeaker.playing
    position = assistant.position
    ended, opened = assistant.open_turn(3)
    assert (type(ended), ended.interrupted) == (PlaybackEnded, True)  # type: ignore[attr-defined]
    assert opened == FollowUpOpened(turn=-1, start=position, end=position + 48_000)
    assert chain.ears.fed_back[-2:] == [ended, opened]
    assert names(assistant.open_turn(3)) == ["FollowUpOpened"], "nothing plays any more"


def test_a_button_that_is_released_ends_the_turn_and_the_conversation_continues() -> None:
    assistant, chain = made()
    assistant.process(sound(1))
    ended = assistant.end_turn()
    assert [event.reason for event in ended if isinstance(event, TurnEnded)] == ["flush"]
    assert "Reply" in names(ended)
    assert chain.ears.end < 0
    assert names(assistant.process(np.zeros(32_000, np.float32))).count("PlaybackEnded") == 1
    assert [event.turn for event in assistant.process(sound(1)) if isinstance(event, TurnStarted)] == [1]
    assert assistant.end_turn()
    assert assistant.end_turn() == []


def test_stopping_makes_the_reply_fall_silent(live: tuple[Assistant, FakeChain]) -> None:
    assistant, chain = live
    chain.answerer.hold.clear()
    assistant.ask_text("hello")
    while not chain.answerer.asked:
        time.sleep(0.001)
    assistant.stop_speaking()  # before it has begun to speak
    chain.answerer.hold.set()
    said = assistant.wait()
    assert "Reply" in names(said)
    assert "SpeechChunk" not in names(said)
    assert not assistant.busy


def test_live_somebody_is_told_when_there_is_an_answer() -> None:
    told = threading.Event()
    assistant, _ = made(live=True, notify=told.set)
    with assistant:
        assistant.ask_text("hello")
        assert told.wait(10)
        while assistant.busy and "Reply" not in names(assistant.collect()):
            time.sleep(0.001)
        looks = assistant.chain.looks  # type: ignore[attr-defined]
        assistant.collect()
        assert assistant.chain.looks == looks, "nobody looked for timers"  # type: ignore[attr-defined]
