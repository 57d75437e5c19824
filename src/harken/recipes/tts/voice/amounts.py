"""Sentences with numbers, times, dates, money, measures, names and lists, made from frames for a synthetic voice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from harken.languages.en.readings import MONTHS, WEEKDAYS
from harken.recipes.asr.ngram.texts import NAMES

_DAYS = tuple(day.capitalize() for day in WEEKDAYS)
_MONTHS = tuple(month.capitalize() for month in MONTHS)
_THINGS = (
    "milk", "bread", "eggs", "butter", "apples", "olive oil", "toothpaste", "batteries", "orange juice", "rice",
    "cheese", "paper towels", "tomatoes", "chicken", "coffee", "dog food", "yogurt", "onions", "light bulbs", "flour",
    "bananas",
)  # fmt: skip
_ROOMS = (
    "kitchen", "living room", "bedroom", "garage", "office", "hallway", "bathroom", "garden", "basement", "nursery",
)  # fmt: skip
_CITIES = (
    "Chicago", "Denver", "Boston", "Seattle", "Toronto", "London", "Sydney", "Houston", "Atlanta", "Phoenix", "Dublin",
    "Portland", "Vienna", "Tokyo", "Madrid",
)  # fmt: skip
_MEASURES = ("miles", "kilometers", "pounds", "cups", "gallons", "feet", "inches", "degrees", "minutes", "percent")

FRAMES = (
    "The meeting with {name} is on {day}, {month} {date}, at {time}.",
    "Wake up, {name}, it is already {time}!",
    "Your list has {small} things on it: {thing}, {thing}, {thing} and {thing}.",
    "Don't forget the {thing}, the {thing} and the {thing}.",
    "It is {temperature}°F in {city} right now.",
    "It will be between {small} and {number}°C in {city} on {day}.",
    "That costs ${price}, not ${price}.",
    "You owe {name} ${price} for the {thing} and the {thing}.",
    "{number} times {small} is {large}.",
    "{number} {measure} is about {decimal} {measure}.",
    "The {room} is at {number}%, and the {room} is at {number}%.",
    "The lights in the {room}, the {room} and the {room} are on.",
    "About {large} people live near {city}.",
    "The flight to {city} leaves at {time} on {day}.",
    "The number is {digits}.",
    "Call {name} and {name} at {digits} before {time}.",
    "{name}'s birthday is on {month} {date}.",
    "Is it {number}, {number} or {small} {measure}?",
    "Which one do you mean, the {room} lamp, the {room} lamp or the {room} lamp?",
    "Shall I add {thing} and {thing} to {name}'s list?",
    "Do you want me to wake you at {time} on {day}?",
    "How about {day} the {nth} at {time}?",
    "In {year}, {name} moved from {city} to {city}.",
    "It was built in {year} and sold for ${large} in {year}.",
    "The {nth} timer has {number} minutes and {number} seconds left.",
    "The {thing} timer is done, and the {thing} timer has {number} minutes left.",
    "Page {number}, line {small}.",
    "Okay, {name}, {number} {measure}.",
    "No, {name}, the {room} door is not locked.",
    "Yes, {number}% of {large} is {large}.",
)
"""Sentences; a name in braces is replaced by a value of that kind."""


def amounts(rng: np.random.Generator) -> Iterator[str]:
    """Sentences without end: the frames in turn, shuffled anew after each round, with new values."""
    while True:
        for place in rng.permutation(len(FRAMES)):
            text = re.sub(r"\{(\w+)\}", lambda match: _VALUES[match[1]](rng), FRAMES[place])
            yield text[0].upper() + text[1:]


def _one(values: Sequence[str]) -> Callable[[np.random.Generator], str]:
    return lambda rng: str(values[int(rng.integers(len(values)))])


def _time(rng: np.random.Generator) -> str:
    minutes = "" if rng.random() < 0.2 else f":{int(rng.integers(60)):02d}"
    return f"{int(rng.integers(1, 13))}{minutes} {('AM', 'PM')[int(rng.integers(2))]}"


def _nth(rng: np.random.Generator) -> str:
    number = int(rng.integers(1, 32))
    ending = "th" if 10 < number < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_VALUES: Mapping[str, Callable[[np.random.Generator], str]] = {
    "city": _one(_CITIES),
    "date": lambda rng: str(rng.integers(1, 29)),
    "day": _one(_DAYS),
    "decimal": lambda rng: f"{rng.uniform(0.1, 60):.1f}",
    "digits": lambda rng: f"{rng.integers(200, 999)}-{rng.integers(100, 999)}-{rng.integers(1000, 9999)}",
    "large": lambda rng: f"{int(10 ** rng.uniform(2, 6)):,}",
    "measure": _one(_MEASURES),
    "month": _one(_MONTHS),
    "name": lambda rng: NAMES[int(rng.integers(len(NAMES)))].capitalize(),
    "nth": _nth,
    "number": lambda rng: str(rng.integers(2, 100)),
    "price": lambda rng: f"{rng.integers(1, 200)}.{rng.integers(1, 100):02d}",
    "room": _one(_ROOMS),
    "small": lambda rng: str(rng.integers(2, 13)),
    "temperature": lambda rng: str(rng.integers(20, 100)),
    "thing": _one(_THINGS),
    "time": _time,
    "year": lambda rng: str(rng.integers(1750, 2026)),
}
