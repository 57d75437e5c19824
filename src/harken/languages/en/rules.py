"""The rules of English, collected for `harken.languages.loading`."""

from __future__ import annotations

from harken.languages.en import readings
from harken.languages.en.aloud.reading import ALONE, KEPT, read_aloud
from harken.languages.en.aloud.say_as import SAY_AS
from harken.languages.en.dates import cuts_date
from harken.languages.en.derivation import derive
from harken.languages.en.number_words import cuts_number
from harken.languages.en.numbers import spell_number
from harken.languages.en.parts_of_speech import part_of_speech
from harken.languages.en.spoken import SPOKEN
from harken.languages.en.values import LONGEST_VALUES, read_value
from harken.languages.en.verbs import infinitives
from harken.languages.en.wording import EnglishWording
from harken.languages.en.written import read_address, read_month, read_number_at
from harken.languages.locale import Writing
from harken.languages.tables import Rules

WRITING = Writing(
    titles=readings.TITLES, abbreviations=readings.ABBREVIATIONS, ambiguous=readings.AMBIGUOUS,
    before_numbers=readings.BEFORE_NUMBERS, before_names=readings.BEFORE_NAMES, may_end=readings.MAY_END,
    dotted=readings.DOTTED, signs=readings.SIGNS, between_numbers=readings.BETWEEN_NUMBERS,
    before_digits=readings.BEFORE_DIGITS, after_words=readings.AFTER_WORDS, minus="minus", until="to",
    address=read_address, date=read_month, number=read_number_at, aloud=read_aloud, aloud_keeps=KEPT,
    aloud_keeps_alone=ALONE, say_as=SAY_AS,
)  # fmt: skip

RULES = Rules(
    infinitives=infinitives, part_of_speech=part_of_speech,
    writing=WRITING, spell_number=spell_number, wording=EnglishWording(), derive=derive, read_value=read_value,
    cuts_value=lambda words, place: cuts_number(words, place) or cuts_date(words, place),
    longest=LONGEST_VALUES, spoken=SPOKEN,
)  # fmt: skip
