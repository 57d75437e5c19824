"""Where files are: the user's folder, the data, the run folders; an environment variable can set each."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from harken.errors import DataError

PACKAGE = Path(__file__).parent
"""The installed package, which contains the shipped bundles, profiles and recipes."""


def home() -> Path:
    """The user's folder (`HARKEN_HOME`, else the platform's data folder), created when something is first written."""
    return Path(os.environ.get("HARKEN_HOME") or platformdirs.user_data_dir("harken", appauthor=False))


def cache() -> Path:
    """Files that can be recreated: compiled graphs and the like (`HARKEN_CACHE`, else in the user's folder or the
    platform's)."""
    if given := os.environ.get("HARKEN_CACHE"):
        return Path(given)
    own = os.environ.get("HARKEN_HOME")
    return Path(own) / "cache" if own else Path(platformdirs.user_cache_dir("harken", appauthor=False))


def runs() -> Path:
    """Run folders of training (`HARKEN_RUNS`, else under the user's folder)."""
    return Path(os.environ.get("HARKEN_RUNS") or home() / "runs")


def data_if_any() -> Path | None:
    """The data root if `HARKEN_DATA` names one or `harken data fetch` has downloaded something, else None.

    `HARKEN_DATA` may name the root, which contains `audio/` and `text/`, or a folder whose `data/` is the root. When it
    is unset, downloads are in `data` in the user's folder.

    Raises:
        DataError: `HARKEN_DATA` names no data.
    """
    named = os.environ.get("HARKEN_DATA")
    if not named:
        fetched = home() / "data"
        return fetched if (fetched / "audio").is_dir() else None
    for folder in (Path(named), Path(named) / "data"):
        if (folder / "audio").is_dir():
            return folder
    raise DataError(
        f"HARKEN_DATA is {named!r}, which has no folder 'audio'; point it to the folder that contains 'audio' and "
        "'text', or unset it"
    )


def data() -> Path:
    """The data root.

    Raises:
        DataError: `HARKEN_DATA` is unset or names no data.
    """
    root = data_if_any()
    if root is None:
        raise DataError(
            "this needs recordings, and HARKEN_DATA is not set; set it to the data folder, "
            "or get one with `harken data fetch`"
        )
    return root
