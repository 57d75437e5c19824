"""The skill of lists and notes, in conversations."""

from __future__ import annotations

import pytest


def said(talk, *texts: str) -> str:
    """The last of several replies."""
    return [talk.ask(text).text for text in texts][-1]


def test_the_same_words_come_off_before_those_that_contain_them(talk) -> None:
    said(talk, "add almond milk and milk to my shopping list", "remove milk from my shopping list")
    assert talk.store.items("shopping") == ["almond milk"]


def test_a_thing_is_found_whatever_its_amount_or_plural(talk) -> None:
    said(talk, "add two liters of milk and three banana to my shopping list")
    said(talk, "remove milk from my shopping list", "remove bananas from my shopping list")
    assert talk.store.items("shopping") == []


def test_what_only_contains_the_words_comes_off_after_a_question(talk) -> None:
    said(talk, "add almond milk to my shopping list")
    asked = talk.ask("remove milk from my shopping list")
    assert (asked.act, asked.expects_answer) == ("confirm", True)
    assert talk.store.items("shopping") == ["almond milk"]
    said(talk, "no")
    assert talk.store.items("shopping") == ["almond milk"]
    said(talk, "remove milk from my shopping list", "yes")
    assert talk.store.items("shopping") == []


def test_of_several_that_contain_the_words_none_comes_off(talk) -> None:
    said(talk, "add oat milk and almond milk to my shopping list")
    assert "oat milk or almond milk" in said(talk, "remove milk from my shopping list")
    assert talk.store.items("shopping") == ["oat milk", "almond milk"]


def test_all_but_some_things_come_off_if_those_are_there(talk) -> None:
    said(talk, "add milk, eggs and jam to my shopping list")
    assert "Cheese is not" in said(talk, "remove everything except cheese from my shopping list")
    assert talk.store.items("shopping") == ["milk", "eggs", "jam"]
    assert "milk and jam" in said(talk, "clear my shopping list except for eggs")
    assert talk.store.items("shopping") == ["eggs"]
    assert "only eggs" in said(talk, "remove everything but eggs from my shopping list")
    said(talk, "undo that")
    assert talk.store.items("shopping") == ["milk", "eggs", "jam"]


@pytest.mark.parametrize(
    ("doing", "left"),
    [
        ("add tea to my shopping list", ["milk", "eggs"]),
        ("remove milk from my shopping list", ["milk", "eggs"]),
        ("change milk to oat milk", ["milk", "eggs"]),
        ("delete the last item from my shopping list", ["milk", "eggs"]),
        ("move milk to my to do list", ["milk", "eggs"]),
    ],
)
def test_whatever_was_done_can_be_taken_back_in_its_old_order(talk, doing: str, left: list[str]) -> None:
    said(talk, "add milk and eggs to my shopping list", doing)
    assert talk.store.items("shopping") != left
    assert "as" in said(talk, "undo that")
    assert (talk.store.items("shopping"), talk.store.items("to-do")) == (left, [])


def test_an_emptied_list_comes_back(talk) -> None:
    said(talk, "add milk and eggs to my shopping list", "clear my shopping list", "yes")
    assert talk.store.items("shopping") == []
    said(talk, "undo that")
    assert talk.store.items("shopping") == ["milk", "eggs"]


def test_a_changed_thing_keeps_its_place(talk) -> None:
    said(talk, "add milk, eggs and bread to my shopping list", "change eggs to oat milk")
    assert talk.store.items("shopping") == ["milk", "oat milk", "bread"]


def test_a_list_of_ones_own_is_made_after_a_question(talk) -> None:
    asked = talk.ask("add a tent and a stove to the camping list")
    assert (asked.text, asked.expects_answer) == ("There is no camping list; shall I make one?", True)
    assert talk.store.items("camping") == []
    said(talk, "yes")
    assert talk.store.items("camping") == ["a tent", "a stove"]


def test_names_of_lists_differ_by_more_than_capitals(talk) -> None:
    said(talk, "make a list called Camping", "add a tent to the camping list")
    assert talk.store.items("Camping") == ["a tent"]
    assert "already have a Camping list" in said(talk, "make a camping list")


def test_a_deleted_list_comes_back_with_its_things(talk) -> None:
    said(talk, "make a list called camping", "add a tent to the camping list", "delete the camping list", "yes")
    assert "no camping list" in said(talk, "what's on the camping list")
    said(talk, "undo that")
    assert "a tent" in said(talk, "what's on the camping list")


def test_a_renamed_list_keeps_its_things_and_the_two_fixed_ones_their_names(talk) -> None:
    said(talk, "make a list called books", "add Emma to the books list", "rename the books list to novels")
    assert talk.store.items("novels") == ["Emma"]
    assert "There is no shopping list" not in said(talk, "rename the shopping list to food")
    assert "food" not in said(talk, "what lists do i have")


def test_a_sentence_is_no_thing_unless_a_list_is_spoken_of(talk) -> None:
    said(talk, "add something to my shopping list", "what a beautiful day")
    assert talk.store.items("shopping") == []
    said(talk, "add what you want to my shopping list")
    assert talk.store.items("shopping") == ["what you want"]


def test_doubles_are_told_in_the_grammar_of_the_thing(talk) -> None:
    said(talk, "add bananas, milk and 4K TV to my shopping list")
    assert said(talk, "add Bananas to my shopping list") == "Bananas are already on your shopping list."
    assert said(talk, "add milk to my shopping list") == "Milk is already on your shopping list."
    assert said(talk, "add milk and tea to my shopping list").endswith(
        "I added tea to your shopping list. Milk is already on your shopping list."
    )


def test_a_correction_replaces_what_it_names_more_exactly(talk) -> None:
    said(talk, "add milk and eggs to my shopping list", "no make that oat milk")
    assert talk.store.items("shopping") == ["oat milk", "eggs"]
    assert "Which one" in said(talk, "add tea and beer to my shopping list", "sorry i meant bread")


def test_tasks_typed_with_commas_are_several(talk) -> None:
    said(talk, "add laundry, dishes and call mom and dad to my to-do list")
    assert talk.store.items("to-do") == ["laundry", "dishes", "call mom", "dad"]
    said(talk, "add clean the kitchen and bathroom to my to-do list")
    assert talk.store.items("to-do")[-1] == "clean the kitchen and bathroom"


def test_notes_are_numbered_from_both_ends(talk) -> None:
    said(talk, "take a note one", "take a note two", "take a note three")
    assert said(talk, "read my first note") == "One."
    assert said(talk, "read my last note") == "Three."
    said(talk, "delete the second note")
    assert talk.store.items("notes") == ["one", "three"]
    assert "not so many" in said(talk, "read my fifth note")


def test_a_note_is_deleted_only_if_it_is_the_only_one_meant(talk) -> None:
    said(talk, "take a note the car is red", "take a note the car is at home")
    assert "2 such notes" in said(talk, "delete the note about the car")
    assert len(talk.store.items("notes")) == 2
    said(talk, "delete the note about the red car")
    assert talk.store.items("notes") == ["the car is at home"]
