"""Text that is said as something in particular, because its writer asks for it: SSML's say-as."""

from __future__ import annotations

import re

from harken.languages.en.numbers import ONES, spell_number, spell_ordinal, spell_time, spell_year
from harken.languages.en.readings import IN_ADDRESSES, MONTHS

_NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?")
_TIME = re.compile(
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s?(?:([ap])\.?m\.?)?|(\d{1,2})\s?([ap])\.?m\.?", re.IGNORECASE
)
_DATE_ORDERS = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "y", "m", "d")


def say_cardinal(text: str, form: str) -> str | None:
    """'1920' -> 'one thousand nine hundred twenty'."""
    return spell_number(text.replace(",", "").replace("−", "-")) if _NUMBER.fullmatch(text) else None


def say_ordinal(text: str, form: str) -> str | None:
    """'3' and '3rd' -> 'third'."""
    match = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d{1,15})(?:st|nd|rd|th)?", text, re.IGNORECASE)
    return spell_ordinal(int(match[1].replace(",", ""))) if match else None


def say_characters(text: str, form: str) -> str | None:
    """'aB-1' -> 'A B dash one'; a space is a pause."""
    return " ".join(filter(None, map(_character, text))) or None


def _character(letter: str) -> str:
    if letter.isascii() and letter.isalpha():
        return letter.upper()
    if letter.isascii() and letter.isdigit():
        return ONES[int(letter)]
    return "," if letter.isspace() else IN_ADDRESSES.get(letter, letter if letter.isalpha() else "")


def say_telephone(text: str, form: str) -> str | None:
    """'+1 555-0123' -> 'plus one , five five five , zero one two three'."""
    if not re.fullmatch(r"\+?[\d ()./A-Za-z-]+", text) or not re.search(r"\d", text):
        return None
    groups = [group for group in re.split(r"[ ()./-]+", text.lstrip("+")) if group]
    said = [" ".join(_character(letter) for letter in group) for group in groups]
    return ("plus " if text[0] == "+" else "") + " , ".join(said)


def say_time(text: str, form: str) -> str | None:
    """'19:05' -> 'nineteen oh five', '7:30 pm' -> 'seven thirty P M'."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, half = int(match[1] or match[5]), int(match[2] or 0), match[4] or match[6]
    if hour > 24 or minute > 59 or (match[3] and int(match[3]) > 59):
        return None
    if half:
        words = spell_number(hour) if not minute else spell_time(hour, minute)
        return f"{words} {half.upper()} M"
    seconds = int(match[3] or 0)
    more = f" and {spell_number(seconds)} second{'s' * (seconds != 1)}" if seconds else ""
    return spell_time(hour, minute) + more


def say_date(text: str, form: str) -> str | None:
    """'11/26/2026' -> 'november twenty sixth twenty twenty six'; `form` is the order of its parts: 'dmy'."""
    parts = re.split(r"[/. -]+", text)
    if not all(re.fullmatch(r"\d{1,4}", part) for part in parts) or (form and form not in _DATE_ORDERS):
        return None
    order = form or ("ymd" if len(parts[0]) == 4 else "mdy")[: max(len(parts), 1)]
    if len(parts) != len(order):
        return None
    values = dict(zip(order, map(int, parts), strict=True))
    if not (1 <= values.get("m", 1) <= 12 and 1 <= values.get("d", 1) <= 31):
        return None
    words = [MONTHS[values["m"] - 1]] if "m" in values else []
    words += [spell_ordinal(values["d"])] if "d" in values else []
    if "y" in values:
        digits = parts[order.index("y")]
        words.append(spell_year(int(digits) if len(digits) > 2 else 2000 + int(digits)))
    return " ".join(words)


SAY_AS = {
    "cardinal": say_cardinal, "ordinal": say_ordinal, "characters": say_characters, "date": say_date, "time": say_time,
    "telephone": say_telephone,
}  # fmt: skip
"""Kind -> how text of this kind is said."""
