"""Texts of the language models: what is kept out of them, names that take turns, and the classes of personal words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.recipes.text_archives import put

from harken import paths
from harken.errors import DataError
from harken.recipes.asr.ngram import prepared, texts
from harken.recipes.asr.ngram.prepared import read_sentences, write_sentences
from harken.recipes.asr.ngram.texts import NAMES, HeldOut, dictionary_words, read_texts

LONG = tuple("the third test was washed out after only three hours".split())


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of texts."""
    (tmp_path / "text").mkdir()
    monkeypatch.setattr(paths, "data", lambda: tmp_path)
    monkeypatch.setattr(texts, "transcripts", lambda corpus, *splits: [LONG] if "test" in splits else [])
    return tmp_path


def test_sentences_that_share_eight_words_with_dev_or_test_are_kept_out() -> None:
    held_out = HeldOut([LONG])
    assert held_out.holds(("so", *LONG[1:9]))
    assert not held_out.holds(("so", *LONG[1:8]))
    assert held_out.holds(LONG)
    assert HeldOut([LONG], window=4).holds(("so", *LONG[1:5]))


def test_what_a_recogniser_wrote_down_is_kept_out_for_four_words(pack: Path) -> None:
    import lzma

    folder = pack / "audio" / "common-voice"
    folder.mkdir(parents=True)
    rows = ["The third text was washed out, after all.", "The third test was fine."]
    with lzma.open(folder / texts.POOL_FILE, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": row}) + "\n" for row in ["A bird sang.", *rows])
    # 'was washed out after' stands in test: that the recogniser erred before it does not help
    assert list(read_texts([texts.POOL])) == [("a", "bird", "sang")]


def test_everyday_sentences_have_all_kinds_of_names(pack: Path) -> None:
    put(pack, "tatoeba-en", sentences__txt="Tom saw Mary.\nTom's dog barks.\nTomatoes are red.\n")
    found = list(read_texts(["tatoeba-en"]))
    assert found == [(NAMES[0], "saw", NAMES[1]), (f"{NAMES[2]}'s", "dog", "barks"), ("tomatoes", "are", "red")]
    assert not {"tom", "mary"} & set(NAMES[:1])


def test_words_that_most_dictionaries_have_come_first(pack: Path) -> None:
    put(pack, "mfa-english", us__dict="zebra\tz\nAsteroid\ta\n<cutoff>\tspn\n", uk__dict="asteroid\ta\nbawn\tb\n")
    assert dictionary_words() == ["asteroid", "bawn", "zebra"]


def test_requests_of_dev_are_the_first_ones(pack: Path) -> None:
    rows = "\n".join(json.dumps({"sentence": sentence}) for sentence in ("Wake me at 7", "Stop"))
    put(pack, "slurp", devel__jsonl=rows)
    assert list(texts.development_requests(1)) == [("wake", "me", "at", "seven")]


def test_prepared_sentences_are_found_by_their_text(pack: Path, tmp_path: Path) -> None:
    put(
        pack,
        "tatoeba-en",
        sentences__txt="A cat sat.\nThe third test was washed out after only three hours.\nIt ran.\n",
    )
    put(pack, "slurp-train", train__jsonl=json.dumps({"sentence": "stop"}))
    run = tmp_path / "run"
    write_sentences(["tatoeba-en", "slurp-train"], run)
    assert list(read_sentences(run, "slurp-train")) == [["stop"]]
    assert list(read_sentences(run)) == [["a", "cat", "sat"], ["it", "ran"], ["stop"]]
    assert prepared.read_facts(run)["tatoeba-en"] == {"sentences": 2, "words": 5, "held out": 1}
    with pytest.raises(DataError, match="it has tatoeba-en, slurp-train"):
        list(read_sentences(run, "novels"))
    with pytest.raises(DataError, match="prepare"):
        list(read_sentences(tmp_path / "other"))
