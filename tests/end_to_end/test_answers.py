"""ask, understand, say, pronounce, wake, transcribe: good and bad input, the shape of the JSON, exit statuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from harken.assistant.alone import pronunciations
from harken.audio.files import read_audio, write_wav
from harken.errors import ConfigError
from harken.tts.voice import Voice

Harken = Callable[..., Any]
TURN = {"file", "text", "skill", "intent", "slots", "score", "act", "state", "reply", "rejected"}


def test_a_typed_turn_is_answered(harken: Harken) -> None:
    ran = harken("ask", "--json", "--text", "what is twelve times seven")
    (answer,) = ran.lines()
    assert ran.status == 0
    assert set(answer) == TURN
    assert (answer["skill"], answer["intent"]) == ("calculator", "calculate")
    assert answer["slots"] == {"expression": ["multiply", 12, 7]}
    assert "84" in answer["reply"]
    assert answer["file"] is None
    assert not answer["rejected"]
    assert 0 <= answer["score"] <= 1


def test_typed_turns_are_one_conversation(harken: Harken) -> None:
    ran = harken("ask", "--json", "--text", "set a timer", "--text", "ten minutes")
    first, second = ran.lines()
    assert first["act"] == "request"
    assert (second["intent"], second["state"]["slots"]["duration"]) != ("", None)
    assert "ten" in second["reply"] or "10" in second["reply"]


def test_what_no_skill_can_do_is_rejected(harken: Harken) -> None:
    (answer,) = harken("ask", "--json", "--text", "the mitochondria of herrings glow purple").lines()
    assert answer["rejected"]
    assert answer["skill"] is None
    assert answer["reply"]


def test_a_recorded_turn_is_answered_and_the_reply_is_written(harken: Harken, recordings: Path, tmp_path: Path) -> None:
    ran = harken("ask", "--json", "--reply", tmp_path / "reply.wav", recordings / "request.wav")
    (answer,) = ran.lines()
    assert ran.status == 0
    assert set(answer) == TURN
    assert answer["file"] == str(recordings / "request.wav")
    assert answer["text"]
    assert len(read_audio(tmp_path / "reply.wav")) > 4000


def test_with_wake_only_what_follows_it_is_a_turn(harken: Harken, recordings: Path) -> None:
    (answer,) = harken("ask", "--json", "--wake", recordings / "silence.wav").lines()
    assert answer["text"] == ""
    assert answer["rejected"]


def test_a_batch_survives_its_bad_files(harken: Harken, recordings: Path) -> None:
    files = [recordings / name for name in ("request.wav", "corrupt.wav", "empty.wav", "missing.wav", "stereo.wav")]
    ran = harken("ask", "--json", *files)
    lines = ran.lines()
    assert ran.status == 1
    assert [set(line) == {"file", "error"} for line in lines] == [False, True, True, True, False]
    assert [line["file"] for line in lines] == [str(file) for file in files]
    assert "3 of 5 inputs failed" in ran.err


def test_ask_wants_recordings_or_text(harken: Harken) -> None:
    assert harken("ask").status == 2
    assert harken("ask", "a.wav", "--text", "b").status == 2


def test_a_stream_on_standard_input_is_answered(harken: Harken, recordings: Path) -> None:
    ran = harken("transcribe", "--json", "-", stdin=(recordings / "request.wav").read_bytes())
    (answer,) = ran.lines()
    assert (ran.status, answer["file"]) == (0, "-")
    assert harken("transcribe", "--json", "-", stdin=b"this is no recording").status == 1


def test_understanding_gives_skill_intent_slots_and_act(harken: Harken) -> None:
    ran = harken("understand", "--json", "turn on the light in the kitchen", "hello")
    light, hello = ran.lines()
    assert set(light) == {"text", "skill", "intent", "score", "slots", "act", "rejected"}
    assert (light["skill"], light["slots"], light["act"]) == ("home", {"state": True, "area": "kitchen"}, "request")
    assert hello["act"] == "greet"
    assert harken("understand", "turn on the light").out


@pytest.mark.parametrize("text", ["", "   ", "東京 größe 🙂", "word " * 500])
def test_any_text_is_understood_or_rejected_but_never_an_error(harken: Harken, text: str) -> None:
    for command in (("understand", "--json", text), ("ask", "--json", "--text", text)):
        ran = harken(*command)
        assert ran.status == 0
        assert ran.lines()[0]["rejected"]


def test_saying_writes_speech(harken: Harken, tmp_path: Path) -> None:
    ran = harken("say", "Good morning, it is 7:30.", "--output", tmp_path / "deep" / "hello.wav", "--json")
    (answer,) = ran.lines()
    samples = read_audio(tmp_path / "deep" / "hello.wav")
    assert ran.status == 0
    assert answer["duration"] == pytest.approx(len(samples) / 16_000, abs=0.05)
    assert float(np.abs(samples).max()) > 0.02


def test_saying_faster_takes_less_time(harken: Harken, tmp_path: Path) -> None:
    for rate in ("1", "1.6"):
        harken("say", "one two three four five", "-o", tmp_path / f"{rate}.wav", "--rate", rate)
    assert len(read_audio(tmp_path / "1.6.wav")) < 0.85 * len(read_audio(tmp_path / "1.wav"))


@pytest.mark.parametrize("text", ["", "?!", "▪"])
def test_saying_nothing_is_an_error_in_one_line(harken: Harken, tmp_path: Path, text: str) -> None:
    ran = harken("say", text, "-o", tmp_path / "x.wav")
    assert ran.status == 1
    assert len(ran.err.strip().splitlines()) == 1
    assert not (tmp_path / "x.wav").exists()


def test_a_folder_that_cannot_be_written_is_named(harken: Harken, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = harken("say", "hello", "-o", tmp_path / "file" / "x.wav")
    assert ran.status == 1
    assert "cannot write" in ran.err


def test_a_reply_that_cannot_be_written_fails_after_the_answer(harken: Harken, tmp_path: Path) -> None:
    ran = harken("ask", "--json", "--text", "hello", "--reply", tmp_path)
    assert ran.status == 1
    assert ran.lines()[0]["reply"]
    assert f"cannot write {tmp_path}" in ran.err


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_any_rate_in_stereo_is_heard_alike(harken: Harken, voice: Voice, tmp_path: Path, rate: int) -> None:
    plain, stereo = tmp_path / "request.wav", tmp_path / "größe 東京.wav"
    write_wav(plain, voice.say("Set a timer for ten minutes."), voice.rate)
    mono = read_audio(plain, rate=rate)
    soundfile.write(stereo, np.stack([mono, mono], axis=1), rate)
    first, second = harken("transcribe", "--json", plain, stereo).lines()
    assert second["file"] == str(stereo)
    assert first["text"] == second["text"] != ""


def test_pronouncing_gives_ipa_for_known_and_unknown_words(harken: Harken) -> None:
    known, unknown = harken("pronounce", "--json", "coffee", "harkenly").lines()
    assert set(known) == {"word", "phones", "score"}
    assert "k" in known["phones"]
    assert len(unknown["phones"]) >= 4
    best = harken("pronounce", "--json", "--nbest", "3", "read").lines()[0]
    assert 1 <= len(best["nbest"]) <= 3


def test_pronouncing_knows_other_languages_and_parts_of_speech(harken: Harken) -> None:
    french = harken("pronounce", "--json", "--lang", "fr", "bonjour").lines()[0]
    assert french["phones"] == ["b", "ɔ̃", "ʒ", "u", "ʁ"]
    noun, verb = (
        harken("pronounce", "--json", "--part", part, "record").lines()[0]["phones"] for part in ("noun", "verb")
    )
    assert noun != verb


def test_a_part_of_speech_is_refused_where_no_lexicon_marks_any(harken: Harken) -> None:
    ran = harken("pronounce", "--json", "--lang", "fr", "--part", "verb", "bonjour")
    assert ran.status == 1
    assert "'fr' has no lexicon" in ran.lines()[0]["error"]


def test_a_broken_language_of_ones_own_is_not_passed_over_for_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    (tmp_path / "languages" / "fr").mkdir(parents=True)
    (tmp_path / "languages" / "fr" / "language.toml").write_text('code = "fr"\nbundles = 3\n')
    with pytest.raises(ConfigError, match=r"language\.toml"):
        pronunciations("bonjour", language="fr")


def test_pronouncing_in_a_language_that_is_not_there_says_so(harken: Harken) -> None:
    ran = harken("pronounce", "--json", "--lang", "xx", "word")
    assert ran.status == 1
    assert "pt-BR" in ran.lines()[0]["error"]


def test_sounds_are_found_in_recordings_and_silence_is_none_of_them(harken: Harken, recordings: Path) -> None:
    ran = harken("events", "--json", recordings / "silence.wav", recordings / "request.wav", recordings / "empty.wav")
    silent, spoken, bad = ran.lines()
    assert ran.status == 1
    assert set(bad) == {"file", "error"}
    assert set(silent) == set(spoken) == {"file", "label", "score", "scores", "events"}
    assert (silent["label"], silent["events"]) == ("something else", [])
    assert (spoken["label"], spoken["events"]) == ("something else", [])
    assert len(spoken["scores"]) == 11
    assert spoken["score"] == max(spoken["scores"].values())
    assert sum(spoken["scores"].values()) == pytest.approx(1, abs=0.01)


def test_a_threshold_of_ones_own_decides_what_is_a_sound(harken: Harken, recordings: Path) -> None:
    ran = harken("events", "--json", "--threshold", "0.000001", recordings / "request.wav")
    (heard,) = ran.lines()
    assert heard["events"]
    for one in heard["events"]:
        assert set(one) == {"label", "start", "end", "score"}
        assert 0 <= one["start"] < one["end"] <= 3
    assert "something else" in harken("events", recordings / "silence.wav").out


def test_wake_words_are_found_with_times(harken: Harken, recordings: Path) -> None:
    ran = harken("wake", "--json", recordings / "wake.wav", recordings / "silence.wav", recordings / "empty.wav")
    heard, silent, bad = ran.lines()
    assert ran.status == 1
    assert set(heard) == set(silent) == {"file", "detections"}
    assert silent["detections"] == []
    for one in heard["detections"]:
        assert set(one) == {"word", "start", "end", "score"}
        assert 0 <= one["start"] < one["end"] <= 10
    assert set(bad) == {"file", "error"}


def test_a_word_without_training_is_listened_for_and_the_message_says_how_to_make_it_cheaper(
    harken: Harken, recordings: Path
) -> None:
    ran = harken(
        "wake", "--json", "--word", "what time is it", "--threshold", "0.01", recordings / "wake.wav",
        recordings / "silence.wav",
    )  # fmt: skip
    heard, silent = ran.lines()
    assert [one["word"] for one in heard["detections"]] == ["what time is it"]
    assert silent["detections"] == []
    assert "harken train wakeword --word 'what time is it'" in ran.err


def test_what_cannot_be_a_wake_word_is_refused(harken: Harken, recordings: Path) -> None:
    ran = harken("wake", "--word", "go", recordings / "wake.wav")
    assert ran.status == 2
    assert "'go' has 2 phones; at least 4 are needed" in ran.err


def test_transcripts_have_words_with_times_and_confidence(harken: Harken, recordings: Path) -> None:
    ran = harken("transcribe", "--json", "--nbest", "3", "--confusion-network", recordings / "request.wav")
    (answer,) = ran.lines()
    assert set(answer) == {"file", "text", "confidence", "words", "nbest", "confusion_network"}
    assert " ".join(word["text"] for word in answer["words"]) == answer["text"]
    assert 1 <= len(answer["nbest"]) <= 3
    times = [(word["start"], word["end"]) for word in answer["words"]]
    assert all(start <= end for start, end in times)
    assert times == sorted(times)
    assert all(0 <= word["confidence"] <= 1 for word in answer["words"])
    for place in answer["confusion_network"]:
        assert sum(posterior for _, posterior in place["words"]) == pytest.approx(1, abs=0.02)


def test_a_silent_recording_has_an_empty_transcript(harken: Harken, recordings: Path) -> None:
    ran = harken("transcribe", "--json", recordings / "silence.wav")
    assert (ran.status, ran.lines()[0]["text"]) == (0, "")
