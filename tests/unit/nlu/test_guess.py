"""When a likely reading counts: the heads are played by fixed probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from harken.nlu.features import Encoder, Features
from harken.nlu.guess import Guess, Guesser
from harken.nlu.heads import Judged
from harken.nlu.lists import ListIndex
from harken.nlu.sentence import Sentence
from harken.nlu.skill_file import Skill, read_skill
from harken.nlu.skill_model import SkillModel
from harken.nlu.tagger import Tagger

HOUSE = """\
skill: house
lists:
  room: {values: [kitchen, bedroom, hall]}
  state: {values: [{in: "on", out: true}, {in: "off", out: false}]}
intents:
  lamp:
    sentences:
      - "turn {state} the (lamp|light) [in the {room}] [but leave the (tv|heater) alone]"
      - "another lamp {state}"
  bright:
    acts: false
    sentences: ["is the lamp {state} [in the {room}]", "what is the lamp set to"]
  half:
    acts: false
    learnt: false
    sentences: ["turn the lamp"]
  wait:
    sentences: ["wait {duration}", "wait a while"]
  where:
    acts: false
    required: {room: "In which room?"}
    sentences: ["how warm is it [in the {room}]"]
  nice:
    acts: false
    sentences: ["that's nice", "it's so good", "well done"]
"""
CHAT = """\
skill: chat
intents:
  nice:
    acts: false
    sentences: ["that's nice", "it's so good", "well done"]
  bye:
    acts: false
    sentences: ["see you"]
  thank:
    acts: false
    sentences: ["thank you"]
  story:
    acts: false
    sentences: ["tell me about the {number} bears"]
lists:
  number: {type: number}
"""
NEWS = """\
skill: news
serves: false
intents:
  news:
    acts: false
    sentences: ["what's in the news", "tell me the news of the world today please"]
"""


@dataclass
class Fixed:
    """A model that finds one intent as likely as it is told."""

    intent: str
    chance: float
    intents: tuple[str, ...]
    fixed: Mapping[tuple[str, str], tuple[object, float]] = field(default_factory=dict)
    carriers: frozenset[str] = frozenset({"could"})
    asked: float = 0.6
    tagger: Tagger | None = None

    @property
    def act(self) -> dict[str, float]:
        return dict.fromkeys(self.intents, 0.8)

    @property
    def ask(self) -> dict[str, float]:
        return dict.fromkeys(self.intents, self.asked)

    def judge(self, features: Features) -> Judged:
        return Judged(self.chance, {self.intent: self.chance}, dict(self.fixed))


@pytest.fixture
def skills(tmp_path: Path) -> dict[str, Skill]:
    for name, text in (("house", HOUSE), ("news", NEWS), ("chat", CHAT)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "skill.yaml").write_text(text, encoding="utf-8")
    return {name: read_skill(tmp_path / name) for name in ("house", "news", "chat")}


@pytest.fixture
def guess(skills: dict[str, Skill], encoder: Encoder):  # type: ignore[no-untyped-def]
    def guess(text: str, intent: str, chance: float, *, skill: str = "house", **more: object) -> Guess | None:
        model = cast(SkillModel, Fixed(intent, chance, tuple(skills[skill].intents), **more))  # type: ignore[arg-type]
        locale = skills[skill].locale
        guesser = Guesser(skills, {skill: model}, encoder, ListIndex(skills), locale=locale)
        return guesser.guess(Sentence.read(text, locale))

    return guess


def slots(guess: Guess | None) -> dict[str, object]:
    assert guess is not None
    return {slot.name: slot.value for slot in guess.slots}


@pytest.mark.parametrize(
    ("chance", "found", "doubtful"), [(0.95, True, False), (0.85, True, True), (0.65, True, True), (0.55, False, False)]
)
def test_an_order_needs_more_certainty_to_be_done_than_to_be_asked_about(
    guess, chance: float, found: bool, doubtful: bool
) -> None:
    meant = guess("could you turn in the hall the light off", "lamp", chance)
    assert (meant is not None) is found
    assert meant is None or meant.doubtful is doubtful
    assert meant is None or slots(meant) == {"state": False, "room": "hall"}


def test_a_question_is_answered_at_its_own_threshold(guess) -> None:
    assert not guess("lamp in the hall is on", "bright", 0.85).doubtful
    assert guess("lamp in the hall is on", "bright", 0.7).doubtful


def test_an_unknown_word_is_asked_about_and_one_that_turns_the_meaning_is_named(guess) -> None:
    assert guess("turn off the light in the big bedroom", "lamp", 0.95).doubtful
    meant = guess("never turn the light off in the hall", "lamp", 0.95)
    assert [rest.text for rest in meant.unread] == ["never"]


def test_more_unknown_words_than_known_ones_are_about_something_else(guess) -> None:
    assert guess("the lamp manufacturer moved its factory off shore", "lamp", 0.99) is None


def test_words_of_an_exception_count_only_where_the_template_has_them(guess) -> None:
    meant = guess("leave the light in the bedroom alone", "lamp", 0.99, fixed={("lamp", "state"): (False, 0.99)})
    assert [rest.text for rest in meant.unread] == ["alone"]
    assert guess("could another light in the hall turn on", "lamp", 0.99).unread == ()


@pytest.mark.parametrize(
    ("text", "intent"),
    [("hall", "lamp"), ("off", "lamp"), ("ten minutes", "wait"), ("for ten minutes", "wait"), ("on", "bright")],
)
def test_values_and_small_words_are_no_request(guess, text: str, intent: str) -> None:
    assert guess(text, intent, 0.99) is None


def test_a_guessed_value_is_taken_whole(guess) -> None:
    assert slots(guess("could you wait three quarters of an hour", "wait", 0.99)) == {"duration": 2700}


@pytest.mark.parametrize("text", ["i turn off the light", "my lamp is off", "we have a lamp", "what a lamp"])
def test_statements_and_exclamations_are_no_orders_and_no_questions(guess, text: str) -> None:
    assert guess(text, "lamp", 0.999) is None
    assert guess(text, "bright", 0.96) is None


def test_a_very_likely_question_may_be_a_statement_but_no_exclamation_and_no_order(guess) -> None:
    assert guess("my lamp is off", "bright", 0.98) is not None
    assert guess("my lamp is off", "bright", 0.98, carriers=frozenset()) is None
    assert guess("what a lamp", "bright", 0.98) is None
    assert guess("my lamp is off", "lamp", 0.98) is None


def test_very_likely_small_talk_may_have_many_unknown_words(guess) -> None:
    assert guess("see you alligator", "bye", 0.98, skill="chat") is not None
    assert guess("alligator", "bye", 0.98, skill="chat") is not None
    assert guess("alligator", "bye", 0.96, skill="chat") is None
    assert guess("alligator", "bright", 0.98) is None


@pytest.mark.parametrize("text", ["the lamp could you tell is it on", "the light in the hall what is it set to"])
def test_a_statement_may_become_a_question(guess, text: str) -> None:
    assert guess(text, "bright", 0.999) is not None


def test_small_talk_may_be_a_statement(guess) -> None:
    assert guess("that's so good", "nice", 0.8) is not None
    assert guess("that's so good", "nice", 0.7) is None


@pytest.mark.parametrize(
    ("text", "needed"), [("that's good", 0.75), ("that's good soup", 0.8), ("that's good lentil soup", 0.85),
                         ("that's such good lentil soup indeed", 0.85), ("is it good", 0.85), ("is the soup good", 0.9),
                         ("is it such good soup", 0.95), ("is it me", 0.97), ("is it soup", 0.97)],
)  # fmt: skip
def test_small_talk_must_be_likelier_the_fewer_of_its_words_and_the_more_strange_ones_are_said(
    guess, text: str, needed: float
) -> None:
    known: dict[str, object] = {"carriers": frozenset({"soup", "lentil", "such", "indeed"}), "skill": "chat"}
    assert guess(text, "nice", needed - 0.01, **known) is None
    assert guess(text, "nice", needed + 0.01, **known) is not None
    assert guess(text, "nice", 0.78, **{**known, "skill": "house"}) is not None  # a skill that is not for small talk


def test_small_talk_of_a_skill_that_learnt_from_its_own_sentences_alone_needs_no_more(guess) -> None:
    assert guess("that's good", "nice", 0.79, carriers=frozenset(), skill="chat") is not None


def test_a_number_makes_an_answer_without_values_another_one(guess) -> None:
    for skill in ("house", "chat"):
        assert guess("that's good eleven", "nice", 0.999, carriers=frozenset({"eleven"}), skill=skill) is None
    assert (
        guess("could you tell is it on in the hall eleven", "bright", 0.999, carriers=frozenset({"eleven"})) is not None
    )


def test_an_intent_may_be_for_its_own_sentences_alone(guess) -> None:
    assert guess("could you turn the lamp", "half", 0.99) is None


def test_a_skill_that_only_refuses_lets_doubtful_sentences_pass(guess) -> None:
    assert guess("what's in the news", "news", 0.85, skill="news") is None
    assert guess("what's in the brexit news", "news", 0.99, skill="news") is None
    meant = guess("please tell me today the news of the world brexit", "news", 0.99, skill="news")
    assert meant is not None
    assert not meant.doubtful


def test_a_skill_that_learnt_from_its_own_sentences_alone_asks_when_a_value_of_its_lists_was_named(guess) -> None:
    alone: dict[str, object] = {"carriers": frozenset()}
    assert guess("could you check the lamp in the hall", "bright", 0.1, **alone).doubtful
    assert guess("could you check the lamp", "bright", 0.1, **alone) is None
    assert guess("could you check the lamp in the hall", "bright", 0.04, **alone) is None
    assert guess("could you check the lamp in the hall", "bright", 0.4) is None


def test_a_weak_reading_may_have_one_unknown_word(guess) -> None:
    alone: dict[str, object] = {"carriers": frozenset()}
    assert guess("could you check the lamp in the hall", "bright", 0.1, **alone) is not None
    assert guess("could you check the broken lamp in the hall", "bright", 0.1, **alone) is None
    assert guess("could you check the broken lamp in the hall", "bright", 0.6, **alone) is not None


def test_a_value_of_a_list_among_small_words_is_no_bare_number(guess) -> None:
    assert guess("is it on in the hall", "bright", 0.99).doubtful is False


def test_a_doubtful_question_that_lacks_what_it_needs_is_passed_over(guess) -> None:
    assert guess("could it be warm", "where", 0.7) is None
    assert guess("could it be warm in the hall", "where", 0.7).doubtful
    assert not guess("how warm is it", "where", 0.99).doubtful


@pytest.mark.parametrize(("chance", "found"), [(0.65, True), (0.55, False)])
def test_a_question_with_unknown_words_needs_more_where_real_requests_were_learnt(
    guess, chance: float, found: bool
) -> None:
    text = "check what the lamp is set to"
    assert (guess(text, "bright", chance, asked=0.5) is not None) is found
    assert guess(text + " in the hall", "bright", chance, asked=0.5, carriers=frozenset()) is not None


def test_a_skill_that_only_refuses_gives_way_to_the_next_likely_one(skills: dict[str, Skill], encoder: Encoder) -> None:
    models = {
        "news": cast(SkillModel, Fixed("news", 0.99, tuple(skills["news"].intents))),
        "house": cast(SkillModel, Fixed("lamp", 0.95, tuple(skills["house"].intents))),
    }
    guesser = Guesser(skills, models, encoder, ListIndex(skills), locale=skills["house"].locale)
    sentence = Sentence.read("could you turn in the hall the light off", skills["house"].locale)
    found = guesser.guess(sentence)
    assert found is not None
    assert (found.skill, found.intent) == ("house", "lamp")
