"""Where phones and written words are in their sound."""

from __future__ import annotations

from functools import cache

import numpy as np

from harken.tts.manner import Manner
from harken.tts.symbols import MARKS
from harken.tts.voice import Voice
from harken.workshop.segments import phone_segments, word_segments


@cache
def voice() -> Voice:
    return Voice.load("voice-kathleen")


def test_words_are_those_that_are_written() -> None:
    text = 'It is 7:30, isn\'t it?  "Yes," he said.'
    lines = voice().read(text)
    count = sum(len(line.symbols) for line in lines)
    words = word_segments(lines, text, np.full(count, 10))
    assert [word.text for word in words] == ["It", "is", "7:30", "isn't", "it", "Yes", "he", "said"]
    symbols = [symbol for line in lines for symbol in line.symbols]
    said = symbols[words[2].first : words[2].last]
    assert " ".join(said) == "S EH1 V AH0 N   TH ER1 D IY0".replace("IY0", said[-1])
    for word in words:
        assert (word.start, word.end) == (10 * word.first, 10 * word.last)


def test_phones_are_all_but_the_pauses_and_have_their_lengths() -> None:
    text = "No. Yes."
    lines = voice().read(text)
    symbols = [symbol for line in lines for symbol in line.symbols]
    lengths = np.arange(len(symbols)) + 1
    phones = phone_segments(lines, lengths)
    assert [phone.text for phone in phones] == [symbol for symbol in symbols if symbol not in MARKS]
    assert [phone.end - phone.start for phone in phones] == [lengths[phone.first] for phone in phones]
    assert phones[0].start == 1


def test_nothing_said_has_no_segments() -> None:
    assert word_segments([], "?!", np.zeros(0, np.int64)) == []


def test_the_timing_of_a_voice_is_that_of_its_speech() -> None:
    plain, marked = "No. Yes, please.", voice().parse("<speak>No <break time='1s'/> please <break time='2s'/></speak>")
    for text, manner in ((plain, Manner()), (plain, Manner(rate=0.5)), (marked, Manner())):
        lines = voice().read(text)
        lengths = voice().timing(lines, manner=manner)
        spoken = np.concatenate([piece.samples for piece in voice().speak(lines, manner=manner)])
        assert lengths.sum() == len(spoken)
        assert len(lengths) == sum(len(line.symbols) for line in lines)
    (pause,) = (n for n, symbol in enumerate(lines[0].symbols) if symbol == ",")
    assert abs(lengths[pause] - 16_000) <= 160
    quiet = spoken[lengths[:pause].sum() :][: lengths[pause]]
    assert np.abs(quiet).mean() < 0.02 * np.abs(spoken).max()
