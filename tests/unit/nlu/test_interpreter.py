import datetime as dt
import time
from dataclasses import replace
from pathlib import Path

import pytest

from harken.events import Hypothesis, Interpretation, Transcript, Word
from harken.nlu.guess import Guess
from harken.nlu.interpreter import Interpreter
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Skill, read_skill


@pytest.fixture
def reader(lamp: Skill) -> Interpreter:
    return Interpreter({"lamp": lamp}, {}, None, locale=lamp.locale, today=lambda: dt.date(2026, 5, 1))


def heard(*texts: str, certain: float = 1.0) -> Transcript:
    hypotheses = []
    for place, text in enumerate(texts):
        words = tuple(Word(text=word, start=0, end=0, confidence=certain) for word in text.split())
        hypotheses.append(Hypothesis(words=words, log_prob=-float(place), confidence=0.5))
    return Transcript(turn=3, hypotheses=tuple(hypotheses))


def test_slots_have_words_places_and_values(reader: Interpreter) -> None:
    meaning = reader.understand("Please make the lamp in the living room AZURE!")
    assert (meaning.skill, meaning.intent, meaning.rejected) == ("lamp", "paint", False)
    color = next(slot for slot in meaning.slots if slot.name == "color")
    assert (color.text, color.value, color.first, color.last) == ("azure", "blue", 8, 9)
    assert meaning.values == {"room": "living room", "color": "blue"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("dim the lamp to 35 percent", {"level": 35}),
        ("lamp darker", {"level": 10}),
        ("lamp off in an hour and a half", {"duration": 5400}),
        ("switch the lamp off at half past nine tomorrow", {"time": "09:30", "date": "2026-05-02"}),
        ("call this my favorite color for sundays", {"title": "my favorite color for sundays"}),
        ("could you please paint my lamp dark orange thanks", {"color": "dark orange"}),
    ],
)
def test_values_are_canonical(reader: Interpreter, text: str, values: dict[str, object]) -> None:
    assert reader.understand(text).values == values


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "dim the lamp to 130 percent", "lamp", "что это", "?!"])
def test_what_no_skill_covers_is_rejected(reader: Interpreter, text: str) -> None:
    meaning = reader.understand(text)
    assert meaning.rejected
    assert (meaning.skill, meaning.intent, meaning.slots) == ("", "", ())


def test_ten_thousand_words_are_rejected_at_once(reader: Interpreter) -> None:
    began = time.process_time()
    meaning = reader.understand("make the lamp red " * 2_500)
    assert meaning.rejected
    assert len(meaning.text.split()) <= 80
    assert time.process_time() - began < 1.0


def test_an_exact_second_hypothesis_beats_a_senseless_first(reader: Interpreter) -> None:
    (meaning,) = reader.process(heard("bake the lamb rat", "make the lamp red"))
    assert isinstance(meaning, Interpretation)
    assert (meaning.turn, meaning.values) == (3, {"color": "red"})


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (("make the lamp red at", "make the lamp red"), {"color": "red"}),
        (("don't make the lamb red", "make the lamp red"), {}),
        (("make the lamp red for now or never", "make the lamp red"), {}),
    ],
)
def test_another_hypothesis_may_leave_out_a_doubtful_last_word_but_nothing_else(
    reader: Interpreter, texts: tuple[str, ...], values: dict[str, object]
) -> None:
    (meaning,) = reader.process(heard(*texts, certain=0.2))
    assert isinstance(meaning, Interpretation)
    assert (meaning.values if not meaning.rejected and not meaning.negated else {}) == values


def test_a_breath_at_the_end_is_left_out_even_if_no_other_hypothesis_does(reader: Interpreter) -> None:
    (meaning,) = reader.process(heard("make the lamp red car", "make the lamp red cart", certain=0.2))
    assert isinstance(meaning, Interpretation)
    assert (meaning.values, meaning.rejected, meaning.heard) == ({"color": "red"}, False, 1.0)
    (sure,) = reader.process(heard("make the lamp red car", "make the lamp red cart", certain=0.9))
    assert isinstance(sure, Interpretation)
    assert sure.rejected


def test_a_value_that_a_skill_asks_for_beats_senseless_words(lamp: Skill) -> None:
    asking = replace(lamp.intents["paint"], required={"color": "Which color?"})
    reader = Interpreter(
        {"lamp": replace(lamp, intents={**lamp.intents, "paint": asking})}, {}, None, locale=lamp.locale
    )
    for texts, text in (
        (("a dork orange", "say dark orange"), "a dork orange"),
        (("bark orange", "dark orange"), "dark orange"),
        (("bark orange please", "dark orange"), "bark orange please"),
    ):
        (meaning,) = reader.process(heard(*texts))
        assert isinstance(meaning, Interpretation)
        assert (meaning.text, meaning.rejected) == (text, True)


def test_a_skill_that_only_says_that_it_cannot_refuses(lamp: Skill) -> None:
    refusing = replace(lamp, serves=False)
    reader = Interpreter({"lamp": refusing}, {}, None, locale=lamp.locale)
    meaning = reader.understand("make the lamp red")
    assert (meaning.skill, meaning.rejected, meaning.refused) == ("lamp", True, True)
    left_over = reader.understand("make the lamp red unless it rains")
    assert (left_over.rejected, left_over.refused) == (True, False)


def test_where_nothing_was_said_there_is_nothing_to_read(reader: Interpreter) -> None:
    assert reader.process(heard("")) == []
    assert reader.process(heard("", "paint the lamp blue")) == []


def test_partial_transcripts_are_left_alone(reader: Interpreter) -> None:
    assert reader.process(Transcript(turn=0, hypotheses=(), final=False)) == []


@pytest.mark.parametrize(
    ("intent", "slot", "text", "values"),
    [("paint", "color", "azure", {"color": "blue"}), ("paint", "color", "um blue please", {"color": "blue"}),
     ("paint", "color", "grean", {"color": "green"}),
     ("paint", "color", "green in the living room", {"color": "green", "room": "living room"}),
     ("paint", "color", "green in the attic", {}), ("paint", "color", "philosophy", {}),
     ("paint", "nothing", "red", {}), ("paint", "color", "", {})],
)  # fmt: skip
def test_answers_fill_the_slots_of_a_request_if_every_word_is_explained(
    reader: Interpreter, intent: str, slot: str, text: str, values: dict[str, object]
) -> None:
    slots = reader.answer("lamp", intent, slot, reader.understand(text))
    assert {filled.name: filled.value for filled in slots} == values


@pytest.mark.parametrize(
    ("text", "sure", "said"),
    [("make the lamp red", 0.3, True), ("make the lamp red", 0.29, False), ("yes", 0.3, True), ("yes", 0.29, False)],
)
def test_what_is_heard_too_badly_was_not_said(lamp: Skill, tmp_path: Path, text: str, sure: float, said: bool) -> None:
    folder = tmp_path / "talk"
    folder.mkdir()
    (folder / "skill.yaml").write_text("skill: talk\nintents: {affirm: {sentences: [yes]}}\n", encoding="utf-8")
    both = Interpreter({"lamp": lamp, "talk": read_skill(folder)}, {}, None, locale=lamp.locale)
    words = tuple(Word(text=word, start=0, end=0, confidence=sure) for word in text.split())
    (meaning,) = both.process(Transcript(turn=0, hypotheses=(Hypothesis(words=words, log_prob=0.0, confidence=sure),)))
    assert isinstance(meaning, Interpretation)
    assert (meaning.rejected, meaning.heard) == (not said, sure)


def test_a_denial_may_be_small_talk_itself(lamp: Skill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'skill: chat\nintents:\n  stop: {acts: false, sentences: ["stop it"]}\n'
    (tmp_path / "skill.yaml").write_text(text, encoding="utf-8")
    skills = {"lamp": lamp, "chat": read_skill(tmp_path)}
    reader = Interpreter(skills, {}, None, locale=lamp.locale)
    likely = {"skill": "chat", "intent": "stop"}

    def guess(sentence: Sentence) -> Guess | None:
        whole = sentence.words[0] == "don't"
        return Guess(**likely, score=0.9, slots=(), unread=(), doubtful=False) if whole else None

    monkeypatch.setattr(reader.guesser, "guess", guess)
    meaning = reader.understand("don't go on like this")
    assert (meaning.skill, meaning.intent, meaning.negated, meaning.rejected) == ("chat", "stop", False, False)
    likely.update(skill="lamp", intent=next(iter(lamp.intents)))
    assert reader.understand("don't go on like this").rejected
