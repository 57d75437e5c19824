"""Files of other assistants become skills that read the same sentences; what cannot be taken over is noted."""

from pathlib import Path
from typing import Any

import pytest

from harken.errors import ConfigError, SkillError
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import read_skill
from harken.workshop.skill_check import check_skill
from harken.workshop.skill_import import import_skill

HOME = """\
language: en
lists:
  brightness: {range: {type: percentage, from: 0, to: 100}}
  level: {values: [{in: (max|maximum), out: 100}]}
  item: {wildcard: true}
  degrees: {range: {from: 0, to: 100, fractions: halves}}
expansion_rules:
  the: "(the|my)"
  name: "[<the>] {name}"
  area: "[<the>] {area}"
  what: "<what_class> of <name>"
  what_class: "size"
skip_words: [please]
intents:
  HassTurnOn:
    data:
      - sentences: ["turn on <name>", "(turn;<name>;on)"]
        requires_context: {domain: light}
      - sentences: ["open <name>"]
        requires_context: {domain: [cover]}
        excludes_context: {device_class: garage}
        slots: {kind: cover}
      - sentences: ["light up <area>", "[<the>] [lights]", "light {unknown}", "<missing> on"]
        response: lights
      - sentences: ["lights on"]
        requires_context: {area: {slot: true}}
  HassLightSet:
    data:
      - {sentences: ["set <name> to {brightness}[([ ]%)| percent]", "<name> <to> {level:brightness}"],
         expansion_rules: {to: "[turned] to"}}
      - {sentences: ["heat <area> <to> {degrees}"], expansion_rules: {to: "up to"}}
  HassGetState:
    data:
      - {sentences: ["what is the <what>"], expansion_rules: {what_class: "(state|status)"}}
      - {sentences: ["is <name> open"], requires_context: {domain: lock}}
  HassAdd: {data: [{sentences: ["add {item} to the list"]}]}
"""
NAMES = """\
entities:
  - {name: Bedroom Lamp, id: light.bedroom}
  - {name: "Trader Joe[']s", id: light.joe}
  - {name: Front Blind, id: cover.blind}
  - {name: Gate, id: cover.gate, attributes: {device_class: garage}}
areas: [{name: Kitchen}]
floors: [{name: Upstairs}]
"""
RASA = """\
version: "3.1"
nlu:
  - intent: book/table
    examples: |
      - book a table in [berlin](city) for [two]{"entity": "guests", "value": "2"}
      - from [berlin]{"entity": "city", "role": "from"} to [paris]{"entity": "city", "role": "to"} (now)
      - between [munich](city) and [the big apple](city:new york)
  - intent: greet
    examples:
      - hello there
      - text: good day
  - synonym: new york
    examples: |
      - NYC
  - lookup: city
    examples: |
      - NYC
      - Rome
      - 東京
  - regex: zip
    examples: |
      - \\d+
responses:
  utter_greet: [{text: Hi.}, {text: Hello.}]
stories: [{story: a}]
"""


def reader(tmp_path: Path, text: str, kind: str, names: str = "") -> tuple[Interpreter, list[str]]:
    (tmp_path / "source.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "names.yml").write_text(names, encoding="utf-8")
    entities = tmp_path / "names.yml" if names else None
    folder, notes = import_skill([tmp_path / "source.yaml"], kind, to=tmp_path, entities=entities)
    skill = read_skill(folder)
    assert skill.name == "source"
    assert all(finding.ok for finding in check_skill(folder))
    assert all(note in (folder / "NOTES.md").read_text(encoding="utf-8") for note in notes)
    return Interpreter({skill.name: skill}, {}, None, locale=load_locale()), notes


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("turn on the bedroom lamp", "HassTurnOn", {"name": "Bedroom Lamp"}),
        ("turn trader joes on", "HassTurnOn", {"name": "Trader Joe's"}),
        ("on my Bedroom lamp's turn", "HassTurnOn", {"name": "Bedroom Lamp"}),
        ("open the front blind", "HassTurnOn", {"name": "Front Blind", "kind": "cover"}),
        ("light up the kitchen", "HassTurnOn", {"area": "Kitchen"}),
        ("set bedroom lamp to 50%", "HassLightSet", {"name": "Bedroom Lamp", "brightness": 50}),
        ("set gate to fifty percent", "HassLightSet", {"name": "Gate", "brightness": 50}),
        ("gate turned to maximum", "HassLightSet", {"name": "Gate", "brightness": 100}),
        ("heat the kitchen up to 21.5", "HassLightSet", {"area": "Kitchen", "degrees": 21.5}),
        ("what is the state of the gate", "HassGetState", {"name": "Gate"}),
        ("add green apples to the list", "HassAdd", {"item": "green apples"}),
        ("turn on the front blind", "", {}),
        ("open the gate", "", {}),
        ("gate up to maximum", "", {}),
        ("what is the size of the gate", "", {}),
        ("lights", "", {}),
    ],
)
def test_sentences_of_a_home_keep_their_meaning(tmp_path: Path, text: str, intent: str, slots: dict[str, Any]) -> None:
    meant = reader(tmp_path, HOME, "ha", NAMES)[0].understand(text)
    assert (("", {}) if meant.rejected else (meant.intent, meant.values)) == (intent, slots)


def test_what_a_home_loses_is_noted(tmp_path: Path) -> None:
    interpreter, notes = reader(tmp_path, HOME, "ha", NAMES)
    told = "\n".join(notes)
    for part in ("skip words", "list degrees", "list item", "unknown", "no rule <missing>", "every part of",
                 "the area where it is said", "name_none"):  # fmt: skip
        assert part in told
    intents = interpreter.skills["source"].intents
    assert (intents["HassGetState"].acts, intents["HassTurnOn"].acts) == (False, True)


def test_without_names_devices_are_free_text(tmp_path: Path) -> None:
    interpreter, notes = reader(tmp_path, HOME, "ha")
    assert interpreter.understand("turn on the disco ball").values == {"name": "disco ball"}
    assert any("--entities" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("book a table in rome for two", "book_table", {"city": "Rome", "guests": "2"}),
        ("from paris to nyc now", "book_table", {"from": "paris", "to": "new york"}),
        ("between berlin and the big apple", "book_table", {"city": "berlin", "city_2": "new york"}),
        ("hello there", "greet", {}),
        ("good day", "greet", {}),
    ],
)
def test_examples_of_rasa_become_sentences(tmp_path: Path, text: str, intent: str, slots: dict[str, Any]) -> None:
    interpreter, notes = reader(tmp_path, RASA, "rasa")
    meant = interpreter.understand(text)
    assert (meant.rejected, meant.intent, meant.values) == (False, intent, slots)
    assert interpreter.skills["source"].intents["greet"].responses == ("Hi.", "Hello.")
    told = "\n".join(notes)
    for part in ("book/table is called book_table", "regular expression zip", "stories", "東", "greet: harken steers",
                 "list city has the 8 values"):  # fmt: skip
        assert part in told


def test_nothing_is_written_when_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(SkillError, match="no sentences"):
        import_skill([tmp_path / "empty.yaml"], "ha", to=tmp_path)
    alone = 'intents: {HassOpen: {data: [{sentences: ["open <name>"]}]}}\n'
    (tmp_path / "empty.yaml").write_text(alone, encoding="utf-8")
    with pytest.raises(SkillError, match=r"could be taken over .*no rule <name>"):
        import_skill([tmp_path / "empty.yaml"], "ha", to=tmp_path, name="a")
    with pytest.raises(SkillError, match="no such file"):
        import_skill([tmp_path / "nowhere"], "ha", to=tmp_path)
    with pytest.raises(ConfigError, match="did you mean 'rasa'"):
        import_skill([tmp_path / "empty.yaml"], "rass", to=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["empty.yaml"]


def test_a_taken_folder_is_left_alone(tmp_path: Path) -> None:
    reader(tmp_path, RASA, "rasa")
    with pytest.raises(SkillError, match="already exists"):
        import_skill([tmp_path / "source.yaml"], "rasa", to=tmp_path)
