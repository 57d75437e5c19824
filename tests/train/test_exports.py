"""Exports write into the run folder and nowhere else: what ships and what the user has stay as they are."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from harken import paths
from harken.bundle import Bundle
from harken.cli.recipes import open_recipe

EXPORTED = {
    "nlu/interpreter": ["interpreter-en"],
    "phones/pronouncer": ["pronouncer-en", "lexicon-en"],
    "asr/dialects": [],
}
"""Recipe -> bundles, of those whose `tiny` needs no recordings and no minute; the voice's are in `test_recipes.py`."""


def everything(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file."""
    return {
        str(path.relative_to(root)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def write_dictionary(data: Path) -> None:
    """A CMUdict of three thousand made-up words."""
    (data / "audio").mkdir(parents=True)
    (data / "text").mkdir()
    syllables = {"ba": "B AA1", "du": "D UW1", "ki": "K IY1", "lo": "L OW1", "me": "M EH1", "sa": "S AE1"}
    words = {f"{a}{b}{c}{d}": (a, b, c, d) for a in syllables for b in syllables for c in syllables for d in syllables}
    lines = "".join(f"{word} {' '.join(syllables[one] for one in parts)}\n" for word, parts in words.items()).encode()
    with tarfile.open(data / "text" / "cmudict.tar.xz", "w:xz") as archive:
        info = tarfile.TarInfo("cmudict/cmudict.dict")
        info.size = len(lines)
        archive.addfile(info, io.BytesIO(lines))


@pytest.mark.parametrize("recipe", EXPORTED)
def test_an_export_touches_nothing_outside_its_run_folder(
    recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dictionary(tmp_path / "data")
    for name, place in (("HARKEN_HOME", "home"), ("HARKEN_RUNS", "runs"), ("HARKEN_DATA", "data")):
        monkeypatch.setenv(name, str(tmp_path / place))
    (tmp_path / "home").mkdir()
    opened = open_recipe(recipe, "tiny")
    if recipe != "asr/dialects":
        opened.call("prepare")
        opened.call("train")
    watched = {root: everything(root) for root in (paths.PACKAGE, tmp_path / "home", tmp_path / "data")}
    bundles = opened.call("export")
    assert [bundle.name for bundle in bundles] == EXPORTED[recipe]
    for bundle in bundles:
        assert bundle.folder == opened.run / bundle.name
        Bundle(bundle.folder).verify()
    assert {root: everything(root) for root in watched} == watched
