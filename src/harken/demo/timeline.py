"""A picture of what was heard, understood and answered: waveform, spectrogram, marks of the events, the reply."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from harken.audio.features import log_mel
from harken.audio.files import resample
from harken.errors import AudioError
from harken.events import (
    SAMPLE_RATE,
    Event,
    Interpretation,
    PlaybackStarted,
    Reply,
    Samples,
    SpeechChunk,
    Transcript,
    TurnEnded,
    TurnStarted,
    WakeDetected,
    Word,
    seconds,
)

Colour: TypeAlias = tuple[int, int, int]
E = TypeVar("E", bound=Event)

WIDTH = 1600
_LEFT, _RIGHT = 120, 24
"""Pixels beside the time axis; the names of the rows stand on the left."""
_ROWS = {
    "title": 30, "heard": 76, "spectrum": 84, "turn": 26, "words": 30,
    "meaning": 26, "reply": 70, "says": 24, "axis": 26,
}  # fmt: skip
_PANEL = sum(_ROWS.values()) + 14

_PAPER, _INK, _FAINT = (255, 255, 255), (33, 37, 41), (206, 212, 218)
_HEARD, _WAKE, _TURN, _REPLY = (73, 80, 87), (232, 89, 12), (34, 139, 230), (47, 158, 68)
_DOUBT = (250, 176, 5)
"""Words of low confidence."""
_MAP = np.array([[13, 8, 60], [84, 2, 163], [185, 50, 137], [244, 136, 73], [240, 249, 33]], np.float64)
"""Colours of the spectrogram from quiet to loud."""


@dataclass(frozen=True, kw_only=True)
class Take:
    """One request and all that followed from it."""

    title: str
    samples: Samples
    """[n] what the microphone heard, 16 kHz, from position 0."""
    events: Sequence[Event]

    def of(self, kind: type[E]) -> list[E]:
        """The events of one type, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def reply(self) -> tuple[int, Samples]:
        """Where the spoken reply begins (position) and its samples at 16 kHz."""
        chunks, begun = self.of(SpeechChunk), self.of(PlaybackStarted)
        if not chunks:
            return len(self.samples), np.zeros(0, np.float32)
        joined = np.concatenate([chunk.samples for chunk in chunks])
        return begun[0].start if begun else len(self.samples), resample(joined, chunks[0].rate, SAMPLE_RATE)


def draw_timeline(takes: Sequence[Take], path: Path) -> None:
    """Draw one panel per take, below each other, and write a PNG.

    Raises:
        AudioError: the file cannot be written.
    """
    image = Image.new("RGB", (WIDTH, _PANEL * max(1, len(takes)) + 10), _PAPER)
    for place, take in enumerate(takes):
        _Panel(image, take, top=_PANEL * place + 8).draw()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, format="PNG", optimize=True)
    except OSError as error:
        raise AudioError(f"cannot write {path}: {error}; choose a folder that exists and is writable") from error


class _Panel:
    def __init__(self, image: Image.Image, take: Take, *, top: int):
        self._image, self._take, self._draw = image, take, ImageDraw.Draw(image)
        self._reply_start, self._reply = take.reply
        self._length = max(len(take.samples), self._reply_start + len(self._reply), SAMPLE_RATE)
        self._tops: dict[str, int] = {}
        for row, height in _ROWS.items():
            self._tops[row] = top
            top += height

    def draw(self) -> None:
        self._draw.text((12, self._tops["title"] + 4), self._take.title, _INK, font=_font(17))
        self._spectrum()
        self._wave("heard", "heard", self._take.samples, 0, _HEARD)
        self._wave("reply", "answers", self._reply, self._reply_start, _REPLY)
        self._marks()
        self._words()
        self._meanings()
        self._says()
        self._axis()

    def _x(self, position: int) -> int:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * position / self._length)

    def _name(self, row: str, text: str) -> None:
        self._draw.text((12, self._tops[row] + _ROWS[row] // 2 - 8), text, _INK, font=_font(13))

    def _wave(self, row: str, name: str, samples: Samples, start: int, colour: Colour) -> None:
        self._name(row, name)
        middle, half = self._tops[row] + _ROWS[row] // 2, _ROWS[row] // 2 - 4
        self._draw.line([(_LEFT, middle), (WIDTH - _RIGHT, middle)], _FAINT)
        if not len(samples):
            return
        first, last = self._x(start), self._x(start + len(samples))
        loudest = max(float(np.abs(samples).max()), 1e-3)
        for x, part in zip(range(first, last), np.array_split(samples, max(1, last - first)), strict=False):
            if len(part):
                high, low = float(part.max()) / loudest * half, float(part.min()) / loudest * half
                self._draw.line([(x, middle - high), (x, middle - low)], colour)

    def _spectrum(self) -> None:
        self._name("spectrum", "spectrum")
        if len(self._take.samples) < SAMPLE_RATE // 20:
            return
        colours = _coloured(log_mel(self._take.samples, bins=80))
        width = max(1, self._x(len(self._take.samples)) - _LEFT)
        strip = Image.fromarray(colours, "RGB").resize((width, _ROWS["spectrum"] - 6), Image.Resampling.BILINEAR)
        self._image.paste(strip, (_LEFT, self._tops["spectrum"]))

    def _marks(self) -> None:
        self._name("turn", "turn")
        for wake in self._take.of(WakeDetected):
            self._bar("turn", wake.start, wake.end, f"{wake.word} {wake.score:.2f}", _WAKE)
        ends = {event.turn: event for event in self._take.of(TurnEnded)}
        for begun in self._take.of(TurnStarted):
            ended = ends.get(begun.turn)
            last = self._wake_end(begun.start)
            text = "listening" if ended is None else f"listening, ended by {ended.reason}"
            self._bar("turn", last, self._length if ended is None else ended.end, text, _TURN)
            for row in ("heard", "spectrum") if ended is not None else ():
                x = self._x(ended.end) if ended is not None else 0
                self._draw.line([(x, self._tops[row]), (x, self._tops[row] + _ROWS[row])], _TURN)

    def _wake_end(self, start: int) -> int:
        """The turn's bar begins after the wake word that opened it, so that both can be read."""
        return max([start, *(wake.end for wake in self._take.of(WakeDetected) if wake.start <= start + SAMPLE_RATE)])

    def _words(self) -> None:
        self._name("words", "words")
        finals = [event for event in self._take.of(Transcript) if event.final and event.hypotheses]
        words: Iterable[Word] = (word for event in finals for word in event.hypotheses[0].words)
        for word in words:
            self._bar("words", word.start, word.end, word.text, _blend(_DOUBT, _HEARD, word.confidence))

    def _meanings(self) -> None:
        self._name("meaning", "meaning")
        meant = ";  ".join(_meaning(one) for one in self._take.of(Interpretation)) or "nothing was asked"
        self._draw.text((_LEFT, self._tops["meaning"] + 4), meant, _TURN, font=_font(14))

    def _says(self) -> None:
        said, font = "  ".join(f"“{reply.text}”" for reply in self._take.of(Reply)), _font(14)
        room = WIDTH - _RIGHT - self._draw.textlength(said, font=font)
        left = max(_LEFT, min(self._x(self._reply_start), room))
        self._draw.text((left, self._tops["says"] + 2), said, _REPLY, font=font)

    def _axis(self) -> None:
        y, font = self._tops["axis"] + 2, _font(12)
        self._draw.line([(_LEFT, y), (WIDTH - _RIGHT, y)], _INK)
        total = seconds(self._length)
        step = next(step for step in (0.5, 1, 2, 5, 10, 30, 60, 600) if total / step <= 24 or step == 600)
        for tick in np.arange(0, total, step):
            x = self._x(round(tick * SAMPLE_RATE))
            self._draw.line([(x, y), (x, y + 4)], _INK)
            self._draw.text((x - 6, y + 5), f"{tick:g} s", _INK, font=font)

    def _bar(self, row: str, start: int, end: int, text: str, colour: Colour) -> None:
        top, left, right = self._tops[row], self._x(start), self._x(end)
        right = max(right - 1, left + 2)
        self._draw.rounded_rectangle((left, top + 3, right, top + _ROWS[row] - 4), 3, colour)
        fonts = (font for font in map(_font, (14, 12, 10)) if self._draw.textlength(text, font=font) < right - left - 4)
        font = next(fonts, None)
        if font is not None:
            middle = ((left + right) / 2, top + _ROWS[row] / 2)
            self._draw.text(middle, text, _PAPER, font=font, anchor="mm")


def _meaning(meant: Interpretation) -> str:
    slots = ", ".join(f"{slot.name}={slot.value}" for slot in meant.slots)
    name = "rejected" if meant.rejected else f"{meant.skill}.{meant.intent}"
    return f"{name}({slots})  {meant.score:.2f}"


def _coloured(mel: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Log-mel [T, bins] -> picture [bins, T, 3], low bands at the bottom."""
    low, high = np.percentile(mel, [10, 99.5])
    scaled = np.clip((mel.T[::-1] - low) / max(float(high - low), 1e-3), 0, 1)
    steps = np.linspace(0, 1, len(_MAP))
    return np.stack([np.interp(scaled, steps, _MAP[:, c]) for c in range(3)], axis=-1).astype(np.uint8)


def _blend(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * min(max(share, 0), 1)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
