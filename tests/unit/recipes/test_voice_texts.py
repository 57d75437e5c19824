"""The sentences of a synthetic voice: kinds take turns, nothing held out is read, and every amount can be spoken."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tests.unit.recipes.text_archives import put

from harken import paths
from harken.languages.loading import load_locale
from harken.recipes.asr.ngram import texts as ngram_texts
from harken.recipes.tts.voice import texts
from harken.recipes.tts.voice.amounts import FRAMES, amounts
from harken.recipes.tts.voice.texts import TURNS, training_texts
from harken.text.speakable import expand_text

HELD_OUT = "She looked at the old house for a very long time."
EVERYDAY = [
    *(
        f"Tom bought {word} things at the market."
        for word in ("many", "few", "some", "new", "old", "cheap", "no", "red")
    ),
    *(f"Where did you put the {word} box?" for word in ("green", "small", "other", "first", "last", "broken")),
    HELD_OUT,
]
NOVEL = " ".join(
    f"The {word} river ran quietly through the valley." for word in ("wide", "cold", "grey", "long", "slow")
)


def letters(word: str, *, part: str = "") -> list[str]:
    """Pronunciations with one sound for each letter."""
    return ["AE1" if letter in "aeiou" else "T" for letter in word.lower() if letter.isalpha()]


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "text").mkdir()
    monkeypatch.setattr(paths, "data", lambda: tmp_path)
    held = tuple(re.findall(r"\w+", HELD_OUT.lower()))
    monkeypatch.setattr(ngram_texts, "transcripts", lambda corpus, *splits: [held] if "test" in splits else [])
    put(tmp_path, "tatoeba-en", sentences__txt="\n".join(EVERYDAY))
    put(tmp_path, "novels", **{
        "a-writer_a-book__txt": f"{NOVEL} Then came Mr. Smith, who said nothing.",
        "jack-london_a-book__txt": "The wolf howled at the frozen moon.",
    })  # fmt: skip
    replies = [f"I have added {word} to the shopping list." for word in ("milk", "tea", "bread", "rice", "salt", "jam")]
    monkeypatch.setattr(texts, "_replies", lambda rng: iter([*replies, "Timer set for 5 minutes."] * 3))
    return tmp_path


def test_kinds_take_turns_and_the_first_sentences_do_not_depend_on_how_many_follow(pack: Path) -> None:
    few, many = list(training_texts(10, letters)), list(training_texts(14, letters))
    assert [kind for kind, _ in few[:5]] == list(TURNS[:5])
    assert many[: len(few)] == few


def test_no_sentence_comes_twice_and_the_texts_end_when_all_sources_have_ended(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "amounts", lambda rng: iter(["It is 20°F in Dublin right now."] * 2))
    said = [text for _, text in training_texts(1000, letters)]
    assert len(said) == len(set(said))
    assert said.count("It is 20°F in Dublin right now.") == 1
    assert {f"I have added {word} to the shopping list." for word in ("milk", "jam")} < set(said)


def test_held_out_sentences_arctic_authors_and_cut_sentences_are_not_read(pack: Path) -> None:
    said = " ".join(text for _, text in training_texts(60, letters))
    assert "river" in said
    assert HELD_OUT not in said
    assert "wolf" not in said
    assert "Then came Mr." not in said


def test_the_sentences_of_each_kind_are_of_that_kind(pack: Path) -> None:
    chosen = list(training_texts(40, letters))
    assert all(text.endswith("?") for kind, text in chosen if kind == "question")
    everyday = [text for kind, text in chosen if kind == "everyday"]
    assert everyday
    assert not any(text.endswith("?") or "Tom" in text for text in everyday)


def test_replies_that_differ_in_numbers_only_come_three_times(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_replies", lambda rng: (f"There are {n} minutes left now." for n in range(5, 50)))
    chosen = list(training_texts(60, letters))
    assert sum(kind == "reply" for kind, _ in chosen) == 3


def test_a_sentence_with_rare_pairs_of_sounds_is_preferred(pack: Path) -> None:
    put(pack, "novels", book__txt=" ".join(["The tttttt ttttt ttttttt tttttt."] + [NOVEL] * 3))
    prose = [text for kind, text in training_texts(4, letters) if kind == "prose"]
    assert "river" in prose[0]


def test_the_assistant_answers_sampled_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    locale = load_locale()
    skill = texts.read_shipped_skills(locale, ["coffee"])
    monkeypatch.setattr(texts, "read_shipped_skills", lambda locale: skill)
    replies = list(islice(texts._replies(np.random.default_rng(0)), 12))
    assert any("coming up" in reply or "I can make" in reply for reply in replies)
    assert all(reply[0].isupper() for reply in replies)


def test_every_frame_becomes_a_sentence_that_can_be_spoken() -> None:
    sentences = list(islice(amounts(np.random.default_rng(0)), 3 * len(FRAMES)))
    assert len(set(sentences)) > 2 * len(FRAMES)
    for sentence in sentences:
        assert not re.search(r"[{}]", sentence)
        words = [token.text for token in expand_text(sentence) if token.is_word]
        assert not any(sign.isdigit() for word in words for sign in word)
        assert len(words) >= 4
