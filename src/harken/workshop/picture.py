"""A picture of speech as a speech engineer expects it: spectrogram, pitch, level, words and phones on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from harken.errors import AudioError, ConfigError
from harken.events import SAMPLE_RATE, Samples
from harken.tts.frames import HOP
from harken.tts.pitch import track_pitch
from harken.tts.spectrogram import level, spectrogram
from harken.tts.text import Line
from harken.workshop.segments import Segment, phone_segments, word_segments

LONGEST = 60
"""Seconds that a picture shows, at most."""

_SECOND, _NARROWEST = 440, 1400
"""Pixels of a second, and of the time axis at least; for screens of double density: half the width is legible."""
_LEFT, _RIGHT, _GAP = 120, 120, 24
_SPECTRUM, _LEVEL, _LINE, _TITLE, _AXIS = 380, 110, 32, 62, 74
"""Heights of the rows; of labels, of each line."""
_SMALLEST, _LARGEST = 18, 24
"""Sizes of letters in labels."""
_MOST_LINES = 3
"""Lines of labels of words or phones, at most; labels that still have no room are left out."""
_RANGE = 55.0
"""dB from white to black."""
_LOUDEST, _QUIETEST = 0.0, -70.0
"""dB of the level's axis."""
_STEPS_HZ = (20, 50, 100)
"""Hertz from tick to tick of the pitch."""
_HERTZ = 8000

Colour: TypeAlias = tuple[int, int, int]
_PAPER, _INK, _QUIET, _FAINT, _GRID = (255, 255, 255), (33, 37, 41), (95, 102, 109), (173, 181, 189), (226, 229, 233)
_PITCH, _ENERGY, _WORD, _PHONE = (16, 92, 214), (46, 139, 87), (200, 60, 20), (240, 150, 110)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One sound."""

    title: str
    samples: Samples
    """[n] at 16 kHz."""
    phones: Sequence[Segment] = ()
    """In samples, in order; none: their row is left out."""
    words: Sequence[Segment] = ()
    """Likewise."""

    @classmethod
    def of_lines(
        cls, title: str, samples: Samples, lines: Sequence[Line], text: str, lengths: NDArray[np.int64]
    ) -> Panel:
        """Speech of a text.

        Args:
            title: above it.
            samples: [n] at 16 kHz.
            lines: all of the text.
            text: as written.
            lengths: samples of all symbols of the lines.
        """
        phones, words = phone_segments(lines, lengths), word_segments(lines, text, lengths)
        return cls(title=title, samples=samples, phones=phones, words=words)


def check_picture(path: Path) -> None:
    """Refuse a file that is not going to be a PNG.

    Raises:
        ConfigError: its ending is another.
    """
    if path.suffix.lower() != ".png":
        raise ConfigError(f"the picture's file is '{path.name}'; give a name that ends in .png")


def check_length(samples: int) -> None:
    """Refuse a sound that no picture shows.

    Raises:
        AudioError: it is too long.
    """
    if samples > LONGEST * SAMPLE_RATE:
        raise AudioError(
            f"the sound is {samples / SAMPLE_RATE:.0f} s long; a picture shows at most {LONGEST} s: give a part of it"
        )


def draw_picture(panels: Sequence[Panel], path: Path) -> None:
    """Draw sounds below each other, with the same axes, and write a PNG; the same sounds give the same bytes.

    Args:
        panels: at least one.
        path: the file; its folder is created if missing.

    Raises:
        AudioError: a sound is too long, or the file cannot be written.
    """
    longest = max(len(panel.samples) for panel in panels)
    check_length(longest)
    width = max(_NARROWEST, round(longest / SAMPLE_RATE * _SECOND))
    scale = width / max(longest, 1)
    pitches = [track_pitch(panel.samples) for panel in panels]
    hertz = _pitch_axis([tracked[voiced] for tracked, voiced in pitches])
    drawings = [_Drawing(panel, pitch, hertz, scale) for panel, pitch in zip(panels, pitches, strict=True)]
    image = Image.new("RGB", (_LEFT + width + _RIGHT, sum(drawing.height for drawing in drawings) + _GAP), _PAPER)
    top = _GAP
    for drawing in drawings:
        drawing.draw(image, top)
        top += drawing.height
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, format="PNG", optimize=True)
    except OSError as error:
        raise AudioError(f"cannot write {path}: {error}; choose a folder that exists and is writable") from error


def _pitch_axis(voiced: Sequence[NDArray[np.float32]]) -> tuple[int, int]:
    """Lowest and highest hertz of the axis: whole fifties around all that is voiced."""
    known = np.concatenate(voiced)
    if not len(known):
        return 50, 300
    low, high = np.percentile(known, [1, 99])
    first, last = int(low * 0.85) // 50 * 50, -int(-high * 1.1) // 50 * 50 + 50
    return first, max(last, first + 150)


class _Label(NamedTuple):
    segment: Segment
    size: int
    """Of its letters."""
    line: int
    """Counted from the top; -1: there is no room."""


class _Tier:
    """A row of labelled stretches. A label that would touch the one before goes a line lower."""

    def __init__(self, segments: Sequence[Segment], scale: float, *, largest: int, colour: Colour):
        self.colour = colour
        self.labels: list[_Label] = []
        taken = [0.0] * _MOST_LINES
        for one in segments:
            room = (one.end - one.start) * scale - 6
            widths = {size: _font(size).getlength(one.text) for size in range(largest, _SMALLEST - 1, -2)}
            size = next((size for size, width in widths.items() if width <= room), _SMALLEST)
            left = (one.start + one.end) / 2 * scale - widths[size] / 2
            line = next((line for line, until in enumerate(taken) if left >= until), -1)
            if line >= 0:
                taken[line] = left + widths[size] + 5
            self.labels.append(_Label(one, size, line))
        self.height = _LINE * (1 + max(label.line for label in self.labels)) + 10 if self.labels else 0

    @property
    def borders(self) -> list[int]:
        """Places where a stretch begins or ends."""
        return sorted({place for label in self.labels for place in (label.segment.start, label.segment.end)})


class _Drawing:
    """A panel and its place in the picture, which `draw` makes known."""

    _image: Image.Image
    _draw: ImageDraw.ImageDraw
    _spectrum: int
    """Top of the row, as of the others."""

    def __init__(
        self, panel: Panel, pitch: tuple[NDArray[np.float32], NDArray[np.bool_]], hertz: tuple[int, int], scale: float
    ):
        self._panel, self._pitch, self._hertz, self._scale = panel, pitch, hertz, scale
        self._tiers = (
            _Tier(panel.words, scale, largest=_LARGEST, colour=_WORD),
            _Tier(panel.phones, scale, largest=20, colour=_PHONE),
        )
        self._end = self._x(len(panel.samples))
        self.height = _TITLE + _SPECTRUM + _LEVEL + sum(tier.height for tier in self._tiers) + _AXIS

    def draw(self, image: Image.Image, top: int) -> None:
        self._image, self._draw = image, ImageDraw.Draw(image)
        self._spectrum = top + _TITLE
        self._level = self._spectrum + _SPECTRUM
        self._labels = self._level + _LEVEL
        self._draw.text((_LEFT, self._spectrum - 14), self._panel.title, _INK, font=_font(28), anchor="ls")
        self._paint_spectrum()
        self._draw_level()
        self._draw_borders()
        self._draw_pitch()
        rows, bottom = [self._spectrum, self._level, self._labels], self._labels
        for tier in self._tiers:
            self._draw_tier(tier, bottom)
            bottom += tier.height
            rows.append(bottom)
        for y in rows:
            self._draw.line([(_LEFT, y), (self._end, y)], _FAINT, width=2)
        for x in (_LEFT, self._end):
            self._draw.line([(x, self._spectrum), (x, bottom)], _FAINT, width=2)
        self._time_axis(bottom)

    def _x(self, sample: float) -> int:
        return round(_LEFT + sample * self._scale)

    def _paint_spectrum(self) -> None:
        columns = spectrogram(self._panel.samples)
        if len(columns):
            dark = np.clip((columns - columns.max()) / _RANGE + 1, 0, 1)
            grey = np.rint(255 * (1 - dark.T[::-1])).astype(np.uint8)
            size = max(1, self._end - _LEFT), _SPECTRUM
            strip = Image.fromarray(grey, "L").resize(size, Image.Resampling.BICUBIC).convert("RGB")
            self._image.paste(strip, (_LEFT, self._spectrum))
        for kilohertz in range(0, _HERTZ // 1000 + 1, 2):
            y = self._level - _SPECTRUM * 1000 * kilohertz // _HERTZ
            self._tick(_LEFT, y, f"{kilohertz}", _QUIET, right=False)
        self._draw.text((_LEFT - 64, self._spectrum - 14), "kHz", _QUIET, font=_font(20), anchor="ls")

    def _draw_pitch(self) -> None:
        low, high = self._hertz
        hertz, voiced = self._pitch
        y = self._level - (hertz - low) / (high - low) * _SPECTRUM
        shown = [
            (self._x((frame + 0.5) * HOP), float(y[frame]))
            for frame in np.flatnonzero(voiced)
            if self._spectrum + 4 <= y[frame] <= self._level - 4
        ]
        for radius, colour in ((5.5, _PAPER), (3.5, _PITCH)):  # bright edges, so that it is seen on black
            for x, height in shown:
                self._draw.ellipse((x - radius, height - radius, x + radius, height + radius), colour)
        step = next((step for step in _STEPS_HZ if (high - low) / step <= 8), _STEPS_HZ[-1])
        for tick in range(-(-low // step) * step, high + 1, step):
            self._tick(self._end, round(self._level - (tick - low) / (high - low) * _SPECTRUM), f"{tick}", _PITCH)
        self._draw.text((self._end + 16, self._spectrum - 14), "F0, Hz", _PITCH, font=_font(20), anchor="ls")

    def _draw_level(self) -> None:
        decibels = np.clip(level(self._panel.samples), _QUIETEST, _LOUDEST)
        share = (decibels - _QUIETEST) / (_LOUDEST - _QUIETEST)
        for tick in (-20, -40, -60):
            y = round(self._labels - (tick - _QUIETEST) / (_LOUDEST - _QUIETEST) * _LEVEL)
            self._draw.line([(_LEFT, y), (self._end, y)], _GRID, width=1)
            self._tick(_LEFT, y, f"{tick}", _ENERGY, right=False)
        points = [
            (self._x((n + 0.5) * HOP), round(self._labels - one * (_LEVEL - 6) - 2)) for n, one in enumerate(share)
        ]
        if len(points) > 1:
            self._draw.line(points, _ENERGY, width=3, joint="curve")
        self._draw.text((self._end + 16, self._level + _LEVEL // 2), "level, dB", _ENERGY, font=_font(20), anchor="lm")

    def _draw_borders(self) -> None:
        """Where words and phones begin and end, through spectrogram and level."""
        height = self._labels - self._spectrum
        for tier, width, strength in zip(self._tiers[::-1], (1, 2), (150, 170), strict=True):
            for x in map(self._x, tier.borders):
                box = (x, self._spectrum, x + width, self._labels)
                self._image.paste(tier.colour, box, Image.new("L", (width, height), strength))

    def _draw_tier(self, tier: _Tier, top: int) -> None:
        for x in map(self._x, tier.borders):
            self._draw.line([(x, top), (x, top + tier.height)], tier.colour, width=2)
        for label in tier.labels:
            if label.line >= 0:
                middle = (self._x(label.segment.start) + self._x(label.segment.end)) / 2
                y = top + 5 + _LINE * (label.line + 0.5)
                text, font = label.segment.text, _font(label.size)
                self._draw.text((middle, y), text, _INK, font=font, anchor="mm", stroke_width=2, stroke_fill=_PAPER)

    def _time_axis(self, top: int) -> None:
        step = SAMPLE_RATE // 10
        for tick in range(0, len(self._panel.samples) + 1, step):
            x, whole = self._x(tick), tick % (5 * step) == 0
            self._draw.line([(x, top), (x, top + (12 if whole else 6))], _QUIET, width=2)
            if whole:
                self._draw.text((x, top + 16), f"{tick / SAMPLE_RATE:.1f} s", _QUIET, font=_font(20), anchor="ma")

    def _tick(self, x: int, y: int, text: str, colour: Colour, *, right: bool = True) -> None:
        way = 1 if right else -1
        self._draw.line([(x, y), (x + 8 * way, y)], colour, width=2)
        self._draw.text((x + 16 * way, y), text, colour, font=_font(20), anchor="lm" if right else "rm")


_Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


def _font(size: int) -> _Font:
    return ImageFont.load_default(size)
