"""Text with marks for the voice: a subset of SSML 1.1 (W3C, 2010), as words with the manner in which they are said.

Elements: speak, p, s, break, prosody, emphasis, say-as, sub. Everything else is refused by name, and so are document
types and entities beyond XML's own five: nothing is expanded and nothing is loaded.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn
from xml.parsers import expat

from harken.errors import ConfigError, MarkupError, nearest
from harken.languages.locale import Locale
from harken.tts.manner import PLAIN, Manner

LONGEST_MARKUP = 1_000_000
"""Characters."""
LONGEST_BREAK = 10.0
"""Seconds."""
_PARAGRAPH = 0.4
"""Seconds of silence behind a paragraph."""
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "speak": frozenset({"version", "xmlns", "xml:lang"}), "p": frozenset({"xml:lang"}), "s": frozenset({"xml:lang"}),
    "break": frozenset({"time", "strength"}), "prosody": frozenset({"rate", "pitch", "range", "volume"}),
    "emphasis": frozenset({"level"}), "say-as": frozenset({"interpret-as", "format"}), "sub": frozenset({"alias"}),
}  # fmt: skip
ELEMENTS = tuple(_ATTRIBUTES)
"""Every element that the voice understands."""
_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
"""Seconds."""
_LEVELS = {"none": 0.0, "reduced": -1.0, "moderate": 1.0, "strong": 2.0}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.35, "x-fast": 1.75}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
_RANGES = {"x-low": 0.25, "low": 0.6, "medium": 1.0, "default": 1.0, "high": 1.4, "x-high": 1.8}
_VOLUMES = {"silent": -100.0, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0, "loud": 3.0, "x-loud": 6.0}
_SECONDS = re.compile(r"\+?(\d+(?:\.\d+)?|\.\d+)(ms|s)")
_SEMITONES = re.compile(r"([+-]?\d+(?:\.\d+)?)st")
_DECIBELS = re.compile(r"([+-]?\d+(?:\.\d+)?)dB")
_PERCENT = re.compile(r"([+-]?)(\d+(?:\.\d+)?)%")
_FACTOR = re.compile(r"\d+(?:\.\d+)?|\.\d+")


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Text and what the marks in it ask for. Places are characters of `text`."""

    text: str
    manners: tuple[tuple[int, Manner], ...] = ()
    """(place, manner from there on), by place; before the first the voice speaks plainly."""
    breaks: tuple[tuple[int, float], ...] = ()
    """(place, seconds of silence), by place."""
    readings: tuple[tuple[int, int, str], ...] = ()
    """(start, end, how the characters are said): words and punctuation with spaces between; capitals are letters."""

    def manner(self, place: int) -> Manner:
        """How the character at a place is said."""
        number = bisect_right(self.manners, place, key=lambda change: change[0])
        return self.manners[number - 1][1] if number else PLAIN


def parse_markup(text: str, locale: Locale) -> Marked:
    """Text and marks of an SSML document.

    Args:
        text: begins with `<speak>`, or with an XML declaration.
        locale: the language of the text.

    Raises:
        MarkupError: naming line and column: it is not well-formed, has an unknown element, attribute or value, or
            text that cannot be said as asked.
    """
    if len(text) > LONGEST_MARKUP:
        raise MarkupError(f"the document has {len(text):,} characters; give at most {LONGEST_MARKUP:,}, or plain text")
    return _Reader(locale).read(text)


class _Reader:
    """Collects what the parser reports."""

    def __init__(self, locale: Locale):
        self._locale = locale
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.buffer_text = True
        self._text: list[str] = []
        self._length = 0
        self._open: list[tuple[str, Mapping[str, str], int, int]] = []
        self._manners = [PLAIN]
        self._changes: list[tuple[int, Manner]] = []
        self._breaks: list[tuple[int, float]] = []
        self._readings: list[tuple[int, int, str]] = []

    def read(self, text: str) -> Marked:
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            why = expat.errors.messages[error.code]
            raise MarkupError(f"line {error.lineno}, column {error.offset + 1}: {why}; give well-formed XML") from error
        except UnicodeEncodeError as error:
            raise MarkupError("the document holds half a character (a lone surrogate); save it as UTF-8") from error
        return Marked(
            text="".join(self._text), manners=tuple(self._changes), breaks=tuple(self._breaks),
            readings=tuple(self._readings),
        )  # fmt: skip

    def _fail(self, what: str) -> NoReturn:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        raise MarkupError(f"line {line}, column {column}: {what}")

    def _refuse_doctype(self, *_: object) -> None:
        self._fail("a document type is not allowed, and so are entities of one's own; leave <!DOCTYPE> out")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name not in _ATTRIBUTES:
            self._fail(f"<{name}> is not an element that the voice understands; {nearest(name, ELEMENTS)}")
        if (not self._open) != (name == "speak"):
            self._fail("<speak> must be the first element and contain all others")
        if self._open and self._open[-1][0] in ("break", "sub", "say-as"):
            self._fail(f"<{self._open[-1][0]}> holds no other elements, but there is <{name}> in it")
        for attribute in attributes:
            if attribute not in _ATTRIBUTES[name]:
                known = ", ".join(sorted(_ATTRIBUTES[name]))
                self._fail(f"<{name}> has no attribute '{attribute}'; it has {known}")
        language = attributes.get("xml:lang", self._locale.code)
        if language.split("-")[0].lower() != self._locale.code.split("-")[0].lower():
            self._fail(f"the voice speaks {self._locale.name} ({self._locale.code}), not '{language}'")
        if name in ("p", "s"):
            self._add("\n")
        self._open.append((name, attributes, self._length, len(self._text)))
        self._manners.append(self._inside(name, attributes))
        self._change()

    def _end(self, name: str) -> None:
        _, attributes, start, pieces = self._open.pop()
        self._manners.pop()
        if name == "break":
            self._breaks.append((self._length, self._pause(attributes)))
        elif name == "sub":
            del self._text[pieces:]
            self._length = start
            self._add(attributes.get("alias") or self._fail("<sub> needs an alias: what is said instead"))
        elif name == "say-as":
            self._say_as("".join(self._text[pieces:]), start, attributes)
        self._change()
        if name in ("p", "s"):
            self._add("\n")
        if name == "p":
            self._breaks.append((self._length, _PARAGRAPH))

    def _characters(self, text: str) -> None:
        if self._open and self._open[-1][0] == "break" and text.strip():
            self._fail("<break> holds no text; write <break/>")
        # A line break in the source is a space: sentences end with their marks, or with <s> and <p>.
        self._add(re.sub(r"\s+", " ", text))

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)

    def _change(self) -> None:
        manner, before = self._manners[-1], self._changes[-1] if self._changes else (0, PLAIN)
        if before[1] != manner:
            if before[0] == self._length and self._changes:
                self._changes.pop()
            self._changes.append((self._length, manner))

    def _say_as(self, text: str, start: int, attributes: Mapping[str, str]) -> None:
        kinds = self._locale.writing.say_as
        kind = attributes.get("interpret-as", "")
        if kind not in kinds:
            self._fail(f"<say-as> cannot interpret text as '{kind}'; {nearest(kind, tuple(kinds))}")
        words = kinds[kind](text.strip(), attributes.get("format", ""))
        if words is None:
            form = f" in the format '{attributes['format']}'" if "format" in attributes else ""
            self._fail(f"{text.strip()!r} cannot be said as {kind}{form}")
        self._readings.append((start, self._length, words))

    def _inside(self, name: str, attributes: Mapping[str, str]) -> Manner:
        if name == "emphasis":
            level = attributes.get("level", "moderate")
            return replace(self._manners[-1], emphasis=self._named(level, _LEVELS, "level"))
        return self._prosody(attributes).within(self._manners[-1]) if name == "prosody" else self._manners[-1]

    def _prosody(self, attributes: Mapping[str, str]) -> Manner:
        try:
            return Manner(
                rate=self._factor(attributes.get("rate", "medium"), _RATES, "rate"),
                pitch=self._semitones(attributes.get("pitch", "medium")),
                pitch_range=self._factor(attributes.get("range", "medium"), _RANGES, "range"),
                volume=self._decibels(attributes.get("volume", "medium")),
            )
        except ConfigError as error:
            self._fail(str(error))

    def _named(self, value: str, names: Mapping[str, float], what: str, more: str = "") -> float:
        if value not in names:
            self._fail(f"{what} is '{value}'; give one of {', '.join(names)}{more}")
        return names[value]

    def _factor(self, value: str, names: Mapping[str, float], what: str) -> float:
        percent = _PERCENT.fullmatch(value)
        if percent:
            share = float(percent[2]) / 100
            return 1 + share if percent[1] == "+" else 1 - share if percent[1] == "-" else share
        if _FACTOR.fullmatch(value):
            return float(value)
        return self._named(value, names, what, ", a factor ('1.2') or a percentage ('80%', '+20%')")

    def _semitones(self, value: str) -> float:
        match, percent = _SEMITONES.fullmatch(value), _PERCENT.fullmatch(value)
        if match:
            return float(match[1])
        if percent and percent[1]:
            change = 1 + float(percent[1] + percent[2]) / 100
            if change > 0:
                return 12 * math.log2(change)
        return self._named(value, _PITCHES, "pitch", ", semitones ('+2st') or a change in percent ('-10%')")

    def _decibels(self, value: str) -> float:
        match = _DECIBELS.fullmatch(value)
        if match:
            return float(match[1])
        return self._named(value, _VOLUMES, "volume", " or decibels ('+6dB')")

    def _pause(self, attributes: Mapping[str, str]) -> float:
        if "time" not in attributes:
            return self._named(attributes.get("strength", "medium"), _STRENGTHS, "strength")
        match = _SECONDS.fullmatch(attributes["time"])
        if not match:
            self._fail(f"time is '{attributes['time']}'; give seconds or milliseconds ('0.5s', '500ms')")
        seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if seconds > LONGEST_BREAK:
            self._fail(f"a break of {seconds:g} s is too long; give at most {LONGEST_BREAK:g} s")
        return seconds
