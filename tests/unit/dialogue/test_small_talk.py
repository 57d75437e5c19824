"""Small talk, and what is not there."""

from __future__ import annotations

import pytest

from harken.languages.loading import load_locale

REPLIES = load_locale().replies
WORLDS = [
    ("what's the weather like tomorrow", "weather"), ("play some jazz", "music"), ("call my brother", "calls"),
    ("send a message to anna", "messages"), ("what's in the news", "news"), ("what's on my calendar today", "calendar"),
    ("how do i get to the airport", "navigation"), ("order a pizza", "ordering"), ("open youtube", "web"),
    ("how do you say hello in spanish", "translation"),
]  # fmt: skip


def test_no_joke_is_told_twice_before_all_are_told(talk, make_talk) -> None:
    count = sum(key.startswith("joke_") for key in REPLIES["conversation"])
    assert count >= 12
    told = [talk.ask("tell me a joke").text] + [talk.ask("another one").text for _ in range(count // 2)]
    told += [make_talk(talk.store).ask("tell me a joke").text for _ in range(count - len(told))]
    assert len(set(told)) == count, "another conversation continues"
    assert talk.ask("tell me a joke").text == told[0]


def test_another_one_is_of_the_same_kind(talk) -> None:
    talk.ask("tell me a fun fact")
    assert "fact" in talk.ask("another one").data
    talk.ask("tell me a riddle")
    assert "riddle" in talk.ask("another one").data


def test_every_riddle_has_its_solution(talk) -> None:
    riddles = [key for key in REPLIES["conversation"] if key.startswith("riddle_")]
    for _ in riddles:
        number = talk.ask("tell me a riddle").data["riddle"]
        solution = REPLIES["conversation"][f"solution_{number}"]
        assert solution in talk.ask("i don't know").text


def test_a_guess_is_right_or_wrong(talk) -> None:
    talk.ask("tell me a riddle")
    assert "right" not in talk.ask("is it a dog").text
    talk.ask("another riddle")
    assert "right" in talk.ask("is it a hole").text


def test_a_fragment_of_small_talk_needs_its_beginning(talk) -> None:
    assert talk.ask("another one").act == "sorry"
    assert talk.ask("i give up").act == "sorry"


@pytest.mark.parametrize(("text", "world"), WORLDS)
def test_what_is_not_there_is_refused_and_says_how_it_is_added(talk, text: str, world: str) -> None:
    reply = talk.ask(text)
    assert (reply.act, dict(reply.data)) == ("sorry", {"missing": world})
    assert "harken skill new" in reply.text


def test_a_call_for_help_is_told_that_nobody_is_called(talk) -> None:
    for text in ("i need help", "call 911", "i need a doctor", "this is an emergency"):
        reply = talk.ask(text)
        assert "cannot call" in reply.text
        assert reply.act == "sorry"


def test_help_has_examples_for_each_shipped_skill(talk) -> None:
    topics = {value for _, value in talk.reader.skills["conversation"].lists["topic"].entries}
    assert topics == set(talk.reader.skills) - {"conversation", "elsewhere"}
    assert all(REPLIES["conversation"][f"help_{topic}"] for topic in topics)
