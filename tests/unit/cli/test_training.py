"""`harken train`, `export`, `install`, `score` as people call them, with and without torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harken.bundle import Bundle, load_bundle, write_bundle
from harken.cli import recipes
from harken.cli.app import app
from harken.metrics import result as results
from harken.metrics.result import Result

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None; from harken.cli import main; sys.argv[0] = 'harken'; main()"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def run_without_torch(folder: Path, *arguments: str) -> tuple[int, str]:
    places = {"HARKEN_HOME": str(folder / "home"), "HARKEN_RUNS": str(folder / "runs")}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *arguments], env=os.environ | places, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def exported(folder: Path, name: str = "vad") -> Path:
    return write_bundle(folder / name, name=name, kind="vad", files={"model.onnx": b"net"}, card="").folder


def test_install_puts_bundles_in_place_and_says_what_is_used_now(home: Path, tmp_path: Path) -> None:
    code, out, _ = run("install", str(exported(tmp_path)), str(exported(tmp_path, "my-vad")))
    assert code == 0
    place = home / "bundles" / "vad"
    assert load_bundle("vad").folder == place
    lines = out.splitlines()
    assert lines[0] == f"{place}: 0.00 MB, {Bundle(place).hash[:12]}"
    assert lines[1] == f"  it is used instead of the one that comes with harken; to go back, remove {place}"
    assert lines[2].startswith(f"{home / 'bundles' / 'my-vad'}: ")
    assert len(lines) == 3
    first = load_bundle("my-vad").hash
    assert f"  it replaces {first[:12]}" in run("install", str(exported(tmp_path, "my-vad")))[1]


def test_install_refuses_what_is_no_bundle(home: Path, tmp_path: Path) -> None:
    code, _, errors = run("install", str(tmp_path))
    assert code == 2
    assert "is not a bundle" in errors
    assert not home.exists()


def test_a_score_is_shown_and_written_down_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figure = Result(
        recipe="asr/ngram", metric="perplexity", value=9.0, low=8.0, high=10.0, n=3, set="an4 test", command="x",
        seeds=(0,),
    )  # fmt: skip
    written = []
    monkeypatch.setattr(results, "append_result", written.append)
    monkeypatch.setattr(recipes.OpenedRecipe, "call", lambda self, verb: [figure] if verb == "score" else None)
    code, out, _ = run("score", "asr/ngram", "tiny")
    assert (code, written) == (0, [figure])
    assert "perplexity on an4 test (harken, n = 3): 9 [8, 10]" in out


def test_an_export_says_how_to_install_or_that_nothing_ships(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = Bundle(exported(tmp_path / "my runs"))
    monkeypatch.setattr(recipes.OpenedRecipe, "call", lambda self, verb: [bundle])
    _, out, errors = run("export", "asr/ngram", "tiny")
    assert out.startswith(f"{bundle.folder}: ")
    assert f"next: harken install '{bundle.folder}'" in errors
    monkeypatch.setattr(recipes.OpenedRecipe, "call", lambda self, verb: [])
    assert (
        "ships nothing; next: harken score asr/ngram tiny limit=3" in run("export", "asr/ngram", "tiny", "limit=3")[2]
    )


def test_what_needs_no_torch_runs_without_it(tmp_path: Path) -> None:
    code, said = run_without_torch(tmp_path, "train", "tts/voice", "tiny", "toy=4", "--only", "prepare")
    assert code == 0, said
    code, said = run_without_torch(tmp_path, "train", "tts/voice", "tiny", "toy=4", "--only", "train")
    assert code == 2
    assert said.splitlines()[-1].startswith(
        "harken: `harken train tts/voice` needs the 'train' extra: run `pip install"
    )


@pytest.mark.pack
def test_pronouncer_and_language_model_need_no_torch_at_all(tmp_path: Path) -> None:
    for recipe, names in (("phones/pronouncer", ("pronouncer-en", "lexicon-en")), ("asr/ngram", ("ngram-en",))):
        for verb in ("train", "export"):
            code, said = run_without_torch(tmp_path, verb, recipe, "tiny")
            assert code == 0, said
        for name in names:
            Bundle(tmp_path / "runs" / recipe / "tiny" / name).verify()


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "asr/acoustic", "tiny"),
        ("train", "wakeword", "--word", "hey robin"),
        ("score", "asr/dialects", "tiny"),
    ],
)
def test_what_needs_torch_says_how_to_get_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, said = run_without_torch(tmp_path, *arguments)
    assert code == 2
    assert "needs the 'train' extra: run `pip install 'harken[train]'` and try again" in said
    assert "Traceback" not in said
