"""espeak-ng's dialects: phones with exact times, lexicons, and clear errors without them."""

from __future__ import annotations

import ctypes
import difflib
import itertools

import numpy as np
import pytest

from harken.errors import DataError
from harken.phones.sets import SILENCE
from harken.recipes.asr.dialects import espeak
from harken.recipes.asr.dialects.espeak import SpokenPhones, find_dialects, lexicon_of, speak_dialects

TEXTS = [
    "The red car stopped near the garden wall.",
    "Happy people took a bigger bottle of butter, actually.",
    "Set a timer for twenty five minutes and park the truck.",
]


def _installed() -> bool:
    try:
        ctypes.CDLL(espeak.LIBRARY)
    except OSError:
        return False
    return True


needs_espeak = pytest.mark.skipif(not _installed(), reason="needs espeak-ng's library")


def speak(*voices: str, texts: list[str] = TEXTS, seed: int = 0, **options: list[str]) -> list[SpokenPhones]:
    return list(speak_dialects(voices, texts, np.random.default_rng(seed), **options))


def phones_of(voice: str, word: str) -> tuple[str, ...]:
    return lexicon_of(voice, [word])[word][0]


@needs_espeak
def test_segments_are_contiguous_and_cover_the_samples():
    for said in speak(*find_dialects()):
        assert said.segments[0].start == 0
        assert said.segments[-1].end == len(said.samples)
        assert all(left.end == right.start for left, right in itertools.pairwise(said.segments))
        assert min(s.end - s.start for s in said.segments if s.phone != SILENCE) >= 80
        assert all(not left.phone == right.phone == SILENCE for left, right in itertools.pairwise(said.segments))
        assert said.samples.dtype == np.float32
        assert 0.1 < np.abs(said.samples).max() <= 1


@needs_espeak
def test_pauses_are_quiet_and_vowels_are_not():
    (said,) = speak("en-us", texts=["Ahead, now."], variants=[""])
    power = {s.phone: np.square(said.samples[s.start : s.end]).mean() for s in said.segments[1:-1]}
    assert power[SILENCE] < 1e-3 * power["aʊ"]


@needs_espeak
def test_a_stop_begins_with_its_closure():
    (said,) = speak("en-gb", texts=["happy"], variants=[""])
    stop = next(s for s in said.segments if s.phone == "p")
    closure = said.samples[stop.start + 80 : stop.start + 400]
    assert np.abs(closure).max() < 1e-2
    assert np.abs(said.samples[stop.start - 160 : stop.start]).max() > 1e-2


@needs_espeak
def test_dialects_differ_as_known():
    assert phones_of("en-us", "car") == ("k", "ɑːɹ")
    assert phones_of("en-gb", "car") == ("k", "ɑː")
    assert phones_of("en-us", "bath") == ("b", "æ", "θ")
    assert phones_of("en-gb-x-rp", "bath") == ("b", "ɑː", "θ")
    assert phones_of("en-gb-scotland", "which")[0] == "ʍ"
    assert phones_of("en-029", "this")[0] == "d"


@needs_espeak
def test_symbols_are_bare_and_a_diphthong_is_one_of_them():
    words = ["photographer", "understanding", "playing", "copying", "machine"]
    for voice in find_dialects():
        phones = {phone for (phones,) in lexicon_of(voice, words).values() for phone in phones}
        assert not set("".join(phones)) & set("ˈˌ͡_: ʲ")
    assert phones_of("en-us", "playing") == ("p", "l", "eɪ", "ɪ", "ŋ")


@needs_espeak
def test_same_seed_gives_the_same_samples():
    first, second, other = speak("en-us", "en-029"), speak("en-us", "en-029"), speak("en-us", "en-029", seed=1)
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(first, second, strict=True))
    assert [a.segments for a in first] == [b.segments for b in second]
    assert [(a.variant, a.rate, a.pitch) for a in first] != [(b.variant, b.rate, b.pitch) for b in other]


@needs_espeak
def test_speaker_and_rate_do_not_change_the_phones():
    for said in zip(*(speak("en-gb-scotland", seed=seed) for seed in range(3)), strict=True):
        assert len({one.phones for one in said}) == 1


@needs_espeak
def test_sentences_mostly_hold_the_lexicon_s_phones():
    words = "happy people park seven orange trucks near bigger windows and little gardens every morning".split()
    for said in speak(*find_dialects(), texts=[" ".join(words)]):
        lexicon = lexicon_of(said.voice, words)
        alone = [phone for word in words for phone in lexicon[word][0]]
        assert difflib.SequenceMatcher(None, alone, said.phones, autojunk=False).ratio() > 0.93


@needs_espeak
def test_what_is_not_installed_is_refused_by_name():
    with pytest.raises(DataError, match=r"no voice en-nowhere; there are .*en-us"):
        speak("en-us", "en-nowhere")
    with pytest.raises(DataError, match="no variant nobody"):
        speak("en-us", variants=["nobody"])
    with pytest.raises(DataError, match="no voice en-nowhere"):
        lexicon_of("en-nowhere", ["car"])


@needs_espeak
def test_texts_and_words_without_sound_are_named():
    with pytest.raises(DataError, match="nothing to speak in ' '"):
        speak("en-us", texts=[" "])
    with pytest.raises(DataError, match="no pronunciation of ''"):
        lexicon_of("en-us", ["car", ""])


@needs_espeak
def test_an_abandoned_iterator_ends_its_process(monkeypatch):
    ended = []
    leave = espeak._Speaker.__exit__
    monkeypatch.setattr(espeak._Speaker, "__exit__", lambda self, *why: ended.append(self) or leave(self, *why))
    spoken = speak_dialects(["en-us"], TEXTS, np.random.default_rng(0))
    next(spoken)
    spoken.close()
    assert ended[0]._process.returncode is not None


def test_a_missing_library_is_named_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr(espeak, "LIBRARY", "libnowhere.so.9")
    for ask in (find_dialects, lambda: lexicon_of("en-us", ["car"]), lambda: speak("en-us")):
        with pytest.raises(DataError, match=r"'libnowhere\.so\.9' was not found; install espeak-ng .*apt install"):
            ask()


def test_empty_pauses_fall_away_and_short_phones_get_time():
    found = espeak._segments([0, 0, 1000, 1000, 2000], [SILENCE, "ɛ", "l", "w", SILENCE], 2000)
    assert [(s.phone, s.start, s.end) for s in found] == [("ɛ", 0, 840), ("l", 840, 1000), ("w", 1000, 2000)]
