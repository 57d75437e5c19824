"""Short forms whose reading depends on their neighbours: Roman numerals, streets and saints, initialisms, weekdays."""

from __future__ import annotations

import re
from re import Match

from harken.languages.en.aloud.context import before, behind, full_stop, letters, rules
from harken.languages.en.aloud.names import KINGS, NUMBERED, STATES
from harken.languages.en.numbers import spell_number, spell_ordinal, spell_year
from harken.languages.en.readings import MONTHS, WEEKDAYS

_ROMAN = r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_OTHER_WORDS = frozenset(
    "CD DC MD MC CC CV MV XL XXL DI MI LI MM CM DM ML DX MX LCD MIX DIM MILD CIVIC VIVID XXX CI CL LC DL VC VI".split()
)
"""Capitals that usually are not numbers."""
_ORDERED = re.compile(
    r"\s+(?:century|centuries|dynasty|olympiad|corps|legion|congress|edition|olympic)\b", re.IGNORECASE
)
_SELF = re.compile(
    r"\s+(?:am|have|had|will|would|think|want|can|could|should|do|did|know|saw|like|love|need|must|was)\b|'",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(r"(?:^|[\s(])([A-Z][a-z]+)\s+$")
_NUMBERED = re.compile(rf"\b(?:{'|'.join(NUMBERED)})s?\s+$", re.IGNORECASE)
_TITLED = re.compile(r"\b(?:King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Sultan|Prince|Princess|Duke|Count|Shah)\s+"
                     r"[A-Z][a-z]+\s+$")  # fmt: skip
_HOUSE = re.compile(r"\b\d+[A-Za-z]?\s+(?:[A-Z][\w.]*\s+|\d+(?:st|nd|rd|th)\s+){1,3}$")
_NAMED = re.compile(r"(?:\b[A-Z][a-z']+|\b\d+(?:st|nd|rd|th)|\b[A-Z]\.?)\s+$")
_STREETS = {"blvd": "boulevard", "ave": "avenue", "rd": "road", "ln": "lane", "hwy": "highway", "pkwy": "parkway",
            "sq": "square", "ter": "terrace", "cir": "circle", "pl": "place", "ct": "court",
            "av": "avenue"}  # fmt: skip
_ONLY_ADDRESSED = frozenset({"pl", "ct", "ter", "cir", "sq", "av"})
_BEFORE_NAMES = {"mt": "mount", "ft": "fort"}
_BEFORE_NUMBERS = {"apt": "apartment", "ste": "suite", "rt": "route", "rte": "route", "hwy": "highway", "ch": "chapter",
                   "vol": "volume", "fig": "figure", "no": "number", "ext": "extension", "pp": "pages",
                   "bldg": "building", "rm": "room", "fl": "floor"}  # fmt: skip
_DAYS = {day[:length]: day for day in WEEKDAYS for length in (3, 4, 5)} | {"tues": "tuesday", "thurs": "thursday"}
_MONTHS = {month[:3]: month for month in MONTHS} | {"sept": "september"}
_DAY = "Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun"
_MON = "Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec"
_LETTERED = "US UN IT WHO ID AI LA OS PA AM AR ER LED UCLA UPS DOE".split()
"""Initialisms that could be read as words."""
_STRESSED = {
    "IT": r"\s+(?:department|team|support|staff|manager|guy|specialist|company|companies|industry|system|systems"
    r"|security|infrastructure|job|jobs|consultant|services|project|skills)\b",
    "WHO": r"\s+(?:says|said|warns|warned|recommends|declared|reports|reported|director|estimates)\b",
    "AM": r"\s+radio\b",
}  # fmt: skip
"""Of these, words that are also written in capitals to stress them -> what stands behind the initialism."""
_READ = frozenset("GIF PIN SIM RAM ROM LAN DIMM LASER SAT MAC".split())
"""Initialisms that are words, also in the plural."""
_SHOUTING = re.compile(r"[A-Z]{3,}\s+[A-Z]{3,}|[A-Z]+\s+[A-Z]{2,}\s+[A-Z]+")
_ZONES = "EST|EDT|CST|CDT|MST|MDT|PST|PDT|GMT|UTC|BST|CET|CEST|IST|JST|AEST|ET|PT|CT|MT"


def roman_value(numeral: str) -> int:
    """'XIV' -> 14."""
    values = [_VALUES[letter] for letter in numeral]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def _roman(match: Match[str]) -> str | None:
    numeral, near = match[1], before(match)
    value = roman_value(numeral)
    if _ORDERED.match(behind(match)) and numeral not in ("I", "C", "D", "M"):
        return spell_ordinal(value)
    if _NUMBERED.search(near):
        named = _NAME_BEFORE.search(near) and not _SELF.match(behind(match))
        return spell_number(value) if numeral != "I" or named else None
    name = _NAME_BEFORE.search(near)
    if (name and name[1] in KINGS and numeral not in "CDML") or (_TITLED.search(near) and numeral not in "CDML"):
        if numeral == "I" and _SELF.match(behind(match)):
            return None
        return f"the {spell_ordinal(value)}" if (name and name[1], numeral) != ("Malcolm", "X") else None
    if len(numeral) < 2 or numeral in _OTHER_WORDS:
        return None
    if len(numeral) >= 4 and numeral[0] == "M" and 1500 <= value < 2100:
        return spell_year(value)
    plain = set(numeral) <= set("IVX")
    name = name if name and name[1] not in ("The", "A", "An", "This", "That", "My", "Her", "His") else None
    return spell_number(value) if plain and (len(numeral) > 2 or name or numeral == "II") else None


def _roman_of(match: Match[str]) -> str | None:
    words = _roman(match)
    return None if words is None else words + (match[2] or "")


def _roman_range(match: Match[str]) -> str | None:
    if not _NUMBERED.search(before(match)):
        return None
    return f"{spell_number(roman_value(match[1]))} to {spell_number(roman_value(match[2]))}"


def _plural(match: Match[str]) -> str | None:
    return None if match[1] in _READ else f"{letters(match[1])}'s"


def _drive_or_doctor(match: Match[str]) -> str | None:
    near, next_word = before(match), behind(match).lstrip()
    if _HOUSE.search(near) or (_NAMED.search(near) and not next_word[:1].isupper()):
        return f"drive{full_stop(match)}"
    return None


def _street_or_saint(match: Match[str]) -> str:
    near, next_word = before(match), behind(match).lstrip()
    is_name = behind(match)[:1] == " " and next_word[:1].isupper()
    if _HOUSE.search(near) or (_NAMED.search(near) and not is_name):
        return f"street{full_stop(match)}"
    return "saint" if is_name else f"street{full_stop(match)}"


def _street(match: Match[str]) -> str | None:
    short, near = match[1].lower(), before(match)
    if short in _ONLY_ADDRESSED and not _HOUSE.search(near):
        return None
    if not _NAMED.search(near) and not _HOUSE.search(near):
        return None
    return f"{_STREETS[short]}{full_stop(match)}"


def _state(match: Match[str]) -> str | None:
    after = behind(match)
    ends = re.match(r"\s+\d{5}\b|\s*(?:$|[,.;!?)])", after)
    return STATES[match[1]] if ends and re.search(r"[a-z],\s+$", before(match)) else None


def _lettered(match: Match[str]) -> str | None:
    if _SHOUTING.search(match.string):
        return None
    if match[1] in _STRESSED:
        named = match[1] != "AM" and re.search(r"\b(?:the|in|our|your|an?|of|by)\s+$", before(match))
        if not (named or re.match(_STRESSED[match[1]], behind(match))):
            return None
    return letters(match[1]) + ("'s" if match[2] else "")


def _days(match: Match[str]) -> str:
    return f"{_DAYS[match[1].lower()]} to {_DAYS[match[2].lower()]}"


def _months(match: Match[str]) -> str:
    return f"{_MONTHS[match[1][:3].lower()]} to {_MONTHS[match[2][:3].lower()]}"


def _fiscal(match: Match[str]) -> str:
    year = int(match[2])
    return f"{letters(match[1])} {spell_year(year) if year > 99 else spell_number(year)}"


def _month_days(match: Match[str]) -> str:
    days = [spell_ordinal(int(day)) for day in match.groups()[1:]]
    return f"{_MONTHS[match[1][:3].lower()]} {' to '.join(days)}"


def _era(match: Match[str]) -> str | None:
    dated = re.search(r"\d\s*(?:years? )?$", before(match)) or re.match(r"\s+\d", behind(match))
    return letters(match[0]) if dated else None


def _zone(match: Match[str]) -> str | None:
    timed = re.search(r"(?:\d|[ap]\.?m\.?)\s?$", before(match), re.IGNORECASE)
    return letters(match[0]) if timed else None


read_word = rules(
    (r"(?<![\w.'-])(?:Ph\.?D)\b\.?(?!\w)", lambda m: f"P H D{full_stop(m)}"),
    (r"(?<![\w.'-])pH\b", lambda m: "P H"),
    (rf"(?<![\w.'-])({_ROMAN})\s?[-–]\s?({_ROMAN})(?![\w'&])", _roman_range),
    (rf"(?<![\w.'-])({_ROMAN})('s)?(?![\w'&]|-[A-Z]|\.[A-Z])", _roman_of),
    (r"(?<![\w.'-])(?:Dr|dr)\b\.?", _drive_or_doctor),
    (r"(?<![\w.'-])(?:St)\b\.?(?!')", _street_or_saint),
    (r"(?<![\w.'-])(Blvd|Ave|Av|Rd|Ln|Hwy|Pkwy|Sq|Ter|Cir|Pl|Ct)\b\.?", _street),
    (r"(?<![\w.'-])(Mt|Ft)\b\.?(?=\s+[A-Z][a-z])", lambda m: _BEFORE_NAMES[m[1].lower()]),
    (r"(?<![\w.'-])(Apt|Ste|Rt|Rte|Hwy|Vol|Fig|Ext|ext|Bldg|Rm|No)\b\.?(?=\s?#?(?:\d|[IVX]+\b))",
     lambda m: _BEFORE_NUMBERS[m[1].lower()]),
    (r"(?<![\w.'-])(FY|CY)\s?'?(\d{4}|\d{2})\b", _fiscal),
    (rf"(?<![\w.'-])({_MON})\.?\s+(\d{{1,2}})[-–](\d{{1,2}})(?!\d)", _month_days),
    (rf"(?<![\w.'-])({_DAY})\.?\s?[-–]\s?({_DAY})\b\.?", _days),
    (rf"(?<![\w.'-])({_MON})\.?\s?[-–]\s?({_MON})\b\.?(?!\s?\d)", _months),
    (rf"(?<![\w.'-])({_DAY})\b\.?(?=,?\s+(?:\d|(?:{_MON})))", lambda m: _DAYS[m[1].lower()]),
    (rf"(?<![\w.'-])({'|'.join(STATES)})\b", _state),
    (r"(?<![\w.'-])(?:BCE|BC|AD|CE)\b(?!\w)", _era),
    (rf"(?<![\w.'-])(?:{_ZONES})\b", _zone),
    (rf"(?<![\w.'&/-])({'|'.join(_LETTERED)})\b('s)?(?![\w&/])", _lettered),
    (r"(?<![\w.'-])([A-Z]{2,4})s\b", _plural),
    (r"(?<![\w.'-])(CO|SO|NO|O|N|H|NH|CH)(\d)(O|SO)?(\d)?(?!\w)",
     lambda m: " ".join(letters(part) if part.isalpha() else spell_number(part) for part in m.groups() if part)),
    (r"(?<![\w.'-])w/\s?(?=\w)", lambda m: "with"),
    ignoring_case=False,
)  # fmt: skip
"""Short forms that begin with a letter."""
