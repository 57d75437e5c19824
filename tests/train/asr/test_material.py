"""Lexicon guesses, augmentation, batches and stores."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from harken.audio.features import Normalizer
from harken.audio.files import write_wav
from harken.data.utterances import Utterance
from harken.errors import DataError
from harken.phones.pronunciation import Unstressed
from harken.phones.sets import PHONES
from harken.train.asr.augment import AugmentConfig, add_noise, augment, mask, stretch, warp_mel
from harken.train.asr.data import (
    Piece,
    Speech,
    cut,
    make_batches,
    quietest,
    sample,
    silent_pieces,
    whole_pieces,
    words_of,
)
from harken.train.asr.lexicon import TrainingLexicon
from harken.train.asr.store import FeatureStore, write_feature_store


@pytest.fixture
def lexicon(tmp_path) -> TrainingLexicon:
    file = tmp_path / "dictionary"
    file.write_text("walk W AO1 K # a comment\nwalk(2) W AA1 K\nmill M IH1 L\nstone S T OW1 N\nbake B EY1 K\n")
    return TrainingLexicon.read(file, {"alexa": ["AH L EH K S AH"]})


def test_dictionary_gives_all_pronunciations_without_stress(lexicon):
    assert lexicon.pronounce("walk") == (("W", "AO", "K"), ("W", "AA", "K"))
    assert lexicon.pronounce("alexa") == (("AH", "L", "EH", "K", "S", "AH"),)


@pytest.mark.parametrize(
    ("word", "phones"),
    [("mills", "M IH L Z"), ("stone's", "S T OW N Z"), ("baking", "B EY K IH NG"), ("baked", "B EY K T"),
     ("millstone", "M IH L S T OW N"), ("shep", "SH EH P"), ("mqtt", "EH M K Y UW T IY T IY")],
)  # fmt: skip
def test_other_words_are_pronounced_as_the_recogniser_would(lexicon, word, phones):
    assert lexicon.pronounce(word)[0] == tuple(phones.split())
    assert lexicon.pronounce(word) == Unstressed()(word)


@pytest.mark.parametrize("word", ["x", "zzz", "'", "eee", "queue", "tchkph"])
def test_no_word_is_left_without_phones(lexicon, word):
    assert lexicon.pronounce(word)[0]
    assert set(lexicon.pronounce(word)[0]) <= set(PHONES)


def test_unknown_phone_is_named_with_its_line(tmp_path):
    file = tmp_path / "dictionary"
    file.write_text("a AH\nb QQ\n")
    with pytest.raises(DataError, match=r"dictionary:2: unknown phones \['QQ'\]"):
        TrainingLexicon.read(file)


def test_words_of_drops_punctuation_and_stray_quotes():
    assert words_of("'Tis John’s, \"quoted\" o'clock--now.") == ("'tis", "john's", "quoted", "o'clock", "now")


def test_augmentation_is_repeatable_finite_and_different():
    x = (10 + np.random.default_rng(0).standard_normal((200, 80))).astype(np.float32)
    config = AugmentConfig(noise=1.0, room=1.0)
    first, again, other = (augment(x, config, None, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.isfinite(first).all()
    assert first.dtype == np.float32
    assert first.shape != other.shape or not np.allclose(first, other)


def test_stretch_and_warp_by_one_change_nothing():
    x = np.random.default_rng(0).standard_normal((50, 80)).astype(np.float32)
    assert np.allclose(stretch(x, 1.0), x)
    assert np.allclose(warp_mel(x, 1.0), x, atol=1e-3)
    assert len(stretch(x, 1.25)) == 40


def test_warp_moves_a_peak_up():
    x = np.zeros((1, 80), np.float32)
    x[0, 30] = 1
    assert warp_mel(x, 1.1)[0].argmax() > 30 > warp_mel(x, 0.9)[0].argmax()


def test_noise_at_a_high_ratio_vanishes_and_at_a_low_one_covers():
    x, noise = np.full((20, 80), 5, np.float32), np.full((20, 80), -3, np.float32)
    assert np.allclose(add_noise(x, noise, 60.0), x, atol=1e-4)
    assert np.allclose(add_noise(x, noise, -20.0), 5 + 20 * np.log(10) / 10, atol=0.1)


def test_mask_leaves_most_and_hits_some():
    x = mask(np.ones((400, 80), np.float32), AugmentConfig(), np.random.default_rng(3))
    assert 0.5 < x.mean() < 1


@pytest.fixture
def store(tmp_path) -> FeatureStore:
    rng, made = np.random.default_rng(0), []
    for number, seconds in enumerate((1.0, 0.5, 2.0)):
        path = tmp_path / "c" / f"{number}.wav"
        write_wav(path, (0.1 * rng.standard_normal(int(16000 * seconds))).astype(np.float32))
        made.append(Utterance(audio=path, duration=seconds, corpus="c", split="train", text="walk mill"))
    made.append(Utterance(audio=tmp_path / "c" / "gone.wav", duration=1.0, corpus="c", split="train", text="walk"))
    complaints: list[str] = []
    write_feature_store(tmp_path / "store", made, root=tmp_path / "c", report=complaints.append)
    assert len(complaints) == 1
    assert "gone.wav" in complaints[0]
    return FeatureStore(tmp_path / "store")


def test_store_keeps_each_recording_apart(store):
    assert [entry.frames for entry in store.entries] == [98, 48, 198]
    assert [store.features(entry).shape for entry in store.entries] == [(98, 80), (48, 80), (198, 80)]
    assert [entry.name for entry in store.entries] == ["0.wav", "1.wav", "2.wav"]


def test_a_label_is_what_was_said_only_where_nothing_else_says_so(tmp_path):
    made = []
    for name, text, label in (("both", "b r a", "name"), ("label", None, "happy"), ("known", None, "near")):
        path = tmp_path / "c" / f"{name}.wav"
        write_wav(path, np.full(16000, 0.1, np.float32))
        made.append(Utterance(audio=path, duration=1.0, corpus="c", split="train", text=text, label=label))
    write_feature_store(tmp_path / "store", made, root=tmp_path / "c", report=print)
    store = FeatureStore(tmp_path / "store")
    pieces, _ = whole_pieces([store], {"c:near": "hey you", "c/label.wav": "happy days"})
    assert [piece.words for piece in pieces] == [("b", "r", "a"), ("happy", "days"), ("hey", "you")]
    assert whole_pieces([store], {})[0][1].words == ("happy",)


def test_unfinished_store_is_refused(tmp_path):
    with pytest.raises(DataError, match="prepare"):
        FeatureStore(tmp_path)


def test_batches_hold_every_piece_once_and_keep_to_their_size(store, lexicon):
    pieces, left_out = whole_pieces([store], {})
    assert left_out == []
    batches = make_batches(pieces, range(3), 200, np.random.default_rng(0))
    assert sorted(n for batch in batches for n in batch) == [0, 1, 2]
    assert sample(pieces, {"c": 0.0}, np.random.default_rng(0)) == []


def test_batch_repeats_the_last_frame_and_makes_room_for_the_words(store, lexicon):
    pieces, _ = whole_pieces([store], {})
    normalizer = Normalizer(mean=np.zeros(80, np.float32), deviation=np.ones(80, np.float32))
    speech = Speech([store], pieces, lexicon, normalizer, 2)
    batch = speech.batch([0, 1])
    assert batch.x.shape == (2, 3 * (33 + 2), 80)
    assert batch.steps.tolist() == [33, 16]
    assert (batch.x[1, 48:] == batch.x[1, 47]).all()
    assert batch.graphs[0].shortest == 6
    assert batch.w is None


def test_noise_is_cut_into_pieces_in_which_only_silence_fits(store, lexicon):
    pieces = silent_pieces(store, 0, longest=0.6)
    assert [(p.entry.name, p.first, p.frames) for p in pieces] == [
        ("0.wav", 0, 60), ("0.wav", 60, 38), ("1.wav", 0, 48), ("2.wav", 0, 60), ("2.wav", 60, 60), ("2.wav", 120, 60),
    ]  # fmt: skip
    normalizer = Normalizer(mean=np.zeros(80, np.float32), deviation=np.ones(80, np.float32))
    speech = Speech([store], pieces, lexicon, normalizer, 2)
    graph = speech.batch([0, 1]).graphs[0]
    assert set(graph.phones.tolist()) == {0}
    assert (graph.first.max() > -10, graph.last.max() > -10, graph.shortest) == (True, True, 1)


def test_some_streams_began_with_the_piece_some_with_more_of_it_and_some_with_a_quiet_room(tmp_path, lexicon):
    rng = np.random.default_rng(0)
    loud, quiet = (level * rng.standard_normal(16000) for level in (0.1, 0.001))
    write_wav(tmp_path / "c" / "a.wav", np.concatenate([loud, quiet]).astype(np.float32))
    spoken = Utterance(audio=tmp_path / "c" / "a.wav", duration=2.0, corpus="c", split="train", text="walk")
    write_feature_store(tmp_path / "store", [spoken], root=tmp_path / "c", report=print)
    store = FeatureStore(tmp_path / "store")
    plain = AugmentConfig(tempo=0, warp=0, noise=0, room=0, gain=0, tilt=0)
    normalizer = Normalizer(mean=np.zeros(80, np.float32), deviation=np.ones(80, np.float32), prior=1e-6)
    speech = Speech([store], whole_pieces([store], {})[0], lexicon, normalizer, 2)
    piece: Piece = speech.pieces[0]
    levels = speech.features(piece).mean(1)
    span = levels[:90].mean() - quietest(speech.features(piece)).mean()
    first = np.array([speech.variant(piece, plain, rng)[0].mean() for _ in range(400)]) / span
    shares = [((first > low) & (first < high)).mean() for low, high in ((-0.15, 0.15), (0.3, 0.7), (0.85, 1.15))]
    assert shares == pytest.approx([0.5, 0.375, 0.125], abs=0.06)


def test_cut_pieces_share_out_frames_and_words(store):
    piece = whole_pieces([store], {})[0][2]
    first, second = cut(piece, [(0, 1, 0, 20), (1, 2, 20, 66)])
    assert (first.words, first.first, first.frames) == (("walk",), 0, 60)
    assert (second.words, second.first, second.frames) == (("mill",), 60, 138)
