"""N-gram models as ARPA text, the format that other toolkits read and write (logs to base 10)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from harken.asr.ngram.model import MAX_ORDER, SPECIAL, NgramModel, Order, pack, unpack
from harken.errors import DataError

_LOG10 = math.log(10)
_NEVER = -99.0
"""What ARPA files write for the logarithm of 0."""


def write_arpa(model: NgramModel, path: Path) -> None:
    """Write a model as ARPA text."""
    with path.open("w", encoding="utf-8") as file:
        file.write("\\data\\\n")
        file.writelines(f"ngram {n}={len(order)}\n" for n, order in enumerate(model.orders, 1))
        for n, order in enumerate(model.orders, 1):
            file.write(f"\n\\{n}-grams:\n")
            last = n == len(model.orders)
            rows = zip(unpack(order.keys, n).tolist(), order.log_prob.tolist(), order.backoff.tolist(), strict=True)
            for ids, log_prob, backoff in rows:
                words = " ".join(model.words[number] for number in ids)
                weight = "" if last else f"\t{backoff / _LOG10:.7g}"
                file.write(f"{max(log_prob / _LOG10, _NEVER):.7g}\t{words}{weight}\n")
        file.write("\n\\end\\\n")


def read_arpa(path: Path) -> NgramModel:
    """Read a model; words keep the order of the file behind '<unk>', '<s>', '</s>'.

    Raises:
        DataError: naming the line that is not valid ARPA.
    """
    with path.open(encoding="utf-8") as file:
        rows: list[list[tuple[tuple[str, ...], float, float]]] = []
        for number, section, fields in _entries(file, path):
            while len(rows) < section:
                rows.append([])
            rows[section - 1].append(_parse(fields, section, f"{path}:{number}"))
    if not rows or len(rows) > MAX_ORDER:
        raise DataError(f"{path} holds {len(rows)} orders; expected an ARPA file with 1 to {MAX_ORDER}")
    unigrams = dict.fromkeys(words[0] for words, _, _ in rows[0])
    vocabulary = SPECIAL + tuple(word for word in unigrams if word not in SPECIAL)
    ids = {word: number for number, word in enumerate(vocabulary)}
    missing = [((word,), _NEVER, 0.0) for word in SPECIAL if word not in unigrams]
    rows[0] += missing
    return NgramModel(vocabulary, tuple(_order(entries, ids, path) for entries in rows))


def _entries(lines: Iterator[str], path: Path) -> Iterator[tuple[int, int, list[str]]]:
    """(line number, order, fields) of every n-gram line."""
    section = 0
    for number, line in enumerate(lines, 1):
        text = line.strip()
        heading = re.fullmatch(r"\\(\d+)-grams:", text)
        if heading:
            section = int(heading[1])
        elif text == "\\end\\":
            return
        elif section and text:
            yield number, section, text.split()
    raise DataError(f"{path} ends without '\\end\\'; it is not an ARPA file, or it is cut off")


def _parse(fields: list[str], n: int, where: str) -> tuple[tuple[str, ...], float, float]:
    try:
        backoff = float(fields[n + 1]) if len(fields) == n + 2 else 0.0
        words = tuple(fields[1 : n + 1])
        if len(words) != n or len(fields) > n + 2:
            raise ValueError(f"{len(fields)} fields")
        return words, float(fields[0]), backoff
    except ValueError as error:
        raise DataError(f"{where}: expected a log-probability, {n} words and an optional weight ({error})") from error


def _order(entries: list[tuple[tuple[str, ...], float, float]], ids: dict[str, int], path: Path) -> Order:
    try:
        grams = np.array([[ids[word] for word in words] for words, _, _ in entries], np.int32)
    except KeyError as error:
        raise DataError(f"{path}: the word {error} of an n-gram is not among the unigrams") from error
    keys = pack(grams)
    order = np.argsort(keys)
    logs = np.array([[log_prob, backoff] for _, log_prob, backoff in entries])[order] * _LOG10
    return Order(keys[order], logs[:, 0].astype(np.float32), logs[:, 1].astype(np.float32))
