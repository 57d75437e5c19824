"""A second language is a folder: a made-up one answers in its own words, with nothing changed outside its folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from harken.assistant.alone import pronunciations
from harken.assistant.assistant import Assistant
from harken.assistant.profile import load_profile
from harken.errors import ConfigError, SkillError, VocabularyError
from harken.events import Event, Interpretation, Reply, StageFailed
from harken.languages.loading import load_locale
from harken.nlu.interpreter import Interpreter
from harken.nlu.skill_file import read_skill
from harken.phones.pronunciation import Unstressed
from harken.text.words import normalize_words
from harken.tts.voice import Voice

FOLDER = Path(__file__).parents[2] / "languages" / "qx"
PROFILE = 'language = "qx"\n[interpreter]\nskills = ["clock"]\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has brought the language and speaks it."""
    monkeypatch.setenv("HARKEN_HOME", str(tmp_path))
    shutil.copytree(FOLDER, tmp_path / "languages" / "qx")
    (tmp_path / "profile.toml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


def said(events: list[Event]) -> str:
    (reply,) = [event for event in events if isinstance(event, Reply)]
    return reply.text


@pytest.mark.parametrize("text", ["Kia ĝor tas?", "Bonvo, diru la ĜOR", "kia ĝor tas nun danko"])
def test_it_tells_the_time_in_its_own_words(home: Path, text: str) -> None:
    events = Assistant.load(voice=False).ask_text(text)
    (meant,) = [event for event in events if isinstance(event, Interpretation)]
    assert (meant.skill, meant.intent) == ("clock", "time")
    assert re.fullmatch(r"La ĝor tas \d{1,2} kaj \d{1,2}\.", said(events))


def test_what_it_does_not_understand_it_says_in_its_own_words(home: Path) -> None:
    assistant = Assistant.load(voice=False)
    assert said(assistant.ask_text("what time is it")) == "Mi ne kompris."
    assert said(assistant.ask_text("what time is it")) == "Mi ankoru ne kompris."


def test_its_words_are_pronounced_by_its_own_list_else_by_its_letters(home: Path) -> None:
    assert pronunciations("Ĝor", language="qx") == [(["d͡ʒ", "ɔ", "ɹ"], 1.0)]
    assert pronunciations("tsk", language="qx")[0][0] == ["t", "o", "ʊ", "s", "o", "ʊ", "k", "o", "ʊ"]
    assert Unstressed(load_locale("qx"))("ĝor") == (("JH", "AO", "R"),)
    with pytest.raises(VocabularyError, match="Qixish"):
        pronunciations("hmm", language="qx")


def test_a_change_of_its_dictionary_is_a_change_of_its_pronunciations(home: Path) -> None:
    before = Unstressed(load_locale("qx")).version
    dictionary = home / "languages" / "qx" / "lexicon.txt"
    dictionary.write_text(dictionary.read_text(encoding="utf-8") + "\ntsk T AH0 S K\n", encoding="utf-8")
    changed = Unstressed(load_locale("qx"))
    assert changed.version != before, "or a graph that was compiled before would still be used"
    assert changed("tsk") == (("T", "AH", "S", "K"),)


def test_its_letters_and_numbers_are_its_own(home: Path) -> None:
    assert normalize_words("Ĝis 3a, 25!", load_locale("qx")) == ["ĝis", "tri", "a", "du", "kin"]
    assert normalize_words("Ĝis 3", load_locale()) == ["gis", "three"]


def test_what_it_has_no_bundle_for_is_named(home: Path) -> None:
    (failed,) = [one for one in Assistant.load().ask_text("kia ĝor tas") if isinstance(one, StageFailed)]
    assert failed.stage == "synthesizer"
    assert "'qx' has no bundle of its own for 'voice'" in failed.message
    with pytest.raises(ConfigError, match="'acoustic'"):
        Assistant.load().warm_up(hearing=True)
    with pytest.raises(ConfigError, match="'voice'"):
        Voice.load(locale=load_locale("qx"))


def test_a_skill_that_it_has_no_sentences_for_is_named(home: Path) -> None:
    (home / "profile.toml").write_text(PROFILE.replace("clock", "clok"), encoding="utf-8")
    with pytest.raises(ConfigError, match="skill 'clok', for which 'qx' has no sentences; did you mean 'clock'"):
        Assistant.load(voice=False).ask_text("kia")


def test_a_reply_that_it_lacks_is_named_and_apologised_for(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = home / "languages" / "qx" / "language.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('time = "La', 'tempo = "La'), encoding="utf-8")
    assert said(Assistant.load(voice=False).ask_text("kia ĝor tas")) == "Tio ne iris."
    assert "'qx' has no reply 'time' for clock; add it under [replies.clock]" in caplog.text


def test_skills_of_another_language_stay_out(home: Path, tmp_path: Path) -> None:
    english = tmp_path / "lamp"
    english.mkdir()
    (english / "skill.yaml").write_text("skill: lamp\nintents: {go: {sentences: [go]}}\n", encoding="utf-8")
    with pytest.raises(SkillError, match=r"lamp.*is in English"):
        Interpreter.load([read_skill(english)], locale=load_locale("qx"))


def test_the_shipped_language_is_untouched_by_it(home: Path) -> None:
    assert load_profile().language == "qx"
    assert load_locale("en-US").name == "English"
