"""The complete assistant: wake word, speech detector, gate, recogniser, interpreter, dialogue and voice.

    assistant = Assistant.load("en")
    for event in assistant.process(samples):      # any number of samples at 16 kHz
        ...
    for event in assistant.ask_text("what time is it"):
        ...

This loop owns the count of turns, the clock of the sound, and the loudspeaker, whose reports flow back into the stages.
With files and in tests everything happens at once and in one order; a `live` assistant answers in a thread of its own,
so that a slow skill or a long reply never stops it from hearing.
"""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from harken.assistant.chain import Chain
from harken.assistant.given import checked, recorded, typed
from harken.assistant.loudspeaker import Loudspeaker, VirtualLoudspeaker
from harken.assistant.models import Models
from harken.assistant.question import Question
from harken.assistant.work import Job, Worker
from harken.audio.blocks import Blocks
from harken.dialogue.clock import Clock
from harken.dialogue.questions import PATIENCE
from harken.dialogue.store import Store
from harken.errors import PipelineError
from harken.events import (
    SAMPLE_RATE,
    AudioChunk,
    Event,
    FollowUpOpened,
    PlaybackEnded,
    PlaybackStarted,
    Reply,
    Samples,
    SpeechChunk,
    StopDetected,
    Transcript,
    TurnEnded,
    TurnStarted,
)
from harken.stage import NO_TURN

_BLOCK = 320
"""Samples (20 ms) that the stages get at once, so that the output does not depend on how the sound came in."""
_TICK = 50
"""Blocks (1 s) between two checks of the timers and of what the user has registered."""


class Assistant:
    """One conversation with one person.

    Args:
        chain: the stages.
        loudspeaker: plays the replies; by default one that plays on the clock of the sound that comes in.
        live: whether answers are worked out in a thread of their own, which `close` ends.
        notify: live: called in that thread when there is something to `collect`, and when an answer is complete; it
            must return at once.
    """

    def __init__(
        self, chain: Chain, *, loudspeaker: Loudspeaker | None = None, live: bool = False,
        notify: Callable[[], None] | None = None,
    ):  # fmt: skip
        self.chain = chain
        self._loudspeaker = loudspeaker or VirtualLoudspeaker()
        self._worker = Worker(notify=notify) if live else None
        self._reports: queue.SimpleQueue[PlaybackStarted | PlaybackEnded] = queue.SimpleQueue()
        self._blocks = Blocks(_BLOCK)
        self._start()

    @classmethod
    def load(
        cls,
        profile: str = "en",
        *,
        skills: Sequence[str | Path] = (),
        wake: bool = True,
        voice: bool = True,
        store: Store | None = None,
        clock: Clock | None = None,
        loudspeaker: Loudspeaker | None = None,
        live: bool = False,
        echo: bool = False,
    ) -> Assistant:
        """The assistant of a profile, with the user's own settings, skills and wake words.

        Args:
            profile: name of a shipped profile; the user's `profile.toml` overrides it.
            skills: folders of additional skills.
            wake: whether a wake word is needed; if not, the first speech opens a turn.
            voice: whether replies are spoken.
            store: lists and timers; the user's own when None.
            clock: the time; this machine's when None.
            loudspeaker, live: as for the class.
            echo: as for `Chain`; the loudspeaker must report `PlayedAudio`.

        Raises:
            ConfigError: the profile is unknown or not understood.
            SkillError: a folder in `skills` is not a skill.
        """
        models = Models.load(profile, skills=skills, store=store, clock=clock)
        return cls.over(models, wake=wake, voice=voice, loudspeaker=loudspeaker, live=live, echo=echo)

    @classmethod
    def over(
        cls, models: Models, *, wake: bool = True, voice: bool = True, loudspeaker: Loudspeaker | None = None,
        live: bool = False, notify: Callable[[], None] | None = None, echo: bool = False, place: str = "",
    ) -> Assistant:  # fmt: skip
        """A further conversation over models that others use too; it takes little memory of its own.

        Args:
            models: from `Models.load`.
            wake, voice, loudspeaker, live, echo: as for `load`.
            notify: as for the class.
            place: as for `Chain`; no two open conversations share one.
        """
        chain = Chain(models, wake=wake, voice=voice, echo=echo, place=place)
        return cls(chain, loudspeaker=loudspeaker, live=live, notify=notify)

    def warm_up(self, *, hearing: bool = True) -> None:
        """Create the stages now instead of at the first event, so that errors are raised here.

        Args:
            hearing: also those that listen; typed turns do not need them.

        Raises:
            BundleError: a model is missing or damaged.
            SkillError: a folder of `skills` cannot be built.
        """
        heard = self.chain.hearing_stages if self.chain.wake else (self.chain.recognizer,)
        for stage in (*(heard if hearing else ()), *self.chain.answering_stages):
            stage.warm_up()

    @property
    def seconds(self) -> dict[str, float]:
        """Stage -> processor time since `restart_clock`, loading not counted."""
        return {stage.name: stage.seconds for stage in self.chain.stages}

    @property
    def position(self) -> int:
        """Samples at 16 kHz heard so far."""
        return self._position

    @property
    def loading(self) -> dict[str, float]:
        """Stage -> wall time that loading it took; 0 for those that were not needed yet."""
        return {stage.name: stage.loading for stage in self.chain.stages}

    def restart_clock(self) -> None:
        """Restart the count of `seconds`."""
        for stage in self.chain.stages:
            stage.restart_clock()

    def process(self, samples: Samples) -> list[Event]:
        """Process samples [n] (float32 mono -1..1, 16 kHz, any n) and return the events that follow, in causal order.

        The sound itself is left out (the caller has it). Samples that are not finite count as 0; beyond -1..1 they are
        clipped. Live, answers come with a later call, when they are there.

        Raises:
            AudioError: they are not a row of float samples.
        """
        return list(self.stream(samples))

    def stream(self, samples: Samples) -> Iterator[Event]:
        """Like `process`, but yields each event as soon as it exists: a reply starts to play before it is complete."""
        for block in self._blocks.push(checked(samples)):
            yield from self._hear(block)

    @property
    def busy(self) -> bool:
        """Live: whether answers are still being worked out or wait to be collected."""
        return self._worker is not None and self._worker.busy

    def collect(self) -> list[Event]:
        """What has come without new sound: reports of the loudspeaker, and answers worked out."""
        return list(self._catch_up())

    def poll(self) -> list[Event]:
        """As `collect`, and timers that ring.

        A conversation that hears need not call it; a typed one should, about once a second.
        """
        return [*self._catch_up(), *self._look_around()]

    def wait(self) -> list[Event]:
        """Live: all answers that are still being worked out."""
        return [out for event in self._worker.wait() for out in self._pass_on(event)] if self._worker else []

    def report(self, event: PlaybackStarted | PlaybackEnded) -> None:
        """Report what the loudspeaker really does, from any thread. It takes effect with the next sound or `poll`.

        Raises:
            PipelineError: the event is neither of the two.
        """
        if not isinstance(event, PlaybackStarted | PlaybackEnded):
            raise PipelineError(
                f"a loudspeaker reports PlaybackStarted or PlaybackEnded, but {type(event).__name__} came"
            )
        self._reports.put(event)

    def flush(self) -> list[Event]:
        """The sound has ended: process the rest, close an open turn, let the reply end. Call `reset` next."""
        out = list(self._close_stream())
        out += [*self._worked_out(self.chain.answering.flush), *self.wait()]
        for report in self._loudspeaker.finish():
            out += self._take(report)
        return [*out, *self.wait()]

    def reset(self) -> None:
        """Start a new conversation; the user's timers and lists are kept."""
        if self._worker:
            deque(self._worker.wait(), maxlen=0)  # answers of the old one
        self.chain.reset()
        self._start()

    def close(self) -> None:
        """End the conversation for good; also at the end of a `with` block.

        What is being worked out is finished. Timers that it set ring in any other conversation from now on; without
        this call, they ring there 20 s late, when it is clear that this conversation has ended.
        """
        if self._worker:
            self._worker.close()
        self.chain.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask_text(self, text: str) -> list[Event]:
        """A typed turn of the conversation; returns the events that follow, the transcript first.

        Timers that have become due meanwhile ring before it. Live, the answer comes by `poll` or `wait`.
        """
        heard = typed(text, locale=self.chain.locale, turn=self.chain.next_turn(), position=self._position)
        return [*self.poll(), *self._drive(heard)]

    def ask_audio(self, samples: Samples) -> list[Event]:
        """A recorded turn of the conversation: samples [n] at 16 kHz of what was said.

        Without a wake word the whole recording is the turn; with one, turns are what follows it. A recording without
        speech gets no answer, and leaves a question open.

        Raises:
            AudioError: the samples are not a row of floats.
        """
        given, out = checked(samples), self.poll()
        if self.chain.wake:
            return [*out, *self.process(given), *self._end_stream()]
        spoken = self.chain.may_hold_speech(given)
        turn = recorded(given, turn=self.chain.next_turn(), position=self._position, spoken=spoken)
        self._position += len(given)
        return out + [event for one in turn for event in self._drive(one)]

    def open_turn(self, length: float | None = None) -> list[Event]:
        """No wake word is needed for the next `length` seconds, as when a button is pressed; a reply falls silent.

        None: the profile's `turn.no_speech`. An open turn stays as it is.
        """
        if self._open:
            return []
        length = self.chain.profile.turn.no_speech if length is None else length
        end = self._position + round(length * SAMPLE_RATE)
        button = FollowUpOpened(turn=NO_TURN, start=self._position, end=end)
        return [*self.stop_speaking(), *self._drive(button)]

    def end_turn(self) -> list[Event]:
        """What was heard is all of it, as when a button is released: the turn ends now. The conversation continues."""
        return self._end_stream()

    def drop_turn(self) -> None:
        """What is being heard is not for this conversation: an open turn ends without a transcript."""
        self._blocks.reset()
        self.chain.new_stream()
        self._open = False

    def stop_speaking(self) -> list[Event]:
        """The reply that is being spoken, or worked out to be spoken, falls silent."""
        return [out for report in self._silence() for out in self._take(report)]

    def say(self, text: str) -> tuple[Samples, int]:
        """A text in the assistant's voice: samples [n] and their rate in Hz."""
        voice = self.chain.models.voice
        return voice.say(text, rate=self.chain.profile.voice.rate), voice.rate

    def _start(self) -> None:
        self._blocks.reset()
        self._loudspeaker.reset()
        self._position, self._heard, self._open = 0, 0, False
        lengths = self.chain.profile.turn.follow_up, PATIENCE.total_seconds()
        window, patience = (round(seconds * SAMPLE_RATE) for seconds in lengths)
        self._question = Question(window, patience, tell=self.chain.expect_answer)

    def _hear(self, block: Samples) -> Iterator[Event]:
        if self._heard % _TICK == 0 and not self._open:
            yield from self._look_around()
        self._heard += 1
        yield from self._catch_up()
        chunk = AudioChunk(start=self._position, samples=block)
        self._position += len(block)
        yield from self._drive(chunk)

    def _look_around(self) -> Iterator[Event]:
        """New skills and wake words are used from now on, and timers ring."""
        yield from self._worked_out(self.chain.attend)
        self.chain.adopt_hearing()

    def _catch_up(self) -> Iterator[Event]:
        """What has happened meanwhile: at the loudspeaker, and in the thread that answers."""
        for report in self._loudspeaker.advance(self._position):
            yield from self._take(report)
        while not self._reports.empty():
            yield from self._take(self._reports.get())
        if self._worker:
            for event in self._worker.collect():
                yield from self._pass_on(event)

    def _close_stream(self) -> Iterator[Event]:
        """The rest of the sound, and whatever the stages held back."""
        rest = self._blocks.rest()
        if len(rest):
            yield from self._hear(rest)
        self._blocks.reset()
        yield from self._answered(self.chain.hearing.flush())

    def _end_stream(self) -> list[Event]:
        """What the stream held back. The next sound is a stream of its own; the conversation continues."""
        out = list(self._close_stream())
        self.chain.new_stream()
        return out

    def _drive(self, event: Event) -> Iterator[Event]:
        """An event through all stages."""
        yield from self._answered(self.chain.hearing.process(event))

    def _answered(self, heard: Iterable[Event]) -> Iterator[Event]:
        """Events that were heard, each with the answers to it."""
        for event in heard:
            yield from self._pass_on(event)
            if isinstance(event, self.chain.answering.consumes):
                yield from self._worked_out(partial(self._answers, event))

    def _answers(self, event: Event) -> Iterator[Event]:
        for answer in self.chain.answering.process(event):
            if answer is not event:
                yield answer

    def _worked_out(self, job: Job) -> Iterator[Event]:
        """What a job gives: now, or live with a later call."""
        if self._worker:
            self._worker.submit(job)
            return
        for event in job():
            yield from self._pass_on(event)

    def _take(self, report: Event) -> Iterator[Event]:
        """A report of the loudspeaker: the stages hear of it; a question that was asked to its end may be answered."""
        yield from self._drive(report)
        if isinstance(report, PlaybackEnded):
            for window in self._question.played(report):
                yield from self._drive(window)

    def _pass_on(self, event: Event) -> Iterator[Event]:
        """An event to the caller and to the loudspeaker, whose reports go back into the stages."""
        reports: Iterable[Event] = ()
        if isinstance(event, TurnStarted):
            self._open = True
            reports = self._silence() if self._loudspeaker.playing else ()  # barge-in
        elif isinstance(event, StopDetected):
            self._question.give_up()  # whoever says "stop" does not answer
            reports = self._silence() if self._loudspeaker.playing else ()
        elif isinstance(event, TurnEnded):
            self._open = False
        elif isinstance(event, Transcript) and event.final and event.text:
            self._question.give_up()  # whatever was said, it is answered or not to be
        elif isinstance(event, Transcript) and event.final:
            reports = self._question.still_open(self._position)
        elif isinstance(event, Reply) and event.expects_answer:
            self._question.ask(event.turn, self._position, yes_or_no=event.yes_or_no)  # until another reply asks
        elif isinstance(event, SpeechChunk):
            reports = self._loudspeaker.play(event, self._position)
        yield event
        for report in reports:
            yield from self._take(report)

    def _silence(self) -> list[Event]:
        if self._worker:
            self._worker.interrupt()
        return list(self._loudspeaker.stop(self._position)) if self._loudspeaker.playing else []
