"""Microphone and loudspeaker here, the assistant on a server: what is said after the wake word goes there, and the
reply comes back.

    with Satellite(models, PortAudioCard(), ServerLink("kitchen-server", start=START)) as satellite:
        satellite.open()
        while True:
            for event in satellite.step():
                ...

The wake word is heard here, and so is "stop"; nothing else leaves the room. Of several satellites that hear the same
wake word, the server lets one answer.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from harken.assistant.chain import Chain
from harken.assistant.kept_card import KeptCard
from harken.assistant.models import Models
from harken.assistant.server_link import Told
from harken.assistant.sound_card import CardLoudspeaker, SoundCard
from harken.audio import chime
from harken.audio.blocks import Blocks
from harken.audio.pcm import from_pcm, to_pcm
from harken.data.mixing import active_level
from harken.dialogue.conversation import rings
from harken.events import (
    SAMPLE_RATE,
    AudioChunk,
    Event,
    FollowUpOpened,
    PlaybackEnded,
    PlaybackStarted,
    PlayedAudio,
    Reply,
    Samples,
    SpeechActivity,
    SpeechChunk,
    StopDetected,
    TurnEnded,
    TurnStarted,
    WakeDetected,
)
from harken.stage import Pipeline
from harken.trace import from_json

START = {"rate": SAMPLE_RATE, "wake": False, "voice": True, "reports": True}
"""How a satellite wants its conversation: it hears the wake word itself, and says when its loudspeaker is silent."""
_BLOCK = 320
"""Samples (20 ms) that the stages get at once."""
_REMEMBERED = 2 * SAMPLE_RATE
"""Samples kept: between a wake word and its detection, the request may have begun."""
_FOREVER = 2**62


class Link(Protocol):
    """The way to the server."""

    @property
    def connected(self) -> bool:
        """Whether the server can be reached at present."""

    def open(self) -> None:
        """Connect."""

    def close(self) -> None:
        """Disconnect."""

    def send(self, message: dict[str, Any] | bytes) -> bool:
        """Send a message or sound; False when that is impossible at present."""

    def received(self) -> list[Told]:
        """What has come since the last call."""


class Satellite:
    """A conversation with a server; a context manager.

    Args:
        models: the wake words and what hears them; their profile's `sound` says whether there is a tone and whether
            echo is removed.
        card: hears and plays.
        link: to the server, which got START as its first message.
        tell: takes messages for people.
        clock: seconds on a clock that only runs forward.
    """

    def __init__(
        self, models: Models, card: SoundCard, link: Link, *, tell: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ):  # fmt: skip
        sound = models.profile.sound
        self._chain = Chain(models, echo=sound.echo)
        self._ears = Pipeline(self._chain.attending_stages)
        self._card, self._link, self._tell = card, link, tell
        self._kept = KeptCard(card, tell=tell, greet=sound.greeting and sound.echo, clock=clock)
        self._speaker = CardLoudspeaker(card, echo=sound.echo)
        self._tone: Samples | None = chime.make_chime() if sound.tone else None
        self._bell = chime.make_bell()
        self._patience = round(models.profile.turn.no_speech * SAMPLE_RATE)
        self._blocks = Blocks(_BLOCK)
        self._memory: deque[AudioChunk] = deque()
        """The last sound, echo taken out."""
        self._position = 0
        self._until = 0
        """Position up to which sound goes to the server."""
        self._silent_since = 0
        """Position at which the last reply ended."""
        self._asked = False
        """Whether a wake word was heard that the server has not answered yet."""
        self._silenced: int | None = None
        """Turn whose reply was interrupted: what the server had sent of it by then is not played."""

    def __enter__(self) -> Satellite:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def level(self) -> float:
        """Of the sound heard last, dB below full scale."""
        return self._kept.level

    @property
    def wake_scores(self) -> dict[str, float]:
        """Wake word -> its highest score in the last 80 ms."""
        return self._chain.wake_scores

    @property
    def sending(self) -> bool:
        """Whether the server hears what is said at present."""
        return self._position < self._until

    def open(self) -> None:
        """Load the models, connect, then begin to hear; a greeting says so.

        Raises:
            BundleError: a model is missing or damaged.
            LinkError: the server cannot be reached.
            SoundDeviceError: the card cannot be opened.
        """
        for stage in self._chain.attending_stages:
            stage.warm_up()
        self._link.open()
        self._kept.open()

    def close(self) -> None:
        """End the conversation."""
        self._card.close()
        self._link.close()

    def step(self) -> Iterator[Event]:
        """Hear the next piece of sound, if one comes soon, and what the server says: each event as it comes."""
        heard = self._kept.read()
        if heard is not None:
            self._speaker.hear(heard)
            for block in self._blocks.push(heard.samples):
                yield from self._hear(block)
        for told, sound in self._link.received():
            yield from self._told(told, sound)

    def ask(self, text: str) -> list[Event]:
        """A typed turn; what is being said stops."""
        stopped = self.stop_speaking()
        self._say({"type": "text", "text": text})
        return stopped

    def press(self) -> list[Event]:
        """A button: no wake word is needed for the next request."""
        stopped = self._silence()
        self._listen({}, since=self._position)
        return stopped

    def stop_speaking(self) -> list[Event]:
        """The reply that is being spoken falls silent."""
        self._say({"type": "stop"})
        return self._silence()

    def _hear(self, block: Samples) -> Iterator[Event]:
        for report in self._speaker.advance(self._position):
            yield from self._reported(report)
        chunk = AudioChunk(start=self._position, samples=block)
        self._position += len(block)
        for event in self._ears.process(chunk):
            if isinstance(event, AudioChunk):
                self._remember(event)
            elif isinstance(event, WakeDetected):
                yield event
                yield from self._woken(event)
            elif isinstance(event, StopDetected):
                yield event
                yield from self.stop_speaking()
            elif isinstance(event, SpeechActivity):
                yield event

    def _woken(self, wake: WakeDetected) -> list[Event]:
        if not self._link.connected:
            self._tell("heard the wake word, but the server cannot be reached")
            return []
        stopped = self._silence()
        level = active_level(self._remembered(wake.start))
        self._listen({"level": round(level, 1)}, since=wake.end)
        return stopped

    def _listen(self, claim: dict[str, Any], *, since: int) -> None:
        """Let the server hear what is said from a position on."""
        if self._say({"type": "listen", "seconds": self._patience / SAMPLE_RATE, **claim}):
            self._asked = True
            self._until = self._position + self._patience
            self._link.send(to_pcm(self._remembered(since)))

    def _remember(self, chunk: AudioChunk) -> None:
        self._memory.append(chunk)
        while self._memory[0].start < chunk.start - _REMEMBERED:
            self._memory.popleft()
        if chunk.start < self._until and not self._link.send(to_pcm(chunk.samples)):
            self._until = 0  # what was lost in between cannot be understood

    def _remembered(self, since: int) -> Samples:
        parts = [chunk.samples[max(0, since - chunk.start) :] for chunk in self._memory]
        return np.concatenate([np.zeros(0, np.float32), *parts])

    def _told(self, told: dict[str, Any], sound: bytes) -> Iterator[Event]:
        match told.get("type"):
            case "event":
                samples = from_pcm(sound) if sound else None
                if "samples" not in told or samples is not None:
                    given = {name: value for name, value in told.items() if name != "type"}
                    yield from self._happened(from_json(given, samples=samples))
            case "yielded":
                self._until, self._asked = 0, False
                self._tell("another satellite answers")
            case "lost":
                self._until, self._asked = 0, False
                yield from self._silence()
                self._silenced = None  # the next conversation counts its turns anew
            case "error":
                self._tell(str(told.get("message")))

    def _happened(self, event: Event) -> Iterator[Event]:
        """An event of the server."""
        match event:
            case FollowUpOpened():
                if self._asked and self._tone is not None:
                    self._card.play(self._tone, chime.RATE)
                if not (self._asked or self.sending):  # the answer may have begun since the question ended
                    self._link.send(to_pcm(self._remembered(self._silent_since)))
                self._asked = False
                self._until = max(self._until, self._position + event.end - event.start)
            case TurnStarted():
                self._until = _FOREVER
            case TurnEnded():
                self._until = 0
            case PlaybackStarted():
                return  # it is this loudspeaker that plays
            case PlaybackEnded():
                yield from self._silence()
                return
            case Reply():
                self._silenced = None  # what rings has the number of the last turn
                if rings(event):
                    self._card.play(self._bell, chime.RATE)  # its speech follows
        yield event
        if isinstance(event, SpeechChunk) and event.turn != self._silenced:
            for report in self._speaker.play(event, self._position):
                yield from self._reported(report)

    def _reported(self, report: Event) -> Iterator[Event]:
        """What the loudspeaker does, to the stages and the server."""
        for _ in self._ears.process(report):
            pass
        if isinstance(report, PlaybackEnded):
            self._silent_since = report.end
            if report.interrupted:
                self._silenced = report.turn
            self._link.send({"type": "played", "turn": report.turn, "interrupted": report.interrupted})
        if not isinstance(report, PlayedAudio):
            yield report

    def _silence(self) -> list[Event]:
        if not self._speaker.playing:
            return []
        reports: Iterable[Event] = self._speaker.stop(self._position)
        return [event for report in reports for event in self._reported(report)]

    def _say(self, message: dict[str, Any]) -> bool:
        sent = self._link.send(message)
        if not sent:
            self._tell("the server cannot be reached at present")
        return sent
