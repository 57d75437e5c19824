"""The recipe's tasks for many languages: word lists and their split, training, bundles, scores, one more language."""

from __future__ import annotations

import dataclasses
import io
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from harken.bundle import install_bundle
from harken.errors import ConfigError, DataError
from harken.metrics.result import Result
from harken.phones.inventory import normal_word
from harken.phones.readings import Readings
from harken.recipes.phones.pronouncer import arms, measure, recipe
from harken.recipes.phones.pronouncer.config import ArmsConfig, OwnConfig
from harken.recipes.phones.pronouncer.figures import figures
from harken.recipes.phones.pronouncer.material import PARTS, TASK_LANGUAGES, read_parts, read_words
from harken.recipes.phones.pronouncer.own import _for_few
from harken.train.phones.configs import LearningConfig, NetworkConfig
from harken.train.schedule import LoopConfig

SOUNDS = {"a": "a", "i": "i", "o": "o", "t": "t", "s": "s", "m": "m", "sh": "ʃ"}


def lines(count: int, seed: int) -> str:
    """Words of a language whose spelling is regular."""
    rng, words = np.random.default_rng(seed), {}
    while len(words) < count:
        units = [
            rng.choice(["t", "s", "m", "sh"] if n % 2 == 0 else ["a", "i", "o"]) for n in range(rng.integers(3, 7))
        ]
        words["".join(units)] = " ".join(SOUNDS[unit] for unit in units)
    return "".join(f"{word}\t{phones}\n" for word, phones in words.items())


def write_archive(path: Path, members: dict[str, str]) -> None:
    with tarfile.open(path, "w:xz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root with two languages of WikiPron and the SIGMORPHON task."""
    (tmp_path / "audio").mkdir()
    (tmp_path / "text").mkdir()
    wikipron = {f"wikipron/tsv/{name}_latn_broad.tsv": lines(160, seed) for seed, name in enumerate(("nob", "swe"))}
    write_archive(tmp_path / "text" / "wikipron.tar.xz", wikipron)
    task = {
        f"s/task1/data/{part}/{language}_{part}.tsv": lines(count, seed)
        for language in TASK_LANGUAGES
        for seed, (part, count) in enumerate((("train", 40), ("dev", 12), ("test", 12)))
    }
    write_archive(tmp_path / "text" / "sigmorphon2020-g2p.tar.xz", task)
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    return tmp_path


def config(**values: object) -> recipe.Config:
    """A tiny network that learns regular spelling in seconds."""
    plain = recipe.Config(
        languages=("nb", "sv"), rare=1,
        arms=ArmsConfig(limit=60, alone=("nb",), batch=16, passes=2, new=("hu",), sizes=(30,)),
        network=NetworkConfig(
            width=32, inner=48, blocks=2, heads=2, joint=48, history=3, phone_width=8, dropout=0.0, history_dropout=0.0
        ),
        learning=LearningConfig(batch=32, smoothing=0.0, half=False, origin=0.1),
        loop=LoopConfig(steps=120, lr=1e-2, validate_every=60),
    )  # fmt: skip
    return dataclasses.replace(plain, **values)


def test_every_language_is_divided_by_the_same_hash_of_the_spelling(data: Path):
    parts = read_parts(("nb", "sv"), rare=1)
    spellings = {part: {normal_word(w) for words in parts[part].values() for w in words} for part in PARTS}
    assert all(spellings.values())
    assert not spellings["train"] & (spellings["dev"] | spellings["test"])
    assert not spellings["dev"] & spellings["test"]


def test_pronunciations_with_rare_phones_and_words_beyond_the_limit_are_left_out(data: Path):
    listed = [f"t{'a' * n}\tt a" for n in range(1, 25)] + [f"x{'a' * n}\tx a" for n in (1, 2, 3)]
    rare = ["qa\tq a", "qaa\tq a"]
    write_archive(
        data / "text" / "wikipron.tar.xz", {"w/dan_latn_broad.tsv": "".join(f"{line}\n" for line in [*listed, *rare])}
    )
    whole, some = (read_parts(("da",), rare=3, limit=limit) for limit in (0, 9))
    words = [word for part in PARTS for word in whole[part]["da"]]
    assert sorted(words) == sorted(line.split("\t")[0] for line in listed)
    assert sum(len(some[part]["da"]) for part in PARTS) == 9


def test_what_is_no_word_list_is_named():
    assert read_words(["a\tb c", "", "a\td", "a\tb c"], "x") == {"a": (("b", "c"), ("d",))}
    with pytest.raises(DataError, match=r"x:2: got 'b'; expected a word, a tab"):
        read_words(["a\tb", "b"], "x")
    with pytest.raises(DataError, match="x contains no words"):
        read_words([], "x")


def test_many_languages_are_learnt_exported_and_scored(data: Path):
    settings = config(task="languages")
    recipe.prepare(settings, data / "run")
    figures = recipe.train(settings, data / "run")
    (bundle,) = recipe.export(settings, data / "run")
    install_bundle(bundle.folder)
    results = recipe.score(settings, data / "run")
    assert figures["word error"] < 0.2
    assert {r.metric for r in results} == {"word error rate", "phone error rate"}
    assert "word lists test, mean of 2 languages" in {r.set for r in results}
    assert all(r.value < 20 and r.bundles == {"pronouncer-multilingual": bundle.hash} for r in results)


def test_a_language_of_ones_own_starts_from_others_or_from_nothing(data: Path):
    settings = config(task="languages")
    recipe.train(settings, data / "run")
    install_bundle(recipe.export(settings, data / "run")[0].folder)
    (data / "own.tsv").write_text(lines(60, 9).replace("m", "n").replace("ʃ", "ʂ"), encoding="utf-8")
    for start, steps in (("pronouncer-multilingual", 60), ("", 120)):
        own = OwnConfig(words=str(data / "own.tsv"), language="zz", start=start)
        settings = config(task="own", own=own, loop=LoopConfig(steps=steps, lr=1e-2, validate_every=60))
        run = data / f"run-{start}"
        recipe.train(settings, run)
        (bundle,) = recipe.export(settings, run)
        assert bundle.name == "pronouncer-zz"
        install_bundle(bundle.folder)
        assert Readings.load("zz").of("nashita")[0].phones == ("n", "a", "ʂ", "i", "t", "a")
        assert all(r.value < 30 for r in recipe.score(settings, run))


def test_the_task_has_one_network_or_several_that_answer_together(data: Path):
    settings = config(task="sigmorphon", seeds=(0, 1), loop=LoopConfig(steps=160, lr=1e-2, validate_every=160))
    recipe.train(settings, data / "run")
    assert recipe.export(settings, data / "run") == []
    results = [
        r for r in recipe.score(settings, data / "run") if "mean of 15" in r.set and r.metric == "word error rate"
    ]
    assert [r.condition for r in results] == ["one network", "2 networks together"]
    assert [r.seeds for r in results] == [(0,), (0, 1)]
    assert all(r.n == 15 * 12 and r.value < 25 for r in results)


def test_the_comparisons_give_the_figures_that_the_papers_claims_need(data: Path):
    loop = LoopConfig(steps=8, lr=1e-4, validate_every=4)  # so that there are errors
    settings = config(task="arms", loop=loop, seeds=(0, 1))
    recipe.train(settings, data / "run")
    results = recipe.score(settings, data / "run")
    changes = {r.condition: r.seeds for r in results if r.metric == "relative change of phone errors"}
    assert changes["multilingual against monolingual"] == (0, 1)
    assert changes["multilingual against monolingual, seed 1"] == (1,)
    assert changes["multilingual without language target against monolingual"] == (0, 1)
    assert changes["with language target against without language target"] == (0, 1)
    means = {
        r.seeds: r.value for r in results if "change" in r.metric and r.condition.startswith("multilingual against")
    }
    assert min(means[0,], means[1,]) <= means[0, 1] <= max(means[0,], means[1,])
    shutil.rmtree(data / "run" / f"{arms.NO_TARGET}-1")
    fewer = {r.condition for r in recipe.score(settings, data / "run")}
    assert "multilingual against monolingual" in fewer
    assert "with language target against without language target" not in fewer
    assert {r.condition for r in results if r.set.startswith("new languages")} == {
        "30 words, from the network for others", "30 words, from nothing"
    }  # fmt: skip
    started, fresh = (arms._new(settings, data / "run", "hu", 30, 0, start)[0] for start in (True, False))
    assert Path(started.start).is_relative_to(data / "run" / f"{arms.TARGET}-0")
    assert fresh.start == ""


def test_the_compared_networks_differ_in_what_is_compared_only():
    settings = config(task="arms")
    shared = arms._shared(settings, 3)
    without = shared[arms.NO_TARGET]
    assert (shared[arms.TARGET].learning.origin, without.learning.origin) == (0.1, 0)
    same = dataclasses.replace(without, learning=dataclasses.replace(without.learning, origin=0.1))
    assert same == shared[arms.TARGET]
    assert {net.loop.seed for net in shared.values()} == {3}


def test_a_network_for_one_language_sees_as_much_of_it_as_the_network_for_all_and_enough_if_it_is_small():
    settings = config(task="arms")
    settings = dataclasses.replace(settings, learning=dataclasses.replace(settings.learning, temperature=0.5))
    words = {"nb": dict.fromkeys(range(100), ()), "sv": {}, "de": dict.fromkeys(range(900), ())}
    rich = arms._alone(settings, 3, "de", words)  # three quarters of 120 batches of 32, in batches of 16
    assert rich.loop.steps == 180
    assert rich.learning == dataclasses.replace(settings.learning, origin=0.0, batch=16)
    assert rich.network == settings.network
    assert arms._alone(settings, 3, "nb", words).loop.steps == 60
    more = dataclasses.replace(settings, arms=dataclasses.replace(settings.arms, passes=20))
    assert arms._alone(more, 3, "nb", words).loop.steps == 125
    assert arms._alone(more, 3, "de", words).loop.steps == 180


def test_capped_words_are_spread_over_their_list():
    assert list(arms._spread(dict.fromkeys("abcdefghij", ()), 3)) == ["a", "d", "g"]
    assert list(arms._spread(dict.fromkeys("ab", ()), 3)) == ["a", "b"]


def test_rates_and_changes_are_those_counted_by_hand():
    better, worse = np.array([[0, 0, 4], [1, 1, 6]] * 50, float), np.array([[1, 2, 4], [0, 0, 6]] * 50, float)
    rows: list[Result] = measure.mean_results({"xx": better, "yy": worse}, "set", command="c", condition="", seeds=(0,))
    values = {(r.set, r.metric): r.value for r in rows}
    assert values["set, xx", "phone error rate"] == pytest.approx(10)
    assert values["set, yy", "phone error rate"] == pytest.approx(20)
    assert values["set, mean of 2 languages", "phone error rate"] == pytest.approx(15)
    assert values["set, mean of 2 languages", "word error rate"] == pytest.approx(50)
    change, low, high = measure.relative_change({"xx": better, "zz": worse}, {"xx": worse})
    assert change == pytest.approx(-50)
    assert low < change < high < 0


class Sure:
    """A network with fixed probabilities of two outputs."""

    def __init__(self, first: float) -> None:
        self.shares = np.array([[first, 1 - first]], np.float32)

    def decode(self, memory, past, said):
        return np.log(self.shares) + 5  # logits, not yet normalised


def test_networks_that_answer_together_have_the_mean_of_their_probabilities():
    both = measure.Together([Sure(0.9), Sure(0.3)])
    found = both._decode(np.zeros((1, 2, 4), np.float32), np.zeros((1, 3), np.int64), np.zeros(1, np.int64))
    assert np.exp(found) == pytest.approx(np.array([[0.6, 0.4]]), abs=1e-6)


def test_only_the_best_few_answers_count_as_such():
    for best_of, wrong in ((2, 100), (3, 0)):
        results = figures(
            [[("A",)]] * 2, [[("B",), ("C",), ("A",)]] * 2, "set", command="c", best_of=best_of, system="another"
        )
        assert {r.metric: r.value for r in results}[f"word error rate, best of {best_of}"] == wrong


def test_few_words_have_small_batches_and_every_letter():
    settings = config(loop=LoopConfig(steps=3000, validate_every=100), learning=LearningConfig(batch=512, origin=0.1))
    for words, batch, steps in ((20, 16, 75), (10, 16, 60), (800, 100, 480)):
        net = _for_few(dataclasses.replace(settings, rare=3), words)
        assert (net.learning.batch, net.loop.steps, net.rare, net.learning.origin) == (batch, steps, 1, 0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"task": "langauges"}, "did you mean 'languages'"),
        ({"task": "own"}, "name the word list and the language"),
    ],
)
def test_wrong_settings_are_refused(data: Path, values: dict[str, object], message: str):
    with pytest.raises(ConfigError, match=message):
        recipe.train(config(**values), data / "run")


def test_a_list_of_few_words_and_a_start_without_a_network_are_refused(data: Path):
    (data / "few.tsv").write_text("a\tb\n", encoding="utf-8")
    (data / "own.tsv").write_text(lines(40, 9), encoding="utf-8")
    for own, message in (
        (OwnConfig(words=str(data / "few.tsv"), language="zz"), "contains 1 words; expected 20"),
        (OwnConfig(words=str(data / "none.tsv"), language="zz"), "cannot be read"),
        (OwnConfig(words=str(data / "own.tsv"), language="zz", start="pronouncer-en"), "has no network"),
    ):
        with pytest.raises((ConfigError, DataError), match=message):
            recipe.train(config(task="own", own=own), data / "run")
