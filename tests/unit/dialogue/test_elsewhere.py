"""The clock and the facts: times elsewhere, days that do not exist, and which places are meant."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from tests.unit.dialogue.conftest import TurnedClock

from harken.dialogue.skill import Context, Request
from harken.dialogue.skills.clock import skill as clock_skill
from harken.dialogue.skills.facts import skill as facts_skill
from harken.dialogue.store import Store
from harken.dialogue.timers import TimerBook
from harken.languages.loading import load_locale

SUMMER_OF_AMERICA_ONLY = dt.datetime(2026, 3, 10, 9, 0, tzinfo=ZoneInfo("America/New_York"))
EVENING = dt.datetime(2026, 11, 26, 20, 0, tzinfo=ZoneInfo("America/Los_Angeles"))


def asked(module, intent: str, now: dt.datetime, **slots: object):
    memory = slots.pop("memory", {})
    clock, store = TurnedClock(now), Store(":memory:")
    context = Context(
        clock=clock, store=store, timers=TimerBook(store, clock, session="here"), memory=memory, locale=load_locale(),
        skill=module.__name__.split(".")[-2],
    )  # fmt: skip
    heard = {name: str(value) for name, value in slots.items()}
    return module.answer(Request(intent=intent, slots=slots, heard=heard), context)


def time_of(intent: str, now: dt.datetime = SUMMER_OF_AMERICA_ONLY, **slots: object) -> str:
    return asked(clock_skill, intent, now, **slots).text


def fact_of(intent: str, **slots: object) -> str:
    return asked(facts_skill, intent, EVENING, **slots).text


def test_differences_follow_daylight_saving_on_both_sides() -> None:
    assert time_of("timeDifference", place="London") == "London is 4 hours ahead of you."
    between = {"place": "London", "from": "Tokyo"}
    assert time_of("timeDifference", **between) == "London is 9 hours behind Tokyo."
    assert time_of("timeDifference", EVENING, place="London") == "London is 8 hours ahead of you."


def test_the_day_is_named_where_it_is_another_one() -> None:
    assert time_of("timeIn", EVENING, place="Tokyo") == "In Tokyo it is 1 PM on Friday."
    assert time_of("dateIn", EVENING, place="Tokyo") == "In Tokyo it is Friday, November 27."
    assert time_of("timeIn", EVENING, place="San Diego") == "In San Diego it is 8 PM."


def test_a_country_with_several_zones_names_them_and_a_state_says_mostly() -> None:
    text = time_of("timeIn", EVENING, place="United States")
    assert text.startswith("In the United States it is 11 PM in New York, 10 PM in Chicago")
    assert time_of("timeIn", EVENING, place="Texas") == "Texas is mostly on Central time: it is 10 PM there."
    assert time_of("timeIn", EVENING, place="California") == "In California it is 8 PM."
    assert "Washington" in time_of("timeDifference", EVENING, place="United States")


def test_an_ambiguous_place_is_asked_and_the_answer_names_its_region() -> None:
    question = asked(clock_skill, "timeIn", EVENING, place="Springfield")
    assert (question.act, question.ask) == ("request", "area")
    assert time_of("timeIn", EVENING, place="Springfield", area="Illinois").startswith("In Springfield, Illinois")
    assert "no Springfield in Alaska" in time_of("timeIn", EVENING, place="Springfield", area="Alaska")
    nowhere = time_of("timeIn", EVENING, place="Paris, Ontario")
    assert nowhere == "I know no Paris in Ontario, only Paris in France and Paris, Texas."


def test_a_time_is_converted_forth_and_back() -> None:
    ends = {"from": "New York", "place": "Berlin"}
    assert time_of("timeThere", EVENING, time="12:00", **ends) == "At 12 PM in New York it is 6 PM in Berlin."
    late = time_of("timeThere", EVENING, time="22:00", **ends)
    assert late == "At 10 PM in New York it is 4 AM in Berlin the next day."
    home = {"from": "Tokyo"}
    assert time_of("timeThere", EVENING, time="08:00", **home) == "At 8 AM in Tokyo it is 3 PM here the day before."
    both = time_of("timeThereOrHere", EVENING, time="03:00", place="Tokyo")
    assert "At 3 PM in Tokyo it is" in both
    assert "At 3 PM here it is" in both


def test_hours_that_pass_count_through_the_change_of_the_clocks() -> None:
    night = dt.datetime(2026, 3, 28, 23, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert time_of("timeLater", night, duration=4 * 3600, past=False) == "In 4 hours it will be 4 AM on Sunday."
    assert time_of("timeUntil", night, time="06:00") == "6 hours until 6 AM."
    assert time_of("timeLater", night, duration=3600, past=True, place="London") == "1 hour ago it was 9 PM in London."


@pytest.mark.parametrize(("month", "day", "exists"), [(2, 29, True), (2, 30, False), (4, 31, False), (5, 31, True)])
def test_a_day_that_no_year_has_is_refused(month: int, day: int, exists: bool) -> None:
    for intent in ("dayOf", "daysUntil"):
        text = time_of(intent, EVENING, month=month, lateDay=day)
        assert ("There is no such day" not in text) == exists
    assert "February 29, 2028" in time_of("dayOf", EVENING, month=2, lateDay=29)


def test_questions_about_a_day_are_answered_yes_or_no() -> None:
    assert time_of("isDay", EVENING, weekday=3) == "Yes, today is Thursday."
    assert time_of("isDay", EVENING, weekday=0, date="2026-11-27") == "No, that is Friday, November 27."
    assert time_of("isDate", EVENING, date="2026-11-27") == "No, today is Thursday, November 26."
    assert time_of("leapYear", EVENING, year=1900) == "No, 1900 was not a leap year."
    assert time_of("leapYear", EVENING, year=0).startswith("I know only the years")
    assert time_of("leapYear", EVENING, ahead=1, search=True) == "The next leap year is 2028."


def test_weeks_are_counted_with_the_days_that_remain() -> None:
    christmas = time_of("daysUntil", EVENING, date="2026-12-25", unit="week")
    assert christmas == "4 weeks and 1 day until Friday, December 25."
    assert time_of("daysUntil", EVENING, date="2026-12-03", unit="week") == "1 week until Thursday, December 3."
    assert time_of("daysUntil", EVENING, date="2026-11-20") == "That was 6 days ago, on Friday, November 20."


def test_a_continent_is_compared_with_the_one_asked_for() -> None:
    assert fact_of("isIn", place="France", continent="Asia") == "No, France is in Europe."
    assert fact_of("isIn", place="Turkey", continent="Europe") == "Yes, Turkey is in Asia and Europe."
    assert fact_of("isIn", place="Peru", continent="America") == "Yes, Peru is in South America."
    assert fact_of("isIn", place="Cairo", continent="Africa") == "Cairo is in Egypt, and that is in Africa and Asia."


def test_a_city_is_looked_for_in_the_area_asked_for() -> None:
    assert fact_of("isIn", place="Munich", area="Austria") == "No, Munich is in Germany."
    assert fact_of("isIn", place="Houston", area="Texas") == "Yes, Houston is in Texas."
    assert fact_of("isIn", place="Houston", area="United States") == "Yes, Houston is in the United States."
    assert fact_of("isIn", place="Paris", area="Texas") == "Paris is in France, but there is one in Texas, too."
    assert fact_of("isIn", place="Austria", area="Germany") == "No, Austria is a country of its own."


def test_what_only_a_country_has_is_told_of_the_country() -> None:
    text = fact_of("currency", country="London")
    assert text.startswith("London is in England in the United Kingdom. ")
    assert text.endswith("In the United Kingdom people pay with the pound sterling.")
    assert fact_of("capital", country="Texas") == "The capital of Texas is Austin."
    assert fact_of("area", country="Texas").startswith("I do not know the area of Texas.")


def test_a_state_is_not_taken_for_the_city_of_its_name_unless_its_capital_is_asked_for() -> None:
    assert fact_of("population", country="New York State").endswith("live in New York State.")
    context = {"country": "New York State"}
    assert fact_of("capital", **context) == "The capital of New York State is Albany."


def test_an_elliptical_question_is_about_the_last_place() -> None:
    assert fact_of("more", fact="currency", memory={"place": "Japan"}) == "In Japan people pay with the yen."
    assert fact_of("more", fact="capital", memory={}) == "I do not know that place."
    assert fact_of("cityNext", city="Rome", memory={"fact": "population"}).endswith("live in Rome.")


def test_the_larger_of_two_is_named_by_area_or_by_people() -> None:
    sizes = {"one": "Canada", "other": "United States"}
    assert fact_of("compare", by="area", **sizes).startswith("Canada is larger")
    assert fact_of("compare", by="people", **sizes).startswith("More people live in the United States")
    assert fact_of("borders", country="Canada", area="United States").startswith("Yes")
    assert fact_of("borders", country="Canada", area="Mexico").startswith("No")
