"""SSML as the voice understands it: what each element asks for, and what is refused where."""

from __future__ import annotations

import pytest

from harken.errors import MarkupError
from harken.languages.loading import load_locale
from harken.tts.manner import Manner
from harken.tts.markup import ELEMENTS, LONGEST_MARKUP, Marked, parse_markup
from harken.tts.symbols import COMMA, GAP
from harken.tts.text import Line, read_lines


def parsed(inner: str) -> Marked:
    return parse_markup(f"<speak>{inner}</speak>", load_locale())


def lines(inner: str) -> list[Line]:
    return read_lines(parsed(inner), lambda word, part="": ["AH0", "T"], load_locale())


def manner(inner: str) -> Manner:
    marked = parsed(inner)
    return marked.manner(marked.text.index("x"))


def words_of(inner: str) -> str:
    said: list[str] = []
    read_lines(parsed(inner), lambda word, part="": said.append(word) or ["AH0"], load_locale())
    return " ".join(said)


def test_a_document_without_marks_is_its_text() -> None:
    assert parsed("One &amp; two.\n  Three.") == Marked(text="One & two. Three.")


@pytest.mark.parametrize(
    ("value", "rate"),
    [("slow", 0.75), ("x-fast", 1.75), ("default", 1), ("80%", 0.8), ("+20%", 1.2), ("-30%", 0.7), ("1.5", 1.5)],
)
def test_rates(value: str, rate: float) -> None:
    assert manner(f'<prosody rate="{value}">x</prosody>').rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("value", "semitones"), [("low", -3), ("x-high", 6), ("+2st", 2), ("-1.5st", -1.5), ("+12%", 1.962), ("-50%", -12)]
)
def test_pitches(value: str, semitones: float) -> None:
    assert manner(f'<prosody pitch="{value}">x</prosody>').pitch == pytest.approx(semitones, abs=0.001)


@pytest.mark.parametrize(("value", "decibels"), [("silent", -100), ("soft", -6), ("+6dB", 6), ("-3dB", -3)])
def test_volumes(value: str, decibels: float) -> None:
    assert manner(f'<prosody volume="{value}">x</prosody>').volume == decibels


@pytest.mark.parametrize(("value", "size"), [("x-low", 0.25), ("150%", 1.5), ("0", 0), ("+50%", 1.5)])
def test_ranges(value: str, size: float) -> None:
    assert manner(f'<prosody range="{value}">x</prosody>').pitch_range == size


def test_a_manner_ends_with_its_element_and_adds_to_the_outer_one() -> None:
    marked = parsed('a <prosody pitch="+2st" rate="2">b <prosody pitch="+1st" rate="1.5">c</prosody> d</prosody> e')
    found = [marked.manner(marked.text.index(letter)) for letter in "abcde"]
    assert [(one.pitch, one.rate) for one in found] == [(0, 1), (2, 2), (3, 3), (2, 2), (0, 1)]


@pytest.mark.parametrize(("level", "size"), [("strong", 2), ("moderate", 1), ("none", 0), ("reduced", -1)])
def test_emphasis(level: str, size: float) -> None:
    assert manner(f'<emphasis level="{level}">x</emphasis>').emphasis == size
    assert manner("<emphasis>x</emphasis>").emphasis == 1
    assert manner('<emphasis level="strong"><emphasis level="none">x</emphasis></emphasis>').emphasis == 0


def test_symbols_take_the_manner_of_their_words() -> None:
    (line,) = lines('one <prosody rate="fast">two three</prosody> four')
    assert [one.rate for one in line.manners] == [1, 1, 1, 1, *[1.35] * 6, 1, 1, 1]
    assert lines("one two")[0].manners == ()


@pytest.mark.parametrize(
    ("mark", "seconds"),
    [('time="500ms"', 0.5), ('time="1.5s"', 1.5), ('strength="x-strong"', 1.2), ('strength="weak"', 0.2), ("", 0.4)],
)
def test_a_break_is_a_pause_between_its_words(mark: str, seconds: float) -> None:
    (line,) = lines(f"one <break {mark}/> two")
    ((place, length),) = line.breaks
    assert length == pytest.approx(seconds)
    assert line.symbols[place] == COMMA
    assert place == 3


def test_a_break_of_no_length_takes_a_pause_away() -> None:
    (line,) = lines('one, <break strength="none"/> two')
    assert COMMA not in line.symbols
    assert GAP in line.symbols


def test_breaks_before_after_and_between_sentences_lie_at_their_ends() -> None:
    first, second = lines('<break time="1s"/>One. <break time="2s"/> Two. <break time="3s"/>')
    assert first.breaks == ((0, 1.0),)
    assert second.breaks == ((0, 2.0), (len(second.symbols) - 1, 3.0))


def test_sentences_and_paragraphs_end_where_they_are_marked() -> None:
    assert [line.symbols.count(GAP) for line in lines("<s>one two</s><s>three</s>")] == [1, 0]
    first, second = lines("<p>one</p><p>two</p>")
    assert (first.breaks, second.breaks[0]) == ((), (0, 0.4))


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("cardinal", "1920", "one thousand nine hundred twenty"), ("cardinal", "-1,234.5",
         "minus one thousand two hundred thirty four point five"), ("ordinal", "21", "twenty first"),
        ("ordinal", "3rd", "third"), ("characters", "aB-1", "B one"), ("date", "11/26/2026",
         "november twenty sixth twenty twenty six"), ("date", "2026-11-26", "november twenty sixth twenty twenty six"),
        ("time", "19:05", "nineteen oh five"), ("time", "7:30pm", "seven thirty"),
        ("telephone", "+1 555-0123", "plus one five five five zero one two three"),
    ],
)  # fmt: skip
def test_say_as(kind: str, text: str, said: str) -> None:
    # Letters have names of their own and are not asked of the pronouncer.
    assert words_of(f'<say-as interpret-as="{kind}">{text}</say-as>') == said.replace("B one", "dash one")


def test_a_date_has_the_order_that_is_asked_for() -> None:
    assert words_of('<say-as interpret-as="date" format="dmy">3/4/2026</say-as>').startswith("april third")
    assert words_of('<say-as interpret-as="date" format="mdy">3/4/2026</say-as>').startswith("march fourth")


def test_what_is_said_in_a_given_way_is_not_read_with_its_neighbours() -> None:
    assert words_of('$<say-as interpret-as="cardinal">5</say-as>.50').startswith("dollars five")
    assert len(lines('It is <say-as interpret-as="cardinal">5</say-as>. Good.')) == 2


def test_no_sentence_ends_inside_what_is_said_in_a_given_way() -> None:
    assert len(lines('Type <say-as interpret-as="characters">go. Now</say-as> and wait')) == 1


def test_a_substitution_is_said_instead() -> None:
    assert words_of('The <sub alias="World Wide Web Consortium">W3C</sub> met') == "The World Wide Web Consortium met"


@pytest.mark.parametrize(
    ("document", "place", "what"),
    [
        ("<speak>a\n <audio src='x'/></speak>", "line 2, column 2", "<audio>"),
        ("<speak><prosodie/></speak>", "line 1, column 8", "did you mean 'prosody'"),
        ("<speak><break size='1'/></speak>", "line 1, column 8", "no attribute 'size'"),
        ("<speak>a <b", "line 1, column 10", "unclosed token"),
        ("<speak><p>a</s></speak>", "line 1, column 14", "mismatched tag"),
        ("hello", "line 1, column 1", "syntax error"),
        ("<speak><prosody volume='+50dB'>a</prosody></speak>", "line 1, column 8", "volume 50.0 is out of range"),
        ("", "line 1, column 1", "no element found"),
        ("<p>hi</p>", "line 1, column 1", "<speak> must be the first"),
        ("<speak>a &nbsp; b</speak>", "line 1, column 10", "undefined entity"),
        ('<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', "line 1, column", "document type"),
        ("<speak><break time='soon'/></speak>", "line 1, column", "'soon'"),
        ("<speak><break time='60s'/></speak>", "line 1, column", "at most 10 s"),
        ("<speak><prosody rate='9'>a</prosody></speak>", "line 1, column 8", "speaking rate 9"),
        ("<speak><prosody pitch='180Hz'>a</prosody></speak>", "line 1, column 8", "180Hz"),
        ("<speak><prosody volume='loudest'>a</prosody></speak>", "line 1, column 8", "loudest"),
        ("<speak><emphasis level='very'>a</emphasis></speak>", "line 1, column 8", "very"),
        ("<speak><say-as interpret-as='colour'>a</say-as></speak>", "line 1, column", "'colour'"),
        ("<speak><say-as interpret-as='ordinal'>often</say-as></speak>", "line 1, column", "'often' cannot be said"),
        ("<speak><say-as interpret-as='date' format='xyz'>1/2</say-as></speak>", "line 1, column", "'xyz'"),
        ("<speak><sub>a</sub></speak>", "line 1, column", "alias"),
        ("<speak><sub alias='b'><s>a</s></sub></speak>", "line 1, column 23", "holds no other elements"),
        ("<speak><break>a</break></speak>", "line 1, column", "<break/>"),
        ("<speak xml:lang='fr-FR'>a</speak>", "line 1, column 1", "'fr-FR'"),
        ("<speak>a\ud800</speak>", "", "UTF-8"),
        ("<speak>" + "a" * LONGEST_MARKUP + "</speak>", "", "characters"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(document: str, place: str, what: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse_markup(document, load_locale())
    assert place in str(caught.value)
    assert what in str(caught.value)


def test_entities_are_not_expanded_even_to_a_laugh() -> None:
    bomb = '<!DOCTYPE l [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]><speak>&b;</speak>'
    with pytest.raises(MarkupError, match="document type"):
        parse_markup(bomb, load_locale())


def test_every_element_is_tried_here() -> None:
    assert set(ELEMENTS) == {"speak", "p", "s", "break", "prosody", "emphasis", "say-as", "sub"}
