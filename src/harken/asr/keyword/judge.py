"""The second stage of the wake words: the recogniser's phones decide whether a word was said.

    judge = PhraseJudge(model, phrases, levels={"computer": 0.967})

A word with a small network of its own is judged when that network suspects it (`WakeSuspected`); any other phrase
whenever somebody speaks (`SpeechActivity`). Until then the judge only keeps the last two seconds of sound. It works
in blocks of 80 ms, so that the chunking changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harken.asr.acoustic import STEP_FRAMES
from harken.asr.acoustic.model import AcousticModel
from harken.asr.keyword.phrases import Phrases
from harken.asr.keyword.rule import WITH_NETWORK, WITHOUT_NETWORK, Rule, logit
from harken.asr.keyword.search import Margins, PhraseSearch
from harken.audio.blocks import Blocks
from harken.audio.features import FRAME_SHIFT, StreamingLogMel
from harken.errors import ConfigError, PipelineError
from harken.events import (
    SAMPLE_RATE,
    AudioChunk,
    Event,
    NotDetected,
    Samples,
    SpeechActivity,
    WakeDetected,
    WakeSuspected,
)

FEWEST = 4
"""Phones that a phrase without a small network must have: fewer are part of too many other words."""
BLOCK = 8 * FRAME_SHIFT
"""Samples between two verdicts: 80 ms."""
REFRACTORY = SAMPLE_RATE
"""Samples after a detection in which the same word is not reported again."""
_STEP = STEP_FRAMES * FRAME_SHIFT
_KEPT = 20
"""Blocks of sound kept, 1.6 s: a long phrase, and a little of what came before it."""
_LINGER = 4
"""Blocks for which a suspicion lasts."""
_PAUSE = 8
"""Blocks for which an untrained phrase is still listened for after speech: what the acoustic model looks ahead, and a
pause between words."""
_EARLIER = 4 * BLOCK
"""Samples before the first suspicion in which the word may have ended."""
_TAIL = 4
"""Blocks of silence after the end of the stream."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one block says about one phrase."""

    word: str
    start: int
    end: int
    """Samples [start, end) where the phrase would be."""
    margin: float
    """Per phone, natural log, at most 0."""
    network: float
    """Logit of the small network above its threshold; 0 without one."""
    score: float
    """Probability 0..1 that it was said."""


class PhraseJudge:
    """Stage: sound, suspicions and speech activity in, `WakeDetected` out; at the end of the stream, `NotDetected` for
    phrases that were not heard.

    Args:
        model: phone scores; shared.
        phrases: what is listened for.
        levels: phrase -> threshold of its own small network, for those that have one; the others are listened for
            whenever somebody speaks.
        threshold: probability 0..1 that replaces those of the rules.
        early: whether phrases without a network are judged as soon as they end, by a first guess at what the model
            looks ahead for. It costs about four times as much, and is for what cannot wait.
        with_network, without_network: weigh the evidence.

    Raises:
        ConfigError: a phrase without a network that is too short; a level of a phrase that is not listened for; a
            threshold out of range.
    """

    name = "judge"
    consumes: tuple[type[Event], ...] = (AudioChunk, WakeSuspected, SpeechActivity)
    emits: tuple[type[Event], ...] = (WakeDetected, NotDetected)
    replaces: tuple[type[Event], ...] = ()

    def __init__(
        self, model: AcousticModel, phrases: Phrases, *, levels: Mapping[str, float], threshold: float | None = None,
        early: bool = False, with_network: Rule = WITH_NETWORK, without_network: Rule = WITHOUT_NETWORK,
    ):  # fmt: skip
        _check(phrases, levels, threshold)
        self.model, self.phrases, self._early = model, phrases, early
        self._words = [
            _Word(text, with_network if text in levels else without_network, levels.get(text), threshold)
            for text in phrases.texts
        ]
        self._by_text = {word.text: word for word in self._words}
        self.reset()

    @property
    def latency(self) -> int:
        """Samples until a suspected word is judged; an untrained phrase waits for the model's look-ahead too, unless it
        is judged early."""
        hurried = self._early or all(word.level is not None for word in self._words)
        ahead = 0 if hurried else self.model.look_ahead + self.model.block
        return BLOCK + ahead * _STEP

    def reset(self) -> None:
        """Forget the stream."""
        self._blocks = Blocks(BLOCK)
        self._kept: deque[Samples] = deque(maxlen=_KEPT)
        self._pending: deque[WakeSuspected | SpeechActivity] = deque()
        self._at: int | None = None
        self._end = 0
        self._speech = False
        self._listening: _Listening | None = None
        for word in self._words:
            word.reset()

    @property
    def recent(self) -> dict[str, float]:
        """The highest score 0..1 of each phrase in the last block; 0 while it is not listened for."""
        return {word.text: word.recent for word in self._words}

    def process(self, event: Event) -> list[Event]:
        """Detections that follow from an event, oldest first."""
        return list(self._detect(self.verdicts(event)))

    def flush(self) -> list[Event]:
        """Late detections, then `NotDetected` for each phrase that was not heard since the last reset."""
        late = list(self._detect(self.last_verdicts()))
        missing = (word for word in self._words if not word.heard)
        return [*late, *(NotDetected(word=word.text, end=self._end, score=word.highest) for word in missing)]

    def verdicts(self, event: Event) -> Iterator[Verdict]:
        """What `process` decides on: the best of each block for each phrase that is listened for.

        Raises:
            PipelineError: the stage does not take the event.
        """
        match event:
            case WakeSuspected() | SpeechActivity():
                self._pending.append(event)
            case AudioChunk():
                self._at = event.start if self._at is None else self._at
                self._end = event.start + len(event.samples)
                yield from self._hear(np.nan_to_num(event.samples, nan=0.0, posinf=0.0, neginf=0.0))
            case _:
                raise PipelineError(
                    f"{self.name} takes AudioChunk, WakeSuspected and SpeechActivity, got {type(event).__name__}"
                )

    def last_verdicts(self) -> Iterator[Verdict]:
        """What `flush` decides on."""
        if self._at is None:
            return
        rest = len(self._blocks.rest())
        yield from self._hear(np.zeros(-rest % BLOCK + _TAIL * BLOCK, np.float32))
        if self._listening is not None:
            yield from self._judge(self._listening.finish(), self._at)

    def _detect(self, verdicts: Iterator[Verdict]) -> Iterator[Event]:
        for verdict in verdicts:
            word = self._by_text[verdict.word]
            word.recent, word.highest = max(word.recent, verdict.score), max(word.highest, verdict.score)
            if verdict.score >= word.threshold and verdict.end >= word.quiet_until:
                word.heard, word.quiet_until = True, verdict.end + REFRACTORY
                yield WakeDetected(word=verdict.word, start=verdict.start, end=verdict.end, score=verdict.score)

    def _hear(self, samples: Samples) -> Iterator[Verdict]:
        for block in self._blocks.push(np.clip(samples, -1.0, 1.0)):
            assert self._at is not None
            start, self._at = self._at, self._at + BLOCK
            self._attend(self._at)
            yield from self._listen(block, start, self._at)
            self._kept.append(block)

    def _attend(self, end: int) -> None:
        """Which phrases are listened for in the block that ends here."""
        while self._pending and self._pending[0].end <= end:
            event = self._pending.popleft()
            if isinstance(event, SpeechActivity):
                self._speech = event.speech
            elif event.word in self._by_text:
                self._by_text[event.word].suspect(event, end + (_LINGER - 1) * BLOCK)
        if self._speech:
            for word in self._words:
                if word.level is None:
                    word.until = end + (_PAUSE - 1) * BLOCK

    def _listen(self, block: Samples, start: int, end: int) -> Iterator[Verdict]:
        for word in self._words:
            word.recent = 0.0
        if all(word.until < end for word in self._words):
            self._listening = None
            return
        if self._listening is None:
            self._listening = _Listening(self.model, self.phrases, start - BLOCK * len(self._kept))
            block = np.concatenate([*self._kept, block])
        yield from self._judge(self._listening.hear(block), end)
        if any(self._hurried(word) and word.until >= end for word in self._words):
            yield from self._judge(self._listening.ahead(), end, guess=True)

    def _hurried(self, word: _Word) -> bool:
        """Whether the word is judged without waiting for what the model looks ahead for."""
        return self._early or word.level is not None

    def _judge(self, heard: _Heard, now: int, *, guess: bool = False) -> Iterator[Verdict]:
        """The best step for each phrase that is listened for; a guess counts only for those that cannot wait."""
        for number, word in enumerate(self._words):
            if word.until < now or not len(heard.margins.values) or (guess and not self._hurried(word)):
                continue
            margins = np.where(heard.ends > word.since, heard.margins.values[:, number], -np.inf)
            step = int(margins.argmax())
            if np.isfinite(margins[step]):
                yield word.verdict(
                    float(margins[step] / self.phrases.sizes[number]),
                    start=int(heard.begun(number, step)), end=min(int(heard.ends[step]), self._end),
                )  # fmt: skip


class _Word:
    """What the judge remembers of a phrase."""

    def __init__(self, text: str, rule: Rule, level: float | None, threshold: float | None):
        self.text, self.rule, self.level = text, rule, level
        self.threshold = threshold or rule.threshold
        self.reset()

    def reset(self) -> None:
        self.until = -1
        """Position until which it is listened for."""
        self.since = -1
        """Position after which it must have ended."""
        self.network = 0.0
        self.quiet_until = -1
        self.heard, self.highest, self.recent = False, 0.0, 0.0

    def suspect(self, event: WakeSuspected, until: int) -> None:
        if self.level is None:
            return
        above = logit(event.score) - logit(self.level)
        if event.start > self.until:
            self.since, self.network = event.start - _EARLIER, above
        self.network, self.until = max(self.network, above), until

    def verdict(self, margin: float, *, start: int, end: int) -> Verdict:
        network = 0.0 if self.level is None else self.network
        score = self.rule.probability(margin, network)
        return Verdict(word=self.text, start=start, end=end, margin=margin, network=network, score=score)


@dataclass(frozen=True)
class _Heard:
    """Margins of consecutive steps, and where they are in the stream."""

    margins: Margins
    ends: np.ndarray[tuple[int], np.dtype[np.int64]]
    """Positions after each step, [T]."""
    opened: int

    def begun(self, number: int, step: int) -> int:
        return self.opened + int(self.margins.begun[step, number]) * _STEP


class _Listening:
    """The acoustic model and the search from a position on."""

    def __init__(self, model: AcousticModel, phrases: Phrases, opened: int):
        self._stream, self._features = model.stream(), StreamingLogMel()
        self._search = PhraseSearch(phrases, count=len(model.labels))
        self._opened, self._steps = opened, 0

    def hear(self, block: Samples) -> _Heard:
        """What the model now knows for sure."""
        heard = self._heard(self._search.accept(self._stream.process(self._features.process(block)).scores))
        self._steps += len(heard.ends)
        return heard

    def ahead(self) -> _Heard:
        """What it would say if the sound ended here: a first guess at the steps it will look ahead for."""
        return self._heard(self._search.fork().accept(self._stream.fork().flush().scores))

    def finish(self) -> _Heard:
        """The last steps."""
        return self._heard(self._search.accept(self._stream.flush().scores))

    def _heard(self, margins: Margins) -> _Heard:
        steps = self._steps + 1 + np.arange(len(margins.values))
        return _Heard(margins, self._opened + steps * _STEP, self._opened)


def _check(phrases: Phrases, levels: Mapping[str, float], threshold: float | None) -> None:
    unknown = sorted(set(levels) - set(phrases.texts))
    if unknown:
        raise ConfigError(f"there is a level for '{unknown[0]}', but the phrases are {_named(phrases.texts)}")
    for text, size in zip(phrases.texts, phrases.sizes, strict=True):
        if text not in levels and size < FEWEST:
            raise ConfigError(
                f"'{text}' has {size:.0f} phones; at least {FEWEST} are needed to tell it from other speech: choose a "
                "longer word or phrase"
            )
    if threshold is not None and not 0 < threshold <= 1:
        raise ConfigError(f"the threshold of the wake words is {threshold}; expected more than 0 and at most 1")


def _named(texts: Sequence[str]) -> str:
    return ", ".join(texts)
