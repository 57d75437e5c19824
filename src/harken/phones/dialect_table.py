"""Reads the reviewed table of the dialects, `dialects.toml`, as a phone map."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from harken.errors import DataError
from harken.phones.phone_map import HOW, PhoneDecision, PhoneMap
from harken.phones.spelling import Spelling

TABLE = Path(__file__).with_name("dialects.toml")
_TOP = {"pivot", "inventory", "added", "contrasts", "allowed", "groups", "arpabet", "glides", "dialects"}
_FIELDS: dict[str, tuple[type, ...]] = {"to": (str,), "share": (int, float), "count": (int,), "found": (str,),
                                        "reason": (str,)}  # fmt: skip


@cache
def reviewed_map(*, keep_contrasts: bool = False) -> PhoneMap:
    """The map that comes with harken: the pivot US and the other dialects.

    Args:
        keep_contrasts: with the phones that the table lists as `contrasts` in the common set: fewer words fall
            together, and each of those phones is heard less often in training.

    Raises:
        DataError: the installed table is damaged.
    """
    return read_map(TABLE, keep_contrasts=keep_contrasts)


def read_map(path: Path, *, keep_contrasts: bool = False) -> PhoneMap:
    """The map of a table file.

    Args:
        path: of the file.
        keep_contrasts: as in `reviewed_map`.

    Raises:
        DataError: it cannot be read, or it is not as described at the head of `dialects.toml`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as a table of dialects: {error}") from error
    phone_map, contrasts = parse_table(text, path.name)
    return phone_map.with_added(contrasts) if keep_contrasts else phone_map


def parse_table(text: str, source: str = "table") -> tuple[PhoneMap, tuple[str, ...]]:
    """The map of a table's text, and the phones that it lists as contrasts.

    Args:
        text: TOML.
        source: for messages.

    Raises:
        DataError: it is not TOML, has an unknown key, gives a phone two groups or two decisions, or describes an
            invalid map.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{source} is not TOML: {error}") from error
    unknown = table.keys() - _TOP
    if unknown or not isinstance(table.get("pivot"), str) or not table.get("inventory"):
        raise DataError(f"{source} has {sorted(table)}; expected 'pivot', 'inventory' and any of {sorted(_TOP)}")
    try:
        phone_map = PhoneMap(
            pivot=table["pivot"],
            inventory=frozenset(table["inventory"].split()),
            groups=_groups(table.get("groups", {})),
            decisions={name: _decisions(name, parts) for name, parts in table.get("dialects", {}).items()},
            added=frozenset(table.get("added", "").split()),
            allowed=frozenset(_pair(entry) for entry in table.get("allowed", [])),
            spelling=_spelling(table.get("arpabet", {}), table.get("glides", {})),
        )
        return phone_map, tuple(table.get("contrasts", "").split())
    except AttributeError as error:
        raise DataError(f"{source}: expected text or a table, got something else ({error})") from error
    except DataError as error:
        raise DataError(f"{source}: {error}") from error


def _groups(table: Mapping[str, str]) -> dict[str, str]:
    """Phone -> the phone that represents its group."""
    image_of: dict[str, str] = {}
    for image, members in table.items():
        for phone in (image, *members.split()):
            if phone in image_of:
                raise DataError(f"'{phone}' is in the groups of '{image_of[phone]}' and '{image}'; keep it in one")
            image_of[phone] = image
    return image_of


def _spelling(arpabet: Mapping[str, str], glides: Mapping[str, str]) -> Spelling:
    pairs = product(glides.get("after", "").split(), glides.get("before", "").split())
    return Spelling({phone: tuple(spelled.split()) for phone, spelled in arpabet.items()}, frozenset(pairs))


def _decisions(dialect: str, parts: Mapping[str, Mapping[str, Any]]) -> dict[str, PhoneDecision]:
    decisions: dict[str, PhoneDecision] = {}
    for how, rows in parts.items():
        if how not in HOW:
            raise DataError(f"dialect '{dialect}' has a part '{how}'; expected {', '.join(HOW)}")
        for phone, row in rows.items():
            if phone in decisions:
                raise DataError(f"{dialect} {phone}: is {decisions[phone].how} and {how}; a phone has one image")
            decisions[phone] = _decision(f"{dialect} {phone}", how, row)
    return decisions


def _decision(where: str, how: str, row: Mapping[str, Any]) -> PhoneDecision:
    wrong = [name for name, value in row.items() if name not in _FIELDS or not isinstance(value, _FIELDS[name])]
    if wrong or "to" not in row:
        raise DataError(f"{where}: has {dict(row)}; expected 'to' (text) and any of share, count, found, reason")
    return PhoneDecision(
        image=row["to"], how=how, share=row.get("share"), count=row.get("count", 0), found=row.get("found", ""),
        reason=row.get("reason", ""),
    )  # fmt: skip


def _pair(entry: str) -> tuple[str, str]:
    phone, _, image = entry.partition(" ")
    if not image:
        raise DataError(f"allowed holds '{entry}'; expected a vowel and a consonant with a space between")
    return phone, image
