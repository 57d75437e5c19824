"""The running whole: wake word, speech detector, gate, recogniser, interpreter, dialogue and voice as one pipeline.

    assistant = Assistant.load("en")
    for event in assistant.process(samples):      # any number of samples at 16 kHz
        ...
    for event in assistant.ask_text("what time is it"):
        ...

What flows back (playback, follow-up) goes through this loop alone. Stages are made when they are first needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from harken.assistant.chain import Chain
from harken.assistant.installed import Installed
from harken.assistant.loudspeaker import VirtualLoudspeaker
from harken.assistant.profile import load_profile
from harken.audio.blocks import Blocks
from harken.dialogue.store import Store
from harken.errors import AudioError
from harken.events import (
    SAMPLE_RATE,
    AudioChunk,
    Event,
    Hypothesis,
    Reply,
    Samples,
    Transcript,
    TurnAudio,
    TurnEnded,
    TurnStarted,
    Word,
)
from harken.text.words import normalize_words

_BLOCK = 320
"""Samples (20 ms) in which the stages hear: what comes out does not depend on how the sound came in."""
_TICK = 50
"""Blocks (1 s) between two looks at the timers and at what the user has registered."""


class Assistant:
    """One conversation with one person.

    Args:
        chain: the stages.
    """

    def __init__(self, chain: Chain):
        self.chain = chain
        self._loudspeaker = VirtualLoudspeaker(follow_up=round(chain.profile.turn.follow_up * SAMPLE_RATE))
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
    ) -> Assistant:
        """The assistant of a profile, with the user's own settings, skills and wake words.

        Args:
            profile: name of a shipped profile; the user's `profile.toml` overlays it.
            skills: folders of further skills.
            wake: whether a wake word is needed; without, the first speech opens a turn.
            voice: whether replies are spoken.
            store: lists and timers; the user's own when None.

        Raises:
            ConfigError: the profile is unknown or not understood.
            SkillError: a folder in `skills` is no skill.
        """
        settings = load_profile(profile)
        installed = Installed(settings, [Path(skill) for skill in skills])
        return cls(Chain(settings, installed, wake=wake, voice=voice, store=store))

    def warm_up(self, *, hearing: bool = True) -> None:
        """Make the stages now that would else be made by the first event, so that a fault in them is raised here.

        Args:
            hearing: also those that hear; typed turns do without.

        Raises:
            BundleError: a model is missing or damaged.
            SkillError: a folder of `skills` cannot be built.
        """
        heard = self.chain.hearing if self.chain.wake else (self.chain.recognizer,)
        answering = [stage for stage in self.chain.stages if stage not in self.chain.hearing]
        for stage in (*(heard if hearing else ()), *answering):
            stage.warm_up()

    @property
    def seconds(self) -> dict[str, float]:
        """Stage -> processor time since `restart_clock`, loading not counted."""
        return {stage.name: stage.seconds for stage in self.chain.stages}

    @property
    def loading(self) -> dict[str, float]:
        """Stage -> wall time that loading it took; 0 for those that were not needed yet."""
        return {stage.name: stage.loading for stage in self.chain.stages}

    def restart_clock(self) -> None:
        """Count `seconds` anew."""
        for stage in self.chain.stages:
            stage.restart_clock()

    def process(self, samples: Samples) -> list[Event]:
        """Hear samples [n] (float32 mono -1..1, 16 kHz, any n); what follows from them, in causal order.

        The sound itself is left out (the caller has it). Samples that are not finite count as 0; beyond -1..1 they are
        clipped.

        Raises:
            AudioError: they are not a row of float samples.
        """
        return list(self.stream(samples))

    def stream(self, samples: Samples) -> Iterator[Event]:
        """As `process`, each event as soon as it is there: a reply begins to sound before it is made to the end."""
        for block in self._blocks.push(_checked(samples)):
            yield from self._hear(block)

    def flush(self) -> list[Event]:
        """The sound has ended: hear what is left, close an open turn, let the reply end. `reset` comes next."""
        out = list(self._close())
        for report in self._loudspeaker.finish():
            out += self._drive(report)
        return out

    def reset(self) -> None:
        """Begin a new conversation; timers and lists of the user stay."""
        self.chain.reset()
        self._start()

    def ask_text(self, text: str) -> list[Event]:
        """A typed turn of the conversation; what follows from it, the transcript first."""
        self.chain.pick_up_changes()
        return list(self._drive(typed(text, turn=self._next_turn(), position=self._position)))

    def ask_audio(self, samples: Samples) -> list[Event]:
        """A recorded turn of the conversation: samples [n] at 16 kHz of what was said.

        Without wake word the whole recording is the turn; with one, turns are what follows it.

        Raises:
            AudioError: the samples are not a row of floats.
        """
        self.chain.pick_up_changes()
        if self.chain.wake:
            out = [*self.process(samples), *self._close()]
            self.chain.restart_hearing()
            return out
        start, turn = self._position, self._next_turn()
        self._position += len(samples)
        turn_events = (
            TurnStarted(turn=turn, start=start, reason="open"),
            TurnAudio(turn=turn, start=start, samples=_checked(samples)),
            TurnEnded(turn=turn, end=self._position, reason="flush"),
        )
        return [event for one in turn_events for event in self._drive(one)]

    def say(self, text: str) -> tuple[Samples, int]:
        """A text in the assistant's voice: samples [n] and their rate in Hz."""
        return self.chain.say(text)

    def _start(self) -> None:
        self._blocks.reset()
        self._loudspeaker.reset()
        self._position, self._heard, self._turn, self._open = 0, 0, -1, False

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn

    def _hear(self, block: Samples) -> Iterator[Event]:
        if self._heard % _TICK == 0 and not self._open:
            yield from self._tick()
        self._heard += 1
        for report in self._loudspeaker.advance(self._position):
            yield from self._drive(report)
        chunk = AudioChunk(start=self._position, samples=block)
        self._position += len(block)
        yield from self._drive(chunk)

    def _tick(self) -> Iterator[Event]:
        self.chain.pick_up_changes()
        for reply in self.chain.ring():
            yield from self._pass_on(reply)

    def _close(self) -> Iterator[Event]:
        """The rest of the sound, and what the stages held back."""
        rest = self._blocks.rest()
        if len(rest):
            yield from self._hear(rest)
        self._blocks.reset()
        for event in self.chain.pipeline.flush():
            yield from self._pass_on(event)

    def _drive(self, event: Event) -> Iterator[Event]:
        """An event through the stages."""
        for out in self.chain.pipeline.process(event):
            yield from self._pass_on(out)

    def _pass_on(self, event: Event) -> Iterator[Event]:
        """An event to the caller and to the loudspeaker, whose reports go back into the stages; replies are spoken."""
        if isinstance(event, TurnStarted):
            self._turn, self._open = max(self._turn, event.turn), True
        elif isinstance(event, TurnEnded):
            self._open = False
        if not isinstance(event, AudioChunk):
            yield event
        for report in self._loudspeaker.play(event, self._position):
            yield from self._drive(report)
        if isinstance(event, Reply):
            for piece in self.chain.speak(event):
                yield from self._pass_on(piece)


def typed(text: str, *, turn: int, position: int = 0) -> Transcript:
    """A text as the recogniser would have given it, certain of every word."""
    words = tuple(Word(text=word, start=position, end=position, confidence=1.0) for word in normalize_words(text))
    return Transcript(turn=turn, hypotheses=(Hypothesis(words=words, log_prob=0.0, confidence=1.0),), final=True)


def _checked(samples: Samples) -> Samples:
    given = np.asarray(samples)
    if given.ndim != 1 or given.dtype.kind != "f":
        raise AudioError(
            f"samples are {given.dtype} of shape {given.shape}; expected one row of floats in -1..1 at 16 kHz "
            "(int16: divide by 32768; several channels: average them)"
        )
    finite = np.nan_to_num(given, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(finite, -1, 1).astype(np.float32, copy=False)
