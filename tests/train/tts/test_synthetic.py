"""Synthetic recordings: what the synthesiser is given to read, what is left out, and what happens after a kill."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harken.audio.files import read_audio
from harken.data.voice_folder import read_voice_folder
from harken.errors import DataError
from harken.events import Samples
from harken.languages.loading import load_locale
from harken.recipes.tts.material import toy_phones
from harken.train.tts.synthetic import apart, reading, trim_silence, write_synthetic

PHONEMES = {"see": "sˈi", "me": "mˈi", "no": "nˈO", "moon": "mˈun", "so": "sˈO", "knee": "nˈi", "own": "ˈOn"}


class Speaker:
    """Speaks every word for 0.3 s, after 0.5 s of silence and before 0.7 s of it."""

    def __init__(self, **phonemes: str):
        self.spoken: list[str] = []
        self._phonemes = PHONEMES | phonemes

    def phonemes(self, text: str) -> str:
        return " ".join(self._phonemes[word.strip(".?,").lower()] for word in text.split())

    def speak(self, text: str) -> Samples:
        self.spoken.append(text)
        speech = 0.3 * np.sin(np.arange(4800 * len(text.split())) / 5)
        return np.pad(speech, (8000, 11200)).astype(np.float32)


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


TEXTS = [("reply", "See me."), ("question", "No moon?"), ("prose", "So own knee.")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Wake me at 4:30 PM, please.", "Wake me at four thirty P M, please."),
        ("It's 6 AM; I have a dog.", "It's six [A](/ˈA/) M; I have a dog."),
        ("That costs $4.50!", "That costs four dollars and fifty cents!"),
    ],
)
def test_the_synthesiser_reads_the_words_of_our_own_front_end(text: str, said: str) -> None:
    assert reading(text, load_locale()) == said


def test_the_same_sounds_are_not_apart() -> None:
    symbols = ("^", "DH", "AH0", " ", "W", "ER1", "D", " ", "IH1", "Z", " ", "B", "EH1", "T", "ER0", ".")
    assert apart(symbols, "ðə wˈɜɹd ɪz bˈɛTəɹ.") == 0
    assert apart(("^", "AO1", "N", "."), "ˈɑn") == 0


def test_other_sounds_are_apart_by_their_share() -> None:
    assert apart(("^", "S", "IY1", "M", "IY1", "."), "sˈi mˈI") == pytest.approx(1 / 4)
    assert apart(("^", "S", "IY1", "."), "sˈi sˈi") == 1


def test_sentences_are_spoken_with_their_text_and_split(tmp_path: Path) -> None:
    write_synthetic(tmp_path, TEXTS, Speaker(), toy_phones, name="nobody", note=lambda _: None)
    found = rows(tmp_path)
    assert [(row["audio"], row["text"], row["kind"]) for row in found] == [
        (f"wav/{number:05d}.wav", text, kind) for number, (kind, text) in enumerate(TEXTS)
    ]
    assert {row["speaker"] for row in found} == {"nobody"}
    for row in found:
        assert len(read_audio(tmp_path / str(row["audio"]))) / 16000 == pytest.approx(float(str(row["duration"])))


def test_every_twentieth_sentence_is_for_dev_and_the_folder_can_be_trained_from(tmp_path: Path) -> None:
    texts = [("reply", "See me."), *TEXTS] * 10
    write_synthetic(tmp_path, texts, Speaker(), toy_phones, name="nobody", note=lambda _: None)
    assert [one.audio.stem for one in read_voice_folder(tmp_path, "dev")] == ["00019", "00039"]
    assert len(read_voice_folder(tmp_path, "train")) == 38


def test_a_sentence_that_is_read_otherwise_is_left_out(tmp_path: Path) -> None:
    said: list[str] = []
    write_synthetic(tmp_path, TEXTS, Speaker(moon="mˈɑn"), toy_phones, name="nobody", note=said.append)
    assert [row["text"] for row in rows(tmp_path)] == ["See me.", "So own knee."]
    assert "1 sentences left out" in said[-1]


def test_an_interrupted_run_continues_where_it_stopped(tmp_path: Path) -> None:
    write_synthetic(tmp_path, TEXTS[:2], Speaker(), toy_phones, name="nobody", note=lambda _: None)
    manifest = tmp_path / "manifest.jsonl"
    whole = manifest.read_text()
    manifest.write_text(whole[:-20])  # killed while the second line was written
    again = Speaker()
    write_synthetic(tmp_path, TEXTS, again, toy_phones, name="nobody", note=lambda _: None)
    assert again.spoken == ["No moon?", "So own knee."]
    assert [row["text"] for row in rows(tmp_path)] == [text for _, text in TEXTS]
    assert manifest.read_text().startswith(whole)


def test_a_sentence_that_our_front_end_reads_otherwise_by_now_is_spoken_again(tmp_path: Path) -> None:
    write_synthetic(tmp_path, TEXTS, Speaker(), toy_phones, name="nobody", note=lambda _: None)

    def otherwise(word: str) -> Sequence[str]:
        return ["S", "OW1"] if word.lower() == "see" else toy_phones(word)

    again = Speaker(see="sˈO")
    write_synthetic(tmp_path, TEXTS, again, otherwise, name="nobody", note=lambda _: None)
    assert again.spoken == ["See me."]
    assert sorted(str(row["text"]) for row in rows(tmp_path)) == sorted(text for _, text in TEXTS)
    assert [row["phonemes"] for row in rows(tmp_path) if row["text"] == "See me."] == ["sˈO mˈi"]


def test_another_speaker_needs_another_folder(tmp_path: Path) -> None:
    write_synthetic(tmp_path, TEXTS[:1], Speaker(), toy_phones, name="nobody", note=lambda _: None)
    with pytest.raises(DataError, match="nobody already"):
        write_synthetic(tmp_path, TEXTS, Speaker(), toy_phones, name="somebody", note=lambda _: None)


def test_silence_around_the_speech_is_cut_and_silence_in_it_stays() -> None:
    speech = np.concatenate([np.ones(1600), np.zeros(16000), np.ones(1600)])
    samples = np.pad(speech, (8000, 16000)).astype(np.float32)
    np.testing.assert_array_equal(trim_silence(samples), np.pad(speech, (1600, 3200)))
    short = np.pad(speech, (800, 160)).astype(np.float32)
    np.testing.assert_array_equal(trim_silence(short), short)


def test_silence_alone_stays_as_it_is() -> None:
    assert len(trim_silence(np.zeros(5000, np.float32))) == 5000
    assert len(trim_silence(np.zeros(0, np.float32))) == 0
