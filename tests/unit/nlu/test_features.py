import time

import numpy as np
import pytest

from harken.nlu.features import BUCKETS, LONGEST, MAX_IDS, Encoder, WordPieces, ngram_ids
from harken.nlu.strangers import Strangers


def test_ngrams_are_hashed_sorted_and_bounded() -> None:
    ids = ngram_ids("turn on the light".split())
    assert ids.dtype == np.int32
    assert (np.diff(ids) > 0).all()
    assert ids.max() < BUCKETS
    assert len(ngram_ids([f"word{i}" for i in range(1000)])) == MAX_IDS


def test_a_word_has_pieces_even_if_nobody_knows_it() -> None:
    pieces = WordPieces(["lamp"])
    assert (pieces.row("lamp"), pieces.row("zzyzx")) == (1, 0)
    for word in ("lamp", "zzyzx", "a"):
        assert len(pieces.grams(word)) > 0


def test_an_embedding_has_length_one_and_nothing_has_none(encoder: Encoder) -> None:
    assert abs(np.linalg.norm(encoder.features(["light"]).embedding) - 1) < 1e-5
    assert not encoder.features([]).embedding.any()


def test_the_order_of_words_counts(encoder: Encoder) -> None:
    there, back = encoder.embed([["man", "bites", "dog"], ["dog", "bites", "man"]])
    assert not np.allclose(there, back, atol=1e-3)


def test_a_sentence_reads_the_same_alone_and_among_others(encoder: Encoder) -> None:
    sentences = [["turn", "on", "the", "lamp"], ["off"], [], ["dim", "the", "lamp", "now"], ["x"] * (LONGEST + 9)]
    together = encoder.all_features(sentences)
    for words, features in zip(sentences, together, strict=True):
        alone = encoder.features(words)
        assert features.embedding == pytest.approx(alone.embedding, abs=1e-5)
        assert (features.ids == alone.ids).all()


def test_weights_survive_their_file(encoder: Encoder) -> None:
    again = Encoder.from_arrays(encoder.arrays())
    sentence = [["is", "the", "lamp", "on"]]
    assert again.embed(sentence) == pytest.approx(encoder.embed(sentence), abs=1e-6)


def test_strangers_survive_their_file_but_for_rounding(encoder: Encoder) -> None:
    known = Strangers(tuple(encoder.all_features([["once", "upon", "a", "time"], ["good", "morning"]])))
    again = Strangers.from_arrays(known.arrays())
    for one, other in zip(known.features, again.features, strict=True):
        assert (one.ids == other.ids).all()
        assert one.embedding == pytest.approx(other.embedding, abs=0.01)


def test_a_request_takes_a_few_milliseconds_at_most(encoder: Encoder) -> None:
    words = "please turn the lamp in the living room on".split()
    encoder.features(words)
    began = time.process_time()
    for _ in range(20):
        encoder.features(words)
    assert (time.process_time() - began) / 20 < 0.005
