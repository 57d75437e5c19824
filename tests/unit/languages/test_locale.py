"""Languages as values: found by name, frozen, read strictly."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from pathlib import Path

import pytest

from harken.errors import ConfigError
from harken.languages import locale as homes
from harken.languages.loading import load_locale
from harken.languages.locale import Bundles, Locale

HEAD = 'code = "qy"\nname = "Qy"\n'


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typing.Callable[[str], Locale]:
    """A language of the user's from the text of its file."""
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    folder = tmp_path / "languages" / "qy"
    folder.mkdir(parents=True)

    def write(text: str) -> Locale:
        (folder / "language.toml").write_text(HEAD + text, encoding="utf-8")
        return load_locale("qy")

    return write


@pytest.mark.parametrize("name", ["en-US", "en", "EN-us", "en_US", "eng-US"])
def test_every_name_of_a_language_gives_the_same_object(name: str) -> None:
    assert load_locale(name) is load_locale()


def test_nothing_of_a_language_can_be_changed() -> None:
    for kind in vars(homes).values():
        if dataclasses.is_dataclass(kind):
            assert kind.__dataclass_params__.frozen, kind
    english = load_locale()
    with pytest.raises(dataclasses.FrozenInstanceError):
        english.name = "Anglish"  # type: ignore[misc]
    tables = (english.names, english.replies, english.replies["clock"], english.replies["clock"]["days_ago"])
    tables += (english.writing.titles, english.understanding.sounds, english.speech.weak, english.spelling.names)
    for table in tables:
        with pytest.raises(TypeError):
            table["new"] = "entry"  # type: ignore[index]


@pytest.mark.parametrize(("code", "hint"), [("en-UK", "did you mean 'en-US'"), ("de", "there are: en-US, en, eng-US")])
def test_an_unknown_language_names_the_nearest_or_all(code: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=f"no language '{code}'; {hint}"):
        load_locale(code)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("leters = 'a'", "'leters' is unknown; did you mean 'letters'"),
        ("[understanding]\nfolow_ups = []", "'understanding.folow_ups' is unknown; did you mean 'follow_ups'"),
        ("[spelling]\ncapitals = '3'", "'spelling.capitals' is '3'; expected a whole number"),
        ("[understanding]\nleading = [1]", "expected a list of texts"),
        ("[replies.clock]\ntime = {one = 'a'}", "'replies.clock.time.many' is missing"),
        ("bundles = 3", "'bundles' is 3; expected a table"),
        ("letters = [", "is not a readable language"),
    ],
)
def test_faults_of_its_file_are_named(written: typing.Callable[[str], Locale], text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=r"language\.toml") as caught:
        written(text)
    assert says in str(caught.value)


def test_replies_are_filled_and_count(written: typing.Callable[[str], Locale]) -> None:
    locale = written("[replies.x]\na = {one = '{count} day', many = '{count} days'}\nb = 'at {time}'")
    assert [locale.reply("x", "a", {"count": count}) for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    with pytest.raises(ConfigError, match=r"wants \{time\}; there is: day"):
        locale.reply("x", "b", {"day": 1})


def test_a_language_of_tables_words_values(written: typing.Callable[[str], Locale]) -> None:
    words = written("[wording]\ntoday = 'nun'\nand = ' et '\ndate = '{day}.{month_number}.'\n").wording
    day = dt.date(2026, 5, 1)
    assert words.day(day, day) == "nun"
    assert words.day(day + dt.timedelta(days=1), day) == words.date(day + dt.timedelta(days=1)) == "2.5."
    assert words.joined(["a", "b", "c"]) == "a, b et c"
    with pytest.raises(ConfigError, match=r"0 names under \[wording\] 'weekdays', expected 7"):
        words.weekday(day)


def test_english_has_every_bundle_that_a_language_can_have() -> None:
    english = load_locale()
    for part in dataclasses.fields(Bundles):
        assert english.bundle(part.name)  # type: ignore[arg-type]
    assert {part.name for part in dataclasses.fields(Bundles)} == set(typing.get_args(homes.Part))
