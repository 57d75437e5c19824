"""Speakers that are kept from the acoustic model."""

import pytest

from harken.train.asr.kept import CORPORA, is_kept

SPEAKERS = [f"speaker {n}" for n in range(1000)]


@pytest.mark.parametrize("corpus", CORPORA)
def test_about_one_speaker_in_ten_is_kept_and_always_the_same(corpus: str) -> None:
    kept = [speaker for speaker in SPEAKERS if is_kept(corpus, speaker)]
    assert 70 <= len(kept) <= 130
    assert kept == [speaker for speaker in SPEAKERS if is_kept("librispeech", speaker)]


def test_other_corpora_are_learnt_from_whole() -> None:
    assert not any(is_kept("an4", speaker) for speaker in SPEAKERS)
