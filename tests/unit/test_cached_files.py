import os
from pathlib import Path

import pytest

from harken.cached_files import drop_oldest, in_one_piece


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "entry.json"
    with in_one_piece(path) as file:
        file.write(b"first")
        assert not path.exists()
    with pytest.raises(TypeError), in_one_piece(path) as file:
        file.writelines([b"sec", "ond"])
    assert path.read_bytes() == b"first"
    assert list(path.parent.iterdir()) == [path]


def test_files_that_were_touched_last_are_kept_and_folders_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for moment, name in enumerate(("oldest", "older", "new", "newest"), 1):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (moment, moment))
    drop_oldest(tmp_path, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "new", "newest"}


def test_what_a_killed_process_left_is_deleted_after_a_day(tmp_path: Path) -> None:
    for name in (".left", ".being-written"):
        (tmp_path / name).touch()
    os.utime(tmp_path / ".left", (1, 1))
    drop_oldest(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == [".being-written"]
