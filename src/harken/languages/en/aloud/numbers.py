"""Years, ranges, ratios, telephone numbers, dates, times and powers, as their neighbours tell them apart."""

from __future__ import annotations

import re
from re import Match

from harken.languages.en.aloud.context import NUMBER, before, behind, full_stop, letters, rules
from harken.languages.en.numbers import spell_digits, spell_number, spell_ordinal, spell_time, spell_year
from harken.languages.en.readings import MONTHS

FIRST_YEAR, LAST_YEAR = 1500, 2099
"""Numbers that are taken for years even if nothing near them says so."""
_ERA_BEFORE, _ERA_BEHIND = re.compile(r"\b(?:est\.|AD|circa|c\.|ca\.)\s*$"), re.compile(r"\s*(?:AD|BC|CE)")
_COMPARED = {"<": "less than", ">": "more than"}
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
_COUNTED_BEHIND = re.compile(
    r"\s+(?:[a-z]{2,}(?<!wa)(?<!i)(?<!ha)(?<!a)s|people|men|women|children|feet|sheep|fish|percent|degrees|of|more|fewer"
    r"|different|new|other|million|thousand|hundred|extra|additional|euros?|dollars?)\b|\s?[+*/×÷=<>^-]\s?\d|\s?[%°²³]"
)
"""What makes a number a count: '1500 people', '1920 + 4'."""
_COUNTED_BEFORE = re.compile(
    r"(?:\b(?:than|only|exactly|nearly|almost|roughly|over|equals?|plus|minus|times|by|answer is|result is|makes|costs?"
    r"|some|another|approximately|total(?: of)?|(?:population|sum|average|maximum|minimum|total|distance|height|weight"
    r"|score) (?:of|is|was))|[+*/×÷=<>^#\\-])\s*$",
    re.IGNORECASE,
)
_STREET_BEHIND = re.compile(
    r"\s+(?:[A-Z][a-z]+\s+){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Way)\b"
)
_DIGITS_BEFORE = re.compile(
    r"\b(?:call|dial|dialed|dialled|ring|phone|text|called|calling|zip(?: code)?|pin|code|passcode|password"
    r"|extension|ext\.)\s+(?:number\s+)?(?:is\s+|to\s+|:\s*)?$",
    re.IGNORECASE,
)
_VERSIONED = re.compile(
    r"\b(?:version|release|v|python|ubuntu|debian|linux|kernel|node|java|ios|macos|android|firefox|chrome|windows|django"
    r"|php|ruby|go|rust|postgres|mysql|harken|fedora|gcc|cuda|update|build|firmware|opencv|numpy|pytorch)\s+$",
    re.IGNORECASE,
)
_IN_MUSIC = re.compile(r"\s+(?:time|meter|beat|vision)\b")
_DATE_BEFORE = re.compile(r"\b(?:on|until|till|due|dated|by|date(?: is)?)\s+$", re.IGNORECASE)
_PART_BEHIND = re.compile(r"\s+(?:of|an?|inch|cup|mile|[a-z]+s)\b|\s?[+*/×÷=%-]", re.IGNORECASE)
_DENOMINATORS = frozenset({16, 20, 24, 25, 30})
"""Of the numbers from 13 to 31, those of usual fractions."""


def _date(year: str, month: str, day: str) -> str | None:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{MONTHS[int(month) - 1]} {spell_ordinal(int(day))} {spell_year(int(year))}"


def _moment(match: Match[str]) -> str | None:
    """'2026-11-26T10:30:00Z'."""
    year, month, day, hour, minute, second, zone = match.groups()
    date = _date(year, month, day)
    if date is None or int(hour) > 24 or int(minute) > 59:
        return None
    tail = f" and {spell_number(int(second))} seconds" if second and int(second) else ""
    return f"{date} , {spell_time(int(hour), int(minute))}{tail}{_zone(zone)}"


def _zone(zone: str | None) -> str:
    if not zone:
        return ""
    if zone in "Zz":
        return " U T C"
    hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
    more = f" {spell_number(minutes)}" if minutes else ""
    return f" U T C {'plus' if zone[0] == '+' else 'minus'} {spell_number(hours)}{more}"


def _year(match: Match[str]) -> str | None:
    year = int(match[0])
    if _STREET_BEHIND.match(match.string, match.end()):
        return spell_year(year)
    dated = _ERA_BEFORE.search(before(match)) or _ERA_BEHIND.match(behind(match))
    if not (FIRST_YEAR if not dated else 1000) <= year <= LAST_YEAR:
        return None
    if _COUNTED_BEHIND.match(match.string, match.end()) or _COUNTED_BEFORE.search(before(match)):
        return None
    return spell_year(year)


def _house(match: Match[str]) -> str | None:
    """'3412 Oak Street': in pairs."""
    return spell_year(int(match[0])) if _STREET_BEHIND.match(match.string, match.end()) else None


def _years(match: Match[str]) -> str | None:
    """'2020-24'."""
    first, last = int(match[1]), int(match[1][:2] + match[2])
    if not (1100 <= first < 2100 and first < last) or (first >= 2000 and int(match[2]) <= 12 and last - first > 1):
        return None
    return f"{spell_year(first)} to {spell_number(int(match[2]))}" if match[2][0] != "0" else None


def _ratio(match: Match[str]) -> str | None:
    over, under = int(match[1]), int(match[2])
    near, next_word = before(match), behind(match)
    if (over, under) == (24, 7):
        return "twenty four seven"
    usual_day = 13 <= under <= 31 and under not in _DENOMINATORS
    if (usual_day or _DATE_BEFORE.search(near)) and over <= 12 and under <= 31 and not _PART_BEHIND.match(next_word):
        return f"{MONTHS[over - 1]} {spell_ordinal(under)}" if over and under else None
    split = over == under == 20 or (over + under == 100 and over >= 50)
    if split or (over, under) in ((9, 11), (7, 7), (7, 11)) or _IN_MUSIC.match(next_word):
        return f"{spell_number(over)} {spell_number(under)}"
    if re.search(r"\b(?:pressure|bp)\b[^.]*$", near, re.IGNORECASE) or (80 <= over <= 220 and 40 <= under <= 130):
        return f"{spell_number(over)} over {spell_number(under)}"
    scored = re.search(r"\b(?:rated?|scored?|scores|got|gave|gives?|rating of)(?: (?:it|them|this|him|her))?\s+$", near)
    if under in (5, 10, 100) and (over == under == 10 or scored or re.match(r"\s+stars?\b", next_word)):
        return f"{spell_number(over)} out of {spell_number(under)}"
    return None


def _digits(match: Match[str]) -> str | None:
    return spell_digits(match[0]) if _DIGITS_BEFORE.search(before(match)) else None


def _phone(match: Match[str]) -> str | None:
    digits = re.sub(r"\D", "", match[0])
    if not 7 <= len(digits) <= 15:
        return None
    return f"{'plus ' if match[0][0] == '+' else ''}{spell_digits(digits)}"


def _free_call(match: Match[str]) -> str:
    """'1-800-555-0199'."""
    return f"{'one ' if match[1] else ''}eight hundred {spell_digits(match[2])}"


def _version(match: Match[str]) -> str | None:
    if not _VERSIONED.search(before(match)):
        return None
    parts = match[0].split(".")
    said = [spell_digits(part) if part[0] == "0" else spell_number(int(part)) for part in parts]
    return (" point " if len(parts) == 2 else " dot ").join(said)


def _product(match: Match[str]) -> str:
    """The square of a product: 'mc²'."""
    return f"{letters(match[1])} squared"


def _power(base: str, exponent: str) -> str:
    value = exponent.translate(_POWERS)
    name = {"2": "squared", "3": "cubed"}.get(value)
    return f"{base} {name}" if name else f"{base} to the {spell_number(int(value))}"


def _raised(match: Match[str]) -> str | None:
    exponent = match[2].translate(_POWERS)
    if not re.fullmatch(r"[-+]?\d+", exponent):
        return None
    return _power(spell_number(match[1].replace(",", "")), match[2])


def _raised_letter(match: Match[str]) -> str | None:
    exponent = (match[2] or match[3]).translate(_POWERS)
    return _power(match[1], exponent) if re.fullmatch(r"[-+]?\d+", exponent) else None


def _scientific(match: Match[str]) -> str:
    return f"{spell_number(match[1])} times ten to the {spell_number(int(match[2]))}"


def _time(hour: str, minute: str | None, half: str | None) -> str:
    if minute is None:
        return f"{spell_number(int(hour))}{f' {half.lower()} m' if half else ''}"
    return spell_time(int(hour), int(minute)) + (f" {half.lower()} m" if half else "")


def _times(match: Match[str]) -> str | None:
    """'9am-5pm', '7:30–8:15', '7-8pm'."""
    hour, minute, half, to_hour, to_minute, to_half = match.groups()
    if not (half or to_half or (minute and to_minute)):
        return None
    if int(hour) > 24 or int(to_hour) > 24 or int(minute or 0) > 59 or int(to_minute or 0) > 59:
        return None
    return f"{_time(hour, minute, half)} to {_time(to_hour, to_minute, to_half)}{full_stop(match)}"


def _half_day(match: Match[str]) -> str | None:
    """'10:00 a.m.', '7.30pm', '7 AM', with 'a' as the letter."""
    if int(match[1]) > 12 or int(match[2] or 0) > 59:
        return None
    minute = match[2] if match[2] and int(match[2]) else None
    return f"{_time(match[1], minute, match[3])}{full_stop(match)}"


def _military(match: Match[str]) -> str:
    """'0600 hours', '1430 hours'."""
    hour, minute = match[1], int(match[2])
    said = f"zero {spell_number(int(hour[1]))}" if hour[0] == "0" else spell_number(int(hour))
    tail = f"oh {spell_number(minute)}" if 0 < minute < 10 else spell_number(minute) if minute else "hundred"
    return f"{said} {tail} hours"


def _decimal_comma(match: Match[str]) -> str:
    return spell_number(f"{match[1]}.{match[2]}")


def _postal(match: Match[str]) -> str:
    return spell_digits(match[0])


def _second_ordinal(match: Match[str]) -> str:
    return f"{spell_ordinal(int(match[1]))} to {spell_ordinal(int(match[2]))}"


def _score(match: Match[str]) -> str | None:
    return f"{spell_number(match[1])} to {spell_number(match[2])}" if "0" in (match[1], match[2]) else None


def _season(match: Match[str]) -> str | None:
    """'2019/20'."""
    if int(match[2]) != (int(match[1]) + 1) % 100:
        return None
    return f"{spell_year(int(match[1]))} {spell_number(int(match[2]))}"


def _size(match: Match[str]) -> str:
    """'1920x1080', '4x4'."""
    sides = [int(part) for part in match.groups() if part]
    return " by ".join(spell_year(side) if side >= 1000 else spell_number(side) for side in sides)


def _spaced(match: Match[str]) -> str | None:
    """'1 000 000', if it is a count and no telephone number."""
    counted = match[0].endswith(" 000") or re.match(r"\s+[a-z]", behind(match))
    return spell_number(match[0].replace(" ", "")) if counted else None


def _month_of_year(match: Match[str]) -> str | None:
    year, month = int(match[1]), int(match[2])
    return f"{MONTHS[month - 1]} {spell_year(year)}" if 1900 <= year <= LAST_YEAR and 1 <= month <= 12 else None


read_number = rules(
    (r"[<>](?=\s?[\d.$€£])", lambda m: None if re.search(r"[\w)]\s?$", before(m)) else _COMPARED[m[0]]),
    (r"24/7/365", lambda m: "twenty four seven three sixty five"),
    (r"\d{1,3}(?: \d{3}){2,}(?![\d ]\d)", _spaced),
    (r"(\d{4})-(0[1-9])(?![\d-])", _month_of_year),
    (r"^[-−–](?=\.?\d)", lambda m: "minus"),
    (r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s?(Z\b|[+-]\d{2}(?::?\d{2})?)?", _moment),
    (r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?![\d/.]\d)", lambda m: _date(m[1], m[2], m[3])),
    (r"(1-)?\(?800\)?[- ](\d{3}[- ]\d{4})(?!\d)", _free_call),
    (r"\+\d{1,3}[ ./-]?(?:\(?\d+\)?[ ./-]?){2,6}(?<=\d)", _phone),
    (r"0\d{2,5}[ /-]\d{3,4}[ -]?\d{2,5}(?!\d)", _phone),
    (r"\(\d{2,5}\) ?\d{3,4}[ -]?\d{3,5}(?!\d)", _phone),
    (r"(\d{1,2})(?::(\d{2}))?(?:\s?([ap])(?:\.m\.|m\b))?\s?[-–]\s?(\d{1,2})(?::(\d{2}))?(?:\s?([ap])(?:\.m\.|m\b))?(?![\d:])",
     _times),
    (r"(\d{1,2})(?:[:.](\d{2}))?\s?([ap])(?:\.m\.|m\b)", _half_day),
    (r"0([1-9]):([0-5]\d)(?!\d|:\d)", lambda m: _time(m[1], m[2], None)),
    (r"([01]\d|2[0-4])([0-5]\d) hours\b", _military),
    (rf"({NUMBER})e([-+]?\d{{1,3}})\b", _scientific),
    (rf"({NUMBER})([{_RAISED}]+)", _raised),
    (r"(\d{1,3})/(\d{1,3})(?![\d/])", _ratio),
    (r"(\d{4})[-–](\d{2})(?![\d-])", _years),
    (r"(\d{1,2})(?:st|nd|rd|th)\s?[-–]\s?(\d{1,2})(?:st|nd|rd|th)\b", _second_ordinal),
    (r"(\d{1,2})[-–](\d{1,2})(?!\d)", _score),
    (r"(\d{4})/(\d{2})(?![\d/])", _season),
    (r"\d+(?:\.\d+)+(?![\d.])", _version),
    (r"(?<![\d,])(0),(\d+)(?![\d,])", _decimal_comma),
    (r"(?<![\d,])(\d+),(\d{1,2})(?!\d|,\d|, ?\d)", _decimal_comma),
    (r"\d{3,8}(?![,.:/%-]\d|[\d%])", _digits),
    (r"\d{5}(?:-\d{4})?(?!\d)", lambda m: _postal(m) if re.search(r",\s[A-Z]{2}\s+$", before(m)) else None),
    (r"(\d{1,4})x(\d{1,4})(?:x(\d{1,4}))?(?!\w)", _size),
    (r"[12]\d{3}(?![\d%°A-Za-z]|[.,:/–-]\d)", _year),
    (r"[3-9]\d{3}(?![\d%°A-Za-z]|[.,:/]\d)", _house),
)  # fmt: skip
read_letter_power = rules(
    (r"((?!km|cm|mm|ft)[b-df-hj-np-tv-xz]{2,3})²", _product),
    (rf"([A-Za-z])(?:([{_RAISED}]+)|\^(-?\d+))(?!\w)", _raised_letter),
)
"""'x⁴', 'x^2'."""
