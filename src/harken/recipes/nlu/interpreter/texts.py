"""Real requests with public labels, mapped to our skills: CLINC150 (CC BY 3.0) and HWU64 (CC BY 4.0)."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
    "are_you_a_bot": ("conversation", "identity"), "tell_joke": ("conversation", "joke"),
    "fun_fact": ("conversation", "fact"), "meaning_of_life": ("conversation", "meaning"),
    "who_made_you": ("conversation", "maker"), "where_are_you_from": ("conversation", "maker"),
    "who_do_you_work_for": ("conversation", "maker"), "how_old_are_you": ("conversation", "maker"),
    "what_are_your_hobbies": ("conversation", "opinion"), "do_you_have_pets": ("conversation", "opinion"),
    "weather": ("elsewhere", "weather"), "play_music": ("elsewhere", "music"), "next_song": ("elsewhere", "music"),
    "what_song": ("elsewhere", "music"), "update_playlist": ("elsewhere", "music"),
    "make_call": ("elsewhere", "calls"), "text": ("elsewhere", "messages"), "calendar": ("elsewhere", "calendar"),
    "calendar_update": ("elsewhere", "calendar"), "schedule_meeting": ("elsewhere", "calendar"),
    "meeting_schedule": ("elsewhere", "calendar"), "directions": ("elsewhere", "navigation"),
    "traffic": ("elsewhere", "navigation"), "distance": ("elsewhere", "navigation"),
    "restaurant_suggestion": ("elsewhere", "navigation"), "book_flight": ("elsewhere", "navigation"),
    "book_hotel": ("elsewhere", "navigation"), "order": ("elsewhere", "ordering"),
    "order_status": ("elsewhere", "ordering"), "balance": ("elsewhere", "ordering"),
    "pay_bill": ("elsewhere", "ordering"), "translate": ("elsewhere", "translation"),
}  # fmt: skip
"""CLINC150 intent -> (skill, intent); '' where one public label covers several of our intents."""
CLINC_SERVED = (
    "alarm timer reminder reminder_update time date timezone calculator measurement_conversion flip_coin roll_dice "
    "shopping_list shopping_list_update todo_list todo_list_update smart_home yes no thank_you greeting goodbye repeat "
    "cancel what_can_i_ask_you what_is_your_name are_you_a_bot"
).split()
"""CLINC150 intents that a skill does something for, or answers as the label asks; the measure of plain requests."""
CLINC_UNCLEAR = frozenset(
    "exchange_rate maybe next_holiday cook_time change_volume user_name current_location uber transfer "
    "restaurant_reservation travel_suggestion definition change_language gas".split()
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
    "general_commandstop": ("conversation", "cancel"), "general_joke": ("conversation", "joke"),
    "general_greet": ("conversation", "greet"), "weather_query": ("elsewhere", "weather"),
    "play_music": ("elsewhere", "music"), "play_radio": ("elsewhere", "music"),
    "play_podcasts": ("elsewhere", "music"), "play_audiobook": ("elsewhere", "music"),
    "music_query": ("elsewhere", "music"), "news_query": ("elsewhere", "news"), "qa_stock": ("elsewhere", "news"),
    "calendar_set": ("elsewhere", "calendar"), "calendar_query": ("elsewhere", "calendar"),
    "calendar_remove": ("elsewhere", "calendar"), "email_query": ("elsewhere", "messages"),
    "email_sendemail": ("elsewhere", "messages"), "transport_query": ("elsewhere", "navigation"),
    "transport_traffic": ("elsewhere", "navigation"), "recommendation_locations": ("elsewhere", "navigation"),
    "takeaway_order": ("elsewhere", "ordering"),
}  # fmt: skip
HWU_FIXED: Mapping[str, Mapping[str, Any]] = {"iot_hue_lightdim": {"step": -30}, "iot_hue_lightup": {"step": 30}}
"""HWU64 intent -> slots that templates fix and the label tells."""
HWU_UNCLEAR = frozenset(
    "qa_factoid qa_currency qa_definition general_confirm general_dontcare general_explain general_praise "
    "general_quirky audio_volume_up audio_volume_down audio_volume_mute audio_volume_other transport_taxi "
    "transport_ticket takeaway_query email_querycontact music_settings music_likeness".split()
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
            text = row["answer_from_anno"] or row["answer_from_user"] or ""
            yield replace(_request(text, "hwu64", label, skill, intent), fixed=HWU_FIXED.get(label))


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
