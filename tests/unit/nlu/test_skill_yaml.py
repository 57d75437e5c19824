"""What YAML writes is what the skill gets: the core schema of YAML 1.2, and no text cut off unnoticed."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from harken.errors import SkillError
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.skill_yaml import read_located


def plain(tmp_path: Path, text: str) -> Any:
    file = tmp_path / "value.yaml"
    file.write_text(text, encoding="utf-8")
    return read_located(file).plain()


def skill_of(tmp_path: Path, text: str) -> Skill:
    (tmp_path / "skill.yaml").write_text(f"skill: a\n{text}", encoding="utf-8")
    return read_skill(tmp_path)


def meaning(skill: Skill, text: str) -> dict[str, Any]:
    reader = Interpreter({skill.name: skill}, {}, None, locale=load_locale(), today=lambda: dt.date(2026, 11, 26))
    meant = reader.understand(text)
    return {} if meant.rejected else dict(meant.values)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((text, text) for text in ("on", "off", "yes", "no", "NO", "y", "N", "On", "12:30", "1:30:15", "2026-11-26")),
        *((text, text) for text in ("1_000", "0b11", "=", "<<", "1e", "tRUE", "2026-11-26T10:00:00Z", "1.2.3")),
        ("true", True), ("False", False), ("TRUE", True), ("~", None), ("null", None),
        ("0o17", 15), ("017", 17), ("0x1F", 31), ("-5", -5), ("+5", 5), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0),
        ("'true'", "true"), ('"5"', "5"), ("!!str 5", "5"), ("!!str no", "no"),
        ("{on: off, a: [no, 1]}", {"on": "off", "a": ["no", 1]}),
    ],
)  # fmt: skip
def test_values_are_read_by_the_core_schema(tmp_path: Path, written: str, value: object) -> None:
    read = plain(tmp_path, written)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("written", [".inf", "-.Inf", ".nan", "1e999", "!!binary aGk=", "!thing x", "!!bool yes"])
def test_what_json_has_no_value_for_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(SkillError, match=r"not a number|tag"):
        plain(tmp_path, written)


def test_values_of_lists_and_blocks_are_text_unless_they_say_otherwise(tmp_path: Path) -> None:
    skill = skill_of(
        tmp_path,
        "lists:\n  land: {values: [{in: norway, out: NO}, {in: lunch, out: 12:30}, {in: nothing, out: off}]}\n"
        "intents:\n  go:\n    data:\n      - {sentences: ['fly to {land}'], slots: {state: on, sure: true}}\n"
        "examples:\n  - {text: fly to norway, intent: go, slots: {land: NO, state: on, sure: true}}\n",
    )
    assert [value for _, value in skill.lists["land"].entries] == ["NO", "12:30", "off"]
    assert skill.intents["go"].templates[0].constants == {"state": "on", "sure": True}
    assert meaning(skill, skill.examples[0].text) == skill.examples[0].slots


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("intents:\n  go:\n    sentences:\n    - press the # key now\n", 5, "'#' cuts the sentence off"),
        ("intents:\n  go:\n    sentences: press #1\n", 4, "after 'press'"),
        ("intents:\n  go:\n    sentences:\n    - press\n      the #key\n", 6, "after 'press the'"),
        ("intents: {go: {sentences: [hi], responses: [it is # 1\n  ]}}\n", 2, "the phrase"),
        ("lists: {x: {values: [number # 1, b\n   ]}}\nintents: {go: {sentences: ['{x}']}}\n", 2, "a list value"),
    ],
)
def test_a_number_sign_that_cuts_a_text_is_noticed(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(SkillError) as caught:
        skill_of(tmp_path, text)
    assert says in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "sentences", ["'press #1 # 2'", "press#1", "press it  # a comment", "\n    - press it\n    # more"]
)
def test_other_number_signs_do_no_harm(tmp_path: Path, sentences: str) -> None:
    assert skill_of(tmp_path, f"intents:\n  go:\n    sentences: {sentences}\n").intents


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("mix {x} with {x}", r"fills \{x\} twice"),
        ("mix <it> with {x}", r"fills \{x\} twice"),
        ("mix {x} (with|and) ({x}|{y:x})", r"fills \{x\} twice"),
        ("[please] [now]", "every part"),
        ("([please]|now)", "every part"),
        ("[{x}]", "every part"),
        ("mix {x} with {x:other}", ""),
        ("mix [{x}] things [with {x}]", ""),
        ("mix ({x};well)", ""),
        ("(mix {x}|blend {x})", ""),
    ],
)
def test_templates_that_lose_a_value_or_need_no_word_are_refused(tmp_path: Path, sentence: str, says: str) -> None:
    text = (
        "lists: {x: {values: [tea]}, y: {values: [milk]}}\nexpansion_rules: {it: '{x}'}\n"
        f"intents: {{go: {{sentences: ['{sentence}']}}}}\n"
    )
    if not says:
        assert skill_of(tmp_path, text).intents
        return
    with pytest.raises(SkillError, match=says):
        skill_of(tmp_path, text)


@pytest.mark.parametrize(
    "said", ["cool to minus twenty degrees", "cool to negative twenty degrees", "cool to -20 degrees"]
)
def test_ranges_may_be_negative(tmp_path: Path, said: str) -> None:
    cold = "lists: {cold: {range: {from: -20, to: 4, step: 2}}}\n"
    listed = "intents: {go: {sentences: ['cool to {cold:n} degrees']}}\n"
    assert meaning(skill_of(tmp_path, cold + listed), said) == {"n": -20}
    inline = "intents: {go: {sentences: ['cool to {-20..-2:n} degrees']}}\n"
    assert meaning(skill_of(tmp_path, inline), said) == {"n": -20}
    assert meaning(skill_of(tmp_path, inline), "cool to twenty degrees") == {}


@pytest.mark.parametrize(
    "name",
    ["U2", "AC/DC", "Blink-182", "Zoë", "Florence + the Machine", "Simon & Garfunkel", "Sigur Rós", "50 Cent", "C++",
     "TV - living room", "Heater/AC", "№5", "sonoff_buero_tim", "Dining room PM2.5", "Lamp (old)", "3.5%", "7:30 club"],
)  # fmt: skip
def test_values_stay_as_written(tmp_path: Path, name: str) -> None:
    skill = skill_of(
        tmp_path,
        f"lists: {{x: {{values: [{{in: '{name}'}}, other]}}}}\nintents: {{go: {{sentences: ['play {{x}}']}}}}\n",
    )
    assert meaning(skill, f"play {name}") == {"x": name}
    assert meaning(skill, f"play {name.lower()}") == {"x": name}


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("call anna", {"person": "anna"}),
        ("call Anna", {"person": "Anna"}),
        ("call Zoë Wojciechowska", {"person": "Zoë Wojciechowska"}),
        ("call Ludwig van Beethoven", {"person": "Ludwig van Beethoven"}),
        ("call O'Brien", {"person": "O'Brien"}),
        ("call me a taxi", {}),
        ("call 911", {}),
        ("call nobody", {}),
        ("call the man with the golden hat", {}),
        ("fly to paris", {"where": "Paris"}),
        ("fly to new zealand", {"where": "New Zealand"}),
        ("fly to nowhereville", {}),
    ],
)
def test_persons_and_places_are_types(tmp_path: Path, text: str, slots: dict[str, Any]) -> None:
    skill = skill_of(tmp_path, "intents: {go: {sentences: ['call {person}', 'fly to {place:where}']}}\n")
    assert meaning(skill, text) == slots


def test_a_person_may_have_examples_of_the_skill(tmp_path: Path) -> None:
    text = "lists: {who: {type: person, examples: [wojtek]}}\nintents: {go: {sentences: ['call {who}']}}\n"
    skill = skill_of(tmp_path, text)
    assert skill.lists["who"].examples == (("wojtek",),)
    assert meaning(skill, "call Bartek") == {"who": "Bartek"}


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("wait 5 and a half minutes", {"minutes": 5, "half": True}),
        ("wait 30 second beats", {"beats": 30}),
        ("first floor off please", {"floor": "first floor"}),
        ("first turn it off please", {}),
    ],
)
def test_words_of_a_template_may_follow_a_number_and_begin_like_politeness(
    tmp_path: Path, text: str, slots: dict[str, Any]
) -> None:
    skill = skill_of(
        tmp_path,
        "lists: {floor: {values: [first floor]}}\nintents:\n  go:\n    data:\n"
        "      - {sentences: ['wait {1..9:minutes} and a half minutes'], slots: {half: true}}\n"
        "    sentences: ['wait {1..40:beats} second beats', '{floor} off', 'turn it off']\n",
    )
    reader = Interpreter({skill.name: skill}, {}, None, locale=load_locale())
    meant = reader.understand(text)
    assert (meant.rejected, meant.values) == (False, slots)
