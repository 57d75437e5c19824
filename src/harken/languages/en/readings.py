"""How written short forms are said: abbreviations, units, currencies, signs. One table per kind, without code."""

from __future__ import annotations

TITLES = {
    "mr": "mister", "mrs": "missus", "dr": "doctor", "vs": "versus", "etc": "et cetera", "messrs": "messers",
}  # fmt: skip
"""Short forms, with or without a full stop."""

ABBREVIATIONS = {
    "prof": "professor", "gen": "general", "capt": "captain", "col": "colonel", "lt": "lieutenant", "sgt": "sergeant",
    "rev": "reverend", "hon": "honorable", "gov": "governor", "sen": "senator", "jr": "junior", "sr": "senior",
    "mt": "mount", "ft": "fort", "ave": "avenue", "rd": "road", "blvd": "boulevard", "sq": "square", "hwy": "highway",
    "apt": "apartment", "dept": "department", "approx": "approximately", "est": "established", "inc": "incorporated",
    "ltd": "limited", "corp": "corporation", "bros": "brothers", "min": "minutes", "max": "maximum", "tel": "telephone",
    "ext": "extension", "temp": "temperature", "hr": "hour", "hrs": "hours", "mins": "minutes", "sec": "seconds",
    "secs": "seconds", "lb": "pound", "lbs": "pounds", "oz": "ounces", "tsp": "teaspoon", "tbsp": "tablespoon",
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june", "jul": "july",
    "aug": "august", "sep": "september", "sept": "september", "oct": "october", "nov": "november", "dec": "december",
    "mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday", "thur": "thursday",
    "thurs": "thursday", "fri": "friday", "st": "street",
}  # fmt: skip
"""Short forms that need a full stop."""

AMBIGUOUS = frozenset(
    "sec sun min max mar mon wed sat dec col inc gen temp ext art".split()
)  # fmt: skip
"""Abbreviations that are also words."""

MAY_END = frozenset("etc inc ltd no st ave rd".split())
"""Short forms that can end a sentence."""

BEFORE_NAMES = {"st": "saint"}
"""Short forms that need a full stop and a capital after it."""

BEFORE_NUMBERS = {
    "no": "number", "nos": "numbers", "fig": "figure", "vol": "volume", "ch": "chapter", "p": "page", "pp": "pages",
    "art": "article", "sec": "section", "nr": "number",
}  # fmt: skip
"""Short forms that need a full stop and a number after it."""

DOTTED = {"e.g.": "for example", "i.e.": "that is", "a.k.a.": "also known as", "p.s.": "p s"}

MONTHS = (
    "january february march april may june july august september october november december"
).split()  # fmt: skip
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()

UNITS = {
    "km": ("kilometer", "kilometers"), "m": ("meter", "meters"), "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"), "mi": ("mile", "miles"), "ft": ("foot", "feet"), "yd": ("yard", "yards"),
    "in": ("inch", "inches"), "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"), "t": ("ton", "tons"),
    "l": ("liter", "liters"), "ml": ("milliliter", "milliliters"), "cl": ("centiliter", "centiliters"),
    "dl": ("deciliter", "deciliters"), "gal": ("gallon", "gallons"), "pt": ("pint", "pints"),
    "tsp": ("teaspoon", "teaspoons"), "tbsp": ("tablespoon", "tablespoons"), "h": ("hour", "hours"),
    "hr": ("hour", "hours"), "hrs": ("hour", "hours"), "min": ("minute", "minutes"), "mins": ("minute", "minutes"),
    "s": ("second", "seconds"), "sec": ("second", "seconds"), "secs": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"), "km/h": ("kilometer per hour", "kilometers per hour"),
    "kmh": ("kilometer per hour", "kilometers per hour"), "mph": ("mile per hour", "miles per hour"),
    "m/s": ("meter per second", "meters per second"), "kph": ("kilometer per hour", "kilometers per hour"),
    "hz": ("hertz", "hertz"), "khz": ("kilohertz", "kilohertz"), "mhz": ("megahertz", "megahertz"),
    "ghz": ("gigahertz", "gigahertz"), "w": ("watt", "watts"), "kw": ("kilowatt", "kilowatts"),
    "kwh": ("kilowatt hour", "kilowatt hours"), "v": ("volt", "volts"), "mv": ("millivolt", "millivolts"),
    "kb": ("kilobyte", "kilobytes"), "mb": ("megabyte", "megabytes"), "gb": ("gigabyte", "gigabytes"),
    "tb": ("terabyte", "terabytes"), "db": ("decibel", "decibels"), "cal": ("calorie", "calories"),
    "kcal": ("kilocalorie", "kilocalories"), "ha": ("hectare", "hectares"), "pa": ("pascal", "pascals"),
    "hpa": ("hectopascal", "hectopascals"), "%": ("percent", "percent"), "°": ("degree", "degrees"),
    "°c": ("degree celsius", "degrees celsius"), "°f": ("degree fahrenheit", "degrees fahrenheit"),
    "km²": ("square kilometer", "square kilometers"), "m²": ("square meter", "square meters"),
    "m³": ("cubic meter", "cubic meters"), "‰": ("per mille", "per mille"),
}  # fmt: skip
"""Written unit in lower case -> singular, plural."""

ONLY_ATTACHED = frozenset({"in", "s", "t", "w", "v", "pa", "cal", "ms"})
"""Units that must follow the digits immediately ('5w'); after a space they may be words."""

CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW"}
CURRENCY_CODES = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "INR", "CNY", "KRW"})

SIGNS = {
    "&": "and", "+": "plus", "%": "percent", "‰": "per mille", "=": "equals", "×": "times", "÷": "divided by",
    "@": "at", "°": "degrees", "±": "plus or minus", "≈": "about", "≤": "at most", "≥": "at least", "≠": "not equal to",
    "√": "square root of", "∞": "infinity", "π": "pi", "µ": "micro", "©": "copyright", "®": "registered",
    "→": "to", "¢": "cents", "§": "section", "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen", "₹": "rupees",
    "₩": "won", "−": "minus",
}  # fmt: skip
"""Signs that are always said."""

BEFORE_DIGITS = {"#": "number", "~": "about"}
"""Signs that are said immediately before a digit."""

AFTER_WORDS = {"²": "squared", "³": "cubed"}
"""Signs that are said immediately after a letter or digit."""

BETWEEN_NUMBERS = {"*": "times", "/": "divided by", "^": "to the power of", "<": "less than", ">": "greater than",
                   "-": "minus", ":": "to", "x": "times"}  # fmt: skip
"""Signs that are said between numbers."""

IN_ADDRESSES = {".": "dot", "@": "at", "/": "slash", ":": "colon", "-": "dash", "_": "underscore", "?": "question mark",
                "=": "equals", "&": "and", "#": "hash", "%": "percent", "+": "plus", "~": "tilde"}  # fmt: skip
