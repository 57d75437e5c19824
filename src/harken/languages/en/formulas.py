"""Typed arithmetic: '(2 + 3) * 4' is said 'open bracket two plus three close bracket times four'.

Brackets, factorials and attached minus signs are read so only in what is clearly a sum: elsewhere brackets are pauses,
'5!' is a cry and '10-3' a range.
"""

from __future__ import annotations

import re

from harken.languages.en.numbers import spell_money, spell_number
from harken.languages.en.readings import CURRENCIES
from harken.languages.locale import Reading

_MONEY = "[" + "".join(CURRENCIES) + "]"
_NUMBER = rf"{_MONEY}?(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?"
_TOKEN = re.compile(rf"\s*({_NUMBER}|\.\d+|\*\*|[-+*/^×÷x−()√%!²³])")
_SAID = {
    "+": "plus", "-": "minus", "−": "minus", "*": "times", "×": "times", "x": "times", "/": "divided by",
    "÷": "divided by", "^": "to the power of", "**": "to the power of", "(": "open bracket", ")": "close bracket",
    "√": "square root of", "%": "percent", "!": "factorial", "²": "squared", "³": "cubed",
}  # fmt: skip
_JOINING = frozenset({"+", "-", "−", "*", "×", "x", "/", "÷", "^", "**"})
_BEHIND = frozenset({"%", "!", "²", "³"})
_ASKED = re.compile(
    r"(?:^|\b(?:what(?:'s| is)|whats|calculate|compute|how much is|solve|evaluate|work out|equals?|result of))\s*$",
    re.IGNORECASE,
)
_APPLIED = re.compile(r"(?:\b(?:sqrt|root|of|times|plus|minus|by|over|square|cube)|√)\s*$", re.IGNORECASE)
_OTHER = re.compile(r"\d+/\d+(?:/\d+)?|\d+(?:-\d+){2,}|\d{3}-\d{4}|\(\d{3}\) ?\d{3}-\d{4}|\d+")
"""What looks like a sum and is a fraction, a date or a telephone number."""
_LIST = re.compile(rf"({_NUMBER})\s*,\s+(?=\d)")
_LISTED = re.compile(
    r"\b(?:average|mean|sum|total|product|median|max|min|maximum|minimum|largest|smallest|biggest|lowest|highest"
    r"|greatest|add|multiple|divisor|factor)\b[^.?!;]*$", re.IGNORECASE,
)  # fmt: skip
_LONGEST = 60
"""Tokens of a sum, at most: a longer one is read number by number."""
_CONTINUED = re.compile(rf"^([*/^×÷x+−-])\s?({_NUMBER}%?)$")


def read_formula(text: str, place: int) -> Reading | None:
    """The sum that begins at a place; None when there is none that needs its brackets and signs said."""
    if place and text[place - 1].isalnum() and text[place] != "(":
        return None
    if place == 0:
        match = _CONTINUED.match(text)  # '* 5', after a result
        if match:
            return Reading(f"{_SAID[match[1]]} {_said(match[2].rstrip('%'))}{_percent(match[2])}", match.end())
    match = _LIST.match(text, place)
    if match and _LISTED.search(text[:place]):
        return Reading(f"{_said(match[1])} comma", match.end())
    tokens, end = _tokens(text, place)
    if not tokens or not _needs_words(tokens, text, place, end):
        return None
    return Reading(" ".join(_said(token) for token in tokens), end)


def _percent(text: str) -> str:
    return " percent" if text.endswith("%") else ""


def _tokens(text: str, place: int) -> tuple[list[str], int]:
    """The tokens of the longest complete sum from a place, and where it ends; none when it is not complete or has
    more than `_LONGEST` tokens."""
    tokens: list[str] = []
    best, end, depth, wants = 0, place, 0, True
    ends = place
    match = _TOKEN.match(text, place)
    while match:
        token = match[1]
        if wants:
            if token == "(":
                depth += 1
            elif token in _SAID and token not in ("-", "−", "√"):
                break
            wants = token in _SAID
        elif token == ")" and depth:
            depth -= 1
        elif token == "(":
            depth, wants = depth + 1, True
        elif token in _JOINING:
            wants = True
        elif token not in _BEHIND:
            break
        tokens.append(token)
        if len(tokens) > _LONGEST:
            return [], place
        end = match.end()
        follows = text[end : end + 1]
        if not wants and not depth and not follows.isalnum():
            best, ends = len(tokens), end
        match = _TOKEN.match(text, end)
    return tokens[:best], ends


def _needs_words(tokens: list[str], text: str, place: int, end: int) -> bool:
    """Whether these tokens are a sum: they have signs, and brackets, or something before them asks for a result."""
    signs = sum(token in _JOINING for token in tokens)
    piece, behind = text[place:end], text[end:].strip()
    if _OTHER.fullmatch(piece) or not any(token in _SAID for token in tokens):
        return False
    asked = bool(_ASKED.search(text[:place]))
    alone = place == 0 and behind in ("", "?", "=", "= ?", "=?")
    if "(" in tokens and signs:
        around = _has_outer_sign(tokens)
        return around or asked or bool(_APPLIED.search(text[:place]))
    if "!" in tokens:
        return (asked and (not alone or tokens != [tokens[0], "!"])) or (alone and signs > 0)
    plain_range = signs == 1 and re.fullmatch(r"\d+-\d+", piece) and not (asked and place)
    return "**" in tokens or (asked and signs > 0 and not plain_range)


def _has_outer_sign(tokens: list[str]) -> bool:
    """Whether a sign, or another factor, stands beside a bracket."""
    for place, token in enumerate(tokens):
        before, after = tokens[place - 1 : place], tokens[place + 1 : place + 2]
        if token == "(" and before and before[0] not in ("(",):
            return True
        if token == ")" and after and after[0] != ")":
            return True
    return False


def _said(token: str) -> str:
    if token in _SAID:
        return _SAID[token]
    digits = token.replace(",", "")
    if digits[0] in CURRENCIES:
        return spell_money(digits[1:], CURRENCIES[digits[0]])
    return f"point {spell_number(digits[1:])}" if digits[0] == "." else spell_number(digits)
