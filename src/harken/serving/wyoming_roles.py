"""What harken does for a Wyoming client: wake words, recognition, understanding, answers, speech."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable
from wyoming.handle import Handled, NotHandled
from wyoming.intent import Entity, Intent, NotRecognized, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped
from wyoming.wake import Detect, Detection, NotDetected

from harken.assistant.answer import turn_answer
from harken.audio.pcm import to_pcm
from harken.errors import AudioError, ConfigError, DataError
from harken.events import SAMPLE_RATE, Samples, WakeDetected
from harken.serving.house import House
from harken.serving.listeners import SpeechListener, WakeListener
from harken.serving.pcm import PcmReader
from harken.serving.wyoming_info import describe
from harken.text.sentences import split_sentences

Send: TypeAlias = Callable[[Event], Awaitable[None]]
"""Sends an event to the client; waits while it does not read."""

_WIDTH = 2
"""Bytes of a sample."""


class Roles:
    """One connection: what a client asks for decides what its sound is for.

    Args:
        house: what is shared.
        send: to the client.
    """

    def __init__(self, house: House, send: Send):
        self._house, self._send_event = house, send
        self._ears: Callable[[], WakeListener | SpeechListener] = lambda: SpeechListener(house.models)
        """What the next sound is for."""
        self._listener: WakeListener | SpeechListener | None = None
        self._sound: PcmReader | None = None
        self._said: list[str] = []
        """Words of the transcript that were sent as chunks."""
        self._text: str | None = None
        """What is still to be spoken of a text that comes in pieces; None when none does."""

    @property
    def idle(self) -> bool:
        """Whether nothing has begun that the client must finish."""
        return self._listener is None and self._text is None

    async def take(self, event: Event) -> None:
        """An event of the client, and all answers to it. Events that are not known are left out, as the protocol
        wants it.

        Raises:
            HarkenError: it cannot be answered; the connection may continue.
            KeyError, TypeError, ValueError, AttributeError: it lacks something or holds something else.
        """
        answer = {
            "describe": self._describe, "ping": self._ping, "detect": self._detect, "transcribe": self._transcribe,
            "audio-start": self._begin, "audio-chunk": self._hear, "audio-stop": self._finish,
            "recognize": self._understand, "transcript": self._handle, "synthesize": self._synthesize,
            "synthesize-start": self._speak_start, "synthesize-chunk": self._speak_chunk,
            "synthesize-stop": self._speak_stop,
        }.get(event.type)  # fmt: skip
        if answer is not None:
            await answer(event)

    async def close(self) -> None:
        """The client has gone."""
        self._listener = None

    async def _send(self, answer: Eventable) -> None:
        await self._send_event(answer.event())

    async def _describe(self, _: Event) -> None:
        await self._send(describe(self._house.models))

    async def _ping(self, event: Event) -> None:
        await self._send(Pong(text=Ping.from_event(event).text))

    async def _detect(self, event: Event) -> None:
        words = Detect.from_event(event).names or []
        self._ears = lambda: WakeListener(self._house.models, words)

    async def _transcribe(self, event: Event) -> None:
        asked, spoken = Transcribe.from_event(event).language, self._house.models.profile.language
        if asked and asked.lower().partition("-")[0] != spoken.partition("-")[0]:
            raise ConfigError(f"the language is '{asked[:40]}', but this server hears {spoken}")
        self._ears = lambda: SpeechListener(self._house.models)

    async def _begin(self, event: Event) -> None:
        start = AudioStart.from_event(event)
        self._sound = _reader(start.rate, start.width, start.channels)
        self._listener, self._said = await self._house.live(self._ears), []
        if isinstance(self._listener, SpeechListener):
            await self._send(TranscriptStart(language=self._house.models.profile.language))

    async def _hear(self, event: Event) -> None:
        chunk = AudioChunk.from_event(event)
        if self._listener is None or self._sound is None:
            raise DataError("'audio-chunk' came without 'audio-start'; send that first")
        samples = self._sound.read(chunk.audio)
        if len(samples):
            await self._heard(self._listener, samples, chunk.timestamp)

    async def _heard(
        self, listener: WakeListener | SpeechListener, samples: Samples, timestamp: int | None
    ) -> None:  # fmt: skip
        if isinstance(listener, WakeListener):
            await self._detected(await self._house.live(lambda: listener.hear(samples)), timestamp)
            return
        partial = await self._house.live(lambda: listener.hear(samples))
        words = partial.text.split() if partial else []
        if (
            len(words) > len(self._said) and words[: len(self._said)] == self._said
        ):  # what was sent cannot be taken back
            fresh, self._said = words[len(self._said) :], words
            await self._send(
                TranscriptChunk(text=f" {' '.join(fresh)}" if len(words) > len(fresh) else " ".join(fresh))
            )

    async def _finish(self, event: Event) -> None:
        AudioStop.from_event(event)
        listener, self._listener = self._listener, None
        if isinstance(listener, WakeListener):
            await self._detected(await self._house.live(listener.finish), None)
            if not listener.heard:
                await self._send(NotDetected())
        elif listener is not None:
            final = await self._house.live(listener.finish)
            await self._send(Transcript(text=final.text, language=self._house.models.profile.language))
            await self._send(TranscriptStop())

    async def _detected(self, found: list[WakeDetected], timestamp: int | None) -> None:
        for wake in found:
            place = 1000 * wake.end // SAMPLE_RATE if timestamp is None else timestamp
            await self._send(Detection(name=wake.word, timestamp=place))

    async def _understand(self, event: Event) -> None:
        asked = Recognize.from_event(event)
        text, reader = self._checked(asked.text), self._house.models.skill_set
        meant = await self._house.live(lambda: reader.interpreter.understand(text))
        if meant.rejected or not meant.skill:
            await self._send(NotRecognized(context=asked.context))
            return
        entities = [Entity(name=slot.name, value=slot.value) for slot in meant.slots]
        await self._send(Intent(name=f"{meant.skill}.{meant.intent}", entities=entities, context=asked.context))

    async def _handle(self, event: Event) -> None:
        asked = Transcript.from_event(event)
        context = asked.context or {}
        name = str(context.get("conversation_id") or id(self))
        answer = turn_answer(await self._house.conversations.ask(name, self._checked(asked.text)), file=None)
        kind = NotHandled if answer["rejected"] else Handled
        await self._send(kind(text=answer["reply"], context=asked.context))

    async def _synthesize(self, event: Event) -> None:
        asked = Synthesize.from_event(event)
        if self._text is None:  # otherwise the whole text again, for servers that cannot take it in pieces
            await self._speak(self._checked(asked.text))

    async def _speak_start(self, event: Event) -> None:
        SynthesizeStart.from_event(event)
        self._text = ""

    async def _speak_chunk(self, event: Event) -> None:
        if self._text is None:
            raise DataError("'synthesize-chunk' came without 'synthesize-start'; send that first")
        text = self._checked(self._text + SynthesizeChunk.from_event(event).text)
        sentences = split_sentences(text, self._house.models.locale)
        self._text = text[sentences[-1].start :] if sentences else text
        for sentence in sentences[:-1]:  # the last one may continue
            await self._speak(sentence.text)

    async def _speak_stop(self, event: Event) -> None:
        SynthesizeStop.from_event(event)
        text, self._text = self._text or "", None
        await self._speak(text)
        await self._send(SynthesizeStopped())

    async def _speak(self, text: str) -> None:
        voice = await self._house.live(lambda: self._house.models.voice)
        pieces = voice.speak(
            await self._house.live(lambda: voice.read(text)), rate=self._house.models.profile.voice.rate
        )
        form: dict[str, Any] = {"rate": voice.rate, "width": _WIDTH, "channels": 1}
        await self._send(AudioStart(**form))
        while (piece := await self._house.live(lambda: next(pieces, None))) is not None:
            await self._send(AudioChunk(audio=to_pcm(piece.samples), **form))
        await self._send(AudioStop())

    def _checked(self, text: object) -> str:
        if not isinstance(text, str):
            raise TypeError(f"the text is {type(text).__name__}")
        if len(text) > self._house.limits.text:
            raise DataError(f"the text has {len(text)} characters; send at most {self._house.limits.text}")
        return text


def _reader(rate: object, width: object, channels: object) -> PcmReader:
    if width != _WIDTH:
        raise AudioError(f"the sound has {width!r} bytes a sample; send {_WIDTH}: 16-bit PCM")
    if not isinstance(rate, int) or not isinstance(channels, int):
        raise TypeError(f"rate and channels are {rate!r} and {channels!r}")
    return PcmReader(rate, channels=channels)
