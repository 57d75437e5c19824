"""`harken data fetch`: download a corpus from its public home, resuming where it stopped, and check the checksum."""

from __future__ import annotations

import hashlib
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from harken.data import corpora
from harken.data.corpora import Archive, Corpus
from harken.errors import DataError

Progress = Callable[[str, int, int], None]
"""Receives (file name, bytes so far, total bytes, or 0 if the server does not say)."""

READ_BYTES = 1 << 20
"""1 MiB per read, so that progress moves a few times a second on a slow line."""

TIMEOUT = 60
"""Seconds without a byte after which a server counts as gone."""


def fetch(name: str, *, accept: bool = False, progress: Progress | None = None) -> Path:
    """Download and unpack a corpus; returns the folder that `prepare` reads.

    Args:
        name: name of a corpus in `corpora.CORPORA`.
        accept: agree to the corpus's terms, if it has any.
        progress: see `Progress`.

    Raises:
        DataError: unknown corpus, no direct download, terms not accepted, no network, or a wrong checksum.
    """
    corpus = corpora.find_corpus(name)
    _may_fetch(corpus, accept)
    folder = corpora.folder(name) / "original"
    for archive in corpus.archives:
        unpacked = folder / f".{archive.file}.unpacked"
        if not unpacked.is_file():
            file = download(archive, corpora.root() / "downloads" / name, progress=progress)
            _unpack(file, folder)
            unpacked.touch()
    return folder


def download(archive: Archive, folder: Path, *, progress: Progress | None = None) -> Path:
    """Download one file; a part that was downloaded before is not downloaded again.

    Raises:
        DataError: no network, a refusal by the server, or a wrong checksum (the file is then deleted).
    """
    whole, part = folder / archive.file, folder / f"{archive.file}.part"
    folder.mkdir(parents=True, exist_ok=True)
    if not whole.is_file():
        try:
            _load(archive, part, progress)
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            raise DataError(
                f"{archive.url} could not be downloaded ({getattr(error, 'reason', error)}); the part received so far "
                f"is kept: try again when you have a network, or copy the file to {whole} from elsewhere"
            ) from error
        part.replace(whole)
    check_sum(whole, archive.sum)
    return whole


def check_sum(file: Path, wanted: str | None) -> bool:
    """Whether there was a checksum to compare; a file with a wrong one is deleted, so that it is downloaded again.

    Raises:
        DataError: the checksum is wrong.
    """
    if wanted is None:
        return False
    kind, _, value = wanted.partition(":")
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, kind).hexdigest()
    if digest != value:
        file.unlink()
        raise DataError(
            f"{file.name} has the {kind} checksum {digest[:12]}..., expected {value[:12]}...; it was deleted, so "
            "fetch it again"
        )
    return True


def _may_fetch(corpus: Corpus, accept: bool) -> None:
    if not corpus.archives:
        where = f" from {corpus.home}" if corpus.home else "; its publisher's page is not known"
        raise DataError(
            f"'{corpus.name}' has no single file to download; get it manually{where}, then run "
            f"`harken data prepare {corpus.name} --from DIR`"
        )
    if corpus.terms and not accept:
        raise DataError(
            f"'{corpus.name}': {corpus.terms}; read {corpus.home} and, if you agree, "
            f"run `harken data fetch {corpus.name} --accept`"
        )


def _load(archive: Archive, part: Path, progress: Progress | None) -> None:
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(archive.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the range starts at the end of the file: it is complete
            error.close()
            return
        raise
    with response, part.open("ab" if response.status == 206 else "wb") as file:
        size = int(response.headers.get("Content-Length") or 0)
        done = file.tell()
        total = done + size if size else 0
        while block := response.read(READ_BYTES):
            file.write(block)
            done += len(block)
            if progress:
                progress(archive.file, done, total)
    if total and done < total:
        raise ConnectionError(f"the connection ended after {done} of {total} bytes")


def _unpack_tar(tar: tarfile.TarFile, folder: Path) -> None:
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, filter="data")
        return
    for member in tar.getmembers():  # Python before 3.11.4
        inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"'{member.name}' is not a file inside the archive's folder")
    tar.extractall(folder)


def _unpack(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                archive.extractall(folder)  # zipfile drops '..' and absolute paths itself
        else:
            with tarfile.open(file) as tar:
                _unpack_tar(tar, folder)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise DataError(
            f"{file} is not an archive that can be unpacked ({error}); delete it and fetch it again"
        ) from error
