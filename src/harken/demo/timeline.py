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
"""Pixels; for screens of double density, so everything must be legible at half the width."""
_LEFT, _RIGHT = 150, 40
"""Pixels beside the time axis; the names of the rows are on the left."""
_ROWS = {
    "title": 64, "heard": 108, "spectrum": 116, "turn": 50, "words": 50, "meaning": 50, "answer": 100, "axis": 46,
}  # fmt: skip
_GAP = 16
"""Pixels around a panel."""
_PANEL = sum(_ROWS.values()) + _GAP

_PAPER, _EDGE, _INK, _QUIET, _FAINT = (255, 255, 255), (222, 226, 230), (33, 37, 41), (134, 142, 150), (206, 212, 218)
_HEARD, _WAKE, _TURN, _REPLY = (73, 80, 87), (232, 89, 12), (34, 139, 230), (47, 158, 68)
_DOUBT = (250, 176, 5)
"""Words of low confidence."""
_MAP = np.array([[255, 255, 255], [229, 219, 255], [151, 117, 250], [95, 61, 196], [29, 17, 80]], np.float64)
"""Colours of the spectrogram from quiet to loud."""


@dataclass(frozen=True, kw_only=True)
class Take:
    """One request and everything that followed from it."""

    title: str
    note: str = ""
    """Smaller, to the right of the title."""
    samples: Samples
    """[n] at 16 kHz, from position 0: what the microphone heard."""
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


def draw_timeline(takes: Sequence[Take], path: Path, *, colours: int | None = None) -> None:
    """Draw one panel per take, below each other, and write a PNG.

    Args:
        takes: what is drawn.
        path: the file; its folder is created if missing.
        colours: at most this many (2 to 256), for a smaller file; None for no limit.

    Raises:
        AudioError: the file cannot be written.
    """
    image = Image.new("RGB", (WIDTH, _PANEL * max(1, len(takes)) + _GAP), _PAPER)
    for place, take in enumerate(takes):
        _Panel(image, take, top=_PANEL * place + _GAP).draw()
    if colours is not None:
        image = image.quantize(colours, dither=Image.Dither.NONE)
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
        self._bottom = top

    def draw(self) -> None:
        frame = (_GAP, self._tops["title"], WIDTH - _GAP, self._bottom - 4)
        self._draw.rounded_rectangle(frame, 14, outline=_EDGE, width=2)
        self._title()
        self._spectrum()
        self._wave("heard", self._take.samples, 0, self._heard_colours())
        self._wave("answer", self._reply, self._reply_start, [(self._length, _REPLY)])
        self._marks()
        self._words()
        self._meanings()
        self._says()
        self._axis()

    def _x(self, position: int) -> int:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * position / self._length)

    def _middle(self, row: str) -> int:
        return self._tops[row] + _ROWS[row] // 2

    def _name(self, row: str) -> None:
        self._draw.text((_GAP + 20, self._middle(row)), row, _QUIET, font=_font(22), anchor="lm")

    def _title(self) -> None:
        middle = self._middle("title") + 2
        self._draw.text((_GAP + 20, middle), self._take.title, _INK, font=_font(27), anchor="lm", stroke_width=0.4)
        self._draw.text((WIDTH - _RIGHT, middle), self._take.note, _QUIET, font=_font(20), anchor="rm")

    def _heard_colours(self) -> list[tuple[int, Colour]]:
        """(position, colour until there): the wake word, the sound of the turn, and the rest, which nobody hears."""
        spans = [(wake.start, wake.end, _WAKE) for wake in self._take.of(WakeDetected)]
        ends = {event.turn: event.end for event in self._take.of(TurnEnded)}
        for turn in self._take.of(TurnStarted):
            spans.append((self._wake_end(turn.start), ends.get(turn.turn, self._length), _TURN))
        bands: list[tuple[int, Colour]] = []
        for start, end, colour in sorted(spans):
            bands += [(start, _QUIET), (end, colour)]
        return [*bands, (self._length, _QUIET)]

    def _wave(self, row: str, samples: Samples, start: int, bands: Sequence[tuple[int, Colour]]) -> None:
        """Samples that begin at a position; `bands` are (position, colour until there), in order."""
        self._name(row)
        middle, half = self._middle(row), _ROWS[row] // 2 - 6
        if not len(samples):
            return
        first, last = self._x(start), self._x(start + len(samples))
        self._draw.line([(first, middle), (last, middle)], _FAINT)
        loudest = max(float(np.abs(samples).max()), 1e-3)
        for x, part in zip(range(first, last), np.array_split(samples, max(1, last - first)), strict=False):
            if len(part):
                high, low = float(part.max()) / loudest * half, float(part.min()) / loudest * half
                colour = next((colour for until, colour in bands if x < self._x(until)), bands[-1][1])
                self._draw.line([(x, middle - high), (x, middle - low)], colour)

    def _spectrum(self) -> None:
        self._name("spectrum")
        if len(self._take.samples) < SAMPLE_RATE // 20:
            return
        colours = _coloured(log_mel(self._take.samples, bins=80))
        width = max(1, self._x(len(self._take.samples)) - _LEFT)
        strip = Image.fromarray(colours, "RGB").resize((width, _ROWS["spectrum"] - 12), Image.Resampling.BICUBIC)
        self._image.paste(strip, (_LEFT, self._tops["spectrum"] + 6))

    def _marks(self) -> None:
        self._name("turn")
        for wake in self._take.of(WakeDetected):
            self._bar("turn", wake.start, wake.end, f"“{wake.word}” {wake.score:.2f}", _WAKE)
        ends = {event.turn: event for event in self._take.of(TurnEnded)}
        for begun in self._take.of(TurnStarted):
            ended = ends.get(begun.turn)
            last = self._wake_end(begun.start)
            text = "listening" if ended is None else f"listening, ended by {ended.reason}"
            self._bar("turn", last, self._length if ended is None else ended.end, text, _TURN)
            if ended is not None:
                x = self._x(ended.end)
                self._draw.line([(x, self._tops["heard"] + 8), (x, self._tops["turn"])], _TURN, width=2)

    def _wake_end(self, start: int) -> int:
        """The turn's bar begins after the wake word that opened it, so that both can be read."""
        return max([start, *(wake.end for wake in self._take.of(WakeDetected) if wake.start <= start + SAMPLE_RATE)])

    def _words(self) -> None:
        self._name("words")
        finals = [event for event in self._take.of(Transcript) if event.final and event.hypotheses]
        words: Iterable[Word] = (word for event in finals for word in event.hypotheses[0].words)
        for word in words:
            self._bar("words", word.start, word.end, word.text, _blend(_DOUBT, _HEARD, word.confidence))

    def _meanings(self) -> None:
        self._name("meaning")
        meant = ";  ".join(map(_meaning, self._take.of(Interpretation))) or "nothing was asked"
        self._draw.text((_LEFT, self._middle("meaning")), meant, _TURN, font=_font(25), anchor="lm")

    def _says(self) -> None:
        """The reply's text, to the left of its sound if there is room, else above its beginning."""
        said = "  ".join(f"“{reply.text}”" for reply in self._take.of(Reply))
        left, middle = self._x(self._reply_start) - 20, self._middle("answer")
        font = next((font for font in map(_font, (25, 21, 18)) if self._width(said, font) <= left - _LEFT), None)
        if font is not None:
            self._draw.text((left, middle), said, _REPLY, font=font, anchor="rm")
        else:
            at = (max(_LEFT, WIDTH - _RIGHT - self._width(said, _font(21))), self._tops["answer"] - 4)
            self._draw.text(at, said, _REPLY, font=_font(21))

    def _width(self, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> float:
        return self._draw.textlength(text, font=font)

    def _axis(self) -> None:
        y, font = self._tops["axis"] + 4, _font(19)
        self._draw.line([(_LEFT, y), (WIDTH - _RIGHT, y)], _FAINT, width=2)
        total = seconds(self._length)
        step = next(step for step in (0.5, 1, 2, 5, 10, 30, 60, 600) if total / step <= 14 or step == 600)
        for tick in np.arange(0, total, step):
            x = self._x(round(tick * SAMPLE_RATE))
            self._draw.line([(x, y), (x, y + 7)], _FAINT, width=2)
            self._draw.text((x, y + 10), f"{tick:g} s", _QUIET, font=font, anchor="ma")

    def _bar(self, row: str, start: int, end: int, text: str, colour: Colour) -> None:
        top, left, right = self._tops[row], self._x(start), self._x(end)
        right = max(right - 2, left + 2)
        self._draw.rounded_rectangle((left, top + 5, right, top + _ROWS[row] - 5), 6, colour)
        fonts = (font for font in map(_font, (25, 22, 19, 16)) if self._width(text, font) < right - left - 2)
        font = next(fonts, None)
        if font is not None:
            self._draw.text(((left + right) / 2, top + _ROWS[row] / 2), text, _PAPER, font=font, anchor="mm")


def _meaning(meant: Interpretation) -> str:
    slots = "   ".join(f"{slot.name} = {slot.value}" for slot in meant.slots)
    name = "rejected" if meant.rejected else f"{meant.skill} › {meant.intent}"
    return f"{name}   {slots}   ({meant.score:.2f})" if slots else f"{name}   ({meant.score:.2f})"


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
