from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harken.events import SAMPLE_RATE, Word
from harken.text.subtitles import LINE, LONGEST_CUE, SHORTEST_CUE, Cue, format_srt, format_vtt, make_cues


def spoken(text: str, *, each: float = 0.3, pauses: dict[int, float] | None = None) -> list[Word]:
    """Words of equal length in seconds, with pauses before some of them."""
    words, at = [], 0.0
    for number, word in enumerate(text.split()):
        at += (pauses or {}).get(number, 0.0)
        words.append(Word(text=word, start=samples(at), end=samples(at + each), confidence=1.0))
        at += each
    return words


def samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def shown(words: list[Word]) -> list[str]:
    return [" ".join(cue.lines) for cue in make_cues(words)]


@st.composite
def words_in_order(draw: st.DrawFn) -> list[Word]:
    words, at = [], 0
    steps = st.tuples(st.integers(0, 40_000), st.integers(0, 120_000), st.text(max_size=100))
    for pause, length, text in draw(st.lists(steps, max_size=60)):
        words.append(Word(text=text, start=at + pause, end=at + pause + length, confidence=0.5))
        at += pause + length
    return words


@settings(deadline=None)
@given(words_in_order())
def test_cues_hold_every_letter_in_order(words: list[Word]) -> None:
    said = "".join("".join(word.text.split()) for word in words)
    assert "".join("".join(line.split()) for cue in make_cues(words) for line in cue.lines) == said


@settings(deadline=None)
@given(words_in_order())
def test_cues_follow_each_other_without_overlap(words: list[Word]) -> None:
    cues = list(make_cues(words))
    assert all(cue.start < cue.end <= cue.start + LONGEST_CUE for cue in cues)
    assert all(one.end <= other.start for one, other in itertools.pairwise(cues))


@settings(deadline=None)
@given(words_in_order())
def test_cues_have_at_most_two_short_lines(words: list[Word]) -> None:
    for cue in make_cues(words):
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < len(line) <= LINE and len(line.splitlines()) == 1 for line in cue.lines)


@settings(deadline=None)
@given(words_in_order(), st.integers(0, 60))
def test_words_still_to_come_change_only_the_last_two_cues(words: list[Word], count: int) -> None:
    early = list(make_cues(words[:count]))
    assert list(make_cues(words))[: max(0, len(early) - 2)] == early[:-2]


@settings(deadline=None)
@given(words_in_order())
def test_times_of_both_formats_grow(words: list[Word]) -> None:
    cues = list(make_cues(words))
    for texts in ([format_srt(cue, n) for n, cue in enumerate(cues, 1)], [format_vtt(cue) for cue in cues]):
        pairs = [re.findall(r"(\d\d):(\d\d):(\d\d)[,.](\d{3})", text.split("-->")[0] + text.split("-->")[1])[:2]
                 for text in texts]  # fmt: skip
        times = [time for pair in pairs for time in pair]
        assert times == sorted(times)
        assert all(start < end for start, end in pairs)


def test_words_that_are_close_stay_together_on_one_line() -> None:
    assert [cue.lines for cue in make_cues(spoken("turn on the light in the kitchen"))] == [
        ("turn on the light in the kitchen",)
    ]


def test_a_long_pause_ends_a_cue() -> None:
    assert shown(spoken("yes no", pauses={1: 1.0})) == ["yes", "no"]


def test_a_short_pause_ends_a_cue_that_has_enough_to_read() -> None:
    text = "this is the end of a sentence here begins another"
    assert shown(spoken(text, pauses={7: 0.5})) == ["this is the end of a sentence", "here begins another"]
    assert shown(spoken("well then", pauses={1: 0.5})) == ["well then"]


@pytest.mark.parametrize(
    ("first", "pause", "cues"),
    [("a" * 24, 0.4, 2), ("a" * 24, 0.399, 1), ("a" * 23, 0.4, 1), ("a" * 23, 0.999, 1), ("a", 1.0, 2)],
)
def test_four_tenths_of_a_second_end_a_cue_of_24_characters_and_a_whole_one_any(
    first: str, pause: float, cues: int
) -> None:
    assert len(shown(spoken(f"{first} b", pauses={1: pause}))) == cues


def test_a_cue_is_shown_for_six_seconds_at_most() -> None:
    assert shown(spoken("a b c d e f", each=1.0)) == ["a b c d e f"]
    longer = list(make_cues(spoken("a b c d e f g", each=1.0)))
    assert [" ".join(cue.lines) for cue in longer] == ["a b c d e f", "g"]
    assert longer[0].end == samples(6)


def test_words_of_no_length_are_shown_for_a_millisecond() -> None:
    words = [Word(text=letter * 42, start=0, end=0, confidence=1.0) for letter in "abc"]
    assert [(cue.start, cue.end) for cue in make_cues(words)] == [(0, 16), (16, 16 + SHORTEST_CUE)]


def test_a_line_does_not_end_behind_an_article_when_the_next_way_is_nearly_as_even() -> None:
    (cue,) = make_cues(spoken("nobody could ever open up the heavy wooden kitchen door", each=0.2))
    assert cue.lines == ("nobody could ever open up", "the heavy wooden kitchen door")


def test_without_a_pause_a_cue_ends_before_a_clause_and_not_behind_an_article() -> None:
    text = (
        "the house at the end of the street was empty for many years because nobody wanted to live in the "
        "shadow of the mill"
    )
    cues = shown(spoken(text, each=0.2))
    assert cues[0] == "the house at the end of the street was empty for many years"
    assert all(cue.split()[-1] not in ("a", "the", "of") for cue in cues)


def test_a_text_too_long_for_a_line_is_cut_into_two_of_similar_length() -> None:
    (cue,) = make_cues(spoken("one two three four five six seven eight nine ten eleven twelve", each=0.2))
    assert cue.lines == ("one two three four five six seven", "eight nine ten eleven twelve")


def test_a_short_cue_stays_until_it_can_be_read_or_the_next_begins() -> None:
    alone, *_ = make_cues(spoken("yes"))
    assert alone.end - alone.start == SHORTEST_CUE
    words = [
        Word(text="yes" * 14, start=0, end=4000, confidence=1.0),
        Word(text="no" * 21, start=4800, end=9000, confidence=1.0),
        Word(text="so" * 21, start=9000, end=40_000, confidence=1.0),
    ]
    first, second = make_cues(words)
    assert (first.start, first.end) == (0, 9000)
    assert second.start == 9000


def test_a_word_longer_than_a_line_goes_on_in_the_next() -> None:
    (cue,) = make_cues([Word(text="a" * 50, start=0, end=16_000, confidence=1.0)])
    assert cue.lines == ("a" * 42, "a" * 8)


def test_no_words_give_no_cues() -> None:
    assert list(make_cues([])) == []
    assert list(make_cues([Word(text=" ", start=0, end=9, confidence=1.0)])) == []


CUE = Cue(start=samples(3661.5), end=samples(3663.0625), lines=("salt & <pepper>", "and more"))


def test_subrip_has_a_number_and_commas() -> None:
    assert format_srt(CUE, 7) == "7\n01:01:01,500 --> 01:01:03,062\nsalt & <pepper>\nand more\n\n"


def test_webvtt_has_points_and_escapes() -> None:
    assert format_vtt(CUE) == "01:01:01.500 --> 01:01:03.062\nsalt &amp; &lt;pepper&gt;\nand more\n\n"


@pytest.mark.parametrize("hours", [0, 3, 100])
def test_hours_have_at_least_two_digits(hours: int) -> None:
    cue = Cue(start=samples(hours * 3600), end=samples(hours * 3600 + 1), lines=("x",))
    assert format_vtt(cue).startswith(f"{hours:02}:00:00.000 --> ")
