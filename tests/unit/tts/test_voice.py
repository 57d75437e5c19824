"""The shipped voice: any text, the same every time, in pieces that join to the whole."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from harken.bundle import load_bundle
from harken.errors import AudioError, ConfigError, VocabularyError
from harken.events import Reply
from harken.tts.acoustic import VoiceModel
from harken.tts.frames import frames_covering, speech_frames
from harken.tts.pitch import track_pitch
from harken.tts.synthesizer import Synthesizer
from harken.tts.vocoder import Vocoder
from harken.tts.voice import Voice

TEXT = "Two timers are running, and the kitchen light is on. Shall I switch it off?"


@pytest.fixture(scope="module")
def voice() -> Voice:
    return Voice.load()


@pytest.fixture(scope="module")
def vocoder() -> Vocoder:
    return Vocoder.load()


def test_speech_has_a_sensible_length_and_level(voice: Voice):
    samples = voice.say(TEXT)
    assert samples.dtype == np.float32
    assert 2.5 < len(samples) / voice.rate < 9
    assert 0.2 < np.abs(samples).max() <= 1
    assert 0.01 < np.sqrt(np.mean(samples**2)) < 0.4


def test_speech_has_the_pitch_of_a_woman(voice: Voice):
    hertz, voiced = track_pitch(voice.say(TEXT))
    assert voiced.mean() > 0.3
    assert 140 < np.median(hertz[voiced]) < 280


def test_the_same_text_gives_the_same_samples(voice: Voice):
    np.testing.assert_array_equal(voice.say(TEXT), voice.say(TEXT))


def test_pieces_join_to_the_whole_and_their_spans_cover_the_text(voice: Voice):
    pieces = list(voice.stream(TEXT))
    assert len(pieces) > 4
    np.testing.assert_array_equal(np.concatenate([piece.samples for piece in pieces]), voice.say(TEXT))
    assert pieces[0].start == 0
    assert pieces[-1].end == len(TEXT)
    assert all(one.end == other.start for one, other in pairwise(pieces))


def test_pieces_join_without_clicks(voice: Voice):
    whole = voice.say(TEXT)
    joints = np.cumsum([len(piece.samples) for piece in voice.stream(TEXT)])[:-1]
    steps = np.abs(np.diff(whole))
    at_joints = max(steps[joint - 1] for joint in joints)
    assert at_joints <= steps.max()
    assert np.mean([steps[joint - 1] for joint in joints]) < 5 * steps.mean()


def test_the_rate_changes_the_length(voice: Voice):
    normal = len(voice.say(TEXT))
    assert len(voice.say(TEXT, rate=2.0)) < 0.65 * normal
    assert len(voice.say(TEXT, rate=0.5)) > 1.6 * normal


@pytest.mark.parametrize("rate", [0.0, -1.0, 9.0, float("nan")])
def test_an_impossible_rate_is_refused(voice: Voice, rate: float):
    with pytest.raises(ConfigError, match="rate"):
        voice.say(TEXT, rate=rate)


@pytest.mark.parametrize("text", ["", "  \n", "▪", "?!", "—"])
def test_nothing_to_say_is_a_clear_error(voice: Voice, text: str):
    with pytest.raises(VocabularyError, match="nothing to say"):
        voice.say(text)


@pytest.mark.parametrize(
    "text",
    [
        "a", "I", "Ça va, Zoë?", "Привет", "Grüße aus Köln", "🙂 hello 🎉", "x" * 300, "1/0", "$3.50 at 7:05 p.m.",
        "NASA's HTML5 & C++", "hmm, brr, shh", "<b>bold</b>", "a.b.c.d", "0" * 60, "\x00\x07 bell", "don't'em''",
    ],
)  # fmt: skip
def test_odd_text_is_spoken(voice: Voice, text: str):
    samples = voice.say(text)
    assert len(samples) > 800
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1


def test_a_long_text_begins_at_once(voice: Voice):
    long = "The tide comes in and the tide goes out again. " * 200
    first = next(iter(voice.stream(long)))
    assert 0 < len(first.samples) / voice.rate < 1


def test_a_question_ends_higher_than_the_statement(voice: Voice):
    def last_pitch(text: str) -> float:
        hertz, voiced = track_pitch(voice.say(text))
        return float(np.mean(hertz[voiced][-12:]))

    assert last_pitch("Is the kettle on the table?") > 1.1 * last_pitch("The kettle is on the table.")


def test_a_voice_without_questions_ends_them_as_statements_unless_they_rise():
    model = VoiceModel(load_bundle("voice-kathleen"))
    told, asked = (model.plan(("^", "HH", "UW1", end)) for end in ".?")
    np.testing.assert_array_equal(asked.pitch, told.pitch)
    rising = model.plan(("^", "HH", "UW1", "?"), question=True)
    assert (rising.pitch[2:] > told.pitch[2:] + 0.4).all()
    np.testing.assert_array_equal(rising.durations, told.durations)


def test_a_voice_of_one_value_holds_it_through_the_symbol():
    plan = VoiceModel(load_bundle("voice-kathleen")).plan(("^", "Y", "EH1", "S", "."))
    for values in (plan.pitch, plan.energy):
        assert values.shape == (5, 3)
        np.testing.assert_array_equal(values, values[:, :1].repeat(3, 1))


def test_speaker_turns_a_reply_into_chunks_of_its_text(voice: Voice):
    reply = Reply(turn=3, text="It is seven.", act="inform")
    chunks = list(Synthesizer(voice).process(reply))
    assert {chunk.turn for chunk in chunks} == {3}
    assert chunks[-1].text_end == len(reply.text)


def test_speaker_stays_silent_when_there_is_nothing_to_say(voice: Voice):
    assert list(Synthesizer(voice).process(Reply(turn=0, text="▪", act="ack"))) == []


def test_speaker_reads_a_reply_only_once(voice: Voice, monkeypatch: pytest.MonkeyPatch):
    words = []
    monkeypatch.setattr(voice, "_pronounce", lambda word: words.append(word) or ("AH0", "T"))
    list(Synthesizer(voice).process(Reply(turn=0, text="Done.", act="ack")))
    assert words == ["Done"]


def test_vocoder_in_chunks_equals_whole(vocoder: Vocoder):
    rng = np.random.default_rng(0)
    frames = (14 + 2 * rng.standard_normal((77, 80))).astype(np.float32)
    hertz, voiced = np.linspace(150, 250, 77).astype(np.float32), rng.random(77) > 0.4
    whole = vocoder.synthesize(frames, hertz, voiced)
    assert len(whole) == 77 * 160
    for chunk in (1, 13, 76):
        pieces = np.concatenate(list(vocoder.stream(frames, hertz, voiced, chunk=chunk)))
        np.testing.assert_allclose(pieces, whole, atol=1e-4 * np.abs(whole).max())


def test_vocoder_survives_silence_and_very_loud_frames(vocoder: Vocoder):
    for level in (-16.0, 26.0):
        frames, hertz = np.full((30, 80), level, np.float32), np.full(30, 200, np.float32)
        assert np.isfinite(vocoder.synthesize(frames, hertz, np.ones(30, np.bool_))).all()


def test_vocoder_copies_the_level_of_what_it_hears(voice: Voice, vocoder: Vocoder):
    original = voice.say("The level stays the same.")
    hertz, voiced = track_pitch(original)
    copy = vocoder.synthesize(speech_frames(original), hertz, voiced)
    ratio = np.sqrt(np.mean(copy**2)) / np.sqrt(np.mean(original**2))
    assert 0.7 < ratio < 1.4


def test_vocoder_refuses_frames_that_do_not_fit(vocoder: Vocoder):
    with pytest.raises(AudioError, match="expected"):
        vocoder.synthesize(np.zeros((5, 40), np.float32), np.ones(5, np.float32), np.ones(5, np.bool_))
    with pytest.raises(AudioError, match="finite"):
        vocoder.synthesize(np.full((5, 80), np.nan, np.float32), np.ones(5, np.float32), np.ones(5, np.bool_))


def test_frames_stand_for_all_samples():
    for count in (0, 1, 160, 161, 4000):
        assert len(speech_frames(np.zeros(count, np.float32))) == frames_covering(count) == -(-count // 160)


def test_the_bundles_are_small_and_say_where_they_come_from():
    bundles = [load_bundle("voice-kathleen"), load_bundle("vocoder")]
    assert sum(bundle.size for bundle in bundles) <= 8_000_000
    for bundle in bundles:
        bundle.verify()
        assert bundle.info["origin"]["recipe"].startswith("tts/")
        assert json.dumps(bundle.info).count("/work") == 0
