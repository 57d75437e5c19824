"""Timers, alarms, reminders and scheduled actions as people ask for them; what is said is what is then set."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.unit.dialogue.conftest import Talk

from harken.dialogue.skills.timers.wordings import data_of, mirrored, timer_of
from harken.dialogue.timers import Timer


def running(talk: Talk, kind: str = "") -> list[Timer]:
    """In the order in which they were set."""
    return sorted(talk.manager.timers.running(kind), key=lambda timer: timer.id)


def minutes(talk: Talk) -> dict[str, float]:
    return {timer.label: timer.left / 60 for timer in running(talk)}


def all_said(talk: Talk, *sentences: str) -> str:
    """What is replied to the last one."""
    return [talk.ask(sentence).text for sentence in sentences][-1]


@pytest.mark.parametrize(
    ("said", "label", "seconds"),
    [
        ("set a timer named steak for 20 minutes", "steak", 1200), ("a 20 minute timer called soup", "soup", 1200),
        ("steak timer 20 minutes", "steak", 1200), ("set a 5 minute timer for the eggs", "eggs", 300),
        ("set a second timer for 5 minutes", "", 300), ("set a timer for 5 minutes and call it Oma", "Oma", 300),
        ("set a timer for my tea for four minutes", "tea", 240), ("start the egg timer for 6 minutes", "egg", 360),
    ],
)  # fmt: skip
def test_a_timer_has_any_name_that_it_is_given(talk: Talk, said: str, label: str, seconds: float) -> None:
    talk.ask(said)
    assert [(timer.label, timer.seconds) for timer in running(talk)] == [(label, seconds)]


@pytest.mark.parametrize(
    "said",
    [
        "set a pasta timer for 9 minutes and an oven timer 5 and an egg timer for 3 minutes",
        "set a timer for ten to fifteen minutes", "set a timer for three years", "set a timer for half a second",
    ],
)  # fmt: skip
def test_what_is_no_name_or_no_length_sets_nothing(talk: Talk, said: str) -> None:
    talk.ask(said)
    assert running(talk) == []


def test_several_timers_are_set_in_one_breath(talk: Talk) -> None:
    assert talk.ask("set timers for 5 and 10 minutes").text == "2 timers set: 5 minutes and 10 minutes."
    talk.ask("set a pasta timer for 8 minutes, a sauce timer for 20 minutes and a bread timer for 12 minutes")
    assert [(timer.label, timer.seconds) for timer in running(talk)] == [
        ("", 300), ("", 600), ("pasta", 480), ("sauce", 1200), ("bread", 720),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("cancel the egg timer", ["pasta", "red sauce"]), ("cancel the eggs timer", ["pasta", "red sauce"]),
        ("cancel the sauce timer", ["pasta", "egg"]), ("cancel the second timer", ["pasta", "red sauce"]),
        ("cancel the last timer", ["pasta", "egg"]), ("cancel the 9 minute timer", ["egg", "red sauce"]),
        ("cancel the shortest timer", ["pasta", "red sauce"]), ("cancel the pasta and egg timers", ["red sauce"]),
        ("cancel all timers", []), ("cancel all timers except the egg timer", ["egg"]),
        ("cancel the soup timer", ["pasta", "egg", "red sauce"]), ("cancel the timer", ["pasta", "egg", "red sauce"]),
        ("cancel the fourth timer", ["pasta", "egg", "red sauce"]),
        ("cancel all timers but the soup", ["pasta", "egg", "red sauce"]),
        ("cancel the 20 minute timer", ["pasta", "egg", "red sauce"]),
    ],
)  # fmt: skip
def test_only_the_timer_that_was_meant_is_cancelled(talk: Talk, said: str, left: list[str]) -> None:
    all_said(
        talk,
        "set a pasta timer for 9 minutes",
        "set an egg timer for 3 minutes",
        "set a red sauce timer for 25 minutes",
    )
    talk.ask(said)
    assert [timer.label for timer in running(talk)] == left


@pytest.mark.parametrize(
    ("answer", "left"),
    [("egg", ["tea"]), ("the tea one", ["egg"]), ("the first one", ["egg"]), ("both", []),
     ("the three minute one", ["tea"]), ("soup", ["tea", "egg"])],
)  # fmt: skip
def test_which_one_is_asked_and_answered_by_name_place_or_length(talk: Talk, answer: str, left: list[str]) -> None:
    question = all_said(talk, "set a tea timer for 5 minutes", "set an egg timer for 3 minutes", "stop the timer")
    assert question == "Which one: tea or egg?"
    talk.ask(answer)
    assert [timer.label for timer in running(talk)] == left


def test_a_name_that_does_not_exist_is_told_with_those_that_do(talk: Talk) -> None:
    talk.ask("set a pasta timer for 9 minutes")
    told = talk.ask("pause the soup timer").text
    assert told == "There is no soup timer. There is: 9 minutes left on the pasta timer."
    assert not running(talk)[0].paused


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("add five minutes to the timer", 15), ("extend the timer by 5 minutes", 15), ("five more minutes", 15),
        ("take two minutes off the timer", 8), ("shorten the timer by an hour", 10), ("make the timer 12 minutes", 12),
        ("change my ten minute timer to half an hour", 30), ("set another timer for 10 minutes", 10),
    ],
)  # fmt: skip
def test_a_timer_becomes_longer_shorter_or_another(talk: Talk, said: str, left: float) -> None:
    talk.ask("set a timer for 10 minutes")
    talk.ask(said)
    assert running(talk)[0].left / 60 == left


def test_a_paused_timer_says_so_and_goes_on_when_it_is_resumed(talk: Talk) -> None:
    talk.ask("set a timer for 10 minutes")
    talk.clock.wait(60)
    assert talk.ask("pause the timer").text == "Paused. 9 minutes left."
    talk.clock.wait(600)
    assert talk.ask("how much time is left").text == "9 minutes left, paused."
    assert talk.ask("resume the timer").text == "Running again. 9 minutes left."
    assert talk.ask("resume the timer").text == "Nothing is paused. 9 minutes left."
    talk.clock.wait(540)
    assert [reply.text for reply in talk.manager.ring()] == ["Your timer is done."]


def test_what_has_rung_is_snoozed_and_nothing_else(talk: Talk) -> None:
    talk.ask("set an alarm for 1 pm")
    assert "Nothing has rung" in talk.ask("snooze").text
    talk.clock.wait(3_600)
    talk.manager.ring()
    assert talk.ask("snooze").text == "I will ring again in 9 minutes."
    talk.clock.wait(540)
    assert [reply.text for reply in talk.manager.ring()] == ["This is your alarm."]


def test_turning_off_an_alarm_that_rings_leaves_the_others(talk: Talk) -> None:
    all_said(talk, "set an alarm for 1 pm", "set an alarm for 8 pm")
    talk.clock.wait(3_600)
    talk.manager.ring()
    assert talk.ask("turn off the alarm").text == "It is off."
    assert len(running(talk, "alarm")) == 1
    talk.clock.wait(600)
    talk.ask("turn off the alarm")
    assert running(talk, "alarm") == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("set an alarm for every day at six", "Alarm set for 6 AM every day."),
        ("wake me up every weekday at 6:30", "Alarm set for 6:30 AM every weekday."),
        ("set an alarm for mondays and fridays at 7 am", "Alarm set for 7 AM every Monday and Friday."),
        ("set an alarm in 8 hours", "Alarm set for 8 PM today."),
        ("set an alarm for tomorrow night at 9", "Alarm set for 9 PM tomorrow."),
        ("wake me up every other day at 7", "I can only repeat something on days of the week."),
        ("set an alarm for yesterday at 8 am", "That time has already passed."),
        ("set an alarm for today at 7 am", "That time has already passed."),
        ("set alarms for 6 and 7 am", "2 alarms set: 6 AM tomorrow and 7 AM tomorrow."),
    ],
)  # fmt: skip
def test_alarms_are_for_the_moment_or_the_days_that_were_named(talk: Talk, said: str, told: str) -> None:
    assert talk.ask(said).text == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["wake me up at 6"], "6 AM tomorrow"), (["i need to get up at 7:30"], "7:30 AM tomorrow"),
        (["wake me up at 4"], "4 AM tomorrow"), (["wake me up at 3"], "3 PM today"),
        (["wake me up at 1"], "1 PM today"), (["wake me at 6 pm"], "6 PM today"),
        (["wake me at 6 this evening"], "6 PM today"), (["set an alarm for 6"], "6 PM today"),
        (["wake me up", "6"], "6 AM tomorrow"), (["wake me up", "at six please"], "6 AM tomorrow"),
        (["set an alarm", "6"], "6 PM today"),
        (["wake me up", "never mind", "set an alarm for 6"], "6 PM today"),
    ],
)  # fmt: skip
def test_people_are_woken_in_the_morning_or_soon(talk: Talk, said: list[str], told: str) -> None:
    assert all_said(talk, *said) == f"Alarm set for {told}."


def test_after_a_nap_an_hour_is_the_next_one(talk: Talk) -> None:
    talk.clock.wait(3 * 3600)
    assert talk.ask("wake me up at 6").text == "Alarm set for 6 PM today."
    talk.clock.wait(60)
    assert talk.ask("wake me up at 5").text == "Alarm set for 5 PM today."
    talk.clock.wait(3600)
    assert talk.ask("wake me up at 8").text == "Alarm set for 8 AM tomorrow."


def test_a_timer_is_paused_by_its_name_alone_once_it_was_spoken_of(talk: Talk) -> None:
    talk.ask("set a tea timer for 5 minutes")
    talk.ask("set a timer for 25 minutes called focus")
    talk.ask("pause tea")
    assert {timer.label: timer.paused for timer in running(talk)} == {"tea": True, "focus": False}
    talk.ask("resume tea")
    assert not any(timer.paused for timer in running(talk))


def test_seven_in_the_morning_is_not_seven_in_the_evening(talk: Talk) -> None:
    talk.ask("set an alarm for 7 pm")
    assert talk.ask("cancel the 7 am alarm").text == "There is no such alarm. There is: 7 PM today."
    assert talk.ask("cancel the 7 o'clock alarm").text == "Alarm for 7 PM today cancelled."


def test_a_changed_alarm_keeps_what_was_not_named(talk: Talk) -> None:
    talk.ask("set a gym alarm for 7 am every weekday")
    assert talk.ask("change the gym alarm to 6").text == "Gym alarm set for 6 AM every weekday."
    assert talk.ask("make it saturday").text == "Gym alarm set for 6 AM tomorrow."
    assert [(alarm.label, alarm.every) for alarm in running(talk, "alarm")] == [("gym", ())]


def test_one_day_of_an_alarm_that_comes_again_is_skipped(talk: Talk) -> None:
    talk.ask("set an alarm for every day at 7 am")
    told = talk.ask("cancel tomorrow's alarm").text
    assert told == "Skipped 7 AM tomorrow. The next one is at 7 AM on Sunday."
    assert [alarm.due.day for alarm in running(talk, "alarm")] == [3]
    assert talk.ask("undo that").text == "As before: 7 AM every day."
    assert [alarm.due.day for alarm in running(talk, "alarm")] == [2]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("remind me about the meeting in 20 minutes", "I will remind you about the meeting in 20 minutes."),
        ("every monday at 9 remind me to call Bob", "I will remind you to call Bob every Monday at 9 AM."),
        ("i need to remember to call mom at 5", "I will remind you to call mom today at 5 PM."),
        ("remind me tomorrow at 3 to call mom", "I will remind you to call mom tomorrow at 3 PM."),
        ("remind me tonight to lock my door", "I will remind you to lock your door today at 8 PM."),
        ("don't let me forget my keys at 6 pm", "I will remind you about your keys today at 6 PM."),
        ("remind me to email Zoë the PIN 4711 at 9 pm", "I will remind you to email Zoë the PIN 4711 today at 9 PM."),
        ("remind me to eat when i get home", "I can only remind you at a time. At what time?"),
    ],
)  # fmt: skip
def test_a_reminder_is_said_back_as_it_will_be_given(talk: Talk, said: str, told: str) -> None:
    assert talk.ask(said).text == told


@pytest.mark.parametrize(
    ("answer", "told"),
    [("in 15 minutes", "in 15 minutes."), ("tomorrow at seven", "tomorrow at 7 AM."), ("tonight", "today at 8 PM."),
     ("every weekday at 6 pm", "every weekday at 6 PM."), ("at noon on monday", "on Monday at 12 PM.")],
)  # fmt: skip
def test_the_time_of_a_reminder_is_answered_in_any_way(talk: Talk, answer: str, told: str) -> None:
    assert talk.ask("remind me to call mom").text == "At what time?"
    assert talk.ask(answer).text == f"I will remind you to call mom {told}"


def test_what_is_to_be_done_may_sound_like_another_request(talk: Talk) -> None:
    talk.ask("remind me tomorrow")
    assert talk.ask("buy flowers").text == "I will remind you to buy flowers tomorrow at 9 AM."


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("cancel the reminder about the dentist", ["call mom"]), ("cancel all reminders", []),
        ("don't remind me to call mom", ["call the dentist"]), ("cancel the 6 pm reminder", ["call mom"]),
        ("cancel the reminder to call the bank", ["call mom", "call the dentist"]),
        ("cancel the reminder", ["call mom", "call the dentist"]),
    ],
)  # fmt: skip
def test_reminders_are_cancelled_by_their_words(talk: Talk, said: str, left: list[str]) -> None:
    all_said(talk, "remind me to call mom at 5 pm", "remind me to call the dentist at 6 pm", said)
    assert [timer.label for timer in running(talk, "reminder")] == left


def test_scheduled_actions_are_listed_and_cancelled_by_what_they_do(talk: Talk) -> None:
    book = talk.manager.timers
    book.start(600, kind="action", label="turn off the fan")
    book.set_for(
        dt.datetime(2026, 5, 2, 18, tzinfo=dt.UTC), kind="action", label="open the garage door", every=range(7)
    )
    told = talk.ask("what is scheduled").text
    assert told == "Scheduled: turn off the fan in 10 minutes and open the garage door every day at 6 PM."
    assert "not scheduled" in talk.ask("cancel closing the window").text
    assert talk.ask("cancel turning off the fan").text == "Cancelled: turn off the fan."
    assert talk.ask("cancel everything scheduled").text == "Cancelled: open the garage door."
    assert talk.ask("what will you do later").text == "Nothing is scheduled."


@pytest.mark.parametrize(
    ("first", "then", "labels"),
    [
        ("set a timer for 5 minutes", "make it ten minutes", {"": 10}),
        ("set a timer for 5 minutes", "no, ten minutes", {"": 10}),
        ("set a timer for 5 minutes", "i meant nine", {"": 9}), ("set a timer for 5 minutes", "no, 15", {"": 15}),
        ("set a timer for 60 minutes", "make it 90", {"": 90}), ("set a timer for 2 hours", "actually 3", {"": 180}),
        ("set a timer for 5 minutes", "not 5, 8", {"": 8}), ("set a timer for 5 minutes", "5 more", {"": 10}),
        ("set a tea timer for 5 minutes", "and another for 10", {"tea": 5, "": 10}),
        ("set a tea timer for 5 minutes", "and the rice timer for 10", {"tea": 5, "rice": 10}),
        ("set a timer for an hour and ten minutes", "make it 20", {"": 70}),
        ("set a tea timer for 5 minutes", "and another for ten minutes", {"tea": 5, "": 10}),
        ("set a tea timer for 5 minutes", "and one for the eggs for ten minutes", {"tea": 5, "eggs": 10}),
        ("set a timer for 5 minutes", "add two minutes", {"": 7}),
        ("set a timer for 5 minutes", "make it two minutes shorter", {"": 3}),
        ("set a timer for 5 minutes", "call it tea", {"tea": 5}), ("set a timer for 5 minutes", "delete it", {}),
    ],
)  # fmt: skip
def test_a_follow_up_is_about_the_timer_that_was_talked_about(
    talk: Talk, first: str, then: str, labels: dict[str, float]
) -> None:
    all_said(talk, first, then)
    assert minutes(talk) == labels


@pytest.mark.parametrize(
    "done",
    ["cancel the tea timer", "pause the tea timer", "add 3 minutes to the tea timer", "make the tea timer 20 minutes",
     "rename the tea timer to coffee", "restart the tea timer", "cancel all timers"],
)  # fmt: skip
def test_what_was_done_to_a_timer_is_taken_back(talk: Talk, done: str) -> None:
    talk.ask("set a tea timer for 5 minutes")
    talk.clock.wait(60)
    all_said(talk, done, "undo that")
    facts = [(timer.label, timer.left, timer.seconds, timer.paused) for timer in running(talk)]
    assert facts == [("tea", 240, 300, False)]


@pytest.mark.parametrize("said", ["set a timer for 5 minutes", "set an alarm for 7 am", "remind me to eat at 6"])
def test_what_was_set_is_taken_back(talk: Talk, said: str) -> None:
    all_said(talk, said, "undo that")
    assert running(talk) == []


def test_questions_change_nothing(talk: Talk) -> None:
    all_said(talk, "set a tea timer for 5 minutes", "set an alarm for 7 am", "remind me to eat at 6 pm")
    before = running(talk)
    for question in (
        "how much time is left", "when does the tea timer ring", "how long was the tea timer set for",
        "what have i set", "is my tea timer still running", "when is my alarm", "do i have an alarm for 8",
        "what are my reminders",
    ):  # fmt: skip
        assert talk.ask(question).act in ("inform", "sorry"), question
        assert running(talk) == before


def test_data_for_programs_gives_the_same_timer_back(talk: Talk) -> None:
    talk.ask("set an alarm for every monday at 7 am")
    (alarm,) = running(talk)
    assert timer_of(data_of(alarm)) == alarm


def test_what_people_say_of_themselves_is_mirrored(talk: Talk) -> None:
    class Words:
        def say(self, key: str) -> str:
            return talk.reader.locale.reply("timers", key)

    assert mirrored("tell My boss that I need MY pay", Words()) == "tell your boss that you need your pay"  # type: ignore[arg-type]


def test_one_thing_after_the_other_is_taken_back(talk: Talk) -> None:
    all_said(talk, "set a tea timer for 5 minutes", "add 3 minutes to the timer", "cancel the timer", "undo that")
    assert minutes(talk) == {"tea": 8}
    talk.ask("undo that")
    assert minutes(talk) == {"tea": 5}
    assert talk.ask("undo that").text == "It is cancelled."
    assert running(talk) == []


def test_the_unit_of_the_last_length_counts(talk: Talk) -> None:
    all_said(talk, "set a timer for 10 minutes", "make it 2 hours", "how long is left", "no, 3")
    assert minutes(talk) == {"": 180}


def test_the_time_of_a_reminder_that_had_only_a_day_is_named_afterwards(talk: Talk) -> None:
    all_said(talk, "remind me to call anna tomorrow", "at ten in the morning")
    assert [f"{timer.due:%H}" for timer in running(talk)] == ["10"]
    talk.ask("and at eleven in the morning")
    assert [f"{timer.due:%H}" for timer in running(talk)] == ["10", "11"]


def test_an_alarm_is_corrected_in_its_half_of_the_day(talk: Talk) -> None:
    all_said(talk, "set an alarm for 7 pm", "no, for 8")
    assert [f"{timer.due:%H}" for timer in running(talk)] == ["20"]


@pytest.mark.parametrize(("first", "then", "hours"), [
    ("set an alarm for 7 am", "and another for 8", [7, 8]), ("set an alarm for 7 pm", "and one at 8", [19, 20]),
    ("set an alarm for 7 am", "and another for 8 pm", [20, 7]),
])  # fmt: skip
def test_another_alarm_is_in_the_same_half_of_the_day(talk: Talk, first: str, then: str, hours: list[int]) -> None:
    all_said(talk, first, then)
    assert [timer.due.hour for timer in talk.manager.timers.running("alarm")] == hours


def test_a_length_without_a_unit_is_no_alarm(talk: Talk) -> None:
    assert talk.ask("set an alarm for 24:30").text == "For what time?"
    assert not running(talk)
