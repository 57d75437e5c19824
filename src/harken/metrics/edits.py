"""Edit distance (V. Levenshtein, 1966): fewest substitutions, deletions and insertions between two sequences."""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[str | None, str | None]
"""An item of the first sequence and one of the second; None: nothing corresponds."""


def fewest_edits(first: Sequence[str], second: Sequence[str]) -> int:
    """The edit distance."""
    return _table(first, second)[-1][-1]


def align(first: Sequence[str], second: Sequence[str]) -> list[Pair]:
    """One alignment with the fewest edits, left to right.

    If several have equally few, the walk back from the last items prefers a pair to an item alone, and an item of the
    first sequence alone to one of the second: 'k ɛː' and 'k ɛ ɹ' pair ɛː with ɹ, and ɛ is alone.
    """
    table, pairs = _table(first, second), list[Pair]()
    i, j = len(first), len(second)
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + (first[i - 1] != second[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((first[i], second[j]))
        elif i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            pairs.append((first[i], None))
        else:
            j -= 1
            pairs.append((None, second[j]))
    return pairs[::-1]


def _table(first: Sequence[str], second: Sequence[str]) -> list[list[int]]:
    """[first + 1][second + 1] edits between the beginnings."""
    rows = [list(range(len(second) + 1))]
    for i, item in enumerate(first, 1):
        above, row = rows[-1], [i]
        for j, other in enumerate(second):
            cost = above[j] if item == other else above[j] + 1
            alone = (row[j] if row[j] < above[j + 1] else above[j + 1]) + 1
            row.append(cost if cost < alone else alone)
        rows.append(row)
    return rows
