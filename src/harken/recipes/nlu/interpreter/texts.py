"""Real requests with public labels, mapped to our skills: CLINC150 (CC BY 3.0) and HWU64 (CC BY 4.0)."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harken import paths
from harken.errors import DataError
from harken.text.words import normalize_words

NOBODY = ""
"""Skill of requests that none of our skills answers."""

CLINC: Mapping[str, tuple[str, str]] = {
    "alarm": ("timers", "setAlarm"), "timer": ("timers", "setTimer"), "reminder": ("timers", "listReminders"),
    "reminder_update": ("timers", "remind"), "time": ("clock", ""), "date": ("clock", ""),
    "timezone": ("clock", ""), "calculator": ("calculator", ""), "measurement_conversion": ("calculator", "convert"),
    "flip_coin": ("calculator", "coin"), "roll_dice": ("calculator", "dice"), "shopping_list": ("lists", ""),
    "shopping_list_update": ("lists", ""), "todo_list": ("lists", ""), "todo_list_update": ("lists", ""),
    "smart_home": ("home", ""), "yes": ("conversation", "affirm"), "no": ("conversation", "deny"),
    "thank_you": ("conversation", "thank"), "greeting": ("conversation", "greet"),
    "goodbye": ("conversation", "bye"), "repeat": ("conversation", "repeat"), "cancel": ("conversation", "cancel"),
    "what_can_i_ask_you": ("conversation", "help"), "what_is_your_name": ("conversation", "identity"),
    "are_you_a_bot": ("conversation", "identity"),
}  # fmt: skip
"""CLINC150 intent -> (skill, intent); '' where one public label covers several of our intents."""
CLINC_UNCLEAR = frozenset(
    "calendar calendar_update exchange_rate order distance who_made_you where_are_you_from who_do_you_work_for maybe "
    "next_holiday what_are_your_hobbies how_old_are_you cook_time".split()
)
"""Left out of training and measuring, because it is debatable whether one of our skills should answer."""
HWU: Mapping[str, tuple[str, str]] = {
    "alarm_set": ("timers", "setAlarm"), "alarm_query": ("timers", "listAlarms"),
    "alarm_remove": ("timers", "cancelAlarm"), "datetime_query": ("clock", ""), "datetime_convert": ("clock", ""),
    "lists_createoradd": ("lists", ""), "lists_query": ("lists", ""), "lists_remove": ("lists", ""),
    "iot_hue_lightoff": ("home", ""), "iot_hue_lighton": ("home", ""), "iot_hue_lightdim": ("home", "lightStep"),
    "iot_hue_lightup": ("home", "lightStep"), "iot_hue_lightchange": ("home", "lightColor"),
    "iot_wemo_on": ("home", ""), "iot_wemo_off": ("home", ""), "iot_cleaning": ("home", ""),
    "iot_coffee": ("coffee", ""), "qa_maths": ("calculator", ""), "general_affirm": ("conversation", ""),
    "general_negate": ("conversation", ""), "general_repeat": ("conversation", "repeat"),
    "general_commandstop": ("conversation", "cancel"),
}  # fmt: skip
HWU_UNCLEAR = frozenset(
    "qa_factoid qa_currency qa_definition general_confirm general_dontcare general_explain general_praise "
    "general_quirky calendar_set calendar_query calendar_remove".split()
)


@dataclass(frozen=True, kw_only=True)
class RealRequest:
    """A real request."""

    words: tuple[str, ...]
    source: str
    """'clinc150' or 'hwu64'."""
    label: str = ""
    """The public label."""
    skill: str = NOBODY
    """Ours; `NOBODY` for none."""
    intent: str = ""
    """Ours; '' when unknown."""
    fixed: Mapping[str, Any] | None = None
    """Slots that the label fixes; None when it says nothing about them."""


def read_requests(split: str, *, unclear: bool = False) -> list[RealRequest]:
    """Requests of a split.

    Args:
        split: 'train', 'dev' (CLINC150 `val`; a tenth of HWU64's training part, by order), or 'test'.
        unclear: also those whose skill is debatable, with the skill `NOBODY` (for the embedding only).

    Raises:
        DataError: the archives are missing.
    """
    return [*_clinc(split, unclear), *_hwu(split, unclear)]


def _clinc(split: str, unclear: bool) -> Iterator[RealRequest]:
    data = json.loads(
        next(text for name, text in members(archive("clinc150"), ".json") if name.endswith("data_full.json"))
    )
    part = {"train": "train", "dev": "val", "test": "test"}[split]
    for text, label in [*data[part], *data[f"oos_{part}"]]:
        if unclear or label not in CLINC_UNCLEAR:
            skill, intent = CLINC.get(label, (NOBODY, ""))
            yield _request(text, "clinc150", label, skill, intent)


def _hwu(split: str, unclear: bool) -> Iterator[RealRequest]:
    folder = "/testset/csv/" if split == "test" else "/trainset/"
    for name, text in members(archive("hwu64"), ".csv"):
        if folder not in name:
            continue
        for place, row in enumerate(csv.DictReader(io.StringIO(text), delimiter=";")):
            label = f"{row['scenario']}_{row['intent']}"
            if (split != "test" and (place % 10 == 9) != (split == "dev")) or (label in HWU_UNCLEAR and not unclear):
                continue
            skill, intent = HWU.get(label, (NOBODY, ""))
            yield _request(row["answer_from_anno"] or row["answer_from_user"] or "", "hwu64", label, skill, intent)


def _request(text: str, source: str, label: str, skill: str, intent: str) -> RealRequest:
    return RealRequest(words=tuple(normalize_words(text)), source=source, label=label, skill=skill, intent=intent)


def archive(name: str) -> Path:
    """A text archive of the data root.

    Raises:
        DataError: it is missing.
    """
    path = paths.data() / "text" / f"{name}.tar.xz"
    if not path.is_file():
        raise DataError(f"{path} is missing; get it with `harken data fetch {name}`")
    return path


def members(path: Path, ending: str) -> Iterator[tuple[str, str]]:
    """Names and texts of the files in an archive whose names end so."""
    with tarfile.open(path) as files:
        for member in files:
            file = files.extractfile(member) if member.isfile() and member.name.endswith(ending) else None
            if file is not None:
                yield member.name, file.read().decode("utf-8", "replace")
