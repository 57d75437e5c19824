from pathlib import Path

import pytest

from harken.errors import SkillError
from harken.nlu.skill_file import read_skill

GOOD = """\
skill: lamp
lists:
  color:
    values: [red, {in: "(blue|azure)", out: blue}]
expansion_rules:
  the: "[the|my]"
intents:
  paint:
    sentences:
      - "(make|paint) <the> lamp {color}"
      - "lamp at {0..100:level} percent"
    required: {color: "Which color?"}
    responses: "The lamp is {color}."
examples:
  - {text: "make my lamp azure", intent: paint, slots: {color: blue}}
"""


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "skill.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    skill = read_skill(written(tmp_path, GOOD))
    assert skill.name == "lamp"
    assert skill.lists["color"].entries == ((("red",), "red"), (("blue",), "blue"), (("azure",), "blue"))
    assert skill.intents["paint"].slots == {"color": "color", "level": "0..100"}
    assert skill.intents["paint"].required == {"color": "Which color?"}
    assert skill.examples[0].slots == {"color": "blue"}
    assert skill.code is None


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        pytest.param("skill: lamp", "skil: lamp", (1, 1), "did you mean 'skill'", id="unknown key"),
        pytest.param("skill: lamp", "skill: My Lamp", (1, 8), "not a valid skill name", id="bad name"),
        pytest.param("skill: lamp", "skill: lamp\nlanguage: fr", (2, 11), "'fr'", id="other language"),
        pytest.param("lamp {color}", "lamp {colour}", (10, 10), "did you mean 'color'", id="unknown list"),
        pytest.param("<the> lamp {", "<thy> lamp {", (10, 10), "no rule <thy>", id="unknown rule"),
        pytest.param("(make|paint)", "(make|paint", (10, 10), "never closed", id="open bracket"),
        pytest.param("make|paint) <the>", "make|paint)) <the>", (10, 22), "closes nothing", id="extra bracket"),
        pytest.param("lamp at", "лампа at", (11, 10), "no English spelling", id="cyrillic letter"),
        pytest.param("lamp at", "a 灯 at", (11, 12), "no English spelling", id="han letter"),
        pytest.param("(make|paint)", "(" * 99 + "a" + ")" * 99, (10, 40), "brackets are open", id="too deep"),
        pytest.param("Which color?", "Färbung \x01?", (12, 32), "U+0001", id="sign that is no text"),
        pytest.param("  paint:\n", "\tpaint:\n", (8, 1), "tab", id="tab"),
        pytest.param("values: [red,", "values: [red", (4, 0), "not YAML", id="bad syntax"),
        pytest.param("required: {color:", "required: {colour:", (12, 16), "did you mean 'color'", id="unknown slot"),
        pytest.param("lamp is {color}", "lamp is {colr}", (13, 29), "did you mean 'color'", id="phrase without slot"),
        pytest.param("intent: paint", "intent: pant", (15, 42), "did you mean 'paint'", id="example of no intent"),
        pytest.param("slots: {color: blue", "slots: {hue: blue", (15, 57), "no slot 'hue'", id="example slot"),
        pytest.param("{0..100:level}", "{9..1:level}", (11, 10), "cannot be used", id="backward range"),
        pytest.param('"[the|my]"', '"<the> x"', (6, 9), "contains itself", id="endless rule"),
        pytest.param("values: [red", "value: [red", (4, 5), "did you mean 'values'", id="list key"),
        pytest.param("values: [red", "closed: no!\n    values: [red", (4, 13), "true or false", id="closed by halves"),
    ],
)
def test_faults_name_line_column_and_remedy(
    tmp_path: Path, old: str, new: str, place: tuple[int, int], says: str
) -> None:
    assert old in GOOD
    folder = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(SkillError) as caught:
        read_skill(folder)
    assert says in str(caught.value)
    assert caught.value.line == place[0]
    if place[1]:
        assert caught.value.column == place[1]
    assert str(folder / "skill.yaml") in str(caught.value)


def test_an_intent_twice_is_named_with_both_places(tmp_path: Path) -> None:
    twice = GOOD.replace("examples:", '  paint:\n    sentences: ["again"]\nexamples:')
    with pytest.raises(SkillError, match=r"'paint' occurs twice .*first on line 8") as caught:
        read_skill(written(tmp_path, twice))
    assert (caught.value.line, caught.value.column) == (14, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("- a\n- b\n", "must be a mapping"),
        ("skill: a\n", "'intents' is missing"),
        ("intents: {a: {sentences: [hi]}}\n", "'skill'"),
        ("skill: a\nintents: {}\n", "at least one intent"),
        ("skill: a\nintents: {b: {required: {}}}\n", "no sentences"),
        ("skill: a\nintents: {b: {sentences: []}}\n", "at least one entry"),
        ("skill: a\nintents: {b: {sentences: ['...']}}\n", "no word"),
        ("skill: a\nlists: &y {q: {values: [b]}}\nintents: *y\n", "anchors"),
        ("skill: a\nlists: {note: {wildcard: true}}\nintents: {b: {sentences: [hi]}}\n", "examples"),
        ("skill: a\nlists: {q: {places: [citys]}}\nintents: {b: {sentences: [hi]}}\n", "did you mean 'cities'"),
        (
            "skill: a\nlists: {q: {values: [{in: b, out: 1}, {in: b, out: 2}]}}\nintents: {b: {sentences: [hi]}}\n",
            "both",
        ),
    ],
)
def test_other_faults_are_explained(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SkillError, match=says):
        read_skill(written(tmp_path, text))


def test_a_byte_that_is_not_utf8_has_a_place(tmp_path: Path) -> None:
    (tmp_path / "skill.yaml").write_bytes(b"skill: a\nabout: caf\xe9\n")
    with pytest.raises(SkillError, match="UTF-8") as caught:
        read_skill(tmp_path)
    assert (caught.value.line, caught.value.column) == (2, 11)


def test_a_folder_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SkillError, match="skill new"):
        read_skill(tmp_path / "nowhere")
    with pytest.raises(SkillError, match="skill new"):
        read_skill(tmp_path)


def test_accents_are_folded_not_refused(tmp_path: Path) -> None:
    skill = read_skill(written(tmp_path, GOOD.replace("lamp at", "café lamp at")))
    assert "cafe" in str(skill.intents["paint"].templates[1].node)


def test_a_list_of_the_skill_goes_before_the_type_of_its_name(tmp_path: Path) -> None:
    text = "skill: a\nlists: {unit: {values: [ton]}}\nintents: {b: {sentences: ['one {unit}', '{number} of {unit}']}}\n"
    (tmp_path / "skill.yaml").write_text(text, encoding="utf-8")
    lists = read_skill(tmp_path).lists
    assert (lists["unit"].kind, lists["number"].kind) == ("values", "number")


def test_only_a_list_of_values_can_be_closed(tmp_path: Path) -> None:
    values = 'values: [red, {in: "(blue|azure)", out: blue}]'
    assert values in GOOD
    with pytest.raises(SkillError, match="list 'color' has range"):
        read_skill(written(tmp_path, GOOD.replace(values, "closed: true\n    range: {from: 1, to: 3}")))
