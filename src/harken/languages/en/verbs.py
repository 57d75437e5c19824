"""Verbs as they are changed in English requests: 'would you mind turning ...'."""

from __future__ import annotations

_ING = "ing"


def infinitives(word: str) -> tuple[str, ...]:
    """'turning' -> 'turn', 'turne'; 'closing' -> 'clos', 'close'; 'putting' -> 'putt', 'putte', 'put'; else ()."""
    stem = word.removesuffix(_ING)
    if stem == word or len(stem) < 2:
        return ()
    doubled = len(stem) > 2 and stem[-1] == stem[-2]
    return (stem, f"{stem}e", *((stem[:-1],) if doubled else ()))
