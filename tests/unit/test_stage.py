"""The pipeline: order, replacing, streaming, failures, and what it refuses to join."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from harken.errors import PipelineError
from harken.events import (
    Addressed,
    AudioChunk,
    Event,
    Hypothesis,
    Interpretation,
    PlaybackStarted,
    Reply,
    Samples,
    SpeechChunk,
    StageFailed,
    StateChanged,
    Transcript,
    TurnEnded,
    TurnStarted,
    Word,
)
from harken.stage import NO_TURN, Kinds, Pipeline, Stage


class Scripted:
    """A stage of a few lines, which remembers what it was given."""

    latency = 0

    def __init__(
        self, name: str, consumes: Kinds, emits: Kinds, answer: Callable[[Event], Iterable[Event]],
        *, replaces: Kinds = (), held: Iterable[Event] = (),
    ):  # fmt: skip
        self.name, self.consumes, self.emits, self.replaces = name, consumes, emits, replaces
        self.answer, self.held = answer, held
        self.seen: list[Event] = []
        self.resets = 0

    def process(self, event: Event) -> Iterable[Event]:
        self.seen.append(event)
        return self.answer(event)

    def flush(self) -> Iterable[Event]:
        return self.held

    def reset(self) -> None:
        self.resets += 1


STARTED = TurnStarted(turn=4, start=0, reason="open")
ENDED = TurnEnded(turn=4, end=10, reason="silence")


def transcript(text: str = "light on", *, turn: int = 4) -> Transcript:
    words = tuple(Word(text=word, start=0, end=1, confidence=1.0) for word in text.split())
    return Transcript(turn=turn, hypotheses=(Hypothesis(words=words, log_prob=0.0, confidence=1.0),))


def reply(text: str = "done", *, turn: int = 4) -> Reply:
    return Reply(turn=turn, text=text, act="inform")


def understood(event: Event) -> list[Event]:
    assert isinstance(event, Transcript)
    return [Interpretation(turn=event.turn, text=event.text, skill="home", intent="on", score=0.9)]


def answered(event: Event) -> list[Event]:
    assert isinstance(event, Interpretation)
    return [StateChanged(turn=event.turn, state={}), reply(event.text, turn=event.turn)]


def names(events: Iterable[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def nothing(_: Event) -> list[Event]:
    return []


OUTSIDE: Kinds = (TurnStarted, TurnEnded, Transcript)


def listener(*kinds: type[Event]) -> Scripted:
    return Scripted("listener", kinds, (), nothing)


def test_two_answers_to_one_event_keep_the_order_of_their_stages() -> None:
    first = Scripted("first", (TurnEnded,), (Addressed,), lambda _: [Addressed(turn=4, to_device=True, score=1.0)])
    second = Scripted("second", (TurnEnded,), (Reply,), lambda _: [reply()])
    third = listener(TurnEnded, Addressed, Reply)
    said = list(Pipeline([first, second, third], given=OUTSIDE).process(ENDED))
    assert names(third.seen) == ["Addressed", "Reply", "TurnEnded"], "the cause travels on behind its answers"
    assert names(said) == ["TurnEnded", "Addressed", "Reply"], "outside, the cause comes first"


def test_an_answer_has_been_through_all_later_stages_before_the_next_one_is_given() -> None:
    order: list[str] = []

    def two(_: Event) -> Iterator[Event]:
        for text in ("one", "two"):
            order.append(f"gives {text}")
            yield reply(text)

    def takes(event: Event) -> list[Event]:
        assert isinstance(event, Reply)
        order.append(f"takes {event.text}")
        return []

    pipeline = Pipeline(
        [Scripted("giver", (TurnEnded,), (Reply,), two), Scripted("taker", (Reply,), (), takes)], given=OUTSIDE
    )
    list(pipeline.process(ENDED))
    assert order == ["gives one", "takes one", "gives two", "takes two"]


def test_nothing_more_is_worked_out_than_is_read() -> None:
    made: list[int] = []

    def pieces(_: Event) -> Iterator[Event]:
        for number in range(3):
            made.append(number)
            yield reply(str(number))

    said = Pipeline([Scripted("giver", (TurnEnded,), (Reply,), pieces)], given=OUTSIDE).process(ENDED)
    assert made == []
    assert names([next(said), next(said)]) == ["TurnEnded", "Reply"]
    assert made == [0]


def assistant(*, addressed: bool = True) -> tuple[Pipeline, list[Scripted]]:
    """Recogniser, a rescorer that replaces its transcript, directed, interpreter, dialogue."""

    def rescored(event: Event) -> list[Event]:
        assert isinstance(event, Transcript)
        return [replace(event, hypotheses=transcript("light off").hypotheses)]

    def directed(event: Event) -> list[Event]:
        judged = Addressed(turn=4, to_device=addressed, score=0.9)
        return [judged, event] if addressed else [judged]

    stages = [
        Scripted("recognizer", (TurnEnded,), (Transcript,), lambda _: [transcript()]),
        Scripted("rescorer", (Transcript,), (Transcript,), rescored, replaces=(Transcript,)),
        Scripted("directed", (Transcript,), (Addressed, Transcript), directed, replaces=(Transcript,)),
        Scripted("interpreter", (Transcript,), (Interpretation,), understood),
        Scripted("dialogue", (Addressed, Interpretation), (StateChanged, Reply),
                 lambda event: answered(event) if isinstance(event, Interpretation) else []),
    ]  # fmt: skip
    return Pipeline(stages, given=(TurnEnded,)), stages


def test_a_replaced_transcript_gives_one_reply_and_is_not_seen_any_more() -> None:
    pipeline, (_, rescorer, directed, interpreter, dialogue) = assistant()
    said = list(pipeline.process(ENDED))
    assert names(said) == ["TurnEnded", "Addressed", "Transcript", "Interpretation", "StateChanged", "Reply"]
    assert [event.text for event in said if isinstance(event, Transcript)] == ["light off"]
    assert [len(stage.seen) for stage in (rescorer, directed, interpreter)] == [1, 1, 1]
    assert names(dialogue.seen) == ["Addressed", "Interpretation"]


def test_what_is_not_addressed_to_the_assistant_gets_no_reply() -> None:
    pipeline, (*_, interpreter, dialogue) = assistant(addressed=False)
    assert names(pipeline.process(ENDED)) == ["TurnEnded", "Addressed"]
    assert interpreter.seen == []
    assert names(dialogue.seen) == ["Addressed"]


def test_what_was_held_back_passes_through_the_later_stages_before_they_are_flushed() -> None:
    first = Scripted("first", (TurnEnded,), (Transcript,), nothing, held=[transcript()])
    second = Scripted("second", (Transcript,), (Interpretation,), understood, held=[understood(transcript("last"))[0]])
    third = Scripted("third", (Interpretation,), (Reply,), lambda event: answered(event)[1:])
    said = list(Pipeline([first, second, third], given=OUTSIDE).flush())
    assert names(said) == ["Transcript", "Interpretation", "Reply", "Interpretation", "Reply"]
    assert [event.text for event in said if isinstance(event, Reply)] == ["light on", "last"]


def failing(_: Event) -> Iterator[Event]:
    yield reply("begun")
    raise ValueError("no more")


def test_a_stage_that_fails_becomes_an_event_and_the_others_work_on(caplog: pytest.LogCaptureFixture) -> None:
    after = listener(Transcript, Reply, StageFailed)
    pipeline = Pipeline([Scripted("broken", (Transcript,), (Reply, StageFailed), failing), after], given=OUTSIDE)
    said = list(pipeline.process(transcript(turn=7)))
    assert said[1:] == [reply("begun"), StageFailed(turn=7, stage="broken", message="ValueError: no more")]
    assert names(after.seen) == ["Reply", "StageFailed", "Transcript"]
    assert "ValueError" in caplog.text, "the log keeps the traceback"


def test_a_failure_names_the_turn_under_way_even_when_its_cause_does_not() -> None:
    def broken(_: Event) -> list[Event]:
        raise ValueError("ears")

    pipeline = Pipeline([Scripted("ears", (AudioChunk,), (), broken)], given=(*OUTSIDE, AudioChunk))
    chunk = AudioChunk(start=0, samples=one_sample())

    def turn() -> int:
        return next(event.turn for event in pipeline.process(chunk) if isinstance(event, StageFailed))

    assert turn() == NO_TURN
    list(pipeline.process(STARTED))
    assert turn() == 4
    list(pipeline.process(ENDED))
    assert turn() == NO_TURN
    list(pipeline.process(STARTED))
    pipeline.reset()
    assert turn() == NO_TURN


def one_sample() -> Samples:
    return np.zeros(1, np.float32)


def test_a_failing_stage_that_replaces_lets_nothing_through_unchecked() -> None:
    def broken(_: Event) -> list[Event]:
        raise ValueError("cannot judge")

    judge = Scripted("judge", (Transcript,), (Transcript,), broken, replaces=(Transcript,))
    interpreter = Scripted("interpreter", (Transcript,), (Interpretation,), understood)
    assert names(Pipeline([judge, interpreter], given=OUTSIDE).process(transcript())) == ["StageFailed"]
    assert interpreter.seen == []


def test_a_stage_that_fails_when_flushed_does_not_stop_the_others() -> None:
    def raising() -> Iterator[Event]:
        raise ValueError("stuck")
        yield

    class Stuck(Scripted):
        def flush(self) -> Iterable[Event]:
            return raising()

    stuck = Stuck("stuck", (TurnEnded,), (), nothing)
    later = Scripted("later", (TurnEnded,), (Reply,), nothing, held=[reply()])
    pipeline = Pipeline([stuck, later], given=OUTSIDE)
    list(pipeline.process(STARTED))
    said = list(pipeline.flush())
    assert said == [StageFailed(turn=4, stage="stuck", message="ValueError: stuck"), reply()]


def test_it_does_not_start_when_something_is_needed_that_nothing_emits() -> None:
    with pytest.raises(PipelineError, match="'listener' needs Reply, but the stages before it only emit AudioChunk"):
        Pipeline([listener(Reply)])
    speaker = Scripted("speaker", (Reply,), (SpeechChunk,), nothing)
    giver = Scripted("giver", (AudioChunk,), (Reply,), nothing)
    with pytest.raises(PipelineError, match="'speaker' needs Reply"):
        Pipeline([speaker, giver])
    assert Pipeline([giver, speaker]).emits[-1] is SpeechChunk


def test_it_does_not_start_when_something_is_needed_that_an_earlier_stage_replaces() -> None:
    ender = Scripted("gate", (AudioChunk,), (TurnStarted,), nothing, replaces=(AudioChunk,))
    with pytest.raises(PipelineError, match=r"AudioChunk, but it ends with stage 'gate'.*put 'listener' before 'gate'"):
        Pipeline([ender, listener(AudioChunk)])
    assert AudioChunk not in Pipeline([listener(AudioChunk), ender]).emits


def test_a_stage_cannot_replace_what_it_does_not_consume() -> None:
    odd = Scripted("odd", (AudioChunk,), (), nothing, replaces=(PlaybackStarted,))
    with pytest.raises(PipelineError, match="'odd' replaces PlaybackStarted but does not consume it"):
        Pipeline([odd])


def test_an_event_that_no_stage_takes_passes_unchanged() -> None:
    pipeline = Pipeline([listener(TurnEnded)], given=OUTSIDE)
    assert list(pipeline.process(STARTED)) == [STARTED]
    assert pipeline.consumes == (TurnEnded,)


def test_reset_reaches_every_stage() -> None:
    stages = [listener(TurnEnded), listener(TurnEnded)]
    pipeline = Pipeline(stages, given=OUTSIDE)
    pipeline.reset()
    assert [stage.resets for stage in stages] == [1, 1]
    assert all(isinstance(stage, Stage) for stage in stages)
