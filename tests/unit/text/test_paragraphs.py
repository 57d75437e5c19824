"""A long text in paragraphs: joined lines, bounded pieces, no word lost."""

from __future__ import annotations

import io

import pytest

from harken.errors import DataError
from harken.text.paragraphs import LONGEST_PARAGRAPH, read_paragraphs


def texts(content: str | bytes) -> list[str]:
    data = content if isinstance(content, bytes) else content.encode()
    return [paragraph.text for paragraph in read_paragraphs(io.BytesIO(data), "book.txt")]


def test_lines_of_a_paragraph_are_joined_and_empty_lines_separate() -> None:
    assert texts("It was\nthe best.\n\n\nOf times.\n") == ["It was the best.", "Of times."]
    assert texts("one\r\ntwo\r\n\r\nthree") == ["one two", "three"]


def test_a_mark_at_the_beginning_of_the_file_is_not_text() -> None:
    assert texts("\ufeffHello") == ["Hello"]


@pytest.mark.parametrize("ending", [" ", "\n", ".\n"])
def test_a_book_without_empty_lines_comes_in_pieces_and_loses_no_word(ending: str) -> None:
    words = [f"word{number}" for number in range(30_000)]
    parts = texts(ending.join(words))
    assert " ".join(parts).replace(".", "").split() == words
    assert len(parts) > 5
    assert max(map(len, parts)) < 10 * LONGEST_PARAGRAPH


def test_the_bytes_read_grow_up_to_the_size_of_the_file() -> None:
    content = "Grüße.\n\nAus Köln.\n".encode()
    read = [paragraph.read for paragraph in read_paragraphs(io.BytesIO(content), "book.txt")]
    assert read == sorted(read)
    assert read[-1] == len(content)


def test_what_is_not_utf_8_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"book\.txt is not text in UTF-8"):
        texts(b"caf\xe9 au lait")


def test_only_a_few_pages_are_held_at_once() -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def readable(self) -> bool:
            return True

        def readinto(self, place: memoryview) -> int:  # type: ignore[override]
            piece = (b"A line of a book.\n" * 60)[: len(place)]
            place[: len(piece)] = piece
            self.taken += len(piece)
            return len(piece)

    endless = Endless()
    next(read_paragraphs(io.BufferedReader(endless), "endless"))
    assert endless.taken < 100_000


def test_the_end_of_a_very_long_line_is_kept_where_the_file_ends_with_it() -> None:
    words = ["word"] * 3999 + ["lasts"]
    line = " ".join(words)
    assert len(line) == 20_000
    assert " ".join(texts(line)).split() == words
