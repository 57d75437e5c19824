"""Where files are: the user's folder, the data, the run folders; an environment variable can set each."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from harken.errors import DataError

PACKAGE = Path(__file__).parent
"""The installed package; shipped bundles, profiles and recipes lie inside."""


def home() -> Path:
    """What belongs to the user (`HARKEN_HOME`, else the platform's data folder). Created by whoever writes there."""
    return Path(os.environ.get("HARKEN_HOME") or platformdirs.user_data_dir("harken", appauthor=False))


def cache() -> Path:
    """Files that can be recreated: compiled graphs and the like."""
    given = os.environ.get("HARKEN_HOME")
    return Path(given) / "cache" if given else Path(platformdirs.user_cache_dir("harken", appauthor=False))


def runs() -> Path:
    """Run folders of training (`HARKEN_RUNS`, else under the user's folder)."""
    return Path(os.environ.get("HARKEN_RUNS") or home() / "runs")


def data_if_any() -> Path | None:
    """The data root when `HARKEN_DATA` names a folder or `harken data fetch` brought something, else None.

    `HARKEN_DATA` may name the root that holds `audio/` and `text/`, or a folder whose `data/` does. When it is unset,
    downloads lie in `data` in the user's folder.
    """
    given = os.environ.get("HARKEN_DATA")
    if not given:
        fetched = home() / "data"
        return fetched if (fetched / "audio").is_dir() else None
    for folder in (Path(given), Path(given) / "data"):
        if (folder / "audio").is_dir():
            return folder
    raise DataError(
        f"HARKEN_DATA is {given!r}, which has no folder 'audio'; point it to the folder that contains 'audio' and "
        "'text', or unset it"
    )


def data() -> Path:
    """The data root.

    Raises:
        DataError: `HARKEN_DATA` is unset or names no data.
    """
    found = data_if_any()
    if found is None:
        raise DataError(
            "this needs recordings, and HARKEN_DATA is not set; set it to the data folder, "
            "or get one with `harken data fetch`"
        )
    return found
