from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from harken.assistant.profile import PROFILE_FILE, Profile, list_profiles, load_profile, read_profile
from harken.errors import ConfigError
from harken.paths import home


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_profile_can_be_read() -> None:
    assert "en" in list_profiles()
    for name in list_profiles():
        assert load_profile(name).name == name


def test_the_default_profile_wakes_on_computer() -> None:
    assert load_profile("en").wake.words == ("computer",)


def test_own_settings_replace_single_keys_and_leave_the_rest(tmp_path: Path) -> None:
    base = write(tmp_path / "base.toml", '[wake]\nwords = ["computer"]\nthreshold = 0.7\n[voice]\nrate = 1.5\n')
    own = write(tmp_path / "own.toml", '[wake]\nwords = ["athena"]\n')
    profile = read_profile(base, own)
    assert (profile.wake.words, profile.wake.threshold, profile.voice.rate) == (("athena",), 0.7, 1.5)


def test_the_users_profile_is_found_in_their_folder() -> None:
    own = write(home() / PROFILE_FILE, "[turn]\nfollow_up = 2\n")
    try:
        assert load_profile("en").turn.follow_up == 2.0
    finally:
        own.unlink()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[wake]\nwrods = []\n", "did you mean 'wake.words'"),
        ("wake = 3\n", "write [wake]"),
        ("[wake]\nwords = 'computer'\n", "a list of texts"),
        ("[voice]\nrate = 'fast'\n", "a number"),
        ("[voice]\nrate = 9\n", "0.5..2"),
        ("[voice]\nrate = true\n", "a number"),
        ("name = 1\n", "text in quotes"),
        ("[voice\n", "cannot be read as settings"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_profile(write(tmp_path / "p.toml", text))
    assert said in str(error.value)


RANGES = {
    "wake.threshold": (0, 1), "turn.end_silence": (0.1, 60), "turn.no_speech": (0.1, 60), "turn.limit": (0.1, 60),
    "turn.follow_up": (0, 60), "voice.rate": (0.5, 2), "recognizer.engine_confidence": (0, 1),
}  # fmt: skip


def test_every_number_of_the_profile_has_a_range() -> None:
    sections = {one.name: getattr(Profile(), one.name) for one in fields(Profile)}
    numbers = {
        f"{name}.{one.name}"
        for name, section in sections.items()
        if is_dataclass(section)
        for one in fields(section)
        if isinstance(getattr(section, one.name), float)
    }
    assert numbers == set(RANGES)


@pytest.mark.parametrize("name", RANGES)
def test_a_number_is_taken_within_its_range_and_refused_beyond(tmp_path: Path, name: str) -> None:
    (section, key), (low, high) = name.split("."), RANGES[name]
    for value in (low, high):
        profile = read_profile(write(tmp_path / "p.toml", f"[{section}]\n{key} = {value}\n"))
        assert getattr(getattr(profile, section), key) == value
    for value in (low - 0.01, high + 0.01):
        with pytest.raises(ConfigError, match=rf"the profile's {name} is {value}; expected {low}\.\.{high}"):
            read_profile(write(tmp_path / "p.toml", f"[{section}]\n{key} = {value}\n"))


def test_an_unknown_key_in_the_own_profile_names_that_file(tmp_path: Path) -> None:
    base, own = write(tmp_path / "base.toml", ""), write(tmp_path / "own.toml", "colour = 'red'\n")
    with pytest.raises(ConfigError, match=r"own\.toml: unknown setting 'colour'"):
        read_profile(base, own)


def test_an_unknown_profile_suggests_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'en'"):
        load_profile("eng")
