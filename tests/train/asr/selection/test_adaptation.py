"""`harken adapt`: needs what was said in some recordings, is kept only if it helps, and can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from harken.asr.ngram.model import NgramModel  # noqa: E402
from harken.bundle import bundle_folders, install_bundle, load_bundle  # noqa: E402
from harken.data.utterances import Utterance  # noqa: E402
from harken.errors import BundleError, DataError  # noqa: E402
from harken.events import Hypothesis, Transcript, Word  # noqa: E402
from harken.metrics.wer import WordErrors  # noqa: E402
from harken.recipes.asr.selection.ground import Ground  # noqa: E402
from harken.recipes.asr.selection.toy import _spoken, toy_ground  # noqa: E402
from harken.train.asr.lexicon import LABELS, TrainingLexicon  # noqa: E402
from harken.train.asr.ngram.kneser_ney import choose_vocabulary, count_ngrams, train_kneser_ney  # noqa: E402
from harken.train.asr.selection import adaptation  # noqa: E402
from harken.train.asr.selection.adaptation import AdaptReport, adapt, undo_adaptation  # noqa: E402
from harken.train.asr.selection.own_speech import AdaptConfig, own_recordings, usual_trigram  # noqa: E402
from harken.train.asr.task import TaskConfig  # noqa: E402
from harken.train.schedule import LoopConfig  # noqa: E402
from harken.workshop.heard_log import HeardLog, LogSettings  # noqa: E402

QUICK = AdaptConfig(
    fewest_checked=5, fewest_minutes=0.1, task=TaskConfig(batch_frames=1000),
    loop=LoopConfig(steps=2, lr=1e-4, validate_every=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ground, list[Utterance], NgramModel]:
    run = tmp_path_factory.mktemp("adapting")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARKEN_RUNS", str(run / "runs"))
        patch.setenv("HARKEN_HOME", str(run / "home"))
        ground = toy_ground(TaskConfig(batch_frames=1500), run)
    spoken = _spoken(run / "speech")
    texts = [str(u.text).split() for u in spoken]
    recordings = [u if u.split == "dev" else replace(u, text=None) for u in spoken]
    return ground, recordings, train_kneser_ney(count_ngrams(texts, choose_vocabulary(texts, 20)))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def adapted(toy, run: Path, monkeypatch: pytest.MonkeyPatch, *, errors: tuple[int, int]) -> AdaptReport:
    """An adaptation whose recordings with text show these errors, before and after."""
    ground, recordings, language = toy
    counts = iter([WordErrors(substitutions=count, words=100) for count in errors])
    monkeypatch.setattr(adaptation, "recognition_errors", lambda *_: next(counts))
    return adapt(
        recordings, seed=ground.seed, space=ground.space, language=language, root=ground.root, run=run, config=QUICK
    )


def test_a_better_model_is_put_in_place_and_can_be_undone(toy, tmp_path: Path, monkeypatch) -> None:
    report = adapted(toy, tmp_path / "run", monkeypatch, errors=(50, 49))
    assert report.kept
    assert load_bundle("acoustic-en").hash == report.bundle.hash
    assert report.bundle.folder.parent == bundle_folders()[0]
    assert report.chosen_minutes < report.minutes
    assert undo_adaptation("acoustic-en") is None
    assert load_bundle("acoustic-en").folder.parent == bundle_folders()[1]


@pytest.mark.parametrize("after", [50, 51])
def test_a_model_that_is_not_better_changes_nothing(toy, tmp_path: Path, monkeypatch, after: int) -> None:
    report = adapted(toy, tmp_path / "run", monkeypatch, errors=(50, after))
    assert not report.kept
    assert load_bundle("acoustic-en").folder.parent == bundle_folders()[1]
    with pytest.raises(BundleError, match="nothing to undo"):
        undo_adaptation("acoustic-en")


def test_undoing_brings_back_a_bundle_of_the_users_own(toy, tmp_path: Path, monkeypatch) -> None:
    own = install_bundle(toy[0].seed.folder)[0]
    adapted(toy, tmp_path / "run", monkeypatch, errors=(50, 10))
    assert load_bundle("acoustic-en").hash != own.hash
    assert undo_adaptation("acoustic-en") == own.folder
    assert load_bundle("acoustic-en").hash == own.hash
    with pytest.raises(BundleError, match="does not come from `harken adapt`"):
        undo_adaptation("acoustic-en")


def test_the_real_errors_decide(toy, tmp_path: Path) -> None:
    ground, recordings, language = toy
    report = adapt(
        recordings, seed=ground.seed, space=ground.space, language=language, root=ground.root, run=tmp_path / "run",
        config=QUICK,
    )  # fmt: skip
    assert report.checked == 10
    assert report.before.words == report.after.words > 0
    assert report.kept == (report.after.errors < report.before.errors)


def test_recordings_with_text_are_never_learned_from(toy, tmp_path: Path, monkeypatch) -> None:
    adapted(toy, tmp_path / "run", monkeypatch, errors=(1, 1))
    checked = {u.audio.name for u in toy[1] if u.text}
    decoded = "".join(path.read_text() for path in (tmp_path / "run" / "decoded").glob("*.jsonl"))
    assert checked
    assert not [name for name in checked if name in decoded]


def test_too_few_recordings_of_either_kind_are_refused(toy, tmp_path: Path) -> None:
    ground, recordings, language = toy
    place = {"seed": ground.seed, "space": ground.space, "language": language, "root": ground.root, "run": tmp_path}
    with pytest.raises(DataError, match=r"known of 10 recordings; at least 11 are needed.*harken log correct"):
        adapt(recordings, config=replace(QUICK, fewest_checked=11), **place)
    with pytest.raises(DataError, match="minutes of other recordings to learn from; at least 9 are"):
        adapt(recordings, config=replace(QUICK, fewest_minutes=9), **place)


def test_a_log_gives_its_recordings_and_what_was_said(tmp_path: Path) -> None:
    log = HeardLog(tmp_path / "heard")
    with pytest.raises(DataError, match="no recordings of the log"):
        own_recordings(log.folder)
    log.configure(LogSettings(on=True))
    word = Word(text="stop", start=0, end=1, confidence=0.4)
    transcript = Transcript(turn=0, hypotheses=(Hypothesis(words=(word,), log_prob=0.0, confidence=0.4),))
    for _ in range(2):
        log.add(np.zeros(16000, np.float32), transcript)
    log.correct(log.entries()[1].name, "shop")
    assert [u.text for u in own_recordings(log.folder)] == [None, "shop"]
    assert [u.duration for u in own_recordings(log.folder)] == [1.0, 1.0]


def test_the_trigram_of_usual_words_is_a_distribution(toy) -> None:
    table = usual_trigram(toy[2], TrainingLexicon({}), np.random.default_rng(0), sentences=50).table.numpy()
    assert table.shape == (len(LABELS) + 1,) * 3
    assert table.sum(-1) == pytest.approx(np.ones(table.shape[:2]), abs=1e-4)
