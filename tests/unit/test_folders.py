"""Folders are replaced whole: a reader finds the old or the new one, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from harken.folders import in_the_making, put_in_place, recover, standing, whole


def fill(folder: Path, text: str) -> None:
    with in_the_making(folder) as fresh:
        (fresh / "note").write_text(text)
        put_in_place(fresh, folder)


def names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def test_a_folder_is_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    for text in ("one", "two"):
        fill(tmp_path / "deep" / "tune", text)
    assert (tmp_path / "deep" / "tune" / "note").read_text() == "two"
    assert names(tmp_path / "deep") == ["tune"]
    assert (tmp_path / "deep" / "tune").stat().st_mode & 0o777 == 0o755, "others may read it"


@pytest.mark.parametrize("alone", [False, True])
def test_what_fails_half_way_leaves_the_old_one_and_no_rest(tmp_path: Path, alone: bool) -> None:
    fill(tmp_path / "tune", "one")

    def fail() -> None:
        with in_the_making(tmp_path / "tune", alone=alone) as fresh:
            (fresh / "note").write_text("tw")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert names(tmp_path) == ["tune"]
    assert (tmp_path / "tune" / "note").read_text() == "one"


def test_a_lone_writer_clears_what_a_kill_left_behind(tmp_path: Path) -> None:
    with in_the_making(tmp_path / "tune", alone=True) as fresh:
        left = fresh
    left.mkdir()
    (left / "half").write_text("")
    with in_the_making(tmp_path / "tune", alone=True) as fresh:
        assert fresh == left
        assert list(fresh.iterdir()) == []
        put_in_place(fresh, tmp_path / "tune")
    assert names(tmp_path) == ["tune"]


def test_two_writers_of_one_folder_do_not_meet(tmp_path: Path) -> None:
    with in_the_making(tmp_path / "tune") as one, in_the_making(tmp_path / "tune") as two:
        assert one != two


def test_a_kill_between_the_two_renames_loses_nothing(tmp_path: Path) -> None:
    fill(tmp_path / "tune", "one")
    (tmp_path / "tune").rename(tmp_path / ".tune-old")
    assert (whole(tmp_path / "tune") / "note").read_text() == "one"
    assert standing(tmp_path, "note") == {"tune": tmp_path / ".tune-old"}
    fill(tmp_path / "tune", "two")
    assert standing(tmp_path, "note") == {"tune": tmp_path / "tune"}
    assert names(tmp_path) == ["tune"]


def test_what_stepped_aside_is_put_back_unless_it_was_replaced(tmp_path: Path) -> None:
    fill(tmp_path / "tune", "one")
    (tmp_path / "tune").rename(tmp_path / ".tune-old")
    recover(tmp_path)
    assert names(tmp_path) == ["tune"]
    (tmp_path / ".tune-old").mkdir()
    recover(tmp_path)
    assert (tmp_path / "tune" / "note").read_text() == "one"


def test_what_is_in_the_making_or_holds_something_else_is_not_standing(tmp_path: Path) -> None:
    fill(tmp_path / "tune", "one")
    (tmp_path / "empty").mkdir()
    with in_the_making(tmp_path / "song") as fresh:
        (fresh / "note").write_text("")
        assert list(standing(tmp_path, "note")) == ["tune"]
    assert standing(tmp_path / "nowhere", "note") == {}
