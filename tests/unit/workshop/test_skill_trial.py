"""tests.yaml: what sentences mean, how conversations go, and how what goes wrong is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harken.cli.app import app
from harken.errors import SkillError
from harken.nlu.building import Amounts
from harken.nlu.skill_file import read_skill
from harken.workshop import skills
from harken.workshop.skill_check import check_skill
from harken.workshop.skill_tests import read_tests
from harken.workshop.skill_trial import hint, try_skill
from harken.workshop.skills import new_skill

SMALL = Amounts(per_intent=12, disturbed=1, counter=10, background=60, others=5, tagged=30, checked=2)
SKILL = """\
skill: lamp
lists:
  color: {values: [red, blue]}
intents:
  paint:
    data:
      - {sentences: ["paint the lamp {color} [{number:level}]"], slots: {state: true}}
  ask: {acts: false, sentences: ["what color is the lamp"], responses: "It is some color."}
examples:
  - {text: paint the lamp red, intent: paint, slots: {color: red, state: true}}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path / "home"))


def lamp(tmp_path: Path, tests: str, skill: str = SKILL) -> Path:
    (tmp_path / "skill.yaml").write_text(skill, encoding="utf-8")
    (tmp_path / "tests.yaml").write_text(tests, encoding="utf-8")
    return tmp_path


def wrong(folder: Path) -> list[str]:
    return [finding.text for finding in check_skill(folder) if not finding.ok]


@pytest.mark.parametrize(
    "line",
    [
        "{say: paint the lamp red, intent: paint}",
        "{say: please paint the lamp red, intent: paint, slots: {color: red, state: true}}",
        "{say: don't paint the lamp red, intent: paint, negated: true}",
        "{say: paint the lamp red in ten minutes, intent: paint, when: in ten minutes}",
        "{say: paint the lamp red in ten minutes, intent: paint, when: {seconds: 600}}",
        "{say: paint the lamp red every day at 7 am, intent: paint, when: {time: 07:00, every: [0, 1, 2, 3, 4, 5, 6]}}",
        "{say: paint the lamp red and what color is the lamp, intent: paint, then: [ask]}",
        "{say: paint the lamp mauve, unread: mauve}",
        "{say: paint the lamp mauve, rejected: true}",
        "{say: my lamp is nice, rejected: true}",
        "{say: make it red for me would you, intent: paint, exact: false}",
        "{say: what time is it, skill: clock, intent: askTime}",
    ],
)
def test_what_is_rightly_stated_passes_the_check(tmp_path: Path, line: str) -> None:
    assert wrong(lamp(tmp_path, f"sentences:\n  - {line}\n")) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{say: paint the lamp mauve, intent: paint}", "should be paint, but is read as paint beside 'mauve'"),
        ("{say: my lamp is nice, intent: paint}", "no sentence covers it"),
        ("{say: paint the lamp red, intent: ask}", "should be ask, but is read as paint {'color': 'red'"),
        ("{say: paint the lamp red, intent: paint, slots: {color: red}}", "should be paint {'color': 'red'}"),
        ("{say: paint the lamp red, intent: paint, negated: true}", "should be read as denied"),
        ("{say: don't paint the lamp red, intent: paint}", "should not be read as denied"),
        ("{say: paint the lamp red, intent: paint, doubtful: true}", "should be asked about first"),
        ("{say: paint the lamp red, intent: paint, when: at seven}", "should be for at seven, but is for now"),
        ("{say: paint the lamp red in ten minutes, intent: paint}", "should be for now, but is for {'seconds': 600"),
        (
            "{say: paint the lamp red in ten minutes, intent: paint, when: {seconds: 60}}",
            "should be for {'seconds': 60}",
        ),
        ("{say: paint the lamp red and paint the lamp blue, intent: paint}", "followed by nothing, but is followed by"),
        ("{say: paint the lamp red, intent: paint, then: [ask]}", "should be followed by ['ask']"),
        ("{say: paint the lamp red, rejected: true}", "should not be understood"),
        ("{say: paint the lamp red, unread: red}", "should leave 'red' unread"),
    ],
)
def test_what_goes_wrong_is_told_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    told, counted = wrong(lamp(tmp_path, f"# a comment\nsentences:\n  - {line}\n"))
    assert told.startswith("tests.yaml line 3: ")
    assert says in told
    assert "0 of 1 sentences of tests.yaml" in counted


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("sentence: []\n", 1, "did you mean 'sentences'"),
        ("sentences:\n  - {say: hi}\n", 2, "what should 'hi' mean"),
        ("sentences:\n  - {intent: paint}\n", 2, "'say'"),
        ("sentences:\n  - {say: hi, intent: pant}\n", 2, "did you mean 'paint'"),
        ("sentences:\n  - {say: hi, intent: paint, negated: no}\n", 2, "true or false"),
        ("sentences:\n  - {say: hi, intent: paint, when: {second: 5}}\n", 2, "did you mean 'seconds'"),
        ("now: yesterday\n", 1, "is not a date and time"),
        ("dialogues:\n  - - {say: hi, repl: x}\n", 2, "did you mean 'reply'"),
        ("dialogues:\n  - - {say: hi, reply: '('}\n", 2, "not a regular expression"),
        ("dialogues:\n  - - {say: hi, wait: long}\n", 2, "number of seconds"),
    ],
)
def test_faults_in_the_file_have_their_place(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(SkillError, match=says) as caught:
        read_tests(read_skill(lamp(tmp_path, text)))
    assert (caught.value.line, caught.value.file) == (line, tmp_path / "tests.yaml")


@pytest.mark.parametrize(
    ("stated", "read", "says"),
    [
        ({"state": "on"}, {"state": True}, "state is true (a truth value) in the skill and 'on' (text) in the test"),
        ({"state": False}, {"state": "NO"}, "state is 'NO' (text) in the skill"),
        ({"n": "5"}, {"n": 5}, "n is 5 (a number) in the skill and '5' (text) in the test"),
        ({"n": "6"}, {"n": 5}, ""),
        ({"state": "off"}, {"state": True}, ""),
        ({"state": "on"}, {"state": "on"}, ""),
    ],
)
def test_values_that_differ_only_in_type_are_pointed_out(stated: Any, read: Any, says: str) -> None:
    told = hint(stated, read)
    assert says in told
    assert bool(told) == bool(says)


def test_an_example_with_a_word_for_a_truth_value_gets_the_hint(tmp_path: Path) -> None:
    folder = lamp(tmp_path, "{}\n", SKILL.replace("color: red, state: true", "color: red, state: on"))
    assert any("only true and false are truth values" in text for text in wrong(folder))


def test_a_new_skill_passes_its_own_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skills, "Amounts", lambda: SMALL)
    folder = new_skill("pets", tmp_path)
    findings = try_skill(folder)
    assert [finding.text for finding in findings if not finding.ok] == []
    text = (folder / "tests.yaml").read_text().replace("noted: the dog", "never said").replace("2 minutes ago", "3 min")
    (folder / "tests.yaml").write_text(
        text.replace('{say: "feed the cat", reply: "noted"}', '{say: "feed the cat", nothing: true}')
    )
    told = [finding for finding in try_skill(folder) if not finding.ok]
    assert [finding.line for finding in told] == [14, 15, 19, 0]
    assert "should contain 'never said'" in told[0].text
    assert "something was changed" in told[2].text
    assert "0 of 2 conversations" in told[3].text


def test_the_command_shows_findings_as_json(tmp_path: Path) -> None:
    folder = lamp(tmp_path, "sentences:\n  - {say: my lamp is nice, intent: paint}\n")
    done = CliRunner().invoke(app, ["skill", "check", str(folder), "--json"])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["line"] for row in rows if not row["ok"]] == [2, 0]
    assert done.exit_code == 1
