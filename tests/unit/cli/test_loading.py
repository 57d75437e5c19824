import gc

import pytest

from harken.cli.loading import loading


def test_no_garbage_is_looked_for_while_loading_nor_later_among_what_was_loaded() -> None:
    assert gc.isenabled()
    try:
        with loading():
            assert not gc.isenabled()
            loaded = [[] for _ in range(10)]
        assert gc.isenabled()
        assert gc.get_freeze_count() > len(loaded)
    finally:
        gc.unfreeze()


def test_after_a_failure_garbage_is_collected_again() -> None:
    try:
        with pytest.raises(ValueError, match="no bundle"), loading():
            raise ValueError("no bundle")
        assert gc.isenabled()
    finally:
        gc.unfreeze()
