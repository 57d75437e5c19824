"""Slips that are mended in the same breath, and other words for the same request."""

import datetime as dt
from pathlib import Path

import pytest

from harken.events import Interpretation, When
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import read_skill

HOUSE = """
skill: house
lists:
  room: {values: [kitchen, bedroom, hall]}
  state: {values: [{in: "on", out: true}, {in: "off", out: false}]}
  device: {values: [fan, tv]}
  any: {type: items, examples: [a tent]}
  task: {wildcard: true, examples: [call mom]}
intents:
  lamp:
    sentences: ["turn {state} the {room} light", "lights {state} in the {room}"]
  device:
    sentences: ["turn {state} the {device}", "turn the {device} {state}", "the {device} {state}"]
    required: {device: "Which one?", state: "On or off?"}
  timer: {sentences: ["set [a|the] timer for {duration}", "set [a|the] timer"]}
  put: {sentences: ["add {any:item} to my list"]}
  remind: {sentences: ["remind me to {task} at {time}", "remind me at {time} to {task}", "remind me to {task}"]}
  door: {sentences: ["open the door", "get a door"]}
  isOn: {acts: false, sentences: ["is the {device} {state}"]}
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    folder: Path = tmp_path_factory.mktemp("house")
    (folder / "skill.yaml").write_text(HOUSE, encoding="utf-8")
    return Interpreter({"house": read_skill(folder)}, {}, None, locale=load_locale(), today=lambda: dt.date(2026, 1, 1))


def told(meaning: Interpretation) -> list[tuple[str, dict[str, object]]]:
    return [(each.intent, each.values) for each in (meaning, *meaning.then)]


@pytest.mark.parametrize(
    ("text", "intent", "values"),
    [
        ("turn on the kitchen light I mean the bedroom light", "lamp", {"state": True, "room": "bedroom"}),
        ("turn on the kitchen, no, the bedroom light", "lamp", {"state": True, "room": "bedroom"}),
        ("turn off the fan no wait the tv", "device", {"state": False, "device": "tv"}),
        ("turn off the fan no the tv", "device", {"state": False, "device": "tv"}),
        ("turn on the kitchen light no the bedroom light", "lamp", {"state": True, "room": "bedroom"}),
        ("turn on the kitchen light no bedroom", "lamp", {"state": True, "room": "bedroom"}),
        ("lights on in the kitchen no in the hall", "lamp", {"state": True, "room": "hall"}),
        ("turn the fan on no off", "device", {"state": False, "device": "fan"}),
        ("set a timer for ten minutes no twelve", "timer", {"duration": 720.0}),
        ("turn off the fan, sorry, turn on the fan", "device", {"state": True, "device": "fan"}),
        ("turn on the, er, turn off the fan", "device", {"state": False, "device": "fan"}),
        ("not the kitchen light, turn on the hall light", "lamp", {"state": True, "room": "hall"}),
        ("not the tv, the fan off", "device", {"state": False, "device": "fan"}),
        ("set a timer for five, no, six minutes", "timer", {"duration": 360.0}),
        ("don't set the timer for five minutes, set it for six minutes", "timer", {"duration": 360.0}),
        ("add milk and bread, I mean butter to my list", "put", {"item": ["milk", "butter"]}),
        ("add ice cream, no sorry, jam to my list", "put", {"item": ["jam"]}),
        ("turn on the hall no the bedroom light", "lamp", {"state": True, "room": "bedroom"}),
        ("turn off the hall sorry bedroom light", "lamp", {"state": False, "room": "bedroom"}),
        ("remind me to ring bob at five, no, six", "remind", {"task": "ring bob", "time": "06:00"}),
    ],
)
def test_only_what_is_meant_is_done(reader: Interpreter, text: str, intent: str, values: dict[str, object]) -> None:
    meaning = reader.understand(text)
    assert [(meaning.intent, meaning.values)] == told(meaning) == [(intent, values)]
    assert not meaning.negated


@pytest.mark.parametrize(
    "text",
    [
        "turn on the hall no light", "turn on no the hall light",
        "turn on the fan, turn off the", "I mean the kitchen", "turn off the fan no turn on the tv",
        "turn off the fan no the kitchen", "don't turn off the fan no the tv",
        "don't turn on the fan, the tv", "turn on the fan I mean business",
    ],
)  # fmt: skip
def test_what_mends_nothing_is_not_done(reader: Interpreter, text: str) -> None:
    meaning = reader.understand(text)
    assert meaning.rejected or meaning.negated


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("remind me to ring bob, no, anna at five", "ring bob, no, anna"),
        ("remind me to say no to bob at five", "say no to bob"),
        ("remind me to ring bob no anna", "ring bob no anna"),
        ("remind me to tell bob I mean it", "tell bob I mean it"),
        ("remind me to ring bob at five, I mean business", "ring bob at five, I mean business"),
    ],
)
def test_free_text_may_hold_such_words(reader: Interpreter, text: str, task: str) -> None:
    assert reader.understand(text).values["task"] == task


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("open me the door", "door"), ("get me a door", ""), ("the fan please off", "device"),
        ("isn't the fan on", "isOn"), ("tell me if the fan is on", "isOn"), ("check whether the tv is off", "isOn"),
        ("tell me if the fan is", ""), ("tell me if turn on the fan", ""), ("isn't turn on the fan", ""),
        ("won't you open the door as soon as possible", "door"), ("if it isn't too much trouble open the door", "door"),
        ("if it isn't raining open the door", ""),
    ],
)  # fmt: skip
def test_other_words_for_the_same(reader: Interpreter, text: str, intent: str) -> None:
    meaning = reader.understand(text)
    assert (meaning.intent if not meaning.rejected else "") == intent


def test_a_pause_joins_requests_that_differ_in_everything(reader: Interpreter) -> None:
    both = [("lamp", {"state": True, "room": "kitchen"}), ("lamp", {"state": False, "room": "hall"})]
    assert told(reader.understand("lights on in the kitchen, off in the hall")) == both
    assert reader.understand("lights on in the kitchen, on in the hall").rejected


def test_a_digit_may_be_the_word_that_sounds_like_it(reader: Interpreter) -> None:
    assert reader.understand("add 2 eggs 2 my list").values == {"item": ["2 eggs"]}
    assert reader.understand("turn on the fan 4").rejected


def test_a_number_behind_a_request_is_no_remark(reader: Interpreter) -> None:
    assert reader.understand("open the door, I want 22").rejected
    assert not reader.understand("open the door, I want some air").rejected


class TestWhatIsLeftAsItIs:
    @pytest.mark.parametrize(
        "text", ["leave the fan on", "keep the fan on please", "turn on the tv and leave the fan on"]
    )
    def test_is_a_denial_of_the_opposite(self, reader: Interpreter, text: str) -> None:
        heard = reader.understand(text)
        last = heard.then[-1] if heard.then else heard
        assert (last.intent, last.values, last.negated) == ("device", {"device": "fan", "state": False}, True)

    def test_is_nothing_that_no_request_changes(self, reader: Interpreter) -> None:
        assert reader.understand("leave the key on").rejected


@pytest.mark.parametrize("text", ["if the fan is on turn it off", "if the fan is on, then turn off it"])
def test_a_condition_on_the_same_thing_changes_nothing(reader: Interpreter, text: str) -> None:
    heard = reader.understand(text)
    assert (heard.intent, heard.values, heard.negated) == ("device", {"device": "fan", "state": False}, False)


@pytest.mark.parametrize(
    "text", ["if the fan is on turn off the tv", "if the fan is on turn it on", "if it rains turn it off"]
)
def test_another_condition_is_not_left_out(reader: Interpreter, text: str) -> None:
    assert reader.understand(text).rejected


@pytest.mark.parametrize(
    "text", ["wait, turn on the fan", "hang on turn on the fan", "only turn on the fan", "no wait turn on the fan"]
)
def test_what_interrupts_is_no_part_of_the_request(reader: Interpreter, text: str) -> None:
    assert reader.understand(text).values == {"device": "fan", "state": True}


def test_a_slip_between_two_words_is_mended(reader: Interpreter) -> None:
    assert reader.understand("turn of the fan").values == {"device": "fan", "state": False}


def test_a_number_is_replaced_in_front_of_its_unit(reader: Interpreter) -> None:
    assert reader.understand("turn off the fan in ten minutes no make it fifteen").when == When(
        text="in fifteen minutes", seconds=900
    )


def test_two_things_to_remember_have_each_their_time(reader: Interpreter) -> None:
    heard = reader.understand("remind me to call anna at two and to fetch tom at four")
    assert [part.values["task"] for part in (heard, *heard.then)] == ["call anna", "fetch tom"]
    assert not reader.understand("remind me to call anna and tom at four").then
    assert not reader.understand("remind me to buy bread at two and milk at four").then


class TestAnAnswer:
    def test_is_no_question(self, reader: Interpreter) -> None:
        assert reader.answer("house", "device", "state", reader.understand("on"))
        assert not reader.answer("house", "device", "state", reader.understand("is it on"))

    def test_is_nothing_that_puts_it_off(self, reader: Interpreter) -> None:
        assert reader.answer("house", "remind", "task", reader.understand("fetch tom"))
        assert not reader.answer("house", "remind", "task", reader.understand("hang on i must think"))


class TestAFragment:
    def test_may_name_what_is_not_meant(self, reader: Interpreter) -> None:
        found = reader.follow_up("house", "device", reader.understand("no not the tv the fan"))
        assert found is not None
        assert found.values == {"device": "fan"}

    def test_is_none_that_denies_something_else(self, reader: Interpreter) -> None:
        assert reader.follow_up("house", "device", reader.understand("no not the kitchen the fan")) is None


@pytest.mark.parametrize("text", ["set a timer no the tv", "add milk no bread to my list"])
def test_what_is_of_another_kind_or_may_be_part_of_a_name_takes_no_place(reader: Interpreter, text: str) -> None:
    heard = reader.understand(text)
    assert heard.rejected or heard.values == {"item": ["milk no bread"]}


@pytest.mark.parametrize(("text", "seconds"), [("make it six minutes", 360.0), ("make it six thirty", None)])
def test_what_is_rather_a_time_of_day_is_no_duration_that_can_be_left_out(
    reader: Interpreter, text: str, seconds: float | None
) -> None:
    found = reader.follow_up("house", "timer", reader.understand(text))
    assert (found and found.values.get("duration")) == seconds


@pytest.mark.parametrize(
    ("text", "time", "seconds"),
    [
        ("turn on the fan at six no seven", "07:00", None), ("turn on the fan at six no at seven", "07:00", None),
        ("turn on the fan in ten minutes no twenty", "", 1200.0),
        ("turn on the fan in ten minutes no at six", "06:00", None),
    ],
)  # fmt: skip
def test_a_time_takes_the_place_of_another(reader: Interpreter, text: str, time: str, seconds: float | None) -> None:
    heard = reader.understand(text)
    assert told(heard) == [("device", {"device": "fan", "state": True})]
    assert heard.when is not None
    assert (heard.when.time, heard.when.seconds) == (time, seconds)
    assert reader.understand("turn on the fan at six no more").rejected
