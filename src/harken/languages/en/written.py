"""Rules for written numbers and addresses: how the piece of text that begins at a place is said.

Each rule is a pattern and a function from its match to words; the first that matches wins, so the special ones
(dates, times, money) come before the plain number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from re import Match

from harken.languages.en.formulas import read_formula
from harken.languages.en.numbers import (
    spell_digits,
    spell_fraction,
    spell_money,
    spell_number,
    spell_ordinal,
    spell_time,
    spell_year,
)
from harken.languages.en.readings import CURRENCIES, CURRENCY_CODES, IN_ADDRESSES, MONTHS, ONLY_ATTACHED, UNITS
from harken.languages.locale import Reading

_Say = Callable[[Match[str]], str | None]

_NUM = r"(?:(?<![\d,.])\d{1,3},\d(?!\d|,\d)|(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?)"
"""Also with the decimal comma of other countries, if a single digit follows it: '21,5'."""
_DECIMAL_COMMA = re.compile(r"(\d{1,3}),(\d)")
_MONTH = "|".join(f"{month}|{month[:3]}\\b\\.?" for month in MONTHS) + r"|sept\b\.?"
_SIGNS = "".join(CURRENCIES)
_CODES = "|".join(sorted(CURRENCY_CODES))
_SCALE = r"(?:\s?(k|bn|thousand|million|billion|trillion)\b)?"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|year|from|until|till|before|after|during|circa|between|by"
    rf"|(?:spring|summer|autumn|fall|winter|{'|'.join(MONTHS)})(?: of)?)\s+$|\b\d{{4}}\s?(?:-|–|to|and)\s?$",
    re.IGNORECASE,
)  # fmt: skip
_NO_YEAR_BEHIND = re.compile(r"\s+(?:[a-z]{2,}s)\b|\s?[+*/×÷=-]\s?\d")
_DATE_BEFORE = re.compile(
    r"\b(?:on|until|till|since|due|dated|(?:date|day|alarm|reminder|appointment|birthday)(?: is| for| on)?)\s+$",
    re.IGNORECASE,
)
"""What stands before '12/24' when it is a date."""
_PART_BEHIND = re.compile(r"\s+(?:of|a|an|as|in|[a-z]+s)\b|\s?[+*/×÷=%-]", re.IGNORECASE)
"""What stands behind it when it is a part: '1/2 an hour'."""
_LASTING = re.compile(r"\b(?:for|every|after|within|wait|timer|lasts?|took|takes?|next|another)\s+$", re.IGNORECASE)
_NOTHING_NAMED = re.compile(
    r"\s*(?:$|[.,;!?)]|(?:and|then|please|now|at|to|before|until|or|on|from|in)\b)", re.IGNORECASE
)
"""What stands around '90s' when it is a time of ninety seconds and not a decade."""
_SPACE = re.compile(r"\s")
LONGEST_ADDRESS = 256
"""Characters; keeps the search short in texts without spaces."""
_NO_UNITS = frozenset("GTSHM")
"""Capitals that name other things: 5G, 3T."""
_HALF = {"a": "am", "p": "pm"}
_SCALES = {"k": "thousand", "bn": "billion"}
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|edu|gov|eu|ai|dev|app|info)\b(?:/[^\s<>\"]*)?",
    re.IGNORECASE,
)


def read_number_at(text: str, place: int) -> Reading | None:
    """The number, date, time, amount or measure that begins at `place`; None when none does."""
    if not (text[place].isdigit() or text[place] in _SIGNS + ".+('-*/^×÷√−"):
        return None
    formula = read_formula(text, place)
    if formula is not None:
        return formula
    if text[place] in "-*/^×÷√−":
        return None
    address = read_address(text, place) if text[place].isdigit() else None
    if address is not None:
        return address
    inside = place > 0 and text[place - 1].isalnum()
    for pattern, say in _AFTER_LETTERS if inside else _RULES:
        match = pattern.match(text, place)
        words = say(match) if match else None
        if match and words is not None:
            return Reading(words, match.end())
    return None


def read_address(text: str, place: int) -> Reading | None:
    """A web or mail address, sign by sign."""
    stop = _SPACE.search(text, place, place + LONGEST_ADDRESS)
    piece = text[place : stop.start() if stop else place + LONGEST_ADDRESS]
    if "." not in piece or (place > 0 and text[place - 1].isalnum()):
        return None
    match = _ADDRESS.match(piece)
    if match is None:
        return None
    address = match[0].rstrip(".,!?;:)'-")
    said = re.sub(r"^https?://", "", address, flags=re.IGNORECASE)
    parts = re.findall(r"[A-Za-z]+|\d+|[^\W\d_]+|\S", said)
    return Reading(" ".join(_address_part(part) for part in parts), place + len(address))


def _address_part(part: str) -> str:
    if part.isdigit():
        return spell_number(int(part)) if len(part) < 3 and part[0] != "0" else spell_digits(part)
    if part.lower() == "www":
        return "w w w"
    return part if part.isalpha() else IN_ADDRESSES.get(part, "")


def read_month(text: str, place: int) -> Reading | None:
    """'Nov. 23, 2026', 'November 23rd', 'Nov. 2026': a month followed by a day or a year."""
    match = _MONTH_DAY.match(text, place)
    if match and 1 <= int(match[2]) <= 31:
        year = f" {spell_year(int(match[3]))}" if match[3] else ""
        return Reading(f"{_month(match[1])} {spell_ordinal(int(match[2]))}{year}", match.end())
    match = _MONTH_YEAR.match(text, place)
    return Reading(f"{_month(match[1])} {spell_year(int(match[2]))}", match.end()) if match else None


_MONTH_DAY = re.compile(
    rf"({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%°.,]\d|\s?[ap]\.?m\b|\w)(?:,?\s+(\d{{4}})(?![\d:]|-\d))?",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"({_MONTH})\s+([12]\d{{3}})(?!\d|[.,:]\d)", re.IGNORECASE)


def _month(name: str) -> str:
    return next(month for month in MONTHS if month.startswith(name.lower()[:3]))


def _without_commas(number: str) -> str:
    """Digits without the commas between thousands, and with a decimal point: '1,234.5', '21,5'."""
    decimal = _DECIMAL_COMMA.fullmatch(number)
    return f"{decimal[1]}.{decimal[2]}" if decimal else number.replace(",", "")


def _plain(number: str) -> str:
    """Digits as a number; one by one when they begin with zeros or are too long to follow."""
    digits = _without_commas(number)
    whole = digits.split(".")[0]
    if len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
        return " point ".join(spell_digits(part) for part in digits.split("."))
    return spell_number(digits)


def _money(match: Match[str]) -> str | None:
    sign, number, scale = match[1], _without_commas(match[2]), match[3]
    return _amount(number, scale, CURRENCIES[sign])


def _money_after(match: Match[str]) -> str | None:
    code = CURRENCIES.get(match[3], match[3].upper())
    return _amount(_without_commas(match[1]), match[2], code)


def _amount(number: str, scale: str | None, code: str) -> str:
    if scale is None:
        return spell_money(number, code)
    name = _SCALES.get(scale.lower(), scale.lower())
    return f"{spell_number(number)} {name} {spell_money(2, code).split(' ', 1)[1]}"


def _date(year: str, month: str, day: str) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    full = int(year) if len(year) == 4 else 2000 + int(year) if int(year) < 70 else 1900 + int(year)
    return f"{MONTHS[int(month) - 1]} {spell_ordinal(int(day))} {spell_year(full)}"


def _slash_date(match: Match[str]) -> str | None:
    # American order where it is possible.
    return _date(match[3], match[1], match[2]) or _date(match[3], match[2], match[1])


def _day_month(match: Match[str]) -> str | None:
    if not 1 <= int(match[1]) <= 31:
        return None
    year = f" {spell_year(int(match[3]))}" if match[3] else ""
    return f"{spell_ordinal(int(match[1]))} of {_month(match[2])}{year}"


def _clock(match: Match[str]) -> str | None:
    hour, minute, second, half = int(match[1]), int(match[2]), match[3], match[4]
    if hour > 24 or minute > 59:
        return None
    if second:
        tail = f" {spell_digits(second) if second[0] == '0' else spell_number(int(second))}"
        return f"{spell_time(hour, minute)}{tail}{_half(match, 4)}"
    if match[1][0] == "0" and hour and not half:  # on the clock of 24 hours
        return f"zero {spell_time(hour, minute) if minute else f'{spell_number(hour)} hundred'}"
    return spell_time(hour, minute, half=_HALF[half[0].lower()] if half else "") + _stop(match)


def _hour(match: Match[str]) -> str | None:
    hour = int(match[1])
    return f"{spell_number(hour)}{_half(match, 2)}{_stop(match)}" if hour <= 24 else None


def _hours(match: Match[str]) -> str:
    """'1h30m', '2h30', '1h 30m 10s'."""
    parts = [(match[1], "hour"), (match[2], "minute"), *([(match[3], "second")] if match[3] else [])]
    return " ".join(f"{spell_number(int(count))} {unit}{'s' * (int(count) != 1)}" for count, unit in parts)


def _feet(match: Match[str]) -> str:
    """5'10" (a length; people leave out the last sign)."""
    return f"{spell_number(int(match[1]))} foot {spell_number(int(match[2]))}"


def _minutes(match: Match[str]) -> str:
    """'3m30s'."""
    parts = ((match[1], "minute"), (match[2], "second"))
    return " ".join(f"{spell_number(int(count))} {unit}{'s' * (int(count) != 1)}" for count, unit in parts)


def _half(match: Match[str], group: int) -> str:
    return f" {match[group][0].lower()} m" if match[group] else ""


def _stop(match: Match[str]) -> str:
    """' .' when the full stop of 'p.m.' also ends the text."""
    return " ." if match[0].endswith(".") and match.end() == len(match.string) else ""


def _decade(match: Match[str]) -> str | None:
    near = match.string[max(0, match.start() - 20) : match.start()]
    if "'" not in match[0] and _LASTING.search(near) and _NOTHING_NAMED.match(match.string, match.end()):
        return None
    ten = int(match[1])
    words = spell_year(ten).split() if ten >= 1000 else spell_number(ten).split()
    last = words[-1][:-1] + "ies" if words[-1].endswith("y") else words[-1] + "s"
    return " ".join([*words[:-1], last])


def _mixed(match: Match[str]) -> str | None:
    whole, over, under = (int(match[n]) for n in (1, 2, 3))
    if not 0 < over < under <= 100:
        return None
    part = spell_fraction(over, under)
    return f"{spell_number(whole)} and {'a' + part[3:] if over == 1 else part}"


def _ratio(match: Match[str]) -> str | None:
    over, under = int(match[1]), int(match[2])
    before, behind = match.string[max(0, match.start() - 40) : match.start()], match.string[match.end() :]
    if _DATE_BEFORE.search(before) and not _PART_BEHIND.match(behind) and 1 <= over <= 12 and 1 <= under <= 31:
        return f"{MONTHS[over - 1]} {spell_ordinal(under)}"
    return spell_fraction(over, under) if 0 < over < under <= 100 else None


def _range(match: Match[str]) -> str | None:
    first, last = match[1], match[2]
    if (first[0] == "0" and first != "0") or last[0] == "0":
        return None
    years = len(first) == len(last) == 4 and "1000" < first < "2200" and not match[3]
    say = spell_year if years else spell_number
    unit = f" {UNITS[match[3].lower()][1]}" if match[3] else ""
    return f"{say(int(first))} to {say(int(last))}{unit}"


def _year(match: Match[str]) -> str | None:
    text, start, end = match.string, match.start(), match.end()
    if not _YEAR_BEFORE.search(text[max(0, start - 20) : start]) or _NO_YEAR_BEHIND.match(text, end):
        return None
    return spell_year(int(match[0]))


def _measure(match: Match[str]) -> str | None:
    number, space, unit = _without_commas(match[1]), match[2], match[3].lower()
    if (space and unit in ONLY_ATTACHED) or match[3] in _NO_UNITS:
        return None
    one, many = UNITS[unit]
    return f"{_plain(number)} {one if number == '1' else many}"


def _rule(pattern: str, say: _Say) -> tuple[re.Pattern[str], _Say]:
    return re.compile(pattern, re.IGNORECASE), say


_VERSION = _rule(r"\d+(?:\.\d+){2,}", lambda m: " dot ".join(_plain(part) for part in m[0].split(".")))
_RULES = (
    _rule(r"(\d{1,2})'\s?(\d{1,2})(?:\"|''|(?=\s|$))", _feet),
    _rule(rf"([{_SIGNS}])\s?({_NUM}){_SCALE}", _money),
    _rule(rf"({_NUM}){_SCALE}\s?([{_SIGNS}]|(?:{_CODES})\b)(?!\d)", _money_after),
    _rule(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", lambda m: _date(m[1], m[2], m[3])),
    _rule(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])", _slash_date),
    _rule(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", lambda m: _date(m[3], m[2], m[1])),
    _rule(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?!\d|:\d)(?:\s?([ap]\.m\.|[ap]m\b))?", _clock),
    _rule(r"(\d{1,2})\.?([0-5]\d)()\s?([ap]\.m\.|[ap]m\b)", _clock),
    _rule(r"(\d{1,2})\s?([ap]\.m\.|[ap]m\b)", _hour),
    _rule(r"(\d{1,3})\s?h(?:rs?)?\s?(\d{1,2})(?!\d)(?:\s?m(?:in(?:s|utes)?)?\b)?(?:\s?(\d{1,2})\s?s(?:ecs?)?\b)?(?![a-z])",
          _hours),
    _rule(r"(\d{1,3})\s?m(?:ins?)?\s?(\d{1,2})\s?s(?:ecs?)?\b", _minutes),
    _rule(rf"(\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?({_MONTH})(?![a-z])(?:,?\s+(\d{{4}})(?!\d|-\d))?", _day_month),
    _rule(r"(?:\+?\d{1,3}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)|\d{3}-\d{4}(?!\d)",
          lambda m: ("plus " if m[0][0] == "+" else "") + spell_digits(m[0])),
    _rule(r"'?(\d{1,3}0)'?s\b", _decade),
    _rule(r"(\d{1,15}) +(\d{1,3})/(\d{1,3})(?![\d/])", _mixed),
    _rule(r"(\d{1,3})/(\d{1,3})(?![\d/])", _ratio),
    _rule(rf"(?<!\d[-–])(\d{{1,15}})[-–](\d{{1,4}})(?![\d.-])(?:\s?({_UNIT})(?![A-Za-z0-9²³]))?", _range),
    _VERSION,
    _rule(r"(\d{1,3}(?:,\d{3})+|\d{1,15})(?:st|nd|rd|th)\b", lambda m: spell_ordinal(int(m[1].replace(",", "")))),
    _rule(r"[12]\d{3}(?![\d,%°]|\.\d)", _year),
    _rule(rf"({_NUM})(\s?)({_UNIT})(?![A-Za-z0-9²³])(?:\.(?=\s+[a-z]))?", _measure),
    _rule(r"\.\d+", lambda m: f"point {spell_digits(m[0])}"),
    _rule(rf"{_NUM}'s\b", lambda m: _plain(m[0][:-2]) + "'s"),
    _rule(_NUM, lambda m: _plain(m[0])),
)  # fmt: skip
_AFTER_LETTERS = (_VERSION, _RULES[-1])
"""Digits immediately after letters ('mp3', 'B2B') are never dates or amounts."""
