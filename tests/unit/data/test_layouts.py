"""Each publisher's layout is built in a temporary folder from a second of sound and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harken.data.corpora import CORPORA
from harken.data.layouts import LAYOUTS, read_layout, speech_commands_split
from harken.errors import DataError

Sound = Callable[[str], Path]


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    def write(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(1600, np.float32), 16_000)
        return path

    return write


def text(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def test_every_corpus_names_a_layout_that_exists() -> None:
    assert {corpus.layout for corpus in CORPORA} <= set(LAYOUTS)


def test_librispeech(tmp_path: Path, sound: Sound) -> None:
    audio = sound("LibriSpeech/dev-clean-2/84/121123/84-121123-0000.flac")
    text(tmp_path, "LibriSpeech/dev-clean-2/84/121123/84-121123.trans.txt", "84-121123-0000 GO DO YOU HEAR\n")
    text(tmp_path, "LibriSpeech/SPEAKERS.TXT", ";ID |SEX| SUBSET\n84 | F | dev-clean | 8.02 | Christie Nowak\n")
    assert list(read_layout("librispeech", tmp_path)) == [
        {"audio": audio, "text": "go do you hear", "speaker": "ls84", "language": "en", "accent": "us",
         "part": "dev-clean-2", "sex": "f", "split": "dev"}
    ]  # fmt: skip


def test_librispeech_takes_the_split_from_the_part(tmp_path: Path, sound: Sound) -> None:
    for part in ("train-clean-5", "test-clean"):
        sound(f"{part}/1/2/1-2-0000.flac")
        text(tmp_path, f"{part}/1/2/1-2.trans.txt", "1-2-0000 HELLO\n")
    assert {row["part"]: row["split"] for row in read_layout("librispeech", tmp_path)} == {
        "train-clean-5": "train",
        "test-clean": "test",
    }


def test_speechocean762(tmp_path: Path, sound: Sound) -> None:
    audio = sound("WAVE/SPEAKER0001/000010011.WAV")
    for name, value in {
        "wav.scp": "WAVE/SPEAKER0001/000010011.WAV", "text": "WE CALL IT BEAR", "utt2spk": "0001"
    }.items():  # fmt: skip
        text(tmp_path, f"test/{name}", f"000010011\t{value}\n")
    text(tmp_path, "test/spk2age", "0001 6\n")
    text(tmp_path, "test/spk2gender", "0001 m\n")
    (row,) = read_layout("speechocean762", tmp_path)
    assert row == {
        "audio": audio, "text": "we call it bear", "speaker": "so0001", "age": 6, "sex": "m", "language": "en",
        "accent": "mandarin", "split": "test",
    }  # fmt: skip


def test_speechocean762_keeps_dev_speakers_out_of_train(tmp_path: Path) -> None:
    names = [f"{speaker:04d}{take}" for speaker in range(200) for take in range(2)]
    text(tmp_path, "train/text", "".join(f"{name} HELLO\n" for name in names))
    text(tmp_path, "train/utt2spk", "".join(f"{name} {name[:4]}\n" for name in names))
    text(tmp_path, "train/wav.scp", "".join(f"{name} {name}.wav\n" for name in names))
    speakers: dict[str, set[str]] = {"train": set(), "dev": set()}
    for row in read_layout("speechocean762", tmp_path):
        speakers[row["split"]].add(row["speaker"])
    assert not speakers["train"] & speakers["dev"]
    assert 8 <= len(speakers["dev"]) <= 35


def test_an4(tmp_path: Path, sound: Sound) -> None:
    first, second = sound("wav/an4_clstk/fash/an251-fash-b.wav"), sound("wav/an4test_clstk/fcaw/cen1-fcaw-b.wav")
    text(tmp_path, "etc/an4_train.transcription", "<s> YES </s> (an251-fash-b)\n")
    text(tmp_path, "etc/an4_test.transcription", "P I T T (cen1-fcaw-b)\n")
    rows = list(read_layout("an4", tmp_path))
    assert [(row["audio"], row["text"], row["speaker"], row["sex"], row["split"]) for row in rows] == [
        (first, "yes", "an4-fash", "f", "train"),
        (second, "p i t t", "an4-fcaw", "f", "test"),
    ]


def test_an4_without_headers_names_the_archive_to_take(tmp_path: Path) -> None:
    text(tmp_path, "etc/an4_train.transcription", "YES (a-b-c)\n")
    (tmp_path / "an4-x-b.raw").write_bytes(b"\0\0")
    with pytest.raises(DataError, match=r"an4_sphere\.tar\.gz"):
        list(read_layout("an4", tmp_path))


_COMMON_VOICE = "client_id\tpath\tsentence\tup_votes\tage\tgender\taccents\tlocale\n"


def test_common_voice_has_its_own_splits(tmp_path: Path, sound: Sound) -> None:
    audio = sound("en/clips/common_voice_en_7.wav")
    row = "aa11\tcommon_voice_en_7.wav\tIt's 7 \"o'clock\", sir.\t2\ttwenties\tfemale_feminine\tEngland English\ten\n"
    text(tmp_path, "en/test.tsv", _COMMON_VOICE + row)
    text(tmp_path, "en/train.tsv", _COMMON_VOICE)
    text(tmp_path, "en/validated.tsv", _COMMON_VOICE + row)
    assert list(read_layout("common-voice", tmp_path)) == [
        {"audio": audio, "text": "it's seven o'clock sir", "speaker": "cv-aa11", "language": "en",
         "accent": "britain", "sex": "f", "split": "test"}
    ]  # fmt: skip


def test_a_delta_of_common_voice_is_split_by_speakers(tmp_path: Path) -> None:
    rows = [
        f"{speaker:04d}\tclip_{speaker}_{take}.mp3\tHello\t2\t\t\t\ten\n" for speaker in range(200) for take in "ab"
    ]
    text(tmp_path, "validated.tsv", _COMMON_VOICE + "".join(rows))
    speakers: dict[str, set[str]] = {}
    for row in read_layout("common-voice", tmp_path):
        assert "accent" not in row
        assert "sex" not in row
        speakers.setdefault(row["split"], set()).add(row["speaker"])
    assert sum(map(len, speakers.values())) == 200, "no speaker is in two splits"
    assert 8 <= len(speakers["dev"]) <= 35
    assert 8 <= len(speakers["test"]) <= 35


def test_spelled_names_and_numbers(tmp_path: Path, sound: Sound) -> None:
    name, number = sound("audio_data/Names/R_1.wav"), sound("audio_data/Numbers/R_1.wav")
    rows = [
        f"audio_data/{kind}/R_1.wav,R_1,Tamil,Zoe O'Neil,(404) 555-01,1 Main St\n"
        for kind in ("Names", "Addresses", "Numbers")
    ]
    text(tmp_path, "metadata.csv", "file_name,Response_ID,Native Language,Name,Number,Address\n" + "".join(rows))
    rows = list(read_layout("spelled", tmp_path))
    assert [(row["audio"], row["text"], row["label"]) for row in rows] == [
        (name, "z o e o n e i l", "name"),
        (number, "four zero four five five five zero one", "number"),
    ]
    assert {(row["speaker"], row["accent"], row["split"]) for row in rows} == {("sp-R_1", "Tamil", rows[0]["split"])}


def test_speech_commands(tmp_path: Path, sound: Sound) -> None:
    audio = sound("speech_commands/bed/bed06fac_nohash_1.wav")
    sound("speech_commands/_background_noise_/pink.wav")
    assert list(read_layout("speech-commands", tmp_path)) == [
        {"audio": audio, "label": "bed", "speaker": "sc-bed06fac", "language": "en", "split": "test"}
    ]


def test_speech_commands_split_is_the_same_for_all_takes_of_a_speaker() -> None:
    assert {speech_commands_split(f"bed06fac_nohash_{take}.wav") for take in range(5)} == {"test"}


@pytest.mark.pack
def test_speech_commands_split_agrees_with_the_manifest() -> None:
    from harken.data.utterances import read_corpus

    utterances = read_corpus("speech-commands")
    assert [u.audio.name for u in utterances if speech_commands_split(u.audio.name) != u.split] == []


def test_digits(tmp_path: Path, sound: Sound) -> None:
    sound("recordings/5_george_0.wav")
    sound("recordings/5_george_5.wav")
    rows = list(read_layout("digits", tmp_path))
    assert [(row["label"], row["speaker"], row["split"]) for row in rows] == [
        ("5", "fsdd-george", "test"),
        ("5", "fsdd-george", "train"),
    ]


def test_a_voice_with_metadata(tmp_path: Path, sound: Sound) -> None:
    audio = sound("wavs/LJ001-0001.wav")
    text(tmp_path, "metadata.csv", "LJ001-0001|Printing, in 1845|Printing, in eighteen forty-five\n")
    (row,) = read_layout("one-voice", tmp_path)
    assert (row["audio"], row["text"]) == (audio, "Printing, in 1845")


def test_takes_of_a_prompt_stay_in_one_split(tmp_path: Path, sound: Sound) -> None:
    for take in range(4):
        for prompt in range(60):
            sound(f"data/arctic_a{prompt:04d}_{take}.wav")
            text(tmp_path, f"data/arctic_a{prompt:04d}_{take}.txt", "Some words.")
    splits: dict[str, set[str]] = {}
    for row in read_layout("one-voice", tmp_path):
        splits.setdefault(row["prompt"], set()).add(row["split"])
    assert len(splits) == 60
    assert all(len(homes) == 1 for homes in splits.values())
    assert {"dev"} in splits.values()


def test_esc10_out_of_esc50(tmp_path: Path, sound: Sound) -> None:
    audio = sound("audio/1-100032-A-0.wav")
    head = "filename,fold,target,category,esc10,src_file,take\n"
    text(tmp_path, "meta/esc50.csv", f"{head}1-100032-A-0.wav,1,0,dog,True,1,A\n1-1-A-1.wav,1,1,cow,False,1,A\n")
    assert list(read_layout("esc10", tmp_path)) == [
        {"audio": audio, "label": "dog bark", "fold": 1, "split": "fold1"}
    ]  # fmt: skip


def test_esc10_by_folders(tmp_path: Path, sound: Sound) -> None:
    audio = sound("003 - Sea waves/4-167063-C.ogg")
    assert list(read_layout("esc10", tmp_path)) == [
        {"audio": audio, "label": "sea waves", "fold": 4, "split": "fold4"}
    ]  # fmt: skip


def test_keywords_take_the_folder_as_label(tmp_path: Path, sound: Sound) -> None:
    sound("audio/smart-mirror/0.wav")
    sound("hey_savant/en/1.wav")
    assert [row["label"] for row in read_layout("keywords", tmp_path)] == ["smart mirror", "hey savant"]


def test_coffee_commands(tmp_path: Path, sound: Sound) -> None:
    audio = sound("data/speech/clean/0075.wav")
    label = {"0075.wav": {"intent": "orderDrink", "slots": {"coffeeDrink": "mocha", "milkAmount": " soy milk"}}}
    text(tmp_path, "data/label/label.json", json.dumps(label))
    (row,) = read_layout("coffee-commands", tmp_path)
    assert (row["audio"], row["slots"], row["split"]) == (
        audio,
        {"coffeeDrink": "mocha", "milkAmount": "soy milk"},
        "test",
    )


def test_kitchen_noise_is_for_testing(tmp_path: Path, sound: Sound) -> None:
    sound("kitchen.wav")
    sound("rain.wav")
    assert {row["label"]: row["split"] for row in read_layout("recordings", tmp_path)} == {
        "kitchen": "test",
        "rain": "train",
    }


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_folder_without_the_corpus_is_refused(tmp_path: Path, layout: str) -> None:
    with pytest.raises(DataError, match="does not look like"):
        list(read_layout(layout, tmp_path))


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a folder"):
        read_layout("an4", tmp_path / "nowhere")
