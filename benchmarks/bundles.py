"""The bundles that a figure belongs to, by name and hash."""

from __future__ import annotations

from collections.abc import Iterable

from harken.bundle import load_bundle

RECOGNIZER = ("acoustic-en", "ngram-en", "neural-lm-en", "lexicon-en", "pronouncer-multilingual")
"""What recognises speech without a grammar."""


def hashes(names: Iterable[str]) -> dict[str, str]:
    """Name -> hash of installed bundles."""
    return {name: load_bundle(name).hash for name in names}
