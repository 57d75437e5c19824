"""How a sentence is taken apart, with a small skill of lamps and doors."""

import datetime as dt
from pathlib import Path

import pytest

from harken.events import Interpretation
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import read_skill

HOUSE = """
skill: house
about: Lamps and doors.
lists:
  room: {values: [kitchen, living room, bedroom, hall]}
  state: {values: [{in: "on", out: true}, {in: "off", out: false}]}
  device: {values: [fan, tv, heater]}
  mood: {closed: true, values: [cozy, bright]}
  thing: {wildcard: true, examples: [milk]}
intents:
  lamp:
    sentences:
      - "turn {state} the (light|lights) [in the {room}]"
      - "turn {state} the {room} (light|lights)"
      - "[the] lights {state}"
  device:
    sentences:
      - "(turn|leave) {state} the {device} [in the {room}]"
      - "(turn|leave) the {device} [in the {room}] {state}"
    required: {device: "Which one?"}
  door:
    data:
      - {sentences: ["open the door"], slots: {open: true}}
      - {sentences: ["close the door", "shut the door"], slots: {open: false}}
  buy:
    sentences: ["buy {thing}"]
  mood:
    sentences: ["make this place {mood}"]
  isOn:
    acts: false
    sentences: ["is the (light|lights) on [in the {room}]", "[the] lights on"]
  more:
    follows: [lamp]
    sentences: ["brighter", "turn it {state}"]
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Interpreter:
    folder: Path = tmp_path_factory.mktemp("house")
    (folder / "skill.yaml").write_text(HOUSE, encoding="utf-8")
    skill = read_skill(folder)
    return Interpreter({"house": skill}, {}, None, locale=load_locale(), today=lambda: dt.date(2026, 11, 26))


def told(meaning: Interpretation) -> list[tuple[str, dict[str, object]]]:
    return [(each.intent, each.values) for each in (meaning, *meaning.then)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("turn on the light and open the door", [("lamp", {"state": True}), ("door", {"open": True})]),
        ("turn on the light, then close the door", [("lamp", {"state": True}), ("door", {"open": False})]),
        ("Turn off the lights. Shut the door.", [("lamp", {"state": False}), ("door", {"open": False})]),
        ("turn off the light and the tv", [("lamp", {"state": False}), ("device", {"state": False, "device": "tv"})]),
        ("turn off the tv, the fan and the heater",
         [("device", {"state": False, "device": name}) for name in ("tv", "fan", "heater")]),
        ("turn on the light in the kitchen and in the hall",
         [("lamp", {"state": True, "room": "kitchen"}), ("lamp", {"state": True, "room": "hall"})]),
        ("turn on the kitchen and living room lights",
         [("lamp", {"state": True, "room": "kitchen"}), ("lamp", {"state": True, "room": "living room"})]),
        ("turn the fan on and the tv off",
         [("device", {"device": "fan", "state": True}), ("device", {"device": "tv", "state": False})]),
    ],
)  # fmt: skip
def test_several_requests_are_read_in_order(reader: Interpreter, text: str, wanted: list[object]) -> None:
    meaning = reader.understand(text)
    assert told(meaning) == wanted
    assert not meaning.rejected


def test_half_of_a_double_request_is_never_taken_for_the_whole(reader: Interpreter) -> None:
    meaning = reader.understand("turn on the light and paint the door")
    assert meaning.rejected
    assert [rest.text for rest in meaning.unread] == ["and paint the door"]


@pytest.mark.parametrize(
    "text", ["don't turn on the light", "please do not turn on the light", "Never turn on the light!",
             "i don't want you to turn on the light", "you needn't turn on the light please"],
)  # fmt: skip
def test_what_is_denied_is_marked(reader: Interpreter, text: str) -> None:
    meaning = reader.understand(text)
    assert (meaning.intent, meaning.negated, meaning.rejected) == ("lamp", True, False)
    assert meaning.action == "turn on the light"


def test_a_question_is_not_denied_but_not_understood(reader: Interpreter) -> None:
    assert reader.understand("don't is the light on").rejected


def test_two_denials_cancel_each_other(reader: Interpreter) -> None:
    assert not reader.understand("never don't open the door").negated


@pytest.mark.parametrize(
    ("text", "seconds", "time", "date", "every"),
    [
        ("open the door in ten minutes", 600, "", "", ()),
        ("in half an hour open the door", 1800, "", "", ()),
        ("open the door at seven thirty", None, "07:30", "", ()),
        ("open the door tomorrow at noon", None, "12:00", "2026-11-27", ()),
        ("at noon tomorrow open the door", None, "12:00", "2026-11-27", ()),
        ("every weekday at six open the door", None, "06:00", "", (0, 1, 2, 3, 4)),
        ("open the door daily at six", None, "06:00", "", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_a_time_for_an_action_is_read(
    reader: Interpreter, text: str, seconds: float | None, time: str, date: str, every: tuple[int, ...]
) -> None:
    meaning = reader.understand(text)
    assert meaning.intent == "door"
    assert meaning.when is not None
    assert (meaning.when.seconds, meaning.when.time, meaning.when.date, meaning.when.every) == (
        seconds, time, date, every,
    )  # fmt: skip


def test_a_time_behind_shortened_requests_is_for_all_of_them(reader: Interpreter) -> None:
    meaning = reader.understand("turn off the light and the fan in ten minutes")
    assert [each.when is not None for each in (meaning, *meaning.then)] == [True, True]


def test_a_time_behind_a_full_request_is_for_that_one(reader: Interpreter) -> None:
    meaning = reader.understand("turn off the light and open the door in ten minutes")
    assert [each.when is not None for each in (meaning, *meaning.then)] == [False, True]


@pytest.mark.parametrize(
    "text", ["turn off the fan but leave the tv on", "turn off the fan but not the tv",
             "turn off the fan but don't turn off the tv"],
)  # fmt: skip
def test_what_is_left_alone_is_denied_and_the_rest_is_done(reader: Interpreter, text: str) -> None:
    meaning = reader.understand(text)
    assert (meaning.values, meaning.negated) == ({"state": False, "device": "fan"}, False)
    assert [(each.values["device"], each.negated) for each in meaning.then] == [("tv", True)]


@pytest.mark.parametrize(
    "text", ["turn off the fan but leave the fan on", "turn off the fan but leave the fan in the bedroom on",
             "turn off the lights but don't turn off the bedroom lights", "open the door but leave the door",
             "turn off the fan but turn on the tv", "turn off the fan but not the tv in the bedroom"],
)  # fmt: skip
def test_nothing_is_done_when_what_is_left_alone_is_a_part_of_the_request(reader: Interpreter, text: str) -> None:
    assert reader.understand(text).rejected


def test_a_room_may_stand_before_the_request(reader: Interpreter) -> None:
    meaning = reader.understand("in the kitchen turn on the light")
    assert (meaning.rejected, meaning.values) == (False, {"state": True, "room": "kitchen"})
    assert reader.understand("in the kitchen is the light on").rejected, "only what acts is turned around"


def test_a_request_that_breaks_off_is_complete_but_for_what_it_lacks(tmp_path: Path) -> None:
    asking = HOUSE.replace("  isOn:", '    required: {mood: "Which?"}\n  isOn:').replace(
        "place {mood}", "place [{mood}]"
    )
    (tmp_path / "skill.yaml").write_text(asking, encoding="utf-8")
    skill = read_skill(tmp_path)
    reader = Interpreter({"house": skill}, {}, None, locale=load_locale(), today=lambda: dt.date(2026, 11, 26))
    assert not reader.understand("make this place a").rejected
    assert reader.understand("make this place pink").rejected
    assert reader.understand("turn on the light in").rejected, "it would act on all the lights"


@pytest.mark.parametrize(
    ("text", "unread", "slot"),
    [
        ("turn on the light in the attic", "attic", "room"),
        ("turn on the Batcave light", "Batcave", "room"),
        ("turn off the toaster", "toaster", "device"),
        ("open the door if it rains", "if it rains", ""),
        ("when i come home open the door", "when i come home", ""),
        ("turn off the lights except the bedroom", "except the bedroom", ""),
        ("open the door unless it is dark", "unless it is dark", ""),
        ("turn on the light without the lamp", "without the lamp", ""),
    ],
)
def test_what_nothing_explains_is_named_and_stops_the_request(
    reader: Interpreter, text: str, unread: str, slot: str
) -> None:
    meaning = reader.understand(text)
    assert meaning.rejected
    assert meaning.intent
    assert [(rest.text, rest.slot) for rest in meaning.unread] == [(unread, slot)]


@pytest.mark.parametrize(
    "text",
    ["why did you turn on the light", "should i open the door", "did he close the door", "i think we open the door"],
)
def test_questions_and_talk_about_a_request_are_not_the_request(reader: Interpreter, text: str) -> None:
    meaning = reader.understand(text)
    assert meaning.rejected
    assert not meaning.skill


@pytest.mark.parametrize(
    ("text", "intent"),
    [("the lights on?", "isOn"), ("the lights off?", "lamp"), ("turn on the light?", "lamp"), ("lights off", "lamp")],
)
def test_of_two_readings_a_question_mark_chooses_the_question(reader: Interpreter, text: str, intent: str) -> None:
    assert reader.understand(text).intent == intent


def test_a_list_of_things_stays_one_request(reader: Interpreter) -> None:
    assert told(reader.understand("buy milk and bread")) == [("buy", {"thing": "milk and bread"})]


@pytest.mark.parametrize(
    ("last", "text", "intent", "values"),
    [
        ("lamp", "and in the hall", "lamp", {"room": "hall"}),
        ("lamp", "what about the bedroom", "lamp", {"room": "bedroom"}),
        ("lamp", "brighter", "more", {}),
        ("lamp", "and turn it off please", "more", {"state": False}),
        ("buy", "and also Blink-182", "buy", {"thing": "Blink-182"}),
    ],
)
def test_a_fragment_is_read_in_the_light_of_the_last_request(
    reader: Interpreter, last: str, text: str, intent: str, values: dict[str, object]
) -> None:
    meaning = reader.follow_up("house", last, reader.understand(text))
    assert meaning is not None
    assert (meaning.intent, meaning.values, meaning.rejected) == (intent, values, False)


@pytest.mark.parametrize(
    ("last", "text"), [("door", "brighter"), ("lamp", "and butter"), ("isOn", "purple"), ("", "and")]
)
def test_other_fragments_do_not_follow(reader: Interpreter, last: str, text: str) -> None:
    assert reader.follow_up("house", last, reader.understand(text)) is None


def test_intents_that_follow_are_not_read_by_themselves(reader: Interpreter) -> None:
    assert reader.understand("brighter").rejected


def test_a_request_that_no_sentence_says_is_not_worded(reader: Interpreter) -> None:
    assert reader.phrase("house", "lamp", {}) == ""
    assert reader.phrase("house", "door", {}) == ""
    assert reader.phrase("garden", "dig", {}) == ""


def test_requests_are_worded_as_plain_commands(reader: Interpreter) -> None:
    assert reader.phrase("house", "lamp", {"state": False, "room": "hall"}) == "turn off the light in the hall"
    assert reader.phrase("house", "door", {"open": False}) == "close the door"
    assert reader.phrase("house", "buy", {"thing": "Blink-182"}) == "buy Blink-182"


@pytest.mark.parametrize("words", ["three rooms", "the brother takes his", "the open door", "the room you know"])
def test_verbs_pronouns_and_numbers_are_in_no_unknown_name(reader: Interpreter, words: str) -> None:
    named, other = (reader.understand(f"turn on the light in {name}") for name in ("the attic", words))
    assert [unread.slot for unread in named.unread] == ["room"]
    assert not any(unread.slot for unread in other.unread)


def test_no_unknown_name_stands_for_a_fixed_choice(reader: Interpreter) -> None:
    assert reader.understand("make this place cozy").values == {"mood": "cozy"}
    assert reader.understand("make this place famous").skill == ""
    assert reader.understand("turn sideways the light in the kitchen").skill == ""


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("open the door, it's stuffy in here", "door"),
        ("it's stuffy in here open the door", "door"),
        ("the kids are asleep, turn off the light", "lamp"),
        ("turn the fan on because i'm boiling", "device"),
        ("since we're going out, please turn off the tv thanks", "device"),
        ("would you mind opening the door", "door"),
        ("do you mind turning off the fan, it's loud", "device"),
        ("um turn uh off the er light", "lamp"),
        ("would you be so kind as to shut the door sweetheart", "door"),
    ],
)
def test_reasons_hesitations_and_politeness_change_nothing(reader: Interpreter, text: str, intent: str) -> None:
    meaning = reader.understand(text)
    assert (meaning.intent, meaning.rejected, meaning.then) == (intent, False, ())


@pytest.mark.parametrize(
    "text",
    ["open the door if it's stuffy", "i was told to open the door", "he said open the door",
     "it's not time to open the door", "the door is open and nobody asked you to close the door",
     "i had a bad is the light on"],
)  # fmt: skip
def test_conditions_and_reports_are_no_reasons(reader: Interpreter, text: str) -> None:
    assert reader.understand(text).rejected


def test_a_remark_is_a_request_only_when_it_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "skill.yaml").write_text(
        'skill: house\nintents:\n  warm: {data: [{sentences: ["i\'m cold"], remark: true}]}\n'
        "  shut: {sentences: [close the window]}\n",
        encoding="utf-8",
    )
    reader = Interpreter({"house": read_skill(tmp_path)}, {}, None, locale=load_locale())
    assert told(reader.understand("i'm cold")) == [("warm", {})]
    assert told(reader.understand("i'm cold, close the window")) == [("shut", {})]
    assert told(reader.understand("close the window and i'm cold")) == [("shut", {})]


class TestATimeInTheMiddle:
    def test_is_taken_out(self, reader: Interpreter) -> None:
        heard = reader.understand("turn on the light at six in the kitchen")
        assert told(heard) == [("lamp", {"state": True, "room": "kitchen"})]
        assert heard.when is not None
        assert heard.when.time == "06:00"

    @pytest.mark.parametrize("text", ["is the light on at six in the kitchen", "turn on the light at six in the attic"])
    def test_puts_off_only_what_is_understood_and_acts(self, reader: Interpreter, text: str) -> None:
        assert reader.understand(text).rejected

    def test_stays_in_free_text(self, reader: Interpreter) -> None:
        heard = reader.understand("buy tickets at six in the hall")
        assert (heard.when, heard.values) == (None, {"thing": "tickets at six in the hall"})


@pytest.mark.parametrize(("said", "exact"), [
    ("it's late an alarm for six", True),
    ("i was going to set an alarm for six", False),
    ("i was going to an alarm for six", False),
    ("i'm going, an alarm for six", True),
])  # fmt: skip
def test_a_statement_that_goes_on_is_no_remark_before_a_request(tmp_path: Path, said: str, exact: bool) -> None:
    (tmp_path / "skill.yaml").write_text('skill: clock\nintents:\n  alarm: {sentences: ["an alarm for {time}"]}\n')
    found = Interpreter({"clock": read_skill(tmp_path)}, {}, None, locale=load_locale()).understand(said)
    assert found.exact is exact
