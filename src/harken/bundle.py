"""Bundles: everything the run time knows about a trained model. A folder with `bundle.json`, ONNX graphs and tables.

`bundle.json` names kind, features, labels, origin, scores and the SHA-256 of every file. A file is checked when it is
first used, so a program pays only for what it loads. Weights are never stored as pickles.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harken import paths
from harken.errors import BundleError
from harken.folders import in_the_making, put_in_place, standing, whole
from harken.onnx import Session

BUNDLE_FILE = "bundle.json"
FORMAT = 1
"""Version of the layout of bundle.json; raised when an older reader could not understand a newer bundle."""


class Bundle:
    """An opened bundle.

    Attributes:
        folder: where it is.
        info: the parsed `bundle.json`.
    """

    def __init__(self, folder: Path):
        self.folder = whole(folder)
        self.info = _read_manifest(self.folder)
        self._checked: set[str] = set()
        self._opened: dict[tuple[str, int], Session] = {}
        self._opening = threading.Lock()

    @property
    def name(self) -> str:
        """Name, e.g. 'acoustic-en'."""
        return str(self.info["name"])

    @property
    def kind(self) -> str:
        """What it is, e.g. 'acoustic'."""
        return str(self.info["kind"])

    @property
    def labels(self) -> list[str]:
        """Names of the outputs, in order."""
        return list(self.info.get("labels", []))

    @property
    def features(self) -> dict[str, Any]:
        """Numbers that the run-time stage needs (bins, thresholds, delays, ...)."""
        return dict(self.info.get("features", {}))

    @property
    def hash(self) -> str:
        """SHA-256 over the hashes of all files: changes when any file does."""
        listed = sorted((name, entry["sha256"]) for name, entry in self.info["files"].items())
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(int(entry["bytes"]) for entry in self.info["files"].values())

    def expect(self, kind: str) -> Bundle:
        """The bundle itself, if it is of this kind.

        Raises:
            BundleError: it is of a different kind.
        """
        if self.kind != kind:
            raise BundleError(f"{self.folder} is a bundle of kind '{self.kind}'; expected kind '{kind}'")
        return self

    def path(self, file: str) -> Path:
        """Path of a listed file whose hash matches.

        Raises:
            BundleError: not listed, missing, or changed since it was written.
        """
        if file not in self.info["files"]:
            raise BundleError(f"{self.folder} has no file '{file}'; it lists {sorted(self.info['files'])}")
        if file not in self._checked:
            self._check(file)
            self._checked.add(file)
        return self.folder / file

    def verify(self) -> None:
        """Check the hash of every file.

        Raises:
            BundleError: naming the first file that does not match.
        """
        for file in self.info["files"]:
            self._check(file)

    def session(self, file: str = "model.onnx", *, threads: int = 1) -> Session:
        """The ONNX graph in `file`: opened once and shared by all callers; each stream keeps its own state."""
        with self._opening:
            if (file, threads) not in self._opened:
                self._opened[file, threads] = Session(self.path(file), threads=threads)
            return self._opened[file, threads]

    def arrays(self, file: str) -> dict[str, NDArray[Any]]:
        """The arrays of an .npz file."""
        with np.load(self.path(file), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}

    def json(self, file: str) -> Any:
        """A parsed JSON file."""
        return json.loads(self.text(file))

    def text(self, file: str) -> str:
        """A UTF-8 text file."""
        return self.path(file).read_text(encoding="utf-8")

    def _check(self, file: str) -> None:
        path, wanted = self.folder / file, self.info["files"][file]["sha256"]
        if not path.is_file():
            raise BundleError(f"{path} is missing; install the bundle '{self.name}' again")
        digest = _digest(path)
        if digest != wanted:
            raise BundleError(
                f"{path} has SHA-256 {digest[:12]}..., but {BUNDLE_FILE} says {str(wanted)[:12]}...; "
                f"the file was changed or damaged: install the bundle '{self.name}' again"
            )


def bundle_folders() -> tuple[Path, ...]:
    """Folders that are searched for bundles by name: the user's own first, then the shipped ones."""
    return paths.home() / "bundles", paths.PACKAGE / "bundles"


def load_bundle(name: str | Path) -> Bundle:
    """Open a bundle by name (user's own before shipped) or by the path of its folder.

    Raises:
        BundleError: there is none, or its manifest cannot be read.
    """
    if isinstance(name, Path) or "/" in name or "\\" in name:
        return Bundle(Path(name))
    installed = installed_bundles()
    if name not in installed:
        known = ", ".join(sorted(installed)) or "none"
        raise BundleError(f"no bundle '{name}' is installed (installed: {known}); reinstall harken or train it")
    return Bundle(installed[name])


def installed_bundles() -> dict[str, Path]:
    """Name -> folder of every bundle that `load_bundle` finds by name, whether or not it can be read."""
    folders: dict[str, Path] = {}
    for root in bundle_folders():
        for name, place in standing(root, BUNDLE_FILE).items():
            folders.setdefault(name, place)
    return folders


def list_bundles() -> Iterator[Bundle]:
    """Every bundle that `load_bundle` would find by name.

    Raises:
        BundleError: one cannot be read.
    """
    for folder in installed_bundles().values():
        yield Bundle(folder)


def write_bundle(
    folder: Path,
    *,
    name: str,
    kind: str,
    files: Mapping[str, bytes | Path],
    card: str,
    features: Mapping[str, Any] | None = None,
    labels: Sequence[str] = (),
    origin: Mapping[str, Any] | None = None,
    scores: Mapping[str, Any] | None = None,
    licence: str = "Apache-2.0",
) -> Bundle:
    """Write a bundle; a reader finds either the complete old one or the complete new one, never a mixture.

    Args:
        folder: where to write it; replaced if it exists.
        files: file name -> its bytes, or a path to copy.
        card: Markdown: what it is, what it was trained on, what not to use it for.
        features: numbers for the run-time stage.
        origin: recipe, config, data, seeds, date.
        scores: measured on dev (and test), with n.

    Raises:
        BundleError: it cannot be written; an older one is untouched.
    """
    try:
        with in_the_making(folder) as fresh:
            for file, content in {**files, "CARD.md": card.encode()}.items():
                if isinstance(content, bytes):
                    (fresh / file).write_bytes(content)
                else:
                    shutil.copyfile(content, fresh / file)
            listed = {p.name: {"sha256": _digest(p), "bytes": p.stat().st_size} for p in sorted(fresh.iterdir())}
            manifest = {
                "format": FORMAT, "name": name, "kind": kind, "licence": licence, "features": dict(features or {}),
                "labels": list(labels), "origin": dict(origin or {}), "scores": dict(scores or {}), "files": listed,
            }  # fmt: skip
            (fresh / BUNDLE_FILE).write_text(
                json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )
            put_in_place(fresh, folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return Bundle(folder)


def install_bundle(source: Path, root: Path | None = None) -> tuple[Bundle, Bundle | None]:
    """Put a bundle in place under its own name; a reader finds either the complete old one or the complete new one.

    Args:
        source: its folder, e.g. as an export wrote it. Files that its manifest does not list are not copied.
        root: folder of bundles to put it in; the user's own when None.

    Returns:
        The installed bundle, and the one that it replaced (no longer on disk), or None.

    Raises:
        BundleError: `source` is not a complete bundle, is already in place, is of a kind that nothing looks for or of
            a different kind than the bundle of its name, or cannot be written; an older one is untouched.
    """
    bundle = Bundle(source)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", bundle.name):
        raise BundleError(f"{source} calls itself '{bundle.name}'; expected letters, digits, '.', '_' and '-'")
    bundle.verify()
    place = (root or bundle_folders()[0]) / bundle.name
    if place.resolve() == bundle.folder.resolve():
        raise BundleError(f"{source} is already where the bundle '{bundle.name}' belongs; there is nothing to install")
    if root is None:
        _check_kind(bundle)
    replaced = _readable(whole(place))
    for other in (replaced, _readable(installed_bundles().get(bundle.name, place))):
        if other is not None and other.kind != bundle.kind:
            raise BundleError(
                f"{source} is of kind '{bundle.kind}', but the bundle '{bundle.name}' at {other.folder} is of kind "
                f"'{other.kind}', and its users need that; train or export it under another name"
            )
    try:
        with in_the_making(place) as fresh:
            for file in (*bundle.info["files"], BUNDLE_FILE):
                shutil.copyfile(bundle.folder / file, fresh / file)
            put_in_place(fresh, place)
    except OSError as error:
        raise _unwritable(place, error) from error
    return Bundle(place), replaced


def _check_kind(bundle: Bundle) -> None:
    """Refuse a kind that nothing looks for by name: no shipped bundle is of that kind."""
    shipped = [_readable(place) for place in standing(bundle_folders()[-1], BUNDLE_FILE).values()]
    kinds = sorted({other.kind for other in shipped if other is not None})
    if bundle.kind not in kinds:
        raise BundleError(
            f"{bundle.folder} is of kind '{bundle.kind}', which nothing looks for by name; expected {', '.join(kinds)}"
        )


def _readable(folder: Path) -> Bundle | None:
    """The bundle there; None if there is none, or its manifest cannot be read and it may be replaced by anything."""
    try:
        return Bundle(folder)
    except BundleError:
        return None


def _unwritable(folder: Path, error: OSError) -> BundleError:
    return BundleError(
        f"the bundle {folder} cannot be written ({error}); check that the disk has room and the folder is writable"
    )


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / BUNDLE_FILE
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{folder} is not a bundle: it has no {BUNDLE_FILE}") from None
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}); check its permissions") from error
    except ValueError as error:
        raise BundleError(f"{path} is not valid JSON ({error}); install the bundle again") from error
    if not isinstance(info, dict) or info.get("format") != FORMAT:
        version = info.get("format") if isinstance(info, dict) else type(info).__name__
        raise BundleError(
            f"{path} has format {version}, but this harken reads format {FORMAT}; update harken or the bundle"
        )
    files = info.get("files")
    listed = files.values() if isinstance(files, dict) else [None]
    if not all(isinstance(entry, dict) and {"sha256", "bytes"} <= entry.keys() for entry in listed):
        raise BundleError(f"{path} does not list its files with 'sha256' and 'bytes'; install the bundle again")
    outside = [name for name in files or () if name in ("", ".", "..") or set(name) & set("/\\")]
    if outside:
        raise BundleError(
            f"{path} lists the file '{outside[0]}'; files of a bundle lie in its own folder: do not use it"
        )
    if not {"name", "kind"} <= info.keys():
        raise BundleError(f"{path} lacks 'name' or 'kind'; install the bundle again")
    return info


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}); check its permissions") from error
