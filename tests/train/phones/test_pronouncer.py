"""The pronouncer's training: learns regular spelling, is repeatable, survives odd dictionaries; the recipe runs."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from harken.bundle import install_bundle
from harken.errors import DataError
from harken.phones.lexicon import Lexicon
from harken.phones.pairs import PairModel
from harken.phones.pronouncer import Pronouncer, letter_ids
from harken.recipes.phones.pronouncer import recipe
from harken.train.phones.pronouncer import PairConfig, train_pronouncer

SOUNDS = {"b": "B", "d": "D", "m": "M", "s": "S", "t": "T", "a": "AE1", "i": "IH1", "o": "AA1", "x": "K S", "sh": "SH"}
CONFIG = PairConfig(order=4, prune=0.0, rare=1)


def made_up_words(count: int, seed: int = 0) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Words of a language whose spelling is regular: 'x' is two phones, 'sh' is one."""
    rng = np.random.default_rng(seed)
    consonants, vowels = ["b", "d", "m", "s", "t", "x", "sh"], ["a", "i", "o"]
    words = {}
    while len(words) < count:
        units = [rng.choice(consonants if place % 2 == 0 else vowels) for place in range(rng.integers(2, 7))]
        words["".join(units)] = (tuple(" ".join(SOUNDS[unit] for unit in units).split()),)
    return words


def test_regular_spelling_is_learnt_and_carries_over_to_new_words():
    model = train_pronouncer(made_up_words(400), CONFIG)
    known = made_up_words(400)
    fresh = {word: ways for word, ways in made_up_words(200, seed=1).items() if word not in known}
    right = sum(model.pronounce(letter_ids(word))[0][0] in ways for word, ways in fresh.items())
    assert len(fresh) > 50
    assert right / len(fresh) > 0.97


def test_probabilities_after_every_history_sum_to_one():
    model = train_pronouncer(made_up_words(60), PairConfig(order=3, prune=1.0, rare=1))
    size = len(model.letters)
    for order in (1, 2, 3):
        for history in np.unique(model.orders[order - 1].keys >> 9)[:20]:
            keys = (history << 9) | np.arange(size)
            assert np.exp(PairModel.score(model.orders, keys, order)).sum() == pytest.approx(1, abs=2e-3)


def test_storing_changes_little():
    model = train_pronouncer(made_up_words(100), CONFIG)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **model.arrays())
    back = PairModel.of(np.load(io.BytesIO(buffer.getvalue()), allow_pickle=False))
    for mine, theirs in zip(model.orders, back.orders, strict=True):
        assert (mine.keys == theirs.keys).all()
        assert np.abs(mine.log_prob - theirs.log_prob).max() <= 0.031
    assert model.pronounce(letter_ids("shabox"))[0][0] == back.pronounce(letter_ids("shabox"))[0][0]


def test_the_same_words_give_the_same_model():
    first, second = (train_pronouncer(made_up_words(80), CONFIG).arrays() for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_pruning_makes_it_smaller_and_keeps_every_history():
    whole = train_pronouncer(made_up_words(200), CONFIG)
    small = train_pronouncer(made_up_words(200), PairConfig(order=4, prune=2.0, rare=1))
    assert len(small.orders[-1].keys) < len(whole.orders[-1].keys)
    for shorter, longer in zip(small.orders, small.orders[1:], strict=False):
        assert np.isin(longer.keys >> 9, shorter.keys).all()


@pytest.mark.parametrize("entries", [{}, {"ab": (tuple(["B"] * 9),)}, {"日本": (("N", "IH1"),)}])
def test_nothing_to_learn_is_said(entries):
    with pytest.raises(DataError, match="no pronunciation can be aligned"):
        train_pronouncer(entries, CONFIG)


def test_a_letter_never_seen_gives_no_answer():
    assert train_pronouncer(made_up_words(50), CONFIG).pronounce(letter_ids("zaz")) == []


def test_the_recipe_trains_exports_and_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "audio").mkdir()
    (tmp_path / "text").mkdir()
    lines = "".join(f"{word} {' '.join(ways[0])}\n" for word, ways in made_up_words(600).items()).encode()
    with tarfile.open(tmp_path / "text" / "cmudict.tar.xz", "w:xz") as archive:
        info = tarfile.TarInfo("cmudict/cmudict.dict")
        info.size = len(lines)
        archive.addfile(info, io.BytesIO(lines))
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    config = recipe.Config(pairs=CONFIG)
    figures = recipe.train(config, tmp_path / "run")
    bundles = recipe.export(config, tmp_path / "run")
    for bundle in bundles:
        install_bundle(bundle.folder)
    assert figures["words"] > 450
    assert [bundle.name for bundle in bundles] == ["pronouncer-en", "lexicon-en"]
    assert len(Lexicon.load()) > 600
    assert Pronouncer.load("pronouncer-en").bundle.folder == tmp_path / "home" / "bundles" / "pronouncer-en"
    results = recipe.score(config, tmp_path / "run")
    assert len(results) == 12
    assert all(result.value < 20 for result in results)


def test_a_missing_dictionary_and_a_missing_run_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "audio").mkdir()
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"cmudict\.tar\.xz is missing"):
        recipe.prepare(recipe.Config(), tmp_path)
    with pytest.raises(DataError, match="train first"):
        recipe.export(recipe.Config(), tmp_path)
