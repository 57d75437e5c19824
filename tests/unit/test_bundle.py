"""Bundles are whole or refused: hashes, manifests, kills while writing, full disks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harken import bundle as bundles
from harken.bundle import Bundle, install_bundle, installed_bundles, list_bundles, load_bundle, write_bundle
from harken.errors import BundleError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which bundles are found by name, and no other."""
    monkeypatch.setattr(bundles, "bundle_folders", lambda: (tmp_path,))
    return tmp_path


def write(root: Path, name: str = "tune", content: bytes = b"la la") -> Bundle:
    return write_bundle(root / name, name=name, kind="song", files={"notes": content}, card="# A song")


def test_what_was_written_is_read_and_found_by_name_and_by_path(root: Path) -> None:
    written = write(root)
    assert load_bundle("tune").hash == load_bundle(root / "tune").hash == written.hash
    assert load_bundle("tune").text("notes") == "la la"
    assert [one.name for one in list_bundles()] == ["tune"]
    written.verify()


def test_a_file_that_was_changed_is_named_when_it_is_used(root: Path) -> None:
    folder = write(root).folder
    (folder / "notes").write_bytes(b"la lo")
    for use in (lambda: Bundle(folder).text("notes"), lambda: Bundle(folder).verify()):
        with pytest.raises(BundleError, match=r"notes has SHA-256 \w{12}.*install the bundle 'tune' again"):
            use()


def test_a_file_that_is_missing_or_was_never_there_is_named(root: Path) -> None:
    folder = write(root).folder
    (folder / "notes").unlink()
    with pytest.raises(BundleError, match="notes is missing"):
        Bundle(folder).path("notes")
    with pytest.raises(BundleError, match="has no file 'words'"):
        Bundle(folder).path("words")


def test_a_bundle_that_is_not_there_names_those_that_are(root: Path) -> None:
    write(root)
    with pytest.raises(BundleError, match=r"no bundle 'tone' is installed \(installed: tune\); reinstall harken"):
        load_bundle("tone")
    with pytest.raises(BundleError, match="is not a bundle"):
        load_bundle(root / "nowhere")


def test_a_bundle_of_another_kind_is_refused(root: Path) -> None:
    with pytest.raises(BundleError, match="of kind 'song'; expected kind 'voice'"):
        write(root).expect("voice")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[]", "format list"),
        ('{"format": 99}', "format 99"),
        ('{"format": 1}', "does not list its files"),
        ('{"format": 1, "files": {"a": "x"}}', "does not list its files"),
        ('{"format": 1, "files": {}}', "lacks 'name' or 'kind'"),
    ],
)
def test_a_manifest_that_is_none_is_explained(root: Path, manifest: str, said: str) -> None:
    folder = write(root).folder
    (folder / "bundle.json").write_text(manifest)
    with pytest.raises(BundleError, match=said):
        load_bundle("tune")
    assert "tune" in installed_bundles(), "it is there, though it cannot be read"


def test_a_manifest_that_is_not_text_is_explained(root: Path) -> None:
    folder = write(root).folder
    (folder / "bundle.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BundleError, match="not valid JSON"):
        Bundle(folder)


def test_a_full_disk_is_named_and_the_earlier_bundle_stays(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = write(root).hash

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BundleError, match=r"cannot be written .*No space left on device.*the disk has room"):
        write(root, content=b"too much")
    assert [path.name for path in root.iterdir()] == ["tune"]
    assert load_bundle("tune").hash == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot be written"):
        write(tmp_path / "file")


def test_a_kill_between_the_two_renames_loses_nothing(root: Path) -> None:
    before = write(root).hash
    (root / "tune").rename(root / ".tune-old")
    assert load_bundle("tune").hash == load_bundle(root / "tune").hash == before
    assert list(installed_bundles()) == ["tune"]
    after = write(root, content=b"tra la")
    assert load_bundle("tune").hash == after.hash != before
    assert [path.name for path in root.iterdir()] == ["tune"]


def test_a_bundle_in_the_making_is_not_found(root: Path) -> None:
    write(root).folder.rename(root / ".tune-x7f3")
    assert installed_bundles() == {}


WRITER = """
import sys
from pathlib import Path
from harken.bundle import write_bundle
for turn in range(10_000):
    files = {name: bytes([turn % 250]) * 20_000 for name in "abcdef"}
    write_bundle(Path(sys.argv[1]), name="tune", kind="song", files=files, card=str(turn))
    if turn == 0:
        print("ready", flush=True)
"""


@pytest.mark.parametrize("delay", [0.003, 0.05, 0.081, 0.12])
def test_killing_a_writer_at_any_moment_leaves_a_whole_bundle(root: Path, delay: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(root / "tune")], stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
    bundle = load_bundle("tune")
    bundle.verify()
    contents = {bundle.path(name).read_bytes() for name in "abcdef"}
    assert len(contents) == 1, "files of one moment"
    assert json.loads((bundle.folder / "bundle.json").read_text())["name"] == "tune"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of bundles; beside it, in `shipped`, lies a shipped bundle of the kind 'song'."""
    monkeypatch.setattr(bundles, "bundle_folders", lambda: (tmp_path / "own", tmp_path / "shipped"))
    write(tmp_path / "shipped", "tune", b"the shipped one")
    return tmp_path / "own"


def test_an_exported_bundle_is_installed_under_its_own_name_before_the_shipped_one(own: Path, tmp_path: Path) -> None:
    shipped = load_bundle("tune").hash
    exported = write(tmp_path / "run").folder.rename(tmp_path / "run" / "whatever")
    (exported / "log.txt").write_text("of no interest")
    bundle, replaced = install_bundle(exported)
    assert (bundle.folder, replaced) == (own / "tune", None)
    assert load_bundle("tune").hash == bundle.hash == Bundle(exported).hash
    assert sorted(path.name for path in bundle.folder.iterdir()) == ["CARD.md", "bundle.json", "notes"]
    assert Bundle(tmp_path / "shipped" / "tune").hash == shipped


def test_what_is_replaced_is_told_and_gone(own: Path, tmp_path: Path) -> None:
    first, _ = install_bundle(write(tmp_path / "run").folder)
    second, replaced = install_bundle(write(tmp_path / "run", content=b"tra la").folder)
    assert replaced is not None
    assert replaced.hash == first.hash != second.hash == load_bundle("tune").hash
    assert [path.name for path in own.iterdir()] == ["tune"]


def test_the_place_may_be_the_shipped_one(own: Path, tmp_path: Path) -> None:
    bundle, replaced = install_bundle(write(tmp_path / "run").folder, tmp_path / "shipped")
    assert bundle.folder == tmp_path / "shipped" / "tune"
    assert replaced is not None
    other, replaced = install_bundle(write(tmp_path / "run", "hymn").folder, tmp_path / "shipped")
    assert (other.name, replaced) == ("hymn", None)
    assert not own.exists()


@pytest.mark.parametrize("name", ["../notes", "/etc/notes", "a/notes", "..", "a\\notes"])
def test_a_manifest_cannot_name_files_outside_its_folder(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path).folder
    manifest = folder / "bundle.json"
    info = json.loads(manifest.read_text())
    info["files"][name] = info["files"].pop("notes")
    manifest.write_text(json.dumps(info))
    with pytest.raises(BundleError, match="files of a bundle lie in its own folder"):
        install_bundle(folder, tmp_path / "own")


def test_a_damaged_bundle_is_not_installed(own: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "run").folder
    (folder / "notes").write_bytes(b"la lo")
    with pytest.raises(BundleError, match="notes has SHA-256"):
        install_bundle(folder)
    (folder / "notes").unlink()
    with pytest.raises(BundleError, match="notes is missing"):
        install_bundle(folder)
    with pytest.raises(BundleError, match=r"is not a bundle: it has no bundle\.json"):
        install_bundle(tmp_path)
    assert not own.exists()


def test_another_kind_does_not_take_a_name_that_others_need(own: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "shipped" / "poem", name="poem", kind="text", files={}, card="")
    wrong = write_bundle(tmp_path / "run" / "x", name="tune", kind="text", files={}, card="").folder
    for root in (None, tmp_path / "shipped"):
        with pytest.raises(BundleError, match=r"is of kind 'text', but the bundle 'tune' at .* is of kind 'song'"):
            install_bundle(wrong, root)


def test_a_kind_that_nothing_looks_for_is_refused(own: Path, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "run" / "x", name="x", kind="skill", files={}, card="").folder
    with pytest.raises(BundleError, match="kind 'skill', which nothing looks for by name; expected song"):
        install_bundle(folder)


@pytest.mark.parametrize("name", ["../tune", ".tune", "", "a/b"])
def test_a_name_that_is_no_name_is_refused(own: Path, tmp_path: Path, name: str) -> None:
    folder = write_bundle(tmp_path / "run" / "x", name=name, kind="song", files={}, card="").folder
    with pytest.raises(BundleError, match="calls itself"):
        install_bundle(folder)
    assert not own.exists()


def test_a_bundle_in_its_place_is_not_installed_onto_itself(own: Path, tmp_path: Path) -> None:
    bundle, _ = install_bundle(write(tmp_path / "run").folder)
    with pytest.raises(BundleError, match="already where the bundle 'tune' belongs"):
        install_bundle(bundle.folder)
    bundle.verify()


def test_a_full_disk_while_installing_leaves_the_old_one(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = install_bundle(write(tmp_path / "run").folder)
    other = write(tmp_path / "run", content=b"tra la").folder

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundles.shutil, "copyfile", full)
    with pytest.raises(BundleError, match=r"cannot be written .*No space left"):
        install_bundle(other)
    assert load_bundle("tune").hash == first.hash
    assert [path.name for path in own.iterdir()] == ["tune"]
