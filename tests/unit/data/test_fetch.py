"""Downloads come from a small server on this machine; it can be cut off, refuse, and knows ranges."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harken.data import corpora
from harken.data.corpora import CORPORA, Archive, Corpus
from harken.data.fetch import check_sum, download, fetch
from harken.errors import DataError

CONTENT = bytes(range(256)) * 40


class Server(http.server.ThreadingHTTPServer):
    files: dict[str, bytes]
    cut_after: int | None = None
    ranges: list[str | None]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        content, wanted = self.server.files.get(self.path), self.headers.get("Range")
        self.server.ranges.append(wanted)
        if content is None:
            self.send_error(404)
            return
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if first >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        self.wfile.write(content[first : self.server.cut_after])

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.files, running.ranges = {"/a.tar.gz": CONTENT}, []
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_a_file_comes_whole_with_progress_and_is_not_loaded_twice(tmp_path: Path, server: Server) -> None:
    seen: list[tuple[str, int, int]] = []
    archive = Archive(url=f"{server.url}/a.tar.gz", sum=sha256(CONTENT))
    file = download(archive, tmp_path, progress=lambda *step: seen.append(step))
    assert file.read_bytes() == CONTENT
    assert seen[-1] == ("a.tar.gz", len(CONTENT), len(CONTENT))
    download(archive, tmp_path)
    assert len(server.ranges) == 1


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path, server: Server) -> None:
    archive = Archive(url=f"{server.url}/a.tar.gz", sum=sha256(CONTENT))
    server.cut_after = 1000
    with pytest.raises(DataError, match="the part received so far is kept"):
        download(archive, tmp_path)
    server.cut_after = None
    assert download(archive, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-"]


def test_a_part_that_was_already_whole_is_taken(tmp_path: Path, server: Server) -> None:
    (tmp_path / "a.tar.gz.part").write_bytes(CONTENT)
    assert download(Archive(url=f"{server.url}/a.tar.gz"), tmp_path).read_bytes() == CONTENT


def test_a_wrong_sum_deletes_the_file_and_says_what_was_expected(tmp_path: Path, server: Server) -> None:
    archive = Archive(url=f"{server.url}/a.tar.gz", sum="md5:" + "0" * 32)
    with pytest.raises(DataError, match=r"a\.tar\.gz has the md5 checksum .* expected 000000000000"):
        download(archive, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_known_sum_counts_as_unchecked(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    assert check_sum(tmp_path / "x", None) is False
    assert check_sum(tmp_path / "x", sha256(b"x")) is True


def test_the_servers_refusal_is_told(tmp_path: Path, server: Server) -> None:
    with pytest.raises(DataError, match=r"none\.zip could not be downloaded \(Not Found\)"):
        download(Archive(url=f"{server.url}/none.zip"), tmp_path)


def test_without_a_network_the_message_says_where_to_put_the_file(tmp_path: Path, server: Server) -> None:
    url = server.url
    server.shutdown()
    server.server_close()
    with pytest.raises(DataError, match=r"try again when you have a network, or copy the file to .*b\.zip"):
        download(Archive(url=f"{url}/b.zip"), tmp_path)


def corpus(server: Server, **change: object) -> Corpus:
    known = {
        "name": "toy", "what": "a toy", "hours": 0.0, "licence": "CC0", "home": "https://example.org",
        "layout": "digits", "splits": ("train",), "archives": (Archive(url=f"{server.url}/toy.tar.gz"),),
    }  # fmt: skip
    return Corpus(**{**known, **change})  # type: ignore[arg-type]


def tar(names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in names.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.usefixtures("unpacking")
def test_fetch_downloads_and_unpacks_once(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    monkeypatch.setattr(corpora, "CORPORA", (corpus(server),))
    server.files["/toy.tar.gz"] = tar({"toy/readme.txt": b"hello"})
    folder = fetch("toy")
    assert folder == tmp_path / "audio" / "toy" / "original"
    assert (folder / "toy" / "readme.txt").read_bytes() == b"hello"
    fetch("toy")
    assert len(server.ranges) == 1


@pytest.fixture(params=["with the filter", "before Python 3.11.4"])
def unpacking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpacks with and without what later versions of Python check themselves."""
    if request.param != "with the filter":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


def link(name: str, target: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        archive.addfile(entry)
    return buffer.getvalue()


@pytest.mark.usefixtures("unpacking")
@pytest.mark.parametrize(
    "content", [b"no archive", tar({"../outside.txt": b"evil"}), link("toy/outside.txt", "../../../etc")]
)
def test_an_archive_that_is_none_or_leaves_its_folder_is_refused(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    monkeypatch.setattr(corpora, "CORPORA", (corpus(server),))
    server.files["/toy.tar.gz"] = content
    with pytest.raises(DataError, match="not an archive that can be unpacked"):
        fetch("toy")
    assert not list(tmp_path.rglob("outside.txt"))


def test_terms_must_be_accepted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "CORPORA", (corpus(server, terms="only on Sundays"),))
    with pytest.raises(DataError, match=r"only on Sundays; read https://example\.org .*--accept"):
        fetch("toy")


def test_a_corpus_without_a_file_says_where_to_get_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "CORPORA", (corpus(server, archives=()),))
    with pytest.raises(DataError, match=r"manually from https://example\.org, then run `harken data prepare toy"):
        fetch("toy")


def test_the_list_has_each_name_once_and_sums_of_a_known_kind() -> None:
    names = [one.name for one in CORPORA]
    assert len(names) == len(set(names))
    for archive in (archive for one in CORPORA for archive in one.archives):
        assert archive.url.startswith(("https://", "http://"))
        if archive.sum:
            kind, value = archive.sum.split(":")
            assert len(value) == {"md5": 32, "sha256": 64}[kind]


@pytest.mark.pack
def test_every_corpus_of_the_data_root_is_in_the_list() -> None:
    from harken import paths

    there = {manifest.parent.name for manifest in (paths.data() / "audio").glob("*/manifest.jsonl")}
    assert there <= {one.name for one in CORPORA}
