from __future__ import annotations

from pathlib import Path

import pytest

from harken import paths
from harken.data import corpora
from harken.errors import DataError


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HARKEN_DATA", raising=False)
    monkeypatch.delenv("HARKEN_RUNS", raising=False)
    monkeypatch.delenv("HARKEN_CACHE", raising=False)


def test_without_data_the_message_names_the_setting() -> None:
    assert paths.data_if_any() is None
    with pytest.raises(DataError, match="HARKEN_DATA is not set"):
        paths.data()


@pytest.mark.parametrize("inner", ["", "data"])
def test_the_data_root_holds_audio_itself_or_in_its_folder_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    (tmp_path / "corpora" / inner / "audio").mkdir(parents=True)
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path / "corpora"))
    assert paths.data() == corpora.root() == tmp_path / "corpora" / inner


def test_a_data_root_without_audio_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_DATA", str(tmp_path))
    with pytest.raises(DataError, match="has no folder 'audio'"):
        paths.data_if_any()


def test_what_was_fetched_is_found_without_a_setting() -> None:
    (corpora.root() / "audio").mkdir(parents=True)
    assert paths.data() == corpora.root() == paths.home() / "data"


def test_everything_of_the_user_lies_in_one_folder(tmp_path: Path) -> None:
    assert {paths.home(), paths.cache().parent, paths.runs().parent} == {tmp_path / "home"}


def test_what_can_be_made_anew_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_CACHE", str(tmp_path / "shared"))
    assert paths.cache() == tmp_path / "shared"
    assert {paths.home(), paths.runs().parent} == {tmp_path / "home"}
    monkeypatch.delenv("HARKEN_HOME")
    assert paths.cache() == tmp_path / "shared"
