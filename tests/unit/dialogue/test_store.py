import logging
from pathlib import Path

import pytest

from harken.dialogue.store import Store, StoreError


def test_lists_keep_their_order_and_have_no_doubles(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite")
    assert store.add_item("shopping", "milk")
    assert store.add_item("shopping", "bread")
    assert not store.add_item("shopping", "milk")
    assert Store(tmp_path / "s.sqlite").items("shopping") == ["milk", "bread"]
    assert store.remove_item("shopping", "milk")
    assert not store.remove_item("shopping", "milk")
    assert (store.lists(), store.clear_items("shopping"), store.lists()) == (["shopping"], 1, [])


def test_values_of_skills_are_apart() -> None:
    store = Store(":memory:")
    store.put("home", "lamp", {"on": True, "color": "grün"})
    assert store.get("home", "lamp") == {"on": True, "color": "grün"}
    assert store.get("other", "lamp", 7) == 7


def test_a_damaged_file_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"no database at all " * 100)
    with caplog.at_level(logging.WARNING):
        assert Store(path).lists() == []
    assert "damaged" in caplog.text
    assert path.with_suffix(".damaged").read_bytes().startswith(b"no database")


def test_a_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="HARKEN_HOME"):
        Store(tmp_path / "missing" / "s.sqlite")


def test_a_closed_store_says_so() -> None:
    store = Store(":memory:")
    store.close()
    with pytest.raises(StoreError, match="cannot be used"):
        store.items("shopping")
