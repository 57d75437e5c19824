"""A long text in paragraphs, read as they are needed: a book takes no more memory than a page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO, NamedTuple

from harken.errors import DataError

LONGEST_PARAGRAPH = 4000
"""Characters after which a paragraph ends at the next full stop at the end of a line."""
_LONGEST_LINE = 20_000
"""Characters of a line that are read at once, and after which a paragraph ends in any case."""
_ENDS = re.compile(r"[.!?…][\"'”’)\]]*$")


class Paragraph(NamedTuple):
    """A part of a text that is said at once."""

    text: str
    """With spaces for the line breaks in it."""
    read: int
    """Bytes of the text read so far."""


def read_paragraphs(stream: IO[bytes], name: str) -> Iterator[Paragraph]:
    """Paragraphs of a text in UTF-8: what stands between empty lines; lines of one paragraph are joined.

    Args:
        stream: the text.
        name: for messages.

    Raises:
        DataError: it is not UTF-8.
    """
    lines: list[str] = []
    held, read, rest = 0, 0, ""
    text_stream = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        while line := text_stream.readline(_LONGEST_LINE):
            read += len(line.encode())
            whole, rest = _whole_words(rest + line)
            lines.append(whole.strip())
            held += len(whole)
            full = held >= LONGEST_PARAGRAPH and (_ENDS.search(lines[-1]) or held >= _LONGEST_LINE // 2)
            if full or not lines[-1]:
                if text := " ".join(filter(None, lines)):
                    yield Paragraph(text, read)
                lines, held = [], 0
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} is not text in UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
        ) from None
    finally:
        text_stream.detach()
    lines.append(rest)
    if text := " ".join(filter(None, lines)):
        yield Paragraph(text, read)


def _whole_words(line: str) -> tuple[str, str]:
    """A line that was cut because it is very long, and the beginning of the word that was cut."""
    if len(line) < _LONGEST_LINE or line.endswith(("\n", "\r")):
        return line, ""
    head, space, tail = line.rpartition(" ")
    return (head, tail) if space else (line, "")
