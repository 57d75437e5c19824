"""Amounts of money and measures: scales, ranges, decimal commas, and units in front of nouns."""

from __future__ import annotations

import re
from re import Match

from harken.languages.en.aloud.context import NUMBER, before, behind, describes, letters, rules
from harken.languages.en.numbers import spell_money, spell_number
from harken.languages.en.readings import CURRENCIES, CURRENCY_CODES, UNITS

_NAMES = {**CURRENCIES, "₿": "BTC"}
_SIGNS = "".join(_NAMES)
_COUNTRIES = {"US": "U S", "C": "canadian", "CA": "canadian", "A": "australian", "AU": "australian",
              "NZ": "new zealand", "HK": "hong kong", "S": "singapore", "R": "brazilian"}  # fmt: skip
_OTHER_CODES = {
    "BTC": ("bitcoin", "bitcoins"), "SEK": ("swedish krona", "swedish kronor"),
    "NOK": ("norwegian krone", "norwegian kroner"), "DKK": ("danish krone", "danish kroner"),
    "PLN": ("zloty", "zlotys"), "CAD": ("canadian dollar", "canadian dollars"),
    "AUD": ("australian dollar", "australian dollars"), "NZD": ("new zealand dollar", "new zealand dollars"),
    "MXN": ("mexican peso", "mexican pesos"), "BRL": ("real", "reais"), "RUB": ("ruble", "rubles"),
}  # fmt: skip
_CODES = "|".join(sorted({*CURRENCY_CODES, *_OTHER_CODES} - {"BTC"}))
_SCALES = {"k": "thousand", "m": "million", "mn": "million", "mm": "million", "b": "billion", "bn": "billion",
           "t": "trillion", "tn": "trillion"}  # fmt: skip
_SCALE = r"(?:\s?(thousand|million|billion|trillion|bn|mn|mm|tn|[kmbt])\b(?!\d))?"
_PER = (
    r"(?:\s?/\s?(year|month|week|day|night|hour|minute|person|head|yr|mo|hr|h|gallon|kwh|kg|lb|mile|km|share|unit)\b)?"
)
_SPANS = {"yr": "year", "mo": "month", "hr": "hour", "h": "hour", "kwh": "kilowatt hour", "kg": "kilogram",
          "lb": "pound", "km": "kilometer"}  # fmt: skip
_EURO = r"(\d{1,3}(?:\.\d{3})+(?:,\d{2})?|\d+,\d{2})(?!\d|[,.]\d)"
"""An amount with a decimal comma."""
_MORE_UNITS = {
    "kgs": ("kilogram", "kilograms"), "sq ft": ("square foot", "square feet"),
    "sq m": ("square meter", "square meters"), "sq mi": ("square mile", "square miles"),
    "sq km": ("square kilometer", "square kilometers"),
    "mbps": ("megabit per second", "megabits per second"), "gbps": ("gigabit per second", "gigabits per second"),
    "kbps": ("kilobit per second", "kilobits per second"), "mb/s": ("megabyte per second", "megabytes per second"),
    "gb/s": ("gigabyte per second", "gigabytes per second"), "µg": ("microgram", "micrograms"),
    "mcg": ("microgram", "micrograms"), "µm": ("micrometer", "micrometers"), "nm": ("nanometer", "nanometers"),
    "µs": ("microsecond", "microseconds"), "ns": ("nanosecond", "nanoseconds"), "kj": ("kilojoule", "kilojoules"),
    "mw": ("megawatt", "megawatts"), "gw": ("gigawatt", "gigawatts"), "mah": ("milliampere hour", "milliampere hours"),
    "rpm": ("revolution per minute", "revolutions per minute"), "bpm": ("beat per minute", "beats per minute"),
    "fps": ("frame per second", "frames per second"), "dpi": ("dot per inch", "dots per inch"),
    "psi": ("pound per square inch", "pounds per square inch"), "ft²": ("square foot", "square feet"),
    "in²": ("square inch", "square inches"), "mi²": ("square mile", "square miles"),
    "cm²": ("square centimeter", "square centimeters"), "mm²": ("square millimeter", "square millimeters"),
    "cm³": ("cubic centimeter", "cubic centimeters"), "km³": ("cubic kilometer", "cubic kilometers"),
    "ft³": ("cubic foot", "cubic feet"), "wk": ("week", "weeks"), "wks": ("week", "weeks"), "yr": ("year", "years"),
    "yrs": ("year", "years"), "qt": ("quart", "quarts"), "yds": ("yard", "yards"),
    "kn": ("knot", "knots"), "pb": ("petabyte", "petabytes"), "kpa": ("kilopascal", "kilopascals"),
    "fl oz": ("fluid ounce", "fluid ounces"), "g/l": ("gram per liter", "grams per liter"),
    "mg/dl": ("milligram per deciliter", "milligrams per deciliter"), "kg/m³": ("kilogram per cubic meter",
    "kilograms per cubic meter"), "m/s²": ("meter per second squared", "meters per second squared"),
    "l/100km": ("liter per hundred kilometers", "liters per hundred kilometers"), "ω": ("ohm", "ohms"),
    "kω": ("kilohm", "kilohms"), "ah": ("ampere hour", "ampere hours"), "lm": ("lumen", "lumens"),
    "cc": ("cubic centimeter", "cubic centimeters"), "ppm": ("part per million", "parts per million"),
}  # fmt: skip
_UNITS = {**UNITS, **_MORE_UNITS}
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_WORDS = frozenset({"in", "t", "w", "v", "pa", "cal", "kn", "ah", "cc"})
"""Units that may be words or letters when a space separates them from the number."""
_CAPITALS = {
    "K": ("kelvin", "kelvin"), "A": ("ampere", "amperes"), "J": ("joule", "joules"), "N": ("newton", "newtons"),
}  # fmt: skip
_BY_CASE = {
    "mW": ("milliwatt", "milliwatts"), "Mb": ("megabit", "megabits"), "Gb": ("gigabit", "gigabits"),
    "Mb/s": ("megabit per second", "megabits per second"), "Gb/s": ("gigabit per second", "gigabits per second"),
    "kb/s": ("kilobit per second", "kilobits per second"),
}  # fmt: skip
"""Units that other capitals make other units: 5 mW, 5 MW."""
_OTHER_THINGS = frozenset("GTSHM")
"""Capitals that name other things: 5G, 3T."""
_OPENS, _CLOSES = re.compile(r"(?<!\w)'(?=\w)"), re.compile(r"(?<=[\w.,!?])'(?!\w)")
"""Single quotation marks."""
_MORE_TIME = re.compile(r"\s?\d{1,2}\s?(?:m|min|mins|s|sec|secs)\b", re.IGNORECASE)
_END = r"(?![A-Za-z0-9²³])(?:\.(?=\s+[a-z]))?"


def _currency(sign: str, country: str | None = None) -> tuple[str, str]:
    """Singular and plural."""
    code = _NAMES.get(sign, sign.upper())
    if code in _OTHER_CODES:
        return _OTHER_CODES[code]
    one, many = (spell_money(count, code).split(" ", 1)[1] for count in (1, 2))
    name = _COUNTRIES.get((country or "").upper(), "")
    return f"{name} {one}".strip(), f"{name} {many}".strip()


def _plain(number: str) -> str:
    return number.replace(",", "")


def _amount(number: str, scale: str | None, names: tuple[str, str], code: str) -> str:
    if scale:
        return f"{spell_number(number)} {_SCALES.get(scale.lower(), scale.lower())} {names[1]}"
    if code in CURRENCY_CODES and names == _currency(code):
        return spell_money(number, code)
    return f"{spell_number(number)} {names[number != '1']}"


def _per(span: str | None) -> str:
    return f" per {_SPANS.get(span.lower(), span.lower())}" if span else ""


def _money(match: Match[str]) -> str | None:
    country, sign, minus, number, scale, span = match.groups()
    names, code = _currency(sign, country), _NAMES[sign]
    minus = "minus " if minus else ""
    if not span and describes(match) and ("." not in number or scale):
        scale = f" {_SCALES.get(scale.lower(), scale.lower())}" if scale else ""
        return f"{minus}{spell_number(_plain(number))}{scale} {names[0]}"
    return f"{minus}{_amount(_plain(number), scale, names, code)}{_per(span)}"


def _money_range(match: Match[str]) -> str | None:
    country, sign, first, first_scale, last, scale = match.groups()
    names, code = _currency(sign, country), _NAMES[sign]
    begin = spell_number(_plain(first))
    if first_scale and first_scale.lower() != (scale or "").lower():
        begin = _amount(_plain(first), first_scale, names, code)
    return f"{begin} to {_amount(_plain(last), scale, names, code)}"


def _code_first(match: Match[str]) -> str:
    code = match[1].upper()
    return _amount(_plain(match[2]), match[3], _currency(code), code)


def _code_last(match: Match[str]) -> str:
    code = match[3].upper()
    return _amount(_plain(match[1]), match[2], _currency(code), code)


def _euro_first(match: Match[str]) -> str:
    code = _NAMES.get(match[1], match[1].upper())
    return spell_money(match[2].replace(".", "").replace(",", "."), code)


def _euro_last(match: Match[str]) -> str:
    code = _NAMES.get(match[2], match[2].upper())
    return spell_money(match[1].replace(".", "").replace(",", "."), code)


def _unit(name: str, space: str) -> tuple[str, str] | None:
    """Singular and plural of a unit as it stands behind a number; None when it may be something else."""
    if name in _BY_CASE:
        return _BY_CASE[name]
    if space and name in _CAPITALS:
        return _CAPITALS[name]
    if name in _OTHER_THINGS or (space and name.lower() in _WORDS and not name.isupper()):
        return None
    return _UNITS.get(name.lower())


def _measure(match: Match[str]) -> str | None:
    names = _unit(match[3], match[2])
    if match[3].lower() in ("h", "hr", "hrs", "m") and _MORE_TIME.match(behind(match)):  # '1h 20m'
        return None
    if names is None or (match[1][0] == "0" and match[1][1:2].isdigit()):
        return None
    if match[3] == "s" and match[1].endswith("0") and not match[2]:  # '1920s'
        return None
    number = _plain(match[1])
    if match[3] == "%" or not (number == "1" or describes(match)):
        return f"{spell_number(number)} {names[number != '1']}"
    return f"{spell_number(number)} {names[0]}"


def _comma_measure(match: Match[str]) -> str | None:
    names = _unit(match[3], match[2])
    return None if names is None else f"{spell_number(match[1].replace(',', '.'))} {names[1]}"


def _range(match: Match[str], between: str = "to") -> str | None:
    first, last, space, unit = match.groups()
    names = _unit(unit, space)
    if names is None:
        return None
    name = names[0] if describes(match) else names[1]
    return f"{spell_number(_plain(first))} {between} {spell_number(_plain(last))} {name}"


def _inches(match: Match[str]) -> str | None:
    """'a 10" screen', if the sign does not end a quotation."""
    if match.string[: match.start()].count('"') % 2 and not re.search(r'\d"', before(match)):
        return None
    number = match[1]
    return f"{spell_number(number)} {'inch' if number == '1' or describes(match) else 'inches'}"


def _feet(match: Match[str]) -> str | None:
    """6' tall, if the sign does not end a quotation."""
    near = match.string[: match.start()]
    if near.endswith("'") or len(_OPENS.findall(near)) > len(_CLOSES.findall(near)):
        return None
    return f"{spell_number(match[1])} {'foot' if match[1] == '1' or describes(match) else 'feet'}"


def _feet_inches(match: Match[str]) -> str:
    return f"{spell_number(match[1])} foot {spell_number(match[2])}"


def _feet_and_inches(match: Match[str]) -> str:
    feet, inches = int(match[1]), int(match[2])
    units = "foot" if feet == 1 else "feet", "inch" if inches == 1 else "inches"
    return f"{spell_number(feet)} {units[0]} {spell_number(inches)} {units[1]}"


def _by(match: Match[str]) -> str | None:
    """The x between lengths ('10 cm x 20 cm') and in sizes ('4x4')."""
    near = before(match)
    attached = match[0] == "x" and re.search(r"\d$", near)
    measured = re.search(rf"(?:\d\s?(?:{_UNIT})|\"|')\s?$", near)
    return "by" if attached or measured else None


def _counted(match: Match[str]) -> str:
    return f"{spell_number(match[1])} {_SCALES[match[2].lower()]}"


def _lines(match: Match[str]) -> str:
    number = int(match[1])
    return f"{spell_number(number // 100)} {spell_number(number % 100)} {letters(match[2])}"


read_money_letters = rules(
    (rf"(?<![A-Za-z])({_CODES})\s?({NUMBER}){_SCALE}", _code_first),
    (rf"(?<![A-Za-z])({'|'.join(_COUNTRIES)})([$])()({NUMBER}){_SCALE}{_PER}", _money),
)
"""Amounts that begin with letters: 'CHF 20', 'US$5'."""
read_by = rules((r"x(?=\s?\d)", _by), ignoring_case=False)
read_measure = rules(
    (rf"([{_SIGNS}])\s?{_EURO}", _euro_first),
    (rf"{_EURO}\s?([{_SIGNS}]|(?:{_CODES})\b)", _euro_last),
    (rf"()([{_SIGNS}])\s?({NUMBER}){_SCALE}\s?[-–]\s?(?:[{_SIGNS}]\s?)?({NUMBER}){_SCALE}(?![\d-])", _money_range),
    (rf"()([{_SIGNS}])\s?([-−–]?)\s?({NUMBER}){_SCALE}{_PER}", _money),
    (rf"({NUMBER}){_SCALE}\s?({_CODES})\b", _code_last),
    (r"(\d{1,2})'\s?(\d{1,2})(?:\"|''|(?=[\s,.;!?)]|$))", _feet_inches),
    (r"(\d{1,2})\s?ft\.?\s+(\d{1,2})\s?in\b\.?", _feet_and_inches),
    (r"(\d+(?:\.\d+)?)\"(?!\w)", _inches),
    (r"(\d{1,4}(?:\.\d+)?)'(?=[\s,.;!?)]|$)", _feet),
    (r"(\d+(?:\.\d+)?)\s?(k|m|mn|bn)(?=\s(?:followers|people|users|views|subscribers|likes|copies|downloads|records"
     r"|members|visitors|years|jobs|words|rows|votes|inhabitants|customers|visits)\b)", _counted),
    (r"(480|720|1080|1440|2160)([pi])\b", _lines),
    (rf"({NUMBER})\s?x\s?({NUMBER})(\s?)({_UNIT}){_END}", lambda m: _range(m, "by")),
    (rf"({NUMBER})\s?[-–]\s?({NUMBER})(\s?)({_UNIT}){_END}", _range),
    (r"(\d+(?:\.\d+)?)\s?in\.(?=\s*(?:$|[,;)]|[a-z]))", lambda m: f"{spell_number(m[1])} inch{'es' * (m[1] != '1')}"),
    (rf"(\d+,\d+)(?<!\d,\d\d\d)(\s?)({_UNIT}|K\b){_END}", _comma_measure),
    (rf"({NUMBER})(\s?)({_UNIT}|K\b|A\b|J\b|N\b){_END}", _measure),
)  # fmt: skip
"""Amounts and measures that begin with a digit or a sign."""
