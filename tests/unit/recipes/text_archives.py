"""Archives of texts as they lie in the data folder, made up for tests."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path


def put(data: Path, name: str, **files: str) -> None:
    """Write an archive of these files; in their names, '__' stands for a dot."""
    with tarfile.open(data / "text" / f"{name}.tar.xz", "w:xz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{name}/{path.replace('__', '.')}")
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
